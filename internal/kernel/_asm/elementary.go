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
		// Where the result is beyond the largest number, 2ⁿ is too, and the product infinite.
		s.atMost(s.largestExponent(), x[0])
		e := s.vector()
		s.exp(x[0], e)
		return []reg.VecVirtual{e}
	}},
	{name: "tanh", reads: []string{"a"}, unroll: 2, body: tanh},
}

// singleElementary is the functions that there are for float32 alone.
var singleElementary = []operation{
	{name: "log", reads: []string{"a"}, unroll: 2, body: log},
	{name: "log1p", reads: []string{"a"}, unroll: 2, body: log1p},
	{name: "expm1", reads: []string{"a"}, unroll: 2, body: func(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
		return []reg.VecVirtual{s.expm1(x[0])}
	}},
	{name: "softplus", reads: []string{"a"}, unroll: 2, body: softplus},
	{name: "logSigmoid", reads: []string{"a"}, unroll: 2, body: func(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
		s.negate(x[0])
		y := softplus(s, x, nil)
		s.negate(y[0])
		return y
	}},
	{name: "erf", reads: []string{"a"}, unroll: 2, body: erf},
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
func (s simd) reduce(x, r reg.VecVirtual) (n reg.VecVirtual) {
	n = s.split(x, r)
	s.series(x, r)
	return n
}

// split replaces x by f with x = n·ln 2 + f and |f| <= ln 2 / 2, and returns the whole numbers n, 32 bits each; it spoils r. ln 2
// is taken in two pieces, the first short enough for n times it to be exact.
func (s simd) split(x, r reg.VecVirtual) (n reg.VecVirtual) {
	s.mul(s.constant(math.Log2E), x, r)
	if s.double() {
		const head = 0x1.62e42feep-1
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
	return n
}

// series sets r to (exp f - 1 - f)/f² by a Taylor polynomial, of a degree that leaves out at most 0.1 units in the last place
// of exp f: that of float32 by Horner's scheme, the longer one of float64 by G. Estrin's (1960), pairs of terms, then pairs of those
// and so on, in which fewer operations wait for each other.
func (s simd) series(f, r reg.VecVirtual) {
	if !s.double() {
		const degree = 7
		VMOVUPS(s.constant(1/factorial(degree)), r)
		for k := degree - 1; k >= 2; k-- {
			s.fma213(s.constant(1/factorial(k)), f, r)
		}
		return
	}
	const degree = 13
	var terms []reg.VecVirtual
	for k := 2; k < degree; k += 2 {
		pair := r
		if k > 2 {
			pair = s.vector()
		}
		VMOVUPS(s.constant(1/factorial(k+1)), pair)
		s.fma213(s.constant(1/factorial(k)), f, pair)
		terms = append(terms, pair)
	}
	power := f
	for len(terms) > 1 {
		square := s.vector()
		s.mul(power, power, square)
		power = square
		next := terms[:0]
		for i := 0; i+1 < len(terms); i += 2 {
			s.fma231(power, terms[i+1], terms[i])
			next = append(next, terms[i])
		}
		if len(terms)%2 == 1 {
			next = append(next, terms[len(terms)-1])
		}
		terms = next
	}
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

// exp sets e to exp x for x that is not above largestExponent; it spoils x.
func (s simd) exp(x, e reg.VecVirtual) {
	s.atLeast(s.smallestExponent(), x)
	n := s.reduce(x, e)
	s.fma213(s.constant(1), x, e)
	s.fma213(s.constant(1), x, e)
	s.timesPower(n, e)
}

// timesPower multiplies e by 2ⁿ; n is spoiled. It does so in two halves, for 2ⁿ is subnormal where the result is.
func (s simd) timesPower(n, e reg.VecVirtual) {
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
	s.atMost(saturated, f)
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
	const smallest = 0x1p-126 // that is normal
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
	s.logReduce(scaled, n, f)
	VCVTDQ2PS(n, n)
	VSUBPS(shift, n, n)
	s.logSeries(n, f)
	s.logEdges(x0, x0, f)
	return []reg.VecVirtual{f}
}

// log1p takes u = 1+x = 2ⁿ·(1+f) as log does, and adds to f what u has lost of x.
func log1p(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	u, n, f, lost, p := s.vector(), s.vector(), s.vector(), s.vector(), s.vector()
	s.add(s.constant(1), x[0], u)
	s.sub(s.constant(1), u, lost)
	s.sub(lost, x[0], lost)
	s.logReduce(u, n, f)
	VMOVUPS(constant(127), p)
	VPSUBD(n, p, p)
	VPMAXSD(constant(1), p, p) // where 2⁻ⁿ is subnormal nothing is lost
	VPSLLD(Imm(23), p, p)
	s.fma231(lost, p, f)
	VCVTDQ2PS(n, n)
	s.logSeries(n, f)
	s.logEdges(u, x[0], f)
	s.and(s.signs(), x[0], x[0]) // the result's, also where it is 0
	s.or(x[0], f, f)
	return []reg.VecVirtual{f}
}

// logReduce sets n, as integers, and f so that x = 2ⁿ·(1+f).
func (s simd) logReduce(x, n, f reg.VecVirtual) {
	const rootHalf = 0x3f35_04f3
	VPSUBD(constant(rootHalf), x, n)
	VPSRAD(Imm(23), n, n)
	VPSLLD(Imm(23), n, f)
	VPSUBD(f, x, f)
	VSUBPS(s.constant(1), f, f)
}

// logSeries replaces f by n·ln 2 + log(1+f), n being whole numbers as floats.
func (s simd) logSeries(n, f reg.VecVirtual) {
	const head = 0x1.62e4p-1
	quotient, square, r := s.vector(), s.vector(), s.vector()
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
}

// logEdges puts into y what the logarithm of u is at 0, below, and where x, which u was made of, is infinite or NaN.
func (s simd) logEdges(u, x, y reg.VecVirtual) {
	infinity := constant(0x7f80_0000)
	s.where(equal, u, s.constant(0), constant(0xff80_0000), y)
	s.where(lessThan, u, s.constant(0), constant(0x7fc0_0000), y)
	if s.wide() {
		k := K()
		VCMPPS(Imm(notLessThan), infinity, x, k)
		VMOVAPS(x, k, y)
		return
	}
	m := s.vector()
	VCMPPS(Imm(notLessThan), infinity, x, m)
	VBLENDVPS(m, x, y, y)
}

// expm1 returns exp x - 1; it spoils x. As in tanh it is 2ⁿ·(exp f - 1) + (2ⁿ - 1), halved first, for 2ⁿ may be beyond the largest
// number. Below tiny, x itself is the nearest number.
func (s simd) expm1(x reg.VecVirtual) reg.VecVirtual {
	const minusOne, tiny = -20, 0x1p-25
	f, r, m := s.vector(), s.vector(), s.vector()
	VMOVUPS(x, f)
	s.atLeast(minusOne, f)
	s.atMost(s.largestExponent(), f)
	n := s.reduce(f, r)
	s.mul(f, f, m)
	s.fma213(f, r, m)
	VPSUBD(constant(1), n, n)
	power := s.power(n)
	s.sub(s.constant(0.5), power, r)
	s.fma213(r, power, m)
	s.add(m, m, m)
	s.and(s.magnitudes(), x, f)
	s.sub(s.constant(tiny), f, r)
	s.ifNegative(r, x, m)
	return m
}

// erf is x·N(x²)/D(x²), a minimax approximation of degrees 5 and 5 that is off by at most 2⁻²⁵·⁵ of the value, up to where the error function
// rounds to 1.
func erf(s simd, x, _ []reg.VecVirtual) []reg.VecVirtual {
	t, square := s.vector(), s.vector()
	s.and(s.magnitudes(), x[0], t)
	s.atMost(3.92, t)
	s.mul(t, t, square)
	numerator := s.polynomial(square,
		1.1283791446, 0.191145935522, 0.0528303573988, 0.00379306677616, 0.000284744737854, 2.03429023505e-6)
	denominator := s.polynomial(square,
		1, 0.502731373785, 0.11440009948, 0.0150246000272, 0.00116779949658, 3.79214149131e-5)
	s.div(denominator, numerator, numerator)
	s.mul(numerator, t, t)
	s.atMost(1, t)
	s.and(s.signs(), x[0], x[0])
	s.or(x[0], t, t)
	return []reg.VecVirtual{t}
}

// polynomial returns the polynomial with these coefficients, from that of x⁰ on.
func (s simd) polynomial(x reg.VecVirtual, coefficients ...float64) reg.VecVirtual {
	y, last := s.vector(), len(coefficients)-1
	VMOVUPS(s.constant(coefficients[last]), y)
	for i := range last {
		s.fma213(s.constant(coefficients[last-1-i]), x, y)
	}
	return y
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
	s.atLeast(0, x[0])
	s.add(x[0], e, e)
	return []reg.VecVirtual{e}
}
