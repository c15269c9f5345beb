package nn_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// One program trains a model and saves it; another, which knows the net's layers, loads and uses it.
func ExampleModel_Save() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "xor.safetensors")

	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
	y := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 1, 1, 0}))
	trained := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
	if err := trained.Compile(ops.MSE, &optim.SGD{LR: 0.9}); err != nil {
		log.Fatal(err)
	}
	if _, err := trained.Fit(ctx, &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: 1000, BatchSize: 4, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	if err := trained.Save(path); err != nil {
		log.Fatal(err)
	}

	loaded := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
	if err := loaded.Load(path); err != nil {
		log.Fatal(err)
	}
	predictions, err := loaded.Predict(ctx, x)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range predictions.Float32s() {
		fmt.Printf("%.0f\n", p)
	}
	// Output:
	// 0
	// 1
	// 1
	// 0
}

// A file that does not fit is refused, with everything that differs.
func ExampleModel_Load() {
	folder, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "small.safetensors")

	small := &nn.Model{Net: &nn.Linear{Out: 4}}
	if err := small.Build(tensor.Shape{2}, 1); err != nil {
		log.Fatal(err)
	}
	if err := small.Save(path); err != nil {
		log.Fatal(err)
	}
	large := &nn.Model{Net: &nn.Linear{Out: 5}, Dtype: tensor.Float64}
	if err := large.Load(path); err != nil {
		fmt.Println(strings.ReplaceAll(err.Error(), folder+string(filepath.Separator), ""))
	}
	// Output:
	// nn: Load: small.safetensors: the file does not fit the model:
	// weight: want (2, 5) float64, and the file has (2, 4) float32
	// bias: want (5) float64, and the file has (4) float32
}
