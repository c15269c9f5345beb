package svm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// A machine is what all models have: weighted support vectors, of whose kernel values decision values are sums.
type machine struct {
	kernel   Kernel // with numbers for what depended on the training samples
	features int

	// Support vectors stand in groups, ascending within each: one for each class, as in LIBSVM, or one for all.
	indices []int         // nil in a model that was read
	vectors *tensor.Dense // nil without any, for a precomputed kernel, and where there are
	sparse  *data.CSR     // instead, as their zeros would take too much memory
	counts  []int         // of each group
	// coefficients is (support vectors, columns).
	coefficients []float64
	columns      int
	outputs      []output
	rho          []float64 // of each output
	// balanced says that the coefficients of an output add up to 0, so that samples may be moved where only their differences matter.
	balanced bool
	nu       bool // by a NuSVC or a NuSVR, which a file of LIBSVM tells

	decider decider
}

// An output is the sum of the groups' coefficients in one column each, times kernel values, less its rho.
type output []term

type term struct{ group, column int }

// pairOutputs returns the output of each pair of classes. Where a vector of class c meets class o, the column is o - 1 if o > c and o
// otherwise.
func pairOutputs(pairs [][2]int) []output {
	outputs := make([]output, len(pairs))
	for p, pair := range pairs {
		outputs[p] = output{{pair[0], pair[1] - 1}, {pair[1], pair[0]}}
	}
	return outputs
}

// single is the output of a model with one group and one column.
var single = []output{{{0, 0}}}

// newSingle returns a machine with one output: the samples that have a coefficient, all others being no support vectors.
func newSingle(x *matrix, k Kernel, coefficients []float64, rho float64, balanced bool) machine {
	m := machine{kernel: k, features: x.cols, columns: 1, outputs: single, rho: []float64{rho}, balanced: balanced}
	for i, c := range coefficients {
		if c != 0 {
			m.indices = append(m.indices, i)
			m.coefficients = append(m.coefficients, c)
		}
	}
	m.counts = []int{len(m.indices)}
	m.keep(x)
	return m
}

// keep copies the support vectors out of the training samples.
func (m *machine) keep(x *matrix) {
	if _, table := m.kernel.(Precomputed); !table && len(m.indices) > 0 {
		if x.sparse == nil {
			m.vectors = x.gather(m.indices)
			return
		}
		part, err := x.sparse.Take(m.indices)
		if err != nil {
			panic(err) // the indices come from this package
		}
		m.setVectors(newSparseMatrix(part))
	}
}

// setVectors makes the rows of a sparse matrix the support vectors.
func (m *machine) setVectors(x *matrix) {
	if x.wide() {
		m.sparse = x.sparse
		return
	}
	all := make([]int, x.rows)
	for i := range all {
		all[i] = i
	}
	m.vectors = x.gather(all)
}

// support returns the support vectors as a matrix.
func (m *machine) support() (*matrix, error) {
	if m.sparse != nil {
		return newSparseMatrix(m.sparse), nil
	}
	return newMatrix(m.vectors)
}

// complete makes the decider of a machine that has all else. trained is the form
// in which the problems were solved, if rho is still that of centered samples.
//
// What it makes depends only on what a file of the model holds too (and on a
// Tolerance below the usual), so that a model decides the same, to the bit, after
// it was written and read.
func (m *machine) complete(ctx context.Context, trained *kernelForm, tolerance float64) error {
	if len(m.coefficients) == 0 {
		m.decider = constantDecider(m.rho)
		return ctx.Err()
	}
	if _, ok := m.kernel.(Precomputed); ok {
		data := &samples[float64]{form: kernelForm{kernel: m.kernel, shape: tableShape}, width: m.features, columns: m.indices}
		m.decider = newKernelDecider(m, data)
		return ctx.Err()
	}
	vectors, err := m.support()
	if err != nil {
		return err
	}
	form, err := m.kernel.prepare(ctx, vectors, m.balanced)
	if err != nil {
		return err
	}
	largestHalf, err := form.largestHalf(ctx, vectors)
	if err != nil {
		return err
	}
	if form.shape == linearShape && !vectors.wide() {
		if trained != nil && trained.center != nil {
			weights := m.weights(vectors, trained)
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
	// A radial value does not overflow however far a sample lies.
	if form.shape == radialShape && form.singleSuffices(largestHalf, largest, min(tolerance, defaultTolerance)) {
		data, err := newSamples[float32](ctx, vectors, form, nil)
		if err != nil {
			return err
		}
		m.decider = newKernelDecider(m, data)
		return nil
	}
	data, err := newSamples[float64](ctx, vectors, form, nil)
	if err != nil {
		return err
	}
	m.decider = newKernelDecider(m, data)
	return nil
}

// Features returns the number of features d of a sample.
func (m *machine) Features() int { return m.features }

// Kernel returns the kernel, with the number that was used for gamma.
func (m *machine) Kernel() Kernel { return m.kernel }

// Gamma returns the gamma that was used, 0 for a kernel without one.
func (m *machine) Gamma() float64 {
	switch k := m.kernel.(type) {
	case RBF:
		return k.Gamma.value
	case Polynomial:
		return k.Gamma.value
	case Sigmoid:
		return k.Gamma.value
	}
	return 0
}

// SupportVectors returns the rows of the training samples that are support
// vectors (scikit-learn's support_), grouped by class where there are classes, and
// ascending, and those rows (support_vectors_), of shape (s, d) and the dtype of
// the training samples. The indices of a model that was read are nil, as the file
// does not tell them (but for a [Precomputed] kernel), and the vectors float64. Of a [Precomputed] kernel, and where
// there is no support vector, the vectors are nil, as they are where the samples were
// a CSR too large to be laid out: see [Model.SparseSupportVectors].
func (m *machine) SupportVectors() (indices []int, vectors *tensor.Dense) {
	if m.vectors == nil {
		return slices.Clone(m.indices), nil
	}
	return slices.Clone(m.indices), m.vectors.Clone().(*tensor.Dense)
}

// SparseSupportVectors returns the support vectors of a model that was fitted to a
// CSR too large to be laid out with its zeros; otherwise it is nil, and
// SupportVectors has them. It is not a copy, as a CSR is never written.
func (m *machine) SparseSupportVectors() *data.CSR { return m.sparse }

// accept returns x as a matrix of samples such as those of the fit.
func (m *machine) accept(x Samples) (*matrix, error) {
	samples, err := newMatrix(x)
	if err != nil {
		return nil, err
	}
	if samples.cols != m.features {
		if _, table := m.kernel.(Precomputed); table {
			return nil, fmt.Errorf("x has %d columns and the model was fitted with %d samples: give the kernel value of each of them in each row", samples.cols, m.features)
		}
		return nil, fmt.Errorf("x has %d features and the model was fitted with %d: give the same features in the same order", samples.cols, m.features)
	}
	switch m.kernel.(type) {
	case Precomputed, KernelFunc:
		if err := samples.layable(); err != nil {
			return nil, err
		}
	}
	return samples, samples.checkFinite(context.Background())
}
