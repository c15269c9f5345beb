package tapegrad_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
	"github.com/tapegrad/tapegrad/svm"
)

// Operations are ordinary function calls, and records on a tape. A pass over the tape gives the exact derivative, and one that is recorded
// itself the derivative of that.
func Example() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(0.5))
	y := ops.Tanh(x)
	slope := tape.GradGraph(y, x)[0]
	curvature := tape.Grad(slope, x)[0]
	fmt.Printf("%.5f %.5f %.5f\n", y, slope, curvature)
	// Output: 0.46212 0.78645 -0.72686
}

// The parts together: an autoencoder learns to squeeze images of digits through twelve numbers, without being told what they show. A
// support vector machine reads the digits from these numbers, in each of five parts of the images after it was fitted to the others.
func Example_digits() {
	ctx := context.Background()
	digits, err := mnist.Test()
	if err != nil {
		log.Fatal(err)
	}
	if digits, err = digits.Limit(400); err != nil {
		log.Fatal(err)
	}

	encoder := nn.Sequential{&nn.Linear{Out: 32}, nn.ReLU{}, &nn.Linear{Out: 12}}
	decoder := nn.Sequential{&nn.Linear{Out: 32}, nn.ReLU{}, &nn.Linear{Out: mnist.Pixels}, nn.Sigmoid{}}
	autoencoder := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	if err := autoencoder.Compile(ops.MSE, &optim.Adam{LR: 0.01}); err != nil {
		log.Fatal(err)
	}
	images := &data.Dataset{X: digits.Images} // without a Y, the images are what is to come out
	if _, err := autoencoder.Fit(ctx, images, nn.FitConfig{Epochs: 12, BatchSize: 20, Seed: 1}); err != nil {
		log.Fatal(err)
	}

	codes, err := (&nn.Model{Net: encoder}).Predict(ctx, digits.Images)
	if err != nil {
		log.Fatal(err)
	}
	scores, err := learn.CrossValidate(ctx, learn.Of(svm.SVC{C: 10}), codes, digits.Labels, 5, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digits.Images.Shape(), "pixels are", codes.Shape(), "numbers")
	fmt.Println("in each part more than seven of ten are read:", slices.Min(scores) > 0.7)
	// Output:
	// (400, 784) pixels are (400, 12) numbers
	// in each part more than seven of ten are read: true
}
