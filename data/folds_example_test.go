package data_test

import (
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// Each example is tested once. With an rng instead of nil the folds are drawn.
func ExampleKFold() {
	folds, err := data.KFold(5, 2, nil)
	if err != nil {
		log.Fatal(err)
	}
	for train, test := range folds.All() {
		fmt.Println(train, test)
	}
	// Output:
	// [3 4] [0 1 2]
	// [0 1 2] [3 4]
}

// Each fold has the same share of each class, and what belongs to its examples is taken by their numbers.
func ExampleStratifiedKFold() {
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float64{1, 2, 8, 9}))
	labels := []string{"low", "low", "high", "high"}
	folds, err := data.StratifiedKFold(labels, 2, nil)
	if err != nil {
		log.Fatal(err)
	}
	train, _ := folds.Fold(0)
	trainX, err := data.TakeRows(x, train)
	if err != nil {
		log.Fatal(err)
	}
	trainLabels, err := data.TakeLabels(labels, train)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trainX.Data(), trainLabels)
	// Output: [2 9] [low high]
}

// Examples by their numbers, in any order.
func ExampleDataset_Take() {
	d := &data.Dataset{X: tensor.New(tensor.WithShape(3, 1), tensor.WithBacking([]float32{1, 2, 3}))}
	part, err := d.Take([]int{2, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(part.X.Data())
	// Output: [3 1]
}

// Classifiers number classes; people name them.
func ExampleEncoder() {
	encoder, err := data.NewEncoder([]string{"dog", "cat", "dog"})
	if err != nil {
		log.Fatal(err)
	}
	classes, err := encoder.Encode([]string{"cat", "dog"})
	if err != nil {
		log.Fatal(err)
	}
	labels, err := encoder.Decode([]int{1, 1, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes, labels)
	_, err = encoder.Encode([]string{"cow"})
	fmt.Println(err)
	// Output:
	// [0 1] [dog dog cat]
	// data: Encoder.Encode: label 0 is "cow", which is none of the 2 known ones: make the encoder of all labels that occur
}

// Labels of a type without an order are numbered as they first occur.
func ExampleNewEncoderFunc() {
	encoder, err := data.NewEncoderFunc([]bool{true, false, true}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(encoder.Labels())
	// Output: [true false]
}
