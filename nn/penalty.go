package nn

import (
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Penalize adds a scalar that the layer has computed, such as a measure of its activations, to the loss of the batch, if the Pass
// collects [Penalties]. It panics with an autograd.ShapeError if the term is not one number, and with an autograd.ValueError if it is
// nil, or is not recorded although the Pass has a Tape, as in a layer that is recomputed in the reverse pass: nothing would be
// learned from it.
func (p Pass) Penalize(term *autograd.Tensor) {
	const op = "nn.Pass.Penalize"
	if p.Penalties == nil || p.again {
		return
	}
	if term == nil {
		autograd.Fail(op, autograd.ValueError, nil, "the term is nil: want a scalar to add to the loss")
	}
	if term.Size() != 1 {
		autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{term}, "the term has shape %v: want a scalar to add to the loss", term.Shape())
	}
	if p.Tape != nil && !term.IsRecorded() {
		autograd.Fail(op, autograd.ValueError, []*autograd.Tensor{term}, "the term is not recorded: nothing would be learned from it")
	}
	p.Penalties.terms = append(p.Penalties.terms, term)
}

// PenalizeParam adds l1·Σ|w| + l2·Σw² of a parameter's values w to the loss of the batch, if the Pass collects [Penalties]. However
// often the layer takes part in the net, one penalty of one parameter counts once. Frozen parameters are free.
func (p Pass) PenalizeParam(w *autograd.Param, l1, l2 float64) {
	if p.Penalties == nil || p.again || l1 == 0 && l2 == 0 {
		return
	}
	if penalty := (weightPenalty{w, l1, l2}); !slices.Contains(p.Penalties.weights, penalty) {
		p.Penalties.weights = append(p.Penalties.weights, penalty)
	}
}

// Penalties collects what the layers of a [Pass] add to the loss. Fit and Evaluate do it by themselves; a loop written by hand
// gives one to each Pass and adds it up before the reverse pass:
//
//	pass := nn.Pass{Tape: tape, Train: true, Penalties: new(nn.Penalties)}
//	…
//	loss := pass.Penalties.AddTo(ops.MSE(net.Forward(pass, x), y))
type Penalties struct {
	terms   []*autograd.Tensor
	weights []weightPenalty
}

type weightPenalty struct {
	of     *autograd.Param
	l1, l2 float64
}

// AddTo returns the loss with all that was collected since the last AddTo, which begins a new collection. Without any it returns
// the loss itself.
func (s *Penalties) AddTo(loss *autograd.Tensor) *autograd.Tensor {
	for _, term := range s.terms {
		loss = ops.Add(loss, term)
	}
	for _, penalty := range s.weights {
		if penalty.of.Frozen {
			continue
		}
		// The loss knows the tape. That of the layer may record nothing, where it is recomputed in the reverse pass.
		w := loss.Tape().Param(penalty.of)
		if penalty.l1 != 0 {
			loss = ops.Add(loss, ops.Scale(ops.Sum(ops.Abs(w)), penalty.l1))
		}
		if penalty.l2 != 0 {
			loss = ops.Add(loss, ops.Scale(ops.Sum(ops.Square(w)), penalty.l2))
		}
	}
	clear(s.terms) // so that the tape's memory can be collected
	s.terms, s.weights = s.terms[:0], s.weights[:0]
	return loss
}

// isFactor reports whether v is finite and not negative, which NaN is not.
func isFactor(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }
