package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementary is the functions that stand on the exponential function, for both sizes of numbers.
var elementary = []operation{
	{name: "sigmoid", reads: []string{"a"}, unroll: 2, body: sigmoid},
	{name: "exp", reads: []string{"a"}, unroll: 2, body: func(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
		e := s.vector()
		// Where the result is beyond the largest number, 2ⁿ is too, and the product infinite.
		bound := s.vector()
		VMOVUPS(s.constant(s.largestExponent()), bound)
		s.min(x[0], bound, x[0]) // in the order that keeps NaN
		s.exp(x[0], e)
		return []reg.VecVirtual{e}
	}},
	{name: "tanh", reads: []string{"a"}, unroll: 2, body: tanh},
}

// logarithms is the functions of float32 that stand on the logarithm.
var logarithms = []operation{
	{name: "log", reads: []string{"a"}, unroll: 2, body: log},
	{name: "softplus", reads: []string{"a"}, unroll: 2, body: softplus},
}

// smallestExponent is where exp rounds to zero, largestExponent where it is infinite.
func (s simd) smallestExponent() float64 {
	if s.double() {
		return -746
	}
	return -104
}

func (s simd) largestExponent() float64 {
	if s.double() {
		return 710
	}
	return 89
}

// reduce replaces x by f with x = n·ln 2 + f and |f| <= ln 2 / 2, and sets r to (exp f - 1 - f)/f². It returns the whole
// numbers n, 32 bits each.
//
// r is a Taylor polynomial, of a degree that leaves out at most 0.1 units in the last place of exp f. ln 2 is taken in
// two pieces, the first short enough for n times it to be exact.
func (s simd) reduce(x, r reg.VecVirtual) (n reg.VecVirtual) {
	s.mul(s.constant(math.Log2E), x, r)
	degree := 7
	if s.double() {
		const head = 0x1.62e42feep-1
		degree = 13
		n = XMM()
		VCVTPD2DQY(r, n)
		VCVTDQ2PD(n, r)
		s.fnma231(s.constant(head), r, x)
		s.fnma231(s.constant(math.Ln2-head), r, x)
	} else {
		const head = 0x1.62e4p-1
		n = s.vector()
		VCVTPS2DQ(r, n)
		VCVTDQ2PS(n, r)
		s.fnma231(s.constant(head), r, x)
		s.fnma231(s.constant(math.Ln2-head), r, x)
	}
	VMOVUPS(s.constant(1/factorial(degree)), r)
	for k := degree - 1; k >= 2; k-- {
		s.fma213(s.constant(1/factorial(k)), x, r)
	}
	return n
}

func factorial(n int) float64 { return math.Gamma(float64(n + 1)) }

// power returns 2ⁿ; n is spoiled.
func (s simd) power(n reg.VecVirtual) reg.VecVirtual {
	if s.double() {
		p := s.vector()
		VPMOVSXDQ(n, p)
		VPADDQ(constant64(1023), p, p)
		VPSLLQ(Imm(52), p, p)
		return p
	}
	VPADDD(constant(127), n, n)
	VPSLLD(Imm(23), n, n)
	return n
}

// exp sets e to exp x for x that is not above largestExponent; it spoils x. 2ⁿ is multiplied in two halves, for it is subnormal
// where the result is.
func (s simd) exp(x, e reg.VecVirtual) {
	VMOVUPS(s.constant(s.smallestExponent()), e)
	s.max(x, e, x) // in the order that keeps NaN
	n := s.reduce(x, e)
	s.fma213(s.constant(1), x, e)
	s.fma213(s.constant(1), x, e)
	half := s.vector()
	if s.double() {
		half = XMM()
	}
	VPSRAD(Imm(1), n, half)
	VPSUBD(half, n, n)
	for _, part := range []reg.VecVirtual{half, n} {
		s.mul(s.power(part), e, e)
	}
}

// sigmoid computes e = exp(-|x|) and from it 1/(1+e), or e/(1+e) for negative x.
func sigmoid(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	f, e, one := s.vector(), s.vector(), s.vector()
	s.or(s.signs(), x[0], f)
	s.exp(f, e)
	VMOVUPS(s.constant(1), one)
	s.add(e, one, f)
	s.ifNegative(x[0], e, one)
	s.div(f, one, one)
	return []reg.VecVirtual{one}
}

// tanh computes m = exp(2|x|) - 1 and from it m/(m+2), with the sign of x. With 2|x| = n·ln 2 + f, m is 2ⁿ·(exp f - 1) + (2ⁿ - 1), in which
// n is 0 for small x, so that nothing cancels. Below tiny, x itself is the nearest number.
func tanh(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	saturated, tiny := 20.0, 0x1p-12
	if s.double() {
		saturated, tiny = 44, 0x1p-27
	}
	f, r, m := s.vector(), s.vector(), s.vector()
	s.and(s.magnitudes(), x[0], f)
	s.add(f, f, f)
	VMOVUPS(s.constant(saturated), m)
	s.min(f, m, f) // in the order that keeps NaN
	n := s.reduce(f, r)
	s.mul(f, f, m)
	s.fma213(f, r, m)
	power := s.power(n)
	s.sub(s.constant(1), power, r)
	s.fma213(r, power, m)
	s.add(s.constant(2), m, r)
	s.div(r, m, m)
	s.and(s.magnitudes(), x[0], f)
	s.sub(s.constant(tiny), f, r)
	s.ifNegative(r, f, m)
	s.and(s.signs(), x[0], x[0])
	s.or(x[0], m, m)
	return []reg.VecVirtual{m}
}

// log takes x = 2ⁿ·(1+f) with 1+f from √½ to √2, and log(1+f) = f - (f²/2 - s·(f²/2+r)) with s = f/(2+f) and
// r = 2s²/3 + 2s⁴/5 + …, the terms of the area tangent up to s⁸. The formula is that of W. Cody and W. Waite, Software Manual for
// the Elementary Functions (1980).
func log(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	const (
		rootHalf = 0x3f35_04f3
		head     = 0x1.62e4p-1
		smallest = 0x1p-126 // that is normal
	)
	x0 := x[0]
	scaled, f, n, shift := s.vector(), s.vector(), s.vector(), s.vector()
	VMULPS(s.constant(1<<25), x0, f)
	VMOVUPS(x0, scaled)
	s.zero(shift)
	if s.wide() {
		k := K()
		VCMPPS(Imm(lessThan), s.constant(smallest), x0, k)
		VMOVAPS(f, k, scaled)
		VMOVUPS(s.constant(25), k, shift)
	} else {
		VCMPPS(Imm(lessThan), s.constant(smallest), x0, n)
		VBLENDVPS(n, f, scaled, scaled)
		VANDPS(s.constant(25), n, shift)
	}
	VPSUBD(constant(rootHalf), scaled, n)
	VPSRAD(Imm(23), n, n)
	VPSLLD(Imm(23), n, f)
	VPSUBD(f, scaled, f)
	VCVTDQ2PS(n, n)
	VSUBPS(shift, n, n)
	VSUBPS(s.constant(1), f, f)

	quotient, square, r := scaled, shift, s.vector()
	VADDPS(s.constant(2), f, square)
	VDIVPS(square, f, quotient)
	VMULPS(quotient, quotient, square)
	VMOVUPS(s.constant(2.0/9), r)
	for _, c := range []float64{2.0 / 7, 2.0 / 5, 2.0 / 3} {
		VFMADD213PS(s.constant(c), square, r)
	}
	half := s.vector()
	VMULPS(s.constant(0.5), f, half)
	VMULPS(f, half, half)
	VFMADD213PS(half, square, r) // f²/2 + r
	VMULPS(quotient, r, r)
	VFMADD231PS(s.constant(math.Ln2-head), n, r)
	VSUBPS(r, half, half)
	VSUBPS(half, f, f)
	VFMADD231PS(s.constant(head), n, f)

	infinity := constant(0x7f80_0000)
	s.where(equal, x0, s.constant(0), constant(0xff80_0000), f)
	s.where(lessThan, x0, s.constant(0), constant(0x7fc0_0000), f)
	if s.wide() {
		k := K()
		VCMPPS(Imm(notLessThan), infinity, x0, k)
		VMOVAPS(x0, k, f)
	} else {
		VCMPPS(Imm(notLessThan), infinity, x0, n)
		VBLENDVPS(n, x0, f, f)
	}
	return []reg.VecVirtual{f}
}

// softplus computes e = exp(-|x|) and max(x, 0) + log(1+e), in which log(1+e) = e - s·(e - r) as in log, with the terms up to s¹⁴:
// here s = e/(2+e) reaches 1/3.
func softplus(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	f, e := s.vector(), s.vector()
	s.or(s.signs(), x[0], f)
	s.exp(f, e)
	quotient, square, r := s.vector(), s.vector(), f
	s.add(s.constant(2), e, square)
	s.div(square, e, quotient)
	s.mul(quotient, quotient, square)
	VMOVUPS(s.constant(2.0/17), r)
	for k := 15; k >= 3; k -= 2 {
		s.fma213(s.constant(2/float64(k)), square, r)
	}
	s.fnma213(e, square, r) // e - r
	s.fnma231(r, quotient, e)
	zero := square
	s.zero(zero)
	s.max(x[0], zero, zero) // in the order that keeps NaN
	s.add(zero, e, e)
	return []reg.VecVirtual{e}
}
