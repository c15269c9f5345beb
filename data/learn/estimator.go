package learn

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"gorgonia.org/tensor"
)

// Samples are examples to learn from, one a row: a [*tensor.Dense] of shape (n, …), or a
// [*data.CSR] where the model takes it.
type Samples interface{ Shape() tensor.Shape }

// A Target is what is predicted: the label of a class, or a number.
type Target interface{ int | float64 }

// An Estimator learns from examples.
type Estimator[Y Target] interface {
	// Fit learns from the samples x (n, …) and what is to be predicted for each, y (n),
	// and keeps neither. It ends soon after ctx, and may be called by several
	// goroutines at once.
	Fit(ctx context.Context, x Samples, y []Y) (Model[Y], error)
}

// A Model predicts.
type Model[Y Target] interface {
	// Predict returns a prediction for each of the samples x (n, …), which depends on no
	// other. It may be called by several goroutines at once.
	Predict(x Samples) ([]Y, error)
}

// Of makes an Estimator of anything that fits models, such as svm.SVC, whatever the
// types of its samples X and of its models M are. The type arguments need not be
// written.
func Of[X Samples, Y Target, M interface{ Predict(X) ([]Y, error) }](e interface {
	Fit(context.Context, X, []Y) (M, error)
},
) Estimator[Y] {
	return adapter[X, Y, M]{e}
}

// As returns a model as what it is, for example as *svm.Model: the one that an
// estimator made by [Of] fitted, the last of a [Pipeline], the best of a [GridSearch].
// ok says whether there is such a one.
func As[M any](model any) (m M, ok bool) {
	for {
		if m, ok = model.(M); ok {
			return m, true
		}
		outer, wraps := model.(interface{ inner() any })
		if !wraps {
			return m, false
		}
		model = outer.inner()
	}
}

type adapter[X Samples, Y Target, M interface{ Predict(X) ([]Y, error) }] struct {
	estimator interface {
		Fit(context.Context, X, []Y) (M, error)
	}
}

func (a adapter[X, Y, M]) Fit(ctx context.Context, x Samples, y []Y) (Model[Y], error) {
	if a.estimator == nil {
		return nil, errors.New("learn: Of was given no estimator")
	}
	samples, err := convert[X](x)
	if err != nil {
		return nil, err
	}
	m, err := a.estimator.Fit(ctx, samples, y)
	if err != nil {
		return nil, err
	}
	return adapted[X, Y, M]{m}, nil
}

type adapted[X Samples, Y Target, M interface{ Predict(X) ([]Y, error) }] struct{ model M }

func (a adapted[X, Y, M]) Predict(x Samples) ([]Y, error) {
	samples, err := convert[X](x)
	if err != nil {
		return nil, err
	}
	return a.model.Predict(samples)
}

func (a adapted[X, Y, M]) inner() any { return a.model }

// convert returns samples as the type that a model wants.
func convert[X Samples](x Samples) (samples X, err error) {
	samples, ok := x.(X)
	if !ok {
		return samples, fmt.Errorf("learn: x is a %T, and the model takes a %v", x, reflect.TypeFor[X]())
	}
	return samples, nil
}
