package bench

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/pool"
	"github.com/tapegrad/tapegrad/ops"
)

// side is the number of rows, and of columns, of a matrix of about a million elements.
const side = 1024

// million measures an operation on a matrix (side, side) of float32 in a tape's memory. want computes in float64, from the
// elements of the matrix, the first elements of the result; they are the check.
func million(f func(x *autograd.Tensor) *autograd.Tensor, want func(x []float64) []float64) func(b *testing.B) {
	return func(b *testing.B) {
		x := autograd.FromSlice(normalValues(), side, side)
		tape := autograd.NewTape()
		run := func() *autograd.Tensor { return f(tape.Const(x)) }
		run()
		tape.Reset()
		for b.Loop() {
			run()
			tape.Reset()
		}
		got := autograd.Values[float64](ops.Flatten(ops.Unsqueeze(run(), 0)))
		for i, w := range want(autograd.Values[float64](x)) {
			if !(math.Abs(got[i]-w) <= 1e-5*max(1, math.Abs(w))) {
				b.Fatalf("element %d is %v, want %v", i, got[i], w)
			}
		}
	}
}

// copyMillion measures a copy of side·side float32: what the memory, or the cache that holds them, gives at best to an operation
// with one operand. It copies blocks, for Go's copy goes around the caches where it is given a megabyte. The check is the copy.
func copyMillion(b *testing.B) {
	const block = 1 << 14
	x := normalValues()
	y := make([]float32, len(x))
	run := func() {
		pool.For(len(x), block, func(lo, hi int) {
			for ; lo < hi; lo += block {
				copy(y[lo:lo+block], x[lo:])
			}
		})
	}
	for b.Loop() {
		run()
	}
	for i := range x {
		if y[i] != x[i] {
			b.Fatalf("element %d is %v, want %v", i, y[i], x[i])
		}
	}
}

func normalValues() []float32 {
	rng := rand.New(rand.NewPCG(1, 1))
	values := make([]float32, side*side)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return values
}

// each returns a function that applies f to the elements of the first row.
func each(f func(float64) float64) func(x []float64) []float64 {
	return func(x []float64) []float64 {
		y := make([]float64, side)
		for i := range y {
			y[i] = f(x[i])
		}
		return y
	}
}

// softmax is that of the first row.
func softmax(x []float64) []float64 {
	y := each(math.Exp)(x)
	total := sum(y)[0]
	for i := range y {
		y[i] /= total
	}
	return y
}

// layerNorm normalizes the first row.
func layerNorm(x []float64) []float64 {
	mean := sum(x[:side])[0] / side
	squares := each(func(v float64) float64 { return (v - mean) * (v - mean) })(x)
	deviation := math.Sqrt(sum(squares)[0]/side + 1e-5)
	return each(func(v float64) float64 { return (v - mean) / deviation })(x)
}

// sum has one element.
func sum(x []float64) []float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return []float64{total}
}
