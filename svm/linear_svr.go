package svm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// LinearSVR is linear regression with an insensitive loss for many samples and
// features: LIBLINEAR's, solved in the dual by coordinate descent. Of all weights w,
// and among them that of a feature which is Bias in every sample, it finds those that
//
//	minimize  ½ ‖w‖² + Σᵢ Cᵢ max(0, |yᵢ - w·xᵢ| - Epsilon)
//
// Its zero value is C = 1 and Epsilon = 0, as in scikit-learn.
type LinearSVR struct {
	// C is the price of a unit of loss; 0 means 1.
	C float64
	// Epsilon is the distance from its target up to which a prediction costs nothing.
	Epsilon float64
	// Squared makes the loss max(0, |yᵢ - w·xᵢ| - Epsilon)².
	Squared bool
	// Bias is the value of the feature whose weight is the intercept; see [LinearSVC].
	// 0 means 1.
	Bias float64
	// NoBias leaves the intercept out.
	NoBias bool
	// SampleWeights multiply C for each sample; nil means 1 for all. A sample of
	// weight 0 does not count.
	SampleWeights []float64
	// Tolerance is the greatest violation of the optimality conditions of the dual,
	// in units of y, at which the problem counts as solved; 0 means 1e-4.
	Tolerance float64
	// MaxIter bounds the epochs (passes over the samples); 0 means 1000.
	// [LinearRegressionModel.Report] says whether it was reached.
	MaxIter int
	// Seed gives the order of the steps. The same seed gives the same bits.
	Seed uint64
}

// Fit finds the weights for the samples x (n, d), a *tensor.Dense or a *data.CSR,
// and their targets y (n).
//
// It returns an error if x is no such matrix, if x or y holds a NaN or an infinity,
// if len(y) is not n, or if a setting is out of its range. When ctx ends it stops
// and returns the context's error, wrapped.
func (r LinearSVR) Fit(ctx context.Context, x Samples, y []float64) (*LinearRegressionModel, error) {
	model, err := r.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (r LinearSVR) fit(ctx context.Context, x Samples, y []float64) (*LinearRegressionModel, error) {
	settings, err := linearSettings{r.C, r.Bias, r.NoBias, r.SampleWeights, r.Tolerance, r.MaxIter}.withDefaults()
	if err != nil {
		return nil, err
	}
	if !(r.Epsilon >= 0) || math.IsInf(r.Epsilon, 1) {
		return nil, fmt.Errorf("the Epsilon is %v: give a finite number that is not negative", r.Epsilon)
	}
	m, err := newMatrix(x)
	if err != nil {
		return nil, err
	}
	if len(y) != m.rows {
		return nil, fmt.Errorf("x has %d rows and y has %d targets: give one target for each row", m.rows, len(y))
	}
	for i, v := range y {
		if overflows(v) {
			return nil, fmt.Errorf("y is %v at row %d: replace it or remove the row", v, i)
		}
	}
	rows, squares, err := settings.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	price := make([]float64, m.rows)
	for i := range price {
		price[i] = settings.price(i)
	}
	d := newCoordinateDescent(ctx, rows, squares, m.cols+1, y, price, r.Squared, false)
	d.kink, d.random = r.Epsilon, rand.New(rand.NewPCG(r.Seed, 0))
	solution := d.solve(settings.tolerance, settings.maxIter)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	report, err := solution.report(settings.tolerance)
	if err != nil {
		return nil, err
	}
	return &LinearRegressionModel{plane: newHyperplanes(m.cols, settings.bias, []linearSolution{solution}), report: report}, nil
}

// A LinearRegressionModel is a fitted [LinearSVR]. It is immutable: any number of
// goroutines may use it at once. What its methods return is the caller's own copy.
type LinearRegressionModel struct {
	plane  hyperplanes
	report LinearProblemReport
}

// Predict returns w·x + b of each sample of x (n, d), a *tensor.Dense or a
// *data.CSR. It returns the errors of [LinearModel.Predict].
func (m *LinearRegressionModel) Predict(x Samples) ([]float64, error) {
	values, _, err := m.plane.decide(x)
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	return values, nil
}

// Features returns the number of features d of a sample.
func (m *LinearRegressionModel) Features() int { return m.plane.features }

// Weights returns the d weights w (scikit-learn's coef_).
func (m *LinearRegressionModel) Weights() []float64 { return slices.Clone(m.plane.weights) }

// Intercept returns b, what is added to w·x (scikit-learn's intercept_).
func (m *LinearRegressionModel) Intercept() float64 { return m.plane.intercepts[0] }

// Report tells how the fit went; its Class is 0.
func (m *LinearRegressionModel) Report() LinearProblemReport { return m.report }
