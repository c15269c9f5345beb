package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// ReadNPY reads an array in NumPy's NPY format, of version 1.0, 2.0 or 3.0, as numpy.save writes it. It reads nothing behind the
// array, so that arrays which stand one after the other in r are read one after the other; where there is none left the error is
// io.EOF, wrapped.
//
// The result is row-major, also if the file is in Fortran order. Its dtype is the file's: bool, uint8 to uint64, int8 to int64, float32
// or float64, in either byte order; float16 becomes float32, which holds all its values. Rank 0 and axes of length 0 are read as they
// are; the method Data of a tensor without elements panics, Float64s and its like do not.
//
// The error says which part of the file breaks the format, and at which byte: the magic string, the version, the header (a
// Python dictionary of descr, fortran_order and shape, and nothing else), or elements that are missing. Complex numbers, texts, dates,
// objects and records are errors. Memory is taken as elements arrive, whatever the header promises.
//
// The format is described at https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
func ReadNPY(r io.Reader) (*tensor.Dense, error) {
	x, err := readNPY(r)
	if err != nil {
		return nil, fmt.Errorf("data: ReadNPY: %w", err)
	}
	return x, nil
}

// WriteNPY writes an array in NumPy's NPY format, of version 1.0, row-major and little-endian, byte for byte as numpy.save does on
// most machines. The array may have any strides; Go's int and uint become 64 bits.
//
// The error says that x is nil, masked, of another dtype than [ReadNPY] returns, or has more than the 64 axes that NumPy
// takes; nothing is written then. Else it is w's.
func WriteNPY(w io.Writer, x *tensor.Dense) error {
	if err := writeNPY(w, x); err != nil {
		return fmt.Errorf("data: WriteNPY: %w", err)
	}
	return nil
}

const (
	npyMagic = "\x93NUMPY"
	npyAxes  = 64 // as many as NumPy takes
	npyAlign = 64 // of the elements in the file

	// npyHeader is more than a header of npyAxes axes needs. Only records, which are not read, have longer ones.
	npyHeader = math.MaxUint16

	// npyGrowth is the number of digits for which NumPy leaves room, so that the first axis can grow in place.
	npyGrowth = 21
)

// npyKinds has the types of elements by their letter and size.
var npyKinds = map[string]arrayio.Kind{
	"b1": arrayio.Bool,
	"u1": arrayio.Uint8,
	"i1": arrayio.Int8,
	"u2": arrayio.Uint16,
	"i2": arrayio.Int16,
	"u4": arrayio.Uint32,
	"i4": arrayio.Int32,
	"u8": arrayio.Uint64,
	"i8": arrayio.Int64,
	"f2": arrayio.Float16,
	"f4": arrayio.Float32,
	"f8": arrayio.Float64,
}

func readNPY(r io.Reader) (*tensor.Dense, error) {
	var begin [8]byte
	n, err := io.ReadFull(r, begin[:])
	if n == 0 && err == io.EOF {
		return nil, fmt.Errorf("there is no array: %w", io.EOF)
	}
	if !strings.HasPrefix(npyMagic, string(begin[:min(n, len(npyMagic))])) {
		return nil, fmt.Errorf("byte 0: magic string % x: want % x: this is not an NPY file", begin[:n], npyMagic)
	}
	if err != nil {
		return nil, fmt.Errorf("byte 0: magic string and version: %w", arrayio.Short(err, n, len(begin)))
	}
	length := make([]byte, 2)
	switch version := [2]byte(begin[6:]); version {
	case [2]byte{1, 0}:
	case [2]byte{2, 0}, [2]byte{3, 0}:
		length = make([]byte, 4)
	default:
		return nil, fmt.Errorf("byte 6: version %d.%d: want 1.0, 2.0 or 3.0", version[0], version[1])
	}
	if n, err := io.ReadFull(r, length); err != nil {
		return nil, fmt.Errorf("byte 8: length of the header: %w", arrayio.Short(err, n, len(length)))
	}
	start := len(begin) + len(length)
	size := binary.LittleEndian.Uint32(append(length, 0, 0)[:4])
	if size > npyHeader {
		return nil, fmt.Errorf("byte 8: the header has %d bytes: want at most %d", size, npyHeader)
	}
	text := make([]byte, size)
	if n, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("byte %d: header: %w", start, arrayio.Short(err, n, len(text)))
	}
	array, err := parseNPYHeader(string(text), start)
	if err != nil {
		return nil, err
	}
	x, err := array.Read(r)
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", start+len(text), err)
	}
	return x, nil
}

func writeNPY(w io.Writer, x *tensor.Dense) error {
	header, err := npyHeaderOf(x)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if err := arrayio.Write(w, binary.LittleEndian, x); err != nil {
		return fmt.Errorf("elements: %w", err)
	}
	return nil
}

// npyHeaderOf returns what a file of x has before the elements, or says why x cannot be written.
func npyHeaderOf(x *tensor.Dense) ([]byte, error) {
	kind, err := arrayio.KindOf(x)
	if err != nil {
		return nil, fmt.Errorf("the array cannot be written: %w", err)
	}
	shape := x.Shape()
	if len(shape) > npyAxes {
		return nil, fmt.Errorf("the array has %d axes: want at most %d", len(shape), npyAxes)
	}
	var descr string
	for name, k := range npyKinds {
		if k == kind {
			descr = name
		}
	}
	order := "<"
	if kind.Size() == 1 {
		order = "|" // there is none
	}
	lengths := make([]string, len(shape))
	for axis, n := range shape {
		lengths[axis] = fmt.Sprint(n)
	}
	tuple := strings.Join(lengths, ", ")
	room := 0
	switch len(shape) {
	case 0:
	case 1:
		tuple += ","
		fallthrough
	default:
		room = npyGrowth - len(lengths[0])
	}
	header := new(bytes.Buffer)
	header.WriteString(npyMagic + "\x01\x00\x00\x00")
	fmt.Fprintf(header, "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }%*s", order, descr, tuple, room, "")
	for header.Len()%npyAlign != npyAlign-1 {
		header.WriteByte(' ')
	}
	header.WriteByte('\n')
	text := header.Bytes()
	binary.LittleEndian.PutUint16(text[8:], uint16(len(text)-10))
	return text, nil
}
