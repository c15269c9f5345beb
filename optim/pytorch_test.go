package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

// The vectors are PyTorch's; testdata/optimizers.py made them.
type vectors struct {
	Start     map[string][]float64
	Shapes    map[string][]int
	Gradients []map[string][]float64
	Cases     map[string]map[string][]map[string][]float64 // by optimizer, name and step
}

// pytorchCase is an optimizer that does what PyTorch's does in the case of the same name.
type pytorchCase struct {
	optimizer optim.Stateful
	maxNorm   float64 // 0: no clipping
}

func pytorchCases() map[string]map[string]pytorchCase {
	cosine := optim.CosineDecay(10, 0.01)
	return map[string]map[string]pytorchCase{
		"SGD": {
			"plain":                     {optimizer: &optim.SGD{LR: 0.1}},
			"defaults":                  {optimizer: &optim.SGD{}},
			"weight decay":              {optimizer: &optim.SGD{LR: 0.1, WeightDecay: 0.02}},
			"weights only":              {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.5, WeightDecay: 0.02, Decays: optim.WeightsOnly}},
			"momentum":                  {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9}},
			"momentum and weight decay": {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9, WeightDecay: 0.02}},
			"nesterov":                  {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true}},
			"nesterov and weight decay": {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.8, Nesterov: true, WeightDecay: 0.02}},
			"step decay":                {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9, Schedule: optim.StepDecay(3, 0.5)}},
			"cosine decay":              {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9, Schedule: cosine}},
			"clipped":                   {optimizer: &optim.SGD{LR: 0.1}, maxNorm: 1},
			"clipped now and then":      {optimizer: &optim.SGD{LR: 0.1, Momentum: 0.9}, maxNorm: 2.2},
		},
		"Adam": {
			"defaults":      {optimizer: &optim.Adam{}},
			"betas and eps": {optimizer: &optim.Adam{LR: 0.1, Beta1: 0.5, Beta2: 0.8, Eps: 0.01}},
			"weight decay":  {optimizer: &optim.Adam{LR: 0.1, WeightDecay: 0.3}},
			"weights only":  {optimizer: &optim.Adam{LR: 0.1, WeightDecay: 0.3, Decays: optim.WeightsOnly}},
			"cosine decay":  {optimizer: &optim.Adam{LR: 0.1, Schedule: cosine}},
		},
		"AdamW": {
			"defaults":      {optimizer: &optim.AdamW{}},
			"betas and eps": {optimizer: &optim.AdamW{LR: 0.1, Beta1: 0.5, Beta2: 0.8, Eps: 0.01}},
			"weight decay":  {optimizer: &optim.AdamW{LR: 0.1, WeightDecay: 0.3}},
			"weights only":  {optimizer: &optim.AdamW{LR: 0.1, WeightDecay: 0.3, Decays: optim.WeightsOnly}},
			"cosine decay":  {optimizer: &optim.AdamW{LR: 0.1, Schedule: cosine}},
		},
		"RMSProp": {
			"defaults":      {optimizer: &optim.RMSProp{}},
			"alpha and eps": {optimizer: &optim.RMSProp{LR: 0.1, Alpha: 0.8, Eps: 0.01}},
			"momentum":      {optimizer: &optim.RMSProp{LR: 0.1, Momentum: 0.7}},
			"centered":      {optimizer: &optim.RMSProp{LR: 0.1, Alpha: 0.9, Centered: true}},
			"everything": {optimizer: &optim.RMSProp{
				LR: 0.1, Alpha: 0.9, Centered: true, Momentum: 0.7, WeightDecay: 0.3, Decays: optim.WeightsOnly, Schedule: cosine,
			}},
		},
		"EMA": { // the averages
			"defaults": {optimizer: &optim.EMA{Optimizer: &optim.SGD{LR: 0.1}}},
			"decay":    {optimizer: &optim.EMA{Optimizer: &optim.AdamW{LR: 0.1}, Decay: 0.7}},
		},
		"Adagrad": {
			"defaults":        {optimizer: &optim.Adagrad{}},
			"initial and eps": {optimizer: &optim.Adagrad{LR: 0.1, Initial: 0.5, Eps: 0.01}},
			"everything": {optimizer: &optim.Adagrad{
				LR: 0.1, LRDecay: 0.2, WeightDecay: 0.3, Decays: optim.WeightsOnly, Schedule: cosine,
			}},
		},
	}
}

func TestOptimizersAgainstPyTorch(t *testing.T) {
	v := readVectors(t)
	cases := pytorchCases()
	for kind, some := range v.Cases {
		for name, history := range some {
			t.Run(kind+"/"+name, func(t *testing.T) {
				c, ok := cases[kind][name]
				if !ok || len(history) != len(v.Gradients) {
					t.Fatalf("no test for it, or %d steps", len(history))
				}
				params := v.params()
				for step, want := range history {
					stream := v.gradients(params, step)
					if c.maxNorm != 0 {
						stream = optim.ClipNorm(stream, c.maxNorm)
					}
					optim.Step(c.optimizer, stream)
					wantHistory(t, c.optimizer, params, want)
				}
			})
			delete(cases[kind], name)
		}
	}
	for kind, left := range cases {
		for name := range left {
			t.Errorf("no vectors of %s for %q", kind, name)
		}
	}
}

func wantHistory(t *testing.T, o optim.Optimizer, params []*autograd.Param, want map[string][]float64) {
	t.Helper()
	if ema, ok := o.(*optim.EMA); ok {
		ema.Swap()
		defer ema.Swap()
	}
	for _, p := range params {
		wantClose(t, p, want[p.Name], 1e-10)
	}
}

// What was saved after some steps and restored into an optimizer and parameters of another process goes on as before.
func TestRestoredStateContinues(t *testing.T) {
	v := readVectors(t)
	for kind, some := range v.Cases {
		for name, history := range some {
			t.Run(kind+"/"+name, func(t *testing.T) {
				c := pytorchCases()[kind][name]
				if c.maxNorm != 0 {
					return // as without
				}
				params, optimizer := v.params(), c.optimizer
				for step, want := range history {
					state := optimizer.State()
					optimizer = pytorchCases()[kind][name].optimizer
					var copies []*autograd.Param
					for _, p := range params {
						copies = append(copies, autograd.NewParam(p.Name, p.Value()))
					}
					if err := optimizer.Restore(copies, state); err != nil {
						t.Fatal(err)
					}
					params = copies
					optim.Step(optimizer, v.gradients(params, step))
					wantHistory(t, optimizer, params, want)
				}
			})
		}
	}
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	var v vectors
	readJSON(t, "testdata/optimizers.json", &v)
	if len(v.Cases) == 0 || len(v.Gradients) != 10 {
		t.Fatalf("%d cases, %d gradients", len(v.Cases), len(v.Gradients))
	}
	return v
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

func (v vectors) params() []*autograd.Param {
	var params []*autograd.Param
	for _, name := range []string{"a", "b"} {
		params = append(params, autograd.NewParam(name, autograd.FromSlice(v.Start[name], v.Shapes[name]...)))
	}
	return params
}

// gradients is the stream of one step, as a reverse pass would give it: of a loss that is the sum of gradient·parameter.
func (v vectors) gradients(params []*autograd.Param, step int) autograd.Gradients {
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		for _, p := range params {
			if !yield(p, autograd.FromSlice(v.Gradients[step][p.Name], v.Shapes[p.Name]...)) {
				return
			}
		}
	}
}

func wantClose(t *testing.T, p *autograd.Param, want []float64, tolerance float64) {
	t.Helper()
	got := autograd.Values[float64](p.Value())
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s has %d values, want %d", p.Name, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("%s[%d] = %v, want %v", p.Name, i, got[i], want[i])
		}
	}
}
