package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// ArgMax returns the index along the axis of the largest element, as a tensor of whole numbers of x's dtype without that axis: the first
// of several, and that of the first NaN if there is one, as in NumPy. It is not differentiable, and never recorded.
// It panics with an autograd.ValueError if there is no such axis, and with an autograd.ShapeError if there are no elements to
// choose from, or more than x's dtype can count: 2²⁴ for float32.
func ArgMax(x *Tensor, axis int) *Tensor {
	return indexOfMax(choiceAlong("ops.ArgMax", x, axis))
}

var _ = catalog(Entry{Name: "ArgMax", Constant: true, Samples: choiceSamples(ArgMax), Errors: badChoice("ops.ArgMax", ArgMax)})

// ArgMin returns the index along the axis of the smallest element, and is otherwise as [ArgMax].
func ArgMin(x *Tensor, axis int) *Tensor {
	return indexOfMax(Neg(choiceAlong("ops.ArgMin", x, axis)))
}

var _ = catalog(Entry{Name: "ArgMin", Constant: true, Samples: choiceSamples(ArgMin), Errors: badChoice("ops.ArgMin", ArgMin)})

// choiceAlong returns x, unrecorded, with the axis to choose along last.
func choiceAlong(op string, x *Tensor, axis int) *Tensor {
	const countable = 1 << 24
	along := axisOf(op, x, axis)
	if x.IsSingle() && x.Shape()[along] > countable {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "float32 counts to %d only, and axis %d of shape %v is longer", countable, along, x.Shape())
	}
	return choiceOf(op, "the index", x.Detach(), []int{axis})
}

// indexOfMax returns the index of the largest element of each row of x (…, n).
func indexOfMax(x *Tensor) *Tensor {
	return reduceRows(x, indexOfMaxKernel[float32], indexOfMaxKernel[float64])
}

func indexOfMaxKernel[T kernel.Float](dst, x []T, n int) {
	for i := range dst {
		row := x[i*n:][:n]
		best := 0
		for j, v := range row {
			if v != v {
				best = j
				break
			}
			if v > row[best] {
				best = j
			}
		}
		dst[i] = T(best)
	}
}
