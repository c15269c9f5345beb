package data

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"

	"gorgonia.org/tensor"
)

// Write writes the examples x (n, d), a *tensor.Dense of float32 or float64 or a
// *CSR, with their labels y (n). Values are left out where they are zero, or not
// stored by a CSR. Numbers are as short as they can be and still be read as the
// same float64 (scikit-learn writes 16 digits, which may be one too few), so that
// reading the file gives the same values and labels, to the bit (but a zero in a Dense
// loses its sign).
//
// If no example has a value for the last feature, the first one gets its zero: the
// file tells then how many features there are. Features and Dtype do not matter
// here, and DetectBase is an error.
//
// The error is the writer's, or says what x is, which value or label is not finite,
// or that there are not n labels. Nothing is written then.
func (s SVMLight) Write(w io.Writer, x Matrix, y []float64) error {
	m, err := csrOf(x)
	if err != nil {
		return err
	}
	if err := s.write(w, m, y); err != nil {
		return fmt.Errorf("data: writing svmlight: %w", err)
	}
	return nil
}

func (s SVMLight) write(w io.Writer, m *CSR, y []float64) error {
	first := 1
	switch s.Base {
	case OneBased:
	case ZeroBased:
		first = 0
	default:
		return fmt.Errorf("the Base is %d: give OneBased or ZeroBased", s.Base)
	}
	if len(y) != m.rows() {
		return fmt.Errorf("x has %d rows and y has %d labels: give one label for each row", m.rows(), len(y))
	}
	for i, label := range y {
		if math.IsNaN(label) || math.IsInf(label, 0) {
			return fmt.Errorf("label %d is %v: the file would not be read", i, label)
		}
	}
	lastNamed := false
	for i := range m.rows() {
		for j, v := range m.Row(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("x is %v at row %d, column %d: the file would not be read", v, i, j)
			}
			lastNamed = lastNamed || j == m.columns-1
		}
	}
	buffered := bufio.NewWriterSize(w, 1<<16) // it keeps the first error for Flush
	var line []byte
	for i, label := range y {
		line = strconv.AppendFloat(line[:0], label, 'g', -1, 64)
		for j, v := range m.Row(i) {
			line = appendEntry(line, j+first, v)
		}
		if i == 0 && !lastNamed {
			line = appendEntry(line, m.columns-1+first, 0)
		}
		buffered.Write(append(line, '\n'))
	}
	return buffered.Flush()
}

func appendEntry(line []byte, index int, v float64) []byte {
	line = strconv.AppendInt(append(line, ' '), int64(index), 10)
	return strconv.AppendFloat(append(line, ':'), v, 'g', -1, 64)
}

// csrOf returns x as a CSR.
func csrOf(x Matrix) (*CSR, error) {
	switch x := x.(type) {
	case *tensor.Dense:
		return csrFromDense("writing svmlight", x)
	case *CSR:
		if x != nil {
			return x, nil
		}
	}
	return nil, fmt.Errorf("data: writing svmlight: x is %v of type %[1]T: give a *tensor.Dense or a *data.CSR", x)
}
