package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Concat joins arrays along an axis that they have; on the others they have the same lengths. The error says which do not fit.
func (e Engine) Concat(t tensor.Tensor, axis int, others ...tensor.Tensor) (tensor.Tensor, error) {
	all := allFloats(slices.Concat([]tensor.Tensor{t}, others)...)
	switch {
	case all == nil:
		return e.StdEng.Concat(t, axis, others...)
	case axis < 0 || axis >= t.Dims():
		return nil, fmt.Errorf("Concat: shape %v has no axis %d", t.Shape(), axis)
	case t.Dtype() == tensor.Float32:
		return join("Concat", viewsOf[float32](all), axis)
	}
	return join("Concat", viewsOf[float64](all), axis)
}

// StackDense joins arrays of one shape along a new axis, which comes before the one of that number. The error says which do not fit.
func (e Engine) StackDense(t tensor.DenseTensor, axis int, others ...tensor.DenseTensor) (tensor.DenseTensor, error) {
	list := []tensor.Tensor{t}
	for _, x := range others {
		list = append(list, x)
	}
	all := allFloats(list...)
	switch {
	case all == nil:
		return e.StdEng.StackDense(t, axis, others...)
	case axis < 0 || axis > t.Dims():
		return nil, fmt.Errorf("StackDense: axis %d for arrays of shape %v: want one from 0 to %d", axis, t.Shape(), t.Dims())
	case t.Dtype() == tensor.Float32:
		return stack(viewsOf[float32](all), axis)
	}
	return stack(viewsOf[float64](all), axis)
}

func stack[T kernel.Float](parts []view[T], axis int) (tensor.DenseTensor, error) {
	shape := parts[0].Shape
	for i, v := range parts {
		if !slices.Equal(v.Shape, shape) {
			return nil, fmt.Errorf("StackDense: arrays of shapes %v and %v", tensor.Shape(shape), tensor.Shape(v.Shape))
		}
		parts[i].Shape = slices.Insert(slices.Clone(v.Shape), axis, 1)
		parts[i].Strides = slices.Insert(slices.Clone(v.Strides), axis, 0)
	}
	d, err := join("StackDense", parts, axis)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Repeat returns each part along an axis as many times as the number for it says, or all by the one number that is given; with
// tensor.AllAxes the parts are the elements in row-major order. The error says that t lacks the axis, or that the numbers do not fit.
func (e Engine) Repeat(t tensor.Tensor, axis int, repeats ...int) (tensor.Tensor, error) {
	d := floats(t)
	switch {
	case d == nil:
		return e.StdEng.Repeat(t, axis, repeats...)
	case d.Dtype() == tensor.Float32:
		return repeat(place{}, viewOf[float32](d), axis, repeats)
	}
	return repeat(place{}, viewOf[float64](d), axis, repeats)
}

// RepeatReuse is Repeat into an array of the result's size.
func (e Engine) RepeatReuse(t, reuse tensor.Tensor, axis int, repeats ...int) (tensor.Tensor, error) {
	both := allFloats(t, reuse)
	switch {
	case both == nil:
		return e.StdEng.RepeatReuse(t, reuse, axis, repeats...)
	case t.Dtype() == tensor.Float32:
		return repeat(place{into: both[1]}, viewOf[float32](both[0]), axis, repeats)
	}
	return repeat(place{into: both[1]}, viewOf[float64](both[0]), axis, repeats)
}

func repeat[T kernel.Float](p place, x view[T], axis int, repeats []int) (tensor.Tensor, error) {
	if axis < tensor.AllAxes || slices.ContainsFunc(repeats, func(n int) bool { return n < 0 }) {
		return nil, fmt.Errorf("Repeat: axis %d, numbers %v: want none below 0", axis, repeats)
	}
	shape, repeats, n, err := tensor.Shape(x.Shape).Repeat(axis, repeats...)
	if err != nil {
		return nil, fmt.Errorf("Repeat: shape %v along axis %d: %w", tensor.Shape(x.Shape), axis, err)
	}
	if n == 0 || x.Size() == 0 {
		return nil, fmt.Errorf("Repeat: shape %v has no elements", tensor.Shape(x.Shape))
	}
	inner := 1
	if axis != tensor.AllAxes && axis < len(x.Shape) {
		inner = tensor.Shape(x.Shape[axis+1:]).TotalSize()
	}
	return put("Repeat", p, shape, func(dst []T) {
		for values := x.rowMajor(); len(values) > 0; values = values[n*inner:] {
			for i, times := range repeats {
				for range times {
					dst = dst[copy(dst, values[i*inner:][:inner]):]
				}
			}
		}
	}, x)
}

func viewsOf[T kernel.Float](all []*tensor.Dense) []view[T] {
	views := make([]view[T], len(all))
	for i, d := range all {
		views[i] = viewOf[T](d)
	}
	return views
}

func join[T kernel.Float](name string, parts []view[T], axis int) (*tensor.Dense, error) {
	shape := slices.Clone(parts[0].Shape)
	for _, v := range parts[1:] {
		if len(v.Shape) != len(shape) || !slices.Equal(v.Shape[:axis], shape[:axis]) || !slices.Equal(v.Shape[axis+1:], shape[axis+1:]) {
			return nil, fmt.Errorf("%s: shapes %v and %v differ beside axis %d", name, tensor.Shape(parts[0].Shape), tensor.Shape(v.Shape), axis)
		}
		shape[axis] += v.Shape[axis]
	}
	l := lengthsAround(shape, axis)
	values := make([]T, l.outer*l.n*l.inner)
	at := 0
	for _, v := range parts {
		width := v.Shape[axis] * l.inner
		for i := range l.outer {
			v.Gather(values[i*l.n*l.inner+at:][:width], i*width)
		}
		at += width
	}
	return Dense(values, shape...), nil
}
