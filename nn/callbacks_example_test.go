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
		Epochs: 10, Seed: 1, Validation: line(0, 0, 0),
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

// A line for each epoch, which any spreadsheet reads.
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

// TensorBoard draws the curves of all trainings in a folder while they run.
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

// The learning rate falls when the loss of the validation, or without one that of the training, has stopped to fall.
func ExampleObserve() {
	plateau := &optim.Plateau{Patience: 3, Factor: 0.5}
	model := &nn.Model{Net: &nn.Linear{Out: 1}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5, Schedule: plateau.Schedule}); err != nil {
		log.Fatal(err)
	}
	noise := &data.Dataset{ // of which nothing can be learned
		X: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{0, 0, 0, 0})),
		Y: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{-1, 1, 1, -1})),
	}
	if _, err := model.Fit(context.Background(), noise, nn.FitConfig{
		Epochs: 10, Callbacks: []nn.Callback{nn.Observe(plateau.Observe)},
	}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(plateau.Schedule(0), "of the learning rate is left")
	// Output: 0.25 of the learning rate is left
}

// A training tells how it comes along: on a terminal with every batch, elsewhere with a line for each epoch.
func ExampleProgress() {
	model := &nn.Model{Net: &nn.Linear{Out: 1, Init: nn.Zeros}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.5}, nn.MAE); err != nil {
		log.Fatal(err)
	}
	d := &data.Dataset{
		X: tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{0, 0})),
		Y: tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{2, 2})),
	}
	var lines strings.Builder // or os.Stderr
	if _, err := model.Fit(context.Background(), d, nn.FitConfig{
		Epochs: 2, BatchSize: 1, Validation: d, Callbacks: []nn.Callback{nn.Progress(&lines)},
	}); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(lines.String()) {
		fields := strings.Split(line, "  ") // the last ones tell the speed and the time that is left
		fmt.Println(strings.Join(fields[:len(fields)-2], "  "))
	}
	// Output:
	// epoch 1/2  loss 2  MAE 1.0000  validation loss 0  validation MAE 0.0000
	// epoch 2/2  loss 0  MAE 0.0000  validation loss 0  validation MAE 0.0000
}
