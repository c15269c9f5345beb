package svm

import (
	"context"
	"errors"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// A Model is a fitted classifier, made by [SVC.Fit], [NuSVC.Fit] or [ReadLIBSVM]. It is immutable: any number of goroutines may
// use it at once. What its methods return is the caller's own copy.
type Model struct {
	machine
	classes []int
	pairs   [][2]int // positions in classes
	report  Report
}

// A Report tells how the fit of a classifier went.
type Report struct {
	Pairs []PairReport // in the order of Decision's columns
}

// A PairReport tells how the fit of two classes went.
type PairReport struct {
	First, Second int // labels; a positive decision value is for First
	ProblemReport
}

// A ProblemReport tells how the solution of one problem went.
type ProblemReport struct {
	// Objective is the dual objective, which LIBSVM prints as obj; for a C-SVC it is ½ Σᵢⱼ yᵢyⱼαᵢαⱼK(xᵢ,xⱼ) - Σᵢαᵢ.
	Objective float64
	// Gap is the greatest violation of the optimality conditions, m(α) - M(α) of Fan,
	// Chen and Lin (2005), over all samples of the problem.
	Gap        float64
	Iterations int
	// Support is the number of support vectors of this problem.
	Support int
	// Converged says that Gap is below the tolerance; otherwise MaxIter ended the
	// fit, or rounding left no step to take.
	Converged bool
}

func (s *solution) report(tolerance float64) ProblemReport {
	return ProblemReport{
		Objective: s.objective, Gap: s.gap, Iterations: s.iterations,
		Support: len(s.variables), Converged: s.gap < tolerance,
	}
}

// Converged says whether all pairs converged.
func (r Report) Converged() bool {
	return !slices.ContainsFunc(r.Pairs, func(p PairReport) bool { return !p.Converged })
}

// Report tells for each pair of classes how its fit went. It has no pairs in a
// model that was read, as the file does not tell.
func (m *Model) Report() Report {
	return Report{Pairs: slices.Clone(m.report.Pairs)}
}

// Classes returns the labels in ascending order (scikit-learn's classes_), or
// those of a model that was read in the order of the file.
func (m *Model) Classes() []int { return slices.Clone(m.classes) }

// SupportCounts returns the number of support vectors of each class
// (scikit-learn's n_support_).
func (m *Model) SupportCounts() []int { return slices.Clone(m.counts) }

// DualCoefficients returns the yᵢαᵢ of the support vectors as float64 in the
// layout of LIBSVM's sv_coef and scikit-learn's dual_coef_, of shape
// (k - 1, s) for k classes. The column of a support vector of class c
// (counted in Classes) holds in row o - 1, for each class o > c, its coefficient
// in the pair (c, o), which is positive, and in row o, for each o < c, that in
// the pair (o, c), which is negative. For two classes scikit-learn has the
// opposite sign.
func (m *Model) DualCoefficients() *tensor.Dense {
	rows := m.columns
	columns := len(m.coefficients) / rows
	out := make([]float64, rows*columns)
	for s := range columns {
		for q := range rows {
			out[q*columns+s] = m.coefficients[s*rows+q]
		}
	}
	return engine.Dense(out, rows, columns)
}

// Rho returns for each pair of classes LIBSVM's rho, which a decision value
// subtracts: the mean of Σⱼ yⱼαⱼK(xⱼ, xᵢ) - yᵢ over the free support vectors
// (0 < αᵢ < C), or the middle of the range that the optimality conditions leave if
// there are none. scikit-learn's intercept_ is -rho, and rho for two classes.
func (m *Model) Rho() []float64 { return slices.Clone(m.rho) }

// newModel joins the solutions of all pairs. decisions holds the factor of each
// pair's β and its rho.
func newModel(ctx context.Context, x *matrix, form *kernelForm, tolerance float64, groups []group, solutions []solution, decisions []scaledDecision) (*Model, error) {
	m := &Model{pairs: pairs(len(groups))}
	m.kernel, m.features, m.columns, m.balanced = form.kernel, x.cols, len(groups)-1, true
	m.outputs = pairOutputs(m.pairs)
	place := make(map[int]int) // support vectors among all samples; then their position
	for p, s := range solutions {
		for _, k := range s.variables {
			place[pairSample(groups, m.pairs[p], k)] = -1
		}
	}
	for _, g := range groups {
		m.classes = append(m.classes, g.label)
		before := len(m.indices)
		for _, id := range g.samples {
			if _, ok := place[id]; ok {
				place[id] = len(m.indices)
				m.indices = append(m.indices, id)
			}
		}
		m.counts = append(m.counts, len(m.indices)-before)
	}
	if len(m.indices) == 0 {
		return nil, errors.New("no step can be taken, as the distances of samples overflow: scale the features to about 1")
	}
	m.keep(x)
	m.coefficients = make([]float64, len(m.indices)*m.columns)
	for p, s := range solutions {
		first, second := m.pairs[p][0], m.pairs[p][1]
		for i, k := range s.variables {
			column := second - 1
			if k >= len(groups[first].samples) {
				column = first
			}
			id := pairSample(groups, m.pairs[p], k)
			m.coefficients[place[id]*m.columns+column] = s.beta[i] * decisions[p].factor
		}
		m.rho = append(m.rho, decisions[p].rho)
		m.report.Pairs = append(m.report.Pairs, PairReport{m.classes[first], m.classes[second], s.report(tolerance)})
	}
	return m, m.complete(ctx, form, tolerance)
}

// A scaledDecision is how the decision value of a pair follows from its solution: factor·Σ β K - rho.
type scaledDecision struct{ factor, rho float64 }

// pairSample returns the sample of a variable of a pair's problem.
func pairSample(groups []group, pair [2]int, k int) int {
	first := groups[pair[0]].samples
	if k < len(first) {
		return first[k]
	}
	return groups[pair[1]].samples[k-len(first)]
}
