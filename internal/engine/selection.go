package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// SelectByIndices returns the parts of a along an axis at the indices, a vector of int. The error says that a lacks the axis, or a part.
func (e Engine) SelectByIndices(a, indices tensor.Tensor, axis int, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(a)
	if d == nil {
		return e.StdEng.SelectByIndices(a, indices, axis, opts...)
	}
	p, ok := placeOf(opts, d, d.Dtype())
	list, ints := indices.(*tensor.Dense)
	switch {
	case !ok:
		return nil, fmt.Errorf("SelectByIndices: the array given for the result is not a Dense of %v without a mask", d.Dtype())
	case axis < 0 || axis >= d.Dims():
		return nil, fmt.Errorf("SelectByIndices: shape %v has no axis %d", d.Shape(), axis)
	case !ints || list.Dtype() != tensor.Int || list.IsMasked() || !list.Shape().IsVectorLike():
		return nil, fmt.Errorf("SelectByIndices: the indices, a %T of %v and shape %v, are not a vector of int", indices, indices.Dtype(), indices.Shape())
	case d.Dtype() == tensor.Float32:
		return selected(p, viewOf[float32](d), list, axis)
	}
	return selected(p, viewOf[float64](d), list, axis)
}

func selected[T kernel.Float](p place, x view[T], list *tensor.Dense, axis int) (tensor.Tensor, error) {
	l := lengthsAround(x.Shape, axis)
	var indices []int
	it := list.Iterator()
	for at, err := it.Start(); err == nil; at, err = it.Next() {
		index := list.Get(at).(int)
		if index < 0 || index >= l.n {
			return nil, fmt.Errorf("SelectByIndices: index %d along axis %d of shape %v", index, axis, tensor.Shape(x.Shape))
		}
		indices = append(indices, index)
	}
	shape := slices.Clone(x.Shape)
	shape[axis] = len(indices)
	return put("SelectByIndices", p, shape, func(dst []T) {
		for values := x.rowMajor(); len(values) > 0; values = values[l.n*l.inner:] {
			for _, index := range indices {
				dst = dst[copy(dst, values[index*l.inner:][:l.inner]):]
			}
		}
	}, x)
}
