package kernel

import "math"

func portableElementary[T Float]() elementaryKernels[T] {
	return elementaryKernels[T]{
		expm1: expm1[T], log1p: log1p[T], sinh: sinh[T], cosh: cosh[T], erf: erf[T],
		tan: tan[T], asin: asin[T], acos: acos[T], atan: atan[T], atan2: atan2[T], pow: pow[T],
	}
}

func expm1[T Float](dst, x, _ []T, _, _, _ T) { apply(math.Expm1, dst, x) }
func log1p[T Float](dst, x, _ []T, _, _, _ T) { apply(math.Log1p, dst, x) }
func erf[T Float](dst, x, _ []T, _, _, _ T)   { apply(math.Erf, dst, x) }
func tan[T Float](dst, x, _ []T, _, _, _ T)   { apply(math.Tan, dst, x) }
func atan[T Float](dst, x, _ []T, _, _, _ T)  { apply(math.Atan, dst, x) }

// expRange is a little less than the largest argument for which math.Exp is finite. Beyond it, half of eˣ may still be.
const expRange = 709

func sinh[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 {
		if math.Abs(v) > expRange {
			return math.Copysign(halfExp(math.Abs(v)), v)
		}
		return math.Sinh(v)
	}, dst, x)
}

func cosh[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 {
		if math.Abs(v) > expRange {
			return halfExp(math.Abs(v))
		}
		return math.Cosh(v)
	}, dst, x)
}

// halfExp returns eᵛ/2.
func halfExp(v float64) float64 {
	root := math.Exp(v / 2)
	return root / 2 * root
}

// asin does not use math.Asin, which subtracts x² from 1: near ±1 nothing but (1-x)(1+x) keeps the digits.
func asin[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 { return math.Atan2(v, math.Sqrt((1-v)*(1+v))) }, dst, x)
}

// acos does not use math.Acos, which subtracts the arc sine from π/2: near 1 nothing would be left. The formula is that of W. Kahan,
// Branch Cuts for Complex Elementary Functions (1987).
func acos[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 { return 2 * math.Atan2(math.Sqrt(1-v), math.Sqrt(1+v)) }, dst, x)
}

func atan2[T Float](dst, y, x []T, _, _, _ T) {
	for i, v := range y {
		dst[i] = T(math.Atan2(float64(v), float64(x[i])))
	}
}

func pow[T Float](dst, a, b []T, _, _, _ T) {
	for i, v := range a {
		dst[i] = T(math.Pow(float64(v), float64(b[i])))
	}
}
