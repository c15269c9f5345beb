package housing_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/housing"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// A small net estimates prices of homes that it has not seen.
func Example() {
	table, err := housing.Load()
	if err != nil {
		log.Fatal(err)
	}
	train, test, err := table.Split(0.2, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		log.Fatal(err)
	}
	features, err := data.NewStandardScaler(train.X)
	if err != nil {
		log.Fatal(err)
	}
	price, err := data.NewStandardScaler(train.Y)
	if err != nil {
		log.Fatal(err)
	}
	for _, set := range []*data.Dataset{train, test} {
		if set.X, err = features.Apply(set.X); err != nil {
			log.Fatal(err)
		}
		if set.Y, err = price.Apply(set.Y); err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 16}, nn.Tanh{}, &nn.Linear{Out: 1}}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.01, Momentum: 0.9}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(ctx, train, nn.FitConfig{Epochs: 40, BatchSize: 32, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	scores, err := model.Evaluate(ctx, test)
	if err != nil {
		log.Fatal(err)
	}
	dollars := math.Sqrt(scores.Loss) * price.Scale[0]
	fmt.Println(train.Len(), "homes to train on,", test.Len(), "to test with")
	fmt.Println("typical error below 100,000 dollars:", dollars < 100_000)
	// Output:
	// 746 homes to train on, 186 to test with
	// typical error below 100,000 dollars: true
}

// The columns of the first home, by their names.
func ExampleLoad() {
	table, err := housing.Load()
	if err != nil {
		log.Fatal(err)
	}
	first := table.X.Float64s()[:len(table.Features)]
	for j, name := range table.Features {
		fmt.Println(name, first[j])
	}
	fmt.Println(table.Targets, table.Y.Float64s()[0])
	// Output:
	// beds 2
	// baths 1
	// sqft 836
	// type=Condo 0
	// type=Multi_Family 0
	// type=Residential 1
	// latitude 38.631913
	// longitude -121.434879
	// [price] 59222
}
