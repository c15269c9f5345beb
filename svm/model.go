package svm

import (
	"context"
	"errors"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// A Model is a fitted classifier, made by [SVC.Fit] or [ReadLIBSVM]. It is immutable: any number of goroutines may
// use it at once. What its methods return is the caller's own copy.
type Model struct {
	classes  []int
	pairs    [][2]int // positions in classes
	features int
	gamma    float64

	// Support vectors stand grouped by class, ascending within each, as in
	// LIBSVM.
	indices []int // nil in a model that was read
	vectors *tensor.Dense
	counts  []int
	// coefficients is (support vectors, len(classes)-1): where a vector of class c
	// meets class o, column o - 1 if o > c and o otherwise.
	coefficients []float64
	rho          []float64
	report       Report

	decider decider
}

// A Report tells how the fit went.
type Report struct {
	Pairs []PairReport // in the order of Decision's columns
}

// A PairReport tells how the fit of two classes went.
type PairReport struct {
	First, Second int // labels; a positive decision value is for First
	// Objective is the dual objective ½ Σᵢⱼ yᵢyⱼαᵢαⱼK(xᵢ,xⱼ) - Σᵢαᵢ, which LIBSVM prints as obj.
	Objective float64
	// Gap is the greatest violation of the optimality conditions, m(α) - M(α) of Fan,
	// Chen and Lin (2005), over all samples of the pair.
	Gap        float64
	Iterations int
	// Support is the number of support vectors of this pair.
	Support int
	// Converged says that Gap is below the tolerance; otherwise MaxIter ended the
	// fit, or rounding left no step to take.
	Converged bool
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

// Features returns the number of features d of a sample.
func (m *Model) Features() int { return m.features }

// Gamma returns the gamma that was used, 0 for a kernel without one.
func (m *Model) Gamma() float64 { return m.gamma }

func (m *Model) kernel() Kernel {
	if m.gamma == 0 {
		return Linear{}
	}
	return RBF{Gamma: Gamma(m.gamma)}
}

// SupportVectors returns the rows of the training samples that are support
// vectors (scikit-learn's support_), grouped by class and ascending within each,
// and those rows (support_vectors_), of shape (s, d) and the dtype of the training
// samples. The indices of a model that was read are nil, as the file does not
// tell them, and the vectors float64.
func (m *Model) SupportVectors() (indices []int, vectors *tensor.Dense) {
	return slices.Clone(m.indices), m.vectors.Clone().(*tensor.Dense)
}

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
	columns, rows := m.vectors.Shape()[0], len(m.classes)-1
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

// newModel joins the solutions of all pairs.
func newModel[T float](ctx context.Context, c SVC, x *matrix, data *samples[T], groups []group, solutions []solution) (*Model, error) {
	m := &Model{pairs: pairs(len(groups)), features: x.cols, gamma: data.form.gamma}
	columns := len(groups) - 1
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
	m.vectors = x.gather(m.indices)
	m.coefficients = make([]float64, len(m.indices)*columns)
	for p, s := range solutions {
		first, second := m.pairs[p][0], m.pairs[p][1]
		for i, k := range s.variables {
			id := pairSample(groups, m.pairs[p], k)
			column := second - 1
			if s.beta[i] < 0 {
				column = first
			}
			m.coefficients[place[id]*columns+column] = s.beta[i]
		}
		m.rho = append(m.rho, -s.levels[0])
		m.report.Pairs = append(m.report.Pairs, PairReport{
			First: m.classes[first], Second: m.classes[second], Objective: s.objective,
			Gap: s.gap, Iterations: s.iterations, Support: len(s.variables), Converged: s.gap < c.Tolerance,
		})
	}
	return m, m.complete(ctx, &data.form, c.Tolerance)
}

// pairSample returns the sample of a variable of a pair's problem.
func pairSample(groups []group, pair [2]int, k int) int {
	first := groups[pair[0]].samples
	if k < len(first) {
		return first[k]
	}
	return groups[pair[1]].samples[k-len(first)]
}

// complete makes the decider of a model that has all else. trained is the form
// in which the pairs were solved, if rho is still that of centered samples.
//
// What it makes depends only on what a file of the model holds too (and on a
// Tolerance below the usual), so that a model decides the same, to the bit, after
// it was written and read.
func (m *Model) complete(ctx context.Context, trained *kernelForm, tolerance float64) error {
	vectors, err := newMatrix(m.vectors)
	if err != nil {
		return err
	}
	form, err := m.kernel().prepare(ctx, vectors)
	if err != nil {
		return err
	}
	largestHalf, err := form.largestHalf(ctx, vectors)
	if err != nil {
		return err
	}
	if !form.radial {
		if trained != nil {
			weights := pairWeights(m, vectors, trained)
			for p := range m.rho {
				m.rho[p] += dot(weights[p*m.features:(p+1)*m.features], trained.center)
			}
		}
		m.decider = newLinearDecider(m, vectors, form)
		return nil
	}
	largest := 0.0
	for _, c := range m.coefficients {
		largest = max(largest, math.Abs(c))
	}
	if form.singleSuffices(largestHalf, largest, min(tolerance, defaultTolerance)) {
		m.decider, err = newRadialDecider[float32](ctx, m, vectors, form)
	} else {
		m.decider, err = newRadialDecider[float64](ctx, m, vectors, form)
	}
	return err
}
