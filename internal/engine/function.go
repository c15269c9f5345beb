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
	cube         = unary{"Cube", cubed[float32], cubed[float64], std.Cube}
	inverse      = unary{"Inv", inverted[float32], inverted[float64], std.Inv}
	inverseRoot  = unary{"InvSqrt", invertedRoot[float32], invertedRoot[float64], std.InvSqrt}
	cubicRoot    = unary{"Cbrt", cubeRoot[float32], cubeRoot[float64], std.Cbrt}
	signum       = unary{"Sign", sign[float32], sign[float64], std.Sign}
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

// Cube returns a³ for each element.
func (Engine) Cube(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return cube.of(a, opts)
}

// Inv returns 1/a for each element.
func (Engine) Inv(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return inverse.of(a, opts)
}

// InvSqrt returns 1/√a for each element.
func (Engine) InvSqrt(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return inverseRoot.of(a, opts)
}

// Cbrt returns the cube root of each element.
func (Engine) Cbrt(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return cubicRoot.of(a, opts)
}

// Sign returns 1, -1, or 0 for each element: what is neither positive nor negative gives 0.
func (Engine) Sign(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return signum.of(a, opts)
}

// Clamp returns each element, or the bound that it lies beyond. The bounds are numbers of the array's dtype; the error says that they
// are not. NaN stays NaN.
func (e Engine) Clamp(a tensor.Tensor, lo, hi any, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(a)
	if d == nil {
		return e.StdEng.Clamp(a, lo, hi, opts...)
	}
	p, ok := placeOf(opts, d, d.Dtype())
	switch {
	case !ok:
		return e.StdEng.Clamp(a, lo, hi, opts...)
	case d.Dtype() == tensor.Float32:
		return clamp[float32](p, d, lo, hi)
	}
	return clamp[float64](p, d, lo, hi)
}

func clamp[T kernel.Float](p place, d *tensor.Dense, lo, hi any) (tensor.Tensor, error) {
	l, ok := lo.(T)
	h, also := hi.(T)
	if !ok || !also {
		return nil, fmt.Errorf("Clamp: bounds %v (%T) and %v (%T) for a Dense of %v", lo, lo, hi, hi, d.Dtype())
	}
	return mapped("Clamp", p, viewOf[T](d), func(dst, x []T) {
		for i, v := range x {
			dst[i] = min(max(v, l), h)
		}
	})
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
		return mapEach(p, viewOf[float32](d), f)
	}
	if f, ok := fn.(func(float64) float64); ok && d.Dtype() == tensor.Float64 {
		return mapEach(p, viewOf[float64](d), f)
	}
	return nil, fmt.Errorf("Map: a %T does not map the elements of a Dense of %v", fn, d.Dtype())
}

func mapEach[T kernel.Float](p place, x view[T], f func(T) T) (tensor.Tensor, error) {
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

func cubed[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = v * v * v
	}
}

func inverted[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = 1 / v
	}
}

func invertedRoot[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(1 / math.Sqrt(float64(v)))
	}
}

func cubeRoot[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Cbrt(float64(v)))
	}
}

func sign[T kernel.Float](dst, x []T) {
	for i, v := range x {
		switch {
		case v > 0:
			dst[i] = 1
		case v < 0:
			dst[i] = -1
		default:
			dst[i] = 0
		}
	}
}
