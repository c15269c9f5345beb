package ops

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

func TestTrianglesAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		rank := len(x.Shape())
		if rank < 2 {
			return
		}
		k := r.IntN(9) - 4
		upper, lower := Triu(x, k), Tril(x, k)
		indices(x.Shape(), func(index []int) {
			v, above, below := x.At(index...), 0.0, 0.0
			if index[rank-1]-index[rank-2] >= k {
				above = v
			}
			if index[rank-1]-index[rank-2] <= k {
				below = v
			}
			if u, l := upper.At(index...), lower.At(index...); u != above || l != below {
				t.Fatalf("diagonal %d of shape %v at %v: %v and %v, want %v and %v", k, x.Shape(), index, u, l, above, below)
			}
		})
		wantEqual(t, "both triangles", Add(upper, Tril(x, k-1)), x)
	})
}

// Zeros are no products: what is left out may be infinite or no number.
func TestTrianglesLeaveOutWhatIsNotFinite(t *testing.T) {
	x := autograd.FromSlice([]float64{1, math.NaN(), math.Inf(-1), 2}, 2, 2)
	wantEqual(t, "lower of upper", Tril(Triu(x, 0), 0), autograd.FromSlice([]float64{1, 0, 0, 2}, 2, 2))
}

func TestDiagonalsFarOut(t *testing.T) {
	x := draw(0, reals, 2, 3)
	for _, k := range []int{3, 4, -2, -5, math.MaxInt, math.MinInt} {
		if y := Diag(x, k); len(y.Shape()) != 1 || y.Size() != 0 {
			t.Errorf("diagonal %d of shape (2, 3) has shape %v", k, y.Shape())
		}
		none, all := Triu(x, k), Tril(x, k)
		if k < 0 {
			none, all = all, none
		}
		wantEqual(t, "nothing", none, Scale(x, 0))
		if k != -2 || k == 3 {
			wantEqual(t, "everything", all, x)
		}
	}
}

func TestDiagOfDiag(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		k := r.IntN(7) - 3
		v := Reshape(x, -1)
		matrix := Diag(v, k)
		wantEqual(t, "a vector there and back", Diag(matrix, k), v)
		wantEqual(t, "the rest", Sub(matrix, Tril(Triu(matrix, k), k)), Scale(matrix, 0))
		if len(x.Shape()) == 2 {
			y := Diag(x, k)
			for i := range y.Size() {
				if got, want := y.At(i), x.At(i+max(0, -k), i+max(0, k)); got != want {
					t.Fatalf("diagonal %d of shape %v at %d: %v, want %v", k, x.Shape(), i, got, want)
				}
			}
			if y.Size() > 0 && k == 0 && !sameMemory(x, y) {
				t.Fatal("the elements were copied")
			}
		}
	})
}
