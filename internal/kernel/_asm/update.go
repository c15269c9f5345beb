package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// updates is the optimizers' kernels. Of the operands s[0] to s[2] each has the states that it needs.
var updates = []operation{
	{
		name: "adam", reads: []string{"w", "grad", "s[0]", "s[1]"}, writes: []string{"w", "s[0]", "s[1]"},
		scalars: []string{"c[0]", "c[1]", "c[2]", "c[3]", "c[4]", "c[5]", "c[6]"}, unroll: 2, body: adam,
	},
}

func (s simd) updates() {
	for _, o := range updates {
		s.loop(o, "func(w, grad []float32, s [3][]float32, c [8]float32)", "update")
	}
}

func adam(s simd, x, c []reg.VecVirtual) []reg.VecVirtual {
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
	return []reg.VecVirtual{w, m, v}
}
