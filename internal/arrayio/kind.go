// Package arrayio reads and writes the elements of arrays in files, one after the other, whatever the format around them.
//
// Reading believes no header: memory is taken as elements arrive. Writing takes arrays of any strides, and avoids what package
// tensor does unexpectedly with views.
package arrayio

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"
)

// A Kind is what the elements of an array are in a file.
type Kind uint8

// Those of two bytes are read as float32, which holds each of their values exactly, and never written.
const (
	Bool Kind = iota + 1
	Uint8
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Uint64
	Int64
	Float16
	BFloat16
	Float32
	Float64
)

var kinds = [...]struct {
	dtype tensor.Dtype // that it is read as
	size  int          // in bytes
}{
	Bool:     {tensor.Bool, 1},
	Uint8:    {tensor.Uint8, 1},
	Int8:     {tensor.Int8, 1},
	Uint16:   {tensor.Uint16, 2},
	Int16:    {tensor.Int16, 2},
	Uint32:   {tensor.Uint32, 4},
	Int32:    {tensor.Int32, 4},
	Uint64:   {tensor.Uint64, 8},
	Int64:    {tensor.Int64, 8},
	Float16:  {tensor.Float32, 2},
	BFloat16: {tensor.Float32, 2},
	Float32:  {tensor.Float32, 4},
	Float64:  {tensor.Float64, 8},
}

// Size returns the number of bytes of an element.
func (k Kind) Size() int { return kinds[k].size }

// Bytes returns how many bytes an array of the given shape has. The error says that an axis is negative, or that there are more
// elements than memory can hold. An axis of length 0 leaves none, but the others must be countable all the same, for strides.
func (k Kind) Bytes(shape []int) (int, error) {
	n := k.Size()
	for axis, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("axis %d has length %d: want no axis below 0", axis, d)
		}
		if d == 0 {
			continue
		}
		if n > math.MaxInt/8/d { // of eight bytes, the most there can be
			return 0, fmt.Errorf("axis %d of length %d makes more elements than memory can hold", axis, d)
		}
		n *= d
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	return n, nil
}

// KindOf returns the kind as which the elements of x are written: int and uint as numbers of 64 bits. The error says why x cannot
// be written: it is nil, masked, of a dtype that files do not have, repeats values or reaches outside of them.
func KindOf(x *tensor.Dense) (Kind, error) {
	switch {
	case x == nil:
		return 0, errors.New("it is nil: want a tensor made by tensor.New")
	case x.Dtype().Type == nil:
		return 0, errors.New("it has no dtype: want a tensor made by tensor.New")
	case len(x.Mask()) > 0: // IsMasked also says so of an array without elements
		return 0, errors.New("it is masked: fill in the missing values first")
	}
	kind, values := Kind(0), 0
	switch x.Dtype() {
	case tensor.Bool:
		kind, values = Bool, len(x.Bools())
	case tensor.Uint8:
		kind, values = Uint8, len(x.Uint8s())
	case tensor.Int8:
		kind, values = Int8, len(x.Int8s())
	case tensor.Uint16:
		kind, values = Uint16, len(x.Uint16s())
	case tensor.Int16:
		kind, values = Int16, len(x.Int16s())
	case tensor.Uint32:
		kind, values = Uint32, len(x.Uint32s())
	case tensor.Int32:
		kind, values = Int32, len(x.Int32s())
	case tensor.Uint64:
		kind, values = Uint64, len(x.Uint64s())
	case tensor.Int64:
		kind, values = Int64, len(x.Int64s())
	case tensor.Uint:
		kind, values = Uint64, len(x.Uints())
	case tensor.Int:
		kind, values = Int64, len(x.Ints())
	case tensor.Float32:
		kind, values = Float32, len(x.Float32s())
	case tensor.Float64:
		kind, values = Float64, len(x.Float64s())
	default:
		return 0, fmt.Errorf("it has dtype %v: want bool, a whole number, float32 or float64", x.Dtype())
	}
	if err := CheckLayout(x.Shape(), x.Strides(), values); err != nil {
		return 0, fmt.Errorf("it has shape %v and strides %v over %d values: %w", x.Shape(), x.Strides(), values, err)
	}
	return kind, nil
}
