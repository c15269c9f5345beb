package kernel

import "math"

func portableUpdate[T Float]() updateKernels[T] {
	return updateKernels[T]{
		sgd: sgd[T], momentum: momentum[T], nesterov: nesterov[T], adam: adam[T], adagrad: adagrad[T], approach: approach[T],
		rmsProp: rmsProp[T](false, false), rmsPropMomentum: rmsProp[T](false, true),
		centered: rmsProp[T](true, false), centeredMomentum: rmsProp[T](true, true),
	}
}

func sgd[T Float](w, grad []T, _ [3][]T, c [8]T) {
	lr, decay := c[0], c[1]
	grad = grad[:len(w)]
	for i := range w {
		w[i] -= lr * (grad[i] + decay*w[i])
	}
}

func momentum[T Float](w, grad []T, s [3][]T, c [8]T) {
	lr, mu, decay, grad, v := c[0], c[1], c[2], grad[:len(w)], s[0][:len(w)]
	for i := range w {
		v[i] = mu*v[i] + (grad[i] + decay*w[i])
		w[i] -= lr * v[i]
	}
}

func nesterov[T Float](w, grad []T, s [3][]T, c [8]T) {
	lr, mu, decay, grad, v := c[0], c[1], c[2], grad[:len(w)], s[0][:len(w)]
	for i := range w {
		d := grad[i] + decay*w[i]
		v[i] = mu*v[i] + d
		w[i] -= lr * (d + mu*v[i])
	}
}

func adam[T Float](w, grad []T, s [3][]T, c [8]T) {
	firstRate, secondRate, step, correction, eps, decay, shrink := c[0], c[1], c[2], c[3], c[4], c[5], c[6]
	grad, m, v := grad[:len(w)], s[0][:len(w)], s[1][:len(w)]
	for i := range w {
		d := grad[i] + decay*w[i]
		m[i] += firstRate * (d - m[i])
		v[i] += secondRate * (d*d - v[i])
		w[i] -= step*(m[i]/(correction*root(v[i])+eps)) + shrink*w[i]
	}
}

func rmsProp[T Float](center, withMomentum bool) update[T] {
	return func(w, grad []T, s [3][]T, c [8]T) {
		rate, lr, eps, decay, mu := c[0], c[1], c[2], c[3], c[4]
		square, mean, moment := s[0], s[1], s[2]
		for i := range w {
			d := grad[i] + decay*w[i]
			square[i] += rate * (d*d - square[i])
			v := square[i]
			if center {
				mean[i] += rate * (d - mean[i])
				v = max(v-mean[i]*mean[i], 0)
			}
			d /= root(v) + eps
			if withMomentum {
				moment[i] = mu*moment[i] + d
				d = moment[i]
			}
			w[i] -= lr * d
		}
	}
}

func adagrad[T Float](w, grad []T, s [3][]T, c [8]T) {
	lr, eps, decay, grad, sum := c[0], c[1], c[2], grad[:len(w)], s[0][:len(w)]
	for i := range w {
		d := grad[i] + decay*w[i]
		sum[i] += d * d
		w[i] -= lr * (d / (root(sum[i]) + eps))
	}
}

func approach[T Float](w, x []T, _ [3][]T, c [8]T) {
	rate := c[0]
	x = x[:len(w)]
	for i := range w {
		w[i] += rate * (x[i] - w[i])
	}
}

func root[T Float](v T) T { return T(math.Sqrt(float64(v))) }
