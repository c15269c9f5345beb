package nn_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func TestCompileErrors(t *testing.T) {
	m := xorModel()
	sgd := new(optim.SGD)
	wantError(t, new(nn.Model).Compile(ops.MSE, sgd), "nn: Compile: the model has no Net")
	wantError(t, m.Compile(nil, sgd), "the loss is nil")
	wantError(t, m.Compile(ops.MSE, nil), "the optimizer is nil")
	wantError(t, m.Compile(ops.MSE, sgd, nn.Metric{Name: "half"}), "metric 0 has no name or no Meter")
	wantError(t, m.Compile(ops.MSE, sgd, nn.Accuracy, nn.Accuracy), "two metrics are called accuracy")
}

func TestFitErrors(t *testing.T) {
	compiled := func(net nn.Layer, loss nn.Loss, metrics ...nn.Metric) *nn.Model {
		m := &nn.Model{Net: net}
		compile(t, m, loss, &optim.SGD{LR: 0.1}, metrics...)
		return m
	}
	wide := &data.Dataset{X: dense(make([]float32, 12), 4, 3)}
	labels := func(class ...float32) *data.Dataset {
		return &data.Dataset{X: dense(make([]float32, 8), 4, 2), Y: dense(class, 4)}
	}
	linear := func(out int) nn.Layer { return nn.Sequential{&nn.Linear{Out: out}} }
	for name, c := range map[string]struct {
		model *nn.Model
		data  *data.Dataset
		cfg   nn.FitConfig
		says  string
	}{
		"not compiled":      {xorModel(), xor(), nn.FitConfig{}, "nn: Fit: the model has no loss and no optimizer: Compile it first"},
		"no data set":       {compiled(linear(1), ops.MSE), nil, nn.FitConfig{}, "nn: Fit: there is no data set"},
		"no X":              {compiled(linear(1), ops.MSE), &data.Dataset{}, nn.FitConfig{}, "nn: Fit: data: X is nil"},
		"split of nothing":  {compiled(linear(1), ops.MSE), nil, nn.FitConfig{ValidationSplit: 0.5}, "nn: Fit: there is no data set"},
		"lengths":           {compiled(linear(1), ops.MSE), &data.Dataset{X: xor().X, Y: dense([]float32{1}, 1, 1)}, nn.FitConfig{}, "X has 4 examples and Y has 1"},
		"epochs":            {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{Epochs: -1}, "nn: Fit: FitConfig.Epochs is -1: want at least 1"},
		"batch size":        {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{BatchSize: -1}, "FitConfig.BatchSize is -1: want at least 1"},
		"split":             {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{ValidationSplit: 1}, "FitConfig.ValidationSplit is 1: want a fraction below 1"},
		"split NaN":         {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{ValidationSplit: math.NaN()}, "FitConfig.ValidationSplit is NaN"},
		"two validations":   {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{ValidationSplit: 0.5, Validation: xor()}, "both Validation and ValidationSplit are set"},
		"stratify":          {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{Stratify: true}, "nn: Fit: FitConfig.Stratify is set without a ValidationSplit to draw"},
		"stratify numbers":  {compiled(linear(1), ops.MSE), &data.Dataset{X: xor().X}, nn.FitConfig{Stratify: true, ValidationSplit: 0.5}, "nn: Fit: data: StratifiedSplit: there is no Y"},
		"validation shape":  {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{Validation: wide}, "nn: Fit: validation: layer 0: nn.Linear: the weight 0.weight has shape (2, 1): it does not take 3 features to 1"},
		"empty validation":  {compiled(linear(1), ops.MSE), xor(), nn.FitConfig{Validation: &data.Dataset{}}, "nn: Fit: validation: data: X is nil"},
		"net":               {compiled(nn.Sequential{nn.ReLU{}, &nn.Linear{}}, ops.MSE), xor(), nn.FitConfig{}, "nn: Fit: layer 1: nn.Linear: Out is 0"},
		"output and target": {compiled(linear(2), ops.MSE), xor(), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: ops.MSE: "},
		"column and vector": {compiled(linear(1), ops.MSE), labels(0, 1, 1, 0), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: ops.MSE: "},
		"label range":       {compiled(linear(3), ops.CrossEntropy), labels(0, 1, 3, 0), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: ops.CrossEntropy: "},
		"label fraction":    {compiled(linear(3), ops.CrossEntropy), labels(0, 1, 0.5, 0), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: ops.CrossEntropy: "},
		"loss nil": {
			compiled(linear(1), func(_, _ *autograd.Tensor) *autograd.Tensor { return nil }), xor(),
			nn.FitConfig{},
			"nn: Fit: epoch 1, batch 1: nn: the loss function returned nil",
		},
		"loss not a scalar": {compiled(linear(1), ops.Sub), xor(), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: nn: the loss has shape (4, 1): want a scalar, the mean over the batch"},
		"all frozen":        {compiled(frozen(t), ops.MSE), xor(), nn.FitConfig{}, "nn: Fit: all parameters of the net are frozen: there is nothing to train; Unfreeze a part of it"},
		"loss of nothing":   {compiled(nn.ReLU{}, ops.MSE), &data.Dataset{X: xor().X}, nn.FitConfig{}, "the loss of shape () is not recorded"},
		"metric": {
			compiled(linear(2), func(pred, _ *autograd.Tensor) *autograd.Tensor { return ops.Mean(pred) }, nn.Accuracy), wide,
			nn.FitConfig{},
			"nn: Fit: epoch 1, batch 1: nn.Accuracy: predictions (4, 2) and targets (4, 3): want targets of shape (n), or of the predictions' shape",
		},
		"a user's layer": {compiled(failing{}, ops.MSE), xor(), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: ops.MatMul: "},
		"builder misuse": {compiled(failing{build: true}, ops.MSE), xor(), nn.FitConfig{}, "nn: Fit: nn.Builder.Param: there is a parameter twice already"},
		"dtype":          {&nn.Model{Dtype: tensor.Int}, xor(), nn.FitConfig{}, "the model's Dtype is int: want float32 or float64"},
		"optimizer":      {&nn.Model{}, xor(), nn.FitConfig{}, "nn: Fit: epoch 1, batch 1: optim.SGD: LR is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.model.Net == nil {
				c.model.Net = linear(1)
				compile(t, c.model, ops.MSE, &optim.SGD{LR: -1})
			}
			history, err := c.model.Fit(t.Context(), c.data, c.cfg)
			wantError(t, err, c.says)
			if len(history.Epochs) != 0 {
				t.Errorf("%d epochs", len(history.Epochs))
			}
		})
	}
}

// frozen returns a layer that keeps its parameters as they are.
func frozen(t *testing.T) nn.Layer {
	t.Helper()
	l := &nn.Linear{Out: 1}
	if _, err := l.Build(new(nn.Builder), tensor.Shape{2}); err != nil {
		t.Fatal(err)
	}
	nn.Freeze(l)
	return l
}

// failing is a user's layer with a bug.
type failing struct{ build bool }

func (f failing) Build(b *nn.Builder, in tensor.Shape) (tensor.Shape, error) {
	if f.build {
		b.Param("twice", nn.Zeros, 1)
		b.Param("twice", nn.Zeros, 1)
	}
	return in, nil
}
func (failing) Forward(_ nn.Pass, x *autograd.Tensor) *autograd.Tensor { return ops.MatMul(x, x) }
func (failing) Params() []*autograd.Param                              { return nil }

func TestPredictAndEvaluateErrors(t *testing.T) {
	m := &nn.Model{Net: nn.Sequential{nn.Flatten{}, &nn.Linear{Out: 1}}}
	_, err := m.Predict(t.Context(), xor().X)
	wantError(t, err, "nn: Predict: nn.Builder.Param: the net has no parameter 1.weight yet: Fit the model or Build it first")
	_, err = m.Evaluate(t.Context(), xor())
	wantError(t, err, "nn: Evaluate: the model has no loss and no optimizer: Compile it first")
	compile(t, m, ops.MSE, new(optim.SGD))
	_, err = m.Evaluate(t.Context(), xor())
	wantError(t, err, "nn: Evaluate: nn.Builder.Param: the net has no parameter 1.weight yet")
	if err := m.Build(tensor.Shape{2, 1}, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x    *tensor.Dense
		says string
	}{
		{nil, "nn: Predict: data: the array is nil"},
		{dense([]float32{1, 2, 3}, 1, 3), "nn: Predict: layer 1: nn.Linear: the weight 1.weight has shape (2, 1): it does not take 3 features to 1"},
		{dense([]int{1, 2}, 1, 2), "nn: Predict: data: the array has dtype int: convert it to uint8, float32 or float64"},
		{tensor.New(tensor.FromScalar(1.0)), "nn: Predict: data: the array is a scalar"},
	} {
		_, err := m.Predict(t.Context(), c.x)
		wantError(t, err, c.says)
	}
	_, err = m.Evaluate(t.Context(), &data.Dataset{X: xor().X, Y: dense(make([]float32, 8), 4, 2)})
	wantError(t, err, "nn: Evaluate: the batch that begins with example 0: ops.MSE: ")
	_, err = new(nn.Model).Predict(t.Context(), xor().X)
	wantError(t, err, "nn: Predict: the model has no Net")
	wantError(t, new(nn.Model).Build(tensor.Shape{1}, 0), "nn: Build: the model has no Net")
	liar := &nn.Model{Net: liar{}}
	_, err = liar.Predict(t.Context(), xor().X)
	wantError(t, err, "nn: Predict: the batch that begins with example 0: nn: the net turned 4 examples into shape (4, 2): its Build promised outputs of shape (3)")
}

// liar is a user's layer whose Build says another shape than Forward returns.
type liar struct{ nn.ReLU }

func (liar) Build(*nn.Builder, tensor.Shape) (tensor.Shape, error) { return tensor.Shape{3}, nil }

func TestNamesakesBuiltApart(t *testing.T) {
	encoder, decoder := nn.Sequential{&nn.Linear{Out: 2}}, nn.Sequential{&nn.Linear{Out: 2}}
	for _, part := range []nn.Sequential{encoder, decoder} {
		if _, err := part.Build(new(nn.Builder), tensor.Shape{2}); err != nil {
			t.Fatal(err)
		}
	}
	m := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	wantError(t, m.Build(tensor.Shape{2}, 0), "two parameters are named 0.weight: their layers were built apart")
	for _, p := range decoder.Params() {
		p.Name = "decoder." + p.Name
	}
	if err := m.Build(tensor.Shape{2}, 0); err != nil {
		t.Error(err)
	}
}

// The encoder of a trained autoencoder predicts as a model of its own, in the dtype that it was trained in.
func TestATrainedPartIsANet(t *testing.T) {
	encoder := nn.Sequential{&nn.Linear{Out: 3}, nn.Tanh{}}
	whole := &nn.Model{Net: nn.Sequential{encoder, nn.Sequential{&nn.Linear{Out: 200}}}, Dtype: tensor.Float64}
	compile(t, whole, ops.MSE, &optim.SGD{LR: 0.1})
	d := digits(600, 200) // more than two batches of inference
	if _, err := whole.Fit(t.Context(), d, nn.FitConfig{}); err != nil {
		t.Fatal(err)
	}
	codes, err := (&nn.Model{Net: encoder}).Predict(t.Context(), d.X)
	if err != nil {
		t.Fatal(err)
	}
	wantShape(t, codes.Shape(), 600, 3)
	x := make([]float64, 0, 600*200)
	for _, b := range d.X.Uint8s() {
		x = append(x, float64(b)/255)
	}
	want := encoder.Forward(nn.Pass{}, autograd.FromSlice(x, 600, 200))
	wantClose(t, "codes", codes.Float64s(), autograd.Values[float64](want))

	_, err = (&nn.Model{Net: encoder, Dtype: tensor.Float32}).Predict(t.Context(), d.X)
	wantError(t, err, "parameter 0.0.weight is float64 and the model float32")
}

// The net and the batches are large enough for each operation to be divided among threads.
func TestPredictFromManyGoroutines(t *testing.T) {
	const n, in, classes = 500, 40, 300
	pixels := make([]uint8, n*in)
	class := make([]float32, n)
	for i := range pixels {
		pixels[i] = uint8(i * i)
	}
	for i := range class {
		class[i] = float32(i % classes)
	}
	d := &data.Dataset{X: dense(pixels, n, in), Y: dense(class, n)}
	m := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: classes}, nn.Lambda(ops.Square), nn.Dropout{P: 0.2}}}
	compile(t, m, ops.CrossEntropy, &optim.SGD{LR: 0.1}, nn.Accuracy)
	if _, err := m.Fit(t.Context(), d, nn.FitConfig{}); err != nil {
		t.Fatal(err)
	}
	want, err := m.Predict(t.Context(), d.X)
	if err != nil {
		t.Fatal(err)
	}
	wantScores, err := m.Evaluate(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := m.Predict(t.Context(), d.X)
			if err != nil || !slices.Equal(got.Float32s(), want.Float32s()) {
				t.Errorf("other predictions than before, %v", err)
			}
			scores, err := m.Evaluate(t.Context(), d)
			if err != nil || scores.Loss != wantScores.Loss || scores.Metrics["accuracy"] != wantScores.Metrics["accuracy"] {
				t.Errorf("scores %v, want %v; %v", scores, wantScores, err)
			}
		})
	}
	group.Wait()
}

func TestAccuracy(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name         string
		pred, target *autograd.Tensor
		want         float64
	}{
		{"one column", tensorOf([]float64{0.1, 0.5, 0.5, 0.51, 0.9, nan}, 6, 1), tensorOf([]float64{0, 0, 1, 1, 0, 0}, 6, 1), 0.5},
		{"one column, vector of targets", tensorOf([]float64{0.1, 0.9}, 2, 1), tensorOf([]float64{0, 0}, 2), 0.5},
		{"vector", tensorOf([]float64{0.1, 0.9}, 2), tensorOf([]float64{0, 1}, 2), 1},
		{"labels", tensorOf([]float64{1, 2, 3, 3, 1, 3, nan, 1, 0}, 3, 3), autograd.Labels([]int{2, 0, 1}), 2.0 / 3},
		{"no such label", tensorOf([]float64{nan, 1, 1, nan, 1, 0}, 3, 2), autograd.Labels([]int{-1, -1, 0}), 1.0 / 3},
		{"one-hot", tensorOf([]float64{1, 2, 3, 3, 1, 3}, 2, 3), tensorOf([]float64{0, 0, 1, 0, 1, 0}, 2, 3), 0.5},
		{"one-hot with NaN", tensorOf([]float64{nan, 1, 1, 0, nan, 0}, 3, 2), tensorOf([]float64{nan, 1, nan, 0, 1, 0}, 3, 2), 0},
	} {
		meter := nn.Accuracy.Meter()
		meter.Add(c.pred, c.target)
		if got := meter.Value(); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s: accuracy %v, want %v", c.name, got, c.want)
		}
	}
}

func tensorOf(values []float64, shape ...int) *autograd.Tensor {
	return autograd.FromSlice(values, shape...)
}

func TestSummary(t *testing.T) {
	shared := &nn.Linear{Out: 300}
	m := &nn.Model{Net: nn.Sequential{nn.Flatten{}, nn.Sequential{shared, nn.ReLU{}, shared}, &nn.Linear{Out: 1, NoBias: true}}}
	if got := m.Summary(); !strings.Contains(got, "not built yet") || !strings.Contains(got, "1.0 Linear") {
		t.Errorf("before Build:\n%s", got)
	}
	if err := m.Build(tensor.Shape{30, 10}, 0); err != nil {
		t.Fatal(err)
	}
	shared.B.Frozen = true
	const want = `
┌────────────┬──────────┬────────────┐
│ layer      │ output   │ parameters │
├────────────┼──────────┼────────────┤
│ 0 Flatten  │ (n, 300) │          0 │
│ 1.0 Linear │ (n, 300) │     90,300 │
│ 1.1 ReLU   │ (n, 300) │          0 │
│ 1.2 Linear │ (n, 300) │          0 │
│ 2 Linear   │ (n, 1)   │        300 │
├────────────┼──────────┼────────────┤
│ trained    │          │     90,300 │
│ frozen     │          │        300 │
└────────────┴──────────┴────────────┘
`
	if got := "\n" + m.Summary(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := new(nn.Model).Summary(); !strings.Contains(got, "no Net") {
		t.Errorf("without a Net: %s", got)
	}
}
