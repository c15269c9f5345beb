package nn

import (
	"maps"
	"slices"
)

// Scores are the loss and the metrics over some examples.
type Scores struct {
	Loss    float64            // the mean over the examples
	Metrics map[string]float64 // by the metrics' names; nil without metrics
}

// each calls f for the loss and for the metrics in the order of their names.
func (s Scores) each(f func(name string, value float64)) {
	f("loss", s.Loss)
	for _, name := range slices.Sorted(maps.Keys(s.Metrics)) {
		f(name, s.Metrics[name])
	}
}

// An Epoch is what was measured of one pass over the training examples.
type Epoch struct {
	Number     int     // from 1
	Train      Scores  // while the parameters changed, in training mode: over all examples, each counted once
	Validation *Scores // after the epoch, in inference; nil without validation
	Seconds    float64 // wall time, validation included
}

// judged returns the scores that an epoch is judged by: those of the validation, or without one those of the training.
func (e Epoch) judged() Scores {
	if e.Validation != nil {
		return *e.Validation
	}
	return e.Train
}

// A History is the epochs of a training, in order. [History.Plot] draws it.
type History struct {
	Epochs []Epoch
}

// Loss returns the training loss of each epoch.
func (h History) Loss() []float64 {
	losses := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		losses[i] = e.Train.Loss
	}
	return losses
}

// ValidationLoss returns the validation loss of each epoch, none without validation.
func (h History) ValidationLoss() []float64 {
	var losses []float64
	for _, e := range h.Epochs {
		if e.Validation != nil {
			losses = append(losses, e.Validation.Loss)
		}
	}
	return losses
}
