package learn

import (
	"context"
	"errors"
	"fmt"

	"gorgonia.org/tensor"
)

// A Transformer turns samples into others, such as [*data.Scaler] and
// [*data.Projection]: each by itself, so that what becomes of it does not depend on
// the others.
type Transformer interface {
	// Apply returns what becomes of the samples x (n, …): n samples of float32 or
	// float64.
	Apply(x *tensor.Dense) (*tensor.Dense, error)
}

// A Step learns from samples how to transform them.
type Step func(ctx context.Context, x *tensor.Dense) (Transformer, error)

// StepOf makes a Step of anything that fits transformers, such as
// [data.StandardScaling] and [data.PCA].
func StepOf[T Transformer](s interface {
	Fit(context.Context, *tensor.Dense) (T, error)
},
) Step {
	return func(ctx context.Context, x *tensor.Dense) (Transformer, error) { return s.Fit(ctx, x) }
}

// A Pipeline transforms samples step by step and gives them to the last estimator. All
// of them learn from the same samples, and in a cross-validation only from those of the
// fold.
type Pipeline[Y Target] struct {
	Steps []Step
	Last  Estimator[Y]
}

// Fit fits each step to what the steps before it make of the samples x, and the last
// estimator to what all of them make of it. The model is a [*FittedPipeline].
//
// The error names the step and says what kept it from being fitted, or says that x is
// no Dense, which steps want, or that there is no last estimator. When ctx ends Fit
// stops as soon as a step does.
func (p Pipeline[Y]) Fit(ctx context.Context, x Samples, y []Y) (Model[Y], error) {
	if p.Last == nil {
		return nil, errors.New("learn: Pipeline: there is no Last estimator: give what is to predict, for example learn.Of(svm.SVC{})")
	}
	fitted := &FittedPipeline[Y]{}
	for i, step := range p.Steps {
		dense, err := denseSamples(x)
		if err != nil {
			return nil, err
		}
		if step == nil {
			return nil, fmt.Errorf("learn: Pipeline: step %d is nil: leave it out", i)
		}
		t, err := step(ctx, dense)
		if err != nil {
			return nil, fmt.Errorf("learn: Pipeline: fitting step %d: %w", i, err)
		}
		if x, err = applyWithin(ctx, t, dense); err != nil {
			return nil, fmt.Errorf("learn: Pipeline: step %d: %w", i, err)
		}
		fitted.Steps = append(fitted.Steps, t)
	}
	last, err := p.Last.Fit(ctx, x, y)
	if err != nil {
		return nil, err
	}
	fitted.Last = last
	return fitted, nil
}

// A FittedPipeline transforms samples as it has learned, and predicts.
type FittedPipeline[Y Target] struct {
	Steps []Transformer
	Last  Model[Y]
}

// Predict returns what the last model predicts for what the steps make of x. The error
// is theirs.
func (p *FittedPipeline[Y]) Predict(x Samples) ([]Y, error) {
	for i, t := range p.Steps {
		dense, err := denseSamples(x)
		if err != nil {
			return nil, err
		}
		if x, err = t.Apply(dense); err != nil {
			return nil, fmt.Errorf("learn: Pipeline: step %d: %w", i, err)
		}
	}
	return p.Last.Predict(x)
}

func (p *FittedPipeline[Y]) inner() any { return p.Last }

func denseSamples(x Samples) (*tensor.Dense, error) {
	dense, ok := x.(*tensor.Dense)
	if !ok {
		return nil, fmt.Errorf("learn: Pipeline: x is a %T: its steps take a *tensor.Dense", x)
	}
	return dense, nil
}
