package engine

import (
	"cmp"
	"slices"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// A view is an array as this package reads and writes it.
type view[T kernel.Float] struct{ strided.View[T] }

// floats returns x as an array that the engine computes on itself, or nil: a Dense of float32 or float64 without a mask whose
// elements all lie in its memory.
func floats(x tensor.Tensor) *tensor.Dense {
	d, ok := x.(*tensor.Dense)
	if !ok || d == nil || d.Dtype() != tensor.Float32 && d.Dtype() != tensor.Float64 || !d.IsNativelyAccessible() || len(d.Mask()) > 0 {
		return nil
	}
	shape, strides := d.Shape(), stridesOf(d)
	if len(shape) != len(strides) {
		return nil
	}
	last := 0
	for axis, n := range shape {
		if n == 0 {
			return d
		}
		if strides[axis] < 0 {
			return nil
		}
		last += (n - 1) * strides[axis]
	}
	if last >= int(d.MemSize()/d.Dtype().Size()) {
		return nil
	}
	return d
}

// allFloats returns all of xs as floats does, of one dtype, or nil.
func allFloats(xs ...tensor.Tensor) []*tensor.Dense {
	all := make([]*tensor.Dense, len(xs))
	for i, x := range xs {
		if all[i] = floats(x); all[i] == nil || all[i].Dtype() != all[0].Dtype() {
			return nil
		}
	}
	return all
}

// viewOf reads d, of dtype T. It shares the shape and strides, which package tensor changes in place when it reshapes d.
func viewOf[T kernel.Float](d *tensor.Dense) view[T] {
	v := strided.View[T]{Shape: d.Shape(), Strides: stridesOf(d)}
	v.Dense = isRowMajor(v.Shape, v.Strides)
	if v.Size() > 0 { // package tensor panics where there is no memory
		v.Data = memory[T](d)
	}
	return view[T]{v}
}

// stridesOf returns the strides, of which package tensor keeps one or none for a column-major array with at most one axis that is
// longer than 1.
func stridesOf(d *tensor.Dense) []int {
	shape, strides := d.Shape(), d.Strides()
	if len(strides) < len(shape) && shape.IsVectorLike() {
		return slices.Repeat(append(slices.Clone(strides), 1)[:1], len(shape))
	}
	return strides
}

func memory[T kernel.Float](d *tensor.Dense) []T {
	if unsafe.Sizeof(T(0)) == 4 {
		return any(d.Float32s()).([]T)
	}
	return any(d.Float64s()).([]T)
}

// repeated returns the array of the given shape whose elements are all v.
func repeated[T kernel.Float](v T, shape []int) view[T] {
	return view[T]{strided.View[T]{Data: []T{v}, Shape: shape, Strides: make([]int, len(shape))}}
}

// rowMajor returns the elements in row-major order: the memory of v itself if they lie there so.
func (v view[T]) rowMajor() []T {
	n := v.Size()
	if v.Dense {
		return v.Data[:n]
	}
	values := make([]T, n)
	v.Gather(values, 0)
	return values
}

// block is how many elements are copied at a time: they stay in the first-level cache.
const block = 1024

// room returns memory for what part copies, up to a block.
func (v view[T]) room() []T {
	if v.Dense {
		return nil
	}
	return make([]T, min(block, v.Size()))
}

// part returns the elements [from, to) in row-major order: the memory of v itself if they lie there so, else copies in room.
func (v view[T]) part(room []T, from, to int) []T {
	if v.Dense {
		return v.Data[from:to]
	}
	v.Gather(room[:to-from], from)
	return room[:to-from]
}

// scatter writes values, in row-major order, to the elements of v, or adds them.
func (v view[T]) scatter(values []T, add bool) {
	switch {
	case len(values) == 0:
	case !v.Dense:
		scatter(v.Data, v.Shape, v.Strides, values, add)
	case add:
		kernel.Add(v.Data[:len(values)], v.Data[:len(values)], values)
	default:
		copy(v.Data, values)
	}
}

// scatter is by axes from the first. It returns the values that are left.
func scatter[T kernel.Float](data []T, shape, strides []int, values []T, add bool) []T {
	if len(shape) == 0 {
		if add {
			data[0] += values[0]
		} else {
			data[0] = values[0]
		}
		return values[1:]
	}
	for i := range shape[0] {
		values = scatter(data[i*strides[0]:], shape[1:], strides[1:], values, add)
	}
	return values
}

// isDistinct reports whether no two elements of v lie in one place, which is sure where each axis steps over the whole extent
// of those with smaller strides. Layouts that fail this and are distinct nevertheless do not come from slicing.
func (v view[T]) isDistinct() bool {
	var axes []int
	for axis, n := range v.Shape {
		if n == 0 {
			return true
		}
		if n > 1 {
			axes = append(axes, axis)
		}
	}
	slices.SortFunc(axes, func(a, b int) int { return cmp.Compare(v.Strides[a], v.Strides[b]) })
	extent := 0
	for _, axis := range axes {
		if v.Strides[axis] <= extent {
			return false
		}
		extent += (v.Shape[axis] - 1) * v.Strides[axis]
	}
	return true
}

// disturbs reports whether writing v, element after element, could change an element of x before it is read.
func (v view[T]) disturbs(x view[T]) bool {
	if len(v.Data) == 0 || len(x.Data) == 0 {
		return false
	}
	a, b := uintptr(unsafe.Pointer(&v.Data[0])), uintptr(unsafe.Pointer(&x.Data[0]))
	size := unsafe.Sizeof(v.Data[0])
	overlap := a < b+uintptr(len(x.Data))*size && b < a+uintptr(len(v.Data))*size
	return overlap && !(a == b && v.Dense && x.Dense)
}

// isRowMajor ignores the strides of axes of length 1, which no element depends on.
func isRowMajor(shape, strides []int) bool {
	step := 1
	for axis, n := range slices.Backward(shape) {
		if n != 1 && strides[axis] != step {
			return false
		}
		step *= n
	}
	return true
}
