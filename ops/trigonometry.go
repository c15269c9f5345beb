package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Sin returns the sine of x in radians, elementwise.
func Sin(x *Tensor) *Tensor {
	y := map1(x, kernel.Sin[float32], kernel.Sin[float64])
	return sin.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, Cos(x)) }))
}

var (
	sin = &autograd.Op{Name: "sin"}
	_   = catalog(Entry{Name: "Sin", Op: sin, Samples: unary(Sin, turns)})
)

// Cos returns the cosine of x in radians, elementwise.
func Cos(x *Tensor) *Tensor {
	y := map1(x, kernel.Cos[float32], kernel.Cos[float64])
	return cos.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Neg(Mul(g, Sin(x))) }))
}

var (
	cos = &autograd.Op{Name: "cos"}
	_   = catalog(Entry{Name: "Cos", Op: cos, Samples: unary(Cos, turns)})
)

// turns draws angles of more than one turn, both ways.
var turns = between(-10, 10)

// Tan returns the tangent of x in radians, elementwise.
func Tan(x *Tensor) *Tensor {
	y := map1(x, kernel.Tan[float32], kernel.Tan[float64])
	return tan.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Mul(g, Add(Square(y), autograd.Scalar(1))) }))
}

var (
	tan = &autograd.Op{Name: "tan"}
	_   = catalog(Entry{
		Name: "Tan", Op: tan,
		Samples: variants(
			variant{"around 0", unary(Tan, between(-1.2, 1.2))},
			variant{"around π", unary(Tan, between(2, 4.3))}),
	})
)

// Asin returns the arc sine of x, elementwise, in radians from -π/2 to π/2: NaN outside of [-1, 1]. Its derivative 1/√(1-x²) is
// +Inf at -1 and 1, as in PyTorch.
func Asin(x *Tensor) *Tensor {
	y := map1(x, kernel.Asin[float32], kernel.Asin[float64])
	return asin.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(g, asinSlope(x)) }))
}

var (
	asin = &autograd.Op{Name: "asin"}
	_    = catalog(Entry{Name: "Asin", Op: asin, Samples: unary(Asin, sines)})
)

// sines draws from the middle of the domain of Asin and Acos.
var sines = between(-0.9, 0.9)

// Acos returns the arc cosine of x, elementwise, in radians from 0 to π: NaN outside of [-1, 1]. Its derivative -1/√(1-x²) is
// -Inf at -1 and 1, as in PyTorch.
func Acos(x *Tensor) *Tensor {
	y := map1(x, kernel.Acos[float32], kernel.Acos[float64])
	return acos.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Neg(Mul(g, asinSlope(x))) }))
}

var (
	acos = &autograd.Op{Name: "acos"}
	_    = catalog(Entry{Name: "Acos", Op: acos, Samples: unary(Acos, sines)})
)

// asinSlope returns 1/√(1-x²): the derivative of the arc sine.
func asinSlope(x *Tensor) *Tensor {
	y := map1(x, asinSlopeKernel[float32], asinSlopeKernel[float64])
	return asinDerivative.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Mul(g, Mul(x, PowScalar(y, 3))) }))
}

// asinSlopeKernel does not subtract x² from 1: near ±1 the digits would be lost.
func asinSlopeKernel[T kernel.Float](dst, x []T) {
	for i, v := range x {
		v := float64(v)
		dst[i] = T(1 / math.Sqrt((1-v)*(1+v)))
	}
}

var (
	asinDerivative = &autograd.Op{Name: "asinSlope"}
	_              = catalog(Entry{Name: "asinSlope", Op: asinDerivative, Samples: unary(asinSlope, sines)})
)

// Atan returns the arc tangent of x, elementwise, in radians from -π/2 to π/2. [Atan2] knows the quadrant too.
func Atan(x *Tensor) *Tensor {
	y := map1(x, kernel.Atan[float32], kernel.Atan[float64])
	return atan.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Div(g, Add(Square(x), autograd.Scalar(1))) }))
}

var (
	atan = &autograd.Op{Name: "atan"}
	_    = catalog(Entry{Name: "Atan", Op: atan, Samples: unary(Atan, turns)})
)

// Atan2 returns the angle of the point (x, y), elementwise, broadcast, in radians from -π to π: the arc tangent of y/x in the right
// quadrant. It has the special cases of [math.Atan2], which are those of C, NumPy and PyTorch. Its derivatives x/(x²+y²) and
// -y/(x²+y²) are 0 where both are 0, as in PyTorch. It panics with an autograd.ShapeError if the shapes do not broadcast.
func Atan2(y, x *Tensor) *Tensor {
	y, x = broadcast("ops.Atan2", y, x)
	angle := map2(y, x, kernel.Atan2[float32], kernel.Atan2[float64])
	return atan2.Record(angle,
		autograd.Wrt(y, func(_, g *Tensor) *Tensor { return Mul(g, atan2Slope(x, y)) }),
		autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Neg(Mul(g, atan2Slope(y, x))) }))
}

var (
	atan2 = &autograd.Op{Name: "atan2"}
	_     = catalog(Entry{
		Name: "Atan2", Op: atan2, Errors: mismatched("ops.Atan2", Atan2),
		Samples: variants(
			variant{"right", binary(Atan2, reals, positives)},
			variant{"above", binary(Atan2, positives, reals)},
			variant{"below", binary(Atan2, negatives, reals)}),
	})
)

// atan2Slope returns a/(a²+b²), and 0 where both are 0, for tensors of one shape and dtype.
func atan2Slope(a, b *Tensor) *Tensor {
	y := map2(a, b, atan2SlopeKernel[float32], atan2SlopeKernel[float64])
	return atan2Derivative.Record(y,
		autograd.Wrt(a, func(y, g *Tensor) *Tensor { return Mul(g, Sub(Square(atan2Slope(b, a)), Square(y))) }),
		autograd.Wrt(b, func(y, g *Tensor) *Tensor { return Scale(Mul(g, Mul(y, atan2Slope(b, a))), -2) }))
}

// atan2SlopeKernel does not square what might overflow or vanish then.
func atan2SlopeKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		v := float64(v)
		h := math.Hypot(v, float64(b[i]))
		if h == 0 {
			h = 1
		}
		dst[i] = T(v / h / h)
	}
}

var (
	atan2Derivative = &autograd.Op{Name: "atan2Slope"}
	_               = catalog(Entry{Name: "atan2Slope", Op: atan2Derivative, Samples: variants(
		variant{"positive", gradient(atan2Slope, positives)},
		variant{"negative", gradient(atan2Slope, negatives)})})
)
