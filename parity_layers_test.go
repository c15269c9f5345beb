package tapegrad_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// A layerSpec describes a layer, as internal/parity/layers.py does.
type layerSpec struct {
	Kind   string
	Layers []*layerSpec

	Out, From, To                  int
	Biased                         bool
	Eps, Momentum, Slope, Alpha, P float64
	Approximate                    float64 // 1: GELU by tanh
}

// layer returns a new layer, not built.
func (s *layerSpec) layer() nn.Layer {
	var inner []nn.Layer
	for _, l := range s.Layers {
		inner = append(inner, l.layer())
	}
	switch s.Kind {
	case "Linear":
		return &nn.Linear{Out: s.Out, NoBias: !s.Biased}
	case "ReLU":
		return nn.ReLU{}
	case "Sigmoid":
		return nn.Sigmoid{}
	case "Tanh":
		return nn.Tanh{}
	case "SiLU":
		return nn.SiLU{}
	case "LogSigmoid":
		return nn.LogSigmoid{}
	case "Softplus":
		return nn.Softplus{}
	case "Softmax":
		return nn.Softmax{}
	case "LogSoftmax":
		return nn.LogSoftmax{}
	case "Lambda":
		return nn.Lambda(ops.Square)
	case "Flatten":
		return nn.Flatten{}
	case "LeakyReLU":
		return nn.LeakyReLU{Slope: unless(0.01, s.Slope)}
	case "ELU":
		return nn.ELU{Alpha: unless(1, s.Alpha)}
	case "GELU":
		return nn.GELU{Tanh: s.Approximate == 1}
	case "Dropout":
		return nn.Dropout{P: s.P}
	case "LayerNorm":
		return &nn.LayerNorm{Eps: unless(1e-5, s.Eps)}
	case "BatchNorm":
		return &nn.BatchNorm{Eps: unless(1e-5, s.Eps), Momentum: unless(0.1, s.Momentum)}
	case "Features":
		return nn.Features{From: s.From, To: s.To}
	case "Sequential":
		return nn.Sequential(inner)
	case "Concat":
		return nn.Concat(inner)
	case "Sum":
		return nn.Sum(inner)
	case "Residual":
		return nn.Residual{Layer: inner[0]}
	case "Checkpoint":
		return nn.Checkpoint{Layer: inner[0]}
	}
	panic(fmt.Sprintf("no layer for %q", s.Kind))
}

// unless returns v, and 0 where it is PyTorch's default, which 0 must mean.
func unless(byDefault, v float64) float64 {
	if v == byDefault {
		return 0
	}
	return v
}

// String names a layer in complaints.
func (s *layerSpec) String() string {
	if s == nil {
		return ""
	}
	if len(s.Layers) > 0 {
		return fmt.Sprintf("nn.%s%v", s.Kind, s.Layers)
	}
	return fmt.Sprintf("nn.%+v", *s)
}

// Outputs, gradients and second gradients of every layer, by its input and its parameters, are PyTorch's, and so are running statistics.
func TestParityLayers(t *testing.T) {
	var cases []*parityCase
	draws := make(map[string]int)
	for _, c := range mustReadParity(t) {
		if c.Layer != nil {
			cases = append(cases, c)
			draws[c.Layer.Kind]++
		}
	}
	onEveryPath(t, func(t *testing.T) {
		for _, c := range cases {
			inBothDtypes(func(dtype tensor.Dtype) { compareLayer(t, c, autograd.NewTape(), dtype) })
		}
	})
	for _, name := range layersOf(mustReadThisModule(t).packages["nn"]) {
		if draws[name] < leastDraws {
			t.Errorf("nn.%s has %d draws that are compared with PyTorch's, want at least %d: see internal/parity/layers.py", name, draws[name], leastDraws)
		}
	}
}

// compareLayer compares a layer's outputs and gradients, and what it keeps.
func compareLayer(t *testing.T, c *parityCase, tape *autograd.Tape, dtype tensor.Dtype) {
	t.Helper()
	layer := c.Layer.layer()
	b := &nn.Builder{Rand: rand.New(rand.NewPCG(1, 0)), Dtype: dtype}
	if _, err := layer.Build(b, c.Shapes[0][1:]); err != nil {
		t.Fatal(err)
	}
	params := layer.Params()
	for i, p := range params {
		if !slices.Equal(p.Value().Shape(), c.Shapes[i+1]) {
			t.Fatalf("%v: %s has shape %v, PyTorch's has %v", c, p.Name, p.Value().Shape(), c.Shapes[i+1])
		}
	}
	compare := comparison{t, c.String(), summing, dtype}
	compareDerivatives(compare, c, tape, func(c *parityCase, x []*autograd.Tensor) *autograd.Tensor {
		var random *rand.Rand
		for i, p := range params {
			if p.Frozen {
				write(p, x[i+1])
			} else {
				tape.Bind(p, x[i+1])
			}
		}
		if c.Layer.Kind == "Dropout" {
			random = rand.New(&keeping{kept: c.operands[1]})
		}
		return layer.Forward(nn.Pass{Tape: tape, Train: c.Train, Rand: random}, x[0])
	})
	var kept []*autograd.Tensor
	for _, p := range params {
		if p.Frozen {
			kept = append(kept, p.Value())
		}
	}
	compare.wants("running statistic", kept, c.Results[1:], c.results[1:])
}

// write gives a parameter the values of x.
func write(p *autograd.Param, x *autograd.Tensor) {
	if x.IsSingle() {
		copy(autograd.Write[float32](p), autograd.Values[float32](x))
	} else {
		copy(autograd.Write[float64](p), autograd.Values[float64](x))
	}
}
