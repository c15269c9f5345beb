package arrayio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// An Array says how the elements of an array lie in a file.
type Array struct {
	Kind    Kind             // of each element
	Order   binary.ByteOrder // of its bytes
	Shape   []int            // lengths of the axes
	Fortran bool             // column-major: the first axis runs fastest
}

// Read reads the elements and nothing behind them, as a row-major array. The error is that of [Kind.Bytes], or says that there are too
// few elements, or that a bool is neither 0 nor 1. Memory is taken as elements arrive, and is never more than three times theirs.
func (a Array) Read(r io.Reader) (*tensor.Dense, error) {
	switch a.Kind {
	case Bool:
		return read(a, r, decodeBools)
	case Uint8:
		return read(a, r, decode[uint8](a.Order))
	case Int8:
		return read(a, r, decode[int8](a.Order))
	case Uint16:
		return read(a, r, decode[uint16](a.Order))
	case Int16:
		return read(a, r, decode[int16](a.Order))
	case Uint32:
		return read(a, r, decode[uint32](a.Order))
	case Int32:
		return read(a, r, decode[int32](a.Order))
	case Uint64:
		return read(a, r, decode[uint64](a.Order))
	case Int64:
		return read(a, r, decode[int64](a.Order))
	case Float16:
		return read(a, r, widen(a.Order, fromFloat16))
	case BFloat16:
		return read(a, r, widen(a.Order, fromBFloat16))
	case Float32:
		return read(a, r, decode[float32](a.Order))
	case Float64:
		return read(a, r, decode[float64](a.Order))
	}
	return nil, fmt.Errorf("kind %d of elements is not known", a.Kind)
}

// read reads the elements piece by piece: the header is not to be believed until they have arrived.
func read[T any](a Array, r io.Reader, decode func(dst []T, src []byte) error) (*tensor.Dense, error) {
	bytes, err := a.Kind.Bytes(a.Shape)
	if err != nil {
		return nil, err
	}
	size := a.Kind.Size()
	total := bytes / size
	piece := make([]byte, min(bytes, 64<<10))
	values := []T{}
	for len(values) < total {
		want := min(len(piece)/size, total-len(values))
		n, err := io.ReadFull(r, piece[:want*size])
		if err != nil {
			return nil, fmt.Errorf("elements of shape %v: %w", tensor.Shape(a.Shape), Short(err, len(values)*size+n, bytes))
		}
		have := len(values)
		if have+want > cap(values) {
			// append would round up past the total.
			grown := make([]T, have, min(total, max(2*have, have+want)))
			copy(grown, values)
			values = grown
		}
		values = values[:have+want]
		if err := decode(values[have:], piece[:n]); err != nil {
			return nil, fmt.Errorf("elements of shape %v from byte %d: %w", tensor.Shape(a.Shape), have*size, err)
		}
	}
	if a.Fortran {
		values = RowMajor(values, a.Shape, fortranStrides(a.Shape))
	}
	return engine.Dense(values, a.Shape...), nil
}

func fortranStrides(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for axis, n := range shape {
		strides[axis] = step
		step *= n
	}
	return strides
}

// Short puts into words that only n of the wanted bytes could be read.
func Short(err error, n, want int) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%d of %d bytes: %w", n, want, err)
}

func decode[T any](order binary.ByteOrder) func(dst []T, src []byte) error {
	return func(dst []T, src []byte) error {
		_, err := binary.Decode(src, order, dst)
		return err
	}
}

func decodeBools(dst []bool, src []byte) error {
	for i, b := range src {
		if b > 1 {
			return fmt.Errorf("a bool is %d: want 0 or 1", b)
		}
		dst[i] = b == 1
	}
	return nil
}

func widen(order binary.ByteOrder, convert func(bits uint16) float32) func(dst []float32, src []byte) error {
	return func(dst []float32, src []byte) error {
		for i := range dst {
			dst[i] = convert(order.Uint16(src[2*i:]))
		}
		return nil
	}
}

// fromBFloat16 widens the upper half of a float32.
func fromBFloat16(bits uint16) float32 { return math.Float32frombits(uint32(bits) << 16) }

// fromFloat16 widens an IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction.
func fromFloat16(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10&0x1f), uint32(bits&0x3ff)
	switch exponent {
	case 0: // zero, or subnormal: a multiple of 2⁻²⁴
		magnitude := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(magnitude))
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
