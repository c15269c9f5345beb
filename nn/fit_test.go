package nn_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// digits is n pictures of noise, as bytes, which an autoencoder can learn something of.
func digits(n, width int) *data.Dataset {
	r := rand.New(rand.NewPCG(3, 4))
	pixels := make([]uint8, n*width)
	for i := range pixels {
		pixels[i] = uint8(r.IntN(64) + 128*(i%2))
	}
	return &data.Dataset{X: dense(pixels, n, width)}
}

func autoencoder() nn.Sequential {
	return nn.Sequential{
		nn.Sequential{&nn.Linear{Out: 96}, nn.ReLU{}, nn.Dropout{P: 0.1}, &nn.Linear{Out: 16}},
		nn.Sequential{nn.Tanh{}, &nn.Linear{Out: 200}, nn.Sigmoid{}},
	}
}

func bits(net nn.Layer) []float32 {
	var all []float32
	for _, p := range net.Params() {
		all = append(all, autograd.Values[float32](p.Value())...)
	}
	return all
}

// Fit is a loop over public parts: written out by hand it gives the same bits.
func TestFitIsTheLoopWrittenByHand(t *testing.T) {
	const seed, epochs, batch = 7, 3, 24
	train := digits(100, 200)

	fitted := autoencoder()
	model := &nn.Model{Net: fitted}
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
	history, err := model.Fit(t.Context(), train, nn.FitConfig{
		Epochs: epochs, BatchSize: batch, Seed: seed,
		Gradients: func(g autograd.Gradients) autograd.Gradients { return optim.ClipNorm(g, 0.02) },
	})
	if err != nil {
		t.Fatal(err)
	}

	net := autoencoder()
	streams := nn.NewStreams(seed)
	if _, err := net.Build(&nn.Builder{Rand: streams.Init}, tensor.Shape{200}); err != nil {
		t.Fatal(err)
	}
	sgd := &optim.SGD{LR: 0.1, Momentum: 0.9}
	tape := autograd.NewTape()
	var losses []float64
	for range epochs {
		sum := 0.0
		for _, b := range train.Batches(batch, streams.Shuffle) {
			x := tape.Const(autograd.FromDense(b.X))
			loss := ops.MSE(net.Forward(nn.Pass{Tape: tape, Train: true, Rand: streams.Noise}, x), x)
			sum += loss.Item() * float64(x.Shape()[0])
			optim.Step(sgd, optim.ClipNorm(tape.Backward(loss), 0.02))
			tape.Reset()
		}
		losses = append(losses, sum/100)
	}
	if !slices.Equal(bits(net), bits(fitted)) {
		t.Error("the parameters differ")
	}
	if !slices.Equal(losses, history.Loss()) {
		t.Errorf("losses %v by hand, %v by Fit", losses, history.Loss())
	}
	if losses[2] >= losses[0] {
		t.Errorf("the loss did not fall: %v", losses)
	}
}

func TestSameSeedSameBitsOnAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	train := func(seed uint64) []float32 {
		net := autoencoder()
		model := &nn.Model{Net: net}
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
		if _, err := model.Fit(t.Context(), digits(300, 200), nn.FitConfig{Epochs: 2, BatchSize: 128, Seed: seed, ValidationSplit: 0.2}); err != nil {
			t.Fatal(err)
		}
		return bits(net)
	}
	want := train(1)
	for _, threads := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(threads)
		if !slices.Equal(train(1), want) {
			t.Errorf("%d threads give other bits", threads)
		}
	}
	if slices.Equal(train(2), want) {
		t.Error("another seed gives the same bits")
	}
}

// Each purpose has its own stream: what one draws does not move the others.
func TestStreamsAreSeparate(t *testing.T) {
	first := func(drop nn.Layer, batch int) (weights []float64, order []float64) {
		net := nn.Sequential{&nn.Linear{Out: 3, NoBias: true}, drop, &nn.Linear{Out: 1, NoBias: true}}
		model := &nn.Model{Net: net, Dtype: tensor.Float64}
		loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
			order = append(order, autograd.Values[float64](target)...)
			return ops.MSE(pred, target)
		}
		compile(t, model, loss, &optim.SGD{LR: 1e-300}) // too small to move a weight
		d := &data.Dataset{X: dense([]float64{1, 2, 3, 4, 5, 6}, 6, 1)}
		if _, err := model.Fit(t.Context(), d, nn.FitConfig{Epochs: 2, BatchSize: batch}); err != nil {
			t.Fatal(err)
		}
		for _, p := range net.Params() {
			weights = append(weights, autograd.Values[float64](p.Value())...)
		}
		return weights, order
	}
	s := nn.NewStreams(1)
	draws := []uint64{s.Init.Uint64(), s.Shuffle.Uint64(), s.Noise.Uint64(), s.Split.Uint64(), nn.NewStreams(2).Init.Uint64()}
	if slices.Sort(draws); len(slices.Compact(draws)) != 5 {
		t.Error("two streams draw the same numbers")
	}
	weights, order := first(nn.Dropout{P: 0.5}, 2)
	for _, batch := range []int{1, 4} {
		w, o := first(nn.ReLU{}, batch)
		if !slices.Equal(w, weights) || !slices.Equal(o, order) {
			t.Errorf("batches of %d without dropout: other weights or another order", batch)
		}
	}
	if slices.Equal(order[:6], order[6:]) || slices.IsSorted(order[:6]) {
		t.Errorf("the order of two epochs is %v", order)
	}
}

// The loss is the mean over the batch and nothing divides a second time: with one step of rate 1 the parameter moves by the
// gradient of the mean, whatever the size of the batch.
func TestNothingDividesASecondTime(t *testing.T) {
	for _, n := range []int{1, 4, 64} {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i + 1)
		}
		layer := &nn.Linear{Out: 1, NoBias: true, Init: nn.Constant(1)}
		model := &nn.Model{Net: layer, Dtype: tensor.Float64}
		compile(t, model, ops.MSE, &optim.SGD{LR: 1})
		d := &data.Dataset{X: dense(x, n, 1), Y: dense(make([]float64, n), n, 1)}
		if _, err := model.Fit(t.Context(), d, nn.FitConfig{BatchSize: n}); err != nil {
			t.Fatal(err)
		}
		var meanSquare float64
		for _, v := range x {
			meanSquare += v * v / float64(n)
		}
		want := 1 - 2*meanSquare // d/dw mean (w x)² = 2 w mean x²
		if got := layer.W.Value().Item(); math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("batch of %d: the weight is %v, want %v", n, got, want)
		}
	}
}

// Ten examples in batches of four, of a net that does not learn: history holds the means over examples, not over batches.
func TestHistoryCountsEachExampleOnce(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 20}
	d := &data.Dataset{X: dense(x, 10, 1), Y: dense(make([]float64, 10), 10, 1)}
	model := &nn.Model{Net: &nn.Linear{Out: 1, NoBias: true, Init: nn.Constant(1)}, Dtype: tensor.Float64}
	biggest := nn.MeanMetric("mean", func(pred, _ *autograd.Tensor) float64 { return ops.Mean(pred).Item() })
	compile(t, model, ops.MSE, &optim.SGD{LR: 1e-300}, biggest)
	partial := nn.Callback{OnBatch: func(s *nn.State) error {
		if s.Batches != 3 {
			t.Errorf("%d batches", s.Batches)
		}
		return nil
	}}
	history, err := model.Fit(t.Context(), d, nn.FitConfig{Epochs: 2, BatchSize: 4, Validation: d, Callbacks: []nn.Callback{partial}})
	if err != nil {
		t.Fatal(err)
	}
	if len(history.Epochs) != 2 {
		t.Fatalf("%d epochs", len(history.Epochs))
	}
	for i, e := range history.Epochs {
		for _, s := range []nn.Scores{e.Train, *e.Validation} {
			if math.Abs(s.Loss-68.5) > 1e-12 || math.Abs(s.Metrics["mean"]-6.5) > 1e-12 {
				t.Errorf("scores %v, want 68.5 and 6.5", s)
			}
		}
		if e.Number != i+1 || e.Seconds <= 0 {
			t.Errorf("epoch %d took %v s", e.Number, e.Seconds)
		}
	}
	wantClose(t, "validation loss", history.ValidationLoss(), []float64{68.5, 68.5})
}

func TestFrozenParametersStay(t *testing.T) {
	first, second := &nn.Linear{Out: 4}, &nn.Linear{Out: 1}
	model := &nn.Model{Net: nn.Sequential{first, nn.Tanh{}, second}}
	if err := model.Build(tensor.Shape{2}, 1); err != nil {
		t.Fatal(err)
	}
	first.W.Frozen = true
	before := [3][]float32{autograd.Values[float32](first.W.Value()), autograd.Values[float32](first.B.Value()), autograd.Values[float32](second.W.Value())}
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1, WeightDecay: 0.1})
	if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 3}); err != nil {
		t.Fatal(err)
	}
	for i, p := range []*autograd.Param{first.W, first.B, second.W} {
		if same := slices.Equal(autograd.Values[float32](p.Value()), before[i]); same != p.Frozen {
			t.Errorf("%s: frozen %v, unchanged %v", p.Name, p.Frozen, same)
		}
	}
}

// Fit again goes on where it was: two times one epoch in order is two epochs.
func TestFitGoesOn(t *testing.T) {
	train := func(epochs ...int) []float32 {
		net := nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}}
		model := &nn.Model{Net: net}
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
		for _, n := range epochs {
			if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: n, BatchSize: 3, KeepOrder: true}); err != nil {
				t.Fatal(err)
			}
		}
		return bits(net)
	}
	if !slices.Equal(train(1, 1), train(2)) {
		t.Error("two epochs in two calls differ from two epochs")
	}
}

func TestValidationSplitIsNotTrainedOn(t *testing.T) {
	d := &data.Dataset{X: dense([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 1)}
	trained, validated := map[float64]bool{}, map[float64]bool{}
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 1}}, Dtype: tensor.Float64}
	loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
		seen := trained
		if !pred.IsRecorded() {
			seen = validated
		}
		for _, v := range autograd.Values[float64](target) {
			seen[v] = true
		}
		return ops.MSE(pred, target)
	}
	compile(t, model, loss, &optim.SGD{LR: 0.001})
	if _, err := model.Fit(t.Context(), d, nn.FitConfig{Epochs: 3, BatchSize: 2, ValidationSplit: 0.3}); err != nil {
		t.Fatal(err)
	}
	for v := range trained {
		if validated[v] {
			t.Errorf("%v is in both sets", v)
		}
	}
	if len(trained) != 7 || len(validated) != 3 {
		t.Errorf("%d examples trained on and %d validated", len(trained), len(validated))
	}
}

func TestCancelledFitReturnsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
	steps, ended := 0, 0
	watch := nn.Callback{
		OnBatch: func(s *nn.State) error {
			if steps++; s.Epoch == 3 && s.Batch == 2 {
				cancel()
			}
			return nil
		},
		OnEnd: func(s *nn.State) error { ended++; return nil },
	}
	history, err := model.Fit(ctx, xor(), nn.FitConfig{Epochs: 10, BatchSize: 1, Callbacks: []nn.Callback{watch}})
	if !errors.Is(err, context.Canceled) || len(history.Epochs) != 2 || steps != 10 || ended != 1 {
		t.Errorf("%d epochs, %d steps, %d ends, %v", len(history.Epochs), steps, ended, err)
	}
	wantError(t, err, "nn: Fit: epoch 3, batch 3: context canceled")
	_, err = model.Evaluate(ctx, xor())
	wantError(t, err, "nn: Evaluate: context canceled")
	_, err = model.Predict(ctx, xor().X)
	wantError(t, err, "nn: Predict: context canceled")
}

func TestCallbacks(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name             string
		on               func(s *nn.State) (batch, epoch error)
		end              error
		wantErr          string // "" means none
		wantSteps, epoch int
	}{
		{"none", func(*nn.State) (error, error) { return nil, nil }, nil, "", 12, 3},
		{"stop at a batch", func(s *nn.State) (error, error) {
			if s.Epoch == 2 && s.Batch == 3 {
				return nn.ErrStop, nil
			}
			return nil, nil
		}, nil, "", 7, 2},
		{"stop at an epoch", func(*nn.State) (error, error) { return nil, nn.ErrStop }, nil, "", 4, 1},
		{"error at a batch", func(s *nn.State) (error, error) { return boom, nil }, nil, "nn: Fit: epoch 1, batch 1: boom", 1, 0},
		{"error at an epoch", func(s *nn.State) (error, error) { return nil, boom }, nil, "nn: Fit: epoch 1, batch 4: boom", 4, 1},
		{"error at the end", func(s *nn.State) (error, error) { return nil, nil }, boom, "nn: Fit: boom", 12, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := xorModel()
			compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
			steps := 0
			watch := nn.Callback{
				OnBatch: func(s *nn.State) error {
					steps++
					if s.Epochs != 3 || s.Batches != 4 || s.Batch != 1+(steps-1)%4 || s.Model != model || !(s.Loss > 0) || s.Elapsed <= 0 {
						t.Errorf("step %d: %+v", steps, s)
					}
					err, _ := c.on(s)
					return err
				},
				OnEpoch: func(s *nn.State) error {
					if len(s.History.Epochs) != s.Epoch {
						t.Errorf("%d epochs in the history after epoch %d", len(s.History.Epochs), s.Epoch)
					}
					_, err := c.on(s)
					return err
				},
				OnEnd: func(s *nn.State) error {
					if s.Epoch < 1 || s.Epoch > s.Epochs || s.Batch != 1+(steps-1)%4 {
						t.Errorf("at the end: epoch %d of %d, batch %d", s.Epoch, s.Epochs, s.Batch)
					}
					return c.end
				},
			}
			history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 3, BatchSize: 1, Callbacks: []nn.Callback{{}, watch}})
			if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || err.Error() != c.wantErr) {
				t.Errorf("error %v, want %q", err, c.wantErr)
			}
			if steps != c.wantSteps || len(history.Epochs) != c.epoch {
				t.Errorf("%d steps and %d epochs, want %d and %d", steps, len(history.Epochs), c.wantSteps, c.epoch)
			}
		})
	}
}

// Observe tells the validation loss of each epoch, or that of the training, here to a schedule that lowers the learning rate.
func TestObserve(t *testing.T) {
	for _, validation := range []*data.Dataset{nil, xor()} {
		plateau := &optim.Plateau{Factor: 0.5, Patience: 2}
		sgd := &optim.SGD{LR: 1e-300, Schedule: plateau.Schedule}
		model := xorModel()
		compile(t, model, ops.MSE, sgd)
		var observed, factors []float64
		record := func(loss float64) {
			observed = append(observed, loss)
			factors = append(factors, plateau.Schedule(0))
		}
		cfg := nn.FitConfig{Epochs: 5, BatchSize: 3, Validation: validation, Callbacks: []nn.Callback{nn.Observe(plateau.Observe), nn.Observe(record)}}
		history, err := model.Fit(t.Context(), xor(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		want := history.Loss()
		if validation != nil {
			want = history.ValidationLoss()
		}
		if !slices.Equal(observed, want) || !slices.Equal(factors, []float64{1, 1, 1, 0.5, 0.5}) {
			t.Errorf("observed %v of %v, and factors %v", observed, want, factors)
		}
	}
}

// An error counts even when another callback wants to stop.
func TestAnErrorIsMoreThanStop(t *testing.T) {
	stop := nn.Callback{OnEpoch: func(*nn.State) error { return nn.ErrStop }}
	fail := nn.Callback{OnEpoch: func(*nn.State) error { return errors.New("disk full") }}
	for _, callbacks := range [][]nn.Callback{{stop, fail}, {fail, stop}} {
		model := xorModel()
		compile(t, model, ops.MSE, new(optim.SGD))
		_, err := model.Fit(t.Context(), xor(), nn.FitConfig{Callbacks: callbacks})
		wantError(t, err, "disk full")
	}
}

// What diverges ends with an error before the parameters are lost.
func TestDivergingFit(t *testing.T) {
	layer := &nn.Linear{Out: 1}
	model := &nn.Model{Net: layer}
	compile(t, model, ops.MSE, &optim.SGD{LR: 1e6})
	_, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 100, BatchSize: 2})
	wantError(t, err, "lower the learning rate, clip the gradients, or look for NaN in the data")
	if err != nil && (!strings.Contains(err.Error(), "nn: Fit: epoch ") || !strings.Contains(err.Error(), ", batch ")) {
		t.Errorf("it does not say when: %v", err)
	}
	for _, v := range bits(layer) {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Errorf("the parameters are %v", bits(layer))
		}
	}
	d := &data.Dataset{X: dense([]float64{1, 2, math.NaN(), 4}, 4, 1)}
	model = &nn.Model{Net: &nn.Linear{Out: 1}}
	compile(t, model, ops.MSE, new(optim.SGD))
	_, err = model.Fit(t.Context(), d, nn.FitConfig{BatchSize: 1, KeepOrder: true})
	wantError(t, err, "nn: Fit: epoch 1, batch 3: loss: it is NaN")
	_, err = model.Fit(t.Context(), &data.Dataset{X: dense([]float32{3e30}, 1, 1)}, nn.FitConfig{})
	wantError(t, err, "nn: Fit: epoch 1, batch 1: loss: it is +Inf")
}

// The square root of 0 is finite and its derivative is not: no loss tells, for training ends with the epoch.
func TestParametersThatAreNotFinite(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		layer := &nn.Linear{Out: 1, Init: nn.Zeros, NoBias: true}
		model := &nn.Model{Net: nn.Sequential{layer, nn.Lambda(ops.Sqrt)}, Dtype: dtype}
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
		d := &data.Dataset{X: dense([]float64{1, 1}, 2, 1), Y: dense([]float64{1, 1}, 2, 1)}
		history, err := model.Fit(t.Context(), d, nn.FitConfig{Epochs: 2})
		wantError(t, err, "nn: Fit: epoch 1, batch 1: parameter 0.weight is not finite at the end of the epoch: lower the learning rate or clip the gradients")
		if len(history.Epochs) != 0 {
			t.Errorf("%d epochs", len(history.Epochs))
		}
	}
	mask := &nn.Linear{Out: 1, Init: nn.Constant(1), BiasInit: nn.Constant(math.Inf(-1))}
	model := &nn.Model{Net: nn.Sequential{mask, nn.Sigmoid{}}}
	if err := model.Build(tensor.Shape{2}, 0); err != nil {
		t.Fatal(err)
	}
	mask.B.Frozen = true
	compile(t, model, ops.MSE, new(optim.SGD))
	if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{}); err != nil {
		t.Errorf("a frozen parameter may be infinite: %v", err)
	}
}

func TestValidationIsCheckedBeforeTraining(t *testing.T) {
	model := xorModel()
	loss := func(pred, target *autograd.Tensor) *autograd.Tensor {
		t.Error("a batch was trained on")
		return ops.MSE(pred, target)
	}
	compile(t, model, loss, new(optim.SGD))
	wide := &data.Dataset{X: dense(make([]float32, 12), 4, 3)}
	_, err := model.Fit(t.Context(), xor(), nn.FitConfig{Validation: wide})
	wantError(t, err, "nn: Fit: validation: layer 0: nn.Linear: ")
}

// What a step made ends with it, so that a training needs the memory of one step.
func TestFitRecyclesEachStep(t *testing.T) {
	var last *autograd.Tensor
	keep := func(pred, target *autograd.Tensor) *autograd.Tensor {
		last = pred
		return ops.MSE(pred, target)
	}
	check := nn.Callback{OnBatch: func(*nn.State) error {
		wantError(t, autograd.Try(func() { last.At(0, 0) }), "was used after its tape was Reset")
		return nil
	}}
	model := xorModel()
	compile(t, model, keep, &optim.SGD{LR: 0.1}, nn.MeanMetric("constants", func(pred, target *autograd.Tensor) float64 {
		if pred.IsRecorded() || target.IsRecorded() {
			t.Error("a metric sees recorded tensors")
		}
		return 0
	}))
	if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Callbacks: []nn.Callback{check}}); err != nil {
		t.Fatal(err)
	}
}
