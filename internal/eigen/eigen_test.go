package eigen

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func all(values []float64) int { return len(values) }

// matrix draws symmetric matrices of many kinds.
func matrix(t *rapid.T) ([]float64, int) {
	n := rapid.IntRange(1, 24).Draw(t, "n")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	kind := rapid.SampledFrom([]string{"dense", "sparse", "low rank", "graded", "diagonal", "blocks", "zero", "equal"}).Draw(t, "kind")
	scale := math.Pow(10, rapid.Float64Range(-100, 100).Draw(t, "scale"))
	a := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			v := rng.NormFloat64()
			switch kind {
			case "sparse":
				if rng.IntN(3) > 0 {
					v = 0
				}
			case "low rank":
				v = float64((i%3 + 1) * (j%3 + 1))
			case "graded":
				v *= math.Pow(10, -float64(i+j)/2)
			case "diagonal":
				if i != j {
					v = 0
				}
			case "blocks":
				if i/3 != j/3 {
					v = 0
				}
			case "zero":
				v = 0
			case "equal":
				v = 1
			}
			a[i*n+j], a[j*n+i] = scale*v, scale*v
		}
	}
	return a, n
}

// Vectors have the length 1, are orthogonal, and the matrix stretches each by its value: n of them leave no room for other values. (gonum's
// EigenSym is no reference: it panics for some of these matrices, such as one of equal elements of 4e-69.)
func TestSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, n := matrix(t)
		size := 0.0
		for _, v := range a {
			size += v * v
		}
		size = math.Sqrt(size)
		values, vectors, err := Symmetric(t.Context(), slices.Clone(a), n, all)
		if err != nil {
			t.Fatal(err)
		}
		const tolerance = 1e-13
		for i, value := range values {
			if i > 0 && value > values[i-1] {
				t.Errorf("value %d is %v, and the one before %v", i, value, values[i-1])
			}
			v := vectors[i*n : (i+1)*n]
			for r := range n {
				if gap := math.Abs(inner(a[r*n:(r+1)*n], v) - value*v[r]); gap > tolerance*size {
					t.Errorf("element %d of A·v%d - λ·v%d is %v", r, i, i, gap)
				}
			}
			for j := range i + 1 {
				want := 0.0
				if i == j {
					want = 1
				}
				if got := inner(v, vectors[j*n:(j+1)*n]); math.Abs(got-want) > tolerance {
					t.Errorf("the product of vectors %d and %d is %v", i, j, got)
				}
			}
		}
	})
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// random returns a matrix that takes many batches of rotations and several threads.
func random(n int) []float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	a := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			a[i*n+j] = rng.NormFloat64()
			a[j*n+i] = a[i*n+j]
		}
	}
	return a
}

// The first vectors are those of all, and the bits do not depend on the number of processors.
func TestSomeVectorsOnAnyNumberOfProcessors(t *testing.T) {
	const n = 300
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	values, vectors, err := Symmetric(t.Context(), random(n), n, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{2, 3} {
		runtime.GOMAXPROCS(procs)
		v, first, err := Symmetric(t.Context(), random(n), n, func([]float64) int { return 5 })
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(v, values) || !slices.Equal(first, vectors[:5*n]) {
			t.Errorf("other bits on %d processors", procs)
		}
	}
	a := random(n)
	for i := range n {
		if gap := math.Abs(inner(a[7*n:8*n], vectors[i*n:(i+1)*n]) - values[i]*vectors[i*n+7]); gap > 1e-11 {
			t.Errorf("element 7 of A·v%d - λ·v%d is %v", i, i, gap)
		}
	}
}

// ending is a context that ends when it was asked a number of times.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestSymmetricStops(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // ending is for one goroutine
	const n = 40
	calls := &ending{t.Context(), math.MaxInt}
	if _, _, err := Symmetric(calls, random(n), n, all); err != nil {
		t.Fatal(err)
	}
	for asked := range math.MaxInt - calls.left {
		if _, _, err := Symmetric(&ending{t.Context(), asked}, random(n), n, all); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v of a context that ended when it was asked %d times", err, asked)
		}
	}
}

func BenchmarkSymmetric(b *testing.B) {
	for b.Loop() {
		if _, _, err := Symmetric(b.Context(), random(784), 784, func([]float64) int { return 32 }); err != nil {
			b.Fatal(err)
		}
	}
}
