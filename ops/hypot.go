package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Hypot returns √(a² + b²), elementwise, broadcast, also where a² or b² would overflow or vanish. Its derivatives a/√(a² + b²) and
// b/√(a² + b²) are NaN where both are 0, as in PyTorch. It panics with an autograd.ShapeError if the shapes do not broadcast.
func Hypot(a, b *Tensor) *Tensor {
	a, b = broadcast("ops.Hypot", a, b)
	y := map2(a, b, hypotKernel[float32], hypotKernel[float64])
	return hypot.Record(y,
		autograd.Wrt(a, func(y, g *Tensor) *Tensor { return Mul(g, Div(a, y)) }),
		autograd.Wrt(b, func(y, g *Tensor) *Tensor { return Mul(g, Div(b, y)) }))
}

func hypotKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] = T(math.Hypot(float64(v), float64(b[i])))
	}
}

var (
	hypot = &autograd.Op{Name: "hypot"}
	_     = catalog(Entry{
		Name: "Hypot", Op: hypot, Errors: mismatched("ops.Hypot", Hypot),
		Samples: variants(
			variant{"right", binary(Hypot, positives, reals)},
			variant{"below", binary(Hypot, reals, negatives)}),
	})
)
