package data_test

import (
	"bytes"
	"fmt"
	"log"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/iris"
)

// five is examples 0 to 4, with their squares as targets.
func five() *data.Dataset {
	return &data.Dataset{
		X: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{0, 1, 2, 3, 4})),
		Y: tensor.New(tensor.WithShape(5, 1), tensor.WithBacking([]float32{0, 1, 4, 9, 16})),
	}
}

// From a table to what a training step looks at: classes held out in their shares, columns brought to one scale, batches in a drawn order.
func Example() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	train, test, err := flowers.StratifiedSplit(0.2, rng)
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
	fmt.Println(train.Len(), "flowers to train on and", test.Len(), "to test")
	for i, batch := range train.Batches(50, rng) {
		fmt.Println(i, batch.X.Shape(), batch.Y.Shape())
	}
	// Output:
	// 120 flowers to train on and 30 to test
	// 0 (50, 4) (50)
	// 1 (50, 4) (50)
	// 2 (20, 4) (20)
}

// Bytes, such as pixels, become numbers from 0 to 1 as batches are made. A data set without Y is one for an autoencoder, whose targets are
// its inputs.
func ExampleDataset() {
	pixels := &data.Dataset{X: tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]uint8{0, 51, 255, 102, 204, 0}))}
	for _, batch := range pixels.Batches(2, nil) {
		fmt.Printf("%.1f\n", batch.X.Float32s())
		fmt.Println(batch.X == batch.Y)
	}
	// Output:
	// [0.0 0.2 1.0 0.4 0.8 0.0]
	// true
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

// A column for each class, as targets of losses such as ops.MSE.
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

// A loss takes class labels as a target of whole numbers.
func ExampleLabels() {
	y, err := data.Labels([]int{2, 0, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Dtype(), y.Shape(), y.Data())
	_, err = data.Labels([]int{2, -1})
	fmt.Println(err)
	// Output:
	// float32 (3) [2 0 1]
	// data: Labels: label -1 at index 1 is not in [0, 16777216)
}

// The parts of a split have the labels as arrays, which a loss takes. For a support vector machine they become integers again.
func ExampleIntLabels() {
	y, err := data.Labels([]int{0, 1, 2, 1})
	if err != nil {
		log.Fatal(err)
	}
	points := &data.Dataset{X: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float64{5, 6, 7, 8})), Y: y}
	train, test, err := points.Split(0.25, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range []*data.Dataset{train, test} {
		labels, err := data.IntLabels(part.Y)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(labels)
	}
	// Output:
	// [0 1 2]
	// [1]
}

// Each class has the same share of both sets, which a plain Split of a rare class may miss.
func ExampleDataset_StratifiedSplit() {
	y, err := data.Labels([]int{0, 0, 0, 0, 0, 0, 1, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	d := &data.Dataset{X: tensor.New(tensor.WithShape(9, 1), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9})), Y: y}
	train, validation, err := d.StratifiedSplit(1./3, nil) // the last of each class; an rng draws them
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Y.Data(), validation.Y.Data())
	// Output: [0 0 0 0 1 1] [0 0 1]
}

// Another goroutine makes the next batches while one is used. Nothing else changes.
func ExamplePrefetch() {
	for i, batch := range data.Prefetch(five().Batches(2, nil), 2) {
		fmt.Println(i, batch.X.Data())
	}
	// Output:
	// 0 [0 1]
	// 1 [2 3]
	// 2 [4]
}

// A loop that is not to allocate owns the memory of its batches: the arrays are laid out once, and then only indices are drawn.
func ExampleGather() {
	x, _, err := five().Rows()
	if err != nil {
		log.Fatal(err)
	}
	batch := make([]float32, 2*x.Width())
	for _, rows := range data.BatchIndices(x.Len(), 2, nil) {
		part := batch[:len(rows)*x.Width()]
		if err := data.Gather(part, x, rows); err != nil {
			log.Fatal(err)
		}
		fmt.Println(part)
	}
	// Output:
	// [0 1]
	// [2 3]
	// [4]
}

// Bytes become numbers from 0 to 1, for models that take no bytes, such as those of package svm.
func ExampleFloats() {
	pixels := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]uint8{0, 51, 255, 102, 204, 0}))
	x, err := data.Floats(pixels)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %.1f\n", x.Shape(), x.Float32s())
	// Output: (2, 3) [0.0 0.2 1.0 0.4 0.8 0.0]
}

// A model that has learned to predict what was scaled predicts in that scale; Invert brings it back to dollars.
func ExampleScaler_Invert() {
	dollars := tensor.New(tensor.WithShape(3, 1), tensor.WithBacking([]float64{100_000, 200_000, 300_000}))
	scaler, err := data.NewMinMaxScaler(dollars)
	if err != nil {
		log.Fatal(err)
	}
	predicted := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{0.25, 1.5}))
	again, err := scaler.Invert(predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Data())
	// Output: [150000 400000]
}

// The format of the MNIST files: a magic number with the element type and the number of axes, their lengths, and the elements.
func ExampleReadIDX() {
	file := []byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60}
	x, err := data.ReadIDX(bytes.NewReader(file)) // or a file compressed with gzip
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Dtype(), x.Shape(), x.Data())
	// Output: uint8 (2, 3) [10 20 30 40 50 60]
}
