package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Argmax returns where along an axis the largest element lies, as a Dense of int without that axis: the first of equals, NaN where
// there is one. With tensor.AllAxes it is the place in row-major order, as a scalar. The error says that t lacks the axis or elements.
func (e Engine) Argmax(t tensor.Tensor, axis int) (tensor.Tensor, error) {
	d := floats(t)
	switch {
	case d == nil:
		return e.StdEng.Argmax(t, axis)
	case d.Dtype() == tensor.Float32:
		return extremes("Argmax", viewOf[float32](d), axis, above[float32])
	}
	return extremes("Argmax", viewOf[float64](d), axis, above[float64])
}

// Argmin returns where along an axis the smallest element lies as Argmax does for the largest.
func (e Engine) Argmin(t tensor.Tensor, axis int) (tensor.Tensor, error) {
	d := floats(t)
	switch {
	case d == nil:
		return e.StdEng.Argmin(t, axis)
	case d.Dtype() == tensor.Float32:
		return extremes("Argmin", viewOf[float32](d), axis, below[float32])
	}
	return extremes("Argmin", viewOf[float64](d), axis, below[float64])
}

func above[T kernel.Float](a, b T) bool { return a > b || a != a && b == b }
func below[T kernel.Float](a, b T) bool { return a < b || a != a && b == b }

// extremes returns the places of the elements that beat those before them.
func extremes[T kernel.Float](name string, x view[T], axis int, beats func(a, b T) bool) (tensor.Tensor, error) {
	shape := x.Shape
	if axis == tensor.AllAxes {
		shape, axis = []int{x.Size()}, 0
	}
	if axis < 0 || axis >= len(shape) || shape[axis] == 0 {
		return nil, fmt.Errorf("%s: axis %d of shape %v: want one that there is, and that has elements", name, axis, tensor.Shape(x.Shape))
	}
	l := lengthsAround(shape, axis)
	values, places := x.rowMajor(), make([]int, l.outer*l.inner)
	for i := range l.outer {
		block, best := values[i*l.n*l.inner:], places[i*l.inner:][:l.inner]
		for k := 1; k < l.n; k++ {
			for j, at := range best {
				if beats(block[k*l.inner+j], block[at*l.inner+j]) {
					best[j] = k
				}
			}
		}
	}
	return Dense(places, without(shape, axis)...), nil
}
