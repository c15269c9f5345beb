package diff

import "github.com/tapegrad/tapegrad/autograd"

// Checkpoint returns a function that computes f and keeps nothing of the computation on the tape but the arguments and the value; a
// reverse pass computes f again when it comes there. The memory of a chain of n operations, cut into √n parts that are
// checkpointed, falls from n to about 2√n values, for the time of one more forward pass. See [autograd.Tape.Checkpoint], which it
// calls, for what f must be like. f gets the tape to run on: parameters take part as tape.Param(p).
func Checkpoint(f func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor) func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
	return func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor { return tape.Checkpoint(f, x...) }
}
