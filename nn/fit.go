package nn

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/optim"
)

// FitConfig says how [Model.Fit] trains.
type FitConfig struct {
	Epochs    int    // passes over the examples; 0 means 1
	BatchSize int    // examples in a batch, the last one of an epoch having what is left; 0 means 32
	Seed      uint64 // of everything random: see [NewStreams]
	KeepOrder bool   // do not shuffle the examples before each epoch

	// Validation is examples that are not trained on, on which the model is measured after each epoch. ValidationSplit holds out
	// this fraction of the training examples instead, drawn at random. One of them may be set. With Stratify each class has the
	// same share of both sets: see [data.Dataset.StratifiedSplit].
	Validation      *data.Dataset
	ValidationSplit float64
	Stratify        bool

	// ClassWeights, by label, and SampleWeights, one for each example, say how much an example counts in the loss that is lowered
	// and reported: for n examples with losses l and weights w, the product if both are given, it is (1/n) Σ w l, as in Keras. The
	// labels are targets (n) or (n, 1) of whole numbers, or one-hot rows. Metrics and the validation are not weighted. The net sees
	// whole batches; the loss is called once for each weight that occurs in one, with its examples. So weights go with losses that are
	// means over examples, not with sums or with what compares examples, and many different weights cost some 10 µs each.
	ClassWeights, SampleWeights []float64

	// Gradients, if set, treats the gradients on their way to the optimizer, such as by optim.ClipNorm or the Add of an
	// optim.Accumulator, which keeps what is left over at the end of Fit for its Flush, or for the next Fit.
	Gradients func(autograd.Gradients) autograd.Gradients

	Callbacks []Callback // called in this order
}

// Fit trains the net: for each epoch it shuffles the examples, and for each batch it computes the loss, its gradients, and lets
// the optimizer update the parameters. It builds the net if that was not done yet. What the optimizer remembers and the
// parameters go on from where they are if Fit is called again; the random streams begin anew with the seed. What layers add to the
// loss, such as L2 of [Linear], is a part of every loss that is lowered or reported, that of the validation too.
//
// The history has the epochs that were completed, also when there is an error. A ctx that is done ends the training between two
// batches, with ctx's error. A loss that is not finite ends it before the update that it would have led to. A finite loss may still
// have gradients that are not: a trained parameter that is not finite ends the training at the end of the epoch. Other errors say
// what was wrong with the configuration or the data, that the model was not compiled, which layer cannot be built, or in which
// epoch and batch which shapes did not fit or which callback's error it was. An error about values, such as a label out of range,
// also says which examples the batch held, counted from 0 among those that are trained on.
func (m *Model) Fit(ctx context.Context, d *data.Dataset, cfg FitConfig) (History, error) {
	var t *training
	err := try(func() (err error) {
		t, err = m.newTraining(d, cfg)
		return err
	})
	if err == nil {
		err = t.run(ctx)
	}
	if err != nil {
		err = fmt.Errorf("nn: Fit: %w", err)
	}
	if t == nil {
		return History{}, err
	}
	return t.state.History, err
}

// A training is one call of Fit.
type training struct {
	*Model
	set, validation *examples             // validation is nil without
	indices         iter.Seq2[int, []int] // of the examples in each batch of an epoch
	weighting       weighting
	gradients       func(autograd.Gradients) autograd.Gradients
	callbacks       []Callback

	params []*autograd.Param // of the net, frozen ones included
	tape   *autograd.Tape
	pass   Pass
	score  tally // of the epoch
	rows   []int // of the batch
	began  time.Time
	state  State
}

func (m *Model) newTraining(d *data.Dataset, cfg FitConfig) (*training, error) {
	if err := m.compiled(); err != nil {
		return nil, err
	}
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	streams := NewStreams(cfg.Seed)
	d, validation, weights, err := cfg.parts(d)
	if err != nil {
		return nil, err
	}
	set, err := m.examples(d)
	if err != nil {
		return nil, err
	}
	shuffle := streams.Shuffle
	if cfg.KeepOrder {
		shuffle = nil
	}
	t := &training{
		Model: m, set: set, indices: data.BatchIndices(set.len(), cfg.BatchSize, shuffle), gradients: cfg.Gradients, callbacks: cfg.Callbacks,
		tape: autograd.NewTape(), weighting: weighting{of: weights},
	}
	if _, err := m.build(&Builder{Rand: streams.Init}, set.x.rows.Shape()); err != nil {
		return nil, err
	}
	t.params = m.params()
	if len(t.params) > 0 && !slices.ContainsFunc(t.params, func(p *autograd.Param) bool { return !p.Frozen }) {
		return nil, errors.New("all parameters of the net are frozen: there is nothing to train; Unfreeze a part of it")
	}
	if validation != nil {
		if t.validation, err = m.examples(validation); err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
		if _, err := m.build(&Builder{sealed: true}, t.validation.x.rows.Shape()); err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
	}
	t.pass = Pass{Tape: t.tape, Train: true, Rand: streams.Noise, Penalties: new(Penalties)}
	t.state = State{Model: m, Epochs: cfg.Epochs, Batches: 1 + (set.len()-1)/cfg.BatchSize}
	return t, nil
}

// complete checks the settings and puts the defaults in.
func (cfg *FitConfig) complete() error {
	switch {
	case cfg.Epochs < 0:
		return fmt.Errorf("FitConfig.Epochs is %d: want at least 1", cfg.Epochs)
	case cfg.BatchSize < 0:
		return fmt.Errorf("FitConfig.BatchSize is %d: want at least 1", cfg.BatchSize)
	case !(cfg.ValidationSplit >= 0 && cfg.ValidationSplit < 1): // the negation catches NaN
		return fmt.Errorf("FitConfig.ValidationSplit is %v: want a fraction below 1", cfg.ValidationSplit)
	case cfg.ValidationSplit != 0 && cfg.Validation != nil:
		return errors.New("both Validation and ValidationSplit are set: want one of them")
	case cfg.Stratify && cfg.ValidationSplit == 0:
		return errors.New("FitConfig.Stratify is set without a ValidationSplit to draw")
	}
	if cfg.Epochs == 0 {
		cfg.Epochs = 1
	}
	if cfg.BatchSize == 0 {
		cfg.BatchSize = 32
	}
	return nil
}

func (t *training) run(ctx context.Context) (err error) {
	t.began = time.Now()
	defer func() {
		if endErr := call(t.callbacks, onEnd, &t.state); endErr != nil && !errors.Is(endErr, ErrStop) {
			err = errors.Join(err, endErr)
		}
	}()
	if err := call(t.callbacks, onBegin, &t.state); err != nil {
		if errors.Is(err, ErrStop) {
			return nil
		}
		return err
	}
	for epoch := range t.state.Epochs {
		t.state.Epoch, t.state.Batch = epoch+1, 1
		err := try(func() error { return t.epoch(ctx) })
		if errors.Is(err, ErrStop) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("epoch %d, batch %d: %w", t.state.Epoch, t.state.Batch, err)
		}
	}
	return nil
}

// epoch trains on every example once, and returns the callbacks' ErrStop or error.
func (t *training) epoch(ctx context.Context) error {
	began := time.Now()
	t.score = newTally(t.metrics)
	stop := t.batches(ctx)
	if stop != nil && !errors.Is(stop, ErrStop) {
		return stop
	}
	if err := t.finite(); err != nil {
		return err
	}
	e := Epoch{Number: t.state.Epoch, Train: t.score.scores()}
	if t.validation != nil {
		scores, err := t.evaluate(ctx, t.validation)
		if err != nil {
			return fmt.Errorf("validation: %w", err)
		}
		e.Validation = &scores
	}
	e.Seconds = time.Since(began).Seconds()
	t.state.History.Epochs = append(t.state.History.Epochs, e)
	t.state.Elapsed = time.Since(t.began)
	if err := call(t.callbacks, onEpoch, &t.state); err != nil {
		return err
	}
	return stop
}

func (t *training) batches(ctx context.Context) error {
	step := t.step
	for i, rows := range t.indices {
		t.state.Batch, t.rows = i+1, rows
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := autograd.Try(step); err != nil {
			return t.located(err)
		}
		if len(t.callbacks) == 0 {
			continue
		}
		t.state.Loss = t.score.loss.Value()
		t.state.Elapsed = time.Since(t.began)
		if err := call(t.callbacks, onBatch, &t.state); err != nil {
			return err
		}
	}
	return nil
}

// step learns from one batch.
func (t *training) step() {
	x, y := t.set.gather(t.tape, t.rows)
	pred := t.forward(t.pass, x)
	loss := t.pass.Penalties.AddTo(t.weighting.loss(t.loss, pred, y, t.rows))
	value := loss.Item()
	if math.IsNaN(value) || math.IsInf(value, 0) {
		autograd.Fail("loss", autograd.ValueError, nil, "it is %v: lower the learning rate, clip the gradients, or look for NaN in the data", value)
	}
	t.score.add(value, pred, y) // before the update, which ends what shares memory with parameters
	gradients := t.tape.Backward(loss)
	if t.gradients != nil {
		if gradients = t.gradients(gradients); gradients == nil {
			autograd.Fail("nn", autograd.ValueError, nil, "FitConfig.Gradients returned nil: want the stream of gradients, treated")
		}
	}
	optim.Step(t.optimizer, gradients)
	t.tape.Reset()
}

// located adds to an error about values, which may name a row of the batch, which examples the rows are.
func (t *training) located(err error) error {
	var failure *autograd.Error
	if !errors.As(err, &failure) || failure.Kind != autograd.ValueError {
		return err
	}
	const most = 32 // what a batch has if nobody says otherwise
	which, hold := t.weighting.rows(t.rows)
	var examples []string
	for _, example := range hold[:min(len(hold), most)] {
		examples = append(examples, strconv.Itoa(example))
	}
	if len(hold) > most {
		examples = append(examples, "…")
	}
	return fmt.Errorf("%w (rows 0, 1, … %s are examples %s)", err, which, strings.Join(examples, ", "))
}

// finite complains about a trained parameter that is not finite. Those that are frozen may be what they like, such as a mask.
func (t *training) finite() error {
	for _, p := range t.params {
		w := p.Value()
		if p.Frozen || w.IsSingle() && finite(autograd.Raw[float32](w)) || !w.IsSingle() && finite(autograd.Raw[float64](w)) {
			continue
		}
		return fmt.Errorf("parameter %s is not finite at the end of the epoch: lower the learning rate or clip the gradients", p.Name)
	}
	return nil
}

func finite[T float32 | float64](values []T) bool {
	return !slices.ContainsFunc(values, func(v T) bool { return v-v != 0 }) // NaN for what is not finite
}
