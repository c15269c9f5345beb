package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// A comparison holds elements against each other.
type comparison struct {
	name     string
	single   func(dst []bool, a, b []float32)
	double   func(dst []bool, a, b []float64)
	standard func(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error)
	scalar   func(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error)
}

var (
	greaterThan = comparison{"Gt", isGreater[float32], isGreater[float64], std.Gt, std.GtScalar}
	atLeast     = comparison{"Gte", isAtLeast[float32], isAtLeast[float64], std.Gte, std.GteScalar}
	lessThan    = comparison{"Lt", isLess[float32], isLess[float64], std.Lt, std.LtScalar}
	atMost      = comparison{"Lte", isAtMost[float32], isAtMost[float64], std.Lte, std.LteScalar}
	equality    = comparison{"ElEq", isEqual[float32], isEqual[float64], std.ElEq, std.EqScalar}
	inequality  = comparison{"ElNe", isUnequal[float32], isUnequal[float64], std.ElNe, std.NeScalar}
)

// Gt returns where a > b, for arrays of one shape: a Dense of bool, or with tensor.AsSameType 1 and 0 of the operands' dtype, as which
// it also overwrites a with tensor.UseUnsafe. Nothing but inequality holds for NaN. All comparisons are like it.
func (Engine) Gt(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return greaterThan.arrays(a, b, opts)
}

// GtScalar returns where t > s, or where s > t unless leftTensor is set.
func (Engine) GtScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return greaterThan.withScalar(t, s, leftTensor, opts)
}

// Gte returns where a ≥ b.
func (Engine) Gte(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return atLeast.arrays(a, b, opts)
}

// GteScalar returns where t ≥ s, or where s ≥ t unless leftTensor is set.
func (Engine) GteScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return atLeast.withScalar(t, s, leftTensor, opts)
}

// Lt returns where a < b.
func (Engine) Lt(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return lessThan.arrays(a, b, opts)
}

// LtScalar returns where t < s, or where s < t unless leftTensor is set.
func (Engine) LtScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return lessThan.withScalar(t, s, leftTensor, opts)
}

// Lte returns where a ≤ b.
func (Engine) Lte(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return atMost.arrays(a, b, opts)
}

// LteScalar returns where t ≤ s, or where s ≤ t unless leftTensor is set.
func (Engine) LteScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return atMost.withScalar(t, s, leftTensor, opts)
}

// ElEq returns where a equals b.
func (Engine) ElEq(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return equality.arrays(a, b, opts)
}

// EqScalar returns where t equals s.
func (Engine) EqScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return equality.withScalar(t, s, leftTensor, opts)
}

// ElNe returns where a differs from b.
func (Engine) ElNe(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return inequality.arrays(a, b, opts)
}

// NeScalar returns where t differs from s.
func (Engine) NeScalar(t tensor.Tensor, s any, leftTensor bool, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return inequality.withScalar(t, s, leftTensor, opts)
}

func (c *comparison) arrays(a, b tensor.Tensor, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	both := allFloats(a, b)
	switch {
	case both == nil || !a.Shape().Eq(b.Shape()): // the error of tensor.StdEng says so
		return c.standard(a, b, opts...)
	case a.Dtype() == tensor.Float32:
		return compare(c.name, viewOf[float32](both[0]), viewOf[float32](both[1]), both[0], opts, c.single)
	}
	return compare(c.name, viewOf[float64](both[0]), viewOf[float64](both[1]), both[0], opts, c.double)
}

func (c *comparison) withScalar(t tensor.Tensor, s any, leftTensor bool, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	d := floats(t)
	if d == nil {
		return c.scalar(t, s, leftTensor, opts...)
	}
	if array, ok := s.(tensor.Tensor); ok && array.Shape().IsScalar() {
		s = array.ScalarValue()
	}
	if s, ok := s.(float32); ok && d.Dtype() == tensor.Float32 {
		return compareScalar(c.name, d, s, leftTensor, opts, c.single)
	}
	if s, ok := s.(float64); ok && d.Dtype() == tensor.Float64 {
		return compareScalar(c.name, d, s, leftTensor, opts, c.double)
	}
	return c.scalar(t, s, leftTensor, opts...)
}

func compareScalar[T kernel.Float](name string, d *tensor.Dense, s T, leftTensor bool, opts []tensor.FuncOpt, f func(dst []bool, a, b []T)) (tensor.Tensor, error) {
	t := viewOf[T](d)
	if leftTensor {
		return compare(name, t, repeated(s, t.Shape), d, opts, f)
	}
	return compare(name, repeated(s, t.Shape), t, d, opts, f)
}

// compare is of a and b, of which d is the one that tensor.UseUnsafe overwrites.
func compare[T kernel.Float](name string, a, b view[T], d *tensor.Dense, opts []tensor.FuncOpt, f func(dst []bool, a, b []T)) (tensor.Tensor, error) {
	o := tensor.ParseFuncOpts(opts...)
	if o.Same() || !o.Safe() {
		p, ok := placeOf(opts, d, d.Dtype())
		if !ok || p.add {
			return nil, fmt.Errorf("%s: the array given for the result, of 1 and 0, is not a Dense of %v without a mask to overwrite", name, d.Dtype())
		}
		return pointwise(name, p, a, b, d.Shape(), func(dst, a, b []T) { numbers(dst, a, b, f) })
	}
	into, err := flags(name, o, d.Shape())
	if err != nil {
		return nil, err
	}
	dst := into.Bools()
	pool.For(len(dst), 64*block, func(lo, hi int) {
		left, right := a.room(), b.room()
		for from := lo; from < hi; from += block {
			to := min(from+block, hi)
			f(dst[from:to], a.part(left, from, to), b.part(right, from, to))
		}
	})
	return into, nil
}

// numbers writes 1 where f finds that a and b compare, and 0 elsewhere.
func numbers[T kernel.Float](dst, a, b []T, f func(dst []bool, a, b []T)) {
	var room [block]bool
	for len(dst) > 0 {
		n := min(len(dst), block)
		f(room[:n], a[:n], b[:n])
		for i, holds := range room[:n] {
			if dst[i] = 0; holds {
				dst[i] = 1
			}
		}
		dst, a, b = dst[n:], a[n:], b[n:]
	}
}

// flags returns the Dense of bool that the options give for a result, or a new one.
func flags(name string, o *tensor.OpOpt, shape tensor.Shape) (*tensor.Dense, error) {
	given, add := o.IncrReuse()
	if given == nil {
		return Dense(make([]bool, shape.TotalSize()), shape...), nil
	}
	d, ok := given.(*tensor.Dense)
	if !ok || add || d.Dtype() != tensor.Bool || !d.Shape().Eq(shape) || d.IsMasked() || !isRowMajor(d.Shape(), d.Strides()) {
		return nil, fmt.Errorf("%s: the array given for the result, a %T of %v and shape %v, is not a row-major Dense of bool and shape %v to overwrite",
			name, given, given.Dtype(), given.Shape(), shape)
	}
	return d, nil
}

func isGreater[T kernel.Float](dst []bool, a, b []T) {
	for i, v := range a {
		dst[i] = v > b[i]
	}
}

func isAtLeast[T kernel.Float](dst []bool, a, b []T) {
	for i, v := range a {
		dst[i] = v >= b[i]
	}
}

func isLess[T kernel.Float](dst []bool, a, b []T)   { isGreater(dst, b, a) }
func isAtMost[T kernel.Float](dst []bool, a, b []T) { isAtLeast(dst, b, a) }

func isEqual[T kernel.Float](dst []bool, a, b []T) {
	for i, v := range a {
		dst[i] = v == b[i]
	}
}

func isUnequal[T kernel.Float](dst []bool, a, b []T) {
	for i, v := range a {
		dst[i] = v != b[i]
	}
}
