package svm

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

type float interface{ float32 | float64 }

// samples are the training samples as the solver reads them. For a kernel of products they are centered, scaled and row-major; for
// another one they are as they were given.
type samples[T float] struct {
	form kernelForm

	dim      int // of what is packed, 0 for a kernel without products
	values   []T // (n, dim)
	half     []T // ‖x'‖²/2 of each sample
	diagonal []T // K of each sample and itself; nil where it is 1

	sparse *sparseSamples[T] // instead of values and half, of samples that are nearly all zeros

	width   int
	given   []float64             // (n, width), for a kernel without products
	columns []int                 // of a table, of each sample; nil where they are in order
	invalid atomic.Pointer[error] // what a function made that is no kernel value
}

// newSamples reads the rows of x. If order is not nil it lists all of them, in the order that they are to have.
func newSamples[T float](ctx context.Context, x *matrix, form kernelForm, order []int) (*samples[T], error) {
	s := &samples[T]{form: form}
	place := make([]int, x.rows)
	for i := range place {
		place[i] = i
	}
	for i, row := range order {
		place[row] = i
	}
	if !form.multiplies() {
		s.columns = order
		return s, s.give(ctx, x, place)
	}
	if x.wide() {
		var err error
		if s.sparse, err = newSparseSamples[T](ctx, x, &s.form, order); err != nil {
			return nil, err
		}
		if !form.unit() {
			s.diagonal = make([]T, x.rows)
			for i, h := range s.sparse.halves {
				s.diagonal[i] = T(2*h + form.coef0)
			}
			finish(&form, s.diagonal)
		}
		return s, ctx.Err()
	}
	s.dim = x.cols
	s.values, s.half = make([]T, x.rows*x.cols), make([]T, x.rows)
	err := x.each(ctx, func(i int, row []float64) error {
		form.transform(row)
		z := s.row(place[i])
		for j, v := range row {
			z[j] = T(v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	pool.For(blocksFor(x.rows), max(1, taskWork/(lanes*x.cols)), func(lo, hi int) {
		var b normBlock[T]
		for i := lo * lanes; i < min(hi*lanes, x.rows) && (i%lanes != 0 || ctx.Err() == nil); i++ {
			s.half[i] = b.halfNorm(s.row(i))
		}
	})
	if !form.unit() {
		s.diagonal = make([]T, x.rows)
		for i, h := range s.half {
			s.diagonal[i] = 2*h - (s.offset(i) + s.offset(i))
		}
		finish(&form, s.diagonal)
	}
	return s, ctx.Err()
}

// give keeps the samples as they are.
func (s *samples[T]) give(ctx context.Context, x *matrix, place []int) error {
	if err := x.layable(); err != nil {
		return err
	}
	s.width = x.cols
	s.given, s.diagonal = make([]float64, x.rows*x.cols), make([]T, x.rows)
	return x.each(ctx, func(i int, row []float64) error {
		at := place[i]
		copy(s.given[at*s.width:], row)
		s.diagonal[at] = T(s.evaluate(row, at))
		return s.failure()
	})
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

// rowGiven is the sample as it was given, for a kernel without products.
func (s *samples[T]) rowGiven(i int) []float64 {
	return s.given[i*s.width : (i+1)*s.width]
}

// offset is what the product of a sample with another one has too much to be what the kernel is a function of; see
// kernel.Similarities. Each of the two samples has its share.
func (s *samples[T]) offset(i int) T {
	if s.sparse != nil {
		return 0
	}
	switch s.form.shape {
	case radialShape:
		return s.half[i]
	case polynomialShape, sigmoidShape:
		return T(-s.form.coef0 / 2)
	}
	return 0
}

// work is roughly the number of multiplications for a kernel value.
func (s *samples[T]) work() int {
	if s.sparse != nil {
		return s.sparse.work()
	}
	work := max(s.dim, s.width/4, 1)
	if s.form.shape == functionShape { // which may take its time
		work += functionWork
	}
	return work
}

const functionWork = 1 << 12

// similarities sets out to K of a sample and those at the active positions [lo, hi).
func (s *samples[T]) similarities(out []T, set *activeSet[T], lo, hi, id int) {
	out = out[lo:hi]
	if s.sparse != nil {
		z := s.sparse.vector(id)
		s.sparse.compare(out, 1, &z, set.ids[lo:hi])
		s.sparse.finish(out)
		return
	}
	if s.form.multiplies() {
		kernel.Similarities(out, set.blocks[lo*s.dim:hi*s.dim], set.offsets[lo:hi], s.row(id), s.offset(id), s.form.shape == radialShape)
		finish(&s.form, out)
		return
	}
	z := s.rowGiven(id)
	for i, other := range set.ids[lo:hi] {
		if other < 0 {
			out[i] = 0
		} else {
			out[i] = T(s.evaluate(z, other))
		}
	}
}

// compare sets out to K of each of the samples [from, to) of an expansion and those of a block.
func (s *samples[T]) compare(out []T, b *sampleBlock[T], e *expansion[T], from, to int) {
	if s.sparse != nil {
		for l := range b.sparse {
			s.sparse.compare(out[l:], lanes, &b.sparse[l], e.ids[from:to])
		}
		s.sparse.finish(out)
		return
	}
	if s.form.multiplies() {
		kernel.SimilaritiesOfBlock(out, b.values, b.offsets[:], e.values[from*s.dim:to*s.dim], e.offsets[from:to], s.form.shape == radialShape)
		finish(&s.form, out)
		return
	}
	for r, id := range e.ids[from:to] {
		for l, z := range b.given {
			if z == nil {
				out[r*lanes+l] = 0
			} else {
				out[r*lanes+l] = T(s.evaluate(z, id))
			}
		}
	}
}

// evaluate is K of a sample as it was given and one of s, for a kernel without products.
func (s *samples[T]) evaluate(z []float64, id int) float64 {
	if s.form.shape == tableShape {
		if s.columns != nil {
			id = s.columns[id]
		}
		return z[id]
	}
	v := s.form.function(z, s.rowGiven(id))
	if overflows(v) {
		err := fmt.Errorf("the KernelFunc gives %v: it must be finite for all samples", v)
		s.invalid.CompareAndSwap(nil, &err)
		return 0
	}
	return v
}

// valueError is about what rounding leaves of error in a kernel value.
func (s *samples[T]) valueError(largestHalf float64) float64 {
	unit := rounding
	if _, single := any(T(0)).(float32); single {
		unit = singleUnit
	}
	if s.form.multiplies() {
		return s.form.valueError(largestHalf, unit)
	}
	largest := 0.0
	for _, v := range s.diagonal {
		largest = max(largest, math.Abs(float64(v)))
	}
	return unit * largest
}

// failure is what a function made that is no kernel value.
func (s *samples[T]) failure() error {
	if err := s.invalid.Load(); err != nil {
		return *err
	}
	return nil
}
