package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// ReadIDX reads an array in the IDX format of the MNIST files, plain or
// compressed with gzip, which it tells apart by their first two bytes. It reads
// r to its end.
//
// A file is a magic number of four bytes (zero, zero, element type, number of
// axes), the length of each axis as a 32-bit number, and the elements in
// row-major order, everything big-endian. The array has the dtype that the file
// states: uint8, int8, int16, int32, float32 or float64.
//
// The error says where the file breaks the format: another magic number or
// element type, no axes, an axis of length 0, elements that are missing or left
// over, a damaged gzip stream. Memory is taken as elements arrive, so a header
// that promises too much costs nothing; a gzip stream that expands more than
// 128-fold after its first 16 MiB is refused as a bomb.
//
// The format is described at http://yann.lecun.com/exdb/mnist.
func ReadIDX(r io.Reader) (*tensor.Dense, error) {
	x, err := readIDX(r)
	if err != nil {
		return nil, fmt.Errorf("data: ReadIDX: %w", err)
	}
	return x, nil
}

func readIDX(r io.Reader) (*tensor.Dense, error) {
	stream, err := decompressed(r)
	if err != nil {
		return nil, err
	}
	var magic [4]byte
	if n, err := io.ReadFull(stream, magic[:]); err != nil {
		return nil, fmt.Errorf("magic number: %w", arrayio.Short(err, n, len(magic)))
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, fmt.Errorf("magic number % x does not begin with two zero bytes: this is not an IDX file", magic)
	}
	shape, err := readShape(stream, int(magic[3]))
	if err != nil {
		return nil, err
	}
	kind := idxKinds[magic[2]]
	if kind == 0 {
		return nil, fmt.Errorf("magic number % x: element type %#02x is not one of 08, 09, 0b, 0c, 0d, 0e", magic, magic[2])
	}
	x, err := arrayio.Array{Kind: kind, Order: binary.BigEndian, Shape: shape}.Read(stream)
	if err != nil {
		return nil, err
	}
	return x, readEnd(stream, shape)
}

// idxKinds has the element types by their number in the magic number.
var idxKinds = map[byte]arrayio.Kind{
	0x08: arrayio.Uint8,
	0x09: arrayio.Int8,
	0x0B: arrayio.Int16,
	0x0C: arrayio.Int32,
	0x0D: arrayio.Float32,
	0x0E: arrayio.Float64,
}

func readShape(r io.Reader, axes int) (tensor.Shape, error) {
	if axes == 0 {
		return nil, errors.New("the header has no axes")
	}
	lengths := make([]byte, 4*axes)
	if n, err := io.ReadFull(r, lengths); err != nil {
		return nil, fmt.Errorf("lengths of %d axes: %w", axes, arrayio.Short(err, n, len(lengths)))
	}
	shape := make(tensor.Shape, axes)
	// Eight bytes an element, the most there can be, must be countable as well.
	limit := uint64(math.MaxInt / 8)
	for axis := range shape {
		n := uint64(binary.BigEndian.Uint32(lengths[4*axis:]))
		if n == 0 {
			return nil, fmt.Errorf("axis %d has length 0: there is nothing to read", axis)
		}
		limit /= n
		if limit == 0 {
			return nil, fmt.Errorf("axis %d of length %d makes more elements than memory can hold: the header is damaged", axis, n)
		}
		shape[axis] = int(n)
	}
	return shape, nil
}

// readEnd wants r to be at its end, behind the elements of an array of the given shape.
func readEnd(r io.Reader, shape tensor.Shape) error {
	if n, err := io.ReadFull(r, make([]byte, 1)); n > 0 {
		return fmt.Errorf("there is data after the elements of shape %v: the header is damaged", shape)
	} else if err != io.EOF {
		return fmt.Errorf("after the elements of shape %v: %w", shape, err)
	}
	return nil
}

// decompressed returns the data of r, which may be compressed.
func decompressed(r io.Reader) (io.Reader, error) {
	counted := &counter{r: r}
	buffered := bufio.NewReader(counted)
	// An error will come again when the magic number is read.
	if magic, _ := buffered.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("gzip header: %w", err)
	}
	return &bounded{compressed: counted, expanded: counter{r: unzipped}}, nil
}

// A counter counts the bytes that are read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded is a decompressed stream that fails when it grows out of proportion to
// what it was expanded from. gzip expands up to 1032-fold; scanned images some 5-
// to 10-fold.
type bounded struct {
	compressed *counter
	expanded   counter
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.expanded.Read(p)
	if b.expanded.n > 16<<20+128*b.compressed.n {
		return n, fmt.Errorf("%d compressed bytes expand to more than %d: decompress the file first if it is meant to",
			b.compressed.n, b.expanded.n)
	}
	return n, err
}
