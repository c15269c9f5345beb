package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// A LinearModel is a fitted [LinearSVC]. It is immutable: any number of goroutines
// may use it at once. What its methods return is the caller's own copy.
type LinearModel struct {
	classes []int
	plane   hyperplanes
	report  LinearReport
}

// A LinearReport tells how the fit of a linear machine went.
type LinearReport struct {
	// Problems has one for each class, or one for two classes.
	Problems []LinearProblemReport
}

// A LinearProblemReport tells how the fit of one set of weights went.
type LinearProblemReport struct {
	// Class is the label for which the decision value is positive; 0 for a regression.
	Class int
	// Objective is that of the dual, which LIBLINEAR prints as "Objective value":
	// ½ ‖w‖² + Σᵢ (αᵢ²/4Cᵢ - αᵢ), without the αᵢ²/4Cᵢ for the Hinge. For a regression
	// αᵢ is replaced by yᵢβᵢ - Epsilon |βᵢ|, and αᵢ² by βᵢ² if the loss is squared. At
	// the optimum it is what is minimized over w, with the opposite sign.
	Objective float64
	// Gap is the greatest violation of the optimality conditions of the dual: how fast
	// it would still fall along one αᵢ (the projected gradient of Hsieh et al., 2008),
	// at the weights that are returned.
	Gap float64
	// Epochs is the number of passes over the samples that were not settled.
	Epochs int
	// Support is the number of samples with αᵢ or βᵢ other than 0.
	Support int
	// Converged says that Gap is not above the tolerance; otherwise MaxIter ended the
	// fit.
	Converged bool
}

// Converged says whether all problems converged.
func (r LinearReport) Converged() bool {
	return !slices.ContainsFunc(r.Problems, func(p LinearProblemReport) bool { return !p.Converged })
}

// hyperplanes are weights that together read each sample once.
type hyperplanes struct {
	features, count int
	weights         []float64 // (features, count)
	intercepts      []float64
}

func newLinearModel(settings linearSettings, features int, groups []group, solutions []linearSolution) (*LinearModel, error) {
	m := &LinearModel{plane: newHyperplanes(features, settings.bias, solutions)}
	for _, g := range groups {
		m.classes = append(m.classes, g.label)
	}
	for p, s := range solutions {
		report, err := s.report(settings.tolerance)
		if err != nil {
			return nil, err
		}
		report.Class = m.classes[p]
		m.report.Problems = append(m.report.Problems, report)
	}
	return m, nil
}

// report tells how a problem went, or that it overflowed.
func (s *linearSolution) report(tolerance float64) (LinearProblemReport, error) {
	if slices.ContainsFunc(s.weights, overflows) || overflows(s.objective) {
		return LinearProblemReport{}, errors.New("the weights overflow: scale the features to about 1, or give a smaller C")
	}
	return LinearProblemReport{Objective: s.objective, Gap: s.gap, Epochs: s.epochs, Support: s.support, Converged: s.gap <= tolerance}, nil
}

func newHyperplanes(features int, bias float64, solutions []linearSolution) hyperplanes {
	h := hyperplanes{features: features, count: len(solutions), weights: make([]float64, features*len(solutions))}
	for p, s := range solutions {
		for j, w := range s.weights[:features] {
			h.weights[j*h.count+p] = w
		}
		h.intercepts = append(h.intercepts, bias*s.weights[features])
	}
	return h
}

// Predict returns the label of each sample of x (n, d): the class with the greatest
// decision value, the first of [LinearModel.Classes] among equals. Of two classes it
// is the first where the one decision value is positive.
//
// x is a *tensor.Dense or a *data.CSR. It returns an error if it is no such matrix,
// has another number of features than the training samples, or holds a NaN or an
// infinity.
func (m *LinearModel) Predict(x Samples) ([]int, error) {
	decisions, rows, err := m.plane.decide(x)
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	labels := make([]int, rows)
	for i := range labels {
		values, best := decisions[i*m.plane.count:(i+1)*m.plane.count], 0
		if len(values) == 1 {
			if values[0] <= 0 {
				best = 1
			}
		} else {
			for p, v := range values {
				if v > values[best] {
					best = p
				}
			}
		}
		labels[i] = m.classes[best]
	}
	return labels, nil
}

// Decision returns the decision values w·x + b of the samples x (n, d) as a
// float64 Dense of shape (n, k) for k classes, a column for each in the order of
// Classes, or (n, 1) for two classes. There a positive value means the first class,
// as in LIBLINEAR; scikit-learn has the opposite sign. It returns the errors of
// Predict.
func (m *LinearModel) Decision(x Samples) (*tensor.Dense, error) {
	decisions, rows, err := m.plane.decide(x)
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	return engine.Dense(decisions, rows, m.plane.count), nil
}

// Classes returns the labels in ascending order.
func (m *LinearModel) Classes() []int { return slices.Clone(m.classes) }

// Features returns the number of features d of a sample.
func (m *LinearModel) Features() int { return m.plane.features }

// Weights returns the weights w as float64 of shape (k, d) for k classes, a row for
// each in the order of Classes, or (1, d) for two classes (scikit-learn's coef_, which
// has the opposite sign for two classes).
func (m *LinearModel) Weights() *tensor.Dense { return m.plane.rows() }

// Intercepts returns what is added to w·x in each row of [LinearModel.Weights]
// (scikit-learn's intercept_, which has the opposite sign for two classes).
func (m *LinearModel) Intercepts() []float64 { return slices.Clone(m.plane.intercepts) }

// Report tells how the fit went.
func (m *LinearModel) Report() LinearReport {
	return LinearReport{Problems: slices.Clone(m.report.Problems)}
}

// rows returns the weights as (count, features).
func (h *hyperplanes) rows() *tensor.Dense {
	out := make([]float64, len(h.weights))
	for at, w := range h.weights {
		out[at%h.count*h.features+at/h.count] = w
	}
	return engine.Dense(out, h.count, h.features)
}

// decide returns decision values (n, count) of the samples x.
func (h *hyperplanes) decide(x Samples) (decisions []float64, rows int, err error) {
	m, err := newMatrix(x)
	if err != nil {
		return nil, 0, err
	}
	if m.cols != h.features {
		return nil, 0, fmt.Errorf("x has %d features and the model was fitted with %d: give the same features in the same order", m.cols, h.features)
	}
	if err := m.checkFinite(context.Background()); err != nil {
		return nil, 0, err
	}
	decisions = make([]float64, m.rows*h.count)
	values := m.rows * m.cols
	if m.sparse != nil {
		values = m.sparse.Stored()
	}
	var mutex sync.Mutex
	overflow := m.rows
	pool.For(m.rows, 1+taskWork*m.rows/(1+values*h.count), func(lo, hi int) {
		row := make([]float64, m.cols)
		for i := lo; i < hi; i++ {
			sums := decisions[i*h.count : (i+1)*h.count]
			copy(sums, h.intercepts)
			switch columns, single, double := m.stored(i); {
			case double != nil:
				addSparse(h, sums, columns, double)
			case single != nil:
				addSparse(h, sums, columns, single)
			default:
				m.row(i, row)
				for j, v := range row {
					h.add(sums, j, v)
				}
			}
			if slices.ContainsFunc(sums, overflows) {
				mutex.Lock()
				overflow = min(overflow, i)
				mutex.Unlock()
				return
			}
		}
	})
	if overflow < m.rows {
		return nil, 0, fmt.Errorf("a decision value of row %d of x overflows: scale the features to about 1", overflow)
	}
	return decisions, m.rows, nil
}

// add adds what a feature with a value contributes to each decision value.
func (h *hyperplanes) add(sums []float64, feature int, value float64) {
	weights := h.weights[feature*h.count:]
	weights = weights[:len(sums)]
	for p, w := range weights {
		sums[p] += w * value
	}
}

// addSparse adds what the values in columns contribute.
func addSparse[T float](h *hyperplanes, sums []float64, columns []int32, values []T) {
	if h.count == 1 {
		sums[0] += sparseDot(columns, values, h.weights)
		return
	}
	values = values[:len(columns)]
	for k, j := range columns {
		h.add(sums, int(j), float64(values[k]))
	}
}
