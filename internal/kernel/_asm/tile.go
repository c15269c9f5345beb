package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileForm is a variant of a tile's kernel.
type tileForm string

const (
	wholeTile   tileForm = ""        // of whole vectors
	tailTile    tileForm = "Tail"    // only the first tail lanes of the last vector are read and written
	packingTile tileForm = "Packing" // with a tail; a single block, that copies b to packed in rows of whole vectors
)

// tiles writes the kernels for each number of vectors: of as many rows as the registers hold, and of fewer for the
// rows that remain. A tile of 4x8 has too few sums to keep AVX2's multipliers busy, so narrow ones get 8 rows.
func (s simd) tiles() {
	for vectors := 1; vectors <= 3; vectors++ {
		s.tile(s.rows, vectors, wholeTile)
		s.tile(s.rows, vectors, tailTile)
		s.tile(s.rows, vectors, packingTile)
		s.tile(s.rows/2, vectors, tailTile)
		s.tile(1, vectors, tailTile)
	}
	if !s.wide() {
		s.tile(8, 1, wholeTile)
		s.tile(8, 1, tailTile)
	}
}

// tile writes the kernel for a column of tiles of c, each of rows x vectors*lanes values that stay in registers while
// k runs:
//
//	c[i, j] = init + sum over k of a[i*aRow + k*aCol]·b[k*bRow + j]
//
// init is c itself if accumulate, else bias[j], or zero where bias is nil. With a scale that is not 0 the sums, which start at zero
// then, times scale are added to c. Strides count bytes, and depth and blocks are at least 1. Pointers advance in registers only: one past the end of its array must not be where the garbage
// collector sees it.
func (s simd) tile(rows, vectors int, form tileForm) {
	name := fmt.Sprintf("tile%dx%d%s%s", rows, vectors*s.lanes, s.suffix, form)
	TEXT(name, NOSPLIT, "func(a *float32, aRow, aCol uintptr, b *float32, bRow uintptr, c *float32, cRow uintptr, "+
		"depth, blocks int, bias *float32, accumulate bool, tail int, packed *float32, scale float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s multiplies tiles of %d rows by %d vectors; see tileFunc.", name, rows, vectors))

	a, aRow, aCol := Load(Param("a"), GP64()), Load(Param("aRow"), GP64()), Load(Param("aCol"), GP64())
	bRow := Load(Param("bRow"), GP64())
	c, cRow := Load(Param("c"), GP64()), Load(Param("cRow"), GP64())
	var blocks, packed reg.Register
	if form == packingTile {
		packed = Load(Param("packed"), GP64())
	} else {
		blocks = Load(Param("blocks"), GP64())
	}
	masks := make([]*mask, vectors)
	if form != wholeTile {
		m := s.mask(Load(Param("tail"), GP64()))
		masks[vectors-1] = &m
	}

	// An address has room for one or two times aRow, so every third row has a pointer of its own.
	bases := make([]reg.GPVirtual, (rows+2)/3)
	for i := range bases {
		bases[i] = GP64()
	}
	element := func(row int) Mem {
		m := Mem{Base: bases[row/3]}
		if row%3 > 0 {
			m.Index, m.Scale = aRow, uint8(row%3)
		}
		return m
	}
	sums := make([][]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = s.vectors(vectors)
	}
	bRegs, aReg := s.vectors(vectors), s.vector()
	p := GP64()
	eachSum := func(f func(sum reg.VecVirtual, at Mem, m *mask)) {
		MOVQ(c, p)
		for i := range sums {
			for j, sum := range sums[i] {
				f(sum, Mem{Base: p, Disp: s.bytes() * j}, masks[j])
			}
			ADDQ(cRow, p)
		}
	}

	Label("block")
	MOVQ(a, bases[0])
	for i := 1; i < len(bases); i++ {
		LEAQ(Mem{Base: bases[i-1], Index: aRow, Scale: 2}, bases[i])
		ADDQ(aRow, bases[i])
	}
	eachSum(func(_ reg.VecVirtual, at Mem, _ *mask) { // the lines of the tile below come while this one is multiplied
		if at.Disp%64 == 0 {
			at.Index, at.Scale = cRow, uint8(rows)
			PREFETCHT0(at)
		}
	})
	Load(Param("accumulate"), p.As8())
	TESTB(p.As8(), p.As8())
	JZ(LabelRef("fresh"))
	eachSum(func(sum reg.VecVirtual, at Mem, m *mask) { s.load(at, sum, m) })
	JMP(LabelRef("start"))
	Label("fresh")
	Load(Param("bias"), p)
	TESTQ(p, p)
	JZ(LabelRef("zero"))
	for j := range vectors {
		s.load(Mem{Base: p, Disp: s.bytes() * j}, sums[0][j], masks[j])
		for i := 1; i < rows; i++ {
			VMOVAPS(sums[0][j], sums[i][j])
		}
	}
	JMP(LabelRef("start"))
	Label("zero")
	for i := range sums {
		for _, sum := range sums[i] {
			s.zero(sum)
		}
	}

	Label("start")
	b, k := Load(Param("b"), GP64()), Load(Param("depth"), GP64())
	Label("k")
	for j, v := range bRegs {
		s.load(Mem{Base: b, Disp: s.bytes() * j}, v, masks[j])
	}
	if form == packingTile {
		for j := 0; j < vectors*s.bytes(); j += 64 { // rows apart are not what the processor fetches by itself
			PREFETCHT0(Mem{Base: b, Index: bRow, Scale: 8, Disp: j})
		}
		for j, v := range bRegs {
			VMOVUPS(v, Mem{Base: packed, Disp: s.bytes() * j})
		}
		ADDQ(U32(uint32(vectors*s.bytes())), packed)
	}
	ADDQ(bRow, b)
	for i := range sums {
		VBROADCASTSS(element(i), aReg)
		for j, sum := range sums[i] {
			VFMADD231PS(bRegs[j], aReg, sum)
		}
	}
	for _, base := range bases {
		ADDQ(aCol, base)
	}
	DECQ(k)
	JNZ(LabelRef("k"))

	scale, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	bits := GP32()
	MOVL(scale.Addr, bits)
	TESTL(bits, bits)
	JZ(LabelRef("store"))
	VBROADCASTSS(scale.Addr, aReg)
	eachSum(func(sum reg.VecVirtual, at Mem, m *mask) {
		s.load(at, bRegs[0], m)
		VFMADD213PS(bRegs[0], aReg, sum)
	})
	Label("store")
	eachSum(func(sum reg.VecVirtual, at Mem, m *mask) { s.store(sum, at, m, aReg) })
	if form != packingTile {
		MOVQ(p, c)
		LEAQ(Mem{Base: a, Index: aRow, Scale: uint8(rows)}, a)
		DECQ(blocks)
		JNZ(LabelRef("block"))
	}
	VZEROUPPER()
	RET()
}

func (s simd) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vector()
	}
	return v
}

// transpose8x8 writes a row of 8x8 blocks of src as a column of 8x8 blocks of dst. Both paths use it.
func transpose8x8() {
	TEXT("transpose8x8", NOSPLIT, "func(dst *float32, dstRow uintptr, src *float32, srcRow uintptr, blocks int)")
	Pragma("noescape")
	Doc("transpose8x8 writes the blocks of 8x8 values that lie beside each other in src below each other to dst. " +
		"Strides count bytes.")
	dst, dstRow := Load(Param("dst"), GP64()), Load(Param("dstRow"), GP64())
	src, srcRow := Load(Param("src"), GP64()), Load(Param("srcRow"), GP64())
	blocks := Load(Param("blocks"), GP64())
	Label("block")
	r, t := avx2.vectors(8), avx2.vectors(8)
	p := GP64()
	MOVQ(src, p)
	for i := range 4 { // halves of rows i and i+4 side by side, so that all that follows stays within halves
		for half := range 2 {
			VMOVUPS(Mem{Base: p, Disp: 16 * half}, r[i+4*half].AsX())
		}
		ADDQ(srcRow, p)
	}
	for i := range 4 {
		for half := range 2 {
			VINSERTF128(Imm(1), Mem{Base: p, Disp: 16 * half}, r[i+4*half], r[i+4*half])
		}
		ADDQ(srcRow, p)
	}
	for h := 0; h < 8; h += 4 {
		VUNPCKLPS(r[h+1], r[h], t[h])
		VUNPCKHPS(r[h+1], r[h], t[h+1])
		VUNPCKLPS(r[h+3], r[h+2], t[h+2])
		VUNPCKHPS(r[h+3], r[h+2], t[h+3])
		VUNPCKLPD(t[h+2], t[h], r[h])
		VUNPCKHPD(t[h+2], t[h], r[h+1])
		VUNPCKLPD(t[h+3], t[h+1], r[h+2])
		VUNPCKHPD(t[h+3], t[h+1], r[h+3])
	}
	for _, row := range r {
		VMOVUPS(row, Mem{Base: dst})
		ADDQ(dstRow, dst)
	}
	ADDQ(Imm(32), src)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}
