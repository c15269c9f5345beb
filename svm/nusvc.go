package svm

import (
	"context"
	"fmt"
	"math"
)

// NuSVC is the nu-support vector classifier of Schölkopf, Smola, Williamson and Bartlett, "New Support Vector Algorithms", Neural
// Computation 12 (2000): instead of a price it takes a share of the samples.
type NuSVC struct {
	// Nu is an upper bound on the share of samples on the wrong side of their margin and a lower bound on the share of support vectors, of
	// each pair of classes; 0 means 0.5.
	Nu float64
	// Kernel is nil for RBF{}.
	Kernel Kernel
	// SampleWeights say how much each sample counts; nil means 1 for all. A sample of weight 0 does not count.
	SampleWeights []float64

	Tolerance  float64 // as in [SVC]
	CacheBytes int64   // as in [SVC]
	MaxIter    int     // as in [SVC]
}

// Fit solves the dual of each pair of classes over the samples x (n, d), a
// *tensor.Dense or a *data.CSR, and their labels y (n), which may be any integers.
// It does not keep x.
//
// Nu is feasible if Nu·(n₁+n₂)/2 is at most n₁ and n₂ for the samples of each pair (or their weights); if it is not, the error
// says which is the largest that is. A pair that no margin tells apart, as Nu is too small for how far its classes overlap, is an error too;
// a margin that is 0 as far as float64 can tell is none.
// The other errors are those of [SVC.Fit].
func (c NuSVC) Fit(ctx context.Context, x Samples, y []int) (*Model, error) {
	model, err := c.fit(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("svm: fitting: %w", err)
	}
	return model, nil
}

func (c NuSVC) fit(ctx context.Context, x Samples, y []int) (*Model, error) {
	c.Nu = or(c.Nu, defaultNu)
	if err := checkNu(c.Nu); err != nil {
		return nil, err
	}
	f, groups, err := prepareClasses(ctx, options{c.Kernel, c.Tolerance, c.CacheBytes, c.MaxIter}, x, y)
	if err != nil {
		return nil, err
	}
	weight, err := sampleWeights(c.SampleWeights, len(y))
	if err != nil {
		return nil, err
	}
	list := pairs(len(groups))
	bound, err := c.feasible(groups, list, weight)
	if err != nil {
		return nil, err
	}
	set := problemSet{order: inOrder(groups), sizes: pairSizes(groups, list), bound: bound, problem: func(p int, memory *problem) *problem {
		return c.shares(memory, groups[list[p][0]], groups[list[p][1]], weight)
	}}
	solutions, err := f.solve(ctx, set)
	if err != nil {
		return nil, err
	}
	if err := f.sharpen(ctx, set, solutions); err != nil {
		return nil, err
	}
	decisions := make([]scaledDecision, len(solutions))
	for p := range solutions {
		s := &solutions[p]
		// The decision value is ±margin at the free vectors of either class, which is scaled to ±1.
		margin := (s.levels[1] - s.levels[0]) / 2
		if !(margin > 0) || math.IsInf(1/margin, 0) || s.vanishing() {
			return nil, fmt.Errorf("no margin tells class %d from class %d with a Nu of %v: give a greater one", groups[list[p][0]].label, groups[list[p][1]].label, c.Nu)
		}
		decisions[p] = scaledDecision{1 / margin, -(s.levels[0] + s.levels[1]) / 2 / margin}
		s.objective /= margin * margin
	}
	m, err := newModel(ctx, f.x, &f.form, f.tolerance, groups, solutions, decisions)
	if err != nil {
		return nil, err
	}
	m.nu = true
	return m, nil
}

// vanishing says whether the margin of a solution may be 0, and what was found be made of its gap and of rounding.
//
// The objective ½ βᵀKβ is half the squared distance of two weighted sums of samples, one of each class, of weights that add up to S each.
// Without a margin the sums can be made equal, so that the optimum is 0. A solution is above it by at most S times the gap of each class:
// no more weight can move, and none gains more than the gap. (An objective that is clearly negative is that of a kernel which
// is no inner product, and tells nothing.)
func (s *solution) vanishing() bool {
	each := sumAbs(s.beta) / 2
	return math.Abs(s.objective) <= each*(2*max(s.gap, 0)+noises*s.noise)
}

const (
	// noises is how many times its noise, which counts one rounding of each kernel value, a gradient may be off.
	noises = 16
	// sharpenSteps are enough to find a margin, of a few hundred samples at least, that is worth it.
	sharpenSteps = 1_000_000
)

// sharpen solves those problems again whose margin may be 0, as precisely as float64 allows: a margin that is small beside the tolerance is
// still one.
func (f *prepared) sharpen(ctx context.Context, all problemSet, solutions []solution) error {
	var vague []int
	for p := range solutions {
		if s := &solutions[p]; s.gap < f.tolerance && s.vanishing() {
			vague = append(vague, p)
		}
	}
	if len(vague) == 0 {
		return nil
	}
	again := all
	again.sizes, again.problem = make([]int, len(vague)), func(k int, memory *problem) *problem { return all.problem(vague[k], memory) }
	for k, p := range vague {
		again.sizes[k] = all.sizes[p]
	}
	sharp := *f
	sharp.tolerance = 0
	if f.maxIter == 0 || f.maxIter > sharpenSteps {
		sharp.maxIter = sharpenSteps
	}
	better, err := solveAll[float64](ctx, &sharp, again)
	for k, s := range better {
		solutions[vague[k]] = s
	}
	return err
}

// feasible returns the greatest weight, or an error if a pair has too few samples of one class.
func (c NuSVC) feasible(groups []group, pairs [][2]int, weight func(int) float64) (bound float64, err error) {
	totals := make([]float64, len(groups))
	for g, group := range groups {
		for _, i := range group.samples {
			totals[g] += weight(i)
			bound = max(bound, weight(i))
		}
	}
	largest, worst := 1.0, pairs[0]
	for _, pair := range pairs {
		if possible := 2 * min(totals[pair[0]], totals[pair[1]]) / (totals[pair[0]] + totals[pair[1]]); !(possible >= largest) {
			largest, worst = possible, pair
		}
	}
	if c.Nu > largest {
		return 0, fmt.Errorf("the Nu is %v and the largest that is feasible is %v, for the classes %d and %d: give that or a smaller one",
			c.Nu, largest, groups[worst[0]].label, groups[worst[1]].label)
	}
	return bound, nil
}

// shares makes p the problem of two classes: no linear term, 0 ≤ yβ ≤ weight, and the sum of yβ over each class is half of Nu times
// all weights.
func (c NuSVC) shares(p *problem, first, second group, weight func(int) float64) *problem {
	p.resetPair(first, second)
	p.split = len(first.samples)
	total := 0.0
	for k, i := range first.samples {
		p.highest[k] = weight(i)
		total += weight(i)
	}
	for k, i := range second.samples {
		p.lowest[p.split+k] = -weight(i)
		total += weight(i)
	}
	p.start = make([]float64, len(p.ids))
	fill(p.start[:p.split], p.highest[:p.split], c.Nu*total/2)
	fill(p.start[p.split:], p.lowest[p.split:], -c.Nu*total/2)
	return p
}

// fill sets start to the bounds, one after the other, until their sum is total.
func fill(start, bounds []float64, total float64) {
	for k, bound := range bounds {
		if math.Abs(bound) >= math.Abs(total) {
			start[k] = total
			return
		}
		start[k] = bound
		total -= bound
	}
}
