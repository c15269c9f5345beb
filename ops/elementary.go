package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Exp returns eˣ, elementwise.
func Exp(x *Tensor) *Tensor {
	y := map1(x, kernel.Exp[float32], kernel.Exp[float64])
	return exp.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Mul(g, y) }))
}

var (
	exp = &autograd.Op{Name: "exp"}
	_   = catalog(Entry{Name: "Exp", Op: exp, Samples: unary(Exp, reals)})
)

// Expm1 returns eˣ - 1, elementwise, also near 0 to the last digits.
func Expm1(x *Tensor) *Tensor {
	y := map1(x, kernel.Expm1[float32], kernel.Expm1[float64])
	return expm1.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, Exp(x)) })) // y + 1 would lose the digits of small ones
}

var (
	expm1 = &autograd.Op{Name: "expm1"}
	_     = catalog(Entry{Name: "Expm1", Op: expm1, Samples: unary(Expm1, reals)})
)

// Log returns the natural logarithm ln x, elementwise: -Inf at 0 and NaN below. Its derivative 1/x is +Inf at 0, as in PyTorch.
func Log(x *Tensor) *Tensor {
	y := map1(x, kernel.Log[float32], kernel.Log[float64])
	return log.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Div(g, x) }))
}

var (
	log = &autograd.Op{Name: "log"}
	_   = catalog(Entry{Name: "Log", Op: log, Samples: unary(Log, positives)})
)

// Log1p returns the natural logarithm ln(1 + x), elementwise, also near 0 to the last digits: -Inf at -1 and NaN below. Its derivative
// 1/(1 + x) is +Inf at -1, as in PyTorch.
func Log1p(x *Tensor) *Tensor {
	y := map1(x, kernel.Log1p[float32], kernel.Log1p[float64])
	return log1p.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Div(g, Add(x, autograd.Scalar(1))) }))
}

var (
	log1p = &autograd.Op{Name: "log1p"}
	_     = catalog(Entry{Name: "Log1p", Op: log1p, Samples: unary(Log1p, between(-0.7, 2.5))})
)

// Sinh returns the hyperbolic sine (eˣ - e⁻ˣ)/2, elementwise.
func Sinh(x *Tensor) *Tensor {
	y := map1(x, kernel.Sinh[float32], kernel.Sinh[float64])
	return sinh.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, Cosh(x)) }))
}

var (
	sinh = &autograd.Op{Name: "sinh"}
	_    = catalog(Entry{Name: "Sinh", Op: sinh, Samples: unary(Sinh, reals)})
)

// Cosh returns the hyperbolic cosine (eˣ + e⁻ˣ)/2, elementwise.
func Cosh(x *Tensor) *Tensor {
	y := map1(x, kernel.Cosh[float32], kernel.Cosh[float64])
	return cosh.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, Sinh(x)) }))
}

var (
	cosh = &autograd.Op{Name: "cosh"}
	_    = catalog(Entry{Name: "Cosh", Op: cosh, Samples: unary(Cosh, reals)})
)

// Erf returns the error function 2/√π ∫₀ˣ exp(-t²) dt, elementwise.
func Erf(x *Tensor) *Tensor {
	y := map1(x, kernel.Erf[float32], kernel.Erf[float64])
	return erf.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, Scale(Exp(Neg(Square(x))), 2/math.SqrtPi)) }))
}

var (
	erf = &autograd.Op{Name: "erf"}
	_   = catalog(Entry{Name: "Erf", Op: erf, Samples: unary(Erf, reals)})
)
