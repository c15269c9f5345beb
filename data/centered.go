package data

import (
	"context"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/eigen"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// centered is examples less their mean, divided by the greatest distance of a value
// from the mean of its column, so that squares neither over- nor underflow.
type centered struct {
	rows *Rows
	mean []float64
	size float64
}

func newCentered(ctx context.Context, rows *Rows) (*centered, error) {
	columns, err := rows.ranges(ctx)
	if err != nil {
		return nil, err
	}
	c := &centered{rows: rows, mean: make([]float64, rows.width)}
	for j := range columns {
		c.mean[j] = columns[j].mean
		c.size = max(c.size, columns[j].farthest)
	}
	if c.size == 0 { // all examples are equal
		c.size = 1
	}
	return c, nil
}

// The width of what is multiplied at once: examples, and columns of the result.
const (
	examplesAtOnce = 128
	columnsAtOnce  = 128
)

// fromCovariance returns the variances in all directions, in squares of c.size, and
// the first components.
func (c *centered) fromCovariance(ctx context.Context, choose func([]float64) int) (variances, components []float64, err error) {
	d := c.rows.width
	sums := make([]float64, d*d)
	if c.rows.dtype == tensor.Float64 {
		err = addCovariance[float64](ctx, c, sums)
	} else {
		err = addCovariance[float32](ctx, c, sums)
	}
	if err != nil {
		return nil, nil, err
	}
	c.finish(sums, d)
	return eigen.Symmetric(ctx, sums, d, func(values []float64) int {
		forgetNoise(values, d)
		return choose(values)
	})
}

// addCovariance adds xᵀx for the centered examples x (n, d), above the diagonal, to
// sums (d, d).
func addCovariance[T kernel.Float](ctx context.Context, c *centered, sums []float64) error {
	d := c.rows.width
	block := make([]T, 0, examplesAtOnce*d)
	products := make([]T, columnsAtOnce*d)
	add := func() {
		n := len(block) / d
		addProducts(sums, kernel.Matrix[T]{Data: block, Rows: n, Cols: d, RowStride: d, ColStride: 1}, products)
		block = block[:0]
	}
	err := c.rows.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			block = append(block, T((v-c.mean[j])/c.size))
		}
		if len(block) == cap(block) {
			add()
		}
		return nil
	})
	if err == nil && len(block) > 0 {
		add()
	}
	return err
}

// addProducts adds xᵀx for x (n, d), above the diagonal and a little below it, to sums
// (d, d). products is memory.
func addProducts[T kernel.Float](sums []float64, x kernel.Matrix[T], products []T) {
	d := x.Cols
	for from := 0; from < d; from += columnsAtOnce {
		to := min(from+columnsAtOnce, d)
		// The columns from these on, which come as rows of products.
		left := kernel.Matrix[T]{Data: x.Data[from*x.ColStride:], Rows: to - from, Cols: x.Rows, RowStride: x.ColStride, ColStride: x.RowStride}
		right := kernel.Matrix[T]{Data: left.Data, Rows: x.Rows, Cols: d - from, RowStride: x.RowStride, ColStride: x.ColStride}
		width := d - from
		kernel.MatMul(kernel.Matrix[T]{Data: products[:(to-from)*width], Rows: to - from, Cols: width, RowStride: width, ColStride: 1}, left, right, nil, false)
		pool.For(to-from, 1+(1<<14)/width, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				sum := sums[(from+i)*d+from : (from+i+1)*d]
				for j, v := range products[i*width : (i+1)*width] {
					sum[j] += float64(v)
				}
			}
		})
	}
}

// finish makes sums of squares above the diagonal a symmetric matrix of variances.
func (c *centered) finish(sums []float64, size int) {
	for i := range size {
		for j := i; j < size; j++ {
			v := sums[i*size+j] / float64(c.rows.n-1)
			sums[i*size+j], sums[j*size+i] = v, v
		}
	}
}

// forgetNoise sets to 0 the variances that rounding makes of 0.
func forgetNoise(variances []float64, size int) {
	const epsilon = 0x1p-52
	least := float64(size) * epsilon * variances[0]
	for i, v := range variances {
		if v <= least {
			variances[i] = 0
		}
	}
}

// fromInnerProducts does what fromCovariance does by way of xxᵀ (n, n) for the centered
// examples x (n, d). If that has the eigenvector u, xᵀu is an eigenvector of the
// covariance.
func (c *centered) fromInnerProducts(ctx context.Context, choose func([]float64) int) (variances, components []float64, err error) {
	n, d := c.rows.n, c.rows.width
	x := make([]float64, 0, n*d)
	err = c.rows.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			x = append(x, (v-c.mean[j])/c.size)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	sums, products := make([]float64, n*n), make([]float64, columnsAtOnce*n)
	for from := 0; from < d; from += examplesAtOnce {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		columns := min(examplesAtOnce, d-from)
		addProducts(sums, kernel.Matrix[float64]{Data: x[from:], Rows: columns, Cols: n, RowStride: 1, ColStride: d}, products)
	}
	c.finish(sums, n)
	variances, vectors, err := eigen.Symmetric(ctx, sums, n, func(values []float64) int {
		forgetNoise(values, d)
		return choose(values)
	})
	if err != nil {
		return nil, nil, err
	}
	k := len(vectors) / n
	components = make([]float64, k*d)
	for i := range k {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		component := components[i*d : (i+1)*d]
		if variances[i] > 0 {
			pool.For(d, 1+(1<<14)/n, func(lo, hi int) {
				for r, u := range vectors[i*n : (i+1)*n] {
					kernel.AddScaled(component[lo:hi], x[r*d+lo:r*d+hi], u)
				}
			})
		}
		completeBasis(components, i, d, variances[i] > 0)
	}
	return variances, components, nil
}

// completeBasis makes component i (of d elements) orthogonal to those before it, and its
// length 1. If it is nothing yet, it becomes what is left of a unit vector.
func completeBasis(components []float64, i, d int, given bool) {
	component := components[i*d : (i+1)*d]
	if given && orthogonalize(components[:i*d], component) > 0 { // it was so nearly: once is enough
		return
	}
	// Of the d unit vectors some have at least the share (d - i)/d of their squares left. The first i are likely to be in the basis by now:
	// to try them each time would make examples that hardly differ take the fourth power of their number.
	for j := range d {
		clear(component)
		component[(i+j)%d] = 1
		if orthogonalize(components[:i*d], component) >= math.Sqrt(float64(d-i)/float64(2*d)) {
			orthogonalize(components[:i*d], component) // again, as much of it went the first time
			return
		}
	}
}

// orthogonalize makes v orthogonal to the rows of a basis and its length 1, and returns
// what its length was. It leaves 0 as it is.
func orthogonalize(basis, v []float64) float64 {
	for at := 0; at < len(basis); at += len(v) {
		row := basis[at : at+len(v)]
		kernel.AddScaled(v, row, -kernel.Dot(row, v))
	}
	norm := math.Sqrt(kernel.SquaredNorm(v))
	if norm > 0 {
		kernel.Scale(v, v, 1/norm)
	}
	return norm
}
