package ops

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of operations that move elements or reduce axes.

// sampler collects samples. Each gets inputs of its own.
type sampler struct {
	samples []Sample
	input   func(seed uint64, shape ...int) *Tensor
}

// scattered draws from (-2, 2).
func scattered(seed uint64, shape ...int) *Tensor { return draw(seed, reals, shape...) }

// apart returns values that are at least 0.1 from each other, so that the largest stays the largest.
func apart(seed uint64, shape ...int) *Tensor {
	r := rand.New(rand.NewPCG(seed, 0xa9a27))
	values := make([]float64, product(shape))
	for i, k := range r.Perm(len(values)) {
		values[i] = 0.1*float64(k) - 1
	}
	return autograd.FromSlice(values, shape...)
}

// add adds the function f of inputs of the given shapes.
func (s *sampler) add(name string, f func(x ...*Tensor) *Tensor, shapes ...[]int) {
	if s.input == nil {
		s.input = scattered
	}
	var inputs []*Tensor
	for i, shape := range shapes {
		inputs = append(inputs, s.input(uint64(10*len(s.samples)+i), shape...))
	}
	s.samples = append(s.samples, Sample{name, f, inputs})
}

// addOne adds a function of one input, by itself and so that its rule meets the input again at order 2.
func (s *sampler) addOne(name string, f func(x *Tensor) *Tensor, shape ...int) {
	s.add(name, func(x ...*Tensor) *Tensor { return f(x[0]) }, shape)
	if len(s.samples)%4 == 1 {
		s.add(name+", twice", func(x ...*Tensor) *Tensor { return Mul(f(x[0]), f(Exp(x[0]))) }, shape)
	}
}

func reshapeSamples() []Sample {
	var s sampler
	for _, c := range []struct{ from, to []int }{
		{nil, nil},
		{nil, []int{1}},
		{nil, []int{-1}},
		{nil, []int{1, 1, 1}},
		{[]int{1}, nil},
		{[]int{1, 1}, nil},
		{[]int{6}, []int{2, 3}},
		{[]int{2, 3}, []int{6}},
		{[]int{2, 3}, []int{-1}},
		{[]int{2, 3}, []int{3, 2}},
		{[]int{2, 3}, []int{2, 3}},
		{[]int{2, 3}, []int{1, -1, 3}},
		{[]int{2, 6}, []int{2, 3, 2}},
		{[]int{2, 2, 3}, []int{4, -1}},
		{[]int{2, 2, 2, 2}, []int{-1, 4}},
		{[]int{1, 2, 1, 2, 2}, []int{2, 4}},
		{[]int{2, 4}, []int{1, 2, 1, 2, 2}},
		{[]int{0}, []int{0, 3}},
		{[]int{3, 0}, []int{2, 0}},
		{[]int{0, 3}, []int{-1, 2}},
	} {
		s.addOne(fmt.Sprint(tensor.Shape(c.from), " to ", tensor.Shape(c.to)), func(x *Tensor) *Tensor { return Reshape(x, c.to...) }, c.from...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Reshape(a.view(x), 1, -1) }, a.shape...)
	}
	s.addOne("there and back", func(x *Tensor) *Tensor { return Reshape(Transpose(Reshape(x, 3, 2)), 6) }, 6)
	return s.samples
}

func flattenSamples() []Sample {
	var s sampler
	for _, shape := range shapes {
		if len(shape) > 0 {
			s.addOne(fmt.Sprint(shape), Flatten, shape...)
		}
	}
	for _, a := range arrangements() {
		if len(a.shape) > 0 {
			s.addOne(a.name, func(x *Tensor) *Tensor { return Flatten(a.view(x)) }, a.shape...)
		}
	}
	return s.samples
}

func transposeSamples() []Sample {
	var s sampler
	for _, shape := range shapes {
		s.addOne(fmt.Sprint(shape, " reversed"), func(x *Tensor) *Tensor { return Transpose(x) }, shape...)
	}
	for _, perm := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {-1, 0, 1}, {0, -1, -2}} {
		s.addOne(fmt.Sprint("(2, 3, 2) by ", perm), func(x *Tensor) *Tensor { return Transpose(x, perm...) }, 2, 3, 2)
	}
	s.addOne("rank 5", func(x *Tensor) *Tensor { return Transpose(x, 3, 1, 4, 0, 2) }, 1, 2, 3, 2, 1)
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Transpose(a.view(x)) }, a.shape...)
	}
	s.add("times its input", func(x ...*Tensor) *Tensor { return Mul(Transpose(x[0]), x[0]) }, []int{3, 3})
	return s.samples
}

func sliceSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		shape             []int
		axis, start, stop int
	}{
		{[]int{1}, 0, 0, 1},
		{[]int{5}, 0, 0, 5},
		{[]int{5}, 0, 0, 2},
		{[]int{5}, 0, 2, 4},
		{[]int{5}, -1, 4, 5},
		{[]int{5}, 0, 5, 5},
		{[]int{5}, 0, 0, 0},
		{[]int{0}, 0, 0, 0},
		{[]int{3, 4}, 0, 1, 2},
		{[]int{3, 4}, 1, 1, 3},
		{[]int{3, 4}, -2, 0, 2},
		{[]int{3, 4}, 1, 4, 4},
		{[]int{3, 0}, 0, 1, 3},
		{[]int{1, 4}, 0, 0, 1},
		{[]int{2, 3, 2}, 0, 1, 2},
		{[]int{2, 3, 2}, 1, 1, 3},
		{[]int{2, 3, 2}, 2, 0, 1},
		{[]int{2, 1, 2, 3}, 3, 1, 2},
		{[]int{2, 1, 2, 3}, -4, 0, 1},
		{[]int{1, 2, 1, 3, 2}, 3, 0, 2},
	} {
		name := fmt.Sprint(tensor.Shape(c.shape), " axis ", c.axis, " from ", c.start, " to ", c.stop)
		s.addOne(name, func(x *Tensor) *Tensor { return Slice(x, c.axis, c.start, c.stop) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return Slice(v, 0, 1, v.Shape()[0]) }, a.shape...)
	}
	s.addOne("of a slice", func(x *Tensor) *Tensor { return Slice(Slice(x, 0, 1, 3), 1, 2, 4) }, 4, 4)
	s.addOne("overlapping", func(x *Tensor) *Tensor { return Mul(Slice(x, 0, 0, 3), Slice(x, 0, 1, 4)) }, 4)
	return s.samples
}

func concatSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		axis   int
		shapes [][]int
	}{
		{0, [][]int{{1}}},
		{0, [][]int{{2}, {3}}},
		{-1, [][]int{{2}, {0}, {1}}},
		{0, [][]int{{0}, {0}}},
		{0, [][]int{{2, 3}, {1, 3}}},
		{1, [][]int{{2, 3}, {2, 1}, {2, 2}}},
		{-2, [][]int{{1, 3}, {2, 3}}},
		{0, [][]int{{2, 0}, {1, 0}}},
		{1, [][]int{{2, 0}, {2, 2}}},
		{0, [][]int{{1, 2, 3}, {2, 2, 3}}},
		{1, [][]int{{2, 2, 2}, {2, 1, 2}}},
		{2, [][]int{{2, 2, 1}, {2, 2, 2}}},
		{1, [][]int{{2, 1, 2, 2}, {2, 2, 2, 2}}},
		{3, [][]int{{1, 2, 1, 1, 2}, {1, 2, 1, 2, 2}}},
	} {
		joined := func(x ...*Tensor) *Tensor { return Concat(c.axis, x...) }
		s.add(fmt.Sprint(c.shapes, " along ", c.axis), joined, c.shapes...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return Concat(1, v, v) }, a.shape...)
	}
	s.add("two of one", func(x ...*Tensor) *Tensor { return Concat(0, x[0], x[1], x[0]) }, []int{2}, []int{1})
	s.add("with a constant", func(x ...*Tensor) *Tensor { return Concat(0, x[0], autograd.Labels([]int{1, 2})) }, []int{2})
	s.add("constants first", func(x ...*Tensor) *Tensor {
		return Concat(0, autograd.Labels([]int{1}), autograd.Labels([]int{2}), x[0])
	}, []int{2})
	s.add("squared", func(x ...*Tensor) *Tensor { y := Concat(1, x[0], x[1]); return Mul(y, y) }, []int{2, 1}, []int{2, 2})
	return s.samples
}

// reductionSamples reduces every combination of axes, with the axes left in and without.
func reductionSamples(f Reduction, input func(seed uint64, shape ...int) *Tensor) func() []Sample {
	return func() []Sample {
		s := sampler{input: input}
		for _, shape := range [][]int{{}, {1}, {5}, {2, 3}, {3, 1}, {2, 3, 2}, {3, 0}, {0, 2, 0}, {2, 1, 2, 3}} {
			for set := range 1 << len(shape) {
				var axes, left []int
				for axis, d := range shape {
					if set>>axis&1 == 1 {
						axes = append(axes, axis-axis%2*len(shape)) // every other one counted from the end
					} else if set != 0 {
						left = append(left, d)
					}
				}
				if product(shape) == 0 && product(left) > 0 {
					continue // most reductions of nothing are not numbers
				}
				name := fmt.Sprint(tensor.Shape(shape), " along ", axes)
				s.addOne(name, func(x *Tensor) *Tensor { return f(x, axes...) }, shape...)
				s.addOne(name+", kept", func(x *Tensor) *Tensor { return KeepDims(f)(x, axes...) }, shape...)
			}
		}
		s.addOne("rank 5", func(x *Tensor) *Tensor { return f(x, 0, 3, -1) }, 2, 1, 2, 2, 2)
		for _, a := range arrangements() {
			if slices.Contains([]string{"stretched rows", "stretched columns", "stretched scalar"}, a.name) {
				continue // equal elements, which have no largest: see below
			}
			s.addOne(a.name, func(x *Tensor) *Tensor { return f(a.view(x), 0) }, a.shape...)
			s.addOne(a.name+", last axis", func(x *Tensor) *Tensor { return f(a.view(x), -1) }, a.shape...)
		}
		s.addOne("stretched columns", func(x *Tensor) *Tensor { return f(BroadcastTo(x, 3, 4), 0) }, 3, 1)
		s.addOne("times its input", func(x *Tensor) *Tensor { return Mul(x, KeepDims(f)(x, 1)) }, 3, 2)
		s.addOne("many rows", func(x *Tensor) *Tensor { return f(x, 0) }, 40, 2)
		return s.samples
	}
}

// badAxes returns the misuses that every reduction must answer.
func badAxes(op string, f Reduction) []Misuse {
	x := func() *Tensor { return draw(0, reals, 2, 3) }
	return []Misuse{
		{"no such axis", func() { f(x(), 2) }, autograd.ValueError, op + ": axis 2 is out of range for shape (2, 3)"},
		{"no such axis from the end", func() { f(x(), 0, -3) }, autograd.ValueError, op + ": axis -3 is out of range for shape (2, 3)"},
		{"an axis twice", func() { f(x(), 1, 1) }, autograd.ValueError, op + ": axis 1 is repeated in [1 1]"},
		{"an axis twice, once from the end", func() { f(x(), 0, -2) }, autograd.ValueError, op + ": axis 0 is repeated in [0 -2]"},
		{"an axis of a scalar", func() { f(draw(0, reals), 0) }, autograd.ValueError, op + ": axis 0 is out of range for shape ()"},
	}
}

// axisSamples has every axis of every shape, for functions that keep the shape.
func axisSamples(f func(x *Tensor, axis int) *Tensor) func() []Sample {
	return func() []Sample {
		var s sampler
		for _, shape := range shapes {
			for axis := range shape {
				s.addOne(fmt.Sprint(shape, " along ", axis), func(x *Tensor) *Tensor { return f(x, axis) }, shape...)
			}
		}
		for _, a := range arrangements() {
			s.addOne(a.name, func(x *Tensor) *Tensor { return f(a.view(x), -1) }, a.shape...)
			s.addOne(a.name+", first axis", func(x *Tensor) *Tensor { return f(a.view(x), -2) }, a.shape...)
		}
		s.addOne("times its input", func(x *Tensor) *Tensor { return Mul(x, f(x, 1)) }, 3, 2)
		s.addOne("twice", func(x *Tensor) *Tensor { return Add(f(x, 0), f(x, 1)) }, 2, 2)
		return s.samples
	}
}

func badAxis(op string, f func(x *Tensor, axis int) *Tensor) []Misuse {
	return []Misuse{
		{"no such axis", func() { f(draw(0, reals, 2, 3), 2) }, autograd.ValueError, op + ": axis 2 is out of range for shape (2, 3)"},
		{"no such axis from the end", func() { f(draw(0, reals, 2, 3), -3) }, autograd.ValueError, op + ": axis -3 is out of range for shape (2, 3)"},
		{"a scalar", func() { f(draw(0, reals), 0) }, autograd.ValueError, op + ": axis 0 is out of range for shape ()"},
	}
}

// rowGradient is gradient for rules that work on rows, which a scalar does not have.
func rowGradient(f func(g, y *Tensor) *Tensor, d domain) func() []Sample {
	return func() []Sample {
		return slices.DeleteFunc(gradient(f, d)(), func(s Sample) bool { return len(s.Inputs[0].Shape()) == 0 && len(s.Inputs[1].Shape()) == 0 })
	}
}
