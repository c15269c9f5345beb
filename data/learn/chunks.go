package learn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
)

// Predictions and transformations do not know of contexts, so that many samples are
// given to them a few at a time: as many as take about chunkTime, which is a matter of
// the model and of the machine, and changes nothing in what comes out.
const (
	firstChunk = 64
	chunkTime  = 5 * time.Millisecond
)

// chunks calls do for ranges of rows that together are [0, n), until it returns an error
// or the context ends.
func chunks(ctx context.Context, n int, do func(rows []int) error) error {
	size := firstChunk
	for first := 0; first < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := make([]int, min(size, n-first))
		for i := range rows {
			rows[i] = first + i
		}
		began := time.Now()
		if err := do(rows); err != nil {
			return err
		}
		first += len(rows)
		if took := time.Since(began); took < chunkTime/2 {
			size *= 2
		} else if took > 2*chunkTime {
			size = max(1, size/2)
		}
	}
	return ctx.Err()
}

// predictWithin is the model's Predict that ends with a context.
func predictWithin[Y Target](ctx context.Context, model Model[Y], x Samples) ([]Y, error) {
	n := x.Shape()[0]
	all := make([]Y, 0, n)
	err := chunks(ctx, n, func(rows []int) error {
		part, err := takeSamples(x, rows)
		if err != nil {
			return err
		}
		predicted, err := model.Predict(part)
		if err != nil {
			return err
		}
		if len(predicted) != len(rows) {
			return fmt.Errorf("learn: the model made %d predictions for %d samples", len(predicted), len(rows))
		}
		all = append(all, predicted...)
		return nil
	})
	return all, err
}

// applyWithin is the transformer's Apply that ends with a context.
func applyWithin(ctx context.Context, t Transformer, x *tensor.Dense) (*tensor.Dense, error) {
	n := x.Shape()[0]
	var shape []int
	var single []float32
	var double []float64
	err := chunks(ctx, n, func(rows []int) error {
		part, err := data.TakeRows(x, rows)
		if err != nil {
			return err
		}
		y, err := t.Apply(part)
		if err != nil {
			return err
		}
		switch {
		case y.Dims() == 0 || y.Shape()[0] != len(rows):
			return fmt.Errorf("%d samples became an array of shape %v: give one for each", len(rows), y.Shape())
		case shape == nil:
			shape = slices.Clone(y.Shape())
			shape[0] = n
			single, double = make([]float32, 0, n*y.Shape()[1:].TotalSize()), nil
			if y.Dtype() == tensor.Float64 {
				single, double = nil, make([]float64, 0, cap(single))
			}
		case !slices.Equal(shape[1:], y.Shape()[1:]):
			return fmt.Errorf("samples became ones of shape %v, and others of shape %v", shape[1:], y.Shape()[1:])
		}
		if double != nil {
			double, err = appendRows(double, y)
		} else {
			single, err = appendRows(single, y)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case double != nil:
		return engine.Dense(double, shape...), nil
	}
	return engine.Dense(single, shape...), nil
}

// appendRows appends the values of y, which may have any strides.
func appendRows[T float32 | float64](values []T, y *tensor.Dense) ([]T, error) {
	rows, err := data.NewRows(y)
	if err != nil {
		return nil, err
	}
	all := make([]int, rows.Len())
	for i := range all {
		all[i] = i
	}
	have := len(values)
	values = append(values, make([]T, rows.Len()*rows.Width())...)
	return values, data.Gather(values[have:], rows, all)
}

// takeSamples returns the samples of the given rows.
func takeSamples(x Samples, rows []int) (Samples, error) {
	switch x := x.(type) {
	case *tensor.Dense:
		return data.TakeRows(x, rows)
	case *data.CSR:
		return x.Take(rows)
	}
	return nil, fmt.Errorf("learn: x is a %T: give a *tensor.Dense or a *data.CSR", x)
}

// checkSamples says why x and y cannot be learned from.
func checkSamples[Y Target](x Samples, y []Y) error {
	if x == nil || x == (*tensor.Dense)(nil) || x == (*data.CSR)(nil) {
		return errors.New("x is nil: give an array of shape (n, …), one sample a row")
	}
	shape := x.Shape()
	if len(shape) == 0 || shape[0] == 0 {
		return fmt.Errorf("x has shape %v: give an array of shape (n, …), one sample a row", shape)
	}
	if shape[0] != len(y) {
		return fmt.Errorf("x has %d samples and y %d: give one for each", shape[0], len(y))
	}
	return nil
}
