package kernel

// TanhGrad computes dst[i] = grad[i]·(1-y[i]²), y being Tanh's result.
func TanhGrad[T Float](dst, grad, y []T) {
	kernelsOf[T]().tanhGrad.run("TanhGrad", cheap, dst, grad, y, 0, 0, 0)
}

// LogSigmoid computes dst[i] = -ln(1+e^-x[i]), without overflow. The error for float32 is at most 2 units in the last place over the
// whole range.
func LogSigmoid[T Float](dst, x []T) {
	kernelsOf[T]().logSigmoid.run("LogSigmoid", moderate, dst, x, x, 0, 0, 0)
}

// MulSigmoid computes dst[i] = a[i]/(1+e^-(c·x[i])): SiLU where a is x and c is 1, and the gradients of Softplus and LogSigmoid where
// a is the cotangent of their results and c is 1 or -1. The error for float32 where c is 1 or -1 is at most 3 units in the last place, or
// where the sigmoid is subnormal, of a·2^-126.
func MulSigmoid[T Float](dst, a, x []T, c T) {
	kernelsOf[T]().mulSigmoid.run("MulSigmoid", moderate, dst, a, x, c, 0, 0)
}

// SiLUGrad computes dst[i] = grad[i]·s·(1+x[i]·(1-s)), s being the sigmoid of x[i]. The error for float32 is at most 2.5 units in
// the last place of grad[i].
func SiLUGrad[T Float](dst, grad, x []T) {
	kernelsOf[T]().siluGrad.run("SiLUGrad", moderate, dst, grad, x, 0, 0, 0)
}

// ELU computes dst[i] = x[i] where x[i] > 0, else alpha·(e^x[i] - 1).
func ELU[T Float](dst, x []T, alpha T) {
	kernelsOf[T]().elu.run("ELU", moderate, dst, x, x, alpha, 0, 0)
}

// ELUGrad computes dst[i] = grad[i] where x[i] > 0, else grad[i]·alpha·e^x[i].
func ELUGrad[T Float](dst, grad, x []T, alpha T) {
	kernelsOf[T]().eluGrad.run("ELUGrad", moderate, dst, grad, x, alpha, 0, 0)
}

// GELU computes dst[i] = x[i]·Φ(x[i]), Φ being the standard normal distribution function. The error for float32 is at most 5 units in
// the last place over the whole range.
func GELU[T Float](dst, x []T) {
	kernelsOf[T]().gelu.run("GELU", moderate, dst, x, x, 0, 0, 0)
}

// GELUGrad computes dst[i] = grad[i]·(Φ(x[i]) + x[i]·φ(x[i])), φ being the standard normal density. The error for float32 is at most 2
// units in the last place of grad[i].
func GELUGrad[T Float](dst, grad, x []T) {
	kernelsOf[T]().geluGrad.run("GELUGrad", moderate, dst, grad, x, 0, 0, 0)
}

// GELUTanh computes dst[i] = x[i]/2·(1 + tanh(√(2/π)·(x[i] + 0.044715·x[i]³))). The error for float32 is at most 2 units in the last
// place of x[i], which in the left tail is more than the result.
func GELUTanh[T Float](dst, x []T) {
	kernelsOf[T]().geluTanh.run("GELUTanh", moderate, dst, x, x, 0, 0, 0)
}

// GELUTanhGrad computes dst[i] = grad[i] times the derivative of GELUTanh at x[i]. The error for float32 is at most 2.5 units in the
// last place of grad[i].
func GELUTanhGrad[T Float](dst, grad, x []T) {
	kernelsOf[T]().geluTanhGrad.run("GELUTanhGrad", moderate, dst, grad, x, 0, 0, 0)
}

// SoftmaxGrad computes dst[i] = y[i]·(grad[i]-dot), y being the result of a softmax and dot the sum of grad·y.
func SoftmaxGrad[T Float](dst, grad, y []T, dot T) {
	kernelsOf[T]().softmaxGrad.run("SoftmaxGrad", cheap, dst, grad, y, dot, 0, 0)
}

// activationKernels is the functions of a path that activations, their gradients and the normalizations of rows are made of.
type activationKernels[T Float] struct {
	shift, residual                        vector[T]
	logSigmoid, mulSigmoid, tanhGrad       vector[T]
	elu, eluGrad, siluGrad                 vector[T]
	gelu, geluGrad, geluTanh, geluTanhGrad vector[T]
	softmaxGrad                            vector[T]
}
