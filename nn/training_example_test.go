package nn_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// Fit is a loop that one can write oneself, and change. With the random streams of the same seed the parameters become the same to the bit.
func ExamplePass() {
	d := &data.Dataset{
		X: tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1})),
		Y: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 0})),
	}
	network := func() nn.Sequential {
		return nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, nn.Dropout{P: 0.1}, &nn.Linear{Out: 1}}
	}

	net := network()
	streams := nn.NewStreams(7)
	if _, err := net.Build(&nn.Builder{Rand: streams.Init}, tensor.Shape{2}); err != nil {
		log.Fatal(err)
	}
	sgd, tape := &optim.SGD{LR: 0.1}, autograd.NewTape()
	for range 20 {
		for _, batch := range d.Batches(2, streams.Shuffle) {
			x, y := autograd.FromDense(batch.X), autograd.FromDense(batch.Y)
			pass := nn.Pass{Tape: tape, Train: true, Rand: streams.Noise}
			optim.Step(sgd, tape.Backward(ops.MSE(net.Forward(pass, tape.Const(x)), y)))
			tape.Reset()
		}
	}

	model := &nn.Model{Net: network()}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.1}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(context.Background(), d, nn.FitConfig{Epochs: 20, BatchSize: 2, Seed: 7}); err != nil {
		log.Fatal(err)
	}
	for i, p := range model.Net.Params() {
		byHand := autograd.Values[float32](net.Params()[i].Value())
		fmt.Println(p.Name, slices.Equal(autograd.Values[float32](p.Value()), byHand))
	}
	// Output:
	// 0.weight true
	// 0.bias true
	// 3.weight true
	// 3.bias true
}

// Where one class is rare, a classifier that never names it is right most of the time. A weight for its examples makes it look.
func ExampleFitConfig_classWeights() {
	ctx := context.Background()
	x, y := make([]float32, 66), make([]float32, 66)
	for i := range x { // numbers from 0 to 1 in class 0, and a few from 0.5 to 1 in class 1
		x[i] = float32(i) / 60
		if i >= 60 {
			x[i], y[i] = 0.5+float32(i-60)/10, 1
		}
	}
	d := &data.Dataset{
		X: tensor.New(tensor.WithShape(66, 1), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(66, 1), tensor.WithBacking(y)),
	}
	for _, weights := range [][]float64{nil, {1, 10}} {
		model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 1}, nn.Sigmoid{}}}
		if err := model.Compile(ops.BCE, &optim.Adam{LR: 0.1}, nn.Recall); err != nil {
			log.Fatal(err)
		}
		if _, err := model.Fit(ctx, d, nn.FitConfig{Epochs: 60, Seed: 1, ClassWeights: weights}); err != nil {
			log.Fatal(err)
		}
		scores, err := model.Evaluate(ctx, d)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.0f of 6 are found\n", 6*scores.Metrics["recall"])
	}
	// Output:
	// 0 of 6 are found
	// 6 of 6 are found
}

// Gradients are treated on their way to the optimizer. Where the steps would lead ever farther, a bound on their norm keeps the training
// going.
func ExampleFitConfig_gradients() {
	steep := &data.Dataset{
		X: tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{100, 200})),
		Y: tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{100, 200})),
	}
	for _, treat := range []func(autograd.Gradients) autograd.Gradients{
		nil,
		func(g autograd.Gradients) autograd.Gradients { return optim.ClipNorm(g, 1) },
	} {
		model := &nn.Model{Net: &nn.Linear{Out: 1, NoBias: true}}
		if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.01}); err != nil {
			log.Fatal(err)
		}
		history, err := model.Fit(context.Background(), steep, nn.FitConfig{Epochs: 300, Gradients: treat})
		fmt.Println(len(history.Epochs), "epochs:", err)
	}
	// Output:
	// 7 epochs: nn: Fit: epoch 8, batch 1: loss: it is +Inf: lower the learning rate, clip the gradients, or look for NaN in the data (rows 0, 1, … of the batch are examples 0, 1)
	// 300 epochs: <nil>
}
