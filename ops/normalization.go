package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// LayerNorm returns gain·(x - mean)/√(variance + eps) + bias for x (…, k), with the mean and the population variance of each
// row, the k elements along the last axis: "Layer Normalization" by Ba, Kiros and Hinton (2016), section 3.1. gain and bias have shape (k); nil
// leaves them out. A row of equal elements gives 0 before the bias, and finite gradients, if eps > 0, and NaN if eps is 0.
// It panics with an autograd.ShapeError if the shapes are not of this form, and with an autograd.ValueError unless eps is finite
// and at least 0.
func LayerNorm(x, gain, bias *Tensor, eps float64) *Tensor {
	const op = "ops.LayerNorm"
	if len(x.Shape()) == 0 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want shape (…, k), given a scalar")
	}
	checkNorm(op, x, gain, bias, eps)
	return affine(normalizeRows(x, eps), gain, bias)
}

// checkNorm panics unless gain, bias and eps are fit for x (…, k).
func checkNorm(op string, x, gain, bias *Tensor, eps float64) {
	if !(eps >= 0) || math.IsInf(eps, 1) {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "want a finite eps of at least 0, given %v", eps)
	}
	for _, p := range []struct {
		name string
		x    *Tensor
	}{{"gain", gain}, {"bias", bias}} {
		if p.x == nil {
			continue
		}
		autograd.Unify(op, x, p.x)
		if len(p.x.Shape()) != 1 || p.x.Size() != rowLength(x) {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x, p.x}, "want a %s of shape (%d) for %v, given %v", p.name, rowLength(x), x.Shape(), p.x.Shape())
		}
	}
}

// affine returns gain·x + bias, where nil leaves out either.
func affine(x, gain, bias *Tensor) *Tensor {
	if gain != nil {
		x = Mul(x, gain)
	}
	if bias != nil {
		x = Add(x, bias)
	}
	return x
}

var _ = catalog(Entry{
	Name: "LayerNorm", Samples: normSamples(LayerNorm, 1),
	Errors: append(badNorm("ops.LayerNorm", LayerNorm), Misuse{
		"a scalar",
		func() { LayerNorm(draw(0, reals), nil, nil, 1e-5) },
		autograd.ShapeError, "ops.LayerNorm: want shape (…, k), given a scalar",
	}),
})

// BatchNorm returns gain·(x - mean)/√(variance + eps) + bias for x (n, …, k), with the mean and the population variance of each of
// the k features over all axes but the last: "Batch Normalization" by Ioffe and Szegedy (2015), algorithm 1. gain and bias have
// shape (k); nil leaves them out. A feature of equal elements gives 0 before the bias, and finite gradients, if eps > 0, and NaN if eps is 0.
// It panics with an autograd.ShapeError if the shapes are not of this form, and with an autograd.ValueError unless eps is finite
// and at least 0.
func BatchNorm(x, gain, bias *Tensor, eps float64) *Tensor {
	const op = "ops.BatchNorm"
	last := len(x.Shape()) - 1
	if last < 1 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want shape (n, …, k), given %v", x.Shape())
	}
	checkNorm(op, x, gain, bias, eps)
	features := Reshape(x, product(x.Shape()[:last]), x.Shape()[last])
	z := Transpose(normalizeRows(Transpose(features), eps))
	return affine(Reshape(z, x.Shape()...), gain, bias)
}

var _ = catalog(Entry{
	Name: "BatchNorm", Samples: normSamples(BatchNorm, 2),
	Errors: append(badNorm("ops.BatchNorm", BatchNorm),
		Misuse{
			"a scalar",
			func() { BatchNorm(draw(0, reals), nil, nil, 1e-5) },
			autograd.ShapeError, "ops.BatchNorm: want shape (n, …, k), given ()",
		},
		Misuse{
			"one example without its axis",
			func() { BatchNorm(draw(0, reals, 3), nil, nil, 1e-5) },
			autograd.ShapeError, "ops.BatchNorm: want shape (n, …, k), given (3)",
		}),
})

// normalizeRows returns (x - mean)/√(variance + eps) for each row of x (…, n).
func normalizeRows(x *Tensor, eps float64) *Tensor {
	y := mapRows1(x, normalizeKernel[float32](eps), normalizeKernel[float64](eps))
	if !autograd.Recording(x) {
		return y
	}
	return normalizing.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return normalizeGrad(g, x, eps) }))
}

func normalizeKernel[T kernel.Float](eps float64) func(dst, x []T, n int) {
	return func(dst, x []T, n int) {
		for i := 0; i < len(dst); i += n {
			normalize(dst[i:i+n], x[i:i+n], eps)
		}
	}
}

// normalize writes the normalized x to dst, and returns what the deviations were multiplied by.
func normalize[T kernel.Float](dst, x []T, eps float64) T {
	center(dst, x)
	rate := T(1 / math.Sqrt(kernel.SquaredNorm(dst)/float64(len(dst))+eps))
	kernel.Scale(dst, dst, rate)
	return rate
}

var (
	normalizing = &autograd.Op{Name: "normalizeRows"}
	_           = catalog(Entry{
		Name: "normalizeRows", Op: normalizing,
		Samples: rowSamples(func(x *Tensor) *Tensor { return normalizeRows(x, 0.1) }),
	})
)

// normalizeGrad returns rate·(g - mean g - z·mean gz) along the last axis, where z is x normalized and rate is 1/√(variance + eps): the
// cotangent of x. It is linear in g, and symmetric.
func normalizeGrad(g, x *Tensor, eps float64) *Tensor {
	y := mapRows2(g, x, normalizeGradKernel[float32](eps), normalizeGradKernel[float64](eps))
	if !autograd.Recording(g, x) {
		return y
	}
	return normalizeGradient.Record(y,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return normalizeGrad(h, x, eps) }),
		autograd.Wrt(x, func(y, h *Tensor) *Tensor {
			// Σ hy = rate·(Σ gh - n·mean g·mean h - n·mean gz·mean hz) depends on x by the rate, whose derivative is -rate²·z/n, and by z.
			mean := KeepDims(Mean)
			z, rate := normalizeRows(x, eps), rateOfRows(x, eps)
			byRate := Mul(Mul(z, rate), mean(Mul(h, y), -1))
			byZ := Mul(Add(Mul(g, mean(Mul(h, z), -1)), Mul(h, mean(Mul(g, z), -1))), rate)
			return Neg(Add(byRate, normalizeGrad(byZ, x, eps)))
		}))
}

func normalizeGradKernel[T kernel.Float](eps float64) func(dst, g, x []T, n int) {
	return func(dst, g, x []T, n int) {
		for i := 0; i < len(dst); i += n {
			z, gi := dst[i:i+n], g[i:i+n]
			rate := normalize(z, x[i:i+n], eps)
			mean, slope := kernel.Sum(gi)/T(n), kernel.Dot(gi, z)/T(n)
			for j := range z {
				z[j] = rate * (gi[j] - mean - z[j]*slope)
			}
		}
	}
}

// rateOfRows returns 1/√(variance + eps) of each row of x, (…, n) to (…, 1).
func rateOfRows(x *Tensor, eps float64) *Tensor {
	variance := KeepDims(Mean)(Square(centerRows(x)), -1)
	return Div(autograd.Scalar(1), Sqrt(Add(variance, autograd.Scalar(eps))))
}

var (
	normalizeGradient = &autograd.Op{Name: "normalizeGrad"}
	_                 = catalog(Entry{
		Name: "normalizeGrad", Op: normalizeGradient,
		Samples: rowGradient(func(g, x *Tensor) *Tensor { return normalizeGrad(g, x, 0.1) }, reals),
	})
)
