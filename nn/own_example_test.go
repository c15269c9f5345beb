package nn_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// A loss is any function of predictions and targets that gives one number. This one asks for the number that nine of ten targets lie
// below: what is too low costs nine times as much as what is too high.
func ExampleLoss() {
	var quantile nn.Loss = func(pred, target *autograd.Tensor) *autograd.Tensor {
		gap := ops.Sub(target, pred)
		return ops.Mean(ops.Maximum(ops.Scale(gap, 0.9), ops.Scale(gap, -0.1)))
	}
	targets := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	d := &data.Dataset{
		X: tensor.New(tensor.WithShape(10, 1), tensor.WithBacking(make([]float32, 10))), // which tells nothing
		Y: tensor.New(tensor.WithShape(10, 1), tensor.WithBacking(targets)),
	}
	bias := &nn.Linear{Out: 1}
	model := &nn.Model{Net: bias}
	if err := model.Compile(quantile, &optim.SGD{LR: 0.4}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(context.Background(), d, nn.FitConfig{Epochs: 200}); err != nil {
		log.Fatal(err)
	}
	below := 0
	for _, y := range targets {
		if float64(y) < bias.B.Value().Item() {
			below++
		}
	}
	fmt.Println(below, "of 10")
	// Output: 9 of 10
}

// A metric of one's own is a number for each batch, of which the mean over all examples is taken: here how many predictions are as near as
// one wants them.
func ExampleMeanMetric() {
	near := nn.MeanMetric("near", func(pred, target *autograd.Tensor) float64 {
		gaps := ops.Abs(ops.Sub(pred, target))
		return ops.Mean(ops.Less(gaps, autograd.Scalar(0.5))).Item()
	})
	model := &nn.Model{Net: &nn.Linear{Out: 1, Init: nn.Constant(2)}} // 2x, and there is nothing to learn
	if err := model.Compile(ops.MSE, &optim.SGD{}, near); err != nil {
		log.Fatal(err)
	}
	if err := model.Build(tensor.Shape{1}, 0); err != nil {
		log.Fatal(err)
	}
	scores, err := model.Evaluate(context.Background(), &data.Dataset{
		X: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{1, 2, 3, 4})),
		Y: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{2, 4.1, 5.8, 9})),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scores.Metrics["near"])
	// Output: 0.75
}

// A function without parameters is a layer too: this one puts the squares beside the numbers, so that a line through both is a parabola.
func ExampleLambda() {
	squares := nn.Lambda(func(x *autograd.Tensor) *autograd.Tensor { return ops.Concat(1, x, ops.Square(x)) })
	linear := &nn.Linear{Out: 1}
	model := &nn.Model{Net: nn.Sequential{squares, linear}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.02, Momentum: 0.9}); err != nil {
		log.Fatal(err)
	}
	parabola := &data.Dataset{ // 2x² - x + 1
		X: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{-2, -1, 0, 1, 2})),
		Y: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{11, 4, 1, 2, 7})),
	}
	if _, err := model.Fit(context.Background(), parabola, nn.FitConfig{Epochs: 500, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f %.2f\n", ops.Reshape(linear.W.Value(), 2), linear.B.Value())
	// Output: [-1.00  2.00] [1.00]
}

// How weights begin, and what they cost, are fields of their layer. The parameters are called by the places of their layers.
func ExampleLinear() {
	hidden := &nn.Linear{Out: 4, Init: nn.HeNormal, BiasInit: nn.Constant(0.1), L2: 1e-4}
	model := &nn.Model{Net: nn.Sequential{hidden, nn.ReLU{}, &nn.Linear{Out: 1, NoBias: true}}}
	if err := model.Build(tensor.Shape{2}, 1); err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Net.Params() {
		fmt.Println(p.Name, p.Value().Shape())
	}
	fmt.Println(hidden.B.Value())
	// Output:
	// 0.weight (2, 4)
	// 0.bias (4)
	// 2.weight (4, 1)
	// [0.1 0.1 0.1 0.1]
}

// In training some elements are dropped and the others grow, so that the mean stays. In inference, which the zero Pass is, nothing happens.
func ExampleDropout() {
	layer := nn.Dropout{P: 0.5}
	x := autograd.Ones(tensor.Float32, 1, 8)
	fmt.Println(layer.Forward(nn.Pass{Train: true, Rand: rand.New(rand.NewPCG(1, 2))}, x))
	fmt.Println(layer.Forward(nn.Pass{}, x))
	// Output:
	// [[2 0 2 0 2 0 0 0]]
	// [[1 1 1 1 1 1 1 1]]
}
