package nn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/ops"
)

// A weighting is how much each example counts in the loss. The zero weighting counts all alike.
type weighting struct {
	of     []float64     // by example; nil means that each is 1
	groups []weightGroup // of the last batch, the least weight first; its memory serves the next, as that of order does
	order  []int         // the rows of the last batch, group by group
	inWork *weightGroup  // whose loss is being computed
}

// A weightGroup is the rows of a batch that have one weight.
type weightGroup struct {
	weight float64
	rows   []int
}

// parts returns the examples that are trained on, those of the validation, nil without, and the weights of the first, nil if all
// are 1.
func (cfg *FitConfig) parts(d *data.Dataset) (train, validation *data.Dataset, weights []float64, err error) {
	if d == nil {
		return nil, nil, nil, errNoData
	}
	if err := d.Validate(); err != nil {
		return nil, nil, nil, err
	}
	if weights, err = cfg.weights(d); err != nil {
		return nil, nil, nil, err
	}
	train, validation = d, cfg.Validation
	if cfg.ValidationSplit != 0 {
		if train, validation, weights, err = cfg.holdOut(d, weights); err != nil {
			return nil, nil, nil, err
		}
	}
	if weights != nil && !slices.ContainsFunc(weights, func(w float64) bool { return w != 0 }) {
		return nil, nil, nil, errors.New("the weights of all examples are 0: there is nothing to learn from")
	}
	return train, validation, weights, nil
}

// holdOut divides the examples, and the weights if there are any, as ValidationSplit says.
func (cfg *FitConfig) holdOut(d *data.Dataset, weights []float64) (train, validation *data.Dataset, kept []float64, err error) {
	split := func(d *data.Dataset) (train, validation *data.Dataset, err error) {
		rng := NewStreams(cfg.Seed).Split // the same parts at each call
		if cfg.Stratify {
			return d.StratifiedSplit(cfg.ValidationSplit, rng)
		}
		return d.Split(cfg.ValidationSplit, rng)
	}
	if train, validation, err = split(d); err != nil || weights == nil {
		return train, validation, nil, err
	}
	weighed, _, err := split(&data.Dataset{X: tensor.New(tensor.WithShape(len(weights)), tensor.WithBacking(weights)), Y: d.Y})
	if err != nil {
		return nil, nil, nil, err
	}
	return train, validation, weighed.X.Float64s(), nil
}

// weights returns the weights of the examples of d: those of their classes times their own. It returns nil if there are neither.
func (cfg *FitConfig) weights(d *data.Dataset) ([]float64, error) {
	class, sample := cfg.ClassWeights, cfg.SampleWeights
	if class == nil && sample == nil {
		return nil, nil
	}
	weights := slices.Repeat([]float64{1}, d.Len())
	if sample != nil {
		if len(sample) != d.Len() {
			return nil, fmt.Errorf("FitConfig.SampleWeights has %d weights for %d examples: want one for each", len(sample), d.Len())
		}
		if err := checkWeights("SampleWeights", sample); err != nil {
			return nil, err
		}
		copy(weights, sample)
	}
	if class != nil {
		if len(class) == 0 {
			return nil, errors.New("FitConfig.ClassWeights is empty: want a weight for each class")
		}
		if err := checkWeights("ClassWeights", class); err != nil {
			return nil, err
		}
		labels, err := labelsOf(d, len(class))
		if err != nil {
			return nil, fmt.Errorf("FitConfig.ClassWeights: %w", err)
		}
		for i, label := range labels {
			weights[i] *= class[label]
		}
	}
	return weights, nil
}

func checkWeights(name string, weights []float64) error {
	for i, v := range weights {
		if !isFactor(v) {
			return fmt.Errorf("FitConfig.%s[%d] is %v: want a finite number that is not negative", name, i, v)
		}
	}
	return nil
}

// labelsOf returns the class of each example: its target, or of a one-hot target the place of the largest value.
func labelsOf(d *data.Dataset, classes int) ([]int, error) {
	if d.Y == nil {
		return nil, errors.New("the data has no labels: its targets are its inputs")
	}
	_, y, err := d.Rows()
	if err != nil {
		return nil, err
	}
	k := y.Width()
	if k != 1 && k != classes {
		return nil, fmt.Errorf("targets of shape %v are not labels: want (n), (n, 1), or one-hot rows of %d classes", d.Y.Shape(), classes)
	}
	labels := make([]int, y.Len())
	target := make([]float64, k)
	for i := range labels {
		if err := data.Gather(target, y, []int{i}); err != nil {
			return nil, err
		}
		label := classOf(target, classes)
		if label == noClass {
			return nil, fmt.Errorf("the target of example %d is %v: want a class from 0 to %d", i, target, classes-1)
		}
		labels[i] = label
	}
	return labels, nil
}

// loss returns the weighted loss of a batch that holds the given examples, (1/n) Σ wᵢ lᵢ over its n examples. A loss is a mean
// over examples, so that those of one weight w are one loss of their own, which counts w times their share of the batch.
func (w *weighting) loss(f Loss, pred, target *autograd.Tensor, examples []int) *autograd.Tensor {
	if w.of == nil {
		return scalar(f(pred, target))
	}
	w.group(examples)
	if len(w.groups) == 1 {
		return weigh(scalar(f(pred, target)), w.groups[0].weight)
	}
	total := w.sum(f, ops.Take(pred, 0, w.order), ops.Take(target, 0, w.order), w.groups)
	w.inWork = nil
	return total
}

// sum returns what groups add to the loss, given their rows one group after the other. It halves them until one is left: the gradient
// of a part is as large as what it is cut from, so that cutting n parts from the whole would take n times its size.
func (w *weighting) sum(f Loss, pred, target *autograd.Tensor, groups []weightGroup) *autograd.Tensor {
	if len(groups) == 1 {
		g := &groups[0]
		w.inWork = g
		return weigh(scalar(f(pred, target)), g.weight*float64(len(g.rows))/float64(len(w.order)))
	}
	half := len(groups) / 2
	cut := 0
	for _, g := range groups[:half] {
		cut += len(g.rows)
	}
	n := batchSize(pred)
	before := w.sum(f, ops.Slice(pred, 0, 0, cut), ops.Slice(target, 0, 0, cut), groups[:half])
	after := w.sum(f, ops.Slice(pred, 0, cut, n), ops.Slice(target, 0, cut, n), groups[half:])
	return ops.Add(before, after)
}

// rows says which rows a loss saw that has failed, and which examples they hold, given those of the batch.
func (w *weighting) rows(examples []int) (which string, hold []int) {
	if w.inWork == nil {
		return "of the batch", examples
	}
	for _, row := range w.inWork.rows {
		hold = append(hold, examples[row])
	}
	return fmt.Sprintf("of weight %v in the batch", w.inWork.weight), hold
}

func weigh(loss *autograd.Tensor, weight float64) *autograd.Tensor {
	if weight == 1 {
		return loss
	}
	return ops.Scale(loss, weight)
}

// group sorts the rows of a batch by the weights of the examples that they hold. Rows of one weight keep their order.
func (w *weighting) group(examples []int) {
	w.order, w.groups = w.order[:0], w.groups[:0]
	for row := range examples {
		w.order = append(w.order, row)
	}
	slices.SortStableFunc(w.order, func(a, b int) int { return cmp.Compare(w.of[examples[a]], w.of[examples[b]]) })
	begin := 0
	for end, row := range w.order {
		if weight := w.of[examples[row]]; end+1 == len(w.order) || w.of[examples[w.order[end+1]]] != weight {
			w.groups = append(w.groups, weightGroup{weight, w.order[begin : end+1]})
			begin = end + 1
		}
	}
}
