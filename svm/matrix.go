package svm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// A matrix reads the rows of a Dense of either float type and any strides. It
// goes through the strides itself, because the iterators of tensor lose elements
// of some views.
type matrix struct {
	rows, cols           int
	rowStride, colStride int
	f32                  []float32 // one of the two
	f64                  []float64
}

func newMatrix(x *tensor.Dense) (*matrix, error) {
	if x == nil {
		return nil, errors.New("x is nil: give an (n, d) matrix, one sample a row")
	}
	shape, strides := x.Shape(), x.Strides()
	if len(shape) != 2 || len(strides) != 2 {
		return nil, fmt.Errorf("x has shape %v: reshape it to an (n, d) matrix, one sample a row", shape)
	}
	m := &matrix{rows: shape[0], cols: shape[1], rowStride: strides[0], colStride: strides[1]}
	if m.rows == 0 || m.cols == 0 {
		return nil, fmt.Errorf("x has shape %v: give at least one sample and one feature", shape)
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
	default:
		return nil, fmt.Errorf("x has dtype %v: convert it to float32 or float64", x.Dtype())
	}
	if last := (m.rows-1)*m.rowStride + (m.cols-1)*m.colStride; m.rowStride < 0 || m.colStride < 0 || last >= length {
		return nil, fmt.Errorf("x of shape %v and strides %v reaches beyond its %d values: copy it into a Dense of its own", shape, strides, length)
	}
	return m, nil
}

// row copies row i into dst of length cols.
func (m *matrix) row(i int, dst []float64) {
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

// each visits the rows in order. It returns visit's error, or that of a context
// which ends meanwhile.
func (m *matrix) each(ctx context.Context, visit func(i int, row []float64) error) error {
	row := make([]float64, m.cols)
	for i := range m.rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.row(i, row)
		if err := visit(i, row); err != nil {
			return err
		}
	}
	return nil
}

// checkFinite returns an error that names the first NaN or infinity.
func (m *matrix) checkFinite(ctx context.Context) error {
	return m.each(ctx, func(i int, row []float64) error {
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("x is %v at row %d, column %d: replace it or remove the row", v, i, j)
			}
		}
		return nil
	})
}

// means returns the mean of each column. Sums are of differences from the first
// row, so that the mean of equal values is exactly that value.
func (m *matrix) means(ctx context.Context) ([]float64, error) {
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

// gather copies rows into a Dense of their own, of the same dtype.
func (m *matrix) gather(rows []int) *tensor.Dense {
	if m.f64 != nil {
		return gather(m.f64, m, rows)
	}
	return gather(m.f32, m, rows)
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
