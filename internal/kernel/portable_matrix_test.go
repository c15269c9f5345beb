package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Both kinds of portable tiles are right on every machine, though it runs only one of them, and make the same bits.
func TestPortableTiles(t *testing.T) {
	t.Run("float32", portableTilesAgree[float32])
	t.Run("float64", portableTilesAgree[float64])
}

func portableTilesAgree[T Float](t *testing.T) {
	kernels := kernelsOf[T]()
	defer func(old matrixKernels[T]) { kernels.matrixKernels = old }(kernels.matrixKernels)
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		m, k, n := r.IntN(20), r.IntN(300), r.IntN(30)
		la, lb := layout(r.IntN(int(layouts))), layout(r.IntN(int(layouts)))
		mode := r.IntN(3)
		var products [2][]T
		seed := r.Uint64()
		for i, tiles := range []matrixKernels[T]{narrowTiles[T](), wideTiles[T]()} {
			kernels.matrixKernels = tiles
			checkAgainstPlain[T](t, rand.New(rand.NewPCG(seed, 1)), m, k, n, la, lb, mode == 1, mode == 2)

			r := rand.New(rand.NewPCG(seed, 2))
			a, b := randomMatrix[T](r, m, k, la), randomMatrix[T](r, k, n, lb)
			products[i] = make([]T, m*n)
			MatMul(Matrix[T]{products[i], m, n, n, 1}, a, b, nil, false)
		}
		if !slices.Equal(products[0], products[1]) {
			t.Fatalf("(%d, %d, %d), layouts %d and %d: tiles of 2x3 and 4x4 make other bits", m, k, n, la, lb)
		}
	}
}
