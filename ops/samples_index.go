package ops

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// This file makes the samples of operations that find elements by their indices.

// taken has shapes with an axis, and indices along it: in order, some left out, some several times, none at all.
var taken = []struct {
	shape   []int
	axis    int
	indices []int
}{
	{[]int{1}, 0, []int{0}},
	{[]int{1}, 0, []int{0, 0, 0}},
	{[]int{4}, 0, []int{0, 1, 2, 3}},
	{[]int{4}, 0, []int{3, 1}},
	{[]int{4}, -1, []int{2, 0, 2, 2, 1}},
	{[]int{4}, 0, nil},
	{[]int{0}, 0, nil},
	{[]int{3, 2}, 0, []int{2, 2, 0}},
	{[]int{3, 2}, 1, []int{1, 0, 1}},
	{[]int{3, 2}, -2, []int{1}},
	{[]int{3, 2}, 1, nil},
	{[]int{2, 0}, 0, []int{1, 1}},
	{[]int{2, 0}, 1, nil},
	{[]int{0, 2}, 1, []int{1, 0, 1}},
	{[]int{2, 3, 2}, 0, []int{1, 0, 1}},
	{[]int{2, 3, 2}, 1, []int{2, 0}},
	{[]int{2, 3, 2}, 2, []int{1, 1, 0}},
	{[]int{2, 1, 2, 3}, 3, []int{2, 0}},
	{[]int{2, 1, 2, 3}, 2, []int{1}},
	{[]int{1, 2, 1, 2, 2}, 1, []int{1, 1}},
	{[]int{1, 2, 1, 2, 2}, 3, []int{0, 1, 0}},
}

func takeSamples() []Sample {
	var s sampler
	for _, c := range taken {
		s.addOne(fmt.Sprint(tensor.Shape(c.shape), " along ", c.axis, " at ", c.indices), func(x *Tensor) *Tensor { return Take(x, c.axis, c.indices) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return Take(a.view(x), 0, []int{1, 0, 1}) }, a.shape...)
		s.addOne(a.name+", last axis", func(x *Tensor) *Tensor { v := a.view(x); return Take(v, -1, []int{0, rowLength(v) - 1}) }, a.shape...)
	}
	s.addOne("of what was taken", func(x *Tensor) *Tensor { return Take(Take(x, 0, []int{2, 0, 2}), 1, []int{1, 1}) }, 3, 2)
	s.addOne("against itself", func(x *Tensor) *Tensor { return Mul(Take(x, 0, []int{1, 2, 0}), x) }, 3)
	return s.samples
}

func scatterAddSamples() []Sample {
	var s sampler
	for _, c := range taken {
		axis := (c.axis + len(c.shape)) % len(c.shape)
		from := slices.Clone(c.shape)
		from[axis] = len(c.indices)
		name := fmt.Sprint(tensor.Shape(from), " along ", c.axis, " at ", c.indices, " of ", c.shape[axis])
		s.addOne(name, func(x *Tensor) *Tensor { return ScatterAdd(x, c.axis, c.indices, c.shape[axis]) }, from...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return ScatterAdd(v, 0, classesOf(v.Shape()[0], 3), 4) }, a.shape...)
		s.addOne(a.name+", last axis", func(x *Tensor) *Tensor { v := a.view(x); return ScatterAdd(v, -1, classesOf(rowLength(v), 2), 2) }, a.shape...)
	}
	s.addOne("all at one place", func(x *Tensor) *Tensor { return ScatterAdd(x, 0, []int{1, 1, 1}, 2) }, 3, 2)
	return s.samples
}

func takeAlongSamples() []Sample {
	var s sampler
	for _, c := range taken {
		indices := spread(c.shape, c.axis, c.indices)
		s.addOne(fmt.Sprint(tensor.Shape(c.shape), " along ", c.axis, " at ", c.indices), func(x *Tensor) *Tensor { return TakeAlong(x, c.axis, indices) }, c.shape...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return TakeAlong(v, 0, spread(v.Shape(), 0, []int{1, 0, 1})) }, a.shape...)
		s.addOne(a.name+", last axis", func(x *Tensor) *Tensor { v := a.view(x); return TakeAlong(v, -1, spread(v.Shape(), -1, []int{1, 0})) }, a.shape...)
	}
	for _, c := range classified {
		s.addOne(fmt.Sprint("classes of ", c), func(x *Tensor) *Tensor { return TakeAlong(x, 1, classesOf(c[0], c[1])) }, c[:]...)
	}
	return s.samples
}

func addAlongSamples() []Sample {
	var s sampler
	for _, c := range taken {
		axis := (c.axis + len(c.shape)) % len(c.shape)
		indices := spread(c.shape, axis, c.indices)
		from := slices.Clone(c.shape)
		from[axis] = len(c.indices)
		name := fmt.Sprint(tensor.Shape(from), " along ", axis, " at ", c.indices, " of ", c.shape[axis])
		s.addOne(name, func(x *Tensor) *Tensor { return addAlong(x, axis, indices, c.shape[axis]) }, from...)
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { v := a.view(x); return addAlong(v, 0, classesOf(v.Size(), 3), 4) }, a.shape...)
		s.addOne(a.name+", second axis", func(x *Tensor) *Tensor { v := a.view(x); return addAlong(v, 1, classesOf(v.Size(), 2), 2) }, a.shape...)
	}
	for _, c := range classified {
		s.addOne(fmt.Sprint("classes of ", c), func(x *Tensor) *Tensor { return addAlong(x, 1, classesOf(c[0], c[1]), c[1]) }, c[0], 1)
	}
	return s.samples
}

// spread returns indices for TakeAlong: along the axis those given, but each line along it has them increased by its number.
func spread(shape []int, axis int, along []int) []int {
	axis = (axis + len(shape)) % len(shape)
	inner := product(shape[axis+1:])
	var indices []int
	for outer := range product(shape[:axis]) {
		for _, index := range along {
			for i := range inner {
				indices = append(indices, (index+outer*inner+i)%shape[axis])
			}
		}
	}
	return indices
}
