package nn

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Residual adds what a layer makes of its input to the input: x + f(x). He, Zhang, Ren and Sun, "Deep Residual Learning for Image
// Recognition" (CVPR 2016). The parameters keep the names that they have without it.
type Residual struct{ Layer Layer }

// Build implements [Layer]. The error says that there is no layer, that it cannot be built, or that its outputs do not have the
// shape of its inputs.
func (r Residual) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	if r.Layer == nil {
		return nil, errors.New("nn.Residual: the layer is nil")
	}
	out, err := buildLayer(r.Layer, b, in)
	if err != nil {
		return nil, fmt.Errorf("nn.Residual: %w", err)
	}
	if !slices.Equal(out, in) {
		return nil, fmt.Errorf("nn.Residual: %T turns examples of shape %v into %v: want the same shape, to add them up", r.Layer, in, out)
	}
	return out, nil
}

// Forward implements [Layer].
func (r Residual) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	y := r.Layer.Forward(p, x)
	if y == nil {
		autograd.Fail("nn.Residual", autograd.ValueError, nil, "%T returned nil: want a tensor (n, …)", r.Layer)
	}
	return ops.Add(x, y)
}

// Params implements [Layer].
func (r Residual) Params() []*autograd.Param { return Sequential{r.Layer}.Params() }

// Features is the part of the last axis from From up to, but not including, To: a net with several inputs takes them side by side
// as one, and gives each branch its own.
type Features struct {
	From int // the first one
	To   int // the first one after it; 0 means all to the end

	stateless
}

// Build implements [Layer]. The error says that examples have no axis or not that many features.
func (f Features) Build(_ *Builder, in tensor.Shape) (tensor.Shape, error) {
	if len(in) == 0 {
		return nil, errors.New("nn.Features: an example has shape (): want an axis of features")
	}
	last := len(in) - 1
	to := f.end(in[last])
	if f.From < 0 || to > in[last] || f.From >= to {
		return nil, fmt.Errorf("nn.Features: From %d to %d of examples of shape %v: want 0 <= From < To <= %d", f.From, to, in, in[last])
	}
	out := slices.Clone(in)
	out[last] = to - f.From
	return out, nil
}

// Forward implements [Layer].
func (f Features) Forward(_ Pass, x *autograd.Tensor) *autograd.Tensor {
	shape := x.Shape()
	return ops.Slice(x, -1, f.From, f.end(shape[len(shape)-1]))
}

func (f Features) end(n int) int {
	if f.To == 0 {
		return n
	}
	return f.To
}

// Concat gives its input to each of its layers and puts their outputs side by side, along the last axis. The parameters of its
// layers are called by their index, as those of a [Sequential] are.
type Concat []Layer

// Build implements [Layer]. The error says that there are no layers, which of them cannot be built, or that the shapes of their
// outputs differ in more than the last axis.
func (c Concat) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	outs, err := buildBranches("nn.Concat", c, b, in)
	if err != nil {
		return nil, err
	}
	first := outs[0]
	last := len(first) - 1
	if last < 0 {
		return nil, errors.New("nn.Concat: outputs of shape () have no axis to lie side by side along")
	}
	whole := slices.Clone(first)
	for i, out := range outs[1:] {
		if len(out) != len(first) || !slices.Equal(out[:last], first[:last]) {
			return nil, fmt.Errorf("nn.Concat: layer 0 makes outputs of shape %v and layer %d %v: want equal shapes but for the last axis", first, i+1, out)
		}
		whole[last] += out[last]
	}
	return whole, nil
}

// Forward implements [Layer].
func (c Concat) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	outs := make([]*autograd.Tensor, len(c))
	for i, l := range c {
		outs[i] = forwardPart("nn.Concat", i, l, p, x)
	}
	return ops.Concat(-1, outs...)
}

// Params implements [Layer].
func (c Concat) Params() []*autograd.Param { return Sequential(c).Params() }

// Sum gives its input to each of its layers and adds up their outputs. The parameters of its layers are called by their index, as
// those of a [Sequential] are.
type Sum []Layer

// Build implements [Layer]. The error says that there are no layers, which of them cannot be built, or that the shapes of their
// outputs differ.
func (s Sum) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	outs, err := buildBranches("nn.Sum", s, b, in)
	if err != nil {
		return nil, err
	}
	for i, out := range outs {
		if !slices.Equal(out, outs[0]) {
			return nil, fmt.Errorf("nn.Sum: layer 0 makes outputs of shape %v and layer %d %v: want the same shape, to add them up", outs[0], i, out)
		}
	}
	return outs[0], nil
}

// Forward implements [Layer].
func (s Sum) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	total := forwardPart("nn.Sum", 0, s[0], p, x)
	for i, l := range s[1:] {
		total = ops.Add(total, forwardPart("nn.Sum", i+1, l, p, x))
	}
	return total
}

// Params implements [Layer].
func (s Sum) Params() []*autograd.Param { return Sequential(s).Params() }

// buildBranches builds layers that have the same input, and returns the shapes of their outputs.
func buildBranches(name string, layers []Layer, b *Builder, in tensor.Shape) ([]tensor.Shape, error) {
	if len(layers) == 0 {
		return nil, fmt.Errorf("%s: there are no layers", name)
	}
	outs := make([]tensor.Shape, len(layers))
	for i, l := range layers {
		if l == nil {
			return nil, fmt.Errorf("%s: layer %d is nil", name, i)
		}
		var err error
		if outs[i], err = buildLayer(l, b.Within(strconv.Itoa(i)), in); err != nil {
			return nil, fmt.Errorf("%s: layer %d: %w", name, i, err)
		}
	}
	return outs, nil
}

// forwardPart sends a batch through layer i of a layer that is called name, in a scope of the tape that is called by the index.
func forwardPart(name string, i int, l Layer, p Pass, x *autograd.Tensor) *autograd.Tensor {
	mark := p.Tape.Enter(strconv.Itoa(i), l)
	y := l.Forward(p, x)
	p.Tape.Leave(mark)
	if y == nil {
		autograd.Fail(name, autograd.ValueError, nil, "layer %d (%T) returned nil: want a tensor (n, …)", i, l)
	}
	return y
}
