package nn

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A Metric is a number by which a person judges predictions, measured over all examples of an epoch or of an evaluation.
type Metric struct {
	Name  string       // its key in [Scores]
	Meter func() Meter // begins a measurement
}

// A Meter is one measurement of a [Metric].
type Meter interface {
	Add(pred, target *autograd.Tensor) // a batch: constants of shape (n, …), which end when Add returns
	Value() float64                    // over all examples added
}

// MeanMetric returns the metric that is the mean over all examples, given what it is for the examples of a batch. Without a
// function it has no Meter, which Compile refuses.
func MeanMetric(name string, f func(pred, target *autograd.Tensor) float64) Metric {
	if f == nil {
		return Metric{Name: name}
	}
	return Metric{Name: name, Meter: func() Meter { return &mean{of: f} }}
}

// MAE is the mean over all examples of the absolute differences of predictions and targets: see [ops.MAE].
var MAE = MeanMetric("MAE", func(pred, target *autograd.Tensor) float64 { return ops.MAE(pred, target).Item() })

// mean is the Meter of a mean over examples.
type mean struct {
	of  func(pred, target *autograd.Tensor) float64
	sum float64
	n   int
}

func (m *mean) Add(pred, target *autograd.Tensor) {
	n := batchSize(pred)
	m.sum += float64(n) * m.of(pred, target)
	m.n += n
}

func (m *mean) Value() float64 { return m.sum / float64(m.n) }

// A tally adds up the loss and the metrics of batches.
type tally struct {
	loss    mean
	metrics []Metric
	meters  []Meter
}

func newTally(metrics []Metric) tally {
	t := tally{metrics: metrics, meters: make([]Meter, 0, len(metrics))}
	for _, m := range metrics {
		meter := m.Meter()
		if meter == nil {
			autograd.Fail("nn", autograd.ValueError, nil, "the Meter function of metric %s returned nil: want a new Meter", m.Name)
		}
		t.meters = append(t.meters, meter)
	}
	return t
}

// add counts a batch with its loss, which is the mean over its examples.
func (t *tally) add(loss float64, pred, target *autograd.Tensor) {
	n := batchSize(target)
	t.loss.sum += float64(n) * loss
	t.loss.n += n
	for _, m := range t.meters {
		m.Add(pred.Detach(), target.Detach())
	}
}

func (t *tally) scores() Scores {
	s := Scores{Loss: t.loss.Value()}
	if len(t.meters) > 0 {
		s.Metrics = make(map[string]float64, len(t.meters))
	}
	for i, m := range t.meters {
		s.Metrics[t.metrics[i].Name] = m.Value()
	}
	return s
}

// batchSize returns the length of the first axis, 1 for a scalar.
func batchSize(x *autograd.Tensor) int {
	if len(x.Shape()) == 0 {
		return 1
	}
	return x.Shape()[0]
}
