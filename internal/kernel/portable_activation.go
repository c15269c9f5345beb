package kernel

import "math"

func portableActivation[T Float]() activationKernels[T] {
	return activationKernels[T]{
		shift: shift[T], residual: residual[T],
		logSigmoid: logSigmoid[T], mulSigmoid: mulSigmoid[T], tanhGrad: tanhGrad[T],
		elu: elu[T], eluGrad: eluGrad[T], siluGrad: siluGrad[T],
		gelu: gelu[T], geluGrad: geluGrad[T], geluTanh: geluTanh[T], geluTanhGrad: geluTanhGrad[T],
		softmaxGrad: softmaxGrad[T],
	}
}

func shift[T Float](dst, x, _ []T, c, _, _ T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = x[i] + c
	}
}

func residual[T Float](dst, a, b []T, mean, slope, factor T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = factor * (a[i] - mean - slope*b[i])
	}
}

func logSigmoid[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 { return min(v, 0) - math.Log1p(math.Exp(-math.Abs(v))) }, dst, x)
}

func mulSigmoid[T Float](dst, a, x []T, c, _, _ T) {
	for i, v := range a {
		step, _ := logistic(float64(c * x[i]))
		dst[i] = T(float64(v) * step)
	}
}

// logistic returns the sigmoid of v and that of -v, which has the digits that 1 - sigmoid v loses.
func logistic(v float64) (step, rest float64) {
	e := math.Exp(-math.Abs(v))
	r := 1 / (1 + e)
	if v < 0 {
		return e * r, r
	}
	return r, e * r
}

func tanhGrad[T Float](dst, grad, y []T, _, _, _ T) {
	grad, y = grad[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = grad[i] * (1 - y[i]*y[i])
	}
}

func siluGrad[T Float](dst, grad, x []T, _, _, _ T) {
	for i, v := range x {
		step, rest := logistic(float64(v))
		dst[i] = T(float64(grad[i]) * (step + step*rest*float64(v)))
	}
}

// The tanh form of GELU is x times the sigmoid of linear·x + cubic·x³, for (1 + tanh u)/2 is the sigmoid of 2u, which keeps the digits of the
// left tail.
const (
	geluLinear = 2 * 0.797884560802865355879892119869 // 2√(2/π)
	geluCubic  = geluLinear * 0.044715
)

func geluTanh[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 {
		step, _ := logistic(v * (geluLinear + geluCubic*v*v))
		return v * step
	}, dst, x)
}

func geluTanhGrad[T Float](dst, grad, x []T, _, _, _ T) {
	for i, v := range x {
		v := float64(v)
		step, rest := logistic(v * (geluLinear + geluCubic*v*v))
		slope := v * (step * rest)
		if slope != 0 { // else 0·∞ where v² overflows
			slope *= geluLinear + 3*geluCubic*v*v
		}
		dst[i] = T(float64(grad[i]) * (step + slope))
	}
}

func softmaxGrad[T Float](dst, grad, y []T, dot, _, _ T) {
	grad, y = grad[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = y[i] * (grad[i] - dot)
	}
}

func elu[T Float](dst, x, _ []T, alpha, _, _ T) {
	for i, v := range x {
		if v > 0 {
			dst[i] = v
		} else {
			dst[i] = T(float64(alpha) * math.Expm1(float64(v)))
		}
	}
}

func eluGrad[T Float](dst, grad, x []T, alpha, _, _ T) {
	for i, v := range x {
		if v > 0 {
			dst[i] = grad[i]
		} else {
			dst[i] = T(float64(grad[i]) * float64(alpha) * math.Exp(float64(v)))
		}
	}
}

func gelu[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 { return v * normal(v) }, dst, x)
}

func geluGrad[T Float](dst, grad, x []T, _, _, _ T) {
	const peak = 0.398942280401432677939946059934 // 1/√(2π)
	for i := range dst {
		v := float64(x[i])
		dst[i] = T(float64(grad[i]) * (normal(v) + v*peak*math.Exp(-v*v/2)))
	}
}

// normal returns the standard normal distribution function at v. The complement of the error function keeps the digits of the left
// tail, which 1 + erf loses.
func normal(v float64) float64 { return math.Erfc(-v/math.Sqrt2) / 2 }
