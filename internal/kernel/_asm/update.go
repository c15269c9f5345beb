package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// updates is the optimizers' kernels. They read w and grad, and read and write the states that they have.
var updates = []operation{
	newUpdate("sgd", 2, nil, func(_ simd, x, c []reg.VecVirtual) {
		w, d, lr, decay := x[0], x[1], c[0], c[1]
		VFMADD231PS(w, decay, d)
		VFNMADD231PS(d, lr, w)
	}),
	newUpdate("momentum", 3, []int{0}, func(_ simd, x, c []reg.VecVirtual) {
		w, d, v, lr, mu, decay := x[0], x[1], x[2], c[0], c[1], c[2]
		VFMADD231PS(w, decay, d)
		VFMADD213PS(d, mu, v)
		VFNMADD231PS(v, lr, w)
	}),
	newUpdate("nesterov", 3, []int{0}, func(_ simd, x, c []reg.VecVirtual) {
		w, d, v, lr, mu, decay := x[0], x[1], x[2], c[0], c[1], c[2]
		VFMADD231PS(w, decay, d)
		VFMADD213PS(d, mu, v)
		VFMADD231PS(v, mu, d)
		VFNMADD231PS(d, lr, w)
	}),
	newUpdate("approach", 1, nil, func(_ simd, x, c []reg.VecVirtual) {
		w, d, rate := x[0], x[1], c[0]
		VSUBPS(w, d, d)
		VFMADD231PS(d, rate, w)
	}),
	newUpdate("adam", 7, []int{0, 1}, adam),
	newUpdate("adagrad", 3, []int{0}, adagrad),
	newUpdate("rmsProp", 5, []int{0}, rmsProp(false, false)),
	newUpdate("rmsPropMomentum", 5, []int{0, 2}, rmsProp(false, true)),
	newUpdate("centered", 5, []int{0, 1}, rmsProp(true, false)),
	newUpdate("centeredMomentum", 5, []int{0, 1, 2}, rmsProp(true, true)),
}

// newUpdate returns the update that takes so many scalars and these states. Its body changes x, which is w, grad and the states.
func newUpdate(name string, scalars int, states []int, body func(s simd, x, c []reg.VecVirtual)) operation {
	o := operation{name: name, reads: []string{"w", "grad"}, writes: []string{"w"}, unroll: 2}
	for i := range scalars {
		o.scalars = append(o.scalars, fmt.Sprintf("c[%d]", i))
	}
	for _, i := range states {
		state := fmt.Sprintf("s[%d]", i)
		o.reads, o.writes = append(o.reads, state), append(o.writes, state)
	}
	o.body = func(s simd, x, c []reg.VecVirtual) []reg.VecVirtual {
		body(s, x, c)
		return append(x[:1:1], x[2:]...)
	}
	return o
}

func (s simd) updates() {
	for _, o := range updates {
		s.loop(o, "func(w, grad []float32, s [3][]float32, c [8]float32)", "update")
	}
}

func adam(s simd, x, c []reg.VecVirtual) {
	w, d, m, v := x[0], x[1], x[2], x[3]
	firstRate, secondRate, step, correction, eps, decay, shrink := c[0], c[1], c[2], c[3], c[4], c[5], c[6]
	t := s.vector()
	VFMADD231PS(w, decay, d)
	VSUBPS(m, d, t)
	VFMADD231PS(t, firstRate, m)
	VFMSUB213PS(v, d, d)
	VFMADD231PS(d, secondRate, v)
	VSQRTPS(v, t)
	VFMADD213PS(eps, correction, t)
	VDIVPS(t, m, t)
	VMULPS(step, t, t)
	VFMADD231PS(w, shrink, t)
	VSUBPS(t, w, w)
}

func adagrad(s simd, x, c []reg.VecVirtual) {
	w, d, sum, lr, eps, decay := x[0], x[1], x[2], c[0], c[1], c[2]
	t := s.vector()
	VFMADD231PS(w, decay, d)
	VFMADD231PS(d, d, sum)
	VSQRTPS(sum, t)
	VADDPS(eps, t, t)
	VDIVPS(t, d, d)
	VFNMADD231PS(d, lr, w)
}

func rmsProp(center, withMomentum bool) func(s simd, x, c []reg.VecVirtual) {
	return func(s simd, x, c []reg.VecVirtual) {
		w, d, square, rate, lr, eps, decay, mu := x[0], x[1], x[2], c[0], c[1], c[2], c[3], c[4]
		t := s.vector()
		VFMADD231PS(w, decay, d)
		VMOVUPS(d, t)
		VFMSUB213PS(square, d, t)
		VFMADD231PS(t, rate, square)
		VMOVUPS(square, t)
		if center {
			mean, change := x[3], s.vector()
			VSUBPS(mean, d, change)
			VFMADD231PS(change, rate, mean)
			VFNMADD231PS(mean, mean, t)
			zero := change
			s.zero(zero)
			VMAXPS(t, zero, t) // in the order that keeps NaN
		}
		VSQRTPS(t, t)
		VADDPS(eps, t, t)
		VDIVPS(t, d, d)
		if withMomentum {
			moment := x[len(x)-1]
			VFMADD213PS(d, mu, moment)
			d = moment
		}
		VFNMADD231PS(d, lr, w)
	}
}
