package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// descents writes the kernels of a step of sequential minimal optimization, without and with a kink of the objective at 0.
func (s simd) descents() {
	for _, kinked := range []bool{false, true} {
		s.gradientStep(kinked)
		s.secondOrder(kinked)
	}
}

// gradientLanes is the number of float64 in a vector.
func (s simd) gradientLanes() int { return s.lanes * s.size / 8 }

// flags reads the bits of a block's part, a vector of float64, as a mask.
func (s simd) flags(from reg.Register, block reg.Register, part int) mask {
	if s.wide() {
		m := mask{k: K()}
		KMOVB(Mem{Base: from, Index: block, Scale: 2, Disp: part}, m.k)
		return m
	}
	// Lane l holds the block's 16 bits, of which bit part*4+l is its own.
	word, v := GP32(), YMM()
	MOVWLZX(Mem{Base: from, Index: block, Scale: 2}, word)
	VMOVD(word, v.AsX())
	VPBROADCASTQ(v.AsX(), v)
	VPAND(laneBits(part), v, v)
	VPCMPEQQ(laneBits(part), v, v)
	return mask{k: v}
}

// laneBits returns the bits that belong to the four lanes of a part of a block.
func laneBits(part int) Mem {
	name := fmt.Sprintf("laneBits%d", part)
	m, ok := constants[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for l := range 4 {
			DATA(8*l, U64(1<<(4*part+l)))
		}
		constants[name] = m
	}
	return m
}

// choose puts value into to where the mask is set.
func (s simd) choose(m mask, value, to reg.VecVirtual) {
	if s.wide() {
		VMOVAPD(value, m.k, to)
	} else {
		VBLENDVPD(m.k, value, to, to)
	}
}

// above returns where the mask is set and x > y.
func (s simd) above(m mask, x, y reg.VecVirtual) mask {
	const greater = 0x1e
	if s.wide() {
		k := K()
		VCMPPD(Imm(greater), y, x, m.k, k)
		return mask{k: k}
	}
	v := YMM()
	VCMPPD(Imm(greater), y, x, v)
	VANDPD(m.k, v, v)
	return mask{k: v}
}

// shifted returns g + epsilon where the mask is set and g - epsilon elsewhere, or the reverse.
func (s simd) shifted(g, epsilon reg.VecVirtual, m mask, reverse bool) reg.VecVirtual {
	y, other := s.vector(), s.vector()
	VSUBPD(epsilon, g, y)
	VADDPD(epsilon, g, other)
	if reverse {
		s.choose(m, y, other)
		return other
	}
	s.choose(m, other, y)
	return y
}

func loadDouble(name string, s simd) reg.VecVirtual {
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := s.vector()
	VBROADCASTSD(at.Addr, v)
	return v
}

const interleaved = 2 // running results, so that one comparison need not wait for the last

// gradientStep writes the kernel that subtracts t·(up - down) from gradients and finds, lane by lane, the greatest that may rise, at
// which vector it was first, and the least that may fall.
func (s simd) gradientStep(kinked bool) {
	name := "gradientStep"
	extra := ""
	if kinked {
		name += "Kinked"
		extra = ", below, above *uint16, epsilon float64"
	}
	TEXT(name+s.suffix, NOSPLIT, fmt.Sprintf("func(gradient []float64, up, down *%s, t float64, rise, fall *uint16%s, top *float64, at *int64, bottom *float64)", s.float(), extra))
	Pragma("noescape")
	Doc(name + s.suffix + " updates whole blocks of gradients, at least one; see laneResults for what it returns.")
	g, n := Load(Param("gradient").Base(), GP64()), Load(Param("gradient").Len(), GP64())
	up, down := Load(Param("up"), GP64()), Load(Param("down"), GP64())
	rise, fall := Load(Param("rise"), GP64()), Load(Param("fall"), GP64())
	var below, above reg.Register
	var epsilon reg.VecVirtual
	if kinked {
		below, above = Load(Param("below"), GP64()), Load(Param("above"), GP64())
		epsilon = loadDouble("epsilon", s)
	}
	t := loadDouble("t", s)
	SHRQ(Imm(4), n)
	lanes := s.gradientLanes()
	var top, at, bottom []reg.VecVirtual
	for range interleaved {
		a, b, c := s.vector(), s.vector(), s.vector()
		VMOVUPD(constant64(math.Float64bits(math.Inf(-1))), a)
		s.zero(b)
		VMOVUPD(constant64(math.Float64bits(math.Inf(1))), c)
		top, at, bottom = append(top, a), append(at, b), append(bottom, c)
	}
	count, block := s.vector(), GP64()
	s.zero(count)
	XORQ(block, block)
	Label("block")
	for part := range blockLanes / lanes {
		i := part % interleaved
		x := s.vector()
		VMOVUPD(Mem{Base: g, Disp: 8 * lanes * part}, x)
		u, d := s.vector(), s.vector()
		for _, row := range []struct {
			from reg.Register
			to   reg.VecVirtual
		}{{up, u}, {down, d}} {
			from := Mem{Base: row.from, Disp: s.size * lanes * part}
			s.widen(from, row.to)
		}
		VSUBPD(d, u, u)
		VFNMADD231PD(u, t, x)
		VMOVUPD(x, Mem{Base: g, Disp: 8 * lanes * part})
		high, low := x, x
		if kinked {
			high = s.shifted(x, epsilon, s.flags(below, block, part), false)
		}
		better := s.above(s.flags(rise, block, part), high, top[i])
		s.choose(better, high, top[i])
		s.choose(better, count, at[i])
		if kinked {
			low = s.shifted(x, epsilon, s.flags(above, block, part), true)
		}
		m := s.flags(fall, block, part)
		if s.wide() {
			VMINPD(low, bottom[i], m.k, bottom[i])
		} else {
			y := s.vector()
			VMOVAPD(bottom[i], y)
			s.choose(m, low, y)
			VMINPD(y, bottom[i], bottom[i])
		}
		VPADDQ(constant64(1), count, count)
	}
	ADDQ(U32(8*blockLanes), g)
	ADDQ(U32(uint32(s.size*blockLanes)), up)
	ADDQ(U32(uint32(s.size*blockLanes)), down)
	INCQ(block)
	CMPQ(block, n)
	JL(LabelRef("block"))
	for _, result := range []struct {
		name string
		v    []reg.VecVirtual
	}{{"top", top}, {"at", at}, {"bottom", bottom}} {
		p := Load(Param(result.name), GP64())
		for i, v := range result.v {
			VMOVUPD(v, Mem{Base: p, Disp: 8 * lanes * i})
		}
	}
	VZEROUPPER()
	RET()
}

// secondOrder writes the kernel that finds, lane by lane, the greatest gain (top - gradient)²/curvature among those that may fall and lie
// below top, and at which vector it was first.
func (s simd) secondOrder(kinked bool) {
	name := "secondOrder"
	extra := ""
	if kinked {
		name += "Kinked"
		extra = ", above *uint16, epsilon float64"
	}
	TEXT(name+s.suffix, NOSPLIT, fmt.Sprintf("func(gradient []float64, row, diagonal *%s, diagonalStep uintptr, own, top float64, fall *uint16%s, gain *float64, at *int64)", s.float(), extra))
	Pragma("noescape")
	Doc(name + s.suffix + " looks through whole blocks, at least one; see laneResults for what it returns.")
	g, n := Load(Param("gradient").Base(), GP64()), Load(Param("gradient").Len(), GP64())
	row, diagonal, step := Load(Param("row"), GP64()), Load(Param("diagonal"), GP64()), Load(Param("diagonalStep"), GP64())
	fall := Load(Param("fall"), GP64())
	var above reg.Register
	var epsilon reg.VecVirtual
	if kinked {
		above = Load(Param("above"), GP64())
		epsilon = loadDouble("epsilon", s)
	}
	own, top := loadDouble("own", s), loadDouble("top", s)
	SHRQ(Imm(4), n)
	lanes := s.gradientLanes()
	var best, at []reg.VecVirtual
	for range interleaved {
		a, b := s.vector(), s.vector()
		s.zero(a)
		s.zero(b)
		best, at = append(best, a), append(at, b)
	}
	count, block := s.vector(), GP64()
	s.zero(count)
	XORQ(block, block)
	Label("block")
	for part := range blockLanes / lanes {
		i := part % interleaved
		gap, q, d := s.vector(), s.vector(), s.vector()
		VMOVUPD(Mem{Base: g, Disp: 8 * lanes * part}, gap)
		if kinked {
			gap = s.shifted(gap, epsilon, s.flags(above, block, part), true)
		}
		VSUBPD(gap, top, gap)
		s.widen(Mem{Base: row, Disp: s.size * lanes * part}, q)
		s.widen(Mem{Base: diagonal, Disp: s.size * lanes * part}, d)
		VADDPD(own, d, d)
		VADDPD(q, q, q)
		VSUBPD(q, d, q)
		VMAXPD(constant64(math.Float64bits(1e-12)), q, q)
		zero := s.vector()
		s.zero(zero)
		m := s.above(s.flags(fall, block, part), gap, zero)
		VMULPD(gap, gap, gap)
		if s.wide() {
			VRCP14PD(q, q)
			VMULPD(q, gap, gap)
		} else {
			VDIVPD(q, gap, gap)
		}
		better := s.above(m, gap, best[i])
		s.choose(better, gap, best[i])
		s.choose(better, count, at[i])
		VPADDQ(constant64(1), count, count)
	}
	ADDQ(U32(8*blockLanes), g)
	ADDQ(U32(uint32(s.size*blockLanes)), row)
	ADDQ(step, diagonal)
	INCQ(block)
	CMPQ(block, n)
	JL(LabelRef("block"))
	for _, result := range []struct {
		name string
		v    []reg.VecVirtual
	}{{"gain", best}, {"at", at}} {
		p := Load(Param(result.name), GP64())
		for i, v := range result.v {
			VMOVUPD(v, Mem{Base: p, Disp: 8 * lanes * i})
		}
	}
	VZEROUPPER()
	RET()
}

// widen reads a vector of float64 from values of the simd's size.
func (s simd) widen(from Mem, to reg.VecVirtual) {
	if s.double() {
		VMOVUPD(from, to)
	} else {
		VCVTPS2PD(from, to)
	}
}
