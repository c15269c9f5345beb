// Command xor teaches a network of two inputs, four hidden units and one output the exclusive or, the smallest problem that a
// line cannot solve.
//
//	go run ./examples/xor
//	go run ./examples/xor -hidden=false   # without the hidden layer it fails
//	go run ./examples/xor -graph          # draws what is recorded in a training step
//
// It prints what the network says to the four points, and draws the loss (loss.png) and the decision boundary (boundary.png). With
// -graph it also prints the tape of the first training step as a Mermaid flowchart, which GitHub draws, and writes it to graph.mmd
// and, for Graphviz, to graph.dot.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "xor:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("xor", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seed := flags.Uint64("seed", 1, "seed of the initial weights and of the order of the points")
	epochs := flags.Int("epochs", 200, "passes over the four points")
	out := flags.String("out", "xor-out", "folder for the figures")
	hidden := flags.Bool("hidden", true, "have the hidden layer; without it the network is a line and cannot learn this")
	tape := flags.Bool("graph", false, "draw the tape of the first training step, too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	if *epochs < 1 {
		return fmt.Errorf("-epochs is %d: want at least 1", *epochs)
	}

	if err := figure.Prepare(*out); err != nil {
		return err
	}
	model, history, err := train(ctx, *hidden, *seed, *epochs)
	if err != nil {
		return err
	}
	outputs, err := predict(ctx, model, points())
	if err != nil {
		return err
	}
	report(stdout, outputs)
	if *tape {
		if err := drawTape(stdout, *out, *hidden, *seed); err != nil {
			return err
		}
	}
	return draw(ctx, *out, model, history)
}

// points are the inputs (4, 2), and truth what the network is to say to each.
func points() *tensor.Dense {
	return tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{0, 0, 0, 1, 1, 0, 1, 1}))
}

var truth = []float32{0, 1, 1, 0}

// network has tanh in the hidden layer, a sigmoid at the end, and Glorot's uniform initialization.
func network(hidden bool) nn.Sequential {
	net := nn.Sequential{&nn.Linear{Out: 4, Init: nn.GlorotUniform}, nn.Tanh{}, &nn.Linear{Out: 1, Init: nn.GlorotUniform}, nn.Sigmoid{}}
	if !hidden {
		net = net[2:]
	}
	return net
}

// train fits the network by mean squared error and plain gradient descent with learning rate 0.9, on all four points at once.
func train(ctx context.Context, hidden bool, seed uint64, epochs int) (*nn.Model, nn.History, error) {
	model := &nn.Model{Net: network(hidden)}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}); err != nil {
		return nil, nn.History{}, err
	}
	set := &data.Dataset{X: points(), Y: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking(truth))}
	history, err := model.Fit(ctx, set, nn.FitConfig{Epochs: epochs, BatchSize: 4, Seed: seed})
	return model, history, err
}

// predict returns the network's output for each row of x (n, 2).
func predict(ctx context.Context, model *nn.Model, x *tensor.Dense) ([]float32, error) {
	y, err := model.Predict(ctx, x)
	if err != nil {
		return nil, err
	}
	return y.Float32s(), nil
}

// right returns for how many points the rounded output is the truth.
func right(outputs []float32) int {
	n := 0
	for i, y := range outputs {
		if math.Round(float64(y)) == float64(truth[i]) {
			n++
		}
	}
	return n
}

func report(w io.Writer, outputs []float32) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"input", "expected", "output", "rounded"})
	x := points().Float32s()
	for i, y := range outputs {
		t.AppendRow(table.Row{fmt.Sprintf("%.0f %.0f", x[2*i], x[2*i+1]), truth[i], fmt.Sprintf("%.4f", y), math.Round(float64(y))})
	}
	fmt.Fprintln(w, t.Render())
	fmt.Fprintf(w, "accuracy: %d %%\n", 100*right(outputs)/len(outputs))
}

// draw writes the two figures.
func draw(ctx context.Context, folder string, model *nn.Model, history nn.History) error {
	loss := figure.Loss{
		Title:  "XOR: mean squared error",
		Series: []figure.Series{{Name: "training", Values: history.Loss()}},
	}
	if err := loss.Save(filepath.Join(folder, "loss.png")); err != nil {
		return err
	}
	var marks []figure.Point
	x := points().Float32s()
	for i, class := range truth {
		marks = append(marks, figure.Point{X: float64(x[2*i]), Y: float64(x[2*i+1]), Class: int(class)})
	}
	var failure error
	boundary := figure.Boundary{Title: "XOR: what the network says between the points", Points: marks}
	boundary.Output = func(x, y float64) float64 {
		z, err := predict(ctx, model, tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{float32(x), float32(y)})))
		if err != nil {
			failure = err
			return math.NaN() // ends the drawing
		}
		return float64(z[0])
	}
	err := boundary.Save(filepath.Join(folder, "boundary.png"))
	if failure != nil {
		return failure
	}
	return err
}
