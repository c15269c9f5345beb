package learn_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/tapegrad/tapegrad/data/iris"
	"github.com/tapegrad/tapegrad/data/learn"
)

// Majority predicts the class that it has seen most often, whatever the samples are. A model that learns something is better.
type Majority struct{}

// Fit counts the classes; of equals the first is taken.
func (Majority) Fit(_ context.Context, _ learn.Samples, y []int) (Always, error) {
	count := make(map[int]int)
	for _, class := range y {
		count[class]++
	}
	classes := slices.Sorted(maps.Keys(count))
	return Always(slices.MaxFunc(classes, func(a, b int) int { return count[a] - count[b] })), nil
}

// Always is a model that predicts one class.
type Always int

// Predict returns the class for each sample.
func (a Always) Predict(x learn.Samples) ([]int, error) {
	return slices.Repeat([]int{int(a)}, x.Shape()[0]), nil
}

// Whatever has a Fit that returns something with a Predict takes part, such as a model of one's own: here what others are to be better than.
func ExampleOf() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	scores, err := learn.CrossValidate(context.Background(), learn.Of(Majority{}), flowers.X, flowers.Labels, 5, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", scores)
	// Output: [0.333 0.333 0.333 0.333 0.333]
}
