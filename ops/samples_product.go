package ops

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of products of matrices and vectors.

// matrices has operands that are views: each makes a matrix of its own shape out of an input.
var matrices = []arrangement{
	{"transposed", []int{3, 2}, func(x *Tensor) *Tensor { return Transpose(x) }},
	{"columns", []int{2, 5}, func(x *Tensor) *Tensor { return Slice(x, 1, 1, 4) }},
	{"rows", []int{4, 3}, func(x *Tensor) *Tensor { return Slice(x, 0, 1, 3) }},
	{"columns of a transpose", []int{5, 2}, func(x *Tensor) *Tensor { return Slice(Transpose(x), 1, 2, 5) }},
	{"stretched rows", []int{1, 3}, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"stretched columns", []int{2, 1}, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"stretched scalar", nil, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"reshaped", []int{6}, func(x *Tensor) *Tensor { return Reshape(x, 2, 3) }},
}

func matMulSamples() []Sample {
	var s sampler
	both := func(x ...*Tensor) *Tensor { return MatMul(x[0], x[1]) }
	for _, c := range [][2][]int{
		{{1, 1}, {1, 1}},
		{{2, 3}, {3, 4}},
		{{1, 3}, {3, 2}},
		{{2, 3}, {3, 1}},
		{{3, 1}, {1, 2}},
		{{5, 9}, {9, 7}},
		{{0, 3}, {3, 2}},
		{{2, 0}, {0, 3}},
		{{2, 3}, {3, 0}},
		{{2, 2, 3}, {3, 2}},
		{{2, 3}, {2, 3, 2}},
		{{2, 2, 3}, {2, 3, 2}},
		{{1, 2, 3}, {2, 3, 2}},
		{{2, 2, 3}, {1, 3, 2}},
		{{2, 1, 2, 2}, {3, 2, 1}},
		{{2, 1, 1, 2}, {1, 2, 2, 1}},
		{{1, 2, 1, 2, 2}, {2, 1, 2, 2}},
		{{0, 2, 3}, {3, 2}},
		{{0, 2, 3}, {1, 3, 2}},
		{{2, 2, 0}, {2, 0, 3}},
		{{3}, {3}},
		{{2, 3}, {3}},
		{{3}, {3, 2}},
		{{2, 1, 3}, {3}},
		{{3}, {2, 3, 2}},
		{{0}, {0, 2}},
		{{0, 3}, {3}},
	} {
		s.add(fmt.Sprint(tensor.Shape(c[0]), " x ", tensor.Shape(c[1])), both, c[0], c[1])
	}
	for _, a := range matrices {
		s.add(a.name+" left", func(x ...*Tensor) *Tensor { return MatMul(a.view(x[0]), x[1]) }, a.shape, []int{3, 2})
		s.add(a.name+" right", func(x ...*Tensor) *Tensor { return MatMul(x[0], a.view(x[1])) }, []int{3, 2}, a.shape)
	}
	s.add("many, permuted", func(x ...*Tensor) *Tensor { return MatMul(Transpose(x[0], 1, 2, 0), Transpose(x[1], 2, 0, 1)) }, []int{3, 2, 2}, []int{3, 1, 2})
	s.add("many, stretched", func(x ...*Tensor) *Tensor { return MatMul(BroadcastTo(x[0], 2, 2, 3), x[1]) }, []int{2, 1, 3}, []int{2, 3, 1})
	s.add("many, no columns", func(x ...*Tensor) *Tensor { return MatMul(Slice(x[0], 2, 1, 1), Slice(x[1], 1, 2, 2)) }, []int{2, 2, 3}, []int{2, 3, 2})
	s.add("with itself", func(x ...*Tensor) *Tensor { return MatMul(x[0], x[0]) }, []int{3, 3})
	s.add("with its transpose", func(x ...*Tensor) *Tensor { return MatMul(x[0], Transpose(x[0])) }, []int{2, 3})
	s.add("three", func(x ...*Tensor) *Tensor { return MatMul(MatMul(x[0], x[1]), x[2]) }, []int{2, 3}, []int{3, 2}, []int{2, 2})
	return s.samples
}

func linearSamples() []Sample {
	var s sampler
	all := func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], x[2]) }
	for _, c := range [][2][]int{
		{{2, 3}, {3, 4}},
		{{1, 1}, {1, 1}},
		{{5, 9}, {9, 7}},
		{{3}, {3, 2}},
		{{2, 2, 3}, {3, 2}},
		{{2, 1, 2, 3}, {3, 1}},
		{{1, 2, 1, 2, 2}, {2, 2}},
		{{0, 3}, {3, 2}},
		{{2, 0}, {0, 3}},
		{{2, 3}, {3, 0}},
		{{0}, {0, 2}},
		{{0, 2, 3}, {3, 2}},
	} {
		name := fmt.Sprint(tensor.Shape(c[0]), " x ", tensor.Shape(c[1]))
		s.add(name, all, c[0], c[1], c[1][1:])
		s.add(name+", no bias", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], nil) }, c[0], c[1])
	}
	for _, a := range matrices {
		s.add(a.name+" examples", func(x ...*Tensor) *Tensor { return Linear(a.view(x[0]), x[1], x[2]) }, a.shape, []int{3, 2}, []int{2})
		s.add(a.name+" weights", func(x ...*Tensor) *Tensor { return Linear(x[0], a.view(x[1]), x[2]) }, []int{3, 2}, a.shape, []int{3})
	}
	s.add("stretched bias", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], BroadcastTo(x[2], 2)) }, []int{2, 3}, []int{3, 2}, nil)
	s.add("bias from a column", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], Reshape(Slice(x[2], 1, 1, 2), 2)) }, []int{2, 3}, []int{3, 2}, []int{2, 3})
	s.add("one tensor in all places", func(x ...*Tensor) *Tensor { return Linear(x[0], x[0], Reshape(Slice(x[0], 0, 0, 1), 2)) }, []int{2, 2})
	s.add("two layers", func(x ...*Tensor) *Tensor { return Linear(Tanh(Linear(x[0], x[1], x[2])), Transpose(x[1]), nil) }, []int{2, 3}, []int{3, 2}, []int{2})
	return s.samples
}

// dropoutSamples draw the same mask every time: else they would not be functions.
func dropoutSamples() []Sample {
	return append(unary(func(x *Tensor) *Tensor { return Dropout(x, 0.4, rand.New(rand.NewPCG(1, 2))) }, reals)(),
		Sample{"p = 0", func(x ...*Tensor) *Tensor { return Dropout(x[0], 0, nil) }, []*Tensor{draw(0, reals, 3)}},
		Sample{"p = 1", func(x ...*Tensor) *Tensor { return Dropout(x[0], 1, rand.New(rand.NewPCG(1, 2))) }, []*Tensor{draw(0, reals, 3)}})
}

// vectorSamples has vectors of one length, and of others unless they must be one.
func vectorSamples(f func(a, b *Tensor) *Tensor, one bool) func() []Sample {
	return func() []Sample {
		var s sampler
		both := func(x ...*Tensor) *Tensor { return f(x[0], x[1]) }
		for _, n := range []int{0, 1, 2, 3, 4, 5, 9} {
			for _, m := range []int{0, 1, 3, 5, n} {
				if n == m || !one {
					s.add(fmt.Sprint(n, " and ", m, ", sample ", len(s.samples)), both, []int{n}, []int{m})
				}
			}
		}
		for _, a := range arrangements() {
			flat := func(x *Tensor) *Tensor { return Reshape(Slice(Transpose(a.view(x)), -1, 0, 1), -1) }
			n := flat(autograd.Zeros(tensor.Float64, a.shape...)).Size()
			s.add(a.name+" left", func(x ...*Tensor) *Tensor { return f(flat(x[0]), x[1]) }, a.shape, []int{n})
			s.add(a.name+" right", func(x ...*Tensor) *Tensor { return f(x[0], flat(x[1])) }, []int{n}, a.shape)
		}
		s.addOne("with itself", func(x *Tensor) *Tensor { return f(x, x) }, 3)
		s.addOne("with a constant", func(x *Tensor) *Tensor { return f(x, autograd.Labels([]int{2, 0, 1})) }, 3)
		s.addOne("times its input", func(x *Tensor) *Tensor { return Mul(f(x, Exp(x)), x) }, 3)
		return s.samples
	}
}

// badVectors returns the misuses that both must answer.
func badVectors(op string, f func(a, b *Tensor) *Tensor) []Misuse {
	return []Misuse{
		{"a matrix", func() { f(draw(0, reals, 3), draw(1, reals, 3, 1)) }, autograd.ShapeError, op + ": want two vectors, given (3) and (3, 1)"},
		{"a scalar", func() { f(draw(0, reals), draw(1, reals, 1)) }, autograd.ShapeError, op + ": want two vectors, given () and (1)"},
		{
			"two dtypes",
			func() { f(draw(0, reals, 1), autograd.FromSlice([]float32{1}, 1)) },
			autograd.DtypeError, op + ": dtypes differ: float64 (1) and float32 (1)",
		},
	}
}
