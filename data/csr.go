package data

import (
	"fmt"
	"iter"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
	"github.com/tapegrad/tapegrad/internal/engine"
)

// A Matrix is an (n, d) matrix, one example a row: a [*tensor.Dense] of float32 or
// float64, of any strides, or a [*CSR]. Any other type is an error where it is
// given.
type Matrix interface{ Shape() tensor.Shape }

// A CSR is an (n, d) matrix of float32 or float64 values that are mostly zeros,
// in compressed sparse row form, SciPy's csr_matrix: for each row the columns of
// the values that are stored, ascending, and those values. What is not stored is
// zero.
//
// A CSR is immutable: any number of goroutines may read it at once, and who holds
// a slice of its memory does not write it.
type CSR struct {
	columns int
	starts  []int
	indices []int32
	single  []float32 // one of the two
	double  []float64
}

// NewCSR makes a matrix of len(starts)-1 rows and of columns columns. Row i has
// the values values[starts[i]:starts[i+1]] in the columns
// indices[starts[i]:starts[i+1]], which ascend. SciPy calls starts indptr and
// values data. The matrix takes the slices over: they must not be written
// afterwards.
//
// The error says what does not fit and where: no rows or columns, starts that do
// not ascend from 0 to len(values), another number of indices than of values, an
// index out of range or not above the one before it in its row.
func NewCSR[T float32 | float64](columns int, starts []int, indices []int32, values []T) (*CSR, error) {
	m := &CSR{columns: columns, starts: starts, indices: indices}
	if err := m.check(len(values)); err != nil {
		return nil, fmt.Errorf("data: NewCSR: %w", err)
	}
	setValues(m, values)
	return m, nil
}

// setValues makes values, which are not nil from now on, those of m.
func setValues[T float32 | float64](m *CSR, values []T) {
	if values == nil {
		values = []T{}
	}
	switch values := any(values).(type) {
	case []float32:
		m.single = values
	case []float64:
		m.double = values
	}
}

func (m *CSR) check(values int) error {
	n := len(m.starts) - 1
	switch {
	case n < 1:
		return fmt.Errorf("%d starts make no row: there is one for each row and one for the end", n+1)
	case m.columns < 1 || m.columns > math.MaxInt32:
		return fmt.Errorf("there are %d columns: give a number from 1 to %d", m.columns, math.MaxInt32)
	case len(m.indices) != values:
		return fmt.Errorf("there are %d indices and %d values: give one index for each value", len(m.indices), values)
	case m.starts[0] != 0 || m.starts[n] != values:
		return fmt.Errorf("starts go from %d to %d: they go from 0 to the number of values, %d", m.starts[0], m.starts[n], values)
	}
	for i := range n {
		lo, hi := m.starts[i], m.starts[i+1]
		if lo > hi || hi > values {
			return fmt.Errorf("row %d starts at %d and the next at %d, of %d values: starts ascend", i, lo, hi, values)
		}
		last := int32(-1)
		for _, j := range m.indices[lo:hi] {
			if j < 0 || int(j) >= m.columns {
				return fmt.Errorf("row %d has an index of %d: there are %d columns, counted from 0", i, j, m.columns)
			}
			if j <= last {
				return fmt.Errorf("row %d has the index %d after %d: the indices of a row ascend", i, j, last)
			}
			last = j
		}
	}
	return nil
}

// CSRFromDense returns the matrix of the values of x (n, d) that are not zero, of
// the same dtype, float32 or float64; x may have any strides. It shares no memory
// with x. The error says why x is no such matrix.
func CSRFromDense(x *tensor.Dense) (*CSR, error) { return csrFromDense("CSRFromDense", x) }

// csrFromDense is CSRFromDense for a caller that errors are to name.
func csrFromDense(caller string, x *tensor.Dense) (*CSR, error) {
	if err := check(caller+": x", x); err != nil {
		return nil, err
	}
	shape := x.Shape()
	switch {
	case len(shape) != 2:
		return nil, fmt.Errorf("data: %s: x has shape %v: reshape it to an (n, d) matrix", caller, shape)
	case shape[1] > math.MaxInt32:
		return nil, fmt.Errorf("data: %s: x has %d columns: there may be %d", caller, shape[1], math.MaxInt32)
	case x.Dtype() == tensor.Float32:
		return sparseRows(arrayio.RowMajor(x.Float32s(), shape, x.Strides()), shape[1]), nil
	case x.Dtype() == tensor.Float64:
		return sparseRows(arrayio.RowMajor(x.Float64s(), shape, x.Strides()), shape[1]), nil
	}
	return nil, fmt.Errorf("data: %s: x has dtype %v: make numbers of it with Floats", caller, x.Dtype()) // check passes no other
}

func sparseRows[T float32 | float64](rows []T, columns int) *CSR {
	stored := 0
	for _, v := range rows {
		if v != 0 {
			stored++
		}
	}
	m := &CSR{columns: columns, starts: make([]int, 1, len(rows)/columns+1), indices: make([]int32, 0, stored)}
	values := make([]T, 0, stored)
	for ; len(rows) > 0; rows = rows[columns:] {
		for j, v := range rows[:columns] {
			if v != 0 {
				m.indices = append(m.indices, int32(j))
				values = append(values, v)
			}
		}
		m.starts = append(m.starts, len(values))
	}
	setValues(m, values)
	return m
}

// Shape returns (n, d), a copy.
func (m *CSR) Shape() tensor.Shape { return tensor.Shape{m.rows(), m.columns} }

func (m *CSR) rows() int { return max(0, len(m.starts)-1) } // the zero CSR has no starts

// Dtype returns the dtype of the values, float32 or float64.
func (m *CSR) Dtype() tensor.Dtype {
	if m.double != nil {
		return tensor.Float64
	}
	return tensor.Float32
}

// Stored returns the number of values that are stored.
func (m *CSR) Stored() int { return len(m.indices) }

// Row yields the columns and values that row i stores. It panics if there is no
// row i.
func (m *CSR) Row(i int) iter.Seq2[int, float64] {
	lo, hi := m.starts[i], m.starts[i+1]
	return func(yield func(int, float64) bool) {
		for at := lo; at < hi; at++ {
			if !yield(int(m.indices[at]), m.value(at)) {
				return
			}
		}
	}
}

func (m *CSR) value(at int) float64 {
	if m.double != nil {
		return m.double[at]
	}
	return float64(m.single[at])
}

// Layout returns the memory of the matrix: where each row starts, n+1 numbers,
// and the column of each value. [CSR.Float32s] and [CSR.Float64s] have the values.
// They are not to be written.
func (m *CSR) Layout() (starts []int, indices []int32) { return m.starts, m.indices }

// Float32s returns the values if they are float32 and nil if not. They are not to
// be written.
func (m *CSR) Float32s() []float32 { return m.single }

// Float64s returns the values if they are float64 and nil if not. They are not to
// be written.
func (m *CSR) Float64s() []float64 { return m.double }

// Take returns the matrix of copies of the rows with the given indices, in that
// order. The error names an index out of range, or says that there are none.
func (m *CSR) Take(rows []int) (*CSR, error) {
	if err := checkIndices(rows, m.rows()); err != nil {
		return nil, fmt.Errorf("data: CSR.Take: %w", err)
	}
	stored := 0
	for _, i := range rows {
		stored += m.starts[i+1] - m.starts[i]
	}
	part := &CSR{columns: m.columns, starts: make([]int, 1, len(rows)+1), indices: make([]int32, 0, stored)}
	for _, i := range rows {
		part.indices = append(part.indices, m.indices[m.starts[i]:m.starts[i+1]]...)
		part.starts = append(part.starts, len(part.indices))
	}
	if m.double != nil {
		setValues(part, takeValues(m, m.double, rows, stored))
	} else {
		setValues(part, takeValues(m, m.single, rows, stored))
	}
	return part, nil
}

func takeValues[T float32 | float64](m *CSR, values []T, rows []int, stored int) []T {
	part := make([]T, 0, stored)
	for _, i := range rows {
		part = append(part, values[m.starts[i]:m.starts[i+1]]...)
	}
	return part
}

// maxDense bounds what Dense makes, in bytes: far more than a machine has, and
// less than makes the allocation of a slice panic.
const maxDense = min(1<<40, math.MaxInt)

// Dense returns the matrix with its zeros, of shape (n, d) and the same dtype, in
// memory of its own. That may be far more than the matrix has itself: n·d values.
// The error says that they would be more than 2⁴⁰ bytes.
func (m *CSR) Dense() (*tensor.Dense, error) {
	n, d := m.rows(), m.columns
	size := int(m.Dtype().Size())
	if n > maxDense/size/d {
		return nil, fmt.Errorf("data: CSR.Dense: %d x %d values are more than memory can hold: use the matrix as it is", n, d)
	}
	if m.double != nil {
		return engine.Dense(scatter(m, m.double), n, d), nil
	}
	return engine.Dense(scatter(m, m.single), n, d), nil
}

func scatter[T float32 | float64](m *CSR, values []T) []T {
	out := make([]T, m.rows()*m.columns)
	for i := range m.rows() {
		row := out[i*m.columns : (i+1)*m.columns]
		for at := m.starts[i]; at < m.starts[i+1]; at++ {
			row[m.indices[at]] = values[at]
		}
	}
	return out
}
