package svm

import (
	"context"
	"fmt"
	"math"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

type float interface{ float32 | float64 }

// samples are the training samples as the solver reads them: centered, scaled
// and row-major.
type samples[T float] struct {
	form   kernelForm
	dim    int
	values []T // (n, dim)
	half   []T // ‖x'‖²/2 of each sample
}

func newSamples[T float](ctx context.Context, x *matrix, form kernelForm) (*samples[T], error) {
	s := &samples[T]{form: form, dim: x.cols, values: make([]T, x.rows*x.cols), half: make([]T, x.rows)}
	err := x.each(ctx, func(i int, row []float64) error {
		form.transform(row)
		z := s.row(i)
		for j, v := range row {
			z[j] = T(v)
		}
		return nil
	})
	pool.For(blocksFor(x.rows), max(1, taskWork/(lanes*x.cols)), func(lo, hi int) {
		var b normBlock[T]
		for i := lo * lanes; i < min(hi*lanes, x.rows); i++ {
			s.half[i] = b.halfNorm(s.row(i))
		}
	})
	return s, err
}

// A normBlock is memory to compute norms with.
type normBlock[T float] struct {
	block []T
	out   [lanes]T
	zeros [lanes]T
}

// halfNorm is ‖z‖²/2, summed as the products of samples are: the RBF kernel of equal
// samples is then exactly 1.
func (b *normBlock[T]) halfNorm(z []T) T {
	if b.block == nil {
		b.block = make([]T, lanes*len(z))
	}
	pack(b.block, 0, z)
	kernel.Similarities(b.out[:], b.block, b.zeros[:], z, 0, false)
	return b.out[0] / 2
}

func (s *samples[T]) row(i int) []T {
	return s.values[i*s.dim : (i+1)*s.dim]
}

// offset is what the product of a sample with another one lacks to be what the kernel is a function of; see kernel.Similarities.
func (s *samples[T]) offset(i int) T {
	if s.form.radial {
		return s.half[i]
	}
	return 0
}

// diagonal is K of a sample and itself.
func (s *samples[T]) diagonal(i int) T {
	if s.form.radial {
		return 1
	}
	return 2 * s.half[i]
}

// work is roughly the number of multiplications for a kernel value.
func (s *samples[T]) work() int { return s.dim }

// similarities sets out to K of a sample and those at the active positions [lo, hi).
func (s *samples[T]) similarities(out []T, set *activeSet[T], lo, hi, id int) {
	kernel.Similarities(out[lo:hi], set.blocks[lo*s.dim:hi*s.dim], set.offsets[lo:hi], s.row(id), s.offset(id), s.form.radial)
}

// unit says whether K of each sample and itself is 1.
func (f *kernelForm) unit() bool { return f.radial }

// transform replaces a sample by its centered and scaled self.
func (f *kernelForm) transform(row []float64) {
	for j, c := range f.center {
		row[j] = (row[j] - c) * f.scale
	}
}

// largestHalf returns the greatest ‖x'‖²/2, or an error that names the sample
// where it overflows.
func (f *kernelForm) largestHalf(ctx context.Context, x *matrix) (float64, error) {
	largest := 0.0
	err := x.each(ctx, func(i int, row []float64) error {
		f.transform(row)
		half := halfNorm(row)
		if math.IsInf(half, 0) || math.IsNaN(half) {
			return fmt.Errorf("the squared norm of row %d of x overflows: scale the features to about 1", i)
		}
		largest = max(largest, half)
		return nil
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
	const unit = 1.0 / (1 << 24)
	valueError := unit * 2 * largestHalf
	if f.radial {
		valueError += unit
	}
	return cost*valueError <= singleShare*tolerance
}

const singleShare = 0.005
