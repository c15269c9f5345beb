package data_test

import (
	"bytes"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// What numpy.save wrote is read, and what is written here numpy.load reads.
func ExampleReadNPY() {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	var file bytes.Buffer // or an *os.File
	if err := data.WriteNPY(&file, x); err != nil {
		log.Fatal(err)
	}
	again, err := data.ReadNPY(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Dtype(), again.Shape(), again.Float32s())
	// Output: float32 (2, 3) [1 2 3 4 5 6]
}

// An NPZ file holds arrays by name, such as the examples and labels of a data set.
func ExampleReadNPZ() {
	var file bytes.Buffer
	err := data.WriteNPZ(&file, map[string]*tensor.Dense{
		"x": tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]uint8{0, 255, 128, 64})),
		"y": tensor.New(tensor.WithShape(2), tensor.WithBacking([]int64{7, 3})),
	})
	if err != nil {
		log.Fatal(err)
	}
	arrays, err := data.ReadNPZ(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrays["x"].Dtype(), arrays["x"].Shape(), arrays["y"].Int64s())
	// Output: uint8 (2, 2) [7 3]
}
