package svm

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
)

// Samples are a matrix (n, d), one sample a row: a [*tensor.Dense] of float32 or
// float64, of any strides, or a [*data.CSR]. Any other type is an error where it
// is given.
type Samples = data.Matrix

// A matrix reads the rows of samples of either type.
type matrix struct {
	rows, cols int
	sparse     *data.CSR // this, or one of the two with strides
	f32        []float32
	f64        []float64
	// The iterators of tensor lose elements of some views, so that rows are read
	// through the strides.
	rowStride, colStride int
}

func newMatrix(x Samples) (*matrix, error) {
	switch x := x.(type) {
	case nil:
		return nil, errNilSamples
	case *tensor.Dense:
		return newDenseMatrix(x)
	case *data.CSR:
		if x == nil {
			return nil, errNilSamples
		}
		if shape := x.Shape(); shape[0] == 0 || shape[1] == 0 {
			return nil, errNoSamples(shape)
		}
		return newSparseMatrix(x), nil
	}
	return nil, fmt.Errorf("x is a %T: give a *tensor.Dense or a *data.CSR", x)
}

func newSparseMatrix(x *data.CSR) *matrix {
	shape := x.Shape()
	return &matrix{rows: shape[0], cols: shape[1], sparse: x}
}

func errNoSamples(shape tensor.Shape) error {
	return fmt.Errorf("x has shape %v: give at least one sample and one feature", shape)
}

var errNilSamples = errors.New("x is nil: give an (n, d) matrix, one sample a row")

func newDenseMatrix(x *tensor.Dense) (*matrix, error) {
	if x == nil {
		return nil, errNilSamples
	}
	shape, strides := x.Shape(), x.Strides()
	if len(shape) != 2 || len(strides) != 2 {
		return nil, fmt.Errorf("x has shape %v: reshape it to an (n, d) matrix, one sample a row", shape)
	}
	m := &matrix{rows: shape[0], cols: shape[1], rowStride: strides[0], colStride: strides[1]}
	if m.rows == 0 || m.cols == 0 {
		return nil, errNoSamples(shape)
	}
	if x.IsMasked() {
		return nil, errors.New("x is masked: fill in or remove the masked values")
	}
	length := 0
	switch x.Dtype() {
	case tensor.Float32:
		m.f32 = x.Float32s()
		length = len(m.f32)
	case tensor.Float64:
		m.f64 = x.Float64s()
		length = len(m.f64)
	case tensor.Uint8:
		return nil, errors.New("x has dtype uint8: make numbers in [0, 1] of it with data.Floats, or convert it to float32 or float64")
	default:
		return nil, fmt.Errorf("x has dtype %v: convert it to float32 or float64", x.Dtype())
	}
	if last := (m.rows-1)*m.rowStride + (m.cols-1)*m.colStride; m.rowStride < 0 || m.colStride < 0 || last >= length {
		return nil, fmt.Errorf("x of shape %v and strides %v reaches beyond its %d values: copy it into a Dense of its own", shape, strides, length)
	}
	return m, nil
}

// wide says whether the matrix is too large to be laid out with its zeros; the
// package comment has the rule.
func (m *matrix) wide() bool {
	if m.sparse == nil || m.rows <= smallMatrix/m.cols {
		return false
	}
	return m.sparse.Stored() < m.rows*m.cols/denseShare
}

// layable returns an error if a matrix is not to be laid out, for a kernel that wants
// it to be.
func (m *matrix) layable() error {
	if m.wide() {
		return fmt.Errorf("x has %d x %d values of which %d are stored: too few to be laid out with their zeros, as this kernel wants them", m.rows, m.cols, m.sparse.Stored())
	}
	return nil
}

const (
	// smallMatrix is how many values a sparse matrix is laid out with in any case.
	smallMatrix = 1 << 20
	// denseShare is the share of values that are stored, as its reciprocal, from which
	// a sparse matrix is laid out with its zeros: vector instructions multiply so many
	// values in the time that one takes which has to be gathered.
	denseShare = 16
)

// row copies row i into dst of length cols.
func (m *matrix) row(i int, dst []float64) {
	if m.sparse != nil {
		clear(dst)
		for j, v := range m.sparse.Row(i) {
			dst[j] = v
		}
		return
	}
	at := i * m.rowStride
	if m.f64 != nil {
		for j := range dst {
			dst[j] = m.f64[at]
			at += m.colStride
		}
		return
	}
	for j := range dst {
		dst[j] = float64(m.f32[at])
		at += m.colStride
	}
}

// nonzero yields the values of row i that are not zero, or that a sparse matrix
// stores, and their columns.
func (m *matrix) nonzero(i int) iter.Seq2[int, float64] {
	if m.sparse != nil {
		return m.sparse.Row(i)
	}
	return func(yield func(int, float64) bool) {
		at := i * m.rowStride
		for j := range m.cols {
			var v float64
			if m.f64 != nil {
				v = m.f64[at]
			} else {
				v = float64(m.f32[at])
			}
			if at += m.colStride; v != 0 && !yield(j, v) {
				return
			}
		}
	}
}

// stored returns the columns and the values, of one type or the other, that a
// sparse matrix stores in row i, and nothing of a dense one.
func (m *matrix) stored(i int) (columns []int32, single []float32, double []float64) {
	if m.sparse == nil {
		return nil, nil, nil
	}
	starts, all := m.sparse.Layout()
	lo, hi := starts[i], starts[i+1]
	if values := m.sparse.Float64s(); values != nil {
		return all[lo:hi], nil, values[lo:hi]
	}
	return all[lo:hi], m.sparse.Float32s()[lo:hi], nil
}

// each visits the rows in order. It returns visit's error, or that of a context
// which ends meanwhile.
func (m *matrix) each(ctx context.Context, visit func(i int, row []float64) error) error {
	row := make([]float64, m.cols)
	return eachIndex(ctx, m.rows, func(i int) error {
		m.row(i, row)
		return visit(i, row)
	})
}

// eachIndex visits the indices of n rows in order and returns what each does.
func eachIndex(ctx context.Context, n int, visit func(i int) error) error {
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(i); err != nil {
			return err
		}
	}
	return nil
}

// checkFinite returns an error that names the first NaN or infinity.
func (m *matrix) checkFinite(ctx context.Context) error {
	if m.sparse != nil {
		return m.checkStored(ctx)
	}
	return m.each(ctx, func(i int, row []float64) error {
		for j, v := range row {
			if err := checkFinite(i, j, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkStored is checkFinite of a sparse matrix, of which a row may have a hundred
// thousand zeros.
func (m *matrix) checkStored(ctx context.Context) error {
	if allFinite(m.sparse.Float32s()) && allFinite(m.sparse.Float64s()) {
		return ctx.Err()
	}
	return eachIndex(ctx, m.rows, func(i int) error {
		for j, v := range m.sparse.Row(i) {
			if err := checkFinite(i, j, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func allFinite[T float](values []T) bool {
	var zero T
	for _, v := range values {
		zero += 0 * v // NaN from the first one that is not finite
	}
	return zero == 0
}

func checkFinite(row, column int, v float64) error {
	if overflows(v) {
		return fmt.Errorf("x is %v at row %d, column %d: replace it or remove the row", v, row, column)
	}
	return nil
}

// means returns the mean of each column. Sums are of differences from the first
// row, so that the mean of equal values is exactly that value. A matrix that is
// nearly all zeros has none that would be worth their memory: they are nil.
func (m *matrix) means(ctx context.Context) ([]float64, error) {
	if m.wide() {
		return nil, ctx.Err()
	}
	first, means := make([]float64, m.cols), make([]float64, m.cols)
	m.row(0, first)
	err := m.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			means[j] += v - first[j]
		}
		return nil
	})
	for j, v := range first {
		means[j] = v + means[j]/float64(m.rows)
	}
	return means, err
}

// variance returns the population variance of all values together, exactly 0 if
// they are equal.
func (m *matrix) variance(ctx context.Context) (float64, error) {
	if m.wide() {
		return m.storedVariance(ctx)
	}
	means, err := m.means(ctx)
	if err != nil {
		return 0, err
	}
	mean := 0.0
	for _, v := range means {
		mean += v - means[0]
	}
	mean = means[0] + mean/float64(m.cols)
	sum := 0.0
	err = m.each(ctx, func(_ int, row []float64) error {
		inRow := 0.0 // apart, so that the sum is not much greater than what it adds
		for _, v := range row {
			inRow += (v - mean) * (v - mean)
		}
		sum += inRow
		return nil
	})
	return sum / (float64(m.rows) * float64(m.cols)), err
}

// storedVariance is variance without a visit to each zero.
func (m *matrix) storedVariance(ctx context.Context) (float64, error) {
	all := float64(m.rows) * float64(m.cols)
	mean := 0.0
	err := eachIndex(ctx, m.rows, func(i int) error {
		inRow := 0.0
		for _, v := range m.sparse.Row(i) {
			inRow += v
		}
		mean += inRow / all
		return nil
	})
	if err != nil {
		return 0, err
	}
	sum := (all - float64(m.sparse.Stored())) * mean * mean
	err = eachIndex(ctx, m.rows, func(i int) error {
		inRow := 0.0
		for _, v := range m.sparse.Row(i) {
			inRow += (v - mean) * (v - mean)
		}
		sum += inRow
		return nil
	})
	return sum / all, err
}

// gather copies rows into a Dense of their own, of the same dtype.
func (m *matrix) gather(rows []int) *tensor.Dense {
	switch {
	case m.sparse != nil && m.sparse.Dtype() == tensor.Float64:
		return gatherSparse[float64](m, rows)
	case m.sparse != nil:
		return gatherSparse[float32](m, rows)
	case m.f64 != nil:
		return gather(m.f64, m, rows)
	}
	return gather(m.f32, m, rows)
}

func gatherSparse[T float](m *matrix, rows []int) *tensor.Dense {
	out := make([]T, len(rows)*m.cols)
	for s, i := range rows {
		for j, v := range m.sparse.Row(i) {
			out[s*m.cols+j] = T(v)
		}
	}
	return engine.Dense(out, len(rows), m.cols)
}

func gather[T float](values []T, m *matrix, rows []int) *tensor.Dense {
	out := make([]T, 0, len(rows)*m.cols)
	for _, i := range rows {
		for j := range m.cols {
			out = append(out, values[i*m.rowStride+j*m.colStride])
		}
	}
	return engine.Dense(out, len(rows), m.cols)
}
