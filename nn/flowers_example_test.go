package nn_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/iris"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// flowers are those of package iris, brought to a common scale, and a fifth of them held out.
func flowers() (train, test *data.Dataset, species []string) {
	table, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	train, test, err = table.StratifiedSplit(0.2, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		log.Fatal(err)
	}
	scaler, err := data.NewStandardScaler(train.X)
	if err != nil {
		log.Fatal(err)
	}
	for _, set := range []*data.Dataset{train, test} {
		if set.X, err = scaler.Apply(set.X); err != nil {
			log.Fatal(err)
		}
	}
	return train, test, table.Categories["species"]
}

// A classifier learns from flowers of three species and names those that it has not seen. Its outputs are logits, of which the greatest
// tells the class.
func Example() {
	ctx := context.Background()
	train, test, species := flowers()
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 16}, nn.ReLU{}, &nn.Linear{Out: 3}}}
	if err := model.Compile(ops.CrossEntropy, &optim.Adam{LR: 0.01}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(ctx, train, nn.FitConfig{Epochs: 30, BatchSize: 16, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	logits, err := model.Predict(ctx, test.X)
	if err != nil {
		log.Fatal(err)
	}
	predicted, err := nn.Classes(logits)
	if err != nil {
		log.Fatal(err)
	}
	truth, err := data.IntLabels(test.Y)
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range []int{0, 12, 24} {
		fmt.Println("predicted", species[predicted[i]]+",", "in truth", species[truth[i]])
	}
	// Output:
	// predicted virginica, in truth virginica
	// predicted versicolor, in truth versicolor
	// predicted setosa, in truth setosa
}

// What a model is judged by is said at Compile. Evaluate measures it over all examples.
func ExampleModel_Evaluate() {
	ctx := context.Background()
	train, test, _ := flowers()
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 16}, nn.ReLU{}, &nn.Linear{Out: 3}}}
	if err := model.Compile(ops.CrossEntropy, &optim.Adam{LR: 0.01}, nn.Accuracy, nn.F1, nn.TopK(2)); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(ctx, train, nn.FitConfig{Epochs: 50, BatchSize: 16, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	scores, err := model.Evaluate(ctx, test)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"accuracy", "F1", "top2"} {
		fmt.Printf("%s %.2f\n", name, scores.Metrics[name])
	}
	// Output:
	// accuracy 0.97
	// F1 0.97
	// top2 1.00
}

// An autoencoder squeezes its input through a few numbers and is to give it back; a data set without targets says so. The encoder is a
// layer that one has already, and as the net of a model of its own it gives the codes.
func ExampleSequential() {
	ctx := context.Background()
	train, _, _ := flowers()
	train.Y = nil
	encoder := nn.Sequential{&nn.Linear{Out: 8}, nn.Tanh{}, &nn.Linear{Out: 2}}
	decoder := nn.Sequential{&nn.Linear{Out: 8}, nn.Tanh{}, &nn.Linear{Out: 4}}
	autoencoder := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	if err := autoencoder.Compile(ops.MSE, &optim.Adam{LR: 0.02}); err != nil {
		log.Fatal(err)
	}
	if _, err := autoencoder.Fit(ctx, train, nn.FitConfig{Epochs: 60, BatchSize: 16, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	scores, err := autoencoder.Evaluate(ctx, train)
	if err != nil {
		log.Fatal(err)
	}
	codes, err := (&nn.Model{Net: encoder}).Predict(ctx, train.X)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.X.Shape(), "to", codes.Shape())
	fmt.Println("less than a tenth of the variance is lost:", scores.Loss < 0.1)
	// Output:
	// (120, 4) to (120, 2)
	// less than a tenth of the variance is lost: true
}

// A training that is cancelled, by a signal or a time limit as well, keeps what it has: the model as it is, and the epochs that are
// complete.
func ExampleModel_Fit_cancel() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	train, _, _ := flowers()
	model := &nn.Model{Net: &nn.Linear{Out: 3}}
	if err := model.Compile(ops.CrossEntropy, &optim.SGD{LR: 0.1}); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(ctx, train, nn.FitConfig{Epochs: 1000, Callbacks: []nn.Callback{{
		OnEpoch: func(s *nn.State) error {
			if s.Epoch == 3 {
				cancel() // as Ctrl-C does with a context of signal.NotifyContext
			}
			return nil
		},
	}}})
	fmt.Println(err)
	fmt.Println(len(history.Epochs), "epochs")
	// Output:
	// nn: Fit: epoch 4, batch 1: context canceled
	// 3 epochs
}
