package nn

import (
	"errors"
	"fmt"
	"time"

	"github.com/tapegrad/tapegrad/autograd"
)

// A Callback watches a training and may end it. Its functions are called in the goroutine of Fit, one after the other; each may be
// nil. An error, or an *autograd.Error that it panics with, ends the training and is returned by Fit; [ErrStop] ends it without one.
//
// There are callbacks for what is done most: [Progress], [EarlyStopping], [SaveBest], [CSVLog], [TensorBoard], [Observe].
type Callback struct {
	OnBegin func(s *State) error // once, before the first batch, when the model is built
	OnBatch func(s *State) error // after each update
	OnEpoch func(s *State) error // after each epoch and its validation, which s.History has then
	OnEnd   func(s *State) error // once, when training ends, however it does
}

// ErrStop is what a callback returns to end the training as if it were complete. In the middle of an epoch it ends that epoch too,
// which is then measured over the batches that it had.
var ErrStop = errors.New("nn: stop the training")

// A State is how far a training has come. It is valid during the call, and the callback does not change it.
type State struct {
	Model   *Model        // what is trained
	Epoch   int           // from 1
	Epochs  int           // to come, if nothing stops it
	Batch   int           // from 1 in each epoch
	Batches int           // in each epoch
	Loss    float64       // the mean over the examples of the epoch so far
	History History       // of the epochs that are complete
	Elapsed time.Duration // since training began
}

// Observe returns a callback that tells a function, such as the method Observe of an [optim.Plateau], the loss of each epoch: that of
// the validation, or without one that of the training.
func Observe(f func(loss float64)) Callback {
	return Callback{OnEpoch: func(s *State) error {
		f(s.last().judged().Loss)
		return nil
	}}
}

// last returns the epoch that was completed last.
func (s *State) last() Epoch { return s.History.Epochs[len(s.History.Epochs)-1] }

// named returns a callback whose errors begin with its name.
func named(name string, c Callback) Callback {
	within := func(f func(*State) error) func(*State) error {
		if f == nil {
			return nil
		}
		return func(s *State) error {
			err := f(s)
			if err != nil && !errors.Is(err, ErrStop) {
				return fmt.Errorf("%s: %w", name, err)
			}
			return err
		}
	}
	return Callback{OnBegin: within(c.OnBegin), OnBatch: within(c.OnBatch), OnEpoch: within(c.OnEpoch), OnEnd: within(c.OnEnd)}
}

// call calls one function of each callback, and returns the first error: one that is not ErrStop, if there is one.
func call(callbacks []Callback, which func(Callback) func(*State) error, s *State) error {
	var first error
	for _, c := range callbacks {
		f := which(c)
		if f == nil {
			continue
		}
		if err := try(func() error { return f(s) }); err != nil && (first == nil || errors.Is(first, ErrStop)) {
			first = err
		}
	}
	return first
}

// try calls f, which runs a user's code, and returns its error, or the *autograd.Error that it panicked with.
func try(f func() error) (err error) {
	if failure := autograd.Try(func() { err = f() }); failure != nil {
		return failure
	}
	return err
}

func onBegin(c Callback) func(*State) error { return c.OnBegin }
func onBatch(c Callback) func(*State) error { return c.OnBatch }
func onEpoch(c Callback) func(*State) error { return c.OnEpoch }
func onEnd(c Callback) func(*State) error   { return c.OnEnd }
