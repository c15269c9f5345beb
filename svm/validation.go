package svm

import (
	"context"
	"runtime"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
)

// A divisible machine can be fitted to some of the samples as it was to all.
type divisible interface {
	// counts says whether a sample counts.
	counts(i int) bool
	// subset returns the machine for the given rows of samples with labels y, with a
	// kernel that no longer depends on the samples.
	subset(kernel Kernel, y, rows []int) Classifier
}

func (c SVC) counts(i int) bool   { return c.SampleWeights == nil || c.SampleWeights[i] > 0 }
func (c NuSVC) counts(i int) bool { return c.SampleWeights == nil || c.SampleWeights[i] > 0 }

func (c SVC) subset(kernel Kernel, y, rows []int) Classifier {
	c.Kernel = kernel
	c.SampleWeights = weightsOf(c.SampleWeights, rows)
	samples := make(map[int]int)
	for _, label := range y {
		samples[label]++
	}
	weights := make(map[int]float64)
	for _, i := range rows {
		weight, ok := c.ClassWeights[y[i]]
		if !ok && c.Balanced {
			weight, ok = balancedWeight(len(y), len(samples), samples[y[i]]), true
		}
		if ok {
			weights[y[i]] = weight
		}
	}
	c.ClassWeights, c.Balanced = weights, false
	return c
}

func (c NuSVC) subset(kernel Kernel, _, rows []int) Classifier {
	c.Kernel = kernel
	c.SampleWeights = weightsOf(c.SampleWeights, rows)
	return c
}

func weightsOf(weights []float64, rows []int) []float64 {
	if weights == nil {
		return nil
	}
	of := make([]float64, len(rows))
	for k, i := range rows {
		of[k] = weights[i]
	}
	return of
}

// validation collects decision values of samples that a machine was not fitted to.
type validation struct {
	machine Classifier
	model   *Model // fitted to all samples
	x       Samples
	y       []int
	rows    []int       // the samples that count
	class   []int       // of each sample, in the order of the labels
	values  [][]float64 // of each sample that counts, for each pair
}

func newValidation(machine Classifier, model *Model, x Samples, y []int) *validation {
	v := &validation{machine: machine, model: model, x: x, y: y, class: make([]int, len(y)), values: make([][]float64, len(y))}
	d, ok := machine.(divisible)
	for i, label := range y {
		v.class[i], _ = slices.BinarySearch(model.classes, label)
		if !ok || d.counts(i) {
			v.rows = append(v.rows, i)
		}
	}
	return v
}

// rowsPerCheck is for how many samples a thread computes decision values before it
// looks whether the context has ended.
const rowsPerCheck = 64

// fold fits the machine to the samples train and keeps its decision values of the
// samples test. Of a pair that has only one class among train these are 1 or -1 for that
// class, and 0 if it has none, as in LIBSVM.
func (v *validation) fold(ctx context.Context, train, test []int) error {
	y, err := data.TakeLabels(v.y, train)
	if err != nil {
		return err
	}
	place := v.places(y)
	if slices.Max(place) == 0 { // a single class
		for _, i := range test {
			v.keep(i, place, nil)
		}
		return nil
	}
	x, err := v.take(train, train)
	if err != nil {
		return err
	}
	machine := v.machine
	if d, ok := machine.(divisible); ok {
		machine = d.subset(v.model.kernel, v.y, train)
	}
	model, err := machine.Fit(ctx, x, y)
	if err != nil {
		return err
	}
	for rows := range slices.Chunk(test, rowsPerCheck*runtime.GOMAXPROCS(0)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, err := v.take(rows, train)
		if err != nil {
			return err
		}
		decisions, err := model.Decision(x)
		if err != nil {
			return err
		}
		values, pairs := decisions.Float64s(), decisions.Shape()[1]
		for k, i := range rows {
			v.keep(i, place, values[k*pairs:(k+1)*pairs])
		}
	}
	return nil
}

// places returns the place of each class among those of the labels y, -1 if it is not
// among them.
func (v *validation) places(y []int) []int {
	present := slices.Compact(slices.Sorted(slices.Values(y)))
	place := make([]int, len(v.model.classes))
	for class, label := range v.model.classes {
		at, found := slices.BinarySearch(present, label)
		if !found {
			at = -1
		}
		place[class] = at
	}
	return place
}

// keep keeps the decision values of sample i, of pairs of the classes that have a
// place: pairs keep their order where classes are left out.
func (v *validation) keep(i int, place []int, decisions []float64) {
	v.values[i] = make([]float64, len(v.model.pairs))
	next := 0
	for p, pair := range v.model.pairs {
		first, second := place[pair[0]] >= 0, place[pair[1]] >= 0
		switch {
		case first && second:
			v.values[i][p] = decisions[next]
			next++
		case first:
			v.values[i][p] = 1
		case second:
			v.values[i][p] = -1
		}
	}
}

// ofPair returns the values of a pair for the samples of its classes, and which of
// them are of its first class.
func (v *validation) ofPair(p int) (values []float64, first []bool) {
	pair := v.model.pairs[p]
	for _, i := range v.rows {
		if class := v.class[i]; class == pair[0] || class == pair[1] {
			values = append(values, v.values[i][p])
			first = append(first, class == pair[0])
		}
	}
	return values, first
}

// take returns the samples of the given rows, for a machine that is fitted to those of
// train: a precomputed kernel has a column for each of these.
func (v *validation) take(rows, train []int) (Samples, error) {
	if v.model.kernel != (Precomputed{}) {
		if sparse, ok := v.x.(*data.CSR); ok {
			return sparse.Take(rows)
		}
		return data.TakeRows(v.x.(*tensor.Dense), rows)
	}
	m, err := newMatrix(v.x)
	if err != nil {
		return nil, err
	}
	row, values := make([]float64, m.cols), make([]float64, 0, len(rows)*len(train))
	for _, i := range rows {
		m.row(i, row)
		for _, j := range train {
			values = append(values, row[j])
		}
	}
	return engine.Dense(values, len(rows), len(train)), nil
}
