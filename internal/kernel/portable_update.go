package kernel

import "math"

func portableUpdate[T Float]() updateKernels[T] {
	return updateKernels[T]{adam: adam[T]}
}

func adam[T Float](w, grad []T, s [3][]T, c [8]T) {
	firstRate, secondRate, step, correction, eps, decay, shrink := c[0], c[1], c[2], c[3], c[4], c[5], c[6]
	m, v := s[0], s[1]
	for i := range w {
		d := grad[i] + decay*w[i]
		m[i] += firstRate * (d - m[i])
		v[i] += secondRate * (d*d - v[i])
		w[i] -= step*(m[i]/(correction*root(v[i])+eps)) + shrink*w[i]
	}
}

func root[T Float](v T) T { return T(math.Sqrt(float64(v))) }
