package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An operation is the body of an element-wise loop: what it does with a vector of each operand it reads.
type operation struct {
	name    string
	reads   []string // operands, such as dst, a, b
	scalars []string // such as p, q, r
	writes  []string
	unroll  int
	// body returns the values to write. It may spoil x, and must not spoil the scalars c.
	body func(s simd, x, c []reg.VecVirtual) []reg.VecVirtual
}

func (s simd) elementwise(operations []operation) {
	for _, o := range operations {
		float := s.float()
		s.loop(o, fmt.Sprintf("func(dst, a, b []%s, p, q, r %s)", float, float), "vector")
	}
}

var operations = []operation{
	{name: "add", reads: []string{"a", "b"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		s.add(x[1], x[0], x[0])
	})},
	{name: "sub", reads: []string{"a", "b"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		s.sub(x[1], x[0], x[0])
	})},
	{name: "mul", reads: []string{"a", "b"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) {
		s.mul(x[1], x[0], x[0])
	})},
	{name: "scale", reads: []string{"a"}, scalars: []string{"p"}, unroll: 4, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		s.mul(c[0], x[0], x[0])
	})},
	{
		name: "addScaled", reads: []string{"dst", "a"}, scalars: []string{"p"}, unroll: 4,
		body: inPlace(func(s simd, x, c []reg.VecVirtual) { s.fma231(x[1], c[0], x[0]) }),
	},
	{name: "shift", reads: []string{"a"}, scalars: []string{"p"}, unroll: 4, body: inPlace(func(s simd, x, c []reg.VecVirtual) {
		s.add(c[0], x[0], x[0])
	})},
	{
		name: "residual", reads: []string{"a", "b"}, scalars: []string{"p", "q", "r"}, unroll: 4,
		body: inPlace(func(s simd, x, c []reg.VecVirtual) {
			s.sub(c[0], x[0], x[0])
			s.fnma231(c[1], x[1], x[0])
			s.mul(c[2], x[0], x[0])
		}),
	},
	{name: "relu", reads: []string{"a"}, unroll: 4, body: inPlace(func(s simd, x, _ []reg.VecVirtual) { s.atLeast(0, x[0]) })},
}

// inPlace is the body of an operation that leaves its result in its first operand.
func inPlace(f func(s simd, x, c []reg.VecVirtual)) func(simd, []reg.VecVirtual, []reg.VecVirtual) []reg.VecVirtual {
	return func(s simd, x, c []reg.VecVirtual) []reg.VecVirtual {
		f(s, x, c)
		return x[:1]
	}
}

// loop writes the kernel of an operation: vectors by the unroll, single ones where that leaves some, and a masked rest.
func (s simd) loop(o operation, signature, kind string) {
	TEXT(o.name+s.suffix, NOSPLIT, signature)
	Pragma("noescape")
	Doc(o.name + s.suffix + " is the " + kind + " kernel " + o.name + ".")
	writes := o.writes
	if writes == nil {
		writes = []string{"dst"}
	}
	operands := slices.Compact(slices.Sorted(slices.Values(slices.Concat(o.reads, writes))))
	pointers := map[string]reg.Register{}
	for _, name := range operands {
		pointers[name] = Load(parameter(name).Base(), GP64())
	}
	n := Load(parameter(writes[0]).Len(), GP64())
	var scalars []reg.VecVirtual
	for _, name := range o.scalars {
		at, err := parameter(name).Resolve()
		if err != nil {
			panic(err)
		}
		v := s.vector()
		if s.double() {
			VBROADCASTSD(at.Addr, v)
		} else {
			VBROADCASTSS(at.Addr, v)
		}
		scalars = append(scalars, v)
	}
	step := func(displacement int, m *mask) {
		x := s.vectors(len(o.reads))
		for i, name := range o.reads {
			s.load(Mem{Base: pointers[name], Disp: displacement}, x[i], m)
		}
		for i, y := range o.body(s, x, scalars) {
			s.store(y, Mem{Base: pointers[writes[i]], Disp: displacement}, m, s.vector())
		}
	}
	loop := func(label, end string, vectors int) {
		lanes := U32(uint32(vectors * s.lanes))
		SUBQ(lanes, n)
		JL(LabelRef(end))
		Label(label)
		for v := range vectors {
			step(v*s.bytes(), nil)
		}
		for _, name := range operands {
			ADDQ(U32(uint32(vectors*s.bytes())), pointers[name])
		}
		SUBQ(lanes, n)
		JGE(LabelRef(label))
		Label(end)
		ADDQ(lanes, n)
	}
	loop("several", "few", o.unroll)
	if o.unroll > 1 {
		loop("single", "rest", 1)
	}
	TESTQ(n, n)
	JZ(LabelRef("done"))
	m := s.mask(n)
	step(0, &m)
	Label("done")
	VZEROUPPER()
	RET()
}

// parameter returns a parameter of the function, or with an index, such as in "s[1]", an element of one.
func parameter(name string) gotypes.Component {
	name, index, ok := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if !ok {
		return Param(name)
	}
	i, err := strconv.Atoi(index)
	if err != nil {
		panic(err)
	}
	return Param(name).Index(i)
}

// scaleBytes converts whole vectors only.
func (s simd) scaleBytes() {
	TEXT("scaleBytes"+s.suffix, NOSPLIT, "func(dst []float32, src []uint8, scale float32)")
	Pragma("noescape")
	Doc("scaleBytes" + s.suffix + " computes dst = scale·src for as many elements as fill whole vectors.")
	dst, src, n := Load(Param("dst").Base(), GP64()), Load(Param("src").Base(), GP64()), Load(Param("dst").Len(), GP64())
	at, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	scale, v := s.vector(), s.vector()
	VBROADCASTSS(at.Addr, scale)
	SUBQ(U32(uint32(s.lanes)), n)
	JL(LabelRef("done"))
	Label("vector")
	VPMOVZXBD(Mem{Base: src}, v)
	VCVTDQ2PS(v, v)
	VMULPS(scale, v, v)
	VMOVUPS(v, Mem{Base: dst})
	ADDQ(U32(uint32(s.lanes)), src)
	ADDQ(U32(uint32(s.bytes())), dst)
	SUBQ(U32(uint32(s.lanes)), n)
	JGE(LabelRef("vector"))
	Label("done")
	VZEROUPPER()
	RET()
}
