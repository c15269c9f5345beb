package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// centerRows returns each row of x (…, n) less its mean. It is linear and symmetric, and so its own rule.
func centerRows(x *Tensor) *Tensor {
	y := mapRows1(x, centerKernel[float32], centerKernel[float64])
	return centering.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return centerRows(g) }))
}

func centerKernel[T kernel.Float](dst, x []T, n int) {
	for i := 0; i < len(dst); i += n {
		center(dst[i:i+n], x[i:i+n])
	}
}

// center writes x less its mean to dst. The mean of large numbers is rounded by more than the digits that a small deviation has,
// and so what is left of it is subtracted too: a deviation is then right to the digits of the data.
func center[T kernel.Float](dst, x []T) {
	n := T(len(x))
	subtract(dst, x, kernel.Sum(x)/n)
	subtract(dst, dst, kernel.Sum(dst)/n)
}

var (
	centering = &autograd.Op{Name: "centerRows"}
	_         = catalog(Entry{Name: "centerRows", Op: centering, Samples: rowSamples(centerRows)})
)
