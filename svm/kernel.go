package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// A Kernel says how alike two samples are: [RBF], [Linear], [Polynomial], [Sigmoid], [Precomputed] or a [KernelFunc]. The definitions
// are LIBSVM's.
//
// The kernels that are not positive definite ([Sigmoid] never is, for some samples) have no unique solution and possibly several
// local ones; a step along which the objective is not convex goes as far as it can, as in LIBSVM.
type Kernel interface {
	// prepare fixes what depends on the training samples. If centered is set, only differences of weights that add up to 0
	// matter, so that samples may be moved.
	prepare(ctx context.Context, x *matrix, centered bool) (kernelForm, error)
}

// RBF is the radial basis function kernel K(x, z) = exp(-gamma ‖x - z‖²).
type RBF struct {
	Gamma GammaRule // chooses gamma; the zero value is Scale
}

// Linear is the kernel K(x, z) = x·z.
type Linear struct{}

// Polynomial is the kernel K(x, z) = (gamma x·z + Coef0)^Degree.
type Polynomial struct {
	Degree int       // 0 means 3
	Gamma  GammaRule // chooses gamma; the zero value is Scale
	Coef0  float64   // added to the product; 0 by default
}

// Sigmoid is the kernel K(x, z) = tanh(gamma x·z + Coef0). It is not positive definite.
type Sigmoid struct {
	Gamma GammaRule // chooses gamma; the zero value is Scale
	Coef0 float64   // added to the product; 0 by default
}

// Precomputed says that the samples are rows of kernel values: at a fit x (n, n) holds K of each pair of training samples, and at a
// prediction x (m, n) those of the new samples and the training samples. Of x at a fit, row i is read for K of sample i and the others, so
// that it should be symmetric.
type Precomputed struct{}

// A KernelFunc is a kernel that a program defines. The rows have one length, are not to be written or kept, and several
// goroutines call it at once. It must be symmetric, and should be positive definite. A value that is NaN or infinite makes the fit or the
// prediction an error. It is not one of the fast kernels.
type KernelFunc func(x, z []float64) float64

// A GammaRule chooses the gamma of a kernel: [Scale], [Auto] or a number by
// [Gamma]. Its zero value is Scale.
type GammaRule struct {
	kind  gammaKind
	value float64
}

type gammaKind uint8

const (
	gammaScale gammaKind = iota
	gammaAuto
	gammaNumber
)

// The rules by which scikit-learn chooses gamma from the (n, d) samples.
var (
	// Scale is gamma = 1 / (d · Var(x)), the variance (with divisor n·d) being over
	// all n·d values; gamma = 1 where all values are equal.
	Scale = GammaRule{}
	// Auto is gamma = 1 / d.
	Auto = GammaRule{kind: gammaAuto}
)

// Gamma sets gamma to a number, which must be positive and finite.
func Gamma(value float64) GammaRule {
	return GammaRule{kind: gammaNumber, value: value}
}

// String returns the rule as it is written in Go.
func (r GammaRule) String() string {
	switch r.kind {
	case gammaAuto:
		return "svm.Auto"
	case gammaNumber:
		return fmt.Sprintf("svm.Gamma(%v)", r.value)
	}
	return "svm.Scale"
}

func (r GammaRule) resolve(ctx context.Context, x *matrix) (float64, error) {
	switch r.kind {
	case gammaAuto:
		return 1 / float64(x.cols), nil
	case gammaNumber:
		if !(r.value > 0) || math.IsInf(r.value, 1) {
			return 0, fmt.Errorf("gamma is %v: give a positive, finite number, or svm.Scale or svm.Auto", r.value)
		}
		return r.value, nil
	}
	variance, err := x.variance(ctx)
	if err != nil {
		return 0, err
	}
	if variance == 0 {
		return 1, nil
	}
	gamma := 1 / (float64(x.cols) * variance)
	if gamma == 0 || math.IsInf(gamma, 1) || math.IsNaN(gamma) {
		return 0, fmt.Errorf("gamma 1/(features·variance) is out of range, the variance of the features being %v: scale the features to about 1", variance)
	}
	return gamma, nil
}

func (k RBF) prepare(ctx context.Context, x *matrix, _ bool) (kernelForm, error) {
	gamma, err := k.Gamma.resolve(ctx, x)
	if err != nil {
		return kernelForm{}, err
	}
	center, err := center(ctx, x)
	return kernelForm{
		kernel: RBF{Gamma: Gamma(gamma)}, shape: radialShape,
		gamma: gamma, center: center, scale: math.Sqrt(2 * gamma * math.Log2E),
	}, err
}

func (Linear) prepare(ctx context.Context, x *matrix, centered bool) (kernelForm, error) {
	form := kernelForm{kernel: Linear{}, shape: linearShape, scale: 1, center: origin(x)}
	if !centered {
		return form, ctx.Err()
	}
	var err error
	form.center, err = center(ctx, x)
	return form, err
}

func (k Polynomial) prepare(ctx context.Context, x *matrix, _ bool) (kernelForm, error) {
	if k.Degree == 0 {
		k.Degree = 3
	}
	switch {
	case k.Degree < 0 || k.Degree > maxDegree:
		return kernelForm{}, fmt.Errorf("the Degree is %d: give a number from 1 to %d, or 0 for 3", k.Degree, maxDegree)
	case overflows(k.Coef0):
		return kernelForm{}, fmt.Errorf("the Coef0 is %v: give a finite number", k.Coef0)
	}
	gamma, err := k.Gamma.resolve(ctx, x)
	if err != nil {
		return kernelForm{}, err
	}
	k.Gamma = Gamma(gamma)
	return kernelForm{
		kernel: k, shape: polynomialShape, degree: k.Degree, gamma: gamma, coef0: k.Coef0,
		center: origin(x), scale: math.Sqrt(gamma),
	}, nil
}

const maxDegree = 1000

func (k Sigmoid) prepare(ctx context.Context, x *matrix, _ bool) (kernelForm, error) {
	if overflows(k.Coef0) {
		return kernelForm{}, fmt.Errorf("the Coef0 is %v: give a finite number", k.Coef0)
	}
	gamma, err := k.Gamma.resolve(ctx, x)
	if err != nil {
		return kernelForm{}, err
	}
	k.Gamma = Gamma(gamma)
	return kernelForm{
		kernel: k, shape: sigmoidShape, gamma: gamma, coef0: k.Coef0,
		center: origin(x), scale: math.Sqrt(gamma),
	}, nil
}

func (Precomputed) prepare(ctx context.Context, x *matrix, _ bool) (kernelForm, error) {
	if x.rows != x.cols {
		return kernelForm{}, fmt.Errorf("x has shape (%d, %d) and the kernel is precomputed: give the (n, n) matrix of kernel values of the training samples", x.rows, x.cols)
	}
	return kernelForm{kernel: Precomputed{}, shape: tableShape}, ctx.Err()
}

func (k KernelFunc) prepare(ctx context.Context, _ *matrix, _ bool) (kernelForm, error) {
	return kernelForm{kernel: k, shape: functionShape, function: k}, ctx.Err()
}

// checkKernel returns an error for a kernel that is nil.
func checkKernel(k Kernel) error {
	nilPointer := false
	switch k := k.(type) {
	case nil:
		return errors.New("the Kernel is nil: give svm.RBF{} or another of this package")
	case *RBF:
		nilPointer = k == nil
	case *Linear:
		nilPointer = k == nil
	case *Polynomial:
		nilPointer = k == nil
	case *Sigmoid:
		nilPointer = k == nil
	case *Precomputed:
		nilPointer = k == nil
	case KernelFunc:
		nilPointer = k == nil
	case *KernelFunc:
		nilPointer = k == nil || *k == nil
	}
	if nilPointer {
		return fmt.Errorf("the Kernel is a nil %T: give svm.RBF{} or another of this package, or an untyped nil for svm.RBF{}", k)
	}
	return nil
}
