package nn_test

import (
	"context"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// PReLU is x where x is positive, and elsewhere x times a slope that each feature learns.
type PReLU struct{ slope *autograd.Param }

// Build makes the slopes when it is called first.
func (l *PReLU) Build(b *nn.Builder, in tensor.Shape) (tensor.Shape, error) {
	if l.slope == nil {
		l.slope = b.Param("slope", nn.Constant(0.25), in...)
	}
	if !l.slope.Value().Shape().Eq(in) {
		return nil, fmt.Errorf("PReLU: built for examples of shape %v, and given %v", l.slope.Value().Shape(), in)
	}
	return in, nil
}

// Forward takes its parameter from the tape of the pass, and is otherwise operations on a batch.
func (l *PReLU) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	positive := ops.Greater(x, autograd.Scalar(0))
	return ops.Where(positive, x, ops.Mul(x, p.Tape.Param(l.slope)))
}

// Params returns the slopes, once they are there.
func (l *PReLU) Params() []*autograd.Param {
	if l.slope == nil {
		return nil
	}
	return []*autograd.Param{l.slope}
}

// A layer of one's own has three methods, and is then trained, saved and drawn like any other.
func ExampleLayer() {
	layer := new(PReLU)
	model := &nn.Model{Net: nn.Sequential{layer}}
	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.1}); err != nil {
		log.Fatal(err)
	}
	bent := &data.Dataset{
		X: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{-2, -1, 1, 2})),
		Y: tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float32{1, 0.5, 1, 2})),
	}
	if _, err := model.Fit(context.Background(), bent, nn.FitConfig{Epochs: 100}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.2f\n", layer.slope.Name, layer.slope.Value())
	// Output: 0.slope [-0.50]
}
