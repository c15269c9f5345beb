package bench

import (
	"context"
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// autoencoder is the network of examples/mnist.
func autoencoder() nn.Sequential {
	var net nn.Sequential
	for _, width := range []int{512, 256, 128, 64, 32, 64, 128, 256, 512} {
		net = append(net, &nn.Linear{Out: width}, nn.ReLU{})
	}
	return append(net, &nn.Linear{Out: 784}, nn.Sigmoid{})
}

func sgd() optim.Optimizer      { return &optim.SGD{LR: 0.05} }
func momentum() optim.Optimizer { return &optim.SGD{LR: 0.05, Momentum: 0.9} }
func adam() optim.Optimizer     { return &optim.Adam{} }

// autoencoderStep measures a training step on shuffled rows of MNIST in float32: gathering the batch, forward, backward, and the
// update by an optimizer. The check is that 200 steps lower the loss of one fixed batch.
func autoencoderStep(size int, newOptimizer func() optim.Optimizer) func(b *testing.B) {
	return func(b *testing.B) {
		set, err := mnist.Train()
		if err != nil {
			b.Fatal(err)
		}
		rows, err := data.NewRows(set.Images)
		if err != nil {
			b.Fatal(err)
		}
		net, streams := autoencoder(), nn.NewStreams(1)
		if _, err := net.Build(&nn.Builder{Rand: streams.Init}, tensor.Shape{784}); err != nil {
			b.Fatal(err)
		}
		tape, optimizer := autograd.NewTape(), newOptimizer()
		single := autograd.Zeros(tensor.Float32) // says what dtype a batch in the tape's memory has
		loss := func(indices []int) *autograd.Tensor {
			x := autograd.Empty(tensor.Shape{len(indices), 784}, tape.Const(single))
			if err := data.Gather(autograd.Raw[float32](x), rows, indices); err != nil {
				b.Fatal(err)
			}
			return ops.MSE(net.Forward(nn.Pass{Tape: tape, Train: true}, x), x)
		}
		var batches [][]int
		for _, indices := range data.BatchIndices(rows.Len(), size, streams.Shuffle) {
			batches = append(batches, indices)
		}
		steps := 0
		step := func() {
			optim.Step(optimizer, tape.Backward(loss(batches[steps%len(batches)])))
			tape.Reset()
			steps++
		}
		before := loss(batches[0]).Item()
		tape.Reset()
		step() // so that the tape has its memory
		for b.Loop() {
			step()
		}
		for steps < 200 {
			step()
		}
		if after := loss(batches[0]).Item(); !(after < 0.998*before) {
			b.Fatalf("after %d steps the loss is %.4f, before it was %.4f", steps, after, before)
		}
	}
}

// xor200 measures 200 epochs of the network of examples/xor through Model.Fit. The check is that it learns the four points.
func xor200(b *testing.B) {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 0}))
	ctx := context.Background()
	var model *nn.Model
	for b.Loop() {
		model = &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
		if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}, nn.Accuracy); err != nil {
			b.Fatal(err)
		}
		if _, err := model.Fit(ctx, &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: 200, BatchSize: 4, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
	scores, err := model.Evaluate(ctx, &data.Dataset{X: x, Y: y})
	if err != nil {
		b.Fatal(err)
	}
	if accuracy := scores.Metrics[nn.Accuracy.Name]; accuracy != 1 {
		b.Fatalf("accuracy %v", accuracy)
	}
}

// tapeTanh measures what the tape costs: 100 tanh one after the other on (4, 4), forward and backward. The metric ns/operation is
// for one tanh in both directions. The check is the gradient against the chain rule written out.
func tapeTanh(b *testing.B) {
	const length = 100
	values := make([]float64, 16)
	for i := range values {
		values[i] = 0.1 * float64(i-8)
	}
	start := autograd.FromSlice(values, 4, 4)
	ones := autograd.Ones(tensor.Float64, 4, 4)
	tape := autograd.NewTape()
	run := func() (x, g *autograd.Tensor) {
		x = tape.Var(start)
		y := x
		for range length {
			y = ops.Tanh(y)
		}
		return x, tape.VJP(y, ones, x)[0]
	}
	for b.Loop() {
		run()
		tape.Reset()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/length, "ns/operation")

	_, g := run()
	for i, got := range autograd.Values[float64](g) {
		want, v := 1.0, values[i]
		for range length {
			v = math.Tanh(v)
			want *= 1 - v*v
		}
		if math.Abs(got-want) > 1e-12 {
			b.Fatalf("the gradient at %v is %v, want %v", values[i], got, want)
		}
	}
}
