// Package safetensors reads and writes files of named tensors in the safetensors format, in which trained models are exchanged.
//
//	file := &safetensors.File{Tensors: map[string]*tensor.Dense{"0.weight": w, "0.bias": b}}
//	err := file.WriteFile("model.safetensors")
//	…
//	file, err := safetensors.ReadFile("model.safetensors")
//
// A file is the length of a header as a little-endian number of eight bytes, the header, and the elements of all tensors, row-major
// and little-endian, without gaps. The header is a JSON object which gives for each name the dtype, the shape and the range of
// bytes, and for the name __metadata__ an object of texts. The format is described at
// https://huggingface.co/docs/safetensors.
//
// Nothing in a file is believed before it was checked: reading one that is damaged or malicious gives an error that says what is
// wrong and where, and takes memory in proportion to what the reader gave, not to what the header promises.
package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/google/renameio/v2/maybe"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// A File is the contents of a file: tensors by their names, and texts by theirs. Both may be nil.
type File struct {
	Tensors  map[string]*tensor.Dense
	Metadata map[string]string
}

const (
	metadataName = "__metadata__" // of what is no tensor
	maxHeader    = 100_000_000    // bytes, as in the reference implementation
	maxAxes      = 64             // of a tensor, as in NumPy
	alignment    = 8              // of the first element in the file
)

// Read reads a file up to r's end. The tensors are row-major, of dtype bool, uint8 to uint64, int8 to int64, float32 or float64;
// elements of types F16 and BF16 become float32, which holds all their values.
//
// The error says where the file breaks the format: a header that is too long, not UTF-8, not JSON, or that has a name twice or a key
// that is not known; a shape that does not fit its range of bytes; ranges that overlap, leave a gap or do not end where the file does; an
// element type that a Dense cannot hold, such as F8_E4M3; more than 64 axes, which NumPy cannot hold; a bool that is neither 0 nor 1; and
// what r itself returned.
func Read(r io.Reader) (*File, error) {
	f, err := read(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("safetensors: Read: %w", err)
	}
	return f, nil
}

// ReadFile reads the file at a path, as [Read] does. The error names the path.
func ReadFile(path string) (*File, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: ReadFile: %w", err)
	}
	defer disk.Close()
	f, err := read(bufio.NewReader(disk))
	if err != nil {
		return nil, fmt.Errorf("safetensors: ReadFile %s: %w", path, err)
	}
	return f, nil
}

// Write writes f. The same tensors and texts give the same bytes: tensors are in the order of their elements' sizes, the largest
// first so that all are aligned, and of their names. Tensors may have any strides; those of int and uint become I64 and U64.
//
// The error says why f cannot be written, before anything is: a tensor that is nil, masked, of another dtype or of more than 64 axes, a
// name or text that is not UTF-8, the name __metadata__, or a header of more than 100 MB. Else it is w's.
func (f *File) Write(w io.Writer) error {
	if err := f.write(w); err != nil {
		return fmt.Errorf("safetensors: Write: %w", err)
	}
	return nil
}

// WriteFile writes f to a path, as [File.Write] does. Who reads the path at any moment, after a crash too, finds what was there before or all
// of f (on Windows, which cannot replace a file at once, possibly a part).
func (f *File) WriteFile(path string) error {
	var buffer bytes.Buffer
	if err := f.write(&buffer); err != nil {
		return fmt.Errorf("safetensors: WriteFile %s: %w", path, err)
	}
	if err := maybe.WriteFile(path, buffer.Bytes(), 0o644); err != nil {
		return fmt.Errorf("safetensors: WriteFile: %w", err)
	}
	return nil
}

func read(r io.Reader) (*File, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	f := &File{Tensors: make(map[string]*tensor.Dense, len(h.entries)), Metadata: h.metadata}
	for _, e := range h.entries {
		array := arrayio.Array{Kind: e.kind, Order: binary.LittleEndian, Shape: e.shape}
		if f.Tensors[e.name], err = array.Read(r); err != nil {
			return nil, fmt.Errorf("tensor %q at byte %d of the data: %w", e.name, e.begin, err)
		}
	}
	if n, err := io.ReadFull(r, make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("there is data after the %d bytes that belong to tensors", h.dataBytes())
	} else if err != io.EOF {
		return nil, fmt.Errorf("after the last tensor: %w", err)
	}
	return f, nil
}

func (f *File) write(w io.Writer) error {
	h, err := f.header()
	if err != nil {
		return err
	}
	text, err := h.encode()
	if err != nil {
		return err
	}
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	if buffer, ok := w.(*bytes.Buffer); ok {
		buffer.Grow(len(length) + len(text) + h.dataBytes()) // at once, for growing step by step takes three times that
	}
	for _, bytes := range [][]byte{length, text} {
		if _, err := w.Write(bytes); err != nil {
			return fmt.Errorf("the header: %w", err)
		}
	}
	for _, e := range h.entries {
		if err := arrayio.Write(w, binary.LittleEndian, f.Tensors[e.name]); err != nil {
			return fmt.Errorf("tensor %q: %w", e.name, err)
		}
	}
	return nil
}
