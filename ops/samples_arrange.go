package ops

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of operations that cut, join and arrange.

func squeezeSamples() []Sample {
	var s sampler
	for _, c := range []struct{ shape, axes []int }{
		{nil, nil},
		{[]int{1}, nil},
		{[]int{1}, []int{0}},
		{[]int{3}, nil},
		{[]int{1, 1}, nil},
		{[]int{1, 1}, []int{1}},
		{[]int{1, 3}, []int{0}},
		{[]int{3, 1}, nil},
		{[]int{3, 1}, []int{-1}},
		{[]int{0, 1}, nil},
		{[]int{1, 0}, []int{0}},
		{[]int{2, 1, 3}, nil},
		{[]int{1, 2, 1}, []int{-3}},
		{[]int{1, 2, 1}, []int{2, 0}},
		{[]int{1, 2, 1, 2, 1}, []int{0, -1}},
		{[]int{1, 2, 1, 2, 1}, nil},
	} {
		s.addOne(fmt.Sprint(tensor.Shape(c.shape), " at ", c.axes), func(x *Tensor) *Tensor { return Squeeze(x, c.axes...) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Squeeze(a.view(x)) }, a.shape...)
	}
	return s.samples
}

func unsqueezeSamples() []Sample {
	var s sampler
	for _, shape := range shapes {
		s.addOne(fmt.Sprint(shape, " first"), func(x *Tensor) *Tensor { return Unsqueeze(x, 0) }, shape...)
		s.addOne(fmt.Sprint(shape, " last"), func(x *Tensor) *Tensor { return Unsqueeze(x, -1) }, shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Unsqueeze(a.view(x), 1) }, a.shape...)
	}
	return s.samples
}

func splitSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		shape []int
		axis  int
		sizes []int
	}{
		{[]int{1}, 0, []int{1}},
		{[]int{5}, 0, []int{5}},
		{[]int{5}, 0, []int{2, 3}},
		{[]int{5}, -1, []int{1, 3, 1}},
		{[]int{5}, 0, []int{0, 5, 0}},
		{[]int{0}, 0, []int{0, 0}},
		{[]int{4, 2}, 0, []int{1, 3}},
		{[]int{2, 4}, 1, []int{2, 2}},
		{[]int{2, 4}, -2, []int{1, 1}},
		{[]int{2, 0}, 0, []int{1, 1}},
		{[]int{2, 0}, 1, []int{0}},
		{[]int{2, 3, 2}, 0, []int{1, 1}},
		{[]int{2, 3, 2}, 1, []int{2, 1}},
		{[]int{2, 3, 2}, 2, []int{1, 1}},
		{[]int{1, 2, 1, 3, 2}, 3, []int{1, 2}},
	} {
		s.addOne(fmt.Sprint(tensor.Shape(c.shape), " along ", c.axis, " by ", c.sizes), func(x *Tensor) *Tensor {
			return joinScaled(c.axis, Split(x, c.axis, c.sizes...))
		}, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return joinScaled(0, Split(v, 0, 1, v.Shape()[0]-1)) }, a.shape...)
	}
	s.addOne("one part of three", func(x *Tensor) *Tensor { return Split(x, 0, 1, 2, 1)[1] }, 4)
	s.addOne("parts multiplied", func(x *Tensor) *Tensor { parts := Split(x, 1, 2, 2); return Mul(parts[0], parts[1]) }, 2, 4)
	return s.samples
}

// joinScaled joins parts, last first and each with a factor of its own, so that it matters which is which.
func joinScaled(axis int, parts []*Tensor) *Tensor {
	scaled := make([]*Tensor, len(parts))
	for i, part := range parts {
		scaled[len(parts)-1-i] = Scale(part, float64(i+2))
	}
	return Concat(axis, scaled...)
}

func stackSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		axis, n int
		shape   []int
	}{
		{0, 1, nil},
		{0, 3, nil},
		{-1, 2, nil},
		{0, 2, []int{1}},
		{0, 2, []int{3}},
		{1, 3, []int{2}},
		{-2, 2, []int{3}},
		{0, 2, []int{0}},
		{1, 2, []int{0}},
		{0, 2, []int{2, 2}},
		{1, 2, []int{2, 3}},
		{2, 3, []int{2, 1}},
		{-1, 2, []int{1, 2}},
		{1, 2, []int{2, 0}},
		{2, 2, []int{2, 1, 2}},
		{-4, 2, []int{2, 1, 2}},
		{3, 2, []int{1, 2, 1, 2}},
	} {
		var all [][]int
		for range c.n {
			all = append(all, c.shape)
		}
		s.add(fmt.Sprint(c.n, " of ", tensor.Shape(c.shape), " along ", c.axis), func(x ...*Tensor) *Tensor { return Stack(c.axis, x...) }, all...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return Stack(1, v, Square(v), v) }, a.shape...)
	}
	s.addOne("with a constant", func(x *Tensor) *Tensor { return Stack(0, autograd.Labels([]int{1, 2}), x) }, 2)
	return s.samples
}

func padSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		shape  []int
		value  float64
		widths [][2]int
	}{
		{nil, 1, nil},
		{[]int{1}, 0, [][2]int{{0, 0}}},
		{[]int{2}, 0, [][2]int{{1, 1}}},
		{[]int{2}, 1.5, [][2]int{{2, 0}}},
		{[]int{2}, -1, [][2]int{{0, 1}}},
		{[]int{0}, 2, [][2]int{{1, 2}}},
		{[]int{0}, 2, [][2]int{{0, 0}}},
		{[]int{2, 3}, 0, [][2]int{{1, 0}, {0, 0}}},
		{[]int{2, 3}, 0.5, [][2]int{{0, 0}, {2, 1}}},
		{[]int{2, 3}, 0.5, [][2]int{{1, 2}, {0, 1}}},
		{[]int{2, 0}, 1, [][2]int{{0, 1}, {1, 1}}},
		{[]int{2, 0}, 1, [][2]int{{1, 1}, {0, 0}}},
		{[]int{1, 3}, 0, [][2]int{{2, 0}, {0, 2}}},
		{[]int{2, 2, 2}, 1, [][2]int{{1, 0}, {0, 0}, {0, 0}}},
		{[]int{2, 2, 2}, 1, [][2]int{{0, 0}, {1, 1}, {0, 0}}},
		{[]int{2, 2, 2}, 1, [][2]int{{0, 0}, {0, 0}, {0, 2}}},
		{[]int{2, 2, 2}, 1, [][2]int{{1, 0}, {0, 1}, {1, 1}}},
		{[]int{2, 1, 2, 2}, 0, [][2]int{{0, 0}, {1, 1}, {0, 0}, {1, 0}}},
		{[]int{1, 2, 1, 2, 1}, 0, [][2]int{{1, 0}, {0, 1}, {0, 0}, {0, 1}, {1, 0}}},
	} {
		name := fmt.Sprint(tensor.Shape(c.shape), " with ", c.value, " by ", c.widths)
		s.addOne(name, func(x *Tensor) *Tensor { return Pad(x, c.value, c.widths...) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor {
			v := a.view(x)
			return Pad(v, 1, append([][2]int{{1, 0}, {1, 2}}, make([][2]int, len(v.Shape())-2)...)...)
		}, a.shape...)
	}
	return s.samples
}

func flipSamples() []Sample {
	var s sampler
	for _, shape := range shapes {
		s.addOne(fmt.Sprint(shape), func(x *Tensor) *Tensor { return Flip(x) }, shape...)
		for axis := range shape {
			s.addOne(fmt.Sprint(shape, " along ", axis), func(x *Tensor) *Tensor { return Flip(x, axis) }, shape...)
		}
	}
	s.addOne("some axes", func(x *Tensor) *Tensor { return Flip(x, 0, -1) }, 2, 3, 2)
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Flip(a.view(x)) }, a.shape...)
		s.addOne(a.name+", first axis", func(x *Tensor) *Tensor { return Flip(a.view(x), 0) }, a.shape...)
	}
	s.addOne("against itself", func(x *Tensor) *Tensor { return Mul(Flip(x, 0), x) }, 3, 2)
	return s.samples
}

func rollSamples() []Sample {
	samples := axisSamples(func(x *Tensor, axis int) *Tensor { return Roll(x, axis, 1) })()
	s := sampler{samples: samples}
	for _, shift := range []int{0, 2, 3, 4, -1, -3, -7, math.MaxInt, math.MinInt} {
		s.addOne(fmt.Sprint("by ", shift), func(x *Tensor) *Tensor { return Roll(x, 1, shift) }, 2, 3)
	}
	return s.samples
}

func tileSamples() []Sample {
	var s sampler
	for _, c := range []struct{ shape, repeats []int }{
		{nil, nil},
		{nil, []int{3}},
		{nil, []int{2, 3}},
		{[]int{1}, []int{3}},
		{[]int{3}, nil},
		{[]int{3}, []int{1}},
		{[]int{3}, []int{2}},
		{[]int{3}, []int{0}},
		{[]int{0}, []int{2}},
		{[]int{3}, []int{2, 1}},
		{[]int{3}, []int{2, 2}},
		{[]int{2, 3}, []int{2}},
		{[]int{2, 3}, []int{2, 1}},
		{[]int{2, 3}, []int{3, 2}},
		{[]int{2, 0}, []int{2, 3}},
		{[]int{2, 3}, []int{0, 2}},
		{[]int{2, 1, 2}, []int{1, 3, 1}},
		{[]int{2, 1, 2}, []int{2, 1, 2}},
		{[]int{2, 2}, []int{2, 1, 2}},
		{[]int{1, 2, 1, 2, 1}, []int{2, 1, 2, 1, 2}},
	} {
		s.addOne(fmt.Sprint(tensor.Shape(c.shape), " by ", c.repeats), func(x *Tensor) *Tensor { return Tile(x, c.repeats...) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Tile(a.view(x), 2, 1) }, a.shape...)
	}
	return s.samples
}

// bandSamples returns the samples of an operation that keeps some diagonals of matrices.
func bandSamples(f func(x *Tensor, k int) *Tensor) func() []Sample {
	return func() []Sample {
		var s sampler
		for _, shape := range shapes {
			if len(shape) < 2 {
				continue
			}
			for _, k := range []int{0, 1, -1, -2} {
				s.addOne(fmt.Sprint(shape, " from ", k), func(x *Tensor) *Tensor { return f(x, k) }, shape...)
			}
		}
		s.addOne("square", func(x *Tensor) *Tensor { return f(x, 0) }, 3, 3)
		s.addOne("above it all", func(x *Tensor) *Tensor { return f(x, 1<<40) }, 2, 3)
		s.addOne("below it all", func(x *Tensor) *Tensor { return f(x, -1<<40) }, 2, 3)
		for _, a := range arrangements() {
			s.addOne(a.name, func(x *Tensor) *Tensor { return f(a.view(x), 0) }, a.shape...)
		}
		return s.samples
	}
}

func diagSamples() []Sample {
	var s sampler
	for _, shape := range [][]int{{1}, {3}, {0}, {2, 3}, {3, 2}, {3, 3}, {1, 1}, {0, 2}} {
		for _, k := range []int{0, 1, -1, -2} {
			s.addOne(fmt.Sprint(tensor.Shape(shape), " at ", k), func(x *Tensor) *Tensor { return Diag(x, k) }, shape...)
		}
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return Diag(Reshape(v, -1, v.Shape()[len(v.Shape())-1]), 0) }, a.shape...)
	}
	s.addOne("and its own diagonal", func(x *Tensor) *Tensor { return Diag(Diag(x, 1), 1) }, 3)
	return s.samples
}

func diagonalSamples() []Sample {
	var s sampler
	for _, shape := range [][]int{{1, 1}, {2, 3}, {3, 2}, {3, 3}, {1, 4}, {4, 1}, {0, 2}, {2, 0}} {
		for _, k := range []int{0, 1, -1, 5} {
			s.addOne(fmt.Sprint(tensor.Shape(shape), " at ", k), func(x *Tensor) *Tensor { return diagonalOf(x, k) }, shape...)
		}
	}
	for _, a := range matrices {
		s.addOne(a.name, func(x *Tensor) *Tensor { return diagonalOf(a.view(x), 1) }, a.shape...)
	}
	return s.samples
}

func diagonalMatrixSamples() []Sample {
	var s sampler
	for _, c := range []struct{ size, k, n, m int }{
		{1, 0, 1, 1},
		{3, 0, 3, 3},
		{2, 0, 2, 3},
		{2, 0, 3, 2},
		{2, 1, 3, 3},
		{2, 1, 2, 3},
		{2, -1, 3, 2},
		{1, -2, 3, 2},
		{1, 2, 2, 3},
		{0, 3, 2, 3},
		{0, -3, 2, 3},
		{0, 0, 0, 2},
	} {
		name := fmt.Sprint(c.size, " at ", c.k, " of ", tensor.Shape{c.n, c.m})
		s.addOne(name, func(x *Tensor) *Tensor { return onDiagonal(x, c.k, c.n, c.m) }, c.size)
		s.addOne(name+", reversed", func(x *Tensor) *Tensor { return onDiagonal(Flip(x), c.k, c.n, c.m) }, c.size)
	}
	s.addOne("a column", func(x *Tensor) *Tensor { return onDiagonal(Reshape(Slice(x, 1, 1, 2), 3), 1, 3, 4) }, 3, 2)
	s.addOne("stretched", func(x *Tensor) *Tensor { return onDiagonal(BroadcastTo(x, 3), 0, 3, 3) })
	return s.samples
}
