package ops

import "github.com/tapegrad/tapegrad/autograd"

// The engine's Checkpoint has no function here: package diff has one. Its samples are compositions that are recomputed.
var _ = catalog(Entry{Name: "checkpoint", Op: autograd.Checkpointed, Samples: checkpointSamples})

func checkpointSamples() []Sample {
	functions := []struct {
		name   string
		f      func(x ...*Tensor) *Tensor
		inputs [][]int
	}{
		{"tanh of a product", func(x ...*Tensor) *Tensor { return Tanh(MatMul(x[0], x[1])) }, [][]int{{2, 3}, {3, 2}}},
		{"sums", func(x ...*Tensor) *Tensor { return Sum(Mul(Exp(x[0]), x[0]), 0) }, [][]int{{2, 2}}},
		{"broadcast", func(x ...*Tensor) *Tensor { return Mul(Sin(x[0]), x[1]) }, [][]int{{2, 3}, {3}}},
		{"a view", func(x ...*Tensor) *Tensor { return Transpose(Square(x[0])) }, [][]int{{2, 3}}},
		{"the input", func(x ...*Tensor) *Tensor { return x[0] }, [][]int{{3}}},
		{"one of two inputs", func(x ...*Tensor) *Tensor { return Sin(x[1]) }, [][]int{{2}, {2}}},
		{"a scalar", func(x ...*Tensor) *Tensor { return Mean(Square(Sigmoid(x[0]))) }, [][]int{{4}}},
		{"no elements", func(x ...*Tensor) *Tensor { return Exp(x[0]) }, [][]int{{0, 2}}},
	}
	var samples []Sample
	add := func(name string, f func(x ...*Tensor) *Tensor, inputs [][]int) {
		s := Sample{Name: name, F: f}
		for i, shape := range inputs {
			s.Inputs = append(s.Inputs, draw(uint64(i), reals, shape...))
		}
		samples = append(samples, s)
	}
	for _, c := range functions {
		once := checkpointed(c.f)
		add(c.name, once, c.inputs)
		add(c.name+", in another", checkpointed(func(x ...*Tensor) *Tensor { return Sin(once(x...)) }), c.inputs)
		add(c.name+", of an operation", func(x ...*Tensor) *Tensor {
			first := []*Tensor{Cos(x[0])}
			return once(append(first, x[1:]...)...)
		}, c.inputs)
	}
	return samples
}

// checkpointed returns f, checkpointed on the tape of its inputs.
func checkpointed(f func(x ...*Tensor) *Tensor) func(x ...*Tensor) *Tensor {
	return func(x ...*Tensor) *Tensor {
		var tape *autograd.Tape
		for _, xi := range x {
			if autograd.Recording(xi) {
				tape = xi.Tape()
			}
		}
		return tape.Checkpoint(func(_ *autograd.Tape, x ...*Tensor) *Tensor { return f(x...) }, x...)
	}
}
