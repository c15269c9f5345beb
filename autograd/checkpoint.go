package autograd

import (
	"maps"
	"math"
	"slices"
)

// Checkpointed is the operation that [Tape.Checkpoint] records.
var Checkpointed = &Op{Name: "checkpoint"}

// Checkpoint returns f(tape, xs…) and keeps nothing of its computation but xs and the output; a reverse pass computes f again when
// it comes there. That costs the time of one more forward pass, and saves the memory of what lies between.
//
// f computes on the tape that it is given, which may be another one than t, and from its arguments and the parameters that it takes
// from that tape with Param; gradients reach both. It computes the same each time, and leaves nothing behind: where it draws
// random numbers, each call needs a generator that starts at the same place. Constants may be captured; they are not written before
// the reverse pass. Within a recorded pass the second computation is recorded on t, so that derivatives of any order
// exist, and f may itself use Checkpoint.
//
// The values are bitwise those that f has without Checkpoint. So are the gradients, as long as what f uses more than once is
// not used outside of it as well: its cotangents are then added up in another order. On a nil tape Checkpoint is f(nil, xs…).
//
// It panics with a [TapeError] if f captures a tensor that is recorded on t, whose gradient would be lost, or if an x is recorded on
// another tape, and with a [ValueError] if f returns nil, or in the reverse pass if f then computes something else.
//
// Griewank and Walther, "Algorithm 799: revolve" (ACM TOMS 2000); Chen, Xu, Zhang and Guestrin, "Training Deep Nets with Sublinear
// Memory Cost" (2016).
func (t *Tape) Checkpoint(f func(tape *Tape, x ...*Tensor) *Tensor, xs ...*Tensor) *Tensor {
	if t == nil {
		return f(nil, xs...)
	}
	c := &checkpoint{tape: t, f: f, arguments: len(xs)}
	inner := t.borrow()
	inputs := make([]*Tensor, len(xs))
	for i, x := range xs {
		x.check()
		if x.node != unrecorded && x.tape != t {
			Fail(checkpointOp, TapeError, []*Tensor{x}, "an input of shape %v is recorded on another tape", x.Shape())
		}
		inputs[i] = inner.taken(x)
	}
	y := c.call(inner, inputs)
	c.inputs = slices.Clone(xs)
	for _, n := range inner.nodes {
		if n.param != nil {
			c.params = append(c.params, n.param)
			c.inputs = append(c.inputs, t.Param(n.param))
		}
	}
	c.value = t.copied(y)
	t.giveBack(inner)
	return Checkpointed.Record(c.value, c.edges()...)
}

const checkpointOp = "autograd.Checkpoint"

// A checkpoint is what the tape keeps of a function.
type checkpoint struct {
	tape      *Tape
	f         func(tape *Tape, x ...*Tensor) *Tensor
	inputs    []*Tensor // the arguments, then the leaves of the parameters
	arguments int
	params    []*Param
	value     *Tensor
}

func (c *checkpoint) edges() []Edge {
	return (&joint{inputs: c.inputs, rule: c.cotangents}).edges()
}

// cotangents computes the function again and walks back through it: on a tape of its own, whose memory is given back, or on the
// running tape if the pass is recorded. There the inputs get new places, since one may depend on another, and bindings are put
// back afterwards.
func (c *checkpoint) cotangents(_, g *Tensor, wanted []bool) []*Tensor {
	t, graph := c.tape, c.value.recording()
	tape := t
	if graph {
		defer func(bound map[*Param]*Tensor) { t.bound = bound }(maps.Clone(t.bound))
	} else {
		tape = t.borrow()
	}
	inputs := make([]*Tensor, len(c.inputs))
	var targets []*Tensor
	for k, x := range c.inputs {
		switch {
		case graph && wanted[k]:
			inputs[k] = Checkpointed.Record(x.Detach(), Wrt(x, identity))
		case graph:
			inputs[k] = x
		default:
			inputs[k] = tape.taken(x)
		}
		if wanted[k] {
			targets = append(targets, inputs[k])
		}
	}
	for i, p := range c.params {
		tape.bind(p, inputs[c.arguments+i])
	}
	again := c.call(tape, inputs[:c.arguments])
	if !sameBits(c.value, again) {
		Fail(checkpointOp, ValueError, []*Tensor{c.value, again}, "in the reverse pass the function computed something else than before: want one that "+
			"depends on its arguments and on parameters of its tape alone, and draws the same random numbers each time")
	}
	var gradients []*Tensor
	switch {
	case again.node == unrecorded: // it does not depend on what is wanted
	case graph:
		gradients = t.VJPGraph(again, g, targets...)
	default:
		gradients = tape.VJP(again, tape.Const(g), targets...)
	}
	results := make([]*Tensor, len(inputs))
	for k, x := range c.inputs {
		switch {
		case !wanted[k]:
			continue
		case gradients == nil:
			results[k] = Empty(x.Shape(), x)
			results[k].fill(0)
			continue
		case graph:
			results[k] = gradients[0]
		default:
			results[k] = t.copied(gradients[0])
		}
		gradients = gradients[1:]
	}
	if !graph {
		t.giveBack(tape)
	}
	return results
}

// call computes the function on a tape.
func (c *checkpoint) call(tape *Tape, xs []*Tensor) *Tensor {
	y := c.f(tape, xs...)
	if y == nil {
		Fail(checkpointOp, ValueError, nil, "the function returned nil: want a tensor")
	}
	y.check()
	if y.node != unrecorded && y.tape != tape {
		Fail(checkpointOp, TapeError, []*Tensor{y}, "the function captures a recorded tensor, whose gradient would be lost: give it as an "+
			"argument, or Detach it, and take parameters from the tape that the function is given")
	}
	return y
}

// borrow returns an empty tape for a computation within one on t.
func (t *Tape) borrow() *Tape {
	inner := &Tape{outer: t}
	if last := len(t.spare) - 1; last >= 0 {
		inner, t.spare = t.spare[last], t.spare[:last]
	}
	inner.Wrap, inner.NoRecycle, inner.Poison = t.Wrap, t.NoRecycle, t.Poison
	return inner
}

// taken returns x of the outer tape as an input on the inner one: recorded if it is recorded there, so that the function is in the same
// situation whenever it is computed.
func (t *Tape) taken(x *Tensor) *Tensor {
	if x.node == unrecorded {
		return t.Const(x)
	}
	return t.Var(x.Detach())
}

// giveBack ends what was computed on a borrowed tape, which keeps its memory for the next time.
func (t *Tape) giveBack(inner *Tape) {
	inner.Reset()
	t.spare = append(t.spare, inner)
}

// copied returns a row-major copy of x, unrecorded, in t's memory.
func (t *Tape) copied(x *Tensor) *Tensor {
	y := Empty(x.Shape(), t.Const(x))
	y.copyFrom(x)
	return y
}

// sameBits reports whether two tensors have equal shapes, dtypes and elements, NaN being equal to itself.
func sameBits(a, b *Tensor) bool {
	if !slices.Equal(a.Shape(), b.Shape()) || a.storage.single != b.storage.single {
		return false
	}
	a, b = RowMajor(a), RowMajor(b)
	if a.storage.single {
		return slices.EqualFunc(Raw[float32](a), Raw[float32](b), func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	}
	return slices.EqualFunc(Raw[float64](a), Raw[float64](b), func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}
