package svm

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// OneClass learns where samples lie, to tell what is unlike them: the one-class support vector machine of Schölkopf, Platt,
// Shawe-Taylor, Smola and Williamson, "Estimating the Support of a High-Dimensional Distribution", Neural Computation 13 (2001).
type OneClass struct {
	// Nu is an upper bound on the share of training samples that count as outliers and a lower bound on the share of support vectors;
	// 0 means 0.5.
	Nu float64
	// Kernel is nil for RBF{}.
	Kernel Kernel
	// SampleWeights say how much each sample counts; nil means 1 for all. A sample of weight 0 does not count.
	SampleWeights []float64

	Tolerance  float64 // as in [SVC]
	CacheBytes int64   // as in [SVC]
	MaxIter    int     // as in [SVC]
}

// Fit solves the dual over the samples x (n, d), a *tensor.Dense or a *data.CSR:
//
//	minimize    ½ Σᵢⱼ αᵢ αⱼ K(xᵢ, xⱼ)
//	subject to  0 ≤ αᵢ ≤ 1  and  Σᵢ αᵢ = Nu·n
//
// and the decision value of a sample x is Σᵢ αᵢ K(xᵢ, x) - ρ. The errors are those of [SVC.Fit].
func (c OneClass) Fit(ctx context.Context, x Samples) (*OneClassModel, error) {
	model, err := c.fit(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c OneClass) fit(ctx context.Context, x Samples) (*OneClassModel, error) {
	c.Nu = or(c.Nu, defaultNu)
	if err := checkNu(c.Nu); err != nil {
		return nil, err
	}
	f, err := prepareSingle(ctx, options{c.Kernel, c.Tolerance, c.CacheBytes, c.MaxIter}, x, false)
	if err != nil {
		return nil, err
	}
	weight, err := sampleWeights(c.SampleWeights, f.x.rows)
	if err != nil {
		return nil, err
	}
	p := newProblem(f.x.rows)
	total, bound := 0.0, 0.0
	for i := range p.ids {
		p.ids[i], p.highest[i] = i, weight(i)
		total += weight(i)
		bound = max(bound, weight(i))
	}
	if total == 0 {
		return nil, errors.New("all SampleWeights are 0: no sample counts")
	}
	p.start = make([]float64, f.x.rows)
	fill(p.start, p.highest, c.Nu*total)
	s, err := f.solveOne(ctx, p, bound)
	if err != nil {
		return nil, err
	}
	m := &OneClassModel{newSingle(f.x, f.form.kernel, s.weights(p, f.x.rows), -s.levels[0], false), s.report(f.tolerance)}
	return m, m.complete(ctx, &f.form, f.tolerance)
}

// prepareSingle is prepare for a machine with one problem over all samples.
func prepareSingle(ctx context.Context, o options, x Samples, centered bool) (*prepared, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMatrix(x)
	if err != nil {
		return nil, err
	}
	return o.prepare(ctx, m, centered)
}

// weights returns the β of each of n samples, added up over its variables.
func (s *solution) weights(p *problem, n int) []float64 {
	all := make([]float64, n)
	for i, k := range s.variables {
		all[p.ids[k]] += s.beta[i]
	}
	return all
}

// A OneClassModel is a fitted [OneClass]. It is immutable: any number of goroutines may use it at once.
type OneClassModel struct {
	machine
	report ProblemReport
}

// Predict returns 1 for each sample of x (n, d) that is like the training samples, and -1 for an outlier. Support
// vectors within the bounds lie on the boundary itself: for them the tolerance decides. It returns the errors of [Model.Predict].
func (m *OneClassModel) Predict(x Samples) ([]int, error) {
	values, err := m.values(x)
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	labels := make([]int, len(values))
	for i, v := range values {
		if labels[i] = -1; v > 0 {
			labels[i] = 1
		}
	}
	return labels, nil
}

// Decision returns the decision values of the samples x (n, d) as a float64 Dense of shape (n): positive for samples such as the
// training samples. It returns the errors of [Model.Predict].
func (m *OneClassModel) Decision(x Samples) (*tensor.Dense, error) {
	values, err := m.values(x)
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	return engine.Dense(values, len(values)), nil
}

// DualCoefficients returns the αᵢ of the support vectors.
func (m *OneClassModel) DualCoefficients() []float64 {
	return append([]float64(nil), m.coefficients...)
}

// Rho returns what a decision value subtracts; scikit-learn's intercept_ is -rho.
func (m *OneClassModel) Rho() float64 { return m.rho[0] }

// Report tells how the fit went.
func (m *OneClassModel) Report() ProblemReport { return m.report }

// values returns the decision value of each sample of a machine with one output.
func (m *machine) values(x Samples) ([]float64, error) {
	samples, err := m.accept(x)
	if err != nil {
		return nil, err
	}
	all := make([]float64, samples.rows)
	return all, m.decide(samples, func(rows iter.Seq2[int, []float64]) {
		for i, values := range rows {
			all[i] = values[0]
		}
	})
}
