package svm

import (
	"context"
	"fmt"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// linearRows are samples as a linear machine reads them. Each has one feature more
// than x, which is the same for all of them: its weight makes the intercept. Many
// goroutines may read them at once.
type linearRows interface {
	// square returns the squared norm of sample i.
	square(i int) float64
	// dot returns the inner product of sample i with weights.
	dot(i int, weights []float64) float64
	// add adds a multiple of sample i to weights.
	add(i int, by float64, weights []float64)
	// stored is the number of values of all samples.
	stored() int
}

// newLinearRows makes rows of x, and returns the squared norm of each.
func newLinearRows(ctx context.Context, x *matrix, bias float64) (rows linearRows, squares []float64, err error) {
	switch {
	case x.sparse != nil && x.sparse.Float64s() != nil:
		rows = newSparseRows(x, x.sparse.Float64s(), bias)
	case x.sparse != nil:
		rows = newSparseRows(x, x.sparse.Float32s(), bias)
	default:
		rows, err = newDenseRows(ctx, x, bias)
		if err != nil {
			return nil, nil, err
		}
	}
	squares = make([]float64, x.rows)
	for i := range squares {
		squares[i] = rows.square(i)
		if overflows(squares[i]) {
			return nil, nil, fmt.Errorf("the squared norm of row %d of x overflows: scale the features to about 1", i)
		}
	}
	return rows, squares, ctx.Err()
}

// denseRows are float64, whatever x is: so are the weights.
type denseRows struct {
	values []float64 // (n, dim)
	dim    int
}

func newDenseRows(ctx context.Context, x *matrix, bias float64) (*denseRows, error) {
	r := &denseRows{values: make([]float64, x.rows*(x.cols+1)), dim: x.cols + 1}
	return r, x.each(ctx, func(i int, row []float64) error {
		copy(r.row(i), row)
		r.row(i)[x.cols] = bias
		return nil
	})
}

func (r *denseRows) row(i int) []float64 { return r.values[i*r.dim : (i+1)*r.dim] }

func (r *denseRows) stored() int { return len(r.values) }

func (r *denseRows) square(i int) float64 { return kernel.SquaredNorm(r.row(i)) }

func (r *denseRows) dot(i int, weights []float64) float64 { return kernel.Dot(r.row(i), weights) }

func (r *denseRows) add(i int, by float64, weights []float64) {
	kernel.AddScaled(weights, r.row(i), by)
}

// sparseRows share the memory of a CSR.
type sparseRows[T float] struct {
	starts  []int
	columns []int32
	values  []T
	bias    float64
}

func newSparseRows[T float](x *matrix, values []T, bias float64) *sparseRows[T] {
	starts, columns := x.sparse.Layout()
	return &sparseRows[T]{starts: starts, columns: columns, values: values, bias: bias}
}

func (r *sparseRows[T]) row(i int) (columns []int32, values []T) {
	lo, hi := r.starts[i], r.starts[i+1]
	return r.columns[lo:hi], r.values[lo:hi]
}

func (r *sparseRows[T]) stored() int { return len(r.values) + len(r.starts) }

func (r *sparseRows[T]) square(i int) float64 {
	sum := r.bias * r.bias
	_, values := r.row(i)
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return sum
}

func (r *sparseRows[T]) dot(i int, weights []float64) float64 {
	columns, values := r.row(i)
	return sparseDot(columns, values, weights) + r.bias*weights[len(weights)-1]
}

// sparseDot returns the inner product of the values in columns with z. Four sums
// do not wait for each other.
func sparseDot[T float](columns []int32, values []T, z []float64) float64 {
	var a, b, c, d float64
	for len(columns) >= 4 && len(values) >= 4 {
		a += z[columns[0]] * float64(values[0])
		b += z[columns[1]] * float64(values[1])
		c += z[columns[2]] * float64(values[2])
		d += z[columns[3]] * float64(values[3])
		columns, values = columns[4:], values[4:]
	}
	values = values[:len(columns)]
	for k, j := range columns {
		a += z[j] * float64(values[k])
	}
	return (a + b) + (c + d)
}

func (r *sparseRows[T]) add(i int, by float64, weights []float64) {
	columns, values := r.row(i)
	values = values[:len(columns)]
	for k, j := range columns {
		weights[j] += by * float64(values[k])
	}
	weights[len(weights)-1] += by * r.bias
}
