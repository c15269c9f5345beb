package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// SoftMax returns eˣ divided by its sum along an axis, of which negative ones count from the end. The error says that x has no such
// axis.
func (e Engine) SoftMax(x tensor.Tensor, axis int, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(x)
	switch {
	case d == nil:
		return e.StdEng.SoftMax(x, axis, opts...)
	case d.Dtype() == tensor.Float32:
		return softMax("SoftMax", viewOf[float32](d), d, axis, opts, shares[float32])
	}
	return softMax("SoftMax", viewOf[float64](d), d, axis, opts, shares[float64])
}

// LogSoftMax returns the logarithm of what SoftMax does.
func (e Engine) LogSoftMax(x tensor.Tensor, axis int, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(x)
	switch {
	case d == nil:
		return e.StdEng.LogSoftMax(x, axis, opts...)
	case d.Dtype() == tensor.Float32:
		return softMax("LogSoftMax", viewOf[float32](d), d, axis, opts, logShares[float32])
	}
	return softMax("LogSoftMax", viewOf[float64](d), d, axis, opts, logShares[float64])
}

// softMax calls f with the elements of x less the largest of them along the axis.
func softMax[T kernel.Float](name string, x view[T], d *tensor.Dense, axis int, opts []tensor.FuncOpt, f func(values []T, l lengths)) (tensor.Tensor, error) {
	if axis < 0 {
		axis += len(x.Shape)
	}
	if axis < 0 || axis >= len(x.Shape) {
		return nil, fmt.Errorf("%s: shape %v has no axis %d", name, tensor.Shape(x.Shape), axis)
	}
	p, ok := placeOf(opts, d, d.Dtype())
	if !ok {
		return nil, fmt.Errorf("%s: the array given for the result is not a Dense of %v without a mask", name, d.Dtype())
	}
	l := lengthsAround(x.Shape, axis)
	return put(name, p, x.Shape, func(dst []T) {
		if len(dst) == 0 {
			return
		}
		values := x.rowMajor()
		alongAxis(dst, values, largest[T]().axis(values, l), l, kernel.Sub[T])
		f(dst, l)
	}, x)
}

func shares[T kernel.Float](values []T, l lengths) {
	kernel.Exp(values, values)
	alongAxis(values, values, sum[T]().axis(values, l), l, kernel.Div[T])
}

func logShares[T kernel.Float](values []T, l lengths) {
	powers := make([]T, len(values))
	kernel.Exp(powers, values)
	sums := sum[T]().axis(powers, l)
	kernel.Log(sums, sums)
	alongAxis(values, values, sums, l, kernel.Sub[T])
}

// alongAxis computes f of values (outer, n, inner) and of one value (outer, inner) for all of them along the middle axis.
func alongAxis[T kernel.Float](dst, values, same []T, l lengths, f func(dst, a, b []T)) {
	shape, strides := []int{l.outer, l.n, l.inner}, []int{l.inner, 0, 1}
	if l.inner == 1 { // whole rows of one value are repeated faster
		shape, strides = shape[:2], strides[:2]
	}
	strided.Map2(dst, strided.View[T]{Data: values, Shape: shape, Dense: true}, strided.View[T]{Data: same, Shape: shape, Strides: strides}, f)
}
