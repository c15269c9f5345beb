package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
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
	return fold[T]{name: "Max", all: kernel.Max[T], merge: func(dst, a, b []T) {
		for i := range dst {
			dst[i] = max(a[i], b[i])
		}
	}}
}

func smallest[T kernel.Float]() fold[T] {
	return fold[T]{name: "Min", all: slices.Min[[]T], merge: func(dst, a, b []T) {
		for i := range dst {
			dst[i] = min(a[i], b[i])
		}
	}}
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
	values, shape := v.rowMajor(), slices.Clone(v.Shape)
	if len(along) == 0 || len(along) == len(shape) {
		return Dense([]T{f.all(values)}), nil
	}
	for _, axis := range slices.Backward(along) {
		values = f.axis(values, tensor.Shape(shape[:axis]).TotalSize(), shape[axis], tensor.Shape(shape[axis+1:]).TotalSize())
		shape = slices.Delete(shape, axis, axis+1)
	}
	return Dense(values, shape...), nil
}

// axis reduces the middle axis of values (outer, n, inner).
func (f fold[T]) axis(values []T, outer, n, inner int) []T {
	reduced := make([]T, outer*inner)
	for i := range outer {
		part := values[i*n*inner : (i+1)*n*inner]
		if inner == 1 {
			reduced[i] = f.all(part)
			continue
		}
		dst := reduced[i*inner : (i+1)*inner]
		for j := range n {
			if row := part[j*inner : (j+1)*inner]; j == 0 {
				copy(dst, row)
			} else {
				f.merge(dst, dst, row)
			}
		}
	}
	return reduced
}
