package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// columnSums writes the kernel that adds rows, at least one: 8 vectors of columns at a time, so that the sums stay in registers and
// as many additions are under way as can begin while one lasts.
func (s simd) columnSums() {
	TEXT("columnSums"+s.suffix, NOSPLIT, fmt.Sprintf("func(dst, x []%s, rows int, stride uintptr)", s.float()))
	Pragma("noescape")
	Doc("columnSums" + s.suffix + " writes the sums of the columns of x, whose rows begin stride bytes apart, to dst.")
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	x, stride := Load(Param("x").Base(), GP64()), Load(Param("stride"), GP64())
	add := func(label string, vectors int, m *mask) {
		row, left := GP64(), Load(Param("rows"), GP64())
		MOVQ(x, row)
		total := s.vectors(vectors)
		for v, to := range total {
			s.load(Mem{Base: row, Disp: v * s.bytes()}, to, m)
		}
		JMP(LabelRef(label + "Next"))
		Label(label + "Row")
		ADDQ(stride, row)
		for v, to := range total {
			from := Op(Mem{Base: row, Disp: v * s.bytes()})
			if m != nil {
				free := s.vector()
				s.load(from.(Mem), free, m)
				from = free
			}
			s.add(from, to, to)
		}
		Label(label + "Next")
		DECQ(left)
		JNZ(LabelRef(label + "Row"))
		for v, from := range total {
			s.store(from, Mem{Base: dst, Disp: v * s.bytes()}, m, s.vector())
		}
	}
	loop := func(label, end string, vectors int) {
		lanes := U32(uint32(vectors * s.lanes))
		SUBQ(lanes, n)
		JL(LabelRef(end))
		Label(label)
		add(label, vectors, nil)
		ADDQ(U32(uint32(vectors*s.bytes())), x)
		ADDQ(U32(uint32(vectors*s.bytes())), dst)
		SUBQ(lanes, n)
		JGE(LabelRef(label))
		Label(end)
		ADDQ(lanes, n)
	}
	loop("several", "few", 8)
	loop("single", "rest", 1)
	TESTQ(n, n)
	JZ(LabelRef("done"))
	m := s.mask(n)
	add("last", 1, &m)
	Label("done")
	VZEROUPPER()
	RET()
}
