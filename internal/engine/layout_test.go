package engine

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// These arrays hold small whole numbers, of which sums and products are exact: results are compared for equality.

// anyDense draws an array of the given shape that is row-major, column-major, a transpose, or a slice of a larger one.
func anyDense[T kernel.Float](t *rapid.T, name string, shape []int) *tensor.Dense {
	draw := rapid.SampledFrom([]string{"dense", "fortran", "transpose", "slice", "transposed slice", "slice of transpose"})
	kind := draw.Draw(t, name)
	d := plainDense[T](t, shape)
	switch kind {
	case "fortran":
		d = tensor.New(carried, tensor.WithShape(shape...), tensor.AsFortran(memory[T](d)))
	case "transpose":
		d = transposedDense[T](t, shape)
	case "slice":
		d = sliced(t, shape, func(shape []int) *tensor.Dense { return plainDense[T](t, shape) })
	case "slice of transpose":
		d = sliced(t, shape, func(shape []int) *tensor.Dense { return transposedDense[T](t, shape) })
	case "transposed slice":
		if len(shape) > 1 {
			reversed := slices.Clone(shape)
			slices.Reverse(reversed)
			d = sliced(t, reversed, func(shape []int) *tensor.Dense { return plainDense[T](t, shape) })
			must(t, d.T())
		}
	}
	if !slices.Equal(d.Shape(), shape) || floats(d) == nil { // slicing drops axes of length 1
		return plainDense[T](t, shape)
	}
	return d
}

func plainDense[T kernel.Float](t *rapid.T, shape []int) *tensor.Dense {
	values := make([]T, tensor.Shape(shape).TotalSize())
	for i := range values {
		values[i] = T(rapid.SampledFrom([]int{-5, -4, -3, -2, -1, 1, 2, 3, 4, 7}).Draw(t, "value"))
	}
	return Dense(values, shape...)
}

func transposedDense[T kernel.Float](t *rapid.T, shape []int) *tensor.Dense {
	order := make([]int, len(shape))
	for i := range order {
		order[i] = i
	}
	order = rapid.Permutation(order).Draw(t, "order")
	before := make([]int, len(shape))
	for i, axis := range order {
		before[axis] = shape[i]
	}
	d := plainDense[T](t, before)
	if len(shape) > 1 {
		must(t, d.T(order...))
	}
	return d
}

func sliced(t *rapid.T, shape []int, parent func(shape []int) *tensor.Dense) *tensor.Dense {
	whole := make([]int, len(shape))
	ranges := make([]tensor.Slice, len(shape))
	for axis, n := range shape {
		start, step := rapid.IntRange(0, 1).Draw(t, "start"), rapid.IntRange(1, 2).Draw(t, "step")
		ranges[axis] = tensor.S(start, start+n*step, step)
		whole[axis] = start + n*step + rapid.IntRange(0, 1).Draw(t, "rest")
	}
	s, err := parent(whole).Slice(ranges...)
	must(t, err)
	return s.(*tensor.Dense)
}

// elements lists an array in row-major order by its strides, one element after the other.
func elements[T kernel.Float](d *tensor.Dense) []T {
	var list []T
	data, shape, strides := memory[T](d), d.Shape(), stridesOf(d)
	var walk func(axis, offset int)
	walk = func(axis, offset int) {
		if axis == len(shape) {
			list = append(list, data[offset])
			return
		}
		for i := range shape[axis] {
			walk(axis+1, offset+i*strides[axis])
		}
	}
	walk(0, 0)
	return list
}

// others lists what lies in the memory of a view between its elements.
func others[T kernel.Float](d *tensor.Dense) []T {
	data := slices.Clone(memory[T](d))
	shape, strides := d.Shape(), stridesOf(d)
	var walk func(axis, offset int)
	walk = func(axis, offset int) {
		if axis == len(shape) {
			data[offset] = 0
			return
		}
		for i := range shape[axis] {
			walk(axis+1, offset+i*strides[axis])
		}
	}
	walk(0, 0)
	return data
}

func anyShape(t *rapid.T) []int {
	return rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(t, "shape")
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// check runs a property for both dtypes.
func check(t *testing.T, single, double func(t *rapid.T)) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, single) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, double) })
}

func wantElements[T kernel.Float](t rapid.TB, got tensor.Tensor, shape []int, want []T) {
	t.Helper()
	d := got.(*tensor.Dense)
	if _, ok := d.Engine().(Engine); !ok {
		t.Errorf("the result carries a %T", d.Engine())
	}
	if !slices.Equal(d.Shape(), shape) {
		t.Fatalf("shape %v, want %v", d.Shape(), shape)
	}
	if e := elements[T](d); !slices.Equal(e, want) {
		t.Fatalf("got %v, want %v", e, want)
	}
}
