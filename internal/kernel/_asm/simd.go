package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd is an instruction set: the templates differ in it by the width of a vector, and by how one masks and blends.
type simd struct {
	suffix string
	lanes  int // values in a vector
	size   int // bytes of a value: 4, or 8 for float64
	rows   int // of a tile: with 3 vectors across, what the registers hold
	vector func() reg.VecVirtual
	arithmetic
}

// arithmetic is the instructions on floating-point numbers of one size.
type arithmetic struct{ add, sub, mul, div, min, max, fma213, fma231, fnma213, fnma231 func(...Op) }

var (
	single = arithmetic{VADDPS, VSUBPS, VMULPS, VDIVPS, VMINPS, VMAXPS, VFMADD213PS, VFMADD231PS, VFNMADD213PS, VFNMADD231PS}
	double = arithmetic{VADDPD, VSUBPD, VMULPD, VDIVPD, VMINPD, VMAXPD, VFMADD213PD, VFMADD231PD, VFNMADD213PD, VFNMADD231PD}

	avx2       = simd{"AVX2", 8, 4, 4, YMM, single}
	avx512     = simd{"AVX512", 16, 4, 8, ZMM, single}
	avx2Double = simd{"DoubleAVX2", 4, 8, 0, YMM, double}
)

func (s simd) bytes() int { return s.size * s.lanes }

func (s simd) double() bool { return s.size == 8 }

// float returns the parameters' type.
func (s simd) float() string { return fmt.Sprintf("float%d", 8*s.size) }

func (s simd) wide() bool { return s.lanes == 16 }

func (s simd) zero(v reg.VecVirtual) {
	if s.wide() {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// mask lets a load or a store reach only the first lanes of a vector; the rest of the memory is not touched.
type mask struct {
	lanes Mem          // AVX2: -1 in each lane that is used, to be loaded where a register is free
	k     reg.Register // AVX-512
}

var maskTable *Mem

// mask returns the mask of the first count lanes, 1 to all of them.
func (s simd) mask(count reg.Register) mask {
	if maskTable == nil {
		table := GLOBL("laneMasks", RODATA|NOPTR)
		for i := range 32 {
			value := U32(0xffffffff)
			if i >= 16 {
				value = 0
			}
			DATA(4*i, value)
		}
		maskTable = &table
	}
	p, back := GP64(), GP64()
	LEAQ(*maskTable, p)
	MOVQ(count, back)
	NEGQ(back)
	LEAQ(Mem{Base: p, Index: back, Scale: uint8(s.size), Disp: 64}, p)
	m := mask{lanes: Mem{Base: p}}
	if s.wide() {
		v := s.vector()
		VMOVDQU32(m.lanes, v)
		m.k = K()
		VPMOVD2M(v, m.k)
	}
	return m
}

// load reads a vector, with zeros in the lanes that the mask leaves out; a nil mask is none.
func (s simd) load(from Mem, to reg.VecVirtual, m *mask) {
	switch {
	case m == nil:
		VMOVUPS(from, to)
	case s.wide():
		VMOVUPS_Z(from, m.k, to)
	default:
		VMOVDQU(m.lanes, to)
		VMASKMOVPS(from, to, to)
	}
}

// store writes a vector; free is a register that it may spoil.
func (s simd) store(from reg.VecVirtual, to Mem, m *mask, free reg.VecVirtual) {
	switch {
	case m == nil:
		VMOVUPS(from, to)
	case s.wide():
		VMOVUPS(from, m.k, to)
	default:
		VMOVDQU(m.lanes, free)
		VMASKMOVPS(from, free, to)
	}
}

var constants = map[string]Mem{}

// constant returns a vector in memory with the same 32 bits in each lane.
func constant(bits uint32) Mem {
	return repeated(fmt.Sprintf("lanes%08x", bits), U32(bits), 16)
}

// constant64 returns a vector in memory with the same 64 bits in each lane.
func constant64(bits uint64) Mem {
	return repeated(fmt.Sprintf("lanes%016x", bits), U64(bits), 8)
}

func repeated(name string, value Constant, lanes int) Mem {
	m, ok := constants[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i := range lanes {
			DATA(i*value.Bytes(), value)
		}
		constants[name] = m
	}
	return m
}

// constant returns a vector in memory with a number in each lane.
func (s simd) constant(v float64) Mem {
	if s.double() {
		return constant64(math.Float64bits(v))
	}
	return constant(math.Float32bits(float32(v)))
}

// signs returns a vector in memory with the sign bit alone in each lane, and magnitudes one with all other bits.
func (s simd) signs() Mem {
	if s.double() {
		return constant64(1 << 63)
	}
	return constant(1 << 31)
}

func (s simd) magnitudes() Mem {
	if s.double() {
		return constant64(1<<63 - 1)
	}
	return constant(1<<31 - 1)
}

func (s simd) and(a, b Op, to reg.VecVirtual) {
	if s.wide() {
		VPANDD(a, b, to)
	} else {
		VANDPS(a, b, to)
	}
}

func (s simd) or(a, b Op, to reg.VecVirtual) {
	if s.wide() {
		VPORD(a, b, to)
	} else {
		VORPS(a, b, to)
	}
}

// negate changes the sign of x.
func (s simd) negate(x reg.VecVirtual) {
	if s.wide() {
		VPXORD(s.signs(), x, x)
	} else {
		VXORPS(s.signs(), x, x)
	}
}

// atMost and atLeast limit x to a bound; NaN stays NaN, for it is the second operand.
func (s simd) atMost(bound float64, x reg.VecVirtual) {
	b := s.vector()
	VMOVUPS(s.constant(bound), b)
	s.min(x, b, x)
}

func (s simd) atLeast(bound float64, x reg.VecVirtual) {
	b := s.vector()
	VMOVUPS(s.constant(bound), b)
	s.max(x, b, x)
}

// ifNegative puts value into to where the sign bit of x is set.
func (s simd) ifNegative(x, value, to reg.VecVirtual) {
	switch {
	case s.wide():
		k := K()
		VPMOVD2M(x, k)
		VMOVAPS(value, k, to)
	case s.double():
		VBLENDVPD(x, value, to, to)
	default:
		VBLENDVPS(x, value, to, to)
	}
}

// Predicates of comparisons, all quiet.
const (
	equal          = 0x00
	lessThan       = 0x11
	notLessThan    = 0x15 // true for NaN
	notLessOrEqual = 0x16 // true for NaN
)

// where puts value, in memory, into to where the predicate holds for float32 values x and y.
func (s simd) where(predicate uint8, x, y Op, value Mem, to reg.VecVirtual) {
	if s.wide() {
		k := K()
		VCMPPS(Imm(uint64(predicate)), y, x, k)
		VMOVUPS(value, k, to)
		return
	}
	m := s.vector()
	VCMPPS(Imm(uint64(predicate)), y, x, m)
	VBLENDVPS(m, value, to, to)
}
