package nn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// keep is in the place of Checkpoint where everything is kept: it draws the seed that Checkpoint draws.
type keep struct{ nn.Layer }

func (k keep) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	if p.Rand != nil {
		p.Rand = rand.New(rand.NewPCG(p.Rand.Uint64(), 0))
	}
	return k.Layer.Forward(p, x)
}

// trained returns the parameters, running statistics among them, after some steps.
func trained(t *testing.T, wrap func(nn.Layer) nn.Layer) map[string][]float64 {
	t.Helper()
	hidden := nn.Sequential{&nn.Linear{Out: 5, L2: 0.01}, &nn.BatchNorm{}, nn.Tanh{}, nn.Dropout{P: 0.3}}
	net := nn.Sequential{wrap(hidden), wrap(nn.Sequential{&nn.Linear{Out: 4}, wrap(nn.Dropout{P: 0.2})}), &nn.Linear{Out: 1}}
	if _, err := net.Build(&nn.Builder{Dtype: tensor.Float64}, tensor.Shape{3}); err != nil {
		t.Fatal(err)
	}
	x := autograd.FromSlice([]float64{0.1, 0.5, -0.3, 0.9, -1.2, 0.4, 0.7, 0.7, -0.1, 1.5, 0.2, -0.8}, 4, 3)
	tape := autograd.NewTape()
	tape.Poison = true
	pass := nn.Pass{Tape: tape, Train: true, Rand: rand.New(rand.NewPCG(1, 1)), Penalties: new(nn.Penalties)}
	for range 4 {
		loss := pass.Penalties.AddTo(ops.Mean(ops.Square(net.Forward(pass, tape.Const(x)))))
		for p, g := range tape.Backward(loss).Collect().All() {
			values := autograd.Write[float64](p)
			for i, d := range autograd.Raw[float64](g) {
				values[i] -= 0.1 * d
			}
		}
		tape.Reset()
	}
	params := make(map[string][]float64)
	for _, p := range net.Params() {
		params[p.Name] = autograd.Values[float64](p.Value())
	}
	return params
}

// The same masks, the same running statistics, the same penalties, the same bits.
func TestCheckpointTrainsAsItsLayer(t *testing.T) {
	want := trained(t, func(l nn.Layer) nn.Layer { return keep{l} })
	got := trained(t, func(l nn.Layer) nn.Layer { return nn.Checkpoint{Layer: l} })
	if len(want) != 10 || len(got) != len(want) {
		t.Fatalf("%d and %d parameters, want 10", len(want), len(got))
	}
	for name, values := range want {
		if !slices.Equal(got[name], values) {
			t.Errorf("%s is %v, want %v", name, got[name], values)
		}
	}
}

func TestCheckpointKeepsOnlyItsOutput(t *testing.T) {
	net := nn.Checkpoint{Layer: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}}}
	if _, err := net.Build(&nn.Builder{}, tensor.Shape{2}); err != nil {
		t.Fatal(err)
	}
	tape := autograd.NewTape()
	net.Forward(nn.Pass{Tape: tape}, autograd.Zeros(tensor.Float32, 3, 2))
	var nodes []string
	for n := range tape.Nodes() {
		nodes = append(nodes, n.String())
	}
	if want := []string{"0.bias (4)", "0.weight (2, 4)", "2.bias (1)", "2.weight (4, 1)", "checkpoint (3, 1)"}; !slices.Equal(nodes, want) {
		t.Errorf("the tape has %q, want %q", nodes, want)
	}
}

func TestCheckpointMisuse(t *testing.T) {
	if _, err := (nn.Checkpoint{}).Build(&nn.Builder{}, nil); err == nil || !strings.Contains(err.Error(), "nn.Checkpoint: the layer is nil") {
		t.Errorf("without a layer: %v", err)
	}
	if _, err := (nn.Checkpoint{Layer: &nn.Linear{Out: 1}}).Build(&nn.Builder{}, nil); err == nil || !strings.Contains(fmt.Sprint(err), "nn.Checkpoint: nn.Linear") {
		t.Errorf("a layer that cannot be built: %v", err)
	}
	tape := autograd.NewTape()
	pass := nn.Pass{Tape: tape, Train: true, Penalties: new(nn.Penalties)}
	err := autograd.Try(func() { nn.Checkpoint{Layer: active{}}.Forward(pass, tape.Var(autograd.Ones(tensor.Float64, 2, 2))) })
	var e *autograd.Error
	if !errors.As(err, &e) || e.Kind != autograd.ValueError || !strings.Contains(e.Message, "a layer within calls Penalize") {
		t.Errorf("a computed penalty: %v", err)
	}
}

// active penalizes its activations.
type active struct{ nn.Tanh }

func (active) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	y := ops.Tanh(x)
	p.Penalize(ops.Mean(ops.Square(y)))
	return y
}
