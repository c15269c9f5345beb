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

// line is points of a line, with noise.
func line(noise ...float32) *data.Dataset {
	x, y := make([]float32, len(noise)), make([]float32, len(noise))
	for i := range noise {
		x[i] = float32(i) / float32(len(noise))
		y[i] = x[i] + noise[i]
	}
	return &data.Dataset{
		X: tensor.New(tensor.WithShape(len(x), 1), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(len(y), 1), tensor.WithBacking(y)),
	}
}

// A net that is too large for four points begins to learn their noise by heart; the validation tells when.
func ExampleEarlyStopping() {
	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 64}, nn.Tanh{}, &nn.Linear{Out: 1}}}
	if err := model.Compile(ops.MSE, &optim.Adam{LR: 0.01}); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(context.Background(), line(0.2, -0.2, 0.2, -0.2), nn.FitConfig{
		Epochs: 1000, Seed: 1,
		Validation: line(0, 0, 0, 0, 0, 0),
		Callbacks:  []nn.Callback{nn.EarlyStopping{Patience: 20, Restore: true}.Callback()},
	})
	if err != nil {
		log.Fatal(err)
	}
	best, err := history.Best(nn.Monitor{}) // whose parameters the model has now
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped before the last epoch:", len(history.Epochs) < 1000)
	fmt.Println("epochs after the best:", len(history.Epochs)-best.Number)
	// Output:
	// stopped before the last epoch: true
	// epochs after the best: 20
}

// The best model by its accuracy on the validation is on the disk while the training goes on.
func ExampleSaveBest() {
	folder, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "best.safetensors")

	d := line(0.2, -0.2, 0.2, -0.2)
	model := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5}, nn.MAE); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(context.Background(), d, nn.FitConfig{
		Epochs: 50, Seed: 1, Validation: line(0, 0, 0),
		Callbacks: []nn.Callback{nn.SaveBest{Path: path, Monitor: nn.Lowest("MAE")}.Callback()},
	})
	if err != nil {
		log.Fatal(err)
	}

	best := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := best.Load(path); err != nil {
		log.Fatal(err)
	}
	if err := best.Compile(ops.MSE, &optim.SGD{LR: 0.5}, nn.MAE); err != nil {
		log.Fatal(err)
	}
	scores, err := best.Evaluate(context.Background(), line(0, 0, 0))
	if err != nil {
		log.Fatal(err)
	}
	epoch, err := history.Best(nn.Lowest("MAE"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scores.Metrics["MAE"] == epoch.Validation.Metrics["MAE"])
	// Output: true
}

func ExampleCSVLog() {
	model := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5}, nn.MAE); err != nil {
		log.Fatal(err)
	}
	var text strings.Builder // or a file
	if _, err := model.Fit(context.Background(), line(0, 0, 0), nn.FitConfig{
		Epochs: 3, Validation: line(0, 0), Callbacks: []nn.Callback{nn.CSVLog(&text)},
	}); err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	fmt.Println(lines[0])
	for _, line := range lines[1:4] {
		fmt.Println("epoch", strings.Split(line, ",")[0])
	}
	// Output:
	// epoch,seconds,loss,MAE,validation loss,validation MAE
	// epoch 1
	// epoch 2
	// epoch 3
}

func ExampleTensorBoard() {
	runs, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(runs)

	model := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5}); err != nil {
		log.Fatal(err)
	}
	if _, err := model.Fit(context.Background(), line(0, 0, 0), nn.FitConfig{
		Epochs: 3, Validation: line(0, 0),
		Callbacks: []nn.Callback{nn.TensorBoard{Folder: filepath.Join(runs, "first")}.Callback()},
	}); err != nil {
		log.Fatal(err)
	}
	// Now: tensorboard --logdir runs
	files, err := filepath.Glob(filepath.Join(runs, "*", "*", "*"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		run, err := filepath.Rel(runs, filepath.Dir(file))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(filepath.ToSlash(run))
	}
	// Output:
	// first/train
	// first/validation
}

// A history draws its loss and its metrics.
func ExampleHistory_Plot() {
	folder, err := os.MkdirTemp("", "figures")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	model := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5}, nn.MAE); err != nil {
		log.Fatal(err)
	}
	history, err := model.Fit(context.Background(), line(0.2, -0.2, 0.2, -0.2), nn.FitConfig{Epochs: 20, Validation: line(0, 0, 0)})
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(folder, "history.svg")
	if err := history.Plot(path); err != nil { // open it in a browser
		log.Fatal(err)
	}
	picture, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.HasPrefix(string(picture), "<svg"), len(history.Epochs), "epochs")
	// Output: true 20 epochs
}
