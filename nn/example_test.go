package nn_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// The exclusive or, which no single layer computes: a net is compiled with a loss and an optimizer, trained and used.
func ExampleModel_Fit() {
	ctx := context.Background()
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 0}))

	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}, nn.Accuracy); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(ctx, &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: 1000, BatchSize: 4, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	last := history.Epochs[len(history.Epochs)-1]
	fmt.Println("accuracy", last.Train.Metrics["accuracy"])

	predictions, err := model.Predict(ctx, x)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range predictions.Float32s() {
		fmt.Println(math.Round(float64(p)))
	}
	// Output:
	// accuracy 1
	// 0
	// 1
	// 1
	// 0
}

// A net with two inputs takes them side by side: here two measurements and, in the last three columns, a colour as a one-hot row.
// Each has a branch of its own, and what the branches make of them is put side by side again.
func ExampleConcat() {
	measurements := nn.Sequential{nn.Features{To: 2}, &nn.Linear{Out: 8}, nn.Tanh{}}
	colour := nn.Sequential{nn.Features{From: 2}, &nn.Linear{Out: 3, NoBias: true}}
	model := &nn.Model{Net: nn.Sequential{
		nn.Concat{measurements, colour},
		nn.Residual{Layer: nn.Sequential{&nn.Linear{Out: 11}, nn.Tanh{}}},
		&nn.Linear{Out: 1},
	}}
	if err := model.Build(tensor.Shape{5}, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Print(model.Summary())
	// Output:
	// ┌────────────┬─────────┬────────────┐
	// │ layer      │ output  │ parameters │
	// ├────────────┼─────────┼────────────┤
	// │ 0 Concat   │ (n, 11) │         33 │
	// │ 1 Residual │ (n, 11) │        132 │
	// │ 2 Linear   │ (n, 1)  │         12 │
	// ├────────────┼─────────┼────────────┤
	// │ trained    │         │        177 │
	// └────────────┴─────────┴────────────┘
}

// A callback of one's own is told how far a training has come, and may end it.
func ExampleCallback() {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 0}))
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}); err != nil {
		log.Fatal(err)
	}
	enough := nn.Callback{OnEpoch: func(s *nn.State) error {
		if s.Loss < 0.05 {
			return nn.ErrStop
		}
		return nil
	}}
	history, err := model.Fit(context.Background(), &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: 1000, Seed: 1, Callbacks: []nn.Callback{enough}})
	if err != nil {
		log.Fatal(err)
	}
	losses := history.Loss()
	fmt.Println(len(losses) < 1000, losses[len(losses)-2] >= 0.05, losses[len(losses)-1] < 0.05)
	// Output: true true true
}

// A classifier has as many outputs as there are classes, and the cross entropy as its loss. Here a fourth of the examples, with
// the same share of each class, is held out to judge it.
func ExampleFitConfig() {
	var values []float32
	var labels []int
	for i := range 60 { // three classes along a line
		values = append(values, float32(i))
		labels = append(labels, i/20)
	}
	x := tensor.New(tensor.WithShape(60, 1), tensor.WithBacking(values))
	scaler, err := data.NewStandardScaler(x)
	if err != nil {
		log.Fatal(err)
	}
	if x, err = scaler.Apply(x); err != nil {
		log.Fatal(err)
	}
	y, err := data.Labels(labels)
	if err != nil {
		log.Fatal(err)
	}
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 16}, nn.ReLU{}, &nn.Linear{Out: 3}}}
	if err := model.Compile(ops.CrossEntropy, &optim.Adam{LR: 0.05}, nn.Accuracy); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(context.Background(), &data.Dataset{X: x, Y: y}, nn.FitConfig{
		Epochs: 60, BatchSize: 8, Seed: 1, ValidationSplit: 0.25, Stratify: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	best, err := history.Best(nn.Highest("accuracy"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy on the validation %.0f %%\n", 100*best.Validation.Metrics["accuracy"])
	// Output: accuracy on the validation 100 %
}

// An encoder that was trained before is kept while a new decoder learns, and then both learn together.
func ExampleFreeze() {
	ctx := context.Background()
	encoder := nn.Sequential{&nn.Linear{Out: 2}, &nn.BatchNorm{}, nn.Tanh{}}
	decoder := nn.Sequential{&nn.Linear{Out: 1}}
	model := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.1}); err != nil {
		log.Fatal(err)
	}
	if err := model.Build(tensor.Shape{2}, 0); err != nil { // before, there is nothing to freeze
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 2}))
	for _, prepare := range []func(nn.Layer){nn.Freeze, nn.Unfreeze} {
		prepare(encoder)
		if _, err := model.Fit(ctx, &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: 10}); err != nil {
			log.Fatal(err)
		}
		learning := 0
		for _, p := range encoder.Params() {
			if !p.Frozen {
				learning++
			}
		}
		fmt.Println(learning, "of", len(encoder.Params()), "parameters of the encoder learn")
	}
	// Output:
	// 0 of 6 parameters of the encoder learn
	// 4 of 6 parameters of the encoder learn
}

// What a net is made of, when it knows the shape of one example.
func ExampleModel_Summary() {
	model := &nn.Model{Net: nn.Sequential{
		nn.Flatten{},
		nn.Sequential{&nn.Linear{Out: 128}, nn.ReLU{}},
		&nn.Linear{Out: 10},
	}}
	if err := model.Build(tensor.Shape{28, 28}, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Print(model.Summary())
	// Output:
	// ┌────────────┬──────────┬────────────┐
	// │ layer      │ output   │ parameters │
	// ├────────────┼──────────┼────────────┤
	// │ 0 Flatten  │ (n, 784) │          0 │
	// │ 1.0 Linear │ (n, 128) │    100,480 │
	// │ 1.1 ReLU   │ (n, 128) │          0 │
	// │ 2 Linear   │ (n, 10)  │      1,290 │
	// ├────────────┼──────────┼────────────┤
	// │ trained    │          │    101,770 │
	// └────────────┴──────────┴────────────┘
}

// Of what a classifier predicts, logits or probabilities, the greatest number of a row tells the class.
func ExampleClasses() {
	logits := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{0.1, 2.5, -1, -3, -2, -1}))
	classes, err := nn.Classes(logits)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes)
	// Output: [1 2]
}
