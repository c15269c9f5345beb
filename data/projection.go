package data

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Apply returns what the examples x (n, …) are along each component, as a new array of
// shape (n, k): float32 for bytes and float32, float64 for float64.
//
// The error says why x cannot be an array of a [Dataset], that it has another number
// of columns than the projection, that the projection is not as said, or names the row
// of a value that is not finite, or becomes so.
func (p *Projection) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	return p.convert(x, "Apply", len(p.Mean), len(p.Variance))
}

// Invert returns the examples that are z (n, k) along the components, and on average
// what all are along the others, as a new array of shape (n, d). All else is as with
// Apply.
func (p *Projection) Invert(z *tensor.Dense) (*tensor.Dense, error) {
	return p.convert(z, "Invert", len(p.Variance), len(p.Mean))
}

func (p *Projection) convert(x *tensor.Dense, name string, from, to int) (*tensor.Dense, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	rows := newRows(x)
	y, err := p.converted(rows, from, to, name == "Invert")
	if err != nil {
		return nil, fmt.Errorf("data: Projection.%s: %w", name, err)
	}
	return y, nil
}

func (p *Projection) converted(rows *Rows, from, to int, back bool) (*tensor.Dense, error) {
	if d, k := len(p.Mean), len(p.Variance); d == 0 || k == 0 || len(p.Components) != k*d {
		return nil, fmt.Errorf("the projection has a Mean of %d, a Variance of %d and Components of %d elements: make it by PCA.Fit", d, k, len(p.Components))
	}
	if rows.width != from {
		return nil, fmt.Errorf("x has %d columns and the projection %d: it must be made from such examples", rows.width, from)
	}
	if rows.dtype == tensor.Float64 {
		return convertRows[float64](p, rows, to, back)
	}
	return convertRows[float32](p, rows, to, back)
}

// rowsAtOnce is how many examples are projected together.
const rowsAtOnce = 256

// convertRows projects the rows, or takes the projection back.
func convertRows[T kernel.Float](p *Projection, rows *Rows, to int, back bool) (*tensor.Dense, error) {
	from := rows.width
	components := make([]T, len(p.Components))
	for i, v := range p.Components {
		components[i] = T(v)
	}
	// (from, to): the components stand in its columns, or in its rows on the way back.
	basis := kernel.Matrix[T]{Data: components, Rows: from, Cols: to, RowStride: 1, ColStride: from}
	if back {
		basis.RowStride, basis.ColStride = to, 1
	}
	deviations := p.deviations()
	values := make([]T, rows.n*to)
	row, block, indices := make([]float64, from), make([]T, rowsAtOnce*from), []int{0}
	for first := 0; first < rows.n; first += rowsAtOnce {
		n := min(rowsAtOnce, rows.n-first)
		for i := range n {
			indices[0] = first + i
			if err := Gather(row, rows, indices); err != nil {
				return nil, err
			}
			for j, v := range row {
				if back {
					v *= deviations[j]
				} else {
					v -= p.Mean[j] // before it is rounded to T
				}
				block[i*from+j] = T(v)
			}
		}
		out := values[first*to : (first+n)*to]
		kernel.MatMul(kernel.Matrix[T]{Data: out, Rows: n, Cols: to, RowStride: to, ColStride: 1},
			kernel.Matrix[T]{Data: block, Rows: n, Cols: from, RowStride: from, ColStride: 1}, basis, nil, false)
		for i, v := range out {
			if back {
				v += T(p.Mean[i%to])
			} else {
				v /= T(deviations[i%to])
			}
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("row %d becomes %v in column %d: its values must be finite, and not too far from the mean", first+i/to, v, i%to)
			}
			out[i] = v
		}
	}
	return engine.Dense(values, rows.n, to), nil
}

// deviations returns what to divide by along each component: 1 unless it whitens, and
// where there is no deviation.
func (p *Projection) deviations() []float64 {
	deviations := make([]float64, len(p.Variance))
	for i, variance := range p.Variance {
		deviations[i] = 1
		if p.Whiten && variance > 0 {
			deviations[i] = math.Sqrt(variance)
		}
	}
	return deviations
}
