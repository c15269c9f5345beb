package diff

import "github.com/tapegrad/tapegrad/autograd"

// Checkpoint returns a function that computes f(x…) and keeps nothing of the computation on the tape of x but the arguments and the
// value; a reverse pass computes f again when it comes there. The memory of a chain of n operations, cut into √n parts that are
// checkpointed, falls from n to about 2√n values, for the time of one more forward pass. Where no x is recorded it is f.
//
// See [autograd.Tape.Checkpoint], which it calls, for what f must be like. An f that takes parameters is for that one: it says on which
// tape.
func Checkpoint(f Func) Func {
	return func(x ...*autograd.Tensor) *autograd.Tensor {
		return tapeOf(x).Checkpoint(func(_ *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor { return f(x...) }, x...)
	}
}
