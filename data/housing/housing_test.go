package housing_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/housing"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func TestLoad(t *testing.T) {
	table, err := housing.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Validate(); err != nil {
		t.Fatal(err)
	}
	want := []string{"beds", "baths", "sqft", "type=Condo", "type=Multi_Family", "type=Residential", "latitude", "longitude"}
	if diff := cmp.Diff(want, table.Features); diff != "" {
		t.Error(diff)
	}
	if x, y := table.X.Shape(), table.Y.Shape(); !slices.Equal(x, tensor.Shape{932, 8}) || !slices.Equal(y, tensor.Shape{932, 1}) {
		t.Fatalf("X is of shape %v and Y of %v", x, y)
	}
	if got, want := table.X.Float64s()[:8], []float64{2, 1, 836, 0, 0, 1, 38.631913, -121.434879}; !slices.Equal(got, want) {
		t.Errorf("the first home is %v, want %v", got, want)
	}
	// Sums that pandas finds in the original.
	for j, want := range []float64{3053, 1913.5, 1566057, 53, 13, 866} {
		sum := 0.0
		for i := range 932 {
			sum += table.X.Float64s()[8*i+j]
		}
		if sum != want {
			t.Errorf("column %s sums to %v, want %v", table.Features[j], sum, want)
		}
	}
	prices := 0.0
	for _, price := range table.Y.Float64s() {
		prices += price
	}
	if want := 229888596.0; prices != want {
		t.Errorf("the prices sum to %v, want %v", prices, want)
	}
}

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
