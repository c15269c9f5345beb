package autograd

import (
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// This file is for who writes operations.

// An Op is an inert name: what a tape calls an operation. Each operation is one package-level variable, and a function that
// computes y and hands it to the Op's Record with one Edge for each input that it is differentiable in:
//
//	var tanh = &autograd.Op{Name: "tanh"}
//
//	func Tanh(x *autograd.Tensor) *autograd.Tensor {
//		y := autograd.Empty(x.Shape(), x)
//		… fill autograd.Raw[float32](y) or autograd.Raw[float64](y) …
//		return tanh.Record(y, autograd.Wrt(x, func(y, g *autograd.Tensor) *autograd.Tensor {
//			return Mul(g, Sub(autograd.Scalar(1), Square(y)))
//		}))
//	}
type Op struct{ Name string }

// A Rule is the derivative of an operation with respect to one of its inputs, as a vector-Jacobian product: given the output y
// and the cotangent g of y, of y's shape, it returns the cotangent of the input, of the input's shape. It is written in
// differentiable operations, and so can itself be differentiated.
//
// A rule borrows y and g. It may return g, a view of it, a new tensor, or one that it does not own; it never writes g, and it
// makes what it makes anew at each call.
type Rule = func(y, g *Tensor) *Tensor

// An Edge is an input of an operation with the rule for its gradient.
type Edge struct {
	x    *Tensor
	rule Rule
}

// Wrt is the edge for input x: the derivative with respect to x.
func Wrt(x *Tensor, rule func(y, g *Tensor) *Tensor) Edge { return Edge{x, rule} }

// Record puts y, which the operation has made, on the tape of its inputs and returns it. Without a recorded input, and in the
// middle of a reverse pass over their tape, it does nothing.
// It panics with a [TapeError] if the inputs are recorded on different tapes, or if y is recorded already or is a parameter's
// value, and with a [ValueError] if an edge has no rule.
func (op *Op) Record(y *Tensor, edges ...Edge) *Tensor {
	var t *Tape
	for i := range edges {
		x := edges[i].x
		if edges[i].rule == nil {
			Fail(op.Name, ValueError, []*Tensor{x}, "the rule of edge %d is nil", i)
		}
		if !x.recording() {
			continue
		}
		if x.epoch != x.tape.epoch {
			x.stale()
		}
		if t != nil && t != x.tape {
			Fail(op.Name, TapeError, nil, "inputs are recorded on different tapes: Detach those that are constants here")
		}
		t = x.tape
	}
	if t == nil {
		return y
	}
	if y.node != unrecorded || y.storage.param != nil && y == y.storage.param.value {
		Fail(op.Name, TapeError, []*Tensor{y}, "the output is recorded already: an operation returns a tensor of its own")
	}
	first := len(t.edges)
	for i, e := range edges {
		if !e.x.recording() {
			continue
		}
		if t.Wrap != nil {
			e.rule = t.Wrap(op, i, e.rule)
		}
		t.edges = append(t.edges, e)
	}
	t.append(y, node{op: op, y: y, firstEdge: int32(first), lastEdge: int32(len(t.edges))})
	return y
}

// Recording reports whether an operation on these inputs would be recorded. An operation on the fast path of a first-order pass
// asks it before it makes the closures of its rules.
func Recording(inputs ...*Tensor) bool {
	for _, x := range inputs {
		if x.recording() {
			return true
		}
	}
	return false
}

// recording reports whether what is computed from x is recorded: nothing is in the middle of a reverse pass.
func (x *Tensor) recording() bool { return x.node != unrecorded && !x.tape.passing }

// Empty returns a tensor with arbitrary contents, of the dtype of the first input and in the memory of the inputs' tape, for an
// operation to fill. It panics with a [StaleError] if an input has ended, and with a [ValueError] if there is none.
func Empty(shape tensor.Shape, inputs ...*Tensor) *Tensor {
	if len(inputs) == 0 {
		Fail("autograd.Empty", ValueError, nil, "there are no inputs to take the dtype and the memory from")
	}
	var t *Tape
	var l *layout
	for _, x := range inputs {
		if x == nil || x.ended() {
			x.stale()
		}
		if x.tape != nil && (t == nil || x.recording()) {
			t = x.tape
		}
		if l == nil && x.layout.dense && x.layout.has(shape) {
			l = x.layout
		}
	}
	single := inputs[0].storage.single
	if t == nil {
		if l == nil {
			l = newLayout("autograd.Empty", shape)
		}
		return fromStorage(newStorage(single, l.size), l)
	}
	if l == nil {
		l = t.rowMajor(shape)
	}
	s := t.arena.get(single, l.size)
	y := t.header()
	// One field after the other costs half of what assigning a Tensor does, which goes through a copy.
	y.layout, y.storage, y.tape = l, s, t
	y.gen, y.epoch, y.node = s.gen, t.epoch, unrecorded
	return y
}

// View returns a tensor that shares x's memory: its first element is offset elements after x's first, and axis i advances by
// strides[i] elements, 0 to repeat. It takes shape and strides over. It panics with a [ShapeError] if they differ in length, or if
// offset or a stride is negative, or if the view would reach outside the memory.
func View(x *Tensor, shape tensor.Shape, strides []int, offset int) *Tensor {
	x.check()
	if len(strides) != len(shape) {
		Fail("autograd.View", ShapeError, []*Tensor{x}, "shape %v has %d axes, strides %v are for %d", shape, len(shape), strides, len(strides))
	}
	l := stridedLayout(shape, strides)
	if offset < 0 || !l.within(x.offset+offset, x.storage.len()) {
		Fail("autograd.View", ShapeError, []*Tensor{x}, "shape %v with strides %v at %d reaches outside the memory of a tensor of shape %v", shape, strides, offset, x.Shape())
	}
	y := x.header()
	*y = Tensor{layout: l, storage: x.storage, tape: x.tape, offset: x.offset + offset, gen: x.gen, epoch: x.epoch, node: unrecorded, weak: x.weak}
	return y
}

// Raw returns the memory of x from its first element on: exactly its elements if x is dense, else as much as the strides may
// reach. It shares: an operation writes only what it got from [Empty]. T must be x's dtype.
func Raw[T float32 | float64](x *Tensor) []T {
	if x == nil || x.ended() {
		x.stale()
	}
	if (unsafe.Sizeof(T(0)) == 4) != x.storage.single {
		Fail("autograd.Raw", DtypeError, []*Tensor{x}, "the tensor's dtype is %v", x.Dtype())
	}
	data := elements[T](x.storage)[x.offset:]
	if x.layout.dense {
		return data[:x.layout.size:x.layout.size]
	}
	return data
}

// RowMajor returns x if it is dense, else a copy that is: unrecorded, and in the memory of x's tape.
func RowMajor(x *Tensor) *Tensor {
	if x.layout.dense {
		return x
	}
	y := Empty(x.Shape(), x)
	y.copyFrom(x)
	return y
}

// Strides returns how many elements of memory each axis advances by. It is shared: the caller does not modify it.
func (x *Tensor) Strides() []int { return x.layout.strides }

// IsDense reports whether the elements lie in row-major order without gaps.
func (x *Tensor) IsDense() bool { return x.layout.dense }

// IsSingle reports whether the dtype is float32; else it is float64. It is what an operation chooses its kernel by.
func (x *Tensor) IsSingle() bool { return x.storage.single }

// IsRecorded reports whether x is on a tape.
func (x *Tensor) IsRecorded() bool { return x.node != unrecorded }

// Tape returns the tape that x is recorded on, or nil: what stands on recorded tensors alone, as package diff does, finds its tape so.
func (x *Tensor) Tape() *Tape {
	if x.node == unrecorded {
		return nil
	}
	return x.tape
}

// Unify returns a and b with one dtype: a constant made by [Scalar] or [Labels] takes the dtype of the other. It panics with a
// [DtypeError] if they differ otherwise.
func Unify(op string, a, b *Tensor) (*Tensor, *Tensor) {
	if a == nil || b == nil {
		Fail(op, ValueError, nil, "a tensor is nil")
	}
	if a.storage.single == b.storage.single {
		return a, b
	}
	switch {
	case b.weak:
		return a, b.as(a)
	case a.weak:
		return a.as(b), b
	}
	Fail(op, DtypeError, []*Tensor{a, b}, "dtypes differ: %v %v and %v %v", a.Dtype(), a.Shape(), b.Dtype(), b.Shape())
	return nil, nil
}

// as returns the float64 constant x with the dtype float32 of other, in other's memory.
func (x *Tensor) as(other *Tensor) *Tensor {
	y := Empty(x.Shape(), other, x)
	dst := Raw[float32](y)
	if x.layout.size == 1 { // by far the most common constant
		dst[0] = float32(x.storage.at(x.offset))
		return y
	}
	for i, v := range Values[float64](x) {
		dst[i] = float32(v)
	}
	return y
}

// Addition is the one operation that the engine needs itself: where a tensor is used twice, its cotangents add up.
var Addition = &Op{Name: "add"}

// Add returns a + b for tensors of one shape and dtype. ops.Add is the one with broadcasting.
// It panics with a [ShapeError] or a [DtypeError] if they differ.
func Add(a, b *Tensor) *Tensor {
	a, b = Unify("autograd.Add", a, b)
	if !slices.Equal(a.Shape(), b.Shape()) {
		Fail("autograd.Add", ShapeError, []*Tensor{a, b}, "shapes differ: %v and %v", a.Shape(), b.Shape())
	}
	y := Empty(a.Shape(), a, b)
	add(y, a, b)
	if !Recording(a, b) {
		return y
	}
	return Addition.Record(y, Wrt(a, identity), Wrt(b, identity))
}

func identity(_, g *Tensor) *Tensor { return g }

// add writes a + b to y, which may be a.
func add(y, a, b *Tensor) {
	if y.storage.single {
		strided.Map2(Raw[float32](y), view[float32](a), view[float32](b), kernel.Add[float32])
	} else {
		strided.Map2(Raw[float64](y), view[float64](a), view[float64](b), kernel.Add[float64])
	}
}

func view[T float32 | float64](x *Tensor) strided.View[T] {
	return strided.View[T]{Data: Raw[T](x), Shape: x.layout.shape, Strides: x.layout.strides, Dense: x.layout.dense}
}

// A Node is one record of a tape.
type Node struct {
	Op     *Op       // nil for a leaf
	Value  *Tensor   // the output
	Inputs []*Tensor // those that it is differentiable in and that are recorded
	Param  *Param    // whose leaf it is, or nil
	Scope  *Scope    // the innermost in which it was recorded, or nil; equal for the nodes of one scope in one call of Nodes
}

// String returns the node in one line, such as "tanh (4, 4)".
func (n Node) String() string {
	name := "leaf"
	switch {
	case n.Op != nil:
		name = n.Op.Name
	case n.Param != nil:
		name = n.Param.Name
	}
	return fmt.Sprintf("%s %v", name, n.Value.Shape())
}
