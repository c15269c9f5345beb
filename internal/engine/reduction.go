package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// A fold reduces the elements along an axis.
type fold[T kernel.Float] struct {
	name  string
	all   func(x []T) T       // of adjacent elements
	merge func(dst, a, b []T) // of the results of two parts; dst may be a
	none  bool                // has a result for no elements
}

func sum[T kernel.Float]() fold[T] { return fold[T]{"Sum", kernel.Sum[T], kernel.Add[T], true} }

func largest[T kernel.Float]() fold[T] {
	return fold[T]{name: "Max", all: kernel.Max[T], merge: larger[T]}
}

func smallest[T kernel.Float]() fold[T] {
	return fold[T]{name: "Min", all: slices.Min[[]T], merge: smaller[T]}
}

// Sum returns the sum over the given axes, which the result lacks; no axis is all of them. The error names an axis that a does
// not have, or that is given twice.
func (e Engine) Sum(a tensor.Tensor, along ...int) (tensor.Tensor, error) {
	d := floats(a)
	switch {
	case d == nil:
		return e.StdEng.Sum(a, along...)
	case d.Dtype() == tensor.Float32:
		return reduce(sum[float32](), viewOf[float32](d), along)
	}
	return reduce(sum[float64](), viewOf[float64](d), along)
}

// Max returns the largest element over the given axes, NaN if there is one; errors and axes are as for Sum, and there must be
// elements.
func (e Engine) Max(a tensor.Tensor, along ...int) (tensor.Tensor, error) {
	d := floats(a)
	switch {
	case d == nil:
		return e.StdEng.Max(a, along...)
	case d.Dtype() == tensor.Float32:
		return reduce(largest[float32](), viewOf[float32](d), along)
	}
	return reduce(largest[float64](), viewOf[float64](d), along)
}

// Min returns the smallest element over the given axes as Max does the largest.
func (e Engine) Min(a tensor.Tensor, along ...int) (tensor.Tensor, error) {
	d := floats(a)
	switch {
	case d == nil:
		return e.StdEng.Min(a, along...)
	case d.Dtype() == tensor.Float32:
		return reduce(smallest[float32](), viewOf[float32](d), along)
	}
	return reduce(smallest[float64](), viewOf[float64](d), along)
}

func reduce[T kernel.Float](f fold[T], v view[T], along []int) (tensor.Tensor, error) {
	if v.Size() == 0 && !f.none {
		return nil, fmt.Errorf("%s: shape %v has no elements", f.name, tensor.Shape(v.Shape))
	}
	along = slices.Clone(along)
	slices.Sort(along)
	for i, axis := range along {
		if axis < 0 || axis >= len(v.Shape) || i > 0 && axis == along[i-1] {
			return nil, fmt.Errorf("%s: axes %v of shape %v: want different ones from 0 to %d", f.name, along, tensor.Shape(v.Shape), len(v.Shape)-1)
		}
	}
	values, shape := v.rowMajor(), v.Shape
	if len(along) == 0 || len(along) == len(shape) {
		return Dense([]T{f.all(values)}), nil
	}
	for _, axis := range slices.Backward(along) {
		values = f.axis(values, lengthsAround(shape, axis))
		shape = without(shape, axis)
	}
	return Dense(values, shape...), nil
}

// axis reduces the middle axis of values (outer, n, inner).
func (f fold[T]) axis(values []T, l lengths) []T {
	reduced := make([]T, l.outer*l.inner)
	pieces := (l.inner + piece - 1) / piece // of the last axis
	pool.For(l.outer*pieces, 1+share/max(l.n*min(l.inner, piece), 1), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := i%pieces*piece, min((i%pieces+1)*piece, l.inner)
			at := i / pieces * l.inner
			f.fold(reduced[at+from:at+to], values[at*l.n:], l.n, l.inner, from)
		}
	})
	return reduced
}

const (
	piece = 4096      // elements of the last axis that one goroutine reduces at a time
	share = 64 * 1024 // elements that are worth a second one
)

// fold reduces n rows of values, which begin inner elements apart, at the columns from the given one on.
func (f fold[T]) fold(dst, values []T, n, inner, from int) {
	if inner == 1 {
		dst[0] = f.all(values[:n])
		return
	}
	for j := range n {
		if row := values[j*inner+from:][:len(dst)]; j == 0 {
			copy(dst, row)
		} else {
			f.merge(dst, dst, row)
		}
	}
}

// lengths is the shape of an array whose axes before and after one are joined.
type lengths struct{ outer, n, inner int }

func lengthsAround(shape []int, axis int) lengths {
	return lengths{tensor.Shape(shape[:axis]).TotalSize(), shape[axis], tensor.Shape(shape[axis+1:]).TotalSize()}
}

func without(shape []int, axis int) []int { return slices.Delete(slices.Clone(shape), axis, axis+1) }
