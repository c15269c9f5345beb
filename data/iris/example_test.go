package iris_test

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

// A small net tells the species of flowers that it has not seen.
func Example() {
	table, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	train, test, err := table.StratifiedSplit(0.2, rand.New(rand.NewPCG(1, 2)))
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
	ctx := context.Background()
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 8}, nn.Tanh{}, &nn.Linear{Out: 3}}}
	if err := model.Compile(ops.CrossEntropy, &optim.SGD{LR: 0.1, Momentum: 0.9}, nn.Accuracy); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(ctx, train, nn.FitConfig{Epochs: 50, BatchSize: 16, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	scores, err := model.Evaluate(ctx, test)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), "flowers to train on,", test.Len(), "to test with")
	fmt.Println("more than nine of ten are told:", scores.Metrics["accuracy"] > 0.9)
	// Output:
	// 120 flowers to train on, 30 to test with
	// more than nine of ten are told: true
}

// A table knows the names of its columns and of its classes.
func ExampleLoad() {
	table, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	first := table.X.Float64s()[:4]
	for j, name := range table.Features {
		fmt.Println(name, first[j])
	}
	fmt.Println(table.Categories["species"][table.Labels[0]])
	// Output:
	// sepal length 5.1
	// sepal width 3.5
	// petal length 1.4
	// petal width 0.2
	// setosa
}
