// Package diff has functions that take a function and return another: its derivative, or one that computes it in another way.
//
//	df := diff.ValueAndGrad(func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Tanh(x[0]) })
//	y, dy := df(autograd.Scalar(0.5)) // 0.46212 and [0.78645]
//
// They nest: the function may itself call a derivative, and so derivatives of any order are written as in mathematics, without
// a tape in sight.
//
// # Tapes
//
// Called with unrecorded tensors, or in the middle of a reverse pass over theirs, a derivative records the function on a tape of its own,
// and what it returns is unrecorded, on the heap. Called with a tensor that is recorded, as within a function that is being
// differentiated itself, it records on that tape, and what it returns is recorded there: differentiate it again. Such an outer
// tape is found by the arguments. A function that captures a recorded tensor therefore needs at least one argument on the same
// tape: captured.Tape().Var(x) makes one.
//
// A derivative panics with an autograd.TapeError if the function's value does not depend on any recorded tensor, or if its
// arguments, or what the function captures, are recorded on different tapes, and with an autograd.ShapeError if shapes are not
// as its doc comment says.
package diff

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A Func is a function of tensors. It computes its value from its arguments, which it does not keep.
type Func = func(x ...*autograd.Tensor) *autograd.Tensor

// ValueAndGrad returns a function that computes f(x…), which is a scalar, and its gradients with respect to each x, in their shapes.
func ValueAndGrad(f Func) func(x ...*autograd.Tensor) (value *autograd.Tensor, gradients []*autograd.Tensor) {
	return func(x ...*autograd.Tensor) (*autograd.Tensor, []*autograd.Tensor) {
		r := begin(x)
		value := f(r.x...)
		return r.result(value), r.results(r.grad(value, r.x...))
	}
}

// A recording is where a derivative records its function: on the tape that an argument is recorded on, or on its own.
type recording struct {
	tape  *autograd.Tape
	outer bool               // the tape is the caller's, on which everything is recorded
	x     []*autograd.Tensor // the arguments at new places
}

// begin looks for the tape in x and in others.
func begin(x []*autograd.Tensor, others ...*autograd.Tensor) recording {
	r := recording{tape: tapeOf(x)}
	if r.tape == nil {
		r.tape = tapeOf(others)
	}
	r.outer = r.tape != nil
	if !r.outer {
		r.tape = autograd.NewTape()
	}
	r.x = fresh(r.tape, x)
	return r
}

// grad returns the gradients of y, to be returned or, within another derivative, differentiated again.
func (r recording) grad(y *autograd.Tensor, xs ...*autograd.Tensor) []*autograd.Tensor {
	if r.outer {
		return r.tape.GradGraph(y, xs...)
	}
	return r.tape.Grad(y, xs...)
}

// vjp is grad for a y of any shape.
func (r recording) vjp(y, cotangent *autograd.Tensor, xs ...*autograd.Tensor) []*autograd.Tensor {
	if r.outer {
		return r.tape.VJPGraph(y, cotangent, xs...)
	}
	return r.tape.VJP(y, cotangent, xs...)
}

// result returns what outlives the recording.
func (r recording) result(x *autograd.Tensor) *autograd.Tensor {
	if r.outer {
		return x
	}
	return x.Clone()
}

func (r recording) results(xs []*autograd.Tensor) []*autograd.Tensor {
	for i, x := range xs {
		xs[i] = r.result(x)
	}
	return xs
}

// tapeOf returns the tape that one of x is recorded on, or nil.
func tapeOf(x []*autograd.Tensor) *autograd.Tape {
	for _, xi := range x {
		if autograd.Recording(xi) {
			return xi.Tape()
		}
	}
	return nil
}

// fresh returns the values of x at new places on the tape. The gradient is asked for at these, not at x, where f may have captured x:
// in d/dx (x · d/dy (x + y)) at y = x the inner derivative is 1, though x and y are the same tensor.
func fresh(tape *autograd.Tape, x []*autograd.Tensor) []*autograd.Tensor {
	inner := make([]*autograd.Tensor, len(x))
	for i, xi := range x {
		if autograd.Recording(xi) {
			inner[i] = ops.Reshape(xi, xi.Shape()...)
		} else {
			inner[i] = tape.Var(xi.Detach())
		}
	}
	return inner
}
