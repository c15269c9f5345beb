package safetensors_test

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/safetensors"
)

// Tensors and texts by their names, which Python reads too.
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

// What is in a file from elsewhere is seen by names, shapes and element types. Tensors of float16 and bfloat16 become float32.
func ExampleReadFile() {
	folder, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model.safetensors")
	if err := (&safetensors.File{Tensors: map[string]*tensor.Dense{
		"0.weight": tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6})),
		"0.bias":   tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{7, 8, 9})),
		"step":     tensor.New(tensor.WithShape(1), tensor.WithBacking([]int64{1000})),
	}}).WriteFile(path); err != nil {
		log.Fatal(err)
	}

	file, err := safetensors.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(file.Tensors)) {
		x := file.Tensors[name]
		fmt.Println(name, x.Dtype(), x.Shape())
	}
	fmt.Println(file.Tensors["0.bias"].Float32s())
	// Output:
	// 0.bias float32 (3)
	// 0.weight float32 (2, 3)
	// step int64 (1)
	// [7 8 9]
}

// A file that is broken off, as a download may be, is an error that says so.
func ExampleRead() {
	file := &safetensors.File{Tensors: map[string]*tensor.Dense{
		"weight": tensor.New(tensor.WithShape(4), tensor.WithBacking([]float32{1, 2, 3, 4})),
	}}
	var disk bytes.Buffer
	if err := file.Write(&disk); err != nil {
		log.Fatal(err)
	}
	disk.Truncate(disk.Len() - 4)
	_, err := safetensors.Read(&disk)
	fmt.Println(err)
	// Output: safetensors: Read: tensor "weight" at byte 0 of the data: elements of shape (4): 12 of 16 bytes: unexpected EOF
}
