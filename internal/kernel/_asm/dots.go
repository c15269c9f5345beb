package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dots writes the kernel for a row of tiles of c = a·bᵀ, each of rows x 6 values. A value is summed in a vector of its
// own, lane by lane, whose lanes are added at the end:
//
//	c[i, j] = sum over k of a[i*aRow + k]·b[j*bRow + k]
//
// Strides count bytes. k runs over steps whole vectors, which may be none, and the tail lanes of one more; blocks is at
// least 1.
func (s simd) dots(rows int) {
	const columns = 6
	TEXT(fmt.Sprintf("dots%dx%d%s", rows, columns, s.suffix), NOSPLIT,
		"func(a *float32, aRow uintptr, b *float32, bRow uintptr, c *float32, cRow uintptr, steps, tail, blocks int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("dots%dx%d%s multiplies %d rows of a by six rows of b at a time; see dotsFunc.", rows, columns, s.suffix, rows))

	a, aRow := Load(Param("a"), GP64()), Load(Param("aRow"), GP64())
	b, bRow := Load(Param("b"), GP64()), Load(Param("bRow"), GP64())
	c, cRow := Load(Param("c"), GP64()), Load(Param("cRow"), GP64())
	blocks := Load(Param("blocks"), GP64())
	masked := s.mask(Load(Param("tail"), GP64()))

	// An address has room for one or two strides; rows 6 to 11 of b, which come next, lie 6, 7 and 8 below 0 and 3.
	aBases, bBases := make([]reg.GPVirtual, (rows+2)/3), []reg.GPVirtual{GP64(), GP64()}
	for i := range aBases {
		aBases[i] = GP64()
	}
	six, seven := GP64(), GP64()
	LEAQ(Mem{Base: bRow, Index: bRow, Scale: 2}, six)
	ADDQ(six, six)
	LEAQ(Mem{Base: six, Index: bRow, Scale: 1}, seven)
	row := func(bases []reg.GPVirtual, stride reg.Register, i int) Mem {
		m := Mem{Base: bases[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = stride, uint8(i%3)
		}
		return m
	}
	start := func(from reg.Register, stride reg.Register, bases []reg.GPVirtual) {
		MOVQ(from, bases[0])
		for i := 1; i < len(bases); i++ {
			LEAQ(Mem{Base: bases[i-1], Index: stride, Scale: 2}, bases[i])
			ADDQ(stride, bases[i])
		}
	}
	sums := make([][]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = s.vectors(columns)
	}
	aRegs, bReg := s.vectors(rows), s.vector()
	k := GP64()
	step := func(m *mask) {
		for i, v := range aRegs {
			s.load(row(aBases, aRow, i), v, m)
		}
		for j := range columns {
			s.load(row(bBases, bRow, j), bReg, m)
			for i := range sums {
				s.fma231(bReg, aRegs[i], sums[i][j])
			}
		}
	}

	Label("block")
	start(a, aRow, aBases)
	start(b, bRow, bBases)
	for i := range sums {
		for _, sum := range sums[i] {
			s.zero(sum)
		}
	}
	Load(Param("steps"), k)
	TESTQ(k, k)
	JZ(LabelRef("rest"))
	Label("k")
	for _, base := range bBases {
		PREFETCHT0(Mem{Base: base, Index: six, Scale: 1})
		PREFETCHT0(Mem{Base: base, Index: seven, Scale: 1})
		PREFETCHT0(Mem{Base: base, Index: bRow, Scale: 8})
	}
	step(nil)
	for _, base := range append(aBases, bBases...) {
		ADDQ(Imm(uint64(s.bytes())), base)
	}
	DECQ(k)
	JNZ(LabelRef("k"))
	Label("rest")
	Load(Param("tail"), k)
	TESTQ(k, k)
	JZ(LabelRef("sum"))
	step(&masked)

	Label("sum")
	MOVQ(c, k)
	for i := range sums {
		x := make([]reg.VecVirtual, columns)
		for j, sum := range sums[i] {
			x[j] = s.folded(sum, bReg)
		}
		addPairs(x[0], x[1], bReg)
		addPairs(x[2], x[3], bReg)
		addPairs(x[0], x[2], bReg)
		VMOVUPS(x[0], Mem{Base: k})
		addPairs(x[4], x[5], bReg)
		addPairs(x[4], x[4], bReg)
		VMOVLPS(x[4], Mem{Base: k, Disp: 16})
		ADDQ(cRow, k)
	}
	ADDQ(Imm(4*columns), c)
	ADDQ(six, b)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// folded adds the quarters, or the halves, of v and returns the four lanes that are left. It spoils free.
func (s simd) folded(v, free reg.VecVirtual) reg.VecVirtual {
	if s.wide() {
		VEXTRACTF64X4(Imm(1), v, free.AsY())
		VADDPS(free.AsY(), v.AsY(), v.AsY())
		VEXTRACTF32X4(Imm(1), v.AsY(), free.AsX())
	} else {
		VEXTRACTF128(Imm(1), v, free.AsX())
	}
	VADDPS(free.AsX(), v.AsX(), v.AsX())
	return v.AsX().(reg.VecVirtual)
}

// addPairs writes x0+x1, x2+x3, y0+y1 and y2+y3 to the lanes of x, as VHADDPS does, which knows sixteen registers only.
// It spoils free.
func addPairs(x, y, free reg.VecVirtual) {
	VSHUFPS(Imm(0xdd), y, x, free.AsX())
	VSHUFPS(Imm(0x88), y, x, x)
	VADDPS(free.AsX(), x, x)
}
