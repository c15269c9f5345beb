package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activations is the activation functions and the gradients of activations and of softmax, for both sizes of numbers. Of a gradient a
// is the cotangent of the result.
var activations = []operation{
	{name: "sigmoidGrad", reads: []string{"a", "b"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		v := s.vector()
		VMOVUPS(s.constant(1), v)
		s.sub(x[1], v, v)
		s.mul(x[1], v, v)
		s.mul(v, x[0], x[0])
	})},
	{name: "tanhGrad", reads: []string{"a", "b"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		v := s.vector()
		VMOVUPS(s.constant(1), v)
		s.fnma231(x[1], x[1], v)
		s.mul(v, x[0], x[0])
	})},
	{name: "mulSigmoid", reads: []string{"a", "b"}, scalars: []string{"p"}, unroll: 2, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		s.mul(c[0], x[1], x[1])
		s.mul(sigmoid(s, x[1:], nil)[0], x[0], x[0])
	})},
	{name: "siluGrad", reads: []string{"a", "b"}, unroll: 2, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		step, rest := s.logistic(x[1])
		s.mul(step, rest, rest)
		s.fma213(step, x[1], rest)
		s.mul(rest, x[0], x[0])
	})},
	{name: "geluTanh", reads: []string{"a"}, unroll: 2, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		square := s.vector()
		s.mul(x[0], x[0], square)
		u := s.polynomial(square, geluLinear, geluCubic)
		s.mul(x[0], u, u)
		s.mul(sigmoid(s, []reg.VecVirtual{u}, nil)[0], x[0], x[0])
	})},
	{name: "geluTanhGrad", reads: []string{"a", "b"}, unroll: 1, body: inPlace(geluTanhGrad)},
	{name: "softmaxGrad", reads: []string{"a", "b"}, scalars: []string{"p"}, unroll: 4, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		s.sub(c[0], x[0], x[0])
		s.mul(x[1], x[0], x[0])
	})},
}

// singleActivations is those that there are for float32 alone.
var singleActivations = []operation{
	{name: "reluGrad", reads: []string{"a", "b"}, unroll: 4, body: inPlace(reluGrad)},
	{name: "elu", reads: []string{"a"}, scalars: []string{"p"}, unroll: 2, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		left := s.vector()
		VMOVUPS(x[0], left)
		s.atMost(0, left)
		m := s.expm1(left)
		s.mul(c[0], m, m)
		s.ifNegative(x[0], m, x[0])
	})},
	{name: "eluGrad", reads: []string{"a", "b"}, scalars: []string{"p"}, unroll: 2, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		left, slope := s.vector(), s.vector()
		VMOVUPS(x[1], left)
		s.atMost(0, left)
		s.exp(left, slope)
		s.mul(c[0], slope, slope)
		s.zero(left)
		s.where(lessThan, left, x[1], s.constant(1), slope)
		s.mul(slope, x[0], x[0])
	})},
	{name: "gelu", reads: []string{"a"}, unroll: 1, body: gelu},
	{name: "geluGrad", reads: []string{"a", "b"}, unroll: 1, body: inPlace(geluGrad)},
}

// reluGrad keeps the gradient where x is not less than or equal to zero; NaN is not.
func reluGrad(s simd, x, _ []reg.VecVirtual) {
	zero := s.vector()
	s.zero(zero)
	if s.wide() {
		k := K()
		VCMPPS(Imm(notLessOrEqual), zero, x[1], k)
		VMOVUPS_Z(x[0], k, x[0])
	} else {
		VCMPPS(Imm(notLessOrEqual), zero, x[1], zero)
		VANDPS(zero, x[0], x[0])
	}
}

// logistic returns the sigmoid of x and that of -x, which has the digits that 1 - sigmoid x loses.
func (s simd) logistic(x reg.VecVirtual) (step, rest reg.VecVirtual) {
	f, e, r := s.vector(), s.vector(), s.vector()
	s.or(s.signs(), x, f)
	s.exp(f, e)
	VMOVUPS(s.constant(1), r)
	s.add(e, r, f)
	s.div(f, r, r)
	s.mul(r, e, e)
	VMOVUPS(r, f)
	s.ifNegative(x, e, r)
	s.ifNegative(x, f, e)
	return r, e
}

// The tanh form of GELU is x times the sigmoid of linear·x + cubic·x³.
const (
	geluLinear = 2 * 0.797884560802865355879892119869 // 2√(2/π)
	geluCubic  = geluLinear * 0.044715
)

// geluTanhGrad is constant beyond ±40, where powers of x might overflow. Adding x - x makes the result NaN for infinite x.
func geluTanhGrad(s simd, x, _ []reg.VecVirtual) {
	v, square := s.vector(), s.vector()
	VMOVUPS(x[1], v)
	s.atMost(40, v)
	s.atLeast(-40, v)
	s.mul(v, v, square)
	u := s.polynomial(square, geluLinear, geluCubic)
	s.mul(v, u, u)
	step, rest := s.logistic(u)
	s.mul(step, rest, rest)
	s.mul(v, rest, rest)
	s.fma213(step, s.polynomial(square, geluLinear, 3*geluCubic), rest)
	s.sub(x[1], x[1], x[1])
	s.add(x[1], rest, rest)
	s.mul(rest, x[0], x[0])
}

// normalTail takes the standard normal distribution function at -t, for t = |x| up to the bound beyond which it and its slope round to 0, as
// 2ⁿ·e·quotient. e·2ⁿ is exp(-t²/2), to which what rounding took of t² is added. The quotient is a minimax approximation of
// degrees 4 and 5, off by at most 2⁻²⁷ of the value; its division runs beside the exponential function.
func (s simd) normalTail(x reg.VecVirtual) (t, quotient, e, n reg.VecVirtual) {
	t, e = s.vector(), s.vector()
	s.and(s.magnitudes(), x, t)
	s.atMost(15, t)
	f, lost := s.vector(), s.vector()
	s.mul(t, t, f)
	VMOVUPS(f, lost)
	s.fnma231(t, t, lost)
	s.mul(s.constant(-0.5), f, f)
	quotient = s.polynomial(t, 0.500000003153, 0.439291044424, 0.183974892642, 0.0408830982906, 0.00415353023695)
	denominator := s.polynomial(t, 1, 1.67646709617, 1.20557193634, 0.471423910704, 0.102484844678, 0.0104112447106)
	s.div(denominator, quotient, quotient)
	n = s.split(f, e)
	s.fma231(s.constant(0.5), lost, f)
	s.series(f, e)
	s.fma213(s.constant(1), f, e)
	s.fma213(s.constant(1), f, e)
	return t, quotient, e, n
}

// gelu computes max(x, 0) - t·Φ(-t), t = |x|. Adding min(x, 0)·0 makes it NaN at -Inf.
func gelu(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	t, y, e, n := s.normalTail(x[0])
	s.mul(t, y, y)
	s.mul(e, y, y)
	s.timesPower(n, y)
	right, zero := s.vector(), s.vector()
	VMOVUPS(x[0], right)
	s.atLeast(0, right)
	s.sub(y, right, y)
	s.atMost(0, x[0])
	s.zero(zero)
	s.fma231(x[0], zero, y)
	return []reg.VecVirtual{y}
}

// geluGrad computes h = Φ(-t) - t·φ(t), t = |x|, and from it the slope h for negative x, else 1 - h. Adding x - x makes it NaN for infinite
// x.
func geluGrad(s simd, x, _ []reg.VecVirtual) {
	t, h, e, n := s.normalTail(x[1])
	s.fnma231(s.constant(1/math.Sqrt(2*math.Pi)), t, h)
	s.mul(e, h, h)
	s.timesPower(n, h)
	slope := s.vector()
	VMOVUPS(s.constant(1), slope)
	s.sub(h, slope, slope)
	s.ifNegative(x[1], h, slope)
	s.sub(x[1], x[1], x[1])
	s.add(x[1], slope, slope)
	s.mul(slope, x[0], x[0])
}
