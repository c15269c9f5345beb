package nn_test

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func built[L nn.Layer](t *testing.T, l L, in ...int) L {
	t.Helper()
	if _, err := l.Build(&nn.Builder{Dtype: tensor.Float64}, in); err != nil {
		t.Fatal(err)
	}
	return l
}

// Two features, whose means over the batch and the other axis are 3 and 20, and whose unbiased variances are 8/3 and 200/3.
var twoFeatures = tensorOf([]float64{1, 10, 5, 20, 3, 30, 3, 20}, 2, 2, 2)

func TestBatchNormsRunningAverages(t *testing.T) {
	layer := built(t, &nn.BatchNorm{Momentum: 0.25}, 2, 2)
	wantNames(t, layer, "gain", "bias", "mean", "variance")
	y := layer.Forward(nn.Pass{Train: true}, twoFeatures)
	wantClose(t, "means of the output", autograd.Values[float64](ops.Mean(y, 0, 1)), []float64{0, 0})
	unbiased := []float64{8.0 / 3, 200.0 / 3}
	mean, variance := []float64{0.25 * 3, 0.25 * 20}, []float64{0.75 + 0.25*unbiased[0], 0.75 + 0.25*unbiased[1]}
	wantClose(t, "mean", autograd.Values[float64](layer.Mean.Value()), mean)
	wantClose(t, "variance", autograd.Values[float64](layer.Variance.Value()), variance)

	layer.Forward(nn.Again(nn.Pass{Train: true}), twoFeatures)
	wantClose(t, "mean after a repeated pass", autograd.Values[float64](layer.Mean.Value()), mean)

	// In inference one example is enough, and its company does not matter.
	x := tensorOf([]float64{1, 10, 5, 20}, 1, 2, 2)
	want := []float64{
		(1 - mean[0]) / math.Sqrt(variance[0]+1e-5), (10 - mean[1]) / math.Sqrt(variance[1]+1e-5),
		(5 - mean[0]) / math.Sqrt(variance[0]+1e-5), (20 - mean[1]) / math.Sqrt(variance[1]+1e-5),
	}
	wantClose(t, "inference", autograd.Values[float64](layer.Forward(nn.Pass{}, x)), want)
	wantClose(t, "mean after inference", autograd.Values[float64](layer.Mean.Value()), mean)

	layer.Forward(nn.Pass{Train: true}, twoFeatures)
	wantClose(t, "mean after the second batch", autograd.Values[float64](layer.Mean.Value()), []float64{0.75*mean[0] + 0.25*3, 0.75*mean[1] + 0.25*20})
}

func TestBatchNormInSinglePrecision(t *testing.T) {
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, &nn.BatchNorm{}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.9})
	history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 300, BatchSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := model.Evaluate(t.Context(), xor())
	if err != nil {
		t.Fatal(err)
	}
	if last := history.Loss()[299]; last > 0.01 || math.Abs(scores.Loss-last) > 0.01 {
		t.Errorf("loss %v in training and %v in inference", last, scores.Loss)
	}
}

func TestBatchesOfOneExample(t *testing.T) {
	model := &nn.Model{Net: nn.Sequential{&nn.BatchNorm{}, &nn.Linear{Out: 1}}}
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
	_, err := model.Fit(t.Context(), xor(), nn.FitConfig{BatchSize: 3})
	wantError(t, err, "nn: Fit: epoch 1, batch 2: nn.BatchNorm: a batch of shape (1, 2) has one value of each feature, and so no variance: "+
		"choose a batch size that leaves no batch of one example")

	pictures := built(t, &nn.BatchNorm{}, 3, 2) // three places of two features
	pictures.Forward(nn.Pass{Train: true}, tensorOf([]float64{1, 2, 3, 4, 5, 6}, 1, 3, 2))
}

// A frozen encoder stays as it is while the decoder learns, running averages included.
func TestFrozenEncoder(t *testing.T) {
	encoder := nn.Sequential{&nn.Linear{Out: 3, L2: 0.1}, &nn.BatchNorm{}, nn.Tanh{}}
	decoder := nn.Sequential{&nn.Linear{Out: 1}, nn.Sigmoid{}}
	model := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.5, Momentum: 0.9, WeightDecay: 0.01})
	fit := func() {
		t.Helper()
		if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 5}); err != nil {
			t.Fatal(err)
		}
	}
	changes := func(l nn.Layer) (changed []string) {
		t.Helper()
		before := make(map[*autograd.Param][]float32)
		for _, p := range l.Params() {
			before[p] = autograd.Values[float32](p.Value())
		}
		fit()
		for _, p := range l.Params() {
			for i, v := range autograd.Values[float32](p.Value()) {
				if v != before[p][i] {
					changed = append(changed, p.Name)
					break
				}
			}
		}
		return changed
	}
	fit()
	nn.Freeze(encoder)
	if got := changes(model.Net); len(got) != 2 || got[0] != "1.0.weight" || got[1] != "1.0.bias" {
		t.Errorf("%v change with a frozen encoder", got)
	}
	nn.Unfreeze(encoder)
	for _, p := range encoder.Params() {
		if statistic := p.Name == "0.1.mean" || p.Name == "0.1.variance"; p.Frozen != statistic {
			t.Errorf("%s is frozen: %v", p.Name, p.Frozen)
		}
	}
	if got := changes(encoder); len(got) != len(encoder.Params()) {
		t.Errorf("of an encoder that is not frozen only %v change", got)
	}
}

func TestNormsThatCannotBeBuilt(t *testing.T) {
	for _, c := range []struct {
		layer nn.Layer
		in    tensor.Shape
		says  string
	}{
		{&nn.BatchNorm{}, tensor.Shape{}, "nn.BatchNorm: an example has shape (): want an axis of features"},
		{&nn.LayerNorm{}, tensor.Shape{}, "nn.LayerNorm: an example has shape (): want an axis of features"},
		{&nn.LayerNorm{Eps: -1}, tensor.Shape{2}, "nn.LayerNorm: Eps is -1: want a finite number that is not negative"},
		{&nn.BatchNorm{Eps: math.NaN()}, tensor.Shape{2}, "nn.BatchNorm: Eps is NaN"},
		{&nn.BatchNorm{Momentum: 1.1}, tensor.Shape{2}, "nn.BatchNorm: Momentum is 1.1: want a number in [0, 1]"},
		{&nn.BatchNorm{Momentum: math.NaN()}, tensor.Shape{2}, "nn.BatchNorm: Momentum is NaN"},
		{built(t, &nn.BatchNorm{}, 2), tensor.Shape{3}, "nn.BatchNorm: the gain gain has shape (2): it does not fit 3 features"},
		{built(t, &nn.LayerNorm{}, 2), tensor.Shape{2, 3}, "nn.LayerNorm: the gain gain has shape (2): it does not fit 3 features"},
	} {
		_, err := c.layer.Build(new(nn.Builder), c.in)
		wantError(t, err, c.says)
	}
	for _, l := range []nn.Layer{new(nn.BatchNorm), new(nn.LayerNorm)} {
		if got := l.Params(); len(got) != 0 {
			t.Errorf("%d parameters before Build", len(got))
		}
		wantError(t, autograd.Try(func() { l.Forward(nn.Pass{}, twoFeatures) }), "the layer is not built: call Build first, which Fit does")
	}
	d := &data.Dataset{X: dense(make([]float64, 8), 4, 2)}
	model := &nn.Model{Net: built(t, nn.Sequential{&nn.BatchNorm{}}, 2)}
	if _, err := model.Predict(t.Context(), d.X); err != nil {
		t.Errorf("the running averages of a net that was not trained yet: %v", err)
	}
}
