package kernel

// Expm1 computes dst[i] = e^x[i] - 1, also near 0 to the last digits. The error for float32 is at most 2 units in the last place over the
// whole range.
func Expm1[T Float](dst, x []T) {
	kernelsOf[T]().expm1.run("Expm1", moderate, dst, x, x, 0, 0, 0)
}

// Log1p computes dst[i] = ln(1+x[i]), also near 0 to the last digits. The error for float32 is at most 1.5 units in the last place over
// the whole range.
func Log1p[T Float](dst, x []T) {
	kernelsOf[T]().log1p.run("Log1p", moderate, dst, x, x, 0, 0, 0)
}

// Sinh computes dst[i] = sinh x[i], without overflow before the result does.
func Sinh[T Float](dst, x []T) {
	kernelsOf[T]().sinh.run("Sinh", costly, dst, x, x, 0, 0, 0)
}

// Cosh computes dst[i] = cosh x[i], without overflow before the result does.
func Cosh[T Float](dst, x []T) {
	kernelsOf[T]().cosh.run("Cosh", costly, dst, x, x, 0, 0, 0)
}

// Erf computes the error function of x[i]. The error for float32 is at most 5 units in the last place over the whole range.
func Erf[T Float](dst, x []T) {
	kernelsOf[T]().erf.run("Erf", moderate, dst, x, x, 0, 0, 0)
}

// Tan computes dst[i] = tan x[i], x in radians.
func Tan[T Float](dst, x []T) {
	kernelsOf[T]().tan.run("Tan", costly, dst, x, x, 0, 0, 0)
}

// Asin computes the arc sine, in radians, also near ±1 to the last digits.
func Asin[T Float](dst, x []T) {
	kernelsOf[T]().asin.run("Asin", costly, dst, x, x, 0, 0, 0)
}

// Acos computes the arc cosine, in radians, also near 1 to the last digits.
func Acos[T Float](dst, x []T) {
	kernelsOf[T]().acos.run("Acos", costly, dst, x, x, 0, 0, 0)
}

// Atan computes the arc tangent, in radians.
func Atan[T Float](dst, x []T) {
	kernelsOf[T]().atan.run("Atan", costly, dst, x, x, 0, 0, 0)
}

// Atan2 computes the angle of the point (x[i], y[i]), in radians from -π to π.
func Atan2[T Float](dst, y, x []T) {
	kernelsOf[T]().atan2.run("Atan2", costly, dst, y, x, 0, 0, 0)
}

// Pow computes dst[i] = a[i]^b[i], with the special cases of math.Pow.
func Pow[T Float](dst, a, b []T) {
	kernelsOf[T]().pow.run("Pow", costly, dst, a, b, 0, 0, 0)
}

// elementaryKernels is the element-wise functions of a path that stand on those of package math.
type elementaryKernels[T Float] struct {
	expm1, log1p, sinh, cosh, erf     vector[T]
	tan, asin, acos, atan, atan2, pow vector[T]
}
