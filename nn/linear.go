package nn

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Linear is the affine map x·W + b of a batch x of shape (n, in) to (n, Out).
type Linear struct {
	Out      int  // number of outputs
	Init     Init // of the weights; nil means GlorotUniform
	BiasInit Init // of the bias; nil means Zeros
	NoBias   bool // leave b out

	// L1 and L2 keep the weights small: L1·Σ|w| + L2·Σw² is added to the loss, as by Keras's kernel_regularizer. The bias is free.
	L1, L2 float64

	W *autograd.Param // "weight" (in, Out), made by Build
	B *autograd.Param // "bias" (Out), made by Build unless NoBias
}

// Build implements [Layer]. The error says that examples are not of shape (in), that Out is less than 1, that L1 or L2 is negative
// or not finite, or that the layer was built for another number of inputs.
func (l *Linear) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("nn.Linear: an example has shape %v: want one axis of features, which a Flatten before it makes", in)
	}
	if l.Out < 1 {
		return nil, fmt.Errorf("nn.Linear: Out is %d: want at least one output", l.Out)
	}
	if !isFactor(l.L1) || !isFactor(l.L2) {
		return nil, fmt.Errorf("nn.Linear: L1 is %v and L2 is %v: want finite numbers that are not negative", l.L1, l.L2)
	}
	if l.W == nil {
		l.W = b.Param("weight", orElse(l.Init, GlorotUniform), in[0], l.Out)
	} else if shape := l.W.Value().Shape(); !slices.Equal(shape, []int{in[0], l.Out}) {
		return nil, fmt.Errorf("nn.Linear: the weight %s has shape %v: it does not take %d features to %d", l.W.Name, shape, in[0], l.Out)
	}
	if l.B == nil && !l.NoBias {
		l.B = b.Param("bias", orElse(l.BiasInit, Zeros), l.Out)
	}
	return tensor.Shape{l.Out}, nil
}

// Forward implements [Layer].
func (l *Linear) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	wantBuilt("nn.Linear", l.W, x)
	var b *autograd.Tensor
	if l.B != nil {
		b = p.Tape.Param(l.B)
	}
	p.PenalizeParam(l.W, l.L1, l.L2)
	return ops.Linear(x, p.Tape.Param(l.W), b)
}

// Params implements [Layer].
func (l *Linear) Params() []*autograd.Param { return made(l.W, l.B) }

func orElse(init, otherwise Init) Init {
	if init == nil {
		return otherwise
	}
	return init
}
