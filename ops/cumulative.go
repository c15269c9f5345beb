package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// CumSum returns the sums along the axis of each element and those before it, in x's shape. They are added in float64.
// It panics with an autograd.ValueError if there is no such axis.
func CumSum(x *Tensor, axis int) *Tensor {
	return alongRows("ops.CumSum", x, axis, func(x *Tensor) *Tensor { return cumSumOfRows(x, false) })
}

// cumSumOfRows returns the sums along the last axis of each element and those before it, or from the end those after it: the one is the
// rule of the other.
func cumSumOfRows(x *Tensor, fromEnd bool) *Tensor {
	y := mapRows1(x, cumSumKernel[float32](fromEnd), cumSumKernel[float64](fromEnd))
	return cumSum.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return cumSumOfRows(g, !fromEnd) }))
}

func cumSumKernel[T kernel.Float](fromEnd bool) func(dst, x []T, n int) {
	return func(dst, x []T, n int) {
		first, step := 0, 1
		if fromEnd {
			first, step = n-1, -1
		}
		for i := 0; i < len(dst); i += n {
			sum := 0.0
			for j := range n {
				at := i + first + j*step
				sum += float64(x[at])
				dst[at] = T(sum)
			}
		}
	}
}

var (
	cumSum = &autograd.Op{Name: "cumSum"}
	_      = catalog(Entry{Name: "CumSum", Op: cumSum, Samples: axisSamples(CumSum), Errors: badAxis("ops.CumSum", CumSum)})
)
