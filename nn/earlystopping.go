package nn

import (
	"cmp"
	"fmt"
	"math"

	"github.com/tapegrad/tapegrad/autograd"
)

// EarlyStopping ends a training that no longer gets better, which is to say: begins to learn the training examples by heart.
//
//	cfg := nn.FitConfig{Epochs: 100, ValidationSplit: 0.1, Callbacks: []nn.Callback{nn.EarlyStopping{Patience: 5, Restore: true}.Callback()}}
//
// It is that of Keras, but for the Patience of 0. Without a validation it watches the training.
type EarlyStopping struct {
	Monitor  Monitor // what is to get better; zero means the loss
	Patience int     // after so many epochs in a row that were no better than the best before them, the training ends; 0 means 3
	MinDelta float64 // an epoch is better only if it is so by more than this

	// Restore gives the parameters, when the training ends, the values that they had after the best epoch, frozen ones too. It does so
	// however the training ends: by an error or a ctx that is done, too. The optimizer is left as it is.
	Restore bool
}

// Callback returns the callback, for one training at a time. Its error, before the first batch, says that Patience or MinDelta is
// negative or not a number, or that the model is not compiled with the Monitor's metric.
func (e EarlyStopping) Callback() Callback {
	s := &stopping{EarlyStopping: e, best: record{Monitor: e.Monitor, minDelta: e.MinDelta}}
	return named("EarlyStopping", Callback{OnBegin: s.begin, OnEpoch: s.epoch, OnEnd: s.end})
}

// stopping is one training with EarlyStopping.
type stopping struct {
	EarlyStopping
	best   record
	worse  int // epochs since the best one
	values snapshot
}

func (s *stopping) begin(state *State) error {
	if s.Patience < 0 {
		return fmt.Errorf("the Patience is %d: want at least 1", s.Patience)
	}
	if !(s.MinDelta >= 0) || math.IsInf(s.MinDelta, 1) {
		return fmt.Errorf("the MinDelta is %v: want a number that is not negative", s.MinDelta)
	}
	s.worse, s.values = 0, nil
	return s.best.begin(state.Model)
}

func (s *stopping) epoch(state *State) error {
	better, err := s.best.beaten(state.last())
	if err != nil {
		return err
	}
	if !better {
		if s.worse++; s.worse >= cmp.Or(s.Patience, 3) {
			return ErrStop
		}
		return nil
	}
	s.worse = 0
	if s.Restore {
		s.values.take(state.Model.params())
	}
	return nil
}

func (s *stopping) end(*State) error {
	s.values.restore()
	s.values = nil // the memory is needed no more
	return nil
}

// A snapshot is the values of parameters as they were.
type snapshot []kept

// kept is the values of one parameter; one of the two is nil.
type kept struct {
	of     *autograd.Param
	single []float32
	double []float64
}

// take replaces the snapshot by the values of params as they are now, in the memory of the last one.
func (s *snapshot) take(params []*autograd.Param) {
	if len(*s) != len(params) {
		*s = make(snapshot, len(params))
	}
	for i, p := range params {
		k := &(*s)[i]
		k.of = p
		if w := p.Value(); w.IsSingle() {
			k.single = append(k.single[:0], autograd.Raw[float32](w)...)
		} else {
			k.double = append(k.double[:0], autograd.Raw[float64](w)...)
		}
	}
}

// restore writes the values into the parameters.
func (s snapshot) restore() {
	for _, k := range s {
		if k.of.Value().IsSingle() {
			copy(autograd.Write[float32](k.of), k.single)
		} else {
			copy(autograd.Write[float64](k.of), k.double)
		}
	}
}
