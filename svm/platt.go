package svm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// Platt makes probabilities of decision values. Its zero value is LIBSVM's way.
//
// For each pair of classes a sigmoid, 1/(1 + exp(A·f + B)), is fitted to decision
// values f; see [PlattSigmoid]. They come from cross-validation, as those of samples on
// which a machine was fitted are too good: each is of a machine that was fitted
// without its sample. This takes as many fits more as there are folds, so that
// nothing does it unasked.
type Platt struct {
	Folds int    // of the cross-validation, stratified and drawn; 0 means 5
	Seed  uint64 // draws the folds
}

// A Classifier is what fits one-vs-one models, such as [SVC].
type Classifier interface {
	Fit(ctx context.Context, x Samples, y []int) (*Model, error)
}

// Fit fits a machine to the samples x (n, d) with labels y (n), and sigmoids to its
// decision values. A gamma that the machine takes from the samples ([Scale], [Auto])
// and the weights of balanced classes are those of all samples in every fold. Sample
// weights are for the machines, not for the sigmoids, but samples of weight 0 do not
// count.
//
// The errors are those of the machine, or say that the number of folds is 1 or
// negative or more than the samples of the largest class. When ctx ends Fit stops
// and returns its error, wrapped.
func (p Platt) Fit(ctx context.Context, machine Classifier, x Samples, y []int) (*Calibrated, error) {
	if machine == nil {
		return nil, fmt.Errorf("svm: calibrating: the machine is nil: give for example svm.SVC{}")
	}
	model, err := machine.Fit(ctx, x, y)
	if err != nil {
		return nil, err
	}
	calibrated, err := p.calibrate(ctx, machine, model, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: calibrating: %w", err)
	}
	return calibrated, nil
}

func (p Platt) calibrate(ctx context.Context, machine Classifier, model *Model, x Samples, y []int) (*Calibrated, error) {
	if p.Folds == 0 {
		p.Folds = 5
	}
	v := newValidation(machine, model, x, y)
	counting, err := data.TakeLabels(y, v.rows)
	if err != nil {
		return nil, err
	}
	folds, err := data.StratifiedKFold(counting, p.Folds, rand.New(rand.NewPCG(p.Seed, 0)))
	if err != nil {
		return nil, err
	}
	for train, test := range folds.All() {
		for _, rows := range [][]int{train, test} { // from places in v.rows to those in x
			for k, at := range rows {
				rows[k] = v.rows[at]
			}
		}
		if err := v.fold(ctx, train, test); err != nil {
			return nil, err
		}
	}
	c := &Calibrated{Model: model, sigmoids: make([]PlattSigmoid, len(model.pairs))}
	pool.For(len(c.sigmoids), 1, func(lo, hi int) {
		for pair := lo; pair < hi; pair++ {
			values, first := v.ofPair(pair)
			c.sigmoids[pair] = fitSigmoid(ctx, values, first)
		}
	})
	return c, ctx.Err()
}

// A Calibrated model is one that knows probabilities too, made by [Platt.Fit] or by
// [Model.Calibrated]. What it predicts is what the model predicts: the class with
// the most votes, which is not always the most probable one.
type Calibrated struct {
	*Model
	sigmoids []PlattSigmoid
}

// Calibrated returns m with a sigmoid for each pair of classes, in the order of
// Decision's columns. The error says that they are not as many as the pairs, or
// names one that is not finite.
func (m *Model) Calibrated(sigmoids []PlattSigmoid) (*Calibrated, error) {
	if len(sigmoids) != len(m.pairs) {
		return nil, fmt.Errorf("svm: Calibrated: %d sigmoids for %d pairs of classes: give one to each", len(sigmoids), len(m.pairs))
	}
	for p, s := range sigmoids {
		if overflows(s.A) || overflows(s.B) {
			return nil, fmt.Errorf("svm: Calibrated: sigmoid %d is %+v: A and B must be finite", p, s)
		}
	}
	return &Calibrated{Model: m, sigmoids: slices.Clone(sigmoids)}, nil
}

// Sigmoids returns the sigmoid of each pair of classes, in the order of Decision's
// columns: LIBSVM's probA and probB.
func (c *Calibrated) Sigmoids() []PlattSigmoid { return slices.Clone(c.sigmoids) }

// Probability returns for each sample of x (n, d) the probability of each class, as a
// float64 Dense of shape (n, k) whose columns are in the order of [Model.Classes] and
// whose rows sum to 1. It returns the errors of [Model.Predict].
//
// The probabilities of pairs are joined by the second method of Wu, Lin and Weng,
// "Probability Estimates for Multi-class Classification by Pairwise Coupling", JMLR 5
// (2004), equation 21, with LIBSVM's iteration and its end, at which they are right to
// some 0.005/k.
func (c *Calibrated) Probability(x Samples) (*tensor.Dense, error) {
	decisions, err := c.Decision(x)
	if err != nil {
		return nil, err
	}
	n, k := decisions.Shape()[0], len(c.classes)
	values, probabilities := decisions.Float64s(), make([]float64, n*k)
	pool.For(n, max(1, couplingShare/(k*k)), func(lo, hi int) {
		coupling := newCoupling(k)
		for i := lo; i < hi; i++ {
			for p, s := range c.sigmoids {
				coupling.set(c.pairs[p], s.Probability(values[i*len(c.pairs)+p]))
			}
			coupling.solve(probabilities[i*k : (i+1)*k])
		}
	})
	return engine.Dense(probabilities, n, k), nil
}

// couplingShare is worth a thread of its own, in elements of the matrix of a sample.
const couplingShare = 1024
