package engine

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// A unary is a function of each element and what computes it where the engine does not.
type unary struct {
	name     string
	single   func(dst, x []float32)
	double   func(dst, x []float64)
	standard func(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error)
}

var (
	exponential  = unary{"Exp", kernel.Exp[float32], kernel.Exp[float64], std.Exp}
	tangent      = unary{"Tanh", kernel.Tanh[float32], kernel.Tanh[float64], std.Tanh}
	logarithm    = unary{"Log", kernel.Log[float32], kernel.Log[float64], std.Log}
	squareRoot   = unary{"Sqrt", kernel.Sqrt[float32], kernel.Sqrt[float64], std.Sqrt}
	negation     = unary{"Neg", negate[float32], negate[float64], std.Neg}
	square       = unary{"Square", squared[float32], squared[float64], std.Square}
	absoluteness = unary{"Abs", absolute[float32], absolute[float64], std.Abs}
)

// Exp returns e^a for each element.
func (Engine) Exp(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return exponential.of(a, opts)
}

// Tanh returns the hyperbolic tangent of each element.
func (Engine) Tanh(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return tangent.of(a, opts)
}

// Log returns the natural logarithm of each element.
func (Engine) Log(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return logarithm.of(a, opts)
}

// Sqrt returns the square root of each element.
func (Engine) Sqrt(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return squareRoot.of(a, opts)
}

// Neg returns -a for each element.
func (Engine) Neg(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return negation.of(a, opts)
}

// Square returns a² for each element.
func (Engine) Square(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return square.of(a, opts)
}

// Abs returns the magnitude of each element.
func (Engine) Abs(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return absoluteness.of(a, opts)
}

// Map returns fn of each element, fn being a func(T) T, and is what Dense.Apply asks. It calls fn on the calling goroutine, for
// the elements in row-major order. tensor.StdEng gives fn what is in the array of tensor.WithReuse, not the elements of a.
func (e Engine) Map(fn any, a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(a)
	if d == nil {
		return e.StdEng.Map(fn, a, opts...)
	}
	p, ok := placeOf(opts, d, d.Dtype())
	if !ok {
		return nil, fmt.Errorf("Map: the array given for the result is not a Dense of %v without a mask", d.Dtype())
	}
	if f, ok := fn.(func(float32) float32); ok && d.Dtype() == tensor.Float32 {
		return each(p, viewOf[float32](d), f)
	}
	if f, ok := fn.(func(float64) float64); ok && d.Dtype() == tensor.Float64 {
		return each(p, viewOf[float64](d), f)
	}
	return nil, fmt.Errorf("Map: a %T does not map the elements of a Dense of %v", fn, d.Dtype())
}

func each[T kernel.Float](p place, x view[T], f func(T) T) (tensor.Tensor, error) {
	return put("Map", p, x.Shape, func(dst []T) {
		x.Gather(dst, 0)
		for i, v := range dst {
			dst[i] = f(v)
		}
	}, x)
}

func (u *unary) of(a tensor.Tensor, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(a)
	if d == nil {
		return u.standard(a, opts...)
	}
	p, ok := placeOf(opts, d, d.Dtype())
	switch {
	case !ok:
		return u.standard(a, opts...)
	case d.Dtype() == tensor.Float32:
		return mapped(u.name, p, viewOf[float32](d), u.single)
	}
	return mapped(u.name, p, viewOf[float64](d), u.double)
}

func mapped[T kernel.Float](name string, p place, x view[T], f func(dst, x []T)) (tensor.Tensor, error) {
	return put(name, p, x.Shape, func(dst []T) { strided.Map1(dst, x.View, f) }, x)
}

func negate[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = -v
	}
}

func squared[T kernel.Float](dst, x []T) { kernel.Mul(dst, x, x) }

func absolute[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Abs(float64(v)))
	}
}
