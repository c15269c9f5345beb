package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// The activations of this file are x times a smooth step from 0 to 1. At -Inf they are NaN, which is -∞·0, and not the limit 0; at both
// infinities so is their derivative. PyTorch has it so too.

// GELU returns x·Φ(x), Φ being the standard normal distribution function, elementwise: "Gaussian Error Linear Units" by Hendrycks and
// Gimpel (2016), section 2. It is NaN at -Inf, as in PyTorch, whose default it is; [GELUTanh] is the approximation.
func GELU(x *Tensor) *Tensor {
	y := map1(x, kernel.GELU[float32], kernel.GELU[float64])
	return gelu.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return geluGrad(g, x) }))
}

var (
	gelu = &autograd.Op{Name: "gelu"}
	_    = catalog(Entry{Name: "GELU", Op: gelu, Samples: unary(GELU, reals)})
)

// geluGrad returns g (Φ(x) + x φ(x)), φ being the standard normal density.
func geluGrad(g, x *Tensor) *Tensor {
	z := map2(g, x, kernel.GELUGrad[float32], kernel.GELUGrad[float64])
	if !autograd.Recording(g, x) {
		return z
	}
	return geluGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return geluGrad(h, x) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor { return Mul(Mul(h, g), geluCurvature(x)) }))
}

// geluCurvature returns φ(x) (2 - x²): the second derivative of GELU.
func geluCurvature(x *Tensor) *Tensor {
	square := Square(clampToStep(x))
	density := Scale(Exp(Scale(square, -0.5)), 1/math.Sqrt(2*math.Pi))
	return Mul(density, Sub(autograd.Scalar(2), square))
}

// clampToStep returns x limited to where the steps are not flat in either dtype. Beyond, second derivatives are 0, which powers of x that
// overflow would make 0·∞.
func clampToStep(x *Tensor) *Tensor { return Clamp(x, -40, 40) }

var (
	geluGradient = &autograd.Op{Name: "geluGrad"}
	_            = catalog(Entry{Name: "geluGrad", Op: geluGradient, Samples: gradient(geluGrad, reals)})
)

// GELUTanh returns x/2·(1 + tanh(√(2/π)·(x + 0.044715 x³))), elementwise: an approximation of [GELU], off by less than 5e-4, from the same
// paper. It is NaN at -Inf, as in PyTorch, which calls it gelu with approximate="tanh".
func GELUTanh(x *Tensor) *Tensor {
	y := map1(x, kernel.GELUTanh[float32], kernel.GELUTanh[float64])
	return geluTanh.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return geluTanhGrad(g, x) }))
}

var (
	geluTanh = &autograd.Op{Name: "geluTanh"}
	_        = catalog(Entry{Name: "GELUTanh", Op: geluTanh, Samples: unary(GELUTanh, reals)})
)

// geluTanhGrad returns g times the derivative of GELUTanh at x.
func geluTanhGrad(g, x *Tensor) *Tensor {
	z := map2(g, x, kernel.GELUTanhGrad[float32], kernel.GELUTanhGrad[float64])
	if !autograd.Recording(g, x) {
		return z
	}
	return geluTanhGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return geluTanhGrad(h, x) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor { return Mul(Mul(h, g), geluTanhCurvature(x)) }))
}

// geluTanhCurvature returns the second derivative of GELUTanh: with u = linear·x + cubic·x³ and the sigmoid s of u it is
// s (1 - s) (2 u′ + x u″ - x u′² tanh(u/2)).
func geluTanhCurvature(x *Tensor) *Tensor {
	const (
		linear = 2 * 0.797884560802865355879892119869 // 2√(2/π)
		cubic  = linear * 0.044715
	)
	x = clampToStep(x)
	square := Square(x)
	u := Mul(x, Add(Scale(square, cubic), autograd.Scalar(linear)))
	slope := Add(Scale(square, 3*cubic), autograd.Scalar(linear))
	bend := Scale(square, 6*cubic)                          // x u″
	turn := Mul(Mul(x, Square(slope)), Tanh(Scale(u, 0.5))) // x u′² tanh(u/2)
	return Mul(sigmoidSlope(u), Add(Scale(slope, 2), Sub(bend, turn)))
}

var (
	geluTanhGradient = &autograd.Op{Name: "geluTanhGrad"}
	_                = catalog(Entry{Name: "geluTanhGrad", Op: geluTanhGradient, Samples: gradient(geluTanhGrad, reals)})
)

// SiLU returns x·sigmoid(x), elementwise: Hendrycks and Gimpel (2016) name it beside [GELU]; "Sigmoid-Weighted Linear Units for Neural
// Network Function Approximation in Reinforcement Learning" by Elfwing, Uchibe and Doya (2018) and, as swish, "Searching for Activation
// Functions" by Ramachandran, Zoph and Le (2017) study it. It is NaN at -Inf, as in PyTorch.
func SiLU(x *Tensor) *Tensor {
	y := map1(x, siluKernel[float32], siluKernel[float64])
	return silu.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return siluGrad(g, x) }))
}

func siluKernel[T kernel.Float](dst, x []T) {
	kernel.MulSigmoid(dst, x, x, 1)
}

var (
	silu = &autograd.Op{Name: "silu"}
	_    = catalog(Entry{Name: "SiLU", Op: silu, Samples: unary(SiLU, reals)})
)

// siluGrad returns g s (1 + x (1 - s)), s being the sigmoid of x.
func siluGrad(g, x *Tensor) *Tensor {
	z := map2(g, x, kernel.SiLUGrad[float32], kernel.SiLUGrad[float64])
	if !autograd.Recording(g, x) {
		return z
	}
	return siluGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return siluGrad(h, x) }),
		autograd.Wrt(x, func(_, h *Tensor) *Tensor { return Mul(Mul(h, g), siluCurvature(x)) }))
}

// siluCurvature returns s (1 - s) (2 - x tanh(x/2)), s being the sigmoid of x: the second derivative of SiLU.
func siluCurvature(x *Tensor) *Tensor {
	return Mul(sigmoidSlope(x), Sub(autograd.Scalar(2), Mul(x, Tanh(Scale(x, 0.5)))))
}

var (
	siluGradient = &autograd.Op{Name: "siluGrad"}
	_            = catalog(Entry{Name: "siluGrad", Op: siluGradient, Samples: gradient(siluGrad, reals)})
)
