package kernel

// Expm1 computes dst[i] = e^x[i] - 1, also near 0 to the last digits.
func Expm1[T Float](dst, x []T) {
	kernelsOf[T]().expm1.run("Expm1", costly, dst, x, x, 0, 0, 0)
}

// Log1p computes dst[i] = ln(1+x[i]), also near 0 to the last digits.
func Log1p[T Float](dst, x []T) {
	kernelsOf[T]().log1p.run("Log1p", costly, dst, x, x, 0, 0, 0)
}

// Sinh computes dst[i] = sinh x[i], without overflow before the result does.
func Sinh[T Float](dst, x []T) {
	kernelsOf[T]().sinh.run("Sinh", costly, dst, x, x, 0, 0, 0)
}

// Cosh computes dst[i] = cosh x[i], without overflow before the result does.
func Cosh[T Float](dst, x []T) {
	kernelsOf[T]().cosh.run("Cosh", costly, dst, x, x, 0, 0, 0)
}

// Erf computes the error function of x[i].
func Erf[T Float](dst, x []T) {
	kernelsOf[T]().erf.run("Erf", costly, dst, x, x, 0, 0, 0)
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

// ELU computes dst[i] = x[i] where x[i] > 0, else alpha·(e^x[i] - 1).
func ELU[T Float](dst, x []T, alpha T) {
	kernelsOf[T]().elu.run("ELU", costly, dst, x, x, alpha, 0, 0)
}

// ELUGrad computes dst[i] = grad[i] where x[i] > 0, else grad[i]·alpha·e^x[i].
func ELUGrad[T Float](dst, grad, x []T, alpha T) {
	kernelsOf[T]().eluGrad.run("ELUGrad", costly, dst, grad, x, alpha, 0, 0)
}

// GELU computes dst[i] = x[i]·Φ(x[i]), Φ being the standard normal distribution function.
func GELU[T Float](dst, x []T) {
	kernelsOf[T]().gelu.run("GELU", costly, dst, x, x, 0, 0, 0)
}

// GELUGrad computes dst[i] = grad[i]·(Φ(x[i]) + x[i]·φ(x[i])), φ being the standard normal density.
func GELUGrad[T Float](dst, grad, x []T) {
	kernelsOf[T]().geluGrad.run("GELUGrad", costly, dst, grad, x, 0, 0, 0)
}

// elementaryKernels is the element-wise functions of a path that stand on those of package math.
type elementaryKernels[T Float] struct {
	expm1, log1p, sinh, cosh, erf     vector[T]
	tan, asin, acos, atan, atan2, pow vector[T]
	elu, eluGrad, gelu, geluGrad      vector[T]
}
