package svm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// options is what the settings of all machines have in common.
type options struct {
	kernel     Kernel
	tolerance  float64
	cacheBytes int64
	maxIter    int
}

const (
	defaultTolerance = 1e-3
	// A row of cheap kernel values is computed again in hardly more time than it takes to read it from memory.
	defaultCacheBytes = 64 << 20
	cheapCacheBytes   = 8 << 20
	cheapWork         = 100
	// solveTo is the share of the tolerance at which steps end. How far below the
	// optimum a given violation lies depends on the path to it, by several 1e-6 of the
	// dual objective; this share makes up for a path worse than LIBSVM's.
	solveTo = 0.3
)

// withDefaults fills in what is zero and checks the rest.
func (o options) withDefaults() (options, error) {
	if o.kernel == nil {
		o.kernel = RBF{}
	}
	if o.tolerance == 0 {
		o.tolerance = defaultTolerance
	}
	switch {
	case !(o.tolerance > 0 && o.tolerance < 2):
		return o, fmt.Errorf("the Tolerance is %v: give a number above 0 and below 2, or 0 for %v", o.tolerance, defaultTolerance)
	case o.cacheBytes < 0:
		return o, fmt.Errorf("the CacheBytes is %d: give a positive number, or 0 for what suits the kernel", o.cacheBytes)
	case o.maxIter < 0:
		return o, fmt.Errorf("the MaxIter is %d: give a positive number, or 0 for LIBSVM's bound", o.maxIter)
	}
	return o, checkKernel(o.kernel)
}

// checkPrice returns an error for a C that is no price; 0 became 1 before.
func checkPrice(c float64) error {
	if !(c > 0) || math.IsInf(c, 1) {
		return fmt.Errorf("the C is %v: give a positive, finite number, or 0 for 1", c)
	}
	return nil
}

// checkNu returns an error for a nu that is no share; 0 became the default before.
func checkNu(nu float64) error {
	if !(nu > 0 && nu <= 1) {
		return fmt.Errorf("the Nu is %v: give a number above 0 and at most 1, or 0 for %v", nu, defaultNu)
	}
	return nil
}

const defaultNu = 0.5

// or returns value, or the default for 0.
func or(value, otherwise float64) float64 {
	if value == 0 {
		return otherwise
	}
	return value
}

// sampleWeights returns the weight of each of n samples, nil for 1 each.
func sampleWeights(weights []float64, n int) (func(i int) float64, error) {
	if weights == nil {
		return func(int) float64 { return 1 }, nil
	}
	if len(weights) != n {
		return nil, fmt.Errorf("x has %d rows and there are %d SampleWeights: give one for each row", n, len(weights))
	}
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("the sample weight of row %d is %v: give a finite number that is not negative", i, w)
		}
	}
	return func(i int) float64 { return weights[i] }, nil
}

// A problemSet is the problems of a fit. Each is made when its turn comes: those of
// many classes together are far larger than the samples.
type problemSet struct {
	order []int // of the samples as the problems number them; nil for that of the matrix
	sizes []int // the variables of each
	// problem returns one of them. It may be of the memory of another one that is solved.
	problem func(p int, memory *problem) *problem
	bound   float64 // the greatest of all bounds
}

// prepared is samples and a kernel, ready for a fit.
type prepared struct {
	options
	x           *matrix
	form        kernelForm
	largestHalf float64
}

// prepare reads the samples and what the kernel makes of them.
func (o options) prepare(ctx context.Context, x *matrix, centered bool) (*prepared, error) {
	if err := x.checkFinite(ctx); err != nil {
		return nil, err
	}
	form, err := o.kernel.prepare(ctx, x, centered)
	if err != nil {
		return nil, err
	}
	largestHalf, err := form.largestHalf(ctx, x)
	return &prepared{options: o, x: x, form: form, largestHalf: largestHalf}, err
}

// solve solves all problems.
func (f *prepared) solve(ctx context.Context, set problemSet) ([]solution, error) {
	if f.form.singleSuffices(f.largestHalf, set.bound, f.tolerance) {
		return solveAll[float32](ctx, f, set)
	}
	return solveAll[float64](ctx, f, set)
}

// solveOne solves the only problem of a fit.
func (f *prepared) solveOne(ctx context.Context, p *problem, bound float64) (*solution, error) {
	solutions, err := f.solve(ctx, problemSet{sizes: []int{len(p.ids)}, problem: func(int, *problem) *problem { return p }, bound: bound})
	if err != nil {
		return nil, err
	}
	return &solutions[0], nil
}

// solveAll solves each problem, in parallel where there are several.
func solveAll[T float](ctx context.Context, f *prepared, set problemSet) ([]solution, error) {
	data, err := newSamples[T](ctx, f.x, f.form, set.order)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(set.sizes))
	for p := range order {
		order[p] = p
	}
	// The largest first, so that no long one is left for the end.
	slices.SortStableFunc(order, func(p, q int) int { return cmp.Compare(set.sizes[q], set.sizes[p]) })

	threads := min(runtime.GOMAXPROCS(0), len(order))
	if len(order) < runtime.GOMAXPROCS(0) {
		threads = 1 // the rows of one problem occupy all processors better
	}
	valueBytes, cacheBytes := int64(4), f.cacheBytes
	_, double := any(T(0)).(float64)
	if double {
		valueBytes = 8
	}
	if cacheBytes == 0 {
		if cacheBytes = defaultCacheBytes; !double && data.work() <= cheapWork {
			cacheBytes = cheapCacheBytes
		}
	}
	valueError := data.valueError(f.largestHalf)
	solutions := make([]solution, len(order))
	var next atomic.Int64
	pool.For(threads, 1, func(int, int) {
		var memory problem
		s := solver[T]{data: data, valueError: valueError, target: solveTo * f.tolerance}
		s.cache.budget = int(cacheBytes / valueBytes / int64(threads))
		for at := next.Add(1) - 1; at < int64(len(order)) && ctx.Err() == nil; at = next.Add(1) - 1 {
			p := order[at]
			limit := f.maxIter
			if limit == 0 {
				limit = stepLimit(set.sizes[p])
			}
			problem := set.problem(p, &memory)
			if f.tolerance == 0 { // what rounding leaves
				each := sumAbs(problem.start) / 2
				s.target = noises * valueError * each
				s.nothing = each * s.target
			}
			solutions[p] = s.solve(ctx, problem, limit)
		}
	})
	if err := cmp.Or(data.failure(), ctx.Err()); err != nil {
		return nil, err
	}
	for _, s := range solutions {
		if overflows(s.objective) || slices.ContainsFunc(s.levels, overflows) {
			return nil, errors.New("the sums of a solution overflow: give a smaller C, smaller weights or smaller values of y")
		}
	}
	return solutions, nil
}

// stepLimit is LIBSVM's bound on the number of steps.
func stepLimit(variables int) int {
	return max(10_000_000, 100*variables)
}
