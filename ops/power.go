package ops

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Abs returns |x|, elementwise. Its derivative at 0 is 0, as in PyTorch.
func Abs(x *Tensor) *Tensor {
	y := map1(x, absKernel[float32], absKernel[float64])
	return abs.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return absGrad(g, x) }))
}

func absKernel[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Abs(float64(v)))
	}
}

var (
	abs = &autograd.Op{Name: "abs"}
	_   = catalog(Entry{Name: "Abs", Op: abs, Samples: unary(Abs, awayFrom(0))})
)

// absGrad returns g times the sign of x, 0 where x is 0. It is constant in x wherever it has a derivative.
func absGrad(g, x *Tensor) *Tensor {
	z := map2(g, x, absGradKernel[float32], absGradKernel[float64])
	return absGradient.Record(z, autograd.Wrt(g, func(_, h *Tensor) *Tensor { return absGrad(h, x) }))
}

func absGradKernel[T kernel.Float](dst, g, x []T) {
	for i, v := range x {
		switch {
		case v > 0:
			dst[i] = g[i]
		case v < 0:
			dst[i] = -g[i]
		default:
			dst[i] = g[i] * v // 0, or NaN
		}
	}
}

var (
	absGradient = &autograd.Op{Name: "absGrad"}
	_           = catalog(Entry{Name: "absGrad", Op: absGradient, Samples: gradient(absGrad, awayFrom(0))})
)

// Square returns x², elementwise.
func Square(x *Tensor) *Tensor {
	y := map1(x, squareKernel[float32], squareKernel[float64])
	if !autograd.Recording(x) {
		return y
	}
	return square.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return squareGrad(g, x) }))
}

func squareKernel[T kernel.Float](dst, x []T) { kernel.Mul(dst, x, x) }

var (
	square = &autograd.Op{Name: "square"}
	_      = catalog(Entry{Name: "Square", Op: square, Samples: unary(Square, reals)})
)

// squareGrad returns 2 g x: the cotangent of x where y = x². It is symmetric in g and x.
func squareGrad(g, x *Tensor) *Tensor {
	z := map2(g, x, squareGradKernel[float32], squareGradKernel[float64])
	if !autograd.Recording(g, x) {
		return z
	}
	return squareGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return squareGrad(h, x) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor { return squareGrad(h, g) }))
}

func squareGradKernel[T kernel.Float](dst, g, x []T) {
	kernel.Mul(dst, g, x)
	kernel.Add(dst, dst, dst)
}

var (
	squareGradient = &autograd.Op{Name: "squareGrad"}
	_              = catalog(Entry{Name: "squareGrad", Op: squareGradient, Samples: gradient(squareGrad, reals)})
)

// Sqrt returns √x, elementwise: NaN below 0. Its derivative 1/(2√x) is +Inf at 0, as in PyTorch.
func Sqrt(x *Tensor) *Tensor {
	y := map1(x, kernel.Sqrt[float32], kernel.Sqrt[float64])
	return sqrt.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Div(g, Scale(y, 2)) }))
}

var (
	sqrt = &autograd.Op{Name: "sqrt"}
	_    = catalog(Entry{Name: "Sqrt", Op: sqrt, Samples: unary(Sqrt, positives)})
)

// Rsqrt returns 1/√x, elementwise: +Inf at 0 and NaN below. Its derivative -1/(2x√x) is -Inf at 0, as in PyTorch.
func Rsqrt(x *Tensor) *Tensor {
	y := map1(x, rsqrtKernel[float32], rsqrtKernel[float64])
	return rsqrt.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Scale(Mul(g, PowScalar(y, 3)), -0.5) }))
}

func rsqrtKernel[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(1 / math.Sqrt(float64(v)))
	}
}

var (
	rsqrt = &autograd.Op{Name: "rsqrt"}
	_     = catalog(Entry{Name: "Rsqrt", Op: rsqrt, Samples: unary(Rsqrt, positives)})
)

// Reciprocal returns 1/x, elementwise: ±Inf at the zeros. Its derivative -1/x² is -Inf there, as in PyTorch.
func Reciprocal(x *Tensor) *Tensor {
	y := map1(x, reciprocalKernel[float32], reciprocalKernel[float64])
	return reciprocal.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Neg(Mul(g, Square(y))) }))
}

func reciprocalKernel[T kernel.Float](dst, x []T) {
	for i, v := range x {
		dst[i] = 1 / v
	}
}

var (
	reciprocal = &autograd.Op{Name: "reciprocal"}
	_          = catalog(Entry{
		Name: "Reciprocal", Op: reciprocal,
		Samples: variants(
			variant{"positive", unary(Reciprocal, positives)},
			variant{"negative", unary(Reciprocal, negatives)}),
	})
)

// PowScalar returns xᵖ, elementwise, with NumPy's special cases: NaN where x < 0 unless p is a whole number, and 1 where p is 0,
// whatever x. Its derivative p·xᵖ⁻¹ is 0 everywhere for p = 0, as in PyTorch. The relative error in float64 grows with |p ln x|,
// as that of [math.Pow] does, which is at work for all but the simplest powers.
// It panics with an autograd.ValueError unless p is finite.
func PowScalar(x *Tensor, p float64) *Tensor {
	if math.IsNaN(p) || math.IsInf(p, 0) {
		autograd.Fail("ops.PowScalar", autograd.ValueError, []*Tensor{x}, "want a finite exponent, given %v", p)
	}
	y := map1(x, powKernel[float32](p), powKernel[float64](p))
	return powScalar.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor {
		if p == 0 { // 0·x⁻¹ would be NaN at 0
			return autograd.Zeros(x.Dtype(), x.Shape()...)
		}
		return Mul(g, Scale(PowScalar(x, p-1), p))
	}))
}

// powKernel knows the powers that the rules of polynomials meet as products, and the square root.
func powKernel[T kernel.Float](p float64) func(dst, x []T) {
	switch p {
	case 0.5:
		return kernel.Sqrt[T]
	case 1:
		return func(dst, x []T) { copy(dst, x) }
	case 2:
		return squareKernel[T]
	case 3:
		return func(dst, x []T) {
			for i, v := range x {
				dst[i] = v * v * v
			}
		}
	}
	return func(dst, x []T) {
		for i, v := range x {
			dst[i] = T(math.Pow(float64(v), p))
		}
	}
}

var (
	powScalar = &autograd.Op{Name: "powScalar"}
	_         = catalog(Entry{
		Name: "PowScalar", Op: powScalar,
		Samples: variants(
			variant{"p = 0", unary(pow(0), reals)},
			variant{"p = 1", unary(pow(1), reals)},
			variant{"p = 2", unary(pow(2), reals)},
			variant{"p = 3", unary(pow(3), reals)},
			variant{"p = 5", unary(pow(5), reals)},
			variant{"p = 0.5", unary(pow(0.5), positives)},
			variant{"p = 2.5", unary(pow(2.5), positives)},
			variant{"p = -1", unary(pow(-1), positives)},
			variant{"p = -1, negative", unary(pow(-1), negatives)},
			variant{"p = -2.5", unary(pow(-2.5), positives)},
			variant{"at 0", atZero}),
		Errors: []Misuse{
			{"exponent NaN", func() { PowScalar(draw(0, reals, 2), math.NaN()) }, autograd.ValueError, "ops.PowScalar: want a finite exponent, given NaN"},
			{"exponent infinite", func() { PowScalar(draw(0, reals, 2), math.Inf(1)) }, autograd.ValueError, "want a finite exponent, given +Inf"},
		},
	})
)

func pow(p float64) func(x *Tensor) *Tensor {
	return func(x *Tensor) *Tensor { return PowScalar(x, p) }
}

// atZero has the powers that are smooth at 0 at least twice.
func atZero() []Sample {
	var samples []Sample
	for _, p := range []float64{0, 1, 2, 3, 4} {
		samples = append(samples, Sample{
			fmt.Sprint("p = ", p),
			func(x ...*Tensor) *Tensor { return PowScalar(x[0], p) },
			[]*Tensor{autograd.Zeros(tensor.Float64, 2)},
		})
	}
	return samples
}

// Pow returns aᵇ, elementwise, broadcast, with the special cases of [math.Pow], which are those of C, NumPy and PyTorch: NaN where a < 0
// unless b is a whole number, and 1 where b is 0, whatever a, or where a is 1. [PowScalar] is faster for one exponent. About the error
// see there.
//
// The derivatives are b·aᵇ⁻¹ and aᵇ·ln a. As in PyTorch the first is 0 where b is 0, whatever a. The second is 0 where a is 0 and
// b ≥ 0, which is where aᵇ·ln a tends to unless b is 0 too, and NaN where a < 0: there is no power of a negative number near a
// whole exponent. So negative bases may have whole exponents as long as these are constants.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func Pow(a, b *Tensor) *Tensor {
	a, b = broadcast("ops.Pow", a, b)
	y := map2(a, b, kernel.Pow[float32], kernel.Pow[float64])
	return power.Record(y,
		autograd.Wrt(a, func(_, g *Tensor) *Tensor { return Mul(g, Mul(b, Pow(baseOfPower(a, b), Sub(b, autograd.Scalar(1))))) }),
		autograd.Wrt(b, func(y, g *Tensor) *Tensor { return Mul(g, Mul(y, Log(baseOfLogarithm(a, b)))) }))
}

// baseOfPower returns a, and 1 where b is 0 and b·aᵇ⁻¹ would be 0·∞ or 0·NaN.
func baseOfPower(a, b *Tensor) *Tensor {
	proper := Maximum(NotEqual(b, autograd.Scalar(0)), Greater(Abs(a.Detach()), autograd.Scalar(0)))
	return Where(proper, a, autograd.Scalar(1))
}

// baseOfLogarithm returns a, and 1 where a is 0 and b ≥ 0, so that aᵇ·ln a is 0 there.
func baseOfLogarithm(a, b *Tensor) *Tensor {
	vanishes := Mul(Equal(a, autograd.Scalar(0)), GreaterEqual(b, autograd.Scalar(0)))
	return Where(vanishes, autograd.Scalar(1), a)
}

var (
	power = &autograd.Op{Name: "pow"}
	_     = catalog(Entry{
		Name: "Pow", Op: power, Errors: mismatched("ops.Pow", Pow),
		Samples: variants(
			variant{"positive base", binary(Pow, positives, reals)},
			variant{"negative base, 3", unary(powTensor(3), negatives)},
			variant{"negative base, -2", unary(powTensor(-2), negatives)},
			variant{"at 0", powersAtZero}),
	})
)

// powTensor returns the power with a constant exponent, for bases that have no others.
func powTensor(p float64) func(x *Tensor) *Tensor {
	return func(x *Tensor) *Tensor { return Pow(x, autograd.Scalar(p)) }
}

// powersAtZero has the exponents that are smooth at base 0 at least twice, and an exponent of 0 that is differentiated.
func powersAtZero() []Sample {
	var samples []Sample
	for _, p := range []float64{0, 1, 2, 3, 4} {
		samples = append(samples, Sample{
			fmt.Sprint("base 0, exponent ", p),
			func(x ...*Tensor) *Tensor { return Pow(x[0], autograd.Scalar(p)) },
			[]*Tensor{autograd.Zeros(tensor.Float64, 2)},
		})
	}
	return append(samples,
		Sample{
			"constant base 0",
			func(x ...*Tensor) *Tensor { return Pow(autograd.Scalar(0), x[0]) },
			[]*Tensor{draw(1, positives, 2)},
		},
		Sample{
			"exponent 0",
			func(x ...*Tensor) *Tensor { return Pow(x[0], x[1]) },
			[]*Tensor{draw(2, positives, 3), autograd.Zeros(tensor.Float64, 3)},
		})
}
