package data_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// five is examples 0 to 4, with their squares as targets.
func five() *data.Dataset {
	return &data.Dataset{
		X: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{0, 1, 2, 3, 4})),
		Y: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{0, 1, 4, 9, 16})),
	}
}

// An epoch is a pass over all examples; without a random generator they keep their order.
func ExampleDataset_Batches() {
	for i, batch := range five().Batches(2, nil) {
		fmt.Println(i, batch.X.Data(), batch.Y.Data())
	}
	// Output:
	// 0 [0 1] [0 1]
	// 1 [2 3] [4 9]
	// 2 [4] [16]
}

// A part of the examples is held out at random, the same for the same seed.
func ExampleDataset_Split() {
	train, validation, err := five().Split(0.4, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), validation.Len())
	// Output: 3 2
}

// What a scaler has learned from the training examples serves for all others.
func ExampleScaler() {
	train := tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{0, 100, 1, 200, 2, 300}))
	test := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{4, 150}))
	scaler, err := data.NewMinMaxScaler(train)
	if err != nil {
		log.Fatal(err)
	}
	scaled, err := scaler.Apply(test)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaled.Data())
	// Output: [2 0.25]
}

func ExampleOneHot() {
	rows, err := data.OneHot([]int{2, 0}, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows.Shape(), rows.Data())
	// Output: (2, 3) [0 0 1 1 0 0]
}

// What is wrong with a data set is said with its place.
func ExampleDataset_Validate() {
	d := five()
	d.Y = tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 4, 9}))
	fmt.Println(d.Validate())
	// Output: data: X has 5 examples and Y has 4: they must be equally many
}
