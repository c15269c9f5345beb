package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"gorgonia.org/tensor"
)

// SVMLight reads and writes data files of svmlight and LIBSVM. On each line such a
// file has the label of an example and its values that are not zero:
//
//	label index:value index:value … # comment
//
// Its zero value is ready for use, and is what [ReadSVMLight] and [WriteSVMLight]
// use.
type SVMLight struct {
	// Features is the number of features d; 0 means the last that the file names.
	// Files leave zeros out, so that a file of unseen examples may name fewer features
	// than the one that was trained on: give the latter's number to read it.
	Features int
	// Base says which index the first feature has; the zero value is OneBased.
	Base IndexBase
	// Dtype is that of the values that are read: float32 or float64, which is what the
	// zero value means.
	Dtype tensor.Dtype
}

// An IndexBase says which index the first feature of an [SVMLight] file has.
type IndexBase uint8

const (
	// OneBased files count features from 1, as svmlight and LIBSVM demand.
	OneBased IndexBase = iota
	// ZeroBased files count features from 0, as scikit-learn writes them unless told
	// otherwise.
	ZeroBased
	// DetectBase takes a file that names feature 0 to be ZeroBased and any other to be
	// OneBased: scikit-learn's zero_based="auto". A ZeroBased file in which the first
	// feature is zero throughout is mistaken.
	DetectBase
)

// ReadSVMLight is SVMLight{}.Read(r): the plain case, in which features count from
// 1 and the last of them is named.
func ReadSVMLight(r io.Reader) (x *CSR, y []float64, err error) { return SVMLight{}.Read(r) }

// WriteSVMLight is SVMLight{}.Write(w, x, y).
func WriteSVMLight(w io.Writer, x Matrix, y []float64) error { return SVMLight{}.Write(w, x, y) }

// Read reads the examples x (n, d) and their labels y (n) to the end of r. Values
// that the file names are stored, zeros too. [CSR.Dense] lays x out with its
// zeros, and [IntLabels] makes classes of y.
//
// Empty lines and those of a comment alone are passed over, and so is a qid:number
// after the label, which only rankings need. Numbers may have any number of digits
// and an exponent, and are rounded once.
//
// The error names the line and the column, both counted from 1, the latter in
// bytes. It says which label or value is not a finite number, where an example has
// several labels, which index is out of range or does not ascend within its line,
// or that the file holds no examples or names no feature. Memory is a small
// multiple of the text; a large index costs nothing.
func (s SVMLight) Read(r io.Reader) (x *CSR, y []float64, err error) {
	switch s.Dtype {
	case tensor.Dtype{}, tensor.Float64:
		x, y, err = readSVMLight[float64](s, r)
	case tensor.Float32:
		x, y, err = readSVMLight[float32](s, r)
	default:
		err = fmt.Errorf("the Dtype is %v: give tensor.Float32 or tensor.Float64", s.Dtype)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("data: reading svmlight: %w", err)
	}
	return x, y, nil
}

func (s SVMLight) validate() error {
	switch {
	case s.Features < 0 || s.Features > math.MaxInt32:
		return fmt.Errorf("the Features is %d: give a number from 1 to %d, or 0 for what the file names", s.Features, math.MaxInt32)
	case s.Base > DetectBase:
		return fmt.Errorf("the Base is %d: give OneBased, ZeroBased or DetectBase", s.Base)
	}
	return nil
}

func readSVMLight[T float32 | float64](s SVMLight, r io.Reader) (*CSR, []float64, error) {
	if err := s.validate(); err != nil {
		return nil, nil, err
	}
	f := svmlightFile[T]{starts: []int{0}, lowest: 1, highest: math.MaxInt32}
	if s.Base != OneBased {
		f.lowest, f.highest = 0, math.MaxInt32-1
	}
	if err := f.read(r); err != nil {
		return nil, nil, err
	}
	if len(f.labels) == 0 {
		return nil, nil, errors.New("the file holds no examples")
	}
	base := int(f.lowest)
	if s.Base == DetectBase && !f.zero {
		base = 1
	}
	d := s.Features
	if named := f.widest - base + 1; named > d {
		if d > 0 {
			return nil, nil, fmt.Errorf("line %d, column %d: the feature %d is one of %d and the Features is %d: give a number that is not less",
				f.widestAt.line, f.widestAt.column, f.widest, named, d)
		}
		d = named
	}
	if d == 0 {
		return nil, nil, errors.New("no line names a feature: give the number of Features")
	}
	for i := range f.indices {
		f.indices[i] -= int32(base)
	}
	x, err := NewCSR(d, f.starts, f.indices, f.values)
	return x, f.labels, err
}

// A svmlightFile is what has been read of a file.
type svmlightFile[T float32 | float64] struct {
	lowest, highest int // indices that there may be

	labels   []float64
	starts   []int
	indices  []int32 // as in the file
	values   []T
	zero     bool // the index 0 occurs
	widest   int  // the greatest index; below all without one
	widestAt place
}

// A place is a line and a column of a file, counted from 1.
type place struct{ line, column int }

func (f *svmlightFile[T]) read(r io.Reader) error {
	f.widest = f.lowest - 1
	buffered := bufio.NewReaderSize(r, 1<<16)
	var long []byte // a line that does not fit the buffer
	for number := 1; ; number++ {
		line, err := buffered.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			long = long[:0]
			for err == bufio.ErrBufferFull {
				long = append(long, line...)
				line, err = buffered.ReadSlice('\n')
			}
			long = append(long, line...)
			line = long
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if column, err := f.line(line, number); err != nil {
			return fmt.Errorf("line %d, column %d: %w", number, column, err)
		}
		if err == io.EOF {
			return nil
		}
	}
}

// line reads a line, and tells the column of an error.
func (f *svmlightFile[T]) line(line []byte, number int) (column int, err error) {
	if at := bytes.IndexByte(line, '#'); at >= 0 {
		line = line[:at]
	}
	at, end := field(line, 0)
	if at == end {
		return 0, nil
	}
	label, err := parseSVMLight(line[at:end], 64)
	if err != nil {
		if bytes.IndexByte(line[at:end], ',') >= 0 {
			err = fmt.Errorf("%.80q looks like several labels: an example has one", line[at:end])
		}
		return at + 1, fmt.Errorf("label: %w", err)
	}
	last := f.lowest - 1
	for first := true; ; first = false {
		at, end = field(line, end)
		if at == end {
			break
		}
		colon := at + bytes.IndexByte(line[at:end], ':')
		if colon < at {
			return at + 1, fmt.Errorf("%.80q is no index:value", line[at:end])
		}
		if first && string(line[at:colon]) == "qid" {
			if _, err := strconv.ParseInt(string(line[colon+1:end]), 10, 64); err != nil {
				return colon + 2, fmt.Errorf("qid: %.80q is not a whole number", line[colon+1:end])
			}
			continue
		}
		index, err := f.index(line[at:colon], last)
		if err != nil {
			return at + 1, err
		}
		bits := 64
		if _, single := any(T(0)).(float32); single {
			bits = 32
		}
		value, err := parseSVMLight(line[colon+1:end], bits)
		if err != nil {
			return colon + 2, fmt.Errorf("feature %d: %w", index, err)
		}
		last = index
		f.indices = append(f.indices, int32(index))
		f.values = append(f.values, T(value))
		if index > f.widest {
			f.widest, f.widestAt = index, place{line: number, column: at + 1}
		}
		f.zero = f.zero || index == 0
	}
	f.labels = append(f.labels, label)
	f.starts = append(f.starts, len(f.values))
	return 0, nil
}

// field returns where the next field of a line begins and ends from at on; at the
// end of the line it is empty.
func field(line []byte, at int) (begin, end int) {
	for at < len(line) && isSpace(line[at]) {
		at++
	}
	begin = at
	for at < len(line) && !isSpace(line[at]) {
		at++
	}
	return begin, at
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// index reads an index, which comes after last.
func (f *svmlightFile[T]) index(text []byte, last int) (int, error) {
	index, ok := 0, len(text) > 0
	for _, c := range text {
		if c < '0' || c > '9' || index > f.highest {
			ok = false
			break
		}
		index = 10*index + int(c-'0')
	}
	switch {
	case !ok || index > f.highest:
		return 0, fmt.Errorf("the index %.80q is not a whole number from %d to %d", text, f.lowest, f.highest)
	case index < f.lowest:
		return 0, errors.New("the index is 0 and features count from 1: say that they count from 0 by the Base ZeroBased or DetectBase")
	case index == last:
		return 0, fmt.Errorf("the feature %d occurs twice", index)
	case index < last:
		return 0, fmt.Errorf("the feature %d comes after %d: indices ascend within a line", index, last)
	}
	return index, nil
}

// parseSVMLight reads a number of a number of bits.
func parseSVMLight(text []byte, bits int) (float64, error) {
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, fmt.Errorf("%.80q is not a finite number of float%d", text, bits)
	}
	return v, nil
}
