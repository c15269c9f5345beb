package ops

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// anyIndices calls body with many tensors, an axis of each, and m indices along it.
func anyIndices(body func(r *rand.Rand, x *Tensor, axis, m int, index func() int)) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis, m := r.IntN(len(x.Shape())), r.IntN(6)
		n := x.Shape()[axis]
		if n == 0 {
			m = 0
		}
		body(r, x, axis, m, func() int { return r.IntN(n) })
	})
}

// several returns n indices.
func several(n int, index func() int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = index()
	}
	return all
}

func TestTakeAgainstLoops(t *testing.T) {
	anyIndices(func(r *rand.Rand, x *Tensor, axis, m int, index func() int) {
		chosen := several(m, index)
		y := Take(x, axis-r.IntN(2)*len(x.Shape()), chosen)
		if want := withLength(x, axis, m); !slices.Equal(y.Shape(), want) {
			t.Fatalf("shape %v along %d at %v: %v, want %v", x.Shape(), axis, chosen, y.Shape(), want)
		}
		indices(y.Shape(), func(at []int) {
			from := slices.Clone(at)
			from[axis] = chosen[at[axis]]
			if got, want := y.At(at...), x.At(from...); got != want {
				t.Fatalf("shape %v along %d at %v, element %v: %v, want %v", x.Shape(), axis, chosen, at, got, want)
			}
		})
	})
}

func TestTakeAlongAgainstLoops(t *testing.T) {
	anyIndices(func(r *rand.Rand, x *Tensor, axis, m int, index func() int) {
		if x.Size() == 0 {
			return
		}
		shape := withLength(x, axis, m)
		chosen := several(product(shape), index)
		y := TakeAlong(x, axis-r.IntN(2)*len(x.Shape()), chosen)
		if !slices.Equal(y.Shape(), shape) {
			t.Fatalf("shape %v along %d: %v, want %v", x.Shape(), axis, y.Shape(), shape)
		}
		i := 0
		indices(shape, func(at []int) {
			from := slices.Clone(at)
			from[axis] = chosen[i]
			if got, want := y.At(at...), x.At(from...); got != want {
				t.Fatalf("shape %v along %d, element %v: %v, want %v", x.Shape(), axis, at, got, want)
			}
			i++
		})
	})
}

// Without elements the indices do not tell how many there are for each line.
func TestTakeAlongOfNothing(t *testing.T) {
	if y := TakeAlong(draw(0, reals, 0, 3), 1, nil); !slices.Equal(y.Shape(), []int{0, 0}) {
		t.Errorf("shape %v, want (0, 0)", y.Shape())
	}
	if y := TakeAlong(draw(0, reals, 2, 3), 1, nil); !slices.Equal(y.Shape(), []int{2, 0}) {
		t.Errorf("shape %v, want (2, 0)", y.Shape())
	}
}

// Two linear functions are adjoint if <A x, y> = <x, B y> for all x and y: exactly here, as the numbers are whole.
func TestScatteringIsTheAdjointOfTaking(t *testing.T) {
	inner := func(a, b *Tensor) float64 { return Sum(Mul(a, b)).Item() }
	anyIndices(func(r *rand.Rand, x *Tensor, axis, m int, index func() int) {
		x = rounded(x)
		n := x.Shape()[axis]
		y := rounded(randomView(r, withLength(x, axis, m)))
		chosen := several(m, index)
		if a, b := inner(Take(x, axis, chosen), y), inner(x, ScatterAdd(y, axis, chosen, n)); a != b {
			t.Fatalf("shape %v along %d at %v: %v and %v", x.Shape(), axis, chosen, a, b)
		}
		chosen = several(y.Size(), index)
		if a, b := inner(takeAlong(x, axis, chosen, m), y), inner(x, addAlong(y, axis, chosen, n)); a != b {
			t.Fatalf("shape %v along %d at %v, line by line: %v and %v", x.Shape(), axis, chosen, a, b)
		}
	})
}

// rounded returns whole numbers near ten times the elements of x.
func rounded(x *Tensor) *Tensor {
	values := autograd.Values[float64](x)
	for i, v := range values {
		values[i] = math.Round(10 * v)
	}
	return autograd.FromSlice(values, x.Shape()...)
}

// What comes together is added in the order of x, whatever the threads.
func TestScatterAddHasTheSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const places = 7
	for _, shape := range [][]int{{40000}, {300, 200}, {200, 300, 2}, {3, 9000, 5}, {70000, 3}} {
		axis := min(1, len(shape)-1)
		n, inner := shape[axis], product(shape[axis+1:])
		x := single(draw(0, between(0, 1), shape...))
		parts, elements := classesOf(n, places), classesOf(x.Size(), places)
		to := withLength(x, axis, places)
		byParts, byElements := make([]float32, product(to)), make([]float32, product(to))
		for i, v := range autograd.Values[float32](x) {
			line := i / inner / n * places
			byParts[(line+parts[i/inner%n])*inner+i%inner] += v
			byElements[(line+elements[i])*inner+i%inner] += v
		}
		for _, processors := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(processors)
			wantEqual(t, "parts", ScatterAdd(x, axis, parts, places), autograd.FromSlice(byParts, to...))
			wantEqual(t, "elements", addAlong(x, axis, elements, places), autograd.FromSlice(byElements, to...))
		}
	}
}

func TestTakingFromLargeTensorsOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, shape := range [][]int{{40000}, {300, 200}, {200, 300, 2}, {3, 9000, 5}, {70000, 3}} {
		axis := min(1, len(shape)-1)
		n, inner := shape[axis], product(shape[axis+1:])
		x := draw(0, reals, shape...)
		reversed := make([]int, n)
		for i := range reversed {
			reversed[i] = n - 1 - i
		}
		each := make([]int, x.Size())
		values := make([]float64, x.Size())
		for i := range values {
			each[i] = reversed[i/inner%n]
			values[i] = autograd.Raw[float64](x)[i+(each[i]-i/inner%n)*inner]
		}
		want := autograd.FromSlice(values, shape...)
		for _, processors := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(processors)
			wantEqual(t, "Take", Take(x, axis, reversed), want)
			wantEqual(t, "TakeAlong", TakeAlong(x, axis, each), want)
			wantEqual(t, "Flip", Flip(x, axis), want)
		}
	}
}

// An index that is taken several times gets the sum of the gradients, and one that is not taken gets none.
func TestGradientOfTake(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(vector(1, 2, 3))
	y := Take(x, 0, []int{2, 0, 2})
	wantEqual(t, "gradient", tape.VJP(y, vector(10, 20, 30), x)[0], vector(20, 0, 40))
}

// The largest thing that these operations allocate is their result, whatever views they are given.
func TestArrangingAllocatesItsResultAlone(t *testing.T) {
	const n = 300
	x := Transpose(draw(0, reals, n, n))
	row := Squeeze(Slice(x, 0, 3, 4)) // of which no two elements are adjacent
	order, each := classesOf(n, n), classesOf(n*n, n)
	for name, f := range map[string]func() *Tensor{
		"Take":           func() *Tensor { return Take(x, 0, order) },
		"Take, columns":  func() *Tensor { return Take(x, 1, order) },
		"ScatterAdd":     func() *Tensor { return ScatterAdd(x, 0, order, n) },
		"TakeAlong":      func() *Tensor { return TakeAlong(x, 1, each) },
		"addAlong":       func() *Tensor { return addAlong(x, 0, each, n) },
		"Pad":            func() *Tensor { return Pad(x, 0, [2]int{1, 0}, [2]int{0, 1}) },
		"Stack":          func() *Tensor { return Stack(0, x, x) },
		"Flip":           func() *Tensor { return Flip(x) },
		"Roll":           func() *Tensor { return Roll(x, 0, 5) },
		"Tile":           func() *Tensor { return Tile(x, 2, 3) },
		"Triu":           func() *Tensor { return Triu(x, 1) },
		"Diag":           func() *Tensor { return Diag(x, 1) },
		"Diag, a vector": func() *Tensor { return Diag(row, 1) },
		"Squeeze":        func() *Tensor { return Squeeze(Unsqueeze(x, 1)) },
		"Split":          func() *Tensor { return Split(x, 0, n/2, n/2)[1] },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		size := 8 * f().Size()
		runtime.ReadMemStats(&after)
		if allocated := int(after.TotalAlloc - before.TotalAlloc); allocated > size+size/4+1<<14 {
			t.Errorf("%s allocated %d bytes for a result of %d", name, allocated, size)
		}
	}
}
