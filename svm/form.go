package svm

import (
	"context"
	"fmt"
	"math"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// A kernelForm is a kernel as the solver evaluates it. All but those that a program or a table gives need one inner product of samples
// that were centered and scaled in advance. The RBF kernel is then a single power of two,
//
//	K(x, z) = exp2(x'·z' - ‖x'‖²/2 - ‖z'‖²/2),  x' = √(2 gamma log₂e) (x - center),
//
// and the others are a function of x'·z' + coef0.
type kernelForm struct {
	kernel   Kernel // with numbers for what depends on the samples
	shape    kernelShape
	degree   int
	gamma    float64 // 0 without one
	coef0    float64
	center   []float64
	scale    float64
	function KernelFunc
}

type kernelShape uint8

const (
	linearShape kernelShape = iota
	radialShape
	polynomialShape
	sigmoidShape
	tableShape    // values are given
	functionShape // of a program
)

// multiplies says whether the kernel is made of inner products.
func (f *kernelForm) multiplies() bool { return f.shape < tableShape }

// unit says whether K of each sample and itself is 1.
func (f *kernelForm) unit() bool { return f.shape == radialShape }

// transform replaces a sample by its centered and scaled self.
func (f *kernelForm) transform(row []float64) {
	for j, c := range f.center {
		row[j] = (row[j] - c) * f.scale
	}
}

// center returns where samples are moved to: the mean of each feature that is further from 0 than the feature's values are from it, as
// a rule, and 0 of the others, which rounding would only spoil.
func center(ctx context.Context, x *matrix) ([]float64, error) {
	means, err := x.means(ctx)
	if err != nil || means == nil {
		return nil, err
	}
	spread := make([]float64, x.cols)
	err = x.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			spread[j] += (v - means[j]) * (v - means[j])
		}
		return nil
	})
	for j, m := range means {
		if m*m <= spread[j]/float64(x.rows) {
			means[j] = 0
		}
	}
	return means, err
}

// origin is the center of samples that stay where they are; nil for those that are nearly all zeros, which always do.
func origin(x *matrix) []float64 {
	if x.wide() {
		return nil
	}
	return make([]float64, x.cols)
}

// finish replaces what package kernel made of products by kernel values.
func finish[T float](f *kernelForm, values []T) {
	switch f.shape {
	case polynomialShape:
		for i, v := range values {
			values[i] = power(v, f.degree)
		}
	case sigmoidShape:
		kernel.Tanh(values, values)
	}
}

// power is v^degree.
func power[T float](v T, degree int) T {
	result := T(1)
	for ; degree > 0; degree /= 2 {
		if degree%2 == 1 {
			result *= v
		}
		v *= v
	}
	return result
}

// largestHalf returns the greatest ‖x'‖²/2, or an error that names the sample
// where it, or a kernel value, overflows.
func (f *kernelForm) largestHalf(ctx context.Context, x *matrix) (float64, error) {
	if !f.multiplies() {
		return 0, nil
	}
	largest := 0.0
	check := func(i int, half float64) error {
		if overflows(half) || f.shape == polynomialShape && overflows(power(2*half+math.Abs(f.coef0), f.degree)) {
			return fmt.Errorf("the squared norm of row %d of x overflows: scale the features to about 1", i)
		}
		largest = max(largest, half)
		return nil
	}
	if x.wide() {
		err := eachIndex(ctx, x.rows, func(i int) error {
			half := 0.0
			for _, v := range x.sparse.Row(i) {
				half += v * f.scale * v * f.scale / 2
			}
			return check(i, half)
		})
		return largest, err
	}
	err := x.each(ctx, func(i int, row []float64) error {
		f.transform(row)
		return check(i, halfNorm(row))
	})
	return largest, err
}

// halfNorm is ‖z‖²/2.
func halfNorm(z []float64) float64 { return dot(z, z) / 2 }

// singleSuffices says whether float32 kernel values are precise enough.
//
// An inner product of float32 values is wrong by a few units of 2⁻²⁴ of the
// product of the norms; so is the exponent of an RBF value, and the value by at
// most as much. A gradient sums values weighted by numbers up to cost, with
// errors of either sign; that sum has to stay well below the tolerance by which
// gradients are compared.
func (f *kernelForm) singleSuffices(largestHalf, cost, tolerance float64) bool {
	return f.multiplies() && cost*f.valueError(largestHalf, singleUnit) <= singleShare*tolerance
}

const (
	singleShare = 0.005
	singleUnit  = 1.0 / (1 << 24)
)

// valueError is about what rounding by a unit leaves of error in a kernel value that is made of products.
func (f *kernelForm) valueError(largestHalf, unit float64) float64 {
	largest := 2 * largestHalf
	switch f.shape {
	case radialShape:
		return unit * (largest + 1)
	case polynomialShape:
		return 2 * unit * float64(f.degree) * power(largest+math.Abs(f.coef0), f.degree)
	case sigmoidShape:
		return unit * (largest + math.Abs(f.coef0) + 3)
	}
	return unit * largest
}
