package strided

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// anyView draws a view of any rank up to 5, with axes permuted, cut and repeated, over distinct numbers.
func anyView(t *rapid.T, shape []int) View[float64] {
	strides := make([]int, len(shape))
	reach := 0
	for _, axis := range rapid.Permutation(axes(len(shape))).Draw(t, "order") {
		if rapid.IntRange(0, 3).Draw(t, "kind") > 0 { // else repeated: stride 0
			strides[axis] = reach + rapid.IntRange(1, 3).Draw(t, "gap")
			reach += max(shape[axis]-1, 0) * strides[axis]
		}
	}
	data := make([]float64, reach+1)
	for i := range data {
		data[i] = float64(i)
	}
	return View[float64]{Data: data, Shape: shape, Strides: strides}
}

func axes(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func anyShape(t *rapid.T) []int {
	return rapid.SliceOfN(rapid.IntRange(0, 6), 0, 5).Draw(t, "shape")
}

// plain lists the elements in row-major order by recursion over the axes.
func plain(v View[float64]) []float64 {
	var list []float64
	var walk func(axis, offset int)
	walk = func(axis, offset int) {
		if axis == len(v.Shape) {
			list = append(list, v.Data[offset])
			return
		}
		for i := range v.Shape[axis] {
			walk(axis+1, offset+i*v.Strides[axis])
		}
	}
	walk(0, 0)
	return list
}

func dense(shape []int) View[float64] {
	v := View[float64]{Shape: shape, Strides: Strides(shape), Dense: true}
	v.Data = make([]float64, v.Size())
	for i := range v.Data {
		v.Data[i] = 0.5 + float64(i)
	}
	return v
}

func TestGather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t, anyShape(t))
		if rapid.Bool().Draw(t, "dense") {
			v = dense(v.Shape)
		}
		want := plain(v)
		from := rapid.IntRange(0, len(want)).Draw(t, "from")
		to := rapid.IntRange(from, len(want)).Draw(t, "to")
		got := make([]float64, to-from)
		v.Gather(got, from)
		if !slices.Equal(got, want[from:to]) {
			t.Fatalf("got %v, want %v", got, want[from:to])
		}
	})
}

func TestStridesAreThoseOfRowMajorOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := dense(anyShape(t))
		if got := plain(v); !slices.Equal(got, v.Data) {
			t.Fatalf("got %v, want %v", got, v.Data)
		}
	})
}

// The pieces that a kernel sees cover each element once, whatever the layouts and however many blocks and goroutines.
func TestMaps(t *testing.T) {
	shapes := [][]int{{}, {0}, {7}, {3, 5}, {2, 3, 700}, {70, 1000}, {3, 2 * Grain}}
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SampledFrom(shapes).Draw(t, "shape")
		views := make([]View[float64], 3)
		lists := make([][]float64, 3)
		for i := range views {
			views[i] = dense(shape)
			if rapid.Bool().Draw(t, "strided") {
				views[i] = anyView(t, shape)
			}
			lists[i] = plain(views[i])
		}
		got := make([]float64, len(lists[0]))
		want := make([]float64, len(got))
		check := func(name string, f func(i int) float64) {
			for i := range want {
				want[i] = f(i)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s over shape %v differs from the plain loop", name, shape)
			}
		}
		Map1(got, views[0], func(dst, a []float64) {
			for i := range dst {
				dst[i] = 2 * a[i]
			}
		})
		check("Map1", func(i int) float64 { return 2 * lists[0][i] })
		Map2(got, views[0], views[1], func(dst, a, b []float64) {
			for i := range dst {
				dst[i] = a[i] - 3*b[i]
			}
		})
		check("Map2", func(i int) float64 { return lists[0][i] - 3*lists[1][i] })
		Map3(got, views[0], views[1], views[2], func(dst, a, b, c []float64) {
			for i := range dst {
				dst[i] = a[i] - 3*b[i] + 5*c[i]
			}
		})
		check("Map3", func(i int) float64 { return lists[0][i] - 3*lists[1][i] + 5*lists[2][i] })
	})
}
