package svm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// LinearSVC is a linear classifier for many samples and features: LIBLINEAR's,
// solved in the dual by coordinate descent. In contrast to an [SVC] with a
// [Linear] kernel it never looks at pairs of samples, tells one class from all others
// where there are more than two, and includes the intercept in what it keeps small.
//
// For a class with labels y = +1 for its samples and y = -1 for all others it finds
// the weights w, and among them that of a feature which is Bias in every sample,
// that
//
//	minimize  ½ ‖w‖² + Σᵢ Cᵢ loss(1 - yᵢ w·xᵢ)
//
// Its zero value is C = 1 with the squared hinge loss, as in scikit-learn. It is
// quick where samples have about the same norm, such as texts, or features scaled
// to about 1; where it takes many epochs an SVC with a Linear kernel may be the
// better choice.
type LinearSVC struct {
	// C is the price of a sample on the wrong side of its margin; 0 means 1.
	C float64
	// Loss is what C is multiplied by; the zero value is SquaredHinge.
	Loss Loss
	// Bias is the value of the feature whose weight is the intercept (LIBLINEAR's -B,
	// scikit-learn's intercept_scaling): the larger, the less the intercept is kept
	// small. 0 means 1.
	Bias float64
	// NoBias leaves the intercept out.
	NoBias bool
	// ClassWeights multiply C for the samples of a class, by label; 1 where there is
	// none. As in LIBLINEAR, samples of the other classes, from which one of three or
	// more is told, have a weight of 1.
	ClassWeights map[int]float64
	// SampleWeights multiply C for each sample; nil means 1 for all. A sample of
	// weight 0 does not count.
	SampleWeights []float64
	// Tolerance is the greatest violation of the optimality conditions of the dual at
	// which a class counts as solved; 0 means 1e-4, as in scikit-learn.
	Tolerance float64
	// MaxIter bounds the epochs (passes over the samples) for each class; 0 means
	// 1000. [LinearModel.Report] says where it was reached.
	MaxIter int
	// Seed gives the order of the steps. The same seed gives the same bits; another
	// gives weights that differ within the tolerance.
	Seed uint64
}

// A Loss says what a sample costs for a margin yᵢ w·xᵢ below 1.
type Loss uint8

const (
	// SquaredHinge is max(0, 1 - yᵢ w·xᵢ)², LIBLINEAR's L2 loss.
	SquaredHinge Loss = iota
	// Hinge is max(0, 1 - yᵢ w·xᵢ), LIBLINEAR's L1 loss and that of an [SVC].
	Hinge
)

// Fit finds the weights of each class for the samples x (n, d), a *tensor.Dense or
// a *data.CSR, and their labels y (n), which may be any integers. Classes are
// solved in parallel. A CSR is read where it is, and a Dense copied to float64;
// memory is that, and some 40·n + 8·d bytes for each class under way.
//
// It returns an error if x is no such matrix or holds a NaN or an infinity, if
// len(y) is not n, if y has fewer than two classes or more than 1000, or if a
// setting is out of its range. When ctx ends it stops and returns the context's
// error, wrapped.
func (c LinearSVC) Fit(ctx context.Context, x Samples, y []int) (*LinearModel, error) {
	model, err := c.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c LinearSVC) fit(ctx context.Context, x Samples, y []int) (*LinearModel, error) {
	settings, err := linearSettings{c.C, c.Bias, c.NoBias, c.SampleWeights, c.Tolerance, c.MaxIter}.withDefaults()
	if err != nil {
		return nil, err
	}
	if c.Loss > Hinge {
		return nil, fmt.Errorf("the Loss is %d: give svm.SquaredHinge or svm.Hinge", c.Loss)
	}
	m, err := newMatrix(x)
	if err != nil {
		return nil, err
	}
	groups, err := groupByLabel(m.rows, y)
	if err != nil {
		return nil, err
	}
	weights, err := c.classWeights(groups, settings.c)
	if err != nil {
		return nil, err
	}
	rows, squares, err := settings.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	solutions := make([]linearSolution, len(groups))
	if len(groups) == 2 {
		solutions = solutions[:1] // the second is the first one's opposite
	}
	eachInParallel(len(solutions), func(class int) {
		target, price := make([]float64, m.rows), make([]float64, m.rows)
		for g, group := range groups {
			weight, label := 1.0, -1.0
			if g == class || len(groups) == 2 {
				weight = weights[g]
			}
			if g == class {
				label = 1
			}
			for _, i := range group.samples {
				target[i], price[i] = label, settings.price(i)*weight
			}
		}
		d := newCoordinateDescent(ctx, rows, squares, m.cols+1, target, price, c.Loss == SquaredHinge, true)
		d.random = rand.New(rand.NewPCG(c.Seed, uint64(class)))
		solutions[class] = d.solve(settings.tolerance, settings.maxIter)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return newLinearModel(settings, m.cols, groups, solutions)
}

// eachInParallel calls do for the numbers below n, several at a time, in order.
func eachInParallel(n int, do func(i int)) {
	var next atomic.Int64
	pool.For(min(runtime.GOMAXPROCS(0), n), 1, func(int, int) {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	})
}

// classWeights returns the weight of each class.
func (c LinearSVC) classWeights(groups []group, price float64) ([]float64, error) {
	weights, found := make([]float64, len(groups)), 0
	for g, group := range groups {
		weights[g] = 1
		if w, ok := c.ClassWeights[group.label]; ok {
			weights[g] = w
			found++
		}
		if w := weights[g]; !(w > 0) || math.IsInf(price*w, 1) || math.IsInf(1/(price*w), 1) {
			return nil, fmt.Errorf("the weight of class %d is %v and the C is %v: give a weight with which C is positive and finite", group.label, w, price)
		}
	}
	if found < len(c.ClassWeights) {
		return nil, fmt.Errorf("there are ClassWeights for %d labels and y has %d of them: leave out what is not among the classes", len(c.ClassWeights), found)
	}
	return weights, nil
}
