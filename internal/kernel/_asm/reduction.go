package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sums is how many vectors of sums are under way: an addition takes as long as so many can begin in.
const sums = 8

func (s simd) sums() {
	s.sum("sum", false)
	s.sum("dot", true)
}

// sum writes the kernels that add elements, or products of elements, in float64. Element i goes to the sum i modulo the lanes of all
// sums; the vectors and the elements that do not fill a round go to the first and to a sum of their own.
func (s simd) sum(name string, product bool) {
	lanes := s.lanes * s.size / 8 // of float64
	TEXT(name+s.suffix, NOSPLIT, fmt.Sprintf("func(a, b []%s) float64", s.float()))
	Pragma("noescape")
	Doc(name + s.suffix + " is the kernel " + name + " of sums.")
	a, n := Load(Param("a").Base(), GP64()), Load(Param("a").Len(), GP64())
	pointers := []reg.Register{a}
	if product {
		pointers = append(pointers, Load(Param("b").Base(), GP64()))
	}
	total, last := s.vectors(sums), XMM()
	one := s.vector()
	if !product {
		VMOVUPD(constant64(math.Float64bits(1)), one)
	}
	for _, v := range append(total, last) {
		s.zero(v)
	}
	load := func(from Mem, to reg.VecVirtual) {
		if s.double() {
			VMOVUPD(from, to)
		} else {
			VCVTPS2PD(from, to)
		}
	}
	step := func(displacement int, to reg.VecVirtual) {
		x := s.vectors(len(pointers))
		for i, p := range pointers {
			load(Mem{Base: p, Disp: displacement}, x[i])
		}
		if product {
			VFMADD231PD(x[0], x[1], to)
		} else {
			VFMADD231PD(x[0], one, to) // additions would wait for the conversions, which run in the same units on Zen
		}
	}
	loop := func(label, end string, count int, body func()) {
		SUBQ(U32(uint32(count)), n)
		JL(LabelRef(end))
		Label(label)
		body()
		for _, p := range pointers {
			ADDQ(U32(uint32(count*s.size)), p)
		}
		SUBQ(U32(uint32(count)), n)
		JGE(LabelRef(label))
		Label(end)
		ADDQ(U32(uint32(count)), n)
	}
	loop("several", "few", sums*lanes, func() {
		for i, to := range total {
			step(i*lanes*s.size, to)
		}
	})
	loop("single", "rest", lanes, func() { step(0, total[0]) })
	loop("element", "done", 1, func() {
		x := []reg.VecVirtual{XMM(), XMM()}
		for i, p := range pointers {
			if s.double() {
				VMOVSD(Mem{Base: p}, x[i])
			} else {
				VXORPS(x[i], x[i], x[i])
				VCVTSS2SD(Mem{Base: p}, x[i], x[i])
			}
		}
		if product {
			VFMADD231SD(x[0], x[1], last)
		} else {
			VADDSD(x[0], last, last)
		}
	})
	for count := sums / 2; count > 0; count /= 2 {
		for i, v := range total[:count] {
			VADDPD(total[count+i], v, v)
		}
	}
	result, other := total[0].AsX(), XMM()
	if s.wide() {
		half := YMM()
		VEXTRACTF64X4(Imm(1), total[0].AsZ(), half)
		VADDPD(half, total[0].AsY(), total[0].AsY())
	}
	VEXTRACTF128(Imm(1), total[0].AsY(), other)
	VADDPD(other, result, result)
	VHADDPD(result, result, result)
	VADDSD(last, result, result)
	Store(result, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// largest writes the kernel for the largest of as many elements as fill a vector, or more. The last vector ends where the slice
// does, and may overlap the one before it. NaN, which a maximum loses, is found by its magnitude, which as a whole number is above
// that of infinity.
func (s simd) largest() {
	TEXT("max"+s.suffix, NOSPLIT, "func(x []float32) float32")
	Pragma("noescape")
	Doc("max" + s.suffix + " returns the largest of x, at least a vector of elements, or NaN if there is one.")
	const underWay = 4
	p, n, last := Load(Param("x").Base(), GP64()), Load(Param("x").Len(), GP64()), GP64()
	LEAQ(Mem{Base: p, Index: n, Scale: 4, Disp: -s.bytes()}, last)
	largest, magnitude := s.vectors(underWay), s.vector()
	for _, v := range largest {
		VMOVUPS(Mem{Base: p}, v)
	}
	s.zero(magnitude)
	step := func(from Mem, to reg.VecVirtual) {
		x := s.vector()
		VMOVUPS(from, x)
		VMAXPS(x, to, to)
		s.and(s.magnitudes(), x, x)
		VPMAXSD(x, magnitude, magnitude)
	}
	SUBQ(U32(uint32(underWay*s.lanes)), n)
	JL(LabelRef("few"))
	Label("several")
	for i, to := range largest {
		step(Mem{Base: p, Disp: i * s.bytes()}, to)
	}
	ADDQ(U32(uint32(underWay*s.bytes())), p)
	SUBQ(U32(uint32(underWay*s.lanes)), n)
	JGE(LabelRef("several"))
	Label("few")
	CMPQ(p, last)
	JAE(LabelRef("rest"))
	step(Mem{Base: p}, largest[0])
	ADDQ(U32(uint32(s.bytes())), p)
	JMP(LabelRef("few"))
	Label("rest")
	step(Mem{Base: last}, largest[0])

	for count := underWay / 2; count > 0; count /= 2 {
		for i, v := range largest[:count] {
			VMAXPS(largest[count+i], v, v)
		}
	}
	s.acrossLanes(largest[0], VMAXPS)
	s.acrossLanes(magnitude, VPMAXSD)
	bits := GP32()
	VMOVD(magnitude.AsX(), bits)
	CMPL(bits, U32(0x7f80_0000))
	JLE(LabelRef("done"))
	VMOVD(bits, largest[0].AsX())
	Label("done")
	Store(largest[0].AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// acrossLanes leaves in the first lane of v what an associative instruction makes of all 32-bit lanes.
func (s simd) acrossLanes(v reg.VecVirtual, instruction func(...Op)) {
	x, half := v.AsX(), YMM()
	if s.wide() {
		VEXTRACTF64X4(Imm(1), v.AsZ(), half)
		instruction(half, v.AsY(), v.AsY())
	}
	VEXTRACTF128(Imm(1), v.AsY(), half.AsX())
	for _, order := range []uint64{0x4e, 0xb1} {
		instruction(half.AsX(), x, x)
		VPSHUFD(Imm(order), x, half.AsX())
	}
	instruction(half.AsX(), x, x)
}
