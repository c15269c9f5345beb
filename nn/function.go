package nn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// ReLU is max(x, 0), elementwise: see [ops.ReLU].
type ReLU struct{ elementwise }

// Forward implements [Layer].
func (ReLU) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.ReLU(x) }

// LeakyReLU is x where x > 0 and Slope·x elsewhere: see [ops.LeakyReLU].
type LeakyReLU struct {
	Slope float64 // 0 means 0.01, as in PyTorch; [ReLU] has none

	elementwise
}

// Forward implements [Layer].
func (l LeakyReLU) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor {
	return ops.LeakyReLU(x, cmp.Or(l.Slope, 0.01))
}

// ELU is x where x > 0 and Alpha·(exp(x) - 1) elsewhere: see [ops.ELU].
type ELU struct {
	Alpha float64 // 0 means 1, as in PyTorch; [ReLU] has none

	elementwise
}

// Forward implements [Layer].
func (l ELU) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor {
	return ops.ELU(x, cmp.Or(l.Alpha, 1))
}

// GELU is x·Φ(x) with the distribution function Φ of the normal distribution: see [ops.GELU].
type GELU struct {
	Tanh bool // approximate Φ by a hyperbolic tangent, as BERT and GPT-2 do: see [ops.GELUTanh]

	elementwise
}

// Forward implements [Layer].
func (l GELU) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor {
	if l.Tanh {
		return ops.GELUTanh(x)
	}
	return ops.GELU(x)
}

// SiLU is x/(1 + exp(-x)), elementwise, also called swish: see [ops.SiLU].
type SiLU struct{ elementwise }

// Forward implements [Layer].
func (SiLU) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.SiLU(x) }

// Sigmoid is 1/(1 + exp(-x)), elementwise: see [ops.Sigmoid].
type Sigmoid struct{ elementwise }

// Forward implements [Layer].
func (Sigmoid) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.Sigmoid(x) }

// Tanh is the hyperbolic tangent, elementwise: see [ops.Tanh].
type Tanh struct{ elementwise }

// Forward implements [Layer].
func (Tanh) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.Tanh(x) }

// LogSigmoid is -log(1 + exp(-x)), elementwise: see [ops.LogSigmoid].
type LogSigmoid struct{ elementwise }

// Forward implements [Layer].
func (LogSigmoid) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.LogSigmoid(x) }

// Softplus is log(1 + exp(x)), elementwise, a smooth ReLU: see [ops.Softplus].
type Softplus struct{ elementwise }

// Forward implements [Layer].
func (Softplus) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.Softplus(x) }

// Softmax turns the last axis into probabilities that sum to 1: see [ops.Softmax]. For training, ops.CrossEntropy takes what
// comes before it.
type Softmax struct{ elementwise }

// Build implements [Layer]. The error says that an example is a single number, which has no axis.
func (Softmax) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) {
	return scores("nn.Softmax", in)
}

// Forward implements [Layer].
func (Softmax) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.Softmax(x, -1) }

// LogSoftmax turns the last axis into the logarithms of probabilities that sum to 1: see [ops.LogSoftmax].
type LogSoftmax struct{ elementwise }

// Build implements [Layer]. The error says that an example is a single number, which has no axis.
func (LogSoftmax) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) {
	return scores("nn.LogSoftmax", in)
}

// Forward implements [Layer].
func (LogSoftmax) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.LogSoftmax(x, -1) }

// scores returns the shape of an example if it has an axis of scores.
func scores(name string, in tensor.Shape) (tensor.Shape, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("%s: an example has shape (): want an axis of scores", name)
	}
	return in, nil
}

// Dropout sets each element to 0 with probability P in training and divides the others by 1 - P, so that the mean stays; in
// inference it does nothing. Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent Neural
// Networks from Overfitting" (JMLR 2014), in the inverted form that PyTorch has too.
type Dropout struct {
	P float64 // in [0, 1]; 0 drops nothing

	elementwise
}

// Build implements [Layer]. The error says that P is not a probability.
func (l Dropout) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) {
	if !(l.P >= 0 && l.P <= 1) { // the negation catches NaN
		return nil, fmt.Errorf("nn.Dropout: P is %v: want a probability", l.P)
	}
	return in, nil
}

// Forward implements [Layer]. It panics with an autograd.ValueError if it has to draw and p.Rand is nil.
func (l Dropout) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	if !p.Train || l.P == 0 {
		return x
	}
	if p.Rand == nil {
		autograd.Fail("nn.Dropout", autograd.ValueError, []*autograd.Tensor{x}, "the Pass has no Rand to draw from")
	}
	return ops.Dropout(x, l.P, p.Rand)
}

// Flatten makes one axis of all axes of an example: (n, …) becomes (n, product).
type Flatten struct{ stateless }

// Build implements [Layer].
func (Flatten) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) {
	return tensor.Shape{size(in)}, nil
}

// Forward implements [Layer].
func (Flatten) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor { return ops.Flatten(x) }

// Lambda makes a layer of a function of a batch, such as ops.Square. The function keeps the first axis, that of the batch.
type Lambda func(x *autograd.Tensor) *autograd.Tensor

// Build implements [Layer]: it calls the function on two examples of zeros to see what shape comes out. The error is what the
// function panicked with, or says that it returned nil or that the first axis was lost.
func (f Lambda) Build(b *Builder, in tensor.Shape) (out tensor.Shape, err error) {
	if f == nil {
		return nil, errors.New("nn.Lambda: the function is nil")
	}
	b.prepare()
	const batch = 2
	var y *autograd.Tensor
	err = autograd.Try(func() { y = f(autograd.Zeros(b.Dtype, append([]int{batch}, in...)...)) })
	if err != nil {
		return nil, fmt.Errorf("nn.Lambda: %w", err)
	}
	if y == nil {
		return nil, fmt.Errorf("nn.Lambda: %s", returnedNil)
	}
	if s := y.Shape(); len(s) == 0 || s[0] != batch {
		return nil, fmt.Errorf("nn.Lambda: the function turned a batch of %d examples into shape %v: want the first axis kept", batch, s)
	}
	return slices.Clone(y.Shape()[1:]), nil
}

const returnedNil = "the function returned nil: want a tensor (n, …)"

// Forward implements [Layer]. It panics with an autograd.ValueError if the function returns nil.
func (f Lambda) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor {
	y := f(x)
	if y == nil {
		autograd.Fail("nn.Lambda", autograd.ValueError, []*autograd.Tensor{x}, returnedNil)
	}
	return y
}

// Params implements [Layer]: there are none.
func (f Lambda) Params() []*autograd.Param { return nil }

// stateless is the part of a layer that has no parameters.
type stateless struct{}

// Params implements [Layer]: there are none.
func (stateless) Params() []*autograd.Param { return nil }

// elementwise is the part of a layer without parameters whose output has the shape of its input.
type elementwise struct{ stateless }

// Build implements [Layer].
func (elementwise) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) { return in, nil }
