package nn

import (
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
	groups []weightGroup // those of the last batch, whose memory serves the next
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
	var total *autograd.Tensor
	for i, g := range w.groups {
		w.inWork = &w.groups[i]
		loss := scalar(f(ops.Take(pred, 0, g.rows), ops.Take(target, 0, g.rows)))
		loss = weigh(loss, g.weight*float64(len(g.rows))/float64(len(examples)))
		if total == nil {
			total = loss
		} else {
			total = ops.Add(total, loss)
		}
	}
	w.inWork = nil
	return total
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

// group sorts the rows of a batch by the weights of the examples that they hold, in the order in which the weights occur.
func (w *weighting) group(examples []int) {
	w.groups = w.groups[:0]
	for row, example := range examples {
		weight := w.of[example]
		i := slices.IndexFunc(w.groups, func(g weightGroup) bool { return g.weight == weight })
		if i < 0 {
			i = len(w.groups)
			w.groups = slices.Grow(w.groups, 1)[:i+1]
			w.groups[i].weight, w.groups[i].rows = weight, w.groups[i].rows[:0]
		}
		w.groups[i].rows = append(w.groups[i].rows, row)
	}
}
