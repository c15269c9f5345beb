package ops

import (
	"math"

	"gorgonia.org/tensor"

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
	return affine(normalize(x, -1, eps), gain, bias)
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
	if len(x.Shape()) < 2 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want shape (n, …, k), given %v", x.Shape())
	}
	checkNorm(op, x, gain, bias, eps)
	return affine(resized(normalize(features(x), 0, eps), x.Shape()), gain, bias)
}

// features returns x (…, k) as a matrix with the values of each of its k features for a column.
func features(x *Tensor) *Tensor {
	last := len(x.Shape()) - 1
	return resized(x, tensor.Shape{product(x.Shape()[:last]), x.Shape()[last]})
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

// normalize returns (x - mean)/√(variance + eps) for x along an axis: the last one (-1), or the first (0) of two.
func normalize(x *Tensor, axis int, eps float64) *Tensor {
	var y *Tensor
	if axis < 0 {
		y = mapRows1(x, normalizeRows[float32](eps), normalizeRows[float64](eps))
	} else {
		y = mapStrips2(x, x, normalizeStrips[float32](eps), normalizeStrips[float64](eps))
	}
	if !autograd.Recording(x) {
		return y
	}
	return normalizing.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return normalizeGrad(g, x, axis, eps) }))
}

func normalizeRows[T kernel.Float](eps float64) func(dst, x []T, n int) {
	return func(dst, x []T, n int) {
		for i := 0; i < len(dst); i += n {
			normalizeRow(dst[i:i+n], x[i:i+n], eps)
		}
	}
}

// normalizeRow writes the normalized x to dst, and returns what the deviations were multiplied by.
func normalizeRow[T kernel.Float](dst, x []T, eps float64) T {
	center(dst, x)
	rate := T(1 / math.Sqrt(kernel.SquaredNorm(dst)/float64(len(dst))+eps))
	kernel.Scale(dst, dst, rate)
	return rate
}

func normalizeStrips[T kernel.Float](eps float64) func(dst, x, _ []T, s strip) {
	return func(dst, x, _ []T, s strip) {
		var rate [wide]T
		normalizeStrip(dst, x, rate[:s.width], s, eps)
	}
}

// normalizeStrip is normalizeRow for each column of a strip, whose rates it writes to rate.
func normalizeStrip[T kernel.Float](dst, x, rate []T, s strip, eps float64) {
	var sum [wide]float64
	of, n := sum[:s.width], float64(s.n)
	for range 2 { // as in center
		columnSums(of, x, s)
		divide(rate, of, s.n)
		for i := range s.n {
			to := dst[i*s.stride:][:s.width]
			for j, v := range x[i*s.stride:][:s.width] {
				to[j] = v - rate[j]
			}
		}
		x = dst
	}
	columnDots(of, dst, dst, s)
	for j, v := range of {
		rate[j] = T(1 / math.Sqrt(v/n+eps))
	}
	for i := range s.n {
		z := dst[i*s.stride:][:s.width]
		for j, v := range rate {
			z[j] *= v
		}
	}
}

var (
	normalizing = &autograd.Op{Name: "normalize"}
	_           = catalog(Entry{
		Name: "normalize", Op: normalizing,
		Samples: variants(
			variant{"rows", rowSamples(func(x *Tensor) *Tensor { return normalize(x, -1, 0.1) })},
			variant{"columns", rowSamples(func(x *Tensor) *Tensor { return normalize(features(x), 0, 0.1) })}),
	})
)

// normalizeGrad returns rate·(g - mean g - z·mean gz) along the axis, where z is x normalized and rate is 1/√(variance + eps): the
// cotangent of x. It is linear in g, and symmetric.
func normalizeGrad(g, x *Tensor, axis int, eps float64) *Tensor {
	var y *Tensor
	if axis < 0 {
		y = mapRows2(g, x, normalizeGradRows[float32](eps), normalizeGradRows[float64](eps))
	} else {
		y = mapStrips2(g, x, normalizeGradStrips[float32](eps), normalizeGradStrips[float64](eps))
	}
	if !autograd.Recording(g, x) {
		return y
	}
	return normalizeGradient.Record(y,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return normalizeGrad(h, x, axis, eps) }),
		autograd.Wrt(x, func(y, h *Tensor) *Tensor {
			// Σ hy = rate·(Σ gh - n·mean g·mean h - n·mean gz·mean hz) depends on x by the rate, whose derivative is -rate²·z/n, and by z.
			mean := KeepDims(Mean)
			rate := Rsqrt(Add(KeepDims(Var)(x, axis), autograd.Scalar(eps)))
			z := normalize(x, axis, eps)
			byRate := Mul(Mul(z, rate), mean(Mul(h, y), axis))
			byZ := Mul(Add(Mul(g, mean(Mul(h, z), axis)), Mul(h, mean(Mul(g, z), axis))), rate)
			return Neg(Add(byRate, normalizeGrad(byZ, x, axis, eps)))
		}))
}

func normalizeGradRows[T kernel.Float](eps float64) func(dst, g, x []T, n int) {
	return func(dst, g, x []T, n int) {
		for i := 0; i < len(dst); i += n {
			z, gi := dst[i:i+n], g[i:i+n]
			rate := normalizeRow(z, x[i:i+n], eps)
			kernel.Residual(z, gi, z, kernel.Sum(gi)/T(n), kernel.Dot(gi, z)/T(n), rate)
		}
	}
}

// divide writes the sums of n elements, divided by n, to means.
func divide[T kernel.Float](means []T, sums []float64, n int) {
	for j, v := range sums {
		means[j] = T(v / float64(n))
	}
}

func normalizeGradStrips[T kernel.Float](eps float64) func(dst, g, x []T, s strip) {
	return func(dst, g, x []T, s strip) {
		var rates, means, slopes [wide]T
		var sums [wide]float64
		rate, mean, slope, sum := rates[:s.width], means[:s.width], slopes[:s.width], sums[:s.width]
		normalizeStrip(dst, x, rate, s, eps)
		columnSums(sum, g, s)
		divide(mean, sum, s.n)
		columnDots(sum, g, dst, s)
		divide(slope, sum, s.n)
		for i := range s.n {
			z := dst[i*s.stride:][:s.width]
			for j, gj := range g[i*s.stride:][:s.width] {
				z[j] = rate[j] * (gj - mean[j] - z[j]*slope[j])
			}
		}
	}
}

var (
	normalizeGradient = &autograd.Op{Name: "normalizeGrad"}
	_                 = catalog(Entry{
		Name: "normalizeGrad", Op: normalizeGradient,
		Samples: variants(
			variant{"rows", rowGradient(func(g, x *Tensor) *Tensor { return normalizeGrad(g, x, -1, 0.1) }, reals)},
			variant{"columns", rowGradient(func(g, x *Tensor) *Tensor { return normalizeGrad(features(g), features(x), 0, 0.1) }, reals)}),
	})
)
