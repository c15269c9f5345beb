package autograd

import (
	"iter"
	"math/bits"
	"slices"

	"gorgonia.org/tensor"
)

// A Tape records operations as they happen. Each record says which tensor came out, which recorded tensors went in, and by
// which rule a cotangent of the output becomes a cotangent of each input. Because an operation can only use what exists,
// the records are in topological order, and the reverse pass (backward.go) is one loop over them from the end.
//
// A tape belongs to one goroutine; any number of tapes run at once over the same parameters. A nil *Tape records nothing: Var
// and Const return their argument and Param returns the parameter's value.
type Tape struct {
	// Wrap, if set before recording, replaces each rule as it is recorded. A debugger watches rules with it, and the gradient tests
	// plant wrong ones. input counts the edges of the operation.
	Wrap func(op *Op, input int, rule Rule) Rule

	// NoRecycle keeps every cotangent until Reset, and Poison fills memory that is given back with NaN. Neither changes any result,
	// and a test of the engine's memory is that they do not. They are set before use.
	NoRecycle, Poison bool

	nodes []node
	edges []Edge
	epoch uint32 // counts Resets: tensors of an earlier epoch are stale

	leaves map[*Param]*Tensor // what Param returns
	bound  map[*Param]*Tensor // what Bind said it should return

	scopes []scope // in the order in which they began
	open   int32   // the mark of the innermost one that has not ended, or 0

	passing bool   // a reverse pass is running: nothing is recorded
	running *pass  // the innermost that is running, recorded ones included
	passes  uint64 // that were begun: their numbers
	ended   *pass  // the last that ended: the next one is made in its memory; nil before

	outer *Tape   // whose computation it computes a part of (checkpoint.go), or nil
	spare []*Tape // for parts of this one's

	arena   arena
	headers headers
	layouts [64]*layout // seen lately, by a hash of the shape
}

// A node is one record: y came out of op; the edges to its inputs are tape.edges[firstEdge:lastEdge].
type node struct {
	op                  *Op // nil for a leaf
	y                   *Tensor
	param               *Param // whose leaf it is, or nil
	firstEdge, lastEdge int32
}

// NewTape returns an empty tape.
func NewTape() *Tape { return new(Tape) }

// Var records x as a leaf, an input that gradients are asked for, and returns it. On a nil tape it returns x itself.
// It panics with a [TapeError] if x is recorded already (Detach it first), and in the middle of a reverse pass.
func (t *Tape) Var(x *Tensor) *Tensor {
	if t == nil {
		return x
	}
	t.idle("autograd.Var")
	x.check()
	if x.node != unrecorded {
		Fail("autograd.Var", TapeError, []*Tensor{x}, "the tensor of shape %v is recorded already: Detach it first", x.Shape())
	}
	y := t.Const(x)
	t.append(y, node{y: y})
	return y
}

// Const returns x, unrecorded, with the tape's memory behind it: what is computed from it is not recorded either, but lies in
// memory that Reset recycles. Prediction and the constant parts of a model use it. On a nil tape it returns x itself.
func (t *Tape) Const(x *Tensor) *Tensor {
	if t == nil {
		return x
	}
	x.check()
	y := t.header()
	*y = *x
	y.tape, y.epoch, y.node = t, t.epoch, unrecorded
	return y
}

// Param returns the leaf of p: the same one until p is written or the tape is Reset. On a nil tape it returns p.Value(), and in
// the middle of a reverse pass, when nothing is recorded, the value as a constant.
func (t *Tape) Param(p *Param) *Tensor {
	if t == nil {
		return p.value
	}
	if x, ok := t.bound[p]; ok {
		return x
	}
	if x, ok := t.leaves[p]; ok && x.gen == p.value.gen {
		return x
	}
	if t.passing {
		return t.Const(p.value)
	}
	if t.outer != nil {
		x := t.Var(t.outer.Param(p).Detach())
		t.nodes[x.node].param = p
		t.bind(p, x)
		return x
	}
	x := t.Var(p.value)
	t.nodes[x.node].param = p
	if t.leaves == nil {
		t.leaves = make(map[*Param]*Tensor)
	}
	t.leaves[p] = x
	return x
}

// Bind makes x serve as p's leaf until Reset, so that a layer becomes a function of its parameters. The stream of Backward does
// not hold p then: what it would hold is the gradient of x, for which there is Grad.
// It panics with a [ShapeError] or [DtypeError] if x is not of the shape and dtype of p, and with a [TapeError] if x is recorded
// on another tape, the tape is nil, or a reverse pass is running.
func (t *Tape) Bind(p *Param, x *Tensor) {
	x.check()
	if t == nil {
		Fail("autograd.Bind", TapeError, nil, "the tape is nil: parameter %s can be bound on a tape only", p.Name)
	}
	t.idle("autograd.Bind")
	if x.node != unrecorded && x.tape != t {
		Fail("autograd.Bind", TapeError, []*Tensor{x}, "the tensor for parameter %s is recorded on another tape", p.Name)
	}
	if !slices.Equal(x.Shape(), p.value.Shape()) {
		Fail("autograd.Bind", ShapeError, []*Tensor{p.value, x}, "parameter %s has shape %v, given %v", p.Name, p.value.Shape(), x.Shape())
	}
	if x.Dtype() != p.value.Dtype() {
		Fail("autograd.Bind", DtypeError, []*Tensor{p.value, x}, "parameter %s has dtype %v, given %v", p.Name, p.value.Dtype(), x.Dtype())
	}
	t.bind(p, x)
}

func (t *Tape) bind(p *Param, x *Tensor) {
	if t.bound == nil {
		t.bound = make(map[*Param]*Tensor)
	}
	t.bound[p] = x
}

// Reset forgets the records and recycles their memory: every tensor that the tape made is stale from here on, leaves and
// detached ones included. Keep numbers (Item), copies (Values, Dense) or clones. On a nil tape it does nothing.
// It panics with a [TapeError] in the middle of a reverse pass.
func (t *Tape) Reset() {
	if t == nil {
		return
	}
	t.idle("autograd.Reset")
	if t.running != nil {
		Fail("autograd.Reset", TapeError, nil, "called by a rule, in the middle of a pass over the same tape")
	}
	for n := len(t.arena.live); n > 0; n-- {
		t.arena.put(t.arena.liveAt(n-1), t.Poison)
	}
	clear(t.nodes) // so that rules and what they captured can be collected
	clear(t.edges)
	t.nodes, t.edges = t.nodes[:0], t.edges[:0]
	clear(t.leaves)
	clear(t.bound)
	clear(t.scopes)
	t.scopes, t.open = t.scopes[:0], 0
	t.epoch++
}

// Nodes returns what was recorded, in order, for drawing and inspection. On a nil tape it is empty; a Reset ends it.
func (t *Tape) Nodes() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if t == nil {
			return
		}
		epoch := t.epoch
		scopes := scopeWalk{tape: t}
		for i := 0; t.epoch == epoch && i < len(t.nodes); i++ {
			n := t.nodes[i]
			var inputs []*Tensor
			for _, e := range t.edges[n.firstEdge:n.lastEdge] {
				inputs = append(inputs, e.x)
			}
			if !yield(Node{Op: n.op, Value: n.y, Inputs: inputs, Param: n.param, Scope: scopes.at(int32(i))}) {
				return
			}
		}
	}
}

// append makes y the output of the next record.
func (t *Tape) append(y *Tensor, n node) {
	y.tape, y.epoch, y.node, y.weak = t, t.epoch, int32(len(t.nodes)), false
	t.nodes = append(t.nodes, n)
}

// idle panics if a reverse pass is running.
func (t *Tape) idle(op string) {
	if t != nil && t.passing {
		Fail(op, TapeError, nil, "called during a reverse pass of the same tape: finish or break the loop over its gradients first")
	}
}

// header returns a tensor to fill in.
func (t *Tape) header() *Tensor { return t.headers.next(64) }

// rowMajor returns the dense layout of a shape. The shapes of a training step come again in the next one.
func (t *Tape) rowMajor(shape tensor.Shape) *layout {
	hash := uint(len(shape))
	for _, d := range shape {
		hash = bits.RotateLeft(hash, 5) ^ uint(d)*0x9e3779b1
	}
	slot := &t.layouts[(hash^hash>>16)%uint(len(t.layouts))]
	if l := *slot; l == nil || !slices.Equal(l.shape, shape) {
		*slot = newLayout("autograd.Empty", shape)
	}
	return *slot
}
