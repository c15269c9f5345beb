package svm

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// Predict returns the label of each sample of x (n, d) by one-vs-one voting:
// each pair of classes gives its vote to one of them, and the class with most votes
// wins, the first of [Model.Classes] among equals.
//
// x is a *tensor.Dense or a *data.CSR. It returns an error if it is no such
// matrix, has another number of features than the training samples,
// or holds a NaN or an infinity.
func (m *Model) Predict(x Samples) ([]int, error) {
	samples, err := m.accept(x)
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	labels := make([]int, samples.rows)
	err = m.decide(samples, func(rows iter.Seq2[int, []float64]) {
		votes := make([]int, len(m.classes))
		for i, values := range rows {
			labels[i] = m.elect(values, votes)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("svm: predicting: %w", err)
	}
	return labels, nil
}

// Decision returns the one-vs-one decision values of the samples x (n, d) as a
// float64 Dense of shape (n, k(k-1)/2) for k classes, the pairs being in the
// order (0, 1), (0, 2), …, (1, 2), …. A positive value is a vote for the first
// class of the pair, as in LIBSVM and in scikit-learn with
// decision_function_shape='ovo'; for two classes scikit-learn has the opposite
// sign. It returns the errors of Predict.
func (m *Model) Decision(x Samples) (*tensor.Dense, error) {
	samples, err := m.accept(x)
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	decisions := make([]float64, samples.rows*len(m.pairs))
	err = m.decide(samples, func(rows iter.Seq2[int, []float64]) {
		for i, values := range rows {
			copy(decisions[i*len(m.pairs):], values)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	return engine.Dense(decisions, samples.rows, len(m.pairs)), nil
}

// DecisionOneVsRest returns a value for each class and sample of x (n, d) as a float64 Dense of shape (n, k) for k classes: the class's
// votes, and below 1/3 of a vote what its decision values add up to, s/(3(|s|+1)), which tells apart what has equal votes. It is
// scikit-learn's decision_function with decision_function_shape='ovr', which for two classes is the one-vs-one value instead. As
// there, a value of exactly 0 is a vote for the first class of a pair. It returns the errors of Predict.
func (m *Model) DecisionOneVsRest(x Samples) (*tensor.Dense, error) {
	samples, err := m.accept(x)
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	k := len(m.classes)
	decisions := make([]float64, samples.rows*k)
	err = m.decide(samples, func(rows iter.Seq2[int, []float64]) {
		sums := make([]float64, k)
		for i, values := range rows {
			clear(sums)
			votes := decisions[i*k : (i+1)*k]
			for p, v := range values {
				first, second := m.pairs[p][0], m.pairs[p][1]
				sums[first] += v
				sums[second] -= v
				if v < 0 {
					votes[second]++
				} else {
					votes[first]++
				}
			}
			for c, s := range sums {
				votes[c] += s / (3 * (math.Abs(s) + 1))
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("svm: decision values: %w", err)
	}
	return engine.Dense(decisions, samples.rows, k), nil
}

// elect returns the label with most votes; votes is memory for one count a class.
func (m *Model) elect(values []float64, votes []int) int {
	clear(votes)
	for p, v := range values {
		if v > 0 {
			votes[m.pairs[p][0]]++
		} else {
			votes[m.pairs[p][1]]++
		}
	}
	best := 0
	for class, v := range votes {
		if v > votes[best] {
			best = class
		}
	}
	return m.classes[best]
}

// decide calls handle, at the same time, with ranges of rows that together are x,
// each row with its decision values. It returns an error that names the first row
// where one overflows; handle does not see that row.
func (m *machine) decide(x *matrix, handle func(rows iter.Seq2[int, []float64])) error {
	var mutex sync.Mutex
	overflow := x.rows
	pool.For(blocksFor(x.rows), max(1, taskWork/(lanes*m.decider.work())), func(lo, hi int) {
		handle(func(yield func(int, []float64) bool) {
			for i, values := range m.decider.decide(x, lo*lanes, min(hi*lanes, x.rows)) {
				if slices.ContainsFunc(values, overflows) {
					mutex.Lock()
					overflow = min(overflow, i)
					mutex.Unlock()
					return
				}
				if !yield(i, values) {
					return
				}
			}
		})
	})
	if _, defined := m.kernel.(KernelFunc); defined && overflow < x.rows {
		return fmt.Errorf("the KernelFunc gives row %d of x a decision value that is not finite", overflow)
	}
	if overflow < x.rows {
		return fmt.Errorf("a decision value of row %d of x overflows: scale the features to about 1", overflow)
	}
	return nil
}

func overflows(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
