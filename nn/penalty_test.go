package nn_test

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// A layer that is in the net twice pays once, a frozen one nothing, and a pass that repeats another or collects nothing nothing.
func TestPenaltiesOfParameters(t *testing.T) {
	shared := &nn.Linear{Out: 2, Init: nn.Constant(-3), BiasInit: nn.Constant(5), L1: 0.1, L2: 0.01}
	other := &nn.Linear{Out: 2, Init: nn.Constant(2), L2: 0.5}
	net := built(t, nn.Sequential{shared, nn.Tanh{}, shared, other}, 2)
	x := tensorOf([]float64{1, 2}, 1, 2)
	const loss, first, second = 7.0, 4 * (0.1*3 + 0.01*9), 4 * 0.5 * 4
	total := func(p nn.Pass, more ...nn.Pass) float64 {
		p.Penalties = new(nn.Penalties)
		net.Forward(p, x)
		for _, again := range more {
			again.Penalties = p.Penalties
			net.Forward(again, x)
		}
		sum := p.Penalties.AddTo(autograd.Scalar(loss)).Item()
		if rest := p.Penalties.AddTo(autograd.Scalar(loss)); rest.Item() != loss {
			t.Errorf("the second collection has %v", rest.Item())
		}
		return sum
	}
	wantClose(t, "loss", []float64{total(nn.Pass{})}, []float64{loss + first + second})
	wantClose(t, "loss of a pass made again", []float64{total(nn.Pass{}, nn.Again(nn.Pass{}))}, []float64{loss + first + second})
	wantClose(t, "loss of a repetition alone", []float64{total(nn.Again(nn.Pass{}))}, []float64{loss})
	nn.Freeze(other)
	wantClose(t, "loss with a frozen layer", []float64{total(nn.Pass{})}, []float64{loss + first})
	net.Forward(nn.Pass{Train: true}, x) // collects nothing

	// The gradient reaches the weights, of the penalty alone: L1·sign(w) + 2·L2·w.
	tape := autograd.NewTape()
	p := nn.Pass{Tape: tape, Train: true, Penalties: new(nn.Penalties)}
	y := net.Forward(p, x)
	gradients := tape.Backward(p.Penalties.AddTo(ops.Scale(ops.Sum(y), 0))).Collect()
	wantClose(t, "gradient", autograd.Values[float64](gradients.Of(shared.W)), slices.Repeat([]float64{-0.1 - 2*0.01*3}, 4))
	wantClose(t, "gradient of the bias", autograd.Values[float64](gradients.Of(shared.B)), []float64{0, 0})
}

// sparse is a user's layer that keeps its activations small.
type sparse struct {
	nn.ReLU

	factor float64
}

func (s sparse) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	p.Penalize(ops.Scale(ops.Mean(ops.Abs(x)), s.factor))
	return x
}

// Fit and Evaluate report and lower the loss with what a user's layer adds, and a loop written by hand has the same bits.
func TestPenaltiesOfAUsersLayer(t *testing.T) {
	net := func(factor float64) nn.Sequential {
		return nn.Sequential{&nn.Linear{Out: 3, L2: 0.02, Init: nn.HeNormal}, sparse{factor: factor}, &nn.Linear{Out: 1}}
	}
	fit := func(factor float64) (history nn.History, scores nn.Scores, values []float32) {
		model := &nn.Model{Net: net(factor)}
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
		history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 3, BatchSize: 3, KeepOrder: true, Validation: xor()})
		if err != nil {
			t.Fatal(err)
		}
		if scores, err = model.Evaluate(t.Context(), xor()); err != nil {
			t.Fatal(err)
		}
		return history, scores, bits(model.Net)
	}
	history, scores, fitted := fit(0.5)

	byHand := net(0.5)
	streams := nn.NewStreams(0)
	if _, err := byHand.Build(&nn.Builder{Rand: streams.Init}, tensor.Shape{2}); err != nil {
		t.Fatal(err)
	}
	sgd := &optim.SGD{LR: 0.1}
	tape := autograd.NewTape()
	var losses []float64
	for range 3 {
		sum := 0.0
		for _, b := range xor().Batches(3, nil) {
			x, y := tape.Const(autograd.FromDense(b.X)), tape.Const(autograd.FromDense(b.Y))
			pass := nn.Pass{Tape: tape, Train: true, Rand: streams.Noise, Penalties: new(nn.Penalties)}
			loss := pass.Penalties.AddTo(ops.MSE(byHand.Forward(pass, x), y))
			sum += loss.Item() * float64(x.Shape()[0])
			optim.Step(sgd, tape.Backward(loss))
			tape.Reset()
		}
		losses = append(losses, sum/4)
	}
	if !slices.Equal(bits(byHand), fitted) || !slices.Equal(losses, history.Loss()) {
		t.Errorf("losses %v by hand, %v by Fit, or other parameters", losses, history.Loss())
	}

	x := tape.Const(autograd.FromDense(xor().X))
	data := ops.MSE(byHand.Forward(nn.Pass{}, x), autograd.FromDense(xor().Y)).Item()
	hidden := byHand[0].Forward(nn.Pass{}, x)
	want := data + 0.5*ops.Mean(ops.Abs(hidden)).Item() + 0.02*ops.Sum(ops.Square(byHand[0].(*nn.Linear).W.Value())).Item()
	if got := history.ValidationLoss()[2]; math.Abs(got-want) > 1e-6 || got != scores.Loss {
		t.Errorf("validation loss %v and Evaluate's %v, want %v", got, scores.Loss, want)
	}
	if _, _, free := fit(0); slices.Equal(free, fitted) {
		t.Error("the penalty is not learned from")
	}
}

func TestPenaltiesErrors(t *testing.T) {
	tape := autograd.NewTape()
	p := nn.Pass{Tape: tape, Penalties: new(nn.Penalties)}
	for says, term := range map[string]*autograd.Tensor{
		"nn.Pass.Penalize: the term is nil":                                            nil,
		"nn.Pass.Penalize: the term has shape (2): want a scalar to add to the loss":   tape.Var(tensorOf([]float64{1, 2}, 2)),
		"nn.Pass.Penalize: the term is not recorded: nothing would be learned from it": autograd.Scalar(1),
	} {
		wantError(t, autograd.Try(func() { p.Penalize(term) }), says)
	}
	nn.Pass{}.Penalize(autograd.Scalar(1))
	for _, l := range []*nn.Linear{{Out: 1, L1: -1}, {Out: 1, L2: math.NaN()}} {
		_, err := l.Build(new(nn.Builder), tensor.Shape{2})
		wantError(t, err, "want finite numbers that are not negative")
	}
}
