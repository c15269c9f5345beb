package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// The weights of classes come from whole numbers as from one-hot rows.
func TestClassWeightsOfEachKindOfLabels(t *testing.T) {
	fit := func(y *tensor.Dense, loss nn.Loss, weights []float64) float64 {
		t.Helper()
		model := &nn.Model{Net: &nn.Linear{Out: y.Shape().TotalSize() / 4, Init: nn.Constant(0.1)}, Dtype: tensor.Float64}
		compile(t, model, loss, &optim.SGD{LR: 1e-300})
		history, err := model.Fit(t.Context(), &data.Dataset{X: xor().X, Y: y}, nn.FitConfig{BatchSize: 3, ClassWeights: weights})
		if err != nil {
			t.Fatal(err)
		}
		return history.Loss()[0]
	}
	// Two examples predict 0.1, one 0 and one 0.2; the squared errors are 0, 0.81, 0.81 and 0.04.
	want := (3*(0+0.04) + 5*(0.81+0.81)) / 4
	column := dense([]float32{0, 1, 1, 0}, 4, 1)
	wantClose(t, "column of labels", []float64{fit(column, ops.MSE, []float64{3, 5})}, []float64{want})
	wantClose(t, "labels of three classes", []float64{fit(column, ops.MSE, []float64{3, 5, 7})}, []float64{want})
	oneHot := dense([]float64{1, 0, 0, 1, 0, 1, 1, 0}, 4, 2)
	want = 0.5 * (3*(1+0.64+0.04) + 5*(2*(0.81+0.01))) / 4
	wantClose(t, "one-hot rows", []float64{fit(oneHot, ops.MSE, []float64{3, 5})}, []float64{want})
}

// What has one weight in a batch is one call of the loss, which sees the batch itself, and no copy, if there is but one.
func TestLossesOfGroups(t *testing.T) {
	calls := func(weights []float64, batch int) (calls []string) {
		model := &nn.Model{Net: &nn.Linear{Out: 1}}
		loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
			for n := range pred.Tape().Nodes() {
				if n.Value == pred {
					calls = append(calls, fmt.Sprint(n.Op.Name, " ", pred.Shape()[0]))
				}
			}
			return ops.MSE(pred, target)
		}
		compile(t, model, loss, &optim.SGD{LR: 0.1})
		if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{BatchSize: batch, KeepOrder: true, SampleWeights: weights}); err != nil {
			t.Fatal(err)
		}
		return calls
	}
	for _, c := range []struct {
		weights []float64
		batch   int
		want    []string
	}{
		{nil, 3, []string{"linear 3", "linear 1"}},
		{[]float64{1, 1, 1, 1}, 4, []string{"linear 4"}},
		{[]float64{2, 2, 2, 1}, 3, []string{"linear 3", "linear 1"}},
		{[]float64{2, 1, 2, 1}, 4, []string{"slice 2", "slice 2"}},
		{[]float64{0, 1, 2, 1}, 2, []string{"slice 1", "slice 1", "slice 1", "slice 1"}},
		{[]float64{0, 1, 2, 1}, 4, []string{"slice 1", "slice 2", "slice 1"}},
	} {
		if got := calls(c.weights, c.batch); !slices.Equal(got, c.want) {
			t.Errorf("weights %v in batches of %d: losses of %v, want %v", c.weights, c.batch, got, c.want)
		}
	}
}

// The gradient of a part has the size of what it was cut from: for n weights that all differ the sizes sum to n log₂ n, and not n².
func TestManyWeightsCutLittle(t *testing.T) {
	const n = 64
	weights, x := make([]float64, n), make([]float64, n)
	for i := range weights {
		weights[i], x[i] = float64((i*37)%n+1), float64(i)
	}
	cut := 0
	var tape *autograd.Tape
	loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
		tape = pred.Tape()
		return ops.MSE(pred, target)
	}
	watch := func(g autograd.Gradients) autograd.Gradients {
		for node := range tape.Nodes() {
			if node.Op != nil && (node.Op.Name == "take" || node.Op.Name == "slice") {
				cut += node.Inputs[0].Shape()[0]
			}
		}
		return g
	}
	model := &nn.Model{Net: &nn.Linear{Out: 1, Init: nn.Zeros}, Dtype: tensor.Float64}
	compile(t, model, loss, &optim.SGD{LR: 1e-300})
	history, err := model.Fit(t.Context(), &data.Dataset{X: dense(x, n, 1)}, nn.FitConfig{BatchSize: n, SampleWeights: weights, Gradients: watch})
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for i, w := range weights {
		want += w * x[i] * x[i] / n
	}
	wantClose(t, "weighted loss", history.Loss(), []float64{want})
	if most := n + 2*n*6; cut > most { // once all, and each of six times two halves
		t.Errorf("%d different weights cut parts of %d rows, want at most %d", n, cut, most)
	}
}

// Weights of 1 change no bit, and an example of weight 0 teaches nothing.
func TestWeightsOfOneAndZero(t *testing.T) {
	fit := func(cfg nn.FitConfig, d *data.Dataset) []float32 {
		t.Helper()
		cfg.Epochs, cfg.BatchSize = 3, 3
		model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 3}, nn.Tanh{}, &nn.Linear{Out: 1}}}
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.5})
		if _, err := model.Fit(t.Context(), d, cfg); err != nil {
			t.Fatal(err)
		}
		return bits(model.Net)
	}
	if !slices.Equal(fit(nn.FitConfig{}, xor()), fit(nn.FitConfig{ClassWeights: []float64{1, 1}, SampleWeights: []float64{1, 1, 1, 1}}, xor())) {
		t.Error("weights of 1 change something")
	}
	other := xor()
	other.Y.Float32s()[2] = 9
	masked := nn.FitConfig{SampleWeights: []float64{1, 2, 0, 1}}
	if !slices.Equal(fit(masked, xor()), fit(masked, other)) {
		t.Error("an example of weight 0 changes something")
	}
	if slices.Equal(fit(masked, xor()), fit(nn.FitConfig{}, xor())) {
		t.Error("the weights change nothing")
	}
}

// Where examples are held out the others keep their weights, and those held out have none.
func TestWeightsWithAValidationSplit(t *testing.T) {
	const n = 10
	numbers := make([]float64, n)
	for i := range numbers {
		numbers[i] = float64(i + 1)
	}
	d := &data.Dataset{X: dense(numbers, n, 1), Y: dense(slices.Clone(numbers), n, 1)}
	var trained, validated, unweighted []float64
	loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
		if pred.IsRecorded() {
			trained = append(trained, autograd.Values[float64](target)...)
		} else {
			validated = append(validated, autograd.Values[float64](target)...)
		}
		return ops.MSE(pred, target)
	}
	fit := func(weights []float64) nn.Scores {
		model := &nn.Model{Net: &nn.Linear{Out: 1, Init: nn.Zeros}, Dtype: tensor.Float64}
		compile(t, model, loss, &optim.SGD{LR: 1e-300})
		history, err := model.Fit(t.Context(), d, nn.FitConfig{BatchSize: 1, ValidationSplit: 0.3, SampleWeights: weights, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		e := history.Epochs[0]
		sum := 0.0
		for _, v := range validated {
			sum += v * v
		}
		wantClose(t, "validation loss", []float64{e.Validation.Loss}, []float64{sum / 3})
		return e.Train
	}
	fit(nil)
	unweighted, trained, validated = trained, nil, nil
	got := fit(numbers).Loss
	if !slices.Equal(trained, unweighted) || len(trained) != 7 {
		t.Errorf("trained on %v with weights and %v without", trained, unweighted)
	}
	want := 0.0
	for _, v := range trained {
		want += v * v * v / 7 // the weight is the target
	}
	wantClose(t, "training loss", []float64{got}, []float64{want})
}

// Both sets have the same share of each class, and the weights follow their examples.
func TestStratifiedValidation(t *testing.T) {
	const n = 40
	numbers, class := make([]float64, n), make([]float32, n)
	for i := range numbers {
		numbers[i] = float64(i)
		if i%4 == 0 {
			class[i] = 1
		}
	}
	for seed := range uint64(5) {
		ones := map[bool]int{} // by whether they are trained on
		model := &nn.Model{Net: &nn.Linear{Out: 2, Init: nn.Zeros}, Dtype: tensor.Float64}
		loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
			ones[pred.IsRecorded()] += int(ops.Sum(target).Item())
			return ops.CrossEntropy(pred, target)
		}
		compile(t, model, loss, &optim.SGD{LR: 1e-300})
		weights := make([]float64, n)
		for i := range weights {
			weights[i] = 1 + 2*float64(class[i])
		}
		history, err := model.Fit(t.Context(), &data.Dataset{X: dense(numbers, n, 1), Y: dense(class, n)},
			nn.FitConfig{ValidationSplit: 0.4, Stratify: true, SampleWeights: weights, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if ones[true] != 6 || ones[false] != 4 {
			t.Errorf("class 1 has %d examples to train on and %d to validate, want 6 and 4", ones[true], ones[false])
		}
		wantClose(t, "weighted loss", history.Loss(), []float64{math.Ln2 * (18 + 3*6) / 24})
	}
}

func TestWeightsErrors(t *testing.T) {
	labelled := func(y ...float32) *data.Dataset { return &data.Dataset{X: xor().X, Y: dense(y, 4)} }
	two := []float64{1, 2}
	for name, c := range map[string]struct {
		data *data.Dataset
		cfg  nn.FitConfig
		says string
	}{
		"length":          {xor(), nn.FitConfig{SampleWeights: two}, "nn: Fit: FitConfig.SampleWeights has 2 weights for 4 examples: want one for each"},
		"length, split":   {xor(), nn.FitConfig{SampleWeights: []float64{1, 1, 1}, ValidationSplit: 0.25}, "FitConfig.SampleWeights has 3 weights for 4 examples"},
		"empty":           {xor(), nn.FitConfig{SampleWeights: []float64{}}, "FitConfig.SampleWeights has 0 weights for 4 examples"},
		"negative":        {xor(), nn.FitConfig{SampleWeights: []float64{1, -1, 1, 1}}, "FitConfig.SampleWeights[1] is -1: want a finite number that is not negative"},
		"NaN":             {xor(), nn.FitConfig{ClassWeights: []float64{1, math.NaN()}}, "FitConfig.ClassWeights[1] is NaN"},
		"infinite":        {xor(), nn.FitConfig{ClassWeights: []float64{math.Inf(1), 1}}, "FitConfig.ClassWeights[0] is +Inf"},
		"all zero":        {xor(), nn.FitConfig{SampleWeights: make([]float64, 4)}, "nn: Fit: the weights of all examples are 0: there is nothing to learn from"},
		"products":        {xor(), nn.FitConfig{SampleWeights: []float64{1, 0, 0, 1}, ClassWeights: []float64{0, 1}}, "the weights of all examples are 0"},
		"no labels":       {&data.Dataset{X: xor().X}, nn.FitConfig{ClassWeights: two}, "nn: Fit: FitConfig.ClassWeights: the data has no labels: its targets are its inputs"},
		"wide targets":    {&data.Dataset{X: xor().X, Y: dense(make([]float32, 12), 4, 3)}, nn.FitConfig{ClassWeights: two}, "targets of shape (4, 3) are not labels: want (n), (n, 1), or one-hot rows of 2 classes"},
		"label range":     {labelled(0, 1, 2, 0), nn.FitConfig{ClassWeights: two}, "FitConfig.ClassWeights: the target of example 2 is [2]: want a class from 0 to 1"},
		"fraction":        {labelled(0, 1, 0.5, 0), nn.FitConfig{ClassWeights: two}, "the target of example 2 is [0.5]"},
		"NaN target":      {labelled(0, 1, 1, float32(math.NaN())), nn.FitConfig{ClassWeights: two}, "the target of example 3 is [NaN]"},
		"no class":        {labelled(0, 1, 1, 0), nn.FitConfig{ClassWeights: []float64{}}, "nn: Fit: FitConfig.ClassWeights is empty: want a weight for each class"},
		"data":            {&data.Dataset{}, nn.FitConfig{ClassWeights: two}, "nn: Fit: data: X is nil"},
		"a row of a loss": {labelled(0, 0, 7, 0), nn.FitConfig{SampleWeights: []float64{1, 2, 2, 1}, KeepOrder: true}, "the label of row 1 is 7: want a whole number from 0 to 1 (rows 0, 1, … of weight 2 in the batch are examples 1, 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			model := &nn.Model{Net: &nn.Linear{Out: 2}}
			compile(t, model, ops.CrossEntropy, new(optim.SGD))
			_, err := model.Fit(t.Context(), c.data, c.cfg)
			wantError(t, err, c.says)
		})
	}
}
