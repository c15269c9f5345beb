package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/graph"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// drawTape draws the tape of the first training step: as Mermaid to stdout, ready to be pasted into Markdown, and in the files
// graph.mmd and graph.dot.
func drawTape(stdout io.Writer, folder string, hidden bool, seed uint64) error {
	g, err := firstStep(hidden, seed)
	if err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{"graph.mmd": g.WriteMermaid, "graph.dot": g.WriteDOT} {
		if err := save(filepath.Join(folder, name), write); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout, "\nThe tape of the first training step, with the norms of its gradients:\n\n```mermaid")
	if err := g.WriteMermaid(stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "```")
	return err
}

// firstStep records what Fit does with its first batch, and returns the graph of that.
func firstStep(hidden bool, seed uint64) (*graph.Graph, error) {
	model := &nn.Model{Net: network(hidden)}
	if err := model.Build(tensor.Shape{2}, seed); err != nil {
		return nil, err
	}
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromDense(points())) // a variable, so that it is in the picture
	pred := model.Net.Forward(nn.Pass{Tape: tape, Train: true}, x)
	loss := ops.MSE(pred, autograd.FromSlice(truth, len(truth), 1))
	return graph.New(tape, graph.Options{
		Names:     map[*autograd.Tensor]string{x: "x", pred: "prediction", loss: "loss"},
		Params:    tape.Backward(loss).Collect(),
		Gradients: map[*autograd.Tensor]*autograd.Tensor{pred: tape.Grad(loss, pred)[0]},
	}), nil
}

func save(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
