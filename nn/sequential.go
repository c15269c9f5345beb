package nn

import (
	"fmt"
	"slices"
	"strconv"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// Sequential applies layers one after the other. Being a layer itself it can hold others of its kind. The parameters of its
// layers are called by their index: "0.weight", "2.1.bias".
type Sequential []Layer

// Build implements [Layer]. The error says which layer cannot be built, and why.
func (s Sequential) Build(b *Builder, in tensor.Shape) (out tensor.Shape, err error) {
	out = in
	for i, l := range s {
		if l == nil {
			return nil, fmt.Errorf("nn.Sequential: layer %d is nil", i)
		}
		if out, err = buildLayer(l, b.Within(strconv.Itoa(i)), out); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return out, nil
}

// Forward implements [Layer]. Each layer runs in a scope of the tape that is called by its index.
func (s Sequential) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	for i, l := range s {
		x = forwardPart("nn.Sequential", i, l, p, x)
	}
	return x
}

// Params implements [Layer].
func (s Sequential) Params() []*autograd.Param {
	var params []*autograd.Param
	for _, l := range s {
		if l != nil { // Build complains
			params = append(params, l.Params()...)
		}
	}
	return distinct(params)
}

// distinct returns each parameter once, in the order of their first occurrence.
func distinct(params []*autograd.Param) []*autograd.Param {
	seen := make(map[*autograd.Param]bool, len(params))
	return slices.DeleteFunc(params, func(p *autograd.Param) bool {
		if seen[p] {
			return true
		}
		seen[p] = true
		return false
	})
}
