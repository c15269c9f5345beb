package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Each column is added in the order of the rows, with nothing read or written beside the matrix.
func TestColumnSumsAddInOrder(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testColumnSums[float32](t)
		testColumnSums[float64](t)
	})
}

func testColumnSums[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, cols := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 128, 129, 300} {
		for _, rows := range []int{1, 2, 3, 16, 17} {
			for _, stride := range []int{cols, cols + 1, cols + 37} {
				_, x := guarded[T](r, (rows-1)*stride+cols)
				for i := range rows - 1 {
					for j := cols; j < stride; j++ {
						x[i*stride+j] = guard
					}
				}
				all, dst := guarded[T](r, cols)
				want := make([]T, len(all))
				copy(want, all)
				start := len(all) - 33 - cols // where dst begins
				for j := range cols {
					sum := x[j]
					for i := 1; i < rows; i++ {
						sum += x[i*stride+j]
					}
					want[start+j] = sum
				}
				ColumnSums(dst, x, rows, stride)
				for i, v := range all {
					if v != want[i] {
						t.Fatalf("%T: %d rows of %d, %d apart: element %d is %v, want %v", v, rows, cols, stride, i-start, v, want[i])
					}
				}
			}
		}
	}
}

func TestColumnSumsPassOnWhatIsNotFinite(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		inf := float32(math.Inf(1))
		x := []float32{inf, inf, 1, -inf, inf, float32(math.NaN())}
		dst := make([]float32, 3)
		ColumnSums(dst, x, 2, 3)
		if dst[0] == dst[0] || dst[1] != inf || dst[2] == dst[2] {
			t.Errorf("sums %v, want NaN, +Inf, NaN", dst)
		}
	})
}
