package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Tanh returns the hyperbolic tangent, elementwise.
func Tanh(x *Tensor) *Tensor {
	y := map1(x, kernel.Tanh[float32], kernel.Tanh[float64])
	return tanh.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return tanhGrad(g, y) }))
}

var (
	tanh = &autograd.Op{Name: "tanh"}
	_    = catalog(Entry{Name: "Tanh", Op: tanh, Samples: unary(Tanh, reals)})
)

// tanhGrad returns g (1 - y²): the cotangent of x where y = tanh x.
func tanhGrad(g, y *Tensor) *Tensor {
	z := map2(g, y, kernel.TanhGrad[float32], kernel.TanhGrad[float64])
	if !autograd.Recording(g, y) {
		return z
	}
	return tanhGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return tanhGrad(h, y) }),
		autograd.Wrt(y, func(_, h *Tensor) *Tensor { return Scale(Mul(h, Mul(g, y)), -2) }))
}

var (
	tanhGradient = &autograd.Op{Name: "tanhGrad"}
	_            = catalog(Entry{Name: "tanhGrad", Op: tanhGradient, Samples: gradient(tanhGrad, between(-0.9, 0.9))})
)

// Sigmoid returns the logistic function 1/(1 + exp(-x)), elementwise.
func Sigmoid(x *Tensor) *Tensor {
	y := map1(x, kernel.Sigmoid[float32], kernel.Sigmoid[float64])
	return sigmoid.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return sigmoidGrad(g, y) }))
}

var (
	sigmoid = &autograd.Op{Name: "sigmoid"}
	_       = catalog(Entry{Name: "Sigmoid", Op: sigmoid, Samples: unary(Sigmoid, reals)})
)

// sigmoidGrad returns g y (1 - y): the cotangent of x where y = sigmoid x.
func sigmoidGrad(g, y *Tensor) *Tensor {
	z := map2(g, y, kernel.SigmoidGrad[float32], kernel.SigmoidGrad[float64])
	if !autograd.Recording(g, y) {
		return z
	}
	return sigmoidGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return sigmoidGrad(h, y) }),
		autograd.Wrt(y, func(_, h *Tensor) *Tensor { return Mul(Mul(h, g), Sub(autograd.Scalar(1), Scale(y, 2))) }))
}

var (
	sigmoidGradient = &autograd.Op{Name: "sigmoidGrad"}
	_               = catalog(Entry{Name: "sigmoidGrad", Op: sigmoidGradient, Samples: gradient(sigmoidGrad, between(0.1, 0.9))})
)

// Softplus returns log(1 + exp(x)), elementwise, without overflow. Its derivative is [Sigmoid].
func Softplus(x *Tensor) *Tensor {
	y := map1(x, kernel.Softplus[float32], kernel.Softplus[float64])
	return softplus.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return softplusGrad(g, x, 1) }))
}

var (
	softplus = &autograd.Op{Name: "softplus"}
	_        = catalog(Entry{Name: "Softplus", Op: softplus, Samples: unary(Softplus, reals)})
)

// LogSigmoid returns log(1/(1 + exp(-x))), elementwise, without overflow: about x where x is very negative. Its derivative is the
// [Sigmoid] of -x.
func LogSigmoid(x *Tensor) *Tensor {
	y := map1(x, kernel.LogSigmoid[float32], kernel.LogSigmoid[float64])
	return logSigmoid.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return softplusGrad(g, x, -1) }))
}

var (
	logSigmoid = &autograd.Op{Name: "logSigmoid"}
	_          = catalog(Entry{Name: "LogSigmoid", Op: logSigmoid, Samples: unary(LogSigmoid, reals)})
)

// softplusGrad returns g times the sigmoid of sign·x, sign being 1 or -1: the cotangent of x in sign·softplus(sign·x).
func softplusGrad(g, x *Tensor, sign float64) *Tensor {
	z := map2(g, x, softplusGradKernel(float32(sign)), softplusGradKernel(sign))
	if !autograd.Recording(g, x) {
		return z
	}
	return softplusGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return softplusGrad(h, x, sign) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor { return Scale(Mul(Mul(h, g), sigmoidSlope(x)), sign) }))
}

func softplusGradKernel[T kernel.Float](sign T) func(dst, g, x []T) {
	return func(dst, g, x []T) { kernel.MulSigmoid(dst, g, x, sign) }
}

// sigmoidSlope returns the derivative of the sigmoid at x. The sigmoid of -x has the digits that 1 - sigmoid x loses.
func sigmoidSlope(x *Tensor) *Tensor { return Mul(Sigmoid(x), Sigmoid(Neg(x))) }

var (
	softplusGradient = &autograd.Op{Name: "softplusGrad"}
	_                = catalog(Entry{
		Name: "softplusGrad", Op: softplusGradient,
		Samples: variants(
			variant{"softplus", gradient(func(g, x *Tensor) *Tensor { return softplusGrad(g, x, 1) }, reals)},
			variant{"logSigmoid", gradient(func(g, x *Tensor) *Tensor { return softplusGrad(g, x, -1) }, reals)}),
	})
)

// ReLU returns max(x, 0), elementwise, and NaN for NaN. Its derivative at 0 is 0, as in PyTorch.
func ReLU(x *Tensor) *Tensor {
	y := map1(x, kernel.ReLU[float32], kernel.ReLU[float64])
	return relu.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return reluGrad(g, y) }))
}

var (
	relu = &autograd.Op{Name: "relu"}
	_    = catalog(Entry{Name: "ReLU", Op: relu, Samples: unary(ReLU, awayFrom(0))})
)

// reluGrad returns g where y > 0 or y is NaN, else 0. It is constant in y wherever it has a derivative.
func reluGrad(g, y *Tensor) *Tensor {
	z := map2(g, y, kernel.ReLUGrad[float32], kernel.ReLUGrad[float64])
	if !autograd.Recording(g) {
		return z
	}
	return reluGradient.Record(z, autograd.Wrt(g, func(_, h *Tensor) *Tensor { return reluGrad(h, y) }))
}

var (
	reluGradient = &autograd.Op{Name: "reluGrad"}
	_            = catalog(Entry{Name: "reluGrad", Op: reluGradient, Samples: gradient(reluGrad, awayFrom(0))})
)

// LeakyReLU returns x where x > 0, else slope·x, elementwise. Its derivative at 0 is slope, as in PyTorch, whose default slope is 0.01.
// It panics with an autograd.ValueError if slope is NaN.
func LeakyReLU(x *Tensor, slope float64) *Tensor {
	if math.IsNaN(slope) {
		autograd.Fail("ops.LeakyReLU", autograd.ValueError, []*Tensor{x}, "want a slope that is a number, given NaN")
	}
	y := leak(x, x, slope)
	return leakyReLU.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return leakyReLUGrad(g, x, slope) }))
}

// leak returns g where x > 0, else slope·g.
func leak(g, x *Tensor, slope float64) *Tensor {
	return map2(g, x, leakKernel[float32](slope), leakKernel[float64](slope))
}

func leakKernel[T kernel.Float](slope float64) func(dst, g, x []T) {
	c := T(slope)
	return func(dst, g, x []T) {
		for i := range dst {
			if x[i] > 0 {
				dst[i] = g[i]
			} else {
				dst[i] = c * g[i]
			}
		}
	}
}

var (
	leakyReLU = &autograd.Op{Name: "leakyReLU"}
	_         = catalog(Entry{
		Name: "LeakyReLU", Op: leakyReLU, Samples: unary(func(x *Tensor) *Tensor { return LeakyReLU(x, 0.2) }, awayFrom(0)),
		Errors: []Misuse{{"slope NaN", func() { LeakyReLU(draw(0, reals, 2), math.NaN()) }, autograd.ValueError, "ops.LeakyReLU: want a slope that is a number, given NaN"}},
	})
)

// leakyReLUGrad returns g where x > 0, else slope·g. It is constant in x wherever it has a derivative.
func leakyReLUGrad(g, x *Tensor, slope float64) *Tensor {
	z := leak(g, x, slope)
	return leakyReLUGradient.Record(z, autograd.Wrt(g, func(_, h *Tensor) *Tensor { return leakyReLUGrad(h, x, slope) }))
}

var (
	leakyReLUGradient = &autograd.Op{Name: "leakyReLUGrad"}
	_                 = catalog(Entry{
		Name: "leakyReLUGrad", Op: leakyReLUGradient,
		Samples: gradient(func(g, x *Tensor) *Tensor { return leakyReLUGrad(g, x, 0.2) }, awayFrom(0)),
	})
)

// ELU returns x where x > 0, else alpha·(eˣ - 1), elementwise: "Fast and Accurate Deep Network Learning by Exponential Linear Units" by
// Clevert, Unterthiner and Hochreiter (2016), section 3. Its derivative at 0 is alpha and its second one 0, as in PyTorch, whose
// default alpha is 1. It panics with an autograd.ValueError unless alpha is finite.
func ELU(x *Tensor, alpha float64) *Tensor {
	if math.IsNaN(alpha) || math.IsInf(alpha, 0) {
		autograd.Fail("ops.ELU", autograd.ValueError, []*Tensor{x}, "want a finite alpha, given %v", alpha)
	}
	y := map1(x, eluKernel(float32(alpha)), eluKernel(alpha))
	return elu.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return eluGrad(g, x, alpha) }))
}

func eluKernel[T kernel.Float](alpha T) func(dst, x []T) {
	return func(dst, x []T) { kernel.ELU(dst, x, alpha) }
}

var (
	elu = &autograd.Op{Name: "elu"}
	_   = catalog(Entry{
		Name: "ELU", Op: elu,
		Samples: variants(
			variant{"alpha 1", unary(eluWith(1), awayFrom(0))},
			variant{"alpha 0.3", unary(eluWith(0.3), awayFrom(0))}),
		Errors: []Misuse{
			{"alpha NaN", func() { ELU(draw(0, reals, 2), math.NaN()) }, autograd.ValueError, "ops.ELU: want a finite alpha, given NaN"},
			{"alpha infinite", func() { ELU(draw(0, reals, 2), math.Inf(-1)) }, autograd.ValueError, "want a finite alpha, given -Inf"},
		},
	})
)

func eluWith(alpha float64) func(x *Tensor) *Tensor {
	return func(x *Tensor) *Tensor { return ELU(x, alpha) }
}

// eluGrad returns g where x > 0, else g·alpha·eˣ.
func eluGrad(g, x *Tensor, alpha float64) *Tensor {
	z := map2(g, x, eluGradKernel(float32(alpha)), eluGradKernel(alpha))
	if !autograd.Recording(g, x) {
		return z
	}
	return eluGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return eluGrad(h, x, alpha) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor {
			left := eluGrad(Mul(h, g), x, alpha) // Exp would overflow on the right
			return Where(GreaterEqual(x, autograd.Scalar(0)), autograd.Scalar(0), left)
		}))
}

func eluGradKernel[T kernel.Float](alpha T) func(dst, g, x []T) {
	return func(dst, g, x []T) { kernel.ELUGrad(dst, g, x, alpha) }
}

var (
	eluGradient = &autograd.Op{Name: "eluGrad"}
	_           = catalog(Entry{
		Name: "eluGrad", Op: eluGradient,
		Samples: gradient(func(g, x *Tensor) *Tensor { return eluGrad(g, x, 0.3) }, awayFrom(0)),
	})
)
