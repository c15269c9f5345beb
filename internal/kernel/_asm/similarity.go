package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// blockLanes is the number of samples in a packed block: block[d*blockLanes+l] is feature d of sample l.
const blockLanes = 16

// similarities writes the kernels that compare samples with packed blocks of samples.
func (s simd) similarities() {
	for _, power := range []bool{false, true} {
		s.similarityRow(power)
		for _, rows := range []int{s.similarityRows(), 1} {
			s.similarityRowsOfBlock(rows, power)
		}
	}
	for columns := 3; columns <= s.sumColumns(); columns += 3 {
		s.weightedSums(columns)
	}
}

// vectorsOfBlock is how many vectors the same feature of a block's samples fills.
func (s simd) vectorsOfBlock() int { return blockLanes / s.lanes }

// similarityRows is the number of samples whose products with a block stay in registers: 12 vectors of sums, so that as many
// multiplications are under way as can begin while one lasts.
func (s simd) similarityRows() int { return 12 / s.vectorsOfBlock() }

func similarityName(power bool) string {
	if power {
		return "powers"
	}
	return "products"
}

func (s simd) broadcast(from Mem, to reg.VecVirtual) {
	if s.double() {
		VBROADCASTSD(from, to)
	} else {
		VBROADCASTSS(from, to)
	}
}

// similarityRow writes the kernel that compares one sample with many blocks, 8 vectors of products at a time.
func (s simd) similarityRow(power bool) {
	name := similarityName(power) + s.suffix
	TEXT(name, NOSPLIT, fmt.Sprintf("func(out, blocks, offsets, z []%s, offset %s)", s.float(), s.float()))
	Pragma("noescape")
	Doc(name + " compares z with len(out)/16 blocks; see Similarities.")
	out, left := Load(Param("out").Base(), GP64()), Load(Param("out").Len(), GP64())
	block, offsets := Load(Param("blocks").Base(), GP64()), Load(Param("offsets").Base(), GP64())
	z, depth := Load(Param("z").Base(), GP64()), Load(Param("z").Len(), GP64())
	at, err := Param("offset").Resolve()
	if err != nil {
		panic(err)
	}
	offset := s.vector()
	s.broadcast(at.Addr, offset)
	feature := blockLanes * s.size // bytes
	size := GP64()
	IMUL3Q(U32(uint32(feature)), depth, size)
	SHRQ(Imm(4), left)

	several := 8 / s.vectorsOfBlock()
	for _, count := range []int{several, 1} {
		label := fmt.Sprintf("blocks%d", count)
		SUBQ(U32(uint32(count)), left)
		JL(LabelRef(label + "End"))
		Label(label)
		// An address has room for one or two times size, so every third block has a pointer of its own.
		bases := make([]reg.GPVirtual, (count+2)/3)
		for i := range bases {
			bases[i] = GP64()
			if i == 0 {
				MOVQ(block, bases[0])
				continue
			}
			LEAQ(Mem{Base: bases[i-1], Index: size, Scale: 2}, bases[i])
			ADDQ(size, bases[i])
		}
		var sums []reg.VecVirtual
		for range count * s.vectorsOfBlock() {
			v := s.vector()
			s.zero(v)
			sums = append(sums, v)
		}
		q, p, k := s.vector(), GP64(), GP64()
		MOVQ(z, p)
		MOVQ(depth, k)
		Label(label + "Feature")
		s.broadcast(Mem{Base: p}, q)
		ADDQ(U32(uint32(s.size)), p)
		for i, sum := range sums {
			b, v := i/s.vectorsOfBlock(), i%s.vectorsOfBlock()
			m := Mem{Base: bases[b/3], Disp: v * s.bytes()}
			if b%3 > 0 {
				m.Index, m.Scale = size, uint8(b%3)
			}
			s.fma231(m, q, sum)
		}
		for _, base := range bases {
			ADDQ(U32(uint32(feature)), base)
		}
		DECQ(k)
		JNZ(LabelRef(label + "Feature"))
		for i, sum := range sums {
			o := s.vector()
			s.add(Mem{Base: offsets, Disp: i * s.bytes()}, offset, o)
			s.sub(o, sum, sum)
			if power {
				s.powerOfTwo(sum)
			}
			VMOVUPS(sum, Mem{Base: out, Disp: i * s.bytes()})
		}
		ADDQ(U32(uint32(count*feature)), out)
		ADDQ(U32(uint32(count*feature)), offsets)
		if count == 1 {
			ADDQ(size, block)
		} else {
			step := GP64()
			IMUL3Q(U32(uint32(count)), size, step)
			ADDQ(step, block)
		}
		SUBQ(U32(uint32(count)), left)
		JGE(LabelRef(label))
		Label(label + "End")
		ADDQ(U32(uint32(count)), left)
	}
	VZEROUPPER()
	RET()
}

// similarityRowsOfBlock writes the kernel that compares many samples, rows at a time, with one block.
func (s simd) similarityRowsOfBlock(rows int, power bool) {
	name := fmt.Sprintf("%s%dRows%s", similarityName(power), rows, s.suffix)
	float := s.float()
	TEXT(name, NOSPLIT, fmt.Sprintf("func(out, block, offsets, z, zOffsets *%s, depth, groups int)", float))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s compares groups, at least one, of %d samples of z with a block; see SimilaritiesOfBlock.", name, rows))
	out, block, offsets := Load(Param("out"), GP64()), Load(Param("block"), GP64()), Load(Param("offsets"), GP64())
	z, zOffsets := Load(Param("z"), GP64()), Load(Param("zOffsets"), GP64())
	depth, groups := Load(Param("depth"), GP64()), Load(Param("groups"), GP64())
	stride := GP64()
	IMUL3Q(U32(uint32(s.size)), depth, stride)
	bases := make([]reg.GPVirtual, (rows+2)/3)
	for i := range bases {
		bases[i] = GP64()
	}
	element := func(row int) Mem {
		m := Mem{Base: bases[row/3]}
		if row%3 > 0 {
			m.Index, m.Scale = stride, uint8(row%3)
		}
		return m
	}
	vectors := s.vectorsOfBlock()
	Label("group")
	MOVQ(z, bases[0])
	for i := 1; i < len(bases); i++ {
		LEAQ(Mem{Base: bases[i-1], Index: stride, Scale: 2}, bases[i])
		ADDQ(stride, bases[i])
	}
	sums := make([][]reg.VecVirtual, rows)
	for r := range sums {
		sums[r] = s.vectors(vectors)
		for _, sum := range sums[r] {
			s.zero(sum)
		}
	}
	p, k := GP64(), GP64()
	MOVQ(block, p)
	MOVQ(depth, k)
	Label("feature")
	features := make([]Op, vectors)
	for v := range features {
		m := Mem{Base: p, Disp: v * s.bytes()}
		features[v] = m
		if vectors <= 2 {
			x := s.vector()
			VMOVUPS(m, x)
			features[v] = x
		}
	}
	for r := range sums {
		if s.wide() {
			VFMADD231PS_BCST(element(r), features[0], sums[r][0])
			continue
		}
		q := s.vector()
		s.broadcast(element(r), q)
		for v, sum := range sums[r] {
			s.fma231(features[v], q, sum)
		}
	}
	for _, base := range bases {
		ADDQ(U32(uint32(s.size)), base)
	}
	ADDQ(U32(uint32(blockLanes*s.size)), p)
	DECQ(k)
	JNZ(LabelRef("feature"))
	for r := range sums {
		offset := s.vector()
		for v, sum := range sums[r] {
			s.broadcast(Mem{Base: zOffsets, Disp: r * s.size}, offset)
			s.add(Mem{Base: offsets, Disp: v * s.bytes()}, offset, offset)
			s.sub(offset, sum, sum)
			if power {
				s.powerOfTwo(sum)
			}
			VMOVUPS(sum, Mem{Base: out, Disp: (r*vectors + v) * s.bytes()})
		}
	}
	ADDQ(U32(uint32(rows*blockLanes*s.size)), out)
	ADDQ(U32(uint32(rows*s.size)), zOffsets)
	IMUL3Q(U32(uint32(rows)), stride, p)
	ADDQ(p, z)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// powerOfTwo replaces x, of which what is above 0 counts as 0, by 2ˣ, and by 0 where that is not a normal number.
//
// It is 2ⁿ·2ᶠ with the whole number n nearest to x. For float32 the polynomial has the least relative error (2.0e-9) of its
// degree over |f| <= ½ among those that are 1 at 0; for float64 it is the series of e^(f·ln 2).
func (s simd) powerOfTwo(x reg.VecVirtual) {
	s.atMost(0, x)
	smallest := -126.0
	if s.double() {
		smallest = -1022
	}
	n, p := s.vector(), s.vector()
	var normal mask
	m := s.vector()
	switch {
	case s.wide():
		normal.k = K()
		VCMPPS(Imm(notLessThan), s.constant(smallest), x, normal.k)
		VRNDSCALEPS(Imm(0), x, n)
	case s.double():
		VCMPPD(Imm(notLessThan), s.constant(smallest), x, m)
		s.max(s.constant(smallest), x, x)
		VROUNDPD(Imm(0), x, n)
	default:
		VCMPPS(Imm(notLessThan), s.constant(smallest), x, m)
		s.max(s.constant(smallest), x, x)
		VROUNDPS(Imm(0), x, n)
	}
	s.sub(n, x, x)
	if s.double() {
		s.mul(s.constant(math.Ln2), x, x)
		s.hornerSeries(x, p)
		whole := XMM()
		VCVTPD2DQY(n, whole)
		s.mul(s.power(whole), p, x)
		VANDPD(m, x, x)
		return
	}
	VMOVUPS(s.constant(powerCoefficients[0]), p)
	for _, c := range powerCoefficients[1:] {
		s.fma213(s.constant(c), x, p)
	}
	if s.wide() {
		VSCALEFPS_Z(n, p, normal.k, x)
		return
	}
	VCVTPS2DQ(n, n)
	s.mul(s.power(n), p, x)
	VANDPS(m, x, x)
}

// hornerSeries sets r to exp f for |f| <= ln 2 / 2 in as few registers as possible.
func (s simd) hornerSeries(f, r reg.VecVirtual) {
	const degree = 13
	VMOVUPS(s.constant(1/factorial(degree)), r)
	for k := degree - 1; k >= 0; k-- {
		s.fma213(s.constant(1/factorial(k)), f, r)
	}
}

var powerCoefficients = []float64{1.53533621e-4, 1.33988746e-3, 9.61843736e-3, 5.55033247e-2, 2.40226479e-1, 6.93147203e-1, 1}

// sumColumns is the most columns of weights whose sums stay in registers, two vectors of float64 each.
func (s simd) sumColumns() int {
	if s.wide() {
		return 12
	}
	return 6
}

// weightedSums writes the kernel that adds to the sums of a block's samples, in float64, the similarities to many rows, each times
// its weights.
func (s simd) weightedSums(columns int) {
	name := fmt.Sprintf("weightedSums%d%s", columns, s.suffix)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(sums *float64, similarities *%s, weights *float64, rows int, stride uintptr)", s.float()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s adds to %d rows of 16 sums; stride is the bytes between the weights of two rows. See WeightedSums.", name, columns))
	const vectors = 2
	lanes := s.lanes * s.size / 8 // of float64
	for at := 0; at < blockLanes; at += vectors * lanes {
		label := fmt.Sprintf("row%d", at)
		sums, x := Load(Param("sums"), GP64()), Load(Param("similarities"), GP64())
		weights, rows, stride := Load(Param("weights"), GP64()), Load(Param("rows"), GP64()), Load(Param("stride"), GP64())
		total := make([][]reg.VecVirtual, columns)
		for c := range total {
			total[c] = s.vectors(vectors)
			for v, to := range total[c] {
				VMOVUPD(Mem{Base: sums, Disp: 8 * (c*blockLanes + at + v*lanes)}, to)
			}
		}
		Label(label)
		values := s.vectors(vectors)
		for v, to := range values {
			from := Mem{Base: x, Disp: s.size * (at + v*lanes)}
			s.widen(from, to)
		}
		for c := range total {
			w := s.vector()
			VBROADCASTSD(Mem{Base: weights, Disp: 8 * c}, w)
			for v, to := range total[c] {
				VFMADD231PD(values[v], w, to)
			}
		}
		ADDQ(stride, weights)
		ADDQ(U32(uint32(blockLanes*s.size)), x)
		DECQ(rows)
		JNZ(LabelRef(label))
		for c := range total {
			for v, from := range total[c] {
				VMOVUPD(from, Mem{Base: sums, Disp: 8 * (c*blockLanes + at + v*lanes)})
			}
		}
	}
	VZEROUPPER()
	RET()
}
