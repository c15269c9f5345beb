package nn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// Checkpoint is a layer of which the tape keeps only the input and the output: the reverse pass computes the layer again when it
// comes there, which saves memory and costs the time of one more forward pass. See [autograd.Tape.Checkpoint]. Values and gradients are those
// of the layer, whose parameters keep the names that they have without it.
//
// The random numbers of the layer, such as those of a [Dropout], begin at a seed that each trip draws once from the Pass, so that the
// second computation draws the same. Running statistics, as of a [BatchNorm], are updated once. A layer of one's own that changes
// something in training cannot tell the two computations apart, and so does not belong here; nor does one that calls
// [Pass.Penalize], whose term would be lost.
type Checkpoint struct{ Layer Layer }

// Build implements [Layer]. The error says that there is no layer, or that it cannot be built.
func (c Checkpoint) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	if c.Layer == nil {
		return nil, errors.New("nn.Checkpoint: the layer is nil")
	}
	out, err := buildLayer(c.Layer, b, in)
	if err != nil {
		return nil, fmt.Errorf("nn.Checkpoint: %w", err)
	}
	return out, nil
}

// Forward implements [Layer]. It panics with an autograd.ValueError if the layer penalizes a term that it has computed.
func (c Checkpoint) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	trip := p
	if p.Penalties != nil {
		trip.Penalties = new(Penalties)
	}
	var seed uint64
	if p.Rand != nil {
		seed = p.Rand.Uint64()
	}
	y := p.Tape.Checkpoint(func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
		trip.Tape = tape
		if p.Rand != nil {
			trip.Rand = rand.New(rand.NewPCG(seed, 0))
		}
		y := forwardPart("nn.Checkpoint", 0, c.Layer, trip, x[0])
		trip.again = true // from now on
		return y
	}, x)
	if p.Penalties != nil {
		p.Penalties.join(trip.Penalties)
	}
	return y
}

// Params implements [Layer].
func (c Checkpoint) Params() []*autograd.Param { return Sequential{c.Layer}.Params() }

// join adds what the layers of a part that is computed again have collected. Terms that they computed are gone with the part.
func (s *Penalties) join(part *Penalties) {
	if len(part.terms) > 0 {
		autograd.Fail("nn.Checkpoint", autograd.ValueError, nil, "a layer within calls Penalize: its term is not kept, and nothing would be learned from it")
	}
	for _, penalty := range part.weights {
		if !slices.Contains(s.weights, penalty) {
			s.weights = append(s.weights, penalty)
		}
	}
}
