package data_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// Only what is not zero is stored: for each row where it begins, and for each value its column.
func ExampleCSR() {
	m, err := data.NewCSR(4, []int{0, 2, 2, 3}, []int32{0, 3, 1}, []float32{5, 6, 7})
	if err != nil {
		log.Fatal(err)
	}
	for j, v := range m.Row(0) {
		fmt.Println(j, v)
	}
	x, err := m.Dense()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Shape(), x.Float32s())
	// Output:
	// 0 5
	// 3 6
	// (3, 4) [5 0 0 6 0 0 0 0 0 7 0 0]
}

// A matrix of mostly zeros, written in the format that svm-train and scikit-learn read.
func ExampleWriteSVMLight() {
	x, err := data.CSRFromDense(tensor.New(tensor.WithShape(2, 4), tensor.WithBacking([]float64{0, 5.1, 0, 1, 2, 0, 0, 0})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Stored(), "values of 8")
	if err := data.WriteSVMLight(os.Stdout, x, []float64{1, -1}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 3 values of 8
	// 1 2:5.1 4:1
	// -1 1:2
}

// A label and the values that are not zero, by the numbers of their features, are a line for each example.
func ExampleReadSVMLight() {
	file := "# two flowers\n1 1:5.1 3:1.4\n2 2:3.2 4:1.4 # versicolor\n"
	x, y, err := data.ReadSVMLight(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	labels, err := data.IntLabels(y)
	if err != nil {
		log.Fatal(err)
	}
	dense, err := x.Dense()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels, dense.Float64s())
	// Output: [1 2] [5.1 0 1.4 0 0 3.2 0 1.4]
}
