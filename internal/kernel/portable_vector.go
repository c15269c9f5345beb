package kernel

import "math"

func portableVector[T Float]() vectorKernels[T] {
	return vectorKernels[T]{
		add: add[T], sub: sub[T], mul: mul[T], div: div[T], scale: scale[T], addScaled: addScaled[T],
		relu: relu[T], reluGrad: reluGrad[T], sigmoid: sigmoid[T], sigmoidGrad: sigmoidGrad[T],
		sqrt: sqrt[T], exp: exp[T], log: log[T], tanh: tanh[T], sin: sin[T], cos: cos[T], softplus: softplus[T],
		scaleBytes: scaleBytes[T], elementaryKernels: portableElementary[T](),
	}
}

// The slices of a kernel have one length. Saying so before the loop spares a check of each element in it.

func add[T Float](dst, a, b []T, _, _, _ T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func sub[T Float](dst, a, b []T, _, _, _ T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func mul[T Float](dst, a, b []T, _, _, _ T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func div[T Float](dst, a, b []T, _, _, _ T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

func scale[T Float](dst, x, _ []T, c, _, _ T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = c * x[i]
	}
}

func addScaled[T Float](dst, x, _ []T, c, _, _ T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += c * x[i]
	}
}

func relu[T Float](dst, x, _ []T, _, _, _ T) {
	dst = dst[:len(x)]
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func reluGrad[T Float](dst, grad, x []T, _, _, _ T) {
	dst, x = dst[:len(grad)], x[:len(grad)]
	for i, v := range grad {
		if x[i] <= 0 {
			v = 0
		}
		dst[i] = v
	}
}

// sigmoid divides by what e^-|x| gives, so that nothing overflows and small results keep their accuracy.
func sigmoid[T Float](dst, x, _ []T, _, _, _ T) {
	for i, v := range x {
		e := math.Exp(-math.Abs(float64(v)))
		if v < 0 {
			dst[i] = T(e / (1 + e))
		} else {
			dst[i] = T(1 / (1 + e))
		}
	}
}

func sigmoidGrad[T Float](dst, grad, y []T, _, _, _ T) {
	grad, y = grad[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = grad[i] * (y[i] * (1 - y[i]))
	}
}

func sqrt[T Float](dst, x, _ []T, _, _, _ T) { apply(math.Sqrt, dst, x) }
func exp[T Float](dst, x, _ []T, _, _, _ T)  { apply(math.Exp, dst, x) }
func log[T Float](dst, x, _ []T, _, _, _ T)  { apply(math.Log, dst, x) }
func tanh[T Float](dst, x, _ []T, _, _, _ T) { apply(math.Tanh, dst, x) }
func sin[T Float](dst, x, _ []T, _, _, _ T)  { apply(math.Sin, dst, x) }
func cos[T Float](dst, x, _ []T, _, _, _ T)  { apply(math.Cos, dst, x) }

func softplus[T Float](dst, x, _ []T, _, _, _ T) {
	apply(func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }, dst, x)
}

func apply[T Float](f func(float64) float64, dst, x []T) {
	for i, v := range x {
		dst[i] = T(f(float64(v)))
	}
}

func scaleBytes[T Float](dst []T, src []uint8, scale T) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = scale * T(v)
	}
}
