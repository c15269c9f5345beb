package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// Training from the same weights on the same batches gives what PyTorch gives, step by step; testdata/steps.py made the vectors.
func TestTrainingAgainstPyTorch(t *testing.T) {
	againstPyTorch(t, "testdata/steps.json", map[string]training{
		"tanh sigmoid MSE": {
			net:  nn.Sequential{&nn.Linear{Out: 5}, nn.Tanh{}, &nn.Linear{Out: 2}, nn.Sigmoid{}},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.9},
		},
		"ReLU CrossEntropy nesterov": {
			net:  nn.Sequential{&nn.Linear{Out: 6}, nn.ReLU{}, &nn.Linear{Out: 3}},
			loss: ops.CrossEntropy, sgd: &optim.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true},
		},
		"LeakyReLU BCEWithLogits decay": {
			net:  nn.Sequential{&nn.Linear{Out: 4, NoBias: true}, nn.LeakyReLU{}, &nn.Linear{Out: 1}},
			loss: ops.BCEWithLogits, sgd: &optim.SGD{LR: 0.3, Momentum: 0.5, WeightDecay: 0.01},
		},
		"Softmax MSE": {
			net:  nn.Sequential{&nn.Linear{Out: 4}, nn.LeakyReLU{Slope: 0.2}, &nn.Linear{Out: 2}, nn.Softmax{}},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.5, Momentum: 0.9},
		},
	})
}

// Layers, running statistics, penalties and weights are PyTorch's; testdata/layers.py made the vectors.
func TestLayersAgainstPyTorch(t *testing.T) {
	classWeights, sampleWeights := []float64{0.5, 2, 1}, []float64{1, 1, 3, 0.25, 0, 2, 2, 2, 1, 0.5}
	againstPyTorch(t, "testdata/layers.json", map[string]training{
		"ELU and SiLU": {
			net: nn.Sequential{
				&nn.Linear{Out: 3}, nn.ELU{}, &nn.Linear{Out: 3}, nn.ELU{Alpha: 0.4}, &nn.Linear{Out: 3}, nn.SiLU{}, &nn.Linear{Out: 2},
			},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.5},
		},
		"GELU": {
			net: nn.Sequential{
				&nn.Linear{Out: 4}, nn.GELU{}, &nn.Linear{Out: 3}, nn.GELU{Tanh: true}, &nn.Linear{Out: 2},
			},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.5},
		},
		"LogSigmoid, Softplus and LogSoftmax": {
			net: nn.Sequential{
				&nn.Linear{Out: 3}, nn.LogSigmoid{}, &nn.Linear{Out: 3}, nn.Softplus{}, &nn.Linear{Out: 2}, nn.LogSoftmax{},
			},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.2},
		},
		"LayerNorm": {
			net: nn.Sequential{
				&nn.Linear{Out: 4}, &nn.LayerNorm{}, nn.Tanh{}, &nn.Linear{Out: 3}, &nn.LayerNorm{Eps: 1e-2}, &nn.Linear{Out: 2},
			},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.3},
		},
		"BatchNorm": {
			net: nn.Sequential{
				&nn.Linear{Out: 4}, &nn.BatchNorm{}, nn.ReLU{}, &nn.Linear{Out: 3}, &nn.BatchNorm{Eps: 1e-2, Momentum: 0.3},
			},
			loss: ops.CrossEntropy, sgd: &optim.SGD{LR: 0.3, Momentum: 0.9},
		},
		"branches": {
			net: nn.Sequential{
				nn.Concat{
					nn.Sequential{nn.Features{To: 1}, &nn.Linear{Out: 2}, nn.Tanh{}},
					nn.Sequential{nn.Features{From: 1}, &nn.Linear{Out: 2}, nn.SiLU{}},
				},
				nn.Residual{Layer: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}}},
				nn.Sum{&nn.Linear{Out: 2}, &nn.Linear{Out: 2, NoBias: true}},
			},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.3},
		},
		"L1 and L2": {
			net:  nn.Sequential{&nn.Linear{Out: 4, L1: 0.01, L2: 0.02}, nn.Tanh{}, &nn.Linear{Out: 2, L2: 0.03}},
			loss: ops.MSE, sgd: &optim.SGD{LR: 0.3},
		},
		"class weights": {
			net: nn.Sequential{&nn.Linear{Out: 3}}, loss: ops.CrossEntropy, sgd: &optim.SGD{LR: 0.5},
			cfg: nn.FitConfig{ClassWeights: classWeights},
		},
		"sample weights": {
			net: nn.Sequential{&nn.Linear{Out: 2}}, loss: ops.MSE, sgd: &optim.SGD{LR: 0.5},
			cfg: nn.FitConfig{SampleWeights: sampleWeights},
		},
		"class and sample weights": {
			net: nn.Sequential{&nn.Linear{Out: 3}}, loss: ops.CrossEntropy, sgd: &optim.SGD{LR: 0.5},
			cfg: nn.FitConfig{ClassWeights: classWeights, SampleWeights: sampleWeights},
		},
	})
}

// training is what a case of a file of vectors is here.
type training struct {
	net  nn.Sequential
	loss nn.Loss
	sgd  *optim.SGD
	cfg  nn.FitConfig
}

// vectors is a file of training runs: ten examples in batches of four, four times, in order.
type vectors struct {
	X       []float64
	Targets map[string][]float64
	Cases   map[string]struct {
		Target      string
		Shapes      [][]int     // of the parameters
		Start       [][]float64 // their values
		Gradients   [][]float64 // of the first batch; not in every file
		Steps       [][][]float64
		Losses      []float64
		Final       float64
		Predictions []float64
	}
}

// againstPyTorch trains each case of a file of vectors, and compares what it becomes after every step that the file has.
func againstPyTorch(t *testing.T, file string, cases map[string]training) {
	t.Helper()
	var v vectors
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(cases) != len(v.Cases) {
		t.Fatalf("%d cases, and %d in the file", len(cases), len(v.Cases))
	}
	const n = 10
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			want := v.Cases[name]
			target := v.Targets[want.Target]
			shape := []int{n}
			if want.Target != "labels" {
				shape = append(shape, len(target)/n)
			}
			d := &data.Dataset{X: dense(v.X, n, 3), Y: dense(target, shape...)}
			model := &nn.Model{Net: c.net, Dtype: tensor.Float64}
			if err := model.Build(tensor.Shape{3}, 0); err != nil {
				t.Fatal(err)
			}
			params := c.net.Params()
			if len(params) != len(want.Shapes) {
				t.Fatalf("%d parameters, want %d", len(params), len(want.Shapes))
			}
			for i, p := range params {
				wantShape(t, p.Value().Shape(), want.Shapes[i]...)
				copy(autograd.Write[float64](p), want.Start[i])
			}
			step := 0
			c.cfg.Epochs, c.cfg.BatchSize, c.cfg.KeepOrder = 4, 4, true
			c.cfg.Gradients = func(stream autograd.Gradients) autograd.Gradients {
				gradients := stream.Collect()
				if step == 0 && want.Gradients != nil {
					for i, p := range params {
						if !p.Frozen {
							wantClose(t, "gradient of "+p.Name, autograd.Values[float64](gradients.Of(p)), want.Gradients[i])
						}
					}
				}
				return gradients.All()
			}
			c.cfg.Callbacks = []nn.Callback{{OnBatch: func(*nn.State) error {
				if want.Steps[step] != nil {
					for i, p := range params {
						wantClose(t, p.Name, autograd.Values[float64](p.Value()), want.Steps[step][i])
					}
				}
				step++
				return nil
			}}}
			compile(t, model, c.loss, c.sgd)
			history, err := model.Fit(t.Context(), d, c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if step != len(want.Steps) {
				t.Errorf("%d steps, want %d", step, len(want.Steps))
			}
			wantClose(t, "loss of each epoch", history.Loss(), want.Losses)
			scores, err := model.Evaluate(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			wantClose(t, "loss in the end", []float64{scores.Loss}, []float64{want.Final})
			y, err := model.Predict(t.Context(), d.X)
			if err != nil {
				t.Fatal(err)
			}
			wantClose(t, "predictions", y.Float64s(), want.Predictions)
		})
	}
}

func dense[T any](values []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func compile(t *testing.T, m *nn.Model, loss nn.Loss, o optim.Optimizer, metrics ...nn.Metric) {
	t.Helper()
	if err := m.Compile(loss, o, metrics...); err != nil {
		t.Fatal(err)
	}
}

func wantClose(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-10*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}
