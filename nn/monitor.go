package nn

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// A Monitor is the number by which epochs are compared: a loss or a metric of the validation, or without a validation of the training.
// The zero Monitor is the loss, the lower the better.
type Monitor struct {
	metric  string // "" means the loss
	highest bool
}

// Lowest returns the Monitor of a metric of which less is better, such as "MAE". The loss is called "loss".
func Lowest(metric string) Monitor { return Monitor{metric: metric} }

// Highest returns the Monitor of a metric of which more is better, such as "accuracy".
func Highest(metric string) Monitor { return Monitor{metric: metric, highest: true} }

// String returns what is looked for, such as "lowest loss".
func (m Monitor) String() string {
	if m.highest {
		return "highest " + m.name()
	}
	return "lowest " + m.name()
}

// Best returns the epoch that a monitor finds best, the first of several that are equally good. An epoch whose value is NaN
// is not better than any. The error says that there are no epochs, or that they do not have the metric.
func (h History) Best(m Monitor) (Epoch, error) {
	if len(h.Epochs) == 0 {
		return Epoch{}, errors.New("nn: History.Best: no epoch was completed")
	}
	best, least := h.Epochs[0], math.Inf(1)
	for _, e := range h.Epochs {
		cost, err := m.cost(e)
		if err != nil {
			return Epoch{}, fmt.Errorf("nn: History.Best: epoch %d: %w", e.Number, err)
		}
		if cost < least {
			best, least = e, cost
		}
	}
	return best, nil
}

func (m Monitor) name() string {
	if m.metric == "" {
		return "loss"
	}
	return m.metric
}

// cost returns the number of an epoch, negated if more is better: less is better then.
func (m Monitor) cost(e Epoch) (float64, error) {
	s := e.judged()
	v, ok := s.Loss, true
	if m.name() != "loss" {
		v, ok = s.Metrics[m.metric]
	}
	if !ok {
		return 0, fmt.Errorf("there is no metric %q to monitor", m.metric)
	}
	if m.highest {
		v = -v
	}
	return v, nil
}

// check complains about a metric that a model will not have.
func (m Monitor) check(model *Model) error {
	if m.name() == "loss" {
		return nil
	}
	names := []string{"loss"}
	for _, metric := range model.metrics {
		if metric.Name == m.metric {
			return nil
		}
		names = append(names, metric.Name)
	}
	return fmt.Errorf("there is no metric %q to monitor: the model is compiled with %s", m.metric, strings.Join(names, ", "))
}

// A record is the best that a monitor has seen of a training.
type record struct {
	Monitor
	minDelta float64
	cost     float64
}

func (r *record) begin(model *Model) error {
	r.cost = math.Inf(1)
	return r.check(model)
}

// beaten reports whether an epoch is better than all before it by more than minDelta, and remembers it then.
func (r *record) beaten(e Epoch) (bool, error) {
	cost, err := r.Monitor.cost(e)
	if err != nil || !(cost < r.cost-r.minDelta) {
		return false, err
	}
	r.cost = cost
	return true, nil
}
