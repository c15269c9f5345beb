package svm

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// SVC is the C-support vector classifier. Its zero value is C = 1 with the RBF
// kernel and gamma by [Scale], as in scikit-learn.
type SVC struct {
	// C is the price of a sample on the wrong side of its margin; 0 means 1.
	C float64
	// Kernel is RBF{} or Linear{}; nil means RBF{}.
	Kernel Kernel
	// Tolerance is the greatest violation of the optimality conditions at which a
	// pair of classes counts as solved: the distance between the gradients of the
	// two samples that violate them most. Steps go on to 0.3 of it, so that the dual
	// objective is not above that of LIBSVM with the same tolerance. It is positive
	// and below 2, with which no step would be taken; 0 means 1e-3.
	Tolerance float64
	// CacheBytes bounds the memory for kernel rows, all pairs together, except that
	// each pair under way keeps at least the two rows that a step needs. It changes
	// the time, never the result. 0 means 64 MiB.
	CacheBytes int64
	// MaxIter bounds the steps for each pair of classes; 0 means, as in LIBSVM, ten
	// million or a hundred times the samples of the pair, whichever is greater.
	// [Model.Report] says where it was reached.
	MaxIter int
}

const (
	defaultTolerance  = 1e-3
	defaultCacheBytes = 64 << 20
	// solveTo is the share of the tolerance at which steps end. How far below the
	// optimum a given violation lies depends on the path to it, by several 1e-6 of the
	// dual objective; this share makes up for a path worse than LIBSVM's.
	solveTo = 0.3
	// maxClasses keeps the pairs, which grow with its square, from filling the
	// memory when labels are numbers and no classes.
	maxClasses = 1000
)

// Fit solves the dual of each pair of classes over the samples x (n, d), a
// *tensor.Dense or a *data.CSR, and their labels y (n), which may be any integers.
// It does not keep x.
//
// It returns an error if x is no such matrix or holds a NaN or an infinity,
// if len(y) is not n, if y has fewer than two classes or more than 1000, or if a
// setting is out of its range. When ctx ends it stops, within the time of a few
// passes over x at most, and returns the context's error, wrapped.
func (c SVC) Fit(ctx context.Context, x Samples, y []int) (*Model, error) {
	model, err := c.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c SVC) fit(ctx context.Context, x Samples, y []int) (*Model, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMatrix(x)
	if err != nil {
		return nil, err
	}
	if m.wide() {
		return nil, fmt.Errorf("x has %d x %d values of which %d are stored: too few to be laid out with their zeros", m.rows, m.cols, m.sparse.Stored())
	}
	groups, err := groupByLabel(m.rows, y)
	if err != nil {
		return nil, err
	}
	if err := m.checkFinite(ctx); err != nil {
		return nil, err
	}
	form, err := c.Kernel.prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	largestHalf, err := form.largestHalf(ctx, m)
	if err != nil {
		return nil, err
	}
	if form.singleSuffices(largestHalf, c.C, c.Tolerance) {
		return fit[float32](ctx, c, m, form, groups)
	}
	return fit[float64](ctx, c, m, form, groups)
}

func (c SVC) withDefaults() (SVC, error) {
	if c.C == 0 {
		c.C = 1
	}
	if c.Kernel == nil {
		c.Kernel = RBF{}
	}
	if c.Tolerance == 0 {
		c.Tolerance = defaultTolerance
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = defaultCacheBytes
	}
	switch {
	case c.Kernel == (*RBF)(nil) || c.Kernel == (*Linear)(nil):
		return c, fmt.Errorf("the Kernel is a nil %T: give svm.RBF{} or svm.Linear{}, or an untyped nil for svm.RBF{}", c.Kernel)
	case !(c.C > 0) || math.IsInf(c.C, 1):
		return c, fmt.Errorf("the C is %v: give a positive, finite number, or 0 for 1", c.C)
	case !(c.Tolerance > 0 && c.Tolerance < 2):
		return c, fmt.Errorf("the Tolerance is %v: give a number above 0 and below 2, or 0 for %v", c.Tolerance, defaultTolerance)
	case c.CacheBytes < 0:
		return c, fmt.Errorf("the CacheBytes is %d: give a positive number, or 0 for %d", c.CacheBytes, defaultCacheBytes)
	case c.MaxIter < 0:
		return c, fmt.Errorf("the MaxIter is %d: give a positive number, or 0 for LIBSVM's bound", c.MaxIter)
	}
	return c, nil
}

// A group is the samples of one class, ascending.
type group struct {
	label   int
	samples []int
}

// groupByLabel returns the classes in ascending order.
func groupByLabel(rows int, y []int) ([]group, error) {
	if len(y) != rows {
		return nil, fmt.Errorf("x has %d rows and y has %d labels: give one label for each row", rows, len(y))
	}
	classes := slices.Compact(slices.Sorted(slices.Values(y)))
	switch {
	case len(classes) < 2:
		return nil, fmt.Errorf("all %d labels are %d: give samples of at least two classes", rows, classes[0])
	case len(classes) > maxClasses:
		return nil, fmt.Errorf("y has %d different labels and at most %d are supported: group them, or use a regression if they are numbers", len(classes), maxClasses)
	}
	groups := make([]group, len(classes))
	for i, label := range classes {
		groups[i].label = label
	}
	for i, label := range y {
		at, _ := slices.BinarySearch(classes, label)
		groups[at].samples = append(groups[at].samples, i)
	}
	return groups, nil
}

// fit solves all pairs and makes them a model.
func fit[T float](ctx context.Context, c SVC, x *matrix, form kernelForm, groups []group) (*Model, error) {
	data, err := newSamples[T](ctx, x, form)
	if err != nil {
		return nil, err
	}
	solutions, err := solvePairs(ctx, c, data, groups)
	if err != nil {
		return nil, err
	}
	return newModel(ctx, c, x, data, groups, solutions)
}

// pairs lists the pairs of k classes in LIBSVM's order.
func pairs(k int) [][2]int {
	list := make([][2]int, 0, k*(k-1)/2)
	for a := range k {
		for b := a + 1; b < k; b++ {
			list = append(list, [2]int{a, b})
		}
	}
	return list
}

// solvePairs solves each pair of classes, in parallel where there are several.
func solvePairs[T float](ctx context.Context, c SVC, data *samples[T], groups []group) ([]solution, error) {
	list := pairs(len(groups))
	size := func(p int) int { return len(groups[list[p][0]].samples) + len(groups[list[p][1]].samples) }
	order := make([]int, len(list))
	for p := range order {
		order[p] = p
	}
	// The largest first, so that no long one is left for the end.
	slices.SortStableFunc(order, func(p, q int) int { return cmp.Compare(size(q), size(p)) })

	threads := min(runtime.GOMAXPROCS(0), len(list))
	if len(list) < runtime.GOMAXPROCS(0) {
		threads = 1 // the rows of one pair occupy all processors better
	}
	valueBytes := int64(4)
	if _, double := any(T(0)).(float64); double {
		valueBytes = 8
	}
	solutions := make([]solution, len(list))
	var next atomic.Int64
	pool.For(threads, 1, func(int, int) {
		s := solver[T]{data: data, target: solveTo * c.Tolerance}
		s.cache.budget = int(c.CacheBytes / valueBytes / int64(threads))
		for at := next.Add(1) - 1; at < int64(len(order)) && ctx.Err() == nil; at = next.Add(1) - 1 {
			p := order[at]
			limit := c.MaxIter
			if limit == 0 {
				limit = stepLimit(size(p))
			}
			solutions[p] = s.solve(ctx, c.pair(groups[list[p][0]].samples, groups[list[p][1]].samples), limit)
		}
	})
	return solutions, ctx.Err()
}

// pair returns the problem of two classes.
func (c SVC) pair(first, second []int) *problem {
	p := newProblem(len(first) + len(second))
	copy(p.ids[copy(p.ids, first):], second)
	for k := range p.ids {
		if k < len(first) {
			p.linear[k], p.highest[k] = 1, c.C
		} else {
			p.linear[k], p.lowest[k] = -1, -c.C
		}
	}
	return p
}
