package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Neg returns -x, elementwise.
func Neg(x *Tensor) *Tensor { return Scale(x, -1) }

var _ = catalog(Entry{Name: "Neg", Samples: unary(Neg, reals)})

// Scale returns c·x, elementwise: [Mul] by a constant, in one pass over x.
func Scale(x *Tensor, c float64) *Tensor {
	y := scaled(x, c)
	if !autograd.Recording(x) {
		return y
	}
	return scale.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Scale(g, c) }))
}

// scaled computes c·x.
func scaled(x *Tensor, c float64) *Tensor {
	y := autograd.Empty(x.Shape(), x)
	if x.IsSingle() {
		scaleTo[float32](y, x, c)
	} else {
		scaleTo[float64](y, x, c)
	}
	return y
}

func scaleTo[T kernel.Float](y, x *Tensor, c float64) {
	if x.IsDense() { // a function that knows c would be an allocation
		kernel.Scale(autograd.Raw[T](y), autograd.Raw[T](x), T(c))
		return
	}
	strided.Map1(autograd.Raw[T](y), view[T](x), func(dst, x []T) { kernel.Scale(dst, x, T(c)) })
}

var (
	scale = &autograd.Op{Name: "scale"}
	_     = catalog(Entry{Name: "Scale", Op: scale, Samples: unary(func(x *Tensor) *Tensor { return Scale(x, -2.5) }, reals)})
)

// Add returns a + b, elementwise, broadcast. It panics with an autograd.ShapeError if the shapes do not broadcast.
func Add(a, b *Tensor) *Tensor {
	return autograd.Add(broadcast("ops.Add", a, b))
}

var _ = catalog(Entry{Name: "Add", Op: autograd.Addition, Samples: binary(Add, reals, reals), Errors: mismatched("ops.Add", Add)})

// Sub returns a - b, elementwise, broadcast. It panics with an autograd.ShapeError if the shapes do not broadcast.
func Sub(a, b *Tensor) *Tensor {
	a, b = broadcast("ops.Sub", a, b)
	y := map2(a, b, kernel.Sub[float32], kernel.Sub[float64])
	if !autograd.Recording(a, b) {
		return y
	}
	return sub.Record(y,
		autograd.Wrt(a, func(_, g *Tensor) *Tensor { return g }),
		autograd.Wrt(b, func(_, g *Tensor) *Tensor { return Neg(g) }))
}

var (
	sub = &autograd.Op{Name: "sub"}
	_   = catalog(Entry{Name: "Sub", Op: sub, Samples: binary(Sub, reals, reals), Errors: mismatched("ops.Sub", Sub)})
)

// Mul returns a·b, elementwise, broadcast. It panics with an autograd.ShapeError if the shapes do not broadcast.
func Mul(a, b *Tensor) *Tensor {
	a, b = broadcast("ops.Mul", a, b)
	y := map2(a, b, kernel.Mul[float32], kernel.Mul[float64])
	if !autograd.Recording(a, b) {
		return y
	}
	return mul.Record(y,
		autograd.Wrt(a, func(_, g *Tensor) *Tensor { return Mul(g, b) }),
		autograd.Wrt(b, func(_, g *Tensor) *Tensor { return Mul(g, a) }))
}

var (
	mul = &autograd.Op{Name: "mul"}
	_   = catalog(Entry{Name: "Mul", Op: mul, Samples: binary(Mul, reals, reals), Errors: mismatched("ops.Mul", Mul)})
)

// Div returns a/b, elementwise, broadcast: ±Inf or NaN where b is 0, as IEEE 754 has it.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func Div(a, b *Tensor) *Tensor {
	a, b = broadcast("ops.Div", a, b)
	y := map2(a, b, kernel.Div[float32], kernel.Div[float64])
	if !autograd.Recording(a, b) {
		return y
	}
	return div.Record(y,
		autograd.Wrt(a, func(_, g *Tensor) *Tensor { return Div(g, b) }),
		autograd.Wrt(b, func(y, g *Tensor) *Tensor { return Neg(Mul(g, Div(y, b))) }))
}

var (
	div = &autograd.Op{Name: "div"}
	_   = catalog(Entry{
		Name: "Div", Op: div, Errors: mismatched("ops.Div", Div),
		Samples: variants(
			variant{"by positives", binary(Div, reals, positives)},
			variant{"by negatives", binary(Div, reals, negatives)}),
	})
)
