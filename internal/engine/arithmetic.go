package engine

import (
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// A binary is an element-wise operation and what does it where the engine does not.
type binary struct {
	name     string
	single   func(dst, a, b []float32)
	double   func(dst, a, b []float64)
	standard func(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error)
	scalar   func(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error)
}

var (
	addition       = binary{"Add", kernel.Add[float32], kernel.Add[float64], std.Add, std.AddScalar}
	subtraction    = binary{"Sub", kernel.Sub[float32], kernel.Sub[float64], std.Sub, std.SubScalar}
	multiplication = binary{"Mul", kernel.Mul[float32], kernel.Mul[float64], std.Mul, std.MulScalar}
	division       = binary{"Div", kernel.Div[float32], kernel.Div[float64], std.Div, std.DivScalar}
	power          = binary{"Pow", kernel.Pow[float32], kernel.Pow[float64], std.Pow, std.PowScalar}
	remainder      = binary{"Mod", modulo[float32], modulo[float64], std.Mod, std.ModScalar}
	greater        = binary{"MaxBetween", larger[float32], larger[float64], std.MaxBetween, std.MaxBetweenScalar}
	lesser         = binary{"MinBetween", smaller[float32], smaller[float64], std.MinBetween, std.MinBetweenScalar}
	std            tensor.StdEng
)

// Add returns a + b, for arrays of one shape.
func (Engine) Add(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return addition.arrays(a, b, opts)
}

// AddScalar returns t + s.
func (Engine) AddScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return addition.withScalar(t, s, leftTensor, opts)
}

// Sub returns a - b, for arrays of one shape.
func (Engine) Sub(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return subtraction.arrays(a, b, opts)
}

// SubScalar returns t - s, or s - t unless leftTensor is set.
func (Engine) SubScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return subtraction.withScalar(t, s, leftTensor, opts)
}

// Mul returns the element-wise product, for arrays of one shape.
func (Engine) Mul(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return multiplication.arrays(a, b, opts)
}

// MulScalar returns s·t.
func (Engine) MulScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return multiplication.withScalar(t, s, leftTensor, opts)
}

// Div returns the element-wise quotient, for arrays of one shape.
func (Engine) Div(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return division.arrays(a, b, opts)
}

// DivScalar returns t/s, or s/t unless leftTensor is set.
func (Engine) DivScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return division.withScalar(t, s, leftTensor, opts)
}

// Pow returns a to the power of b, for arrays of one shape.
func (Engine) Pow(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return power.arrays(a, b, opts)
}

// PowScalar returns t to the power of s, or s to that of t unless leftTensor is set.
func (Engine) PowScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return power.withScalar(t, s, leftTensor, opts)
}

// Mod returns the remainder of a divided by b, with the sign of a, for arrays of one shape.
func (Engine) Mod(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return remainder.arrays(a, b, opts)
}

// ModScalar returns the remainder of t divided by s, or of s by t unless leftTensor is set.
func (Engine) ModScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return remainder.withScalar(t, s, leftTensor, opts)
}

// MaxBetween returns the larger of a and b, NaN where one is, for arrays of one shape.
func (Engine) MaxBetween(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return greater.arrays(a, b, opts)
}

// MaxBetweenScalar returns the larger of t and s as MaxBetween does.
func (Engine) MaxBetweenScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return greater.withScalar(t, s, leftTensor, opts)
}

// MinBetween returns the smaller of a and b, NaN where one is, for arrays of one shape.
func (Engine) MinBetween(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return lesser.arrays(a, b, opts)
}

// MinBetweenScalar returns the smaller of t and s as MinBetween does.
func (Engine) MinBetweenScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return lesser.withScalar(t, s, leftTensor, opts)
}

// FMA adds a·x to y and returns y.
func (Engine) FMA(a, x, y tensor.Tensor) (tensor.Tensor, error) {
	return tensor.Mul(a, x, tensor.WithIncr(y))
}

// FMAScalar adds a·x to y and returns y.
func (Engine) FMAScalar(a tensor.Tensor, x any, y tensor.Tensor) (tensor.Tensor, error) {
	return tensor.Mul(a, x, tensor.WithIncr(y))
}

func (o *binary) arrays(a, b tensor.Tensor, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	both := allFloats(a, b)
	if both == nil || !a.Shape().Eq(b.Shape()) { // the error of tensor.StdEng says so
		return o.standard(a, b, opts...)
	}
	p, ok := placeOf(opts, both[0], a.Dtype())
	switch {
	case !ok:
		return o.standard(a, b, opts...)
	case a.Dtype() == tensor.Float32:
		return pointwise(o.name, p, viewOf[float32](both[0]), viewOf[float32](both[1]), both[0].Shape(), o.single)
	}
	return pointwise(o.name, p, viewOf[float64](both[0]), viewOf[float64](both[1]), both[0].Shape(), o.double)
}

func (o *binary) withScalar(t tensor.Tensor, s any, leftTensor bool, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(t)
	if d == nil {
		return o.scalar(t, s, leftTensor, opts...)
	}
	if array, ok := s.(tensor.Tensor); ok && array.Shape().IsScalar() {
		s = array.ScalarValue()
	}
	p, ok := placeOf(opts, d, d.Dtype())
	if !ok {
		return o.scalar(t, s, leftTensor, opts...)
	}
	if s, ok := s.(float32); ok && d.Dtype() == tensor.Float32 {
		return withScalar(o.name, p, viewOf[float32](d), s, leftTensor, o.single)
	}
	if s, ok := s.(float64); ok && d.Dtype() == tensor.Float64 {
		return withScalar(o.name, p, viewOf[float64](d), s, leftTensor, o.double)
	}
	return o.scalar(t, s, leftTensor, opts...)
}

func withScalar[T kernel.Float](name string, p place, t view[T], s T, leftTensor bool, f func(dst, a, b []T)) (tensor.Tensor, error) {
	same := slices.Repeat([]T{s}, min(t.Size(), block))
	return put(name, p, t.Shape, func(dst []T) {
		strided.Map1(dst, t.View, func(dst, x []T) {
			for len(dst) > 0 {
				n := min(len(dst), len(same))
				if leftTensor {
					f(dst[:n], x[:n], same[:n])
				} else {
					f(dst[:n], same[:n], x[:n])
				}
				dst, x = dst[n:], x[n:]
			}
		})
	}, t)
}

func pointwise[T kernel.Float](name string, p place, a, b view[T], shape []int, f func(dst, a, b []T)) (tensor.Tensor, error) {
	return put(name, p, shape, func(dst []T) { strided.Map2(dst, a.View, b.View, f) }, a, b)
}

func modulo[T kernel.Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = T(math.Mod(float64(a[i]), float64(b[i])))
	}
}

func larger[T kernel.Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

func smaller[T kernel.Float](dst, a, b []T) {
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}
