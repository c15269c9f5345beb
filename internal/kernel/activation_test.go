package kernel

import (
	"math"
	"slices"
)

var activationReferences = []reference{
	{
		"TanhGrad", first(func(x, _ [3]float64) float64 { return x[1] * (1 - x[2]*x[2]) }), 4,
		first(func(x, _ [3]float64) float64 { return x[1] * (1 + x[2]*x[2]) }),
		ignore(TanhGrad[float32]), ignore(TanhGrad[float64]),
	},
	{"LogSigmoid", unary(func(v float64) float64 { return -plainSoftplus(-v) }), 4, nil, one(LogSigmoid[float32]), one(LogSigmoid[float64])},
	{
		"MulSigmoid", first(func(x, c [3]float64) float64 { return tame(x[1]) * plainSigmoid(c[0]*x[2]) }), 7,
		first(func(x, c [3]float64) float64 { return tame(x[1]) * (plainSigmoid(c[0]*x[2]) + 1e-37) }), // a subnormal sigmoid has fewer digits
		tamed(MulSigmoid[float32]), tamed(MulSigmoid[float64]),
	},
	{
		"SiLUGrad", first(func(x, _ [3]float64) float64 { return tame(x[1]) * plainSiLUSlope(x[2]) }), 8,
		first(func(x, _ [3]float64) float64 { return tame(x[1]) * (1 + math.Abs(x[2])) * (plainSigmoid(x[2]) + 1e-37) }),
		tamedGrad(SiLUGrad[float32]), tamedGrad(SiLUGrad[float64]),
	},
	{"ELU", first(func(x, c [3]float64) float64 {
		return max(x[1], 0) + c[0]*math.Expm1(min(x[1], 0))
	}), 5, nil, scaled(ELU[float32]), scaled(ELU[float64])},
	{
		"ELUGrad", first(func(x, c [3]float64) float64 {
			if x[2] > 0 {
				return tame(x[1])
			}
			return tame(x[1]) * c[0] * math.Exp(x[2])
		}), 5,
		first(func(x, c [3]float64) float64 { return tame(x[1]) * (math.Exp(min(x[2], 0)) + 1e-37) }),
		tamed(ELUGrad[float32]), tamed(ELUGrad[float64]),
	},
	{"GELU", unary(plainGELU), 10, nil, one(GELU[float32]), one(GELU[float64])},
	{
		"GELUGrad", first(func(x, _ [3]float64) float64 { return tame(x[1]) * plainGELUSlope(x[2]) }), 10,
		first(func(x, _ [3]float64) float64 {
			return tame(x[1]) * (math.Erfc(-x[2]/math.Sqrt2)/2 + math.Abs(x[2])*density(x[2]) + 1e-37)
		}),
		tamedGrad(GELUGrad[float32]), tamedGrad(GELUGrad[float64]),
	},
	{"GELUTanh", unary(plainGELUTanh), 4, unary(func(v float64) float64 { return v }), one(GELUTanh[float32]), one(GELUTanh[float64])},
	{
		"GELUTanhGrad", first(func(x, _ [3]float64) float64 { return tame(x[1]) * plainGELUTanhSlope(x[2]) }), 10,
		first(func(x, _ [3]float64) float64 { return tame(x[1]) }),
		tamedGrad(GELUTanhGrad[float32]), tamedGrad(GELUTanhGrad[float64]),
	},
	{
		"SoftmaxGrad", first(func(x, c [3]float64) float64 { return x[2] * (x[1] - c[0]) }), 2, nil,
		weighted(SoftmaxGrad[float32]), weighted(SoftmaxGrad[float64]),
	},
}

func weighted[T Float](f func(dst, a, b []T, c T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, b []T, c [3]T) { f(dst, a, b, c[0]) }
}

// tame replaces an infinite cotangent by a finite one: it would be NaN where a slope rounds to 0 in float32 and not in the reference.
func tame(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.Copysign(1000, v)
	}
	return v
}

func tamed[T Float](f func(dst, a, b []T, c T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, b []T, c [3]T) { f(dst, tameAll(a), b, c[0]) }
}

func tamedGrad[T Float](f func(dst, a, b []T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, b []T, _ [3]T) { f(dst, tameAll(a), b) }
}

// tameAll returns x where all of it is finite, so that it stays between its guards, else a copy.
func tameAll[T Float](x []T) []T {
	isInf := func(v T) bool { return math.IsInf(float64(v), 0) }
	if !slices.ContainsFunc(x, isInf) {
		return x
	}
	x = slices.Clone(x)
	for i, v := range x {
		x[i] = T(tame(float64(v)))
	}
	return x
}

func plainSiLUSlope(v float64) float64 {
	s := plainSigmoid(v)
	return s + s*plainSigmoid(-v)*v
}

func density(v float64) float64 { return math.Exp(-v*v/2) / math.Sqrt(2*math.Pi) }

func plainGELU(v float64) float64 { return v * math.Erfc(-v/math.Sqrt2) / 2 }

func plainGELUSlope(v float64) float64 { return math.Erfc(-v/math.Sqrt2)/2 + v*density(v) }

func plainGELUTanh(v float64) float64 {
	return v * plainSigmoid(math.Sqrt(8/math.Pi)*(v+0.044715*v*v*v))
}

func plainGELUTanhSlope(v float64) float64 {
	u := math.Sqrt(8/math.Pi) * (v + 0.044715*v*v*v)
	slope := math.Sqrt(8/math.Pi) * (1 + 3*0.044715*v*v)
	if math.Abs(v) > 40 { // where powers overflow
		slope = 0
	}
	return plainSigmoid(u) + v*plainSigmoid(u)*plainSigmoid(-u)*slope
}
