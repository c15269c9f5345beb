package nn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/optim"
)

// A Model is a net with what it takes to train, judge and use it. Nothing about the net is special: models may share layers, and
// an encoder that was trained as a part of one model predicts as the Net of another.
//
// A Model belongs to one goroutine while it is compiled, built or trained; any number may Predict and Evaluate at once.
type Model struct {
	Net Layer // what predicts

	// Dtype is what the model computes in, tensor.Float32 or tensor.Float64; data is converted to it. Zero means that of the
	// parameters which the net has already, and tensor.Float32 if it has none.
	Dtype tensor.Dtype

	loss      Loss
	optimizer optim.Optimizer
	metrics   []Metric
	in        tensor.Shape // of one example, once known
}

// A Loss says how bad predictions are, as a scalar: the mean over the batch. ops.MSE, ops.BCEWithLogits and ops.CrossEntropy are
// losses.
type Loss = func(pred, target *autograd.Tensor) *autograd.Tensor

// Compile sets what Fit lowers and by which optimizer, and what else Fit and Evaluate measure. The net keeps its parameters. The
// error says what is missing: a net, a loss, an optimizer, or a metric's name or function, or that two metrics have one name.
func (m *Model) Compile(loss Loss, optimizer optim.Optimizer, metrics ...Metric) error {
	switch {
	case m.Net == nil:
		return fmt.Errorf("nn: Compile: %w", errNoNet)
	case loss == nil:
		return errors.New("nn: Compile: the loss is nil: give a function such as ops.MSE")
	case optimizer == nil:
		return errors.New("nn: Compile: the optimizer is nil: give one such as &optim.SGD{LR: 0.01}")
	}
	for i, metric := range metrics {
		switch {
		case metric.Name == "" || metric.Meter == nil:
			return fmt.Errorf("nn: Compile: metric %d has no name or no Meter", i)
		case slices.ContainsFunc(metrics[:i], func(other Metric) bool { return other.Name == metric.Name }):
			return fmt.Errorf("nn: Compile: two metrics are called %s", metric.Name)
		}
	}
	m.loss, m.optimizer, m.metrics = loss, optimizer, slices.Clone(metrics)
	return nil
}

// Build makes the net's parameters for examples of shape in, without the axis of the batch, from the random numbers that belong
// to seed. Fit does it too; what is built already stays as it is. The error says which layer cannot be built and why, that two
// parameters have one name (layers built apart and then put together: build them together, or rename the parameters), or that the
// dtypes of parameters and model differ.
func (m *Model) Build(in tensor.Shape, seed uint64) error {
	err := try(func() error {
		_, err := m.build(&Builder{Rand: NewStreams(seed).Init}, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("nn: Build: %w", err)
	}
	return nil
}

// Evaluate returns the loss, with what layers add to it such as L2 of [Linear], and the metrics over all examples of d. A ctx that is
// done ends it with ctx's error. Other errors are those of the data ([data.Dataset.Validate]), a model that was not compiled or not
// built yet, and shapes and labels that do not fit, each saying which, and with which example the batch began.
func (m *Model) Evaluate(ctx context.Context, d *data.Dataset) (scores Scores, err error) {
	err = try(func() error {
		if err := m.compiled(); err != nil {
			return err
		}
		set, err := m.examples(d)
		if err != nil {
			return err
		}
		if _, err := m.build(&Builder{sealed: true}, set.x.rows.Shape()); err != nil {
			return err
		}
		scores, err = m.evaluate(ctx, set)
		return err
	})
	if err != nil {
		return Scores{}, fmt.Errorf("nn: Evaluate: %w", err)
	}
	return scores, nil
}

// Predict returns the net's outputs (n, out…) for the examples x of shape (n, in…), in the model's dtype. Bytes are taken as
// numbers in [0, 1], as in training. [Classes] makes classes of the outputs of a classifier. A ctx that is done ends it with ctx's error. Other errors are an x that is nil, empty or of
// another dtype than uint8, float32 and float64, a net that was not built yet, and shapes that do not fit, each saying which, and
// with which example the batch began.
func (m *Model) Predict(ctx context.Context, x *tensor.Dense) (y *tensor.Dense, err error) {
	err = try(func() error {
		rows, err := data.NewRows(x)
		if err != nil {
			return err
		}
		out, err := m.build(&Builder{sealed: true}, rows.Shape())
		if err != nil {
			return err
		}
		dtype, err := m.dtype()
		if err != nil {
			return err
		}
		if dtype == tensor.Float64 {
			y, err = predict[float64](ctx, m, newInputs(rows, dtype), out)
		} else {
			y, err = predict[float32](ctx, m, newInputs(rows, dtype), out)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nn: Predict: %w", err)
	}
	return y, nil
}

func predict[T float32 | float64](ctx context.Context, m *Model, x *inputs, out tensor.Shape) (*tensor.Dense, error) {
	n := x.rows.Len()
	var values []T
	err := inference(ctx, n, func(tape *autograd.Tape, rows []int) {
		y := m.forward(Pass{}, x.gather(tape, rows))
		if s := y.Shape(); len(s) == 0 || s[0] != len(rows) || !slices.Equal(s[1:], out) {
			autograd.Fail("nn", autograd.ShapeError, nil, "the net turned %d examples into shape %v: its Build promised outputs of shape %v", len(rows), s, out)
		}
		if values == nil { // only now Build's promise can be trusted
			values = make([]T, 0, n*size(out))
		}
		values = append(values, autograd.Values[T](y)...)
	})
	if err != nil {
		return nil, err
	}
	return engine.Dense(values, append(tensor.Shape{n}, out...)...), nil
}

// evaluate measures the built and compiled model on a set of examples.
func (m *Model) evaluate(ctx context.Context, set *examples) (Scores, error) {
	score := newTally(m.metrics)
	err := inference(ctx, set.len(), func(tape *autograd.Tape, rows []int) {
		x, y := set.gather(tape, rows)
		penalties := new(Penalties)
		pred := m.forward(Pass{Penalties: penalties}, x)
		score.add(penalties.AddTo(scalar(m.loss(pred, y))).Item(), pred, y)
	})
	if err != nil {
		return Scores{}, err
	}
	return score.scores(), nil
}

// inferenceBatch is how many examples go through the net at a time where nothing is learned: enough to keep the processors busy.
const inferenceBatch = 256

// inference calls f for the batches of n examples in order, with a tape that is Reset after each.
func inference(ctx context.Context, n int, f func(tape *autograd.Tape, rows []int)) error {
	tape := autograd.NewTape()
	for _, rows := range data.BatchIndices(n, inferenceBatch, nil) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := autograd.Try(func() { f(tape, rows) }); err != nil {
			return fmt.Errorf("the batch that begins with example %d: %w", rows[0], err)
		}
		tape.Reset()
	}
	return nil
}

// forward sends a batch through the net, which may be a user's.
func (m *Model) forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	y := m.Net.Forward(p, x)
	if y == nil {
		autograd.Fail("nn", autograd.ValueError, []*autograd.Tensor{x}, "the net's Forward returned nil: want a tensor (n, …)")
	}
	return y
}

// scalar returns a loss, or complains if it has several values.
func scalar(loss *autograd.Tensor) *autograd.Tensor {
	if loss == nil {
		autograd.Fail("nn", autograd.ValueError, nil, "the loss function returned nil: want a scalar, the mean over the batch")
	}
	if loss.Size() != 1 {
		autograd.Fail("nn", autograd.ShapeError, []*autograd.Tensor{loss}, "the loss has shape %v: want a scalar, the mean over the batch", loss.Shape())
	}
	return loss
}

var errNoNet = errors.New("the model has no Net: give it a Layer, such as a Sequential")

func (m *Model) compiled() error {
	if m.loss == nil {
		return errors.New("the model has no loss and no optimizer: Compile it first")
	}
	return nil
}

// build makes b build the net, or checks that it is built if b is sealed, and returns the shape of one output. As dtype and params
// it panics with what a user's layer panics with.
func (m *Model) build(b *Builder, in tensor.Shape) (out tensor.Shape, err error) {
	if m.Net == nil {
		return nil, errNoNet
	}
	if b.Dtype, err = m.dtype(); err != nil {
		return nil, err
	}
	if out, err = buildLayer(m.Net, b, in); err != nil {
		return nil, err
	}
	named := make(map[string]*autograd.Param)
	for _, p := range m.params() {
		if q := named[p.Name]; q != nil && q != p {
			return nil, fmt.Errorf("two parameters are named %s: their layers were built apart; build them together, or give their Name fields other values", p.Name)
		}
		named[p.Name] = p
	}
	if !b.sealed {
		m.in = slices.Clone(in)
	}
	return out, nil
}

// dtype returns what the model computes in.
func (m *Model) dtype() (tensor.Dtype, error) {
	dtype := m.Dtype
	if dtype != (tensor.Dtype{}) && dtype != tensor.Float32 && dtype != tensor.Float64 {
		return dtype, fmt.Errorf("the model's Dtype is %v: want float32 or float64", dtype)
	}
	for _, p := range m.params() {
		switch have := p.Value().Dtype(); {
		case dtype == tensor.Dtype{}:
			dtype = have
		case dtype != have:
			return dtype, fmt.Errorf("parameter %s is %v and the model %v", p.Name, have, dtype)
		}
	}
	if dtype == (tensor.Dtype{}) {
		dtype = tensor.Float32
	}
	return dtype, nil
}

// params returns the net's parameters, or complains about one that is nil.
func (m *Model) params() []*autograd.Param {
	params := m.Net.Params()
	if i := slices.Index(params, nil); i >= 0 {
		autograd.Fail("nn", autograd.ValueError, nil, "parameter %d of the net's %d Params is nil: leave out what is not built yet", i, len(params))
	}
	return params
}
