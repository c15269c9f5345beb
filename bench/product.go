package bench

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// layout says how the operands of a product lie in memory: as BLAS names it, N is row after row and T column after column, which is
// a transposed view here.
type layout string

const (
	rowRow    layout = "NN" // a layer forward: x·W
	rowColumn layout = "NT" // the gradient of its input: g·Wᵀ
	columnRow layout = "TN" // the gradient of its weights: xᵀ·g
)

// matMul measures the product of float32 matrices (m, k) and (k, n) in a tape's memory. The check is 64 elements of the result
// against sums in float64.
func matMul(m, k, n int, operands layout) func(b *testing.B) {
	return func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		uniform := func(rows, columns int, byColumns bool) *autograd.Tensor {
			values := make([]float32, rows*columns)
			for i := range values {
				values[i] = 2*rng.Float32() - 1
			}
			if byColumns {
				return ops.Transpose(autograd.FromSlice(values, columns, rows))
			}
			return autograd.FromSlice(values, rows, columns)
		}
		x, w := uniform(m, k, operands == columnRow), uniform(k, n, operands == rowColumn)
		tape := autograd.NewTape()
		product := func() *autograd.Tensor { return ops.MatMul(tape.Const(x), w) }
		product()
		tape.Reset()
		for b.Loop() {
			product()
			tape.Reset()
		}
		operations := 2 * float64(m) * float64(k) * float64(n)
		b.ReportMetric(operations*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")

		y := product()
		for range 64 {
			i, j := rng.IntN(m), rng.IntN(n)
			want := 0.0
			for p := range k {
				want += x.At(i, p) * w.At(p, j)
			}
			if got := y.At(i, j); math.Abs(got-want) > 1e-6*float64(k) {
				b.Fatalf("element (%d, %d) is %v, want %v", i, j, got, want)
			}
		}
	}
}
