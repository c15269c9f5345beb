package data

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gorgonia.org/tensor"
)

// A Scaler brings columns to a common scale: it turns a value x of column j into
// (x - Center[j]) / Scale[j]. What it learned from the training examples serves
// for all others:
//
//	scaler, err := data.NewStandardScaler(train.X)
//	…
//	train.X, err = scaler.Apply(train.X)
//	test.X, err = scaler.Apply(test.X)
//
// The columns of an array of shape (n, …) are the values of one example in
// row-major order. Bytes stand for the numbers 0/255 to 255/255, as in a
// [Dataset].
type Scaler struct {
	Center []float64 // what becomes 0: means, or least values
	Scale  []float64 // what becomes 1 above it: deviations, or ranges; positive
}

// NewStandardScaler learns from x, of shape (n, …), the mean and the standard
// deviation (with divisor n) of each column, so that columns get mean 0 and
// deviation 1, as scikit-learn's StandardScaler does. The scale of a column of
// equal values is 1: it becomes 0.
//
// The error says why x cannot be an array of a [Dataset], or names the row and
// the column of a value that is not finite, or the column whose values lie
// farther apart than a float64 can tell.
func NewStandardScaler(x *tensor.Dense) (*Scaler, error) {
	return StandardScaling{}.Fit(context.Background(), x)
}

// StandardScaling is [NewStandardScaler] for who wants to end it early, and for the
// steps of a pipeline: see package learn, beside this one.
type StandardScaling struct{}

// Fit does what [NewStandardScaler] does. When ctx ends it stops and returns its error,
// wrapped.
func (StandardScaling) Fit(ctx context.Context, x *tensor.Dense) (*Scaler, error) {
	return newScaler(ctx, x, "NewStandardScaler", func(c *columnRange) (center, scale float64) {
		return c.mean, c.deviation()
	})
}

// NewMinMaxScaler learns from x, of shape (n, …), the least and the greatest
// value of each column, so that they become 0 and 1, as scikit-learn's
// MinMaxScaler does. The scale of a column of equal values is 1: it becomes 0.
// The errors are those of [NewStandardScaler].
func NewMinMaxScaler(x *tensor.Dense) (*Scaler, error) {
	return MinMaxScaling{}.Fit(context.Background(), x)
}

// MinMaxScaling is [NewMinMaxScaler] as [StandardScaling] is NewStandardScaler.
type MinMaxScaling struct{}

// Fit does what [NewMinMaxScaler] does. When ctx ends it stops and returns its error,
// wrapped.
func (MinMaxScaling) Fit(ctx context.Context, x *tensor.Dense) (*Scaler, error) {
	return newScaler(ctx, x, "NewMinMaxScaler", func(c *columnRange) (center, scale float64) {
		return c.least, c.greatest - c.least
	})
}

// Apply returns the scaled x as a new array of its shape: float32 for bytes and
// float32, float64 for float64.
//
// The error says why x cannot be an array of a [Dataset], that it has another
// number of columns than the scaler, or the row and the column of a value that is
// not finite, or becomes so.
func (s *Scaler) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	return s.transform(x, "Apply", func(v, center, scale float64) float64 { return (v - center) / scale })
}

// Invert returns x as it was before it was scaled; all else is as with Apply.
func (s *Scaler) Invert(x *tensor.Dense) (*tensor.Dense, error) {
	return s.transform(x, "Invert", func(v, center, scale float64) float64 { return v*scale + center })
}

// A columnRange is what is known of a column.
type columnRange struct {
	least, greatest float64
	mean            float64
	farthest        float64 // from the mean
	sum, squares    float64 // of distances from the mean, relative to the farthest
	rows            int
}

// deviation is the standard deviation.
func (c *columnRange) deviation() float64 {
	return c.farthest * math.Sqrt(c.squares/float64(c.rows))
}

func newScaler(ctx context.Context, x *tensor.Dense, name string, learn func(c *columnRange) (center, scale float64)) (*Scaler, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	columns, err := newRows(x).ranges(ctx)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", name, err)
	}
	s := &Scaler{Center: make([]float64, len(columns)), Scale: make([]float64, len(columns))}
	for j := range columns {
		center, scale := learn(&columns[j])
		if scale == 0 {
			scale = 1
		}
		s.Center[j], s.Scale[j] = center, scale
	}
	return s, nil
}

// ranges goes over the examples three times: sums of distances from the mean,
// which is found first, do not suffer where the mean is far greater than they are,
// and distances relative to the farthest have squares that neither over- nor
// underflow.
func (r *Rows) ranges(ctx context.Context) ([]columnRange, error) {
	columns := make([]columnRange, r.width)
	err := r.each(ctx, func(i int, row []float64) error {
		for j, v := range row {
			c := &columns[j]
			if i == 0 {
				*c = columnRange{least: v, greatest: v, rows: r.n}
			}
			c.least, c.greatest = min(c.least, v), max(c.greatest, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for j, c := range columns {
		if math.IsInf(c.greatest-c.least, 0) {
			return nil, fmt.Errorf("column %d: its values, from %v to %v, lie too far apart", j, c.least, c.greatest)
		}
	}
	err = r.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			// Divided first, since the sum of many might overflow. Equal values give 0.
			columns[j].mean += (v - columns[j].least) / float64(r.n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for j := range columns {
		c := &columns[j]
		c.mean += c.least
		c.farthest = max(c.greatest-c.mean, c.mean-c.least)
	}
	err = r.each(ctx, func(_ int, row []float64) error {
		for j, v := range row {
			if c := &columns[j]; c.farthest > 0 {
				distance := (v - c.mean) / c.farthest
				c.sum += distance
				c.squares += distance * distance
			}
		}
		return nil
	})
	// What the sum should be is 0: it says what rounding did to the mean.
	for j := range columns {
		c := &columns[j]
		c.mean += c.farthest * (c.sum / float64(c.rows))
	}
	return columns, err
}

// each visits the examples in order, as float64. The error is visit's, names a value
// that is not finite, or is that of a context which ends meanwhile.
func (r *Rows) each(ctx context.Context, visit func(i int, row []float64) error) error {
	row := make([]float64, r.width)
	for i := range r.n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := Gather(row, r, []int{i}); err != nil {
			return err
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, column %d is %v: fill it in or leave the row out", i, j, v)
			}
		}
		if err := visit(i, row); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scaler) transform(x *tensor.Dense, name string, f func(v, center, scale float64) float64) (*tensor.Dense, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	y, err := s.transformed(newRows(x), f)
	if err != nil {
		return nil, fmt.Errorf("data: Scaler.%s: %w", name, err)
	}
	return y, nil
}

func (s *Scaler) transformed(rows *Rows, f func(v, center, scale float64) float64) (*tensor.Dense, error) {
	if len(s.Center) != len(s.Scale) || len(s.Center) == 0 {
		return nil, errors.New("the scaler has no columns, or not a Center and a Scale for each: make it by NewStandardScaler or NewMinMaxScaler")
	}
	for j, scale := range s.Scale {
		if !(scale > 0) {
			return nil, fmt.Errorf("the Scale of column %d is %v: it must be positive", j, scale)
		}
	}
	if rows.width != len(s.Center) {
		return nil, fmt.Errorf("x has %d columns and the scaler %d: it must be made from such examples", rows.width, len(s.Center))
	}
	if rows.dtype == tensor.Float64 {
		return scaled[float64](s, rows, f)
	}
	return scaled[float32](s, rows, f)
}

func scaled[T float32 | float64](s *Scaler, rows *Rows, f func(v, center, scale float64) float64) (*tensor.Dense, error) {
	values := make([]T, 0, rows.n*rows.width)
	err := rows.each(context.Background(), func(i int, row []float64) error {
		for j, v := range row {
			y := T(f(v, s.Center[j], s.Scale[j]))
			if math.IsInf(float64(y), 0) || math.IsNaN(float64(y)) {
				return fmt.Errorf("row %d, column %d: %v becomes %v", i, j, v, y)
			}
			values = append(values, y)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return dense(rows, rows.n, values), nil
}
