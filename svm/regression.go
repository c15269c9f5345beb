package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// SVR is epsilon-support vector regression: errors below Epsilon cost nothing, and others C for each unit beyond.
type SVR struct {
	// C is the price of an error; 0 means 1.
	C float64
	// Epsilon is half the width of the tube within which errors cost nothing, in units of y; 0 means 0.1, as in scikit-learn. For none give a
	// number that is tiny beside the y.
	Epsilon float64
	// Kernel is nil for RBF{}.
	Kernel Kernel
	// SampleWeights multiply C for each sample; nil means 1 for all. A sample of weight 0 does not count.
	SampleWeights []float64

	Tolerance  float64 // as in [SVC]
	CacheBytes int64   // as in [SVC]
	MaxIter    int     // as in [SVC]
}

const defaultEpsilon = 0.1

// Fit solves the dual over the samples x (n, d), a *tensor.Dense or a *data.CSR, and their values y (n): in terms of β = α - α*,
//
//	minimize    ½ Σᵢⱼ βᵢ βⱼ K(xᵢ, xⱼ) + Epsilon Σᵢ |βᵢ| - Σᵢ yᵢ βᵢ
//	subject to  -C ≤ βᵢ ≤ C  and  Σᵢ βᵢ = 0
//
// and the value of a sample x is Σᵢ βᵢ K(xᵢ, x) - ρ. It returns an error if a y is NaN or infinite; the others are those of [SVC.Fit].
func (c SVR) Fit(ctx context.Context, x Samples, y []float64) (*RegressionModel, error) {
	model, err := c.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c SVR) fit(ctx context.Context, x Samples, y []float64) (*RegressionModel, error) {
	c.Epsilon = or(c.Epsilon, defaultEpsilon)
	if !(c.Epsilon > 0) || math.IsInf(c.Epsilon, 1) {
		return nil, fmt.Errorf("the Epsilon is %v: give a positive, finite number, or 0 for %v", c.Epsilon, defaultEpsilon)
	}
	f, price, err := prepareRegression(ctx, options{c.Kernel, c.Tolerance, c.CacheBytes, c.MaxIter}, c.C, c.SampleWeights, x, y)
	if err != nil {
		return nil, err
	}
	p := newProblem(len(y))
	p.kink = c.Epsilon
	bound := 0.0
	for i := range p.ids {
		p.ids[i], p.linear[i], p.lowest[i], p.highest[i] = i, y[i], -price(i), price(i)
		bound = max(bound, price(i))
	}
	s, err := f.solveOne(ctx, p, bound)
	if err != nil {
		return nil, err
	}
	return newRegressionModel(ctx, f, p, s, -s.levels[0], c.Epsilon)
}

// NuSVR is nu-support vector regression: it chooses the width of the tube so that a share of the samples lies outside.
type NuSVR struct {
	// C is the price of an error; 0 means 1.
	C float64
	// Nu is an upper bound on the share of samples outside the tube and a lower bound on the share of support vectors; 0 means 0.5.
	Nu float64
	// Kernel is nil for RBF{}.
	Kernel Kernel
	// SampleWeights multiply C for each sample; nil means 1 for all. A sample of weight 0 does not count.
	SampleWeights []float64

	Tolerance  float64 // as in [SVC]
	CacheBytes int64   // as in [SVC]
	MaxIter    int     // as in [SVC]
}

// Fit solves the dual over the samples x (n, d), a *tensor.Dense or a *data.CSR, and their values y (n):
//
//	minimize    ½ Σᵢⱼ βᵢ βⱼ K(xᵢ, xⱼ) - Σᵢ yᵢ βᵢ  with  β = α - α*
//	subject to  0 ≤ αᵢ, αᵢ* ≤ C  and  Σᵢ αᵢ = Σᵢ αᵢ* = C·Nu·n/2
//
// It returns an error if a y is NaN or infinite; the others are those of [SVC.Fit].
func (c NuSVR) Fit(ctx context.Context, x Samples, y []float64) (*RegressionModel, error) {
	model, err := c.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c NuSVR) fit(ctx context.Context, x Samples, y []float64) (*RegressionModel, error) {
	c.Nu = or(c.Nu, defaultNu)
	if err := checkNu(c.Nu); err != nil {
		return nil, err
	}
	f, price, err := prepareRegression(ctx, options{c.Kernel, c.Tolerance, c.CacheBytes, c.MaxIter}, c.C, c.SampleWeights, x, y)
	if err != nil {
		return nil, err
	}
	// Each sample has a variable that pulls its value up and one that pulls it down.
	n := len(y)
	p := newProblem(2 * n)
	p.split = n
	total, bound := 0.0, 0.0
	for i := range n {
		p.ids[i], p.linear[i], p.highest[i] = i, y[i], price(i)
		p.ids[n+i], p.linear[n+i], p.lowest[n+i] = i, y[i], -price(i)
		total += price(i)
		bound = max(bound, price(i))
	}
	p.start = make([]float64, 2*n)
	fill(p.start[:n], p.highest[:n], c.Nu*total/2)
	fill(p.start[n:], p.lowest[n:], -c.Nu*total/2)
	s, err := f.solveOne(ctx, p, bound)
	if err != nil {
		return nil, err
	}
	m, err := newRegressionModel(ctx, f, p, s, -(s.levels[0]+s.levels[1])/2, (s.levels[0]-s.levels[1])/2)
	if err != nil {
		return nil, err
	}
	m.nu = true
	return m, nil
}

// prepareRegression is prepare for a regression; price is C of each sample.
func prepareRegression(ctx context.Context, o options, c float64, weights []float64, x Samples, y []float64) (f *prepared, price func(i int) float64, err error) {
	c = or(c, 1)
	if err := checkPrice(c); err != nil {
		return nil, nil, err
	}
	f, err = prepareSingle(ctx, o, x, true)
	if err != nil {
		return nil, nil, err
	}
	if len(y) != f.x.rows {
		return nil, nil, fmt.Errorf("x has %d rows and y has %d values: give one for each row", f.x.rows, len(y))
	}
	for i, v := range y {
		if overflows(v) {
			return nil, nil, fmt.Errorf("y is %v at row %d: replace it or remove the row", v, i)
		}
	}
	weight, err := sampleWeights(weights, f.x.rows)
	if err != nil {
		return nil, nil, err
	}
	price = func(i int) float64 { return c * weight(i) }
	counted := false
	for i := range y {
		if math.IsInf(price(i), 1) {
			return nil, nil, fmt.Errorf("the C times the weight of row %d overflows: give smaller ones", i)
		}
		counted = counted || price(i) > 0
	}
	if !counted {
		return nil, nil, errors.New("all SampleWeights are 0: no sample counts")
	}
	return f, price, nil
}

func newRegressionModel(ctx context.Context, f *prepared, p *problem, s *solution, rho, epsilon float64) (*RegressionModel, error) {
	m := &RegressionModel{newSingle(f.x, f.form.kernel, s.weights(p, f.x.rows), rho, true), s.report(f.tolerance), epsilon}
	m.report.Support = len(m.indices)
	return m, m.complete(ctx, &f.form, f.tolerance)
}

// A RegressionModel is a fitted regression, made by [SVR.Fit] or [NuSVR.Fit]. It is immutable: any number of goroutines may use it at
// once.
type RegressionModel struct {
	machine
	report  ProblemReport
	epsilon float64
}

// Predict returns the value of each sample of x (n, d). It returns the errors of [Model.Predict].
func (m *RegressionModel) Predict(x Samples) ([]float64, error) {
	values, err := m.values(x)
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	return values, nil
}

// DualCoefficients returns the βᵢ = αᵢ - αᵢ* of the support vectors.
func (m *RegressionModel) DualCoefficients() []float64 {
	return append([]float64(nil), m.coefficients...)
}

// Rho returns what a value subtracts; scikit-learn's intercept_ is -rho.
func (m *RegressionModel) Rho() float64 { return m.rho[0] }

// Epsilon returns half the width of the tube: that of an [SVR], or the one that a [NuSVR] found.
func (m *RegressionModel) Epsilon() float64 { return m.epsilon }

// Report tells how the fit went.
func (m *RegressionModel) Report() ProblemReport { return m.report }
