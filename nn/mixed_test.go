package nn_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// A mixture is a training that uses most of what there is at once.
type mixture struct {
	model   *nn.Model
	ema     *optim.EMA
	plateau *optim.Plateau
	several *optim.Accumulator
}

func newMixture(t *testing.T) *mixture {
	t.Helper()
	plateau := &optim.Plateau{Patience: -1, Factor: 0.5, Threshold: 0.1}
	warmup := optim.Warmup(5, optim.CosineDecay(100, 0.1))
	m := &mixture{
		model: &nn.Model{Dtype: tensor.Float64, Net: nn.Sequential{
			&nn.Linear{Out: 6}, &nn.BatchNorm{},
			nn.Tanh{},
			nn.Checkpoint{Layer: nn.Sequential{
				&nn.Linear{Out: 6, L1: 1e-3, L2: 1e-2}, &nn.BatchNorm{},
				nn.Dropout{P: 0.2},
				nn.Residual{Layer: nn.Sequential{&nn.Linear{Out: 6, L2: 1e-3}, nn.GELU{}}},
			}},
			&nn.LayerNorm{}, &nn.Linear{Out: 3},
		}},
		ema: &optim.EMA{Decay: 0.9, Optimizer: &optim.AdamW{
			LR: 1e-2, Decays: optim.WeightsOnly, Schedule: func(t int) float64 { return plateau.Schedule(t) * warmup(t) },
		}},
		plateau: plateau,
		several: &optim.Accumulator{Every: 3},
	}
	compile(t, m.model, ops.CrossEntropy, m.ema, nn.Accuracy, nn.F1)
	return m
}

// fit trains for epochs of ten batches, of which the last is left over.
func (m *mixture) fit(t *testing.T, seed uint64, callbacks ...nn.Callback) {
	t.Helper()
	const n = 200
	rng := rand.New(rand.NewPCG(1, 2))
	x, y, weights := make([]float64, n*4), make([]float64, n), make([]float64, n)
	for i := range y {
		y[i], weights[i] = float64(rng.IntN(3)), float64(i%3)
		for j := range 4 {
			x[i*4+j] = rng.NormFloat64() + y[i]*float64(j)/3
		}
	}
	_, err := m.model.Fit(t.Context(), &data.Dataset{X: dense(x, n, 4), Y: dense(y, n)}, nn.FitConfig{
		Epochs: 2, BatchSize: 16, Seed: seed, ValidationSplit: 0.25, Stratify: true,
		ClassWeights: []float64{1, 2, 0.5}, SampleWeights: weights,
		Gradients: func(g autograd.Gradients) autograd.Gradients { return optim.ClipNorm(m.several.Add(g), 1) },
		Callbacks: append(callbacks, nn.Observe(m.plateau.Observe)),
	})
	if err != nil {
		t.Fatal(err)
	}
	optim.Step(m.ema, m.several.Flush())
}

// What is saved, with the plateau's state beside it, goes on bit for bit.
func TestMixedTrainingGoesOnAfterLoad(t *testing.T) {
	whole := newMixture(t)
	whole.fit(t, 1)
	path := save(t, whole.model)
	state := whole.plateau.State()
	whole.fit(t, 2)

	resumed := newMixture(t)
	load(t, resumed.model, path)
	if err := resumed.plateau.Restore(state); err != nil {
		t.Fatal(err)
	}
	resumed.fit(t, 2)
	if whole.plateau.Schedule(0) == 1 {
		t.Error("the plateau was not reached: the test proves nothing of it")
	}
	for range 2 {
		if !slices.Equal(parameterValues(resumed.model), parameterValues(whole.model)) {
			t.Errorf("parameters after loading are\n%v, without it\n%v", parameterValues(resumed.model), parameterValues(whole.model))
		}
		whole.ema.Swap() // and the averages
		resumed.ema.Swap()
	}
}

// Within a training the averages are evaluated, and saved as a model of their own, which is what they were then.
func TestAveragesAreEvaluatedAndSaved(t *testing.T) {
	plain := newMixture(t)
	plain.fit(t, 1)

	m := newMixture(t)
	path := filepath.Join(t.TempDir(), "averages")
	x := dense([]float64{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4)
	var want []float64
	m.fit(t, 1, nn.Callback{OnEpoch: func(*nn.State) error {
		m.ema.Swap()
		defer m.ema.Swap()
		wantError(t, m.model.Save(path), "Swap back before State")
		averages := &nn.Model{Net: m.model.Net}
		if err := averages.Build(tensor.Shape{4}, 0); err != nil {
			return err
		}
		y, err := averages.Predict(t.Context(), x)
		if err != nil {
			return err
		}
		want = y.Float64s()
		return averages.Save(path)
	}})
	if !slices.Equal(parameterValues(m.model), parameterValues(plain.model)) {
		t.Error("to evaluate and save the averages changes the training")
	}
	loaded := newMixture(t)
	load(t, loaded.model, path)
	y, err := loaded.model.Predict(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	if got := y.Float64s(); !slices.Equal(got, want) {
		t.Errorf("the loaded averages predict %v, want %v", got, want)
	}
}
