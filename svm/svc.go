package svm

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
)

// SVC is the C-support vector classifier. Its zero value is C = 1 with the RBF
// kernel and gamma by [Scale], as in scikit-learn.
type SVC struct {
	// C is the price of a sample on the wrong side of its margin; 0 means 1.
	C float64
	// Kernel is nil for RBF{}.
	Kernel Kernel
	// ClassWeights multiply C for the samples of a class, by label; 1 where there is
	// none.
	ClassWeights map[int]float64
	// Balanced gives each class that has no weight in ClassWeights the weight
	// n/(k·n_c), for n samples, n_c of them in the class, and k classes.
	Balanced bool
	// SampleWeights multiply C for each sample; nil means 1 for all. A sample of
	// weight 0 does not count.
	SampleWeights []float64
	// Tolerance is the greatest violation of the optimality conditions at which a
	// pair of classes counts as solved: the distance between the gradients of the
	// two samples that violate them most. Steps go on to 0.3 of it, so that the dual
	// objective is not above that of LIBSVM with the same tolerance. It is positive
	// and below 2, with which no step would be taken; 0 means 1e-3.
	Tolerance float64
	// CacheBytes bounds the memory for kernel rows, all pairs together, except that
	// each pair under way keeps at least the two rows that a step needs. It changes
	// the time, never the result. 0 means 64 MiB, or 8 MiB for float32 kernel values of up to
	// 100 features, which are computed again in hardly more time than it takes to read them.
	CacheBytes int64
	// MaxIter bounds the steps for each pair of classes; 0 means, as in LIBSVM, ten
	// million or a hundred times the samples of the pair, whichever is greater.
	// [Model.Report] says where it was reached.
	MaxIter int
}

// maxClasses keeps the pairs, which grow with its square, from filling the
// memory when labels are numbers and no classes.
const maxClasses = 1000

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
	c.C = or(c.C, 1)
	if err := checkPrice(c.C); err != nil {
		return nil, err
	}
	f, groups, err := prepareClasses(ctx, options{c.Kernel, c.Tolerance, c.CacheBytes, c.MaxIter}, x, y)
	if err != nil {
		return nil, err
	}
	price, largest, err := c.prices(groups, len(y))
	if err != nil {
		return nil, err
	}
	list := pairs(len(groups))
	solutions, err := f.solve(ctx, problemSet{order: inOrder(groups), sizes: pairSizes(groups, list), bound: largest, problem: func(p int, memory *problem) *problem {
		return margins(memory, groups[list[p][0]], groups[list[p][1]], price)
	}})
	if err != nil {
		return nil, err
	}
	decisions := make([]scaledDecision, len(solutions))
	for p, s := range solutions {
		decisions[p] = scaledDecision{1, -s.levels[0]}
	}
	return newModel(ctx, f.x, &f.form, f.tolerance, groups, solutions, decisions)
}

// prices returns C of each sample and the greatest.
func (c SVC) prices(groups []group, n int) (price []float64, largest float64, err error) {
	weight, err := sampleWeights(c.SampleWeights, n)
	if err != nil {
		return nil, 0, err
	}
	price = make([]float64, n)
	found := 0
	for _, g := range groups {
		classWeight, ok := c.ClassWeights[g.label]
		switch {
		case ok:
			found++
		case c.Balanced:
			classWeight = balancedWeight(n, len(groups), len(g.samples))
		default:
			classWeight = 1
		}
		if !(classWeight > 0) || math.IsInf(classWeight, 1) {
			return nil, 0, fmt.Errorf("the weight of class %d is %v: give a positive, finite number", g.label, classWeight)
		}
		counted := false
		for _, i := range g.samples {
			price[i] = c.C * classWeight * weight(i)
			if math.IsInf(price[i], 1) {
				return nil, 0, fmt.Errorf("the C times the weights of row %d overflows: give smaller ones", i)
			}
			counted = counted || price[i] > 0
			largest = max(largest, price[i])
		}
		if !counted {
			return nil, 0, fmt.Errorf("all samples of class %d have the weight 0: leave the class out, or give one of them a weight", g.label)
		}
	}
	if found < len(c.ClassWeights) {
		return nil, 0, fmt.Errorf("there are ClassWeights for %d labels and y has %d of them: leave out what is not among the classes", len(c.ClassWeights), found)
	}
	return price, largest, nil
}

// balancedWeight is the weight of a class with some of the n samples of k classes.
func balancedWeight(n, k, samples int) float64 { return float64(n) / (float64(k) * float64(samples)) }

// margins makes p the problem of two classes: linear = y and 0 ≤ yβ ≤ price.
func margins(p *problem, first, second group, price []float64) *problem {
	p.resetPair(first, second)
	for k, i := range first.samples {
		p.linear[k], p.highest[k] = 1, price[i]
	}
	for k, i := range second.samples {
		k += len(first.samples)
		p.linear[k], p.lowest[k] = -1, -price[i]
	}
	return p
}

// resetPair makes p a problem whose variables are the samples of two classes.
func (p *problem) resetPair(first, second group) {
	p.reset(len(first.samples) + len(second.samples))
	for k := range p.ids {
		if k < len(first.samples) {
			p.ids[k] = first.start + k
		} else {
			p.ids[k] = second.start + k - len(first.samples)
		}
	}
}

// prepareClasses is prepare for a classifier.
func prepareClasses(ctx context.Context, o options, x Samples, y []int) (*prepared, []group, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	m, err := newMatrix(x)
	if err != nil {
		return nil, nil, err
	}
	groups, err := groupByLabel(m.rows, y)
	if err != nil {
		return nil, nil, err
	}
	f, err := o.prepare(ctx, m, true)
	return f, groups, err
}

// A group is the samples of one class, ascending.
type group struct {
	label   int
	samples []int
	start   int // where they begin in order of the classes
}

// inOrder returns the samples in order of the classes: neighbours in memory are then in the same problems.
func inOrder(groups []group) []int {
	last := groups[len(groups)-1]
	order := make([]int, 0, last.start+len(last.samples))
	for _, g := range groups {
		order = append(order, g.samples...)
	}
	return order
}

// groupByLabel returns the classes in ascending order.
func groupByLabel(rows int, y []int) ([]group, error) {
	if len(y) != rows {
		return nil, fmt.Errorf("x has %d rows and y has %d labels: give one label for each row", rows, len(y))
	}
	counts := make(map[int]int)
	for _, label := range y {
		counts[label]++
	}
	classes := slices.Sorted(maps.Keys(counts))
	switch {
	case len(classes) < 2:
		return nil, fmt.Errorf("all %d labels are %d: give samples of at least two classes", rows, classes[0])
	case len(classes) > maxClasses:
		return nil, fmt.Errorf("y has %d different labels and at most %d are supported: group them, or use a regression if they are numbers", len(classes), maxClasses)
	}
	groups := make([]group, len(classes))
	for i, label := range classes {
		groups[i] = group{label: label, samples: make([]int, 0, counts[label])}
	}
	for i, label := range y {
		at, _ := slices.BinarySearch(classes, label)
		groups[at].samples = append(groups[at].samples, i)
	}
	for g := range groups[1:] {
		groups[g+1].start = groups[g].start + len(groups[g].samples)
	}
	return groups, nil
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

func pairSizes(groups []group, pairs [][2]int) []int {
	sizes := make([]int, len(pairs))
	for p, pair := range pairs {
		sizes[p] = len(groups[pair[0]].samples) + len(groups[pair[1]].samples)
	}
	return sizes
}
