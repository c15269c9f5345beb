package arrayio

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"gorgonia.org/tensor"
)

// Write writes the elements of x, for which [KindOf] has a kind, in row-major order. The error is w's.
func Write(w io.Writer, order binary.ByteOrder, x *tensor.Dense) error {
	switch x.Dtype() {
	case tensor.Bool:
		return write(w, order, x, x.Bools())
	case tensor.Uint8:
		return write(w, order, x, x.Uint8s())
	case tensor.Int8:
		return write(w, order, x, x.Int8s())
	case tensor.Uint16:
		return write(w, order, x, x.Uint16s())
	case tensor.Int16:
		return write(w, order, x, x.Int16s())
	case tensor.Uint32:
		return write(w, order, x, x.Uint32s())
	case tensor.Int32:
		return write(w, order, x, x.Int32s())
	case tensor.Uint64:
		return write(w, order, x, x.Uint64s())
	case tensor.Int64:
		return write(w, order, x, x.Int64s())
	case tensor.Uint:
		return write(w, order, x, converted[uint64](x.Uints()))
	case tensor.Int:
		return write(w, order, x, converted[int64](x.Ints()))
	case tensor.Float32:
		return write(w, order, x, x.Float32s())
	case tensor.Float64:
		return write(w, order, x, x.Float64s())
	}
	return fmt.Errorf("elements of dtype %v cannot be written", x.Dtype())
}

func write[T any](w io.Writer, order binary.ByteOrder, x *tensor.Dense, values []T) error {
	const piece = 8 << 10
	var bytes []byte
	for part := range slices.Chunk(RowMajor(values, x.Shape(), x.Strides()), piece) {
		var err error
		if bytes, err = binary.Append(bytes[:0], order, part); err != nil {
			return err
		}
		if _, err := w.Write(bytes); err != nil {
			return err
		}
	}
	return nil
}

func converted[T int64 | uint64, E int | uint](values []E) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v)
	}
	return out
}
