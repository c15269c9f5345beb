package engine

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// A place is where a result goes.
type place struct {
	into *tensor.Dense // nil is a new array
	add  bool          // to what is there
}

// placeOf reads the options of a call, of which package tensor prefers tensor.WithIncr to tensor.WithReuse to tensor.UseUnsafe.
// The last overwrites operand, and is ignored where that is nil. It reports false for an array that the engine cannot write.
func placeOf(opts []tensor.FuncOpt, operand *tensor.Dense, dtype tensor.Dtype) (place, bool) {
	if len(opts) == 0 {
		return place{}, true
	}
	o := tensor.ParseFuncOpts(opts...)
	into, add := o.IncrReuse()
	if into != nil {
		d := floats(into)
		return place{into: d, add: add}, d != nil && d.Dtype() == dtype
	}
	if !o.Safe() {
		return place{into: operand}, true
	}
	return place{}, true
}

// put brings the result of compute, of the given shape, to p. compute fills its argument in row-major order from the operands.
func put[T kernel.Float](name string, p place, shape []int, compute func(dst []T), operands ...view[T]) (tensor.Tensor, error) {
	shape = slices.Clone(shape) // p.into may be an operand, whose shape package tensor changes in place
	n := strided.View[T]{Shape: shape}.Size()
	if p.into == nil {
		values := make([]T, n)
		compute(values)
		return Dense(values, shape...), nil
	}
	v := viewOf[T](p.into)
	if v.Size() != n {
		return nil, fmt.Errorf("%s: the result has shape %v, and the array given for it %v", name, tensor.Shape(shape), p.into.Shape())
	}
	if !v.isDistinct() {
		return nil, fmt.Errorf("%s: the array given for the result, of shape %v, has strides %v: several elements lie in one place",
			name, p.into.Shape(), p.into.Strides())
	}
	inPlace := v.Dense && !p.add && slices.Equal(v.Shape, shape) &&
		!slices.ContainsFunc(operands, func(x view[T]) bool { return v.disturbs(x) })
	if inPlace {
		compute(v.Data[:n])
		return p.into, nil
	}
	values := make([]T, n)
	compute(values)
	if !slices.Equal(v.Shape, shape) {
		if err := p.into.Reshape(slices.Clone(shape)...); err != nil {
			return nil, fmt.Errorf("%s: the array given for the result: %w", name, err)
		}
		v = viewOf[T](p.into)
	}
	v.scatter(values, p.add)
	return p.into, nil
}
