package safetensors_test

import (
	"bytes"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/safetensors"
)

func ExampleFile_Write() {
	weight := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1, 2, 3, 4}))
	file := &safetensors.File{
		Tensors:  map[string]*tensor.Dense{"0.weight": weight},
		Metadata: map[string]string{"trained on": "XOR"},
	}
	var disk bytes.Buffer // WriteFile writes to a path
	if err := file.Write(&disk); err != nil {
		log.Fatal(err)
	}
	again, err := safetensors.Read(&disk)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Tensors["0.weight"].Float32s(), again.Metadata["trained on"])
	// Output: [1 2 3 4] XOR
}
