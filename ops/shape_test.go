package ops

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// wantEqual fails the test unless got and want have one shape and the same elements.
func wantEqual(t *testing.T, what string, got, want *Tensor) {
	t.Helper()
	if !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape(), want.Shape())
	}
	if !slices.Equal(autograd.Values[float64](got), autograd.Values[float64](want)) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// sameMemory reports whether two tensors of float64 begin at the same place in memory.
func sameMemory(a, b *Tensor) bool {
	return unsafe.SliceData(autograd.Raw[float64](a)) == unsafe.SliceData(autograd.Raw[float64](b))
}

// anyViews calls body with many tensors of random shapes and layouts.
func anyViews(body func(r *rand.Rand, x *Tensor)) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 500 {
		body(r, randomView(r, randomShape(r)))
	}
}

func TestReshapeKeepsRowMajorOrder(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		flat := Reshape(x, x.Size())
		i := 0
		indices(x.Shape(), func(index []int) {
			if got, want := flat.At(i), x.At(index...); got != want {
				t.Fatalf("element %d of shape %v is %v, want %v", i, x.Shape(), got, want)
			}
			i++
		})
		wantEqual(t, "there and back", Reshape(flat, x.Shape()...), x)
		if x.Size() > 0 && len(x.Shape()) > 0 {
			free := slices.Clone(x.Shape())
			free[r.IntN(len(free))] = -1
			wantEqual(t, "with -1", Reshape(flat, free...), x)
		}
		if len(x.Shape()) > 0 {
			rows := Flatten(x)
			wantEqual(t, "flattened", rows, Reshape(x, x.Shape()[0], product(x.Shape()[1:])))
		}
	})
}

func TestReshapeCopiesOnlyWhatIsNotRowMajor(t *testing.T) {
	x := draw(0, reals, 4, 6)
	if !sameMemory(x, Reshape(x, 3, 8)) {
		t.Error("a row-major tensor was copied")
	}
	if rows := Slice(x, 0, 1, 3); !sameMemory(rows, Reshape(rows, 12)) {
		t.Error("whole rows were copied")
	}
	if y := Reshape(Transpose(x), 24); sameMemory(x, y) || y.At(1) != x.At(1, 0) {
		t.Error("a transpose was not copied")
	}
}

func TestReshapeOwnsItsShape(t *testing.T) {
	shape := []int{2, 3}
	y := Reshape(draw(0, reals, 6), shape...)
	shape[0] = 7
	if y.Shape()[0] != 2 {
		t.Error("the caller's slice became the shape of the tensor")
	}
}

func TestTransposeAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		perm := r.Perm(len(x.Shape()))
		y := Transpose(x, perm...)
		inverse := make([]int, len(perm))
		for to, from := range perm {
			inverse[from] = to
		}
		at := make([]int, len(perm))
		indices(x.Shape(), func(index []int) {
			for to, from := range perm {
				at[to] = index[from]
			}
			if got, want := y.At(at...), x.At(index...); got != want {
				t.Fatalf("shape %v by %v at %v: %v, want %v", x.Shape(), perm, index, got, want)
			}
		})
		wantEqual(t, "by the inverse", Transpose(y, inverse...), x)
		wantEqual(t, "reversed twice", Transpose(Transpose(x)), x)
		for i := range perm {
			perm[i] -= len(perm)
		}
		wantEqual(t, "by axes from the end", Transpose(x, perm...), y)
		if x.Size() > 0 && !sameMemory(x, y) {
			t.Fatal("the elements were copied")
		}
	})
}

func TestSliceAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis := r.IntN(len(x.Shape()))
		stop := r.IntN(x.Shape()[axis] + 1)
		start := r.IntN(stop + 1)
		y := Slice(x, axis-r.IntN(2)*len(x.Shape()), start, stop)
		if y.Shape()[axis] != stop-start {
			t.Fatalf("[%d, %d) of axis %d has shape %v", start, stop, axis, y.Shape())
		}
		indices(y.Shape(), func(index []int) {
			from := slices.Clone(index)
			from[axis] += start
			if got, want := y.At(index...), x.At(from...); got != want {
				t.Fatalf("[%d, %d) of axis %d of shape %v at %v: %v, want %v", start, stop, axis, x.Shape(), index, got, want)
			}
		})
		if y.Size() > 0 && start == 0 && !sameMemory(x, y) {
			t.Fatal("the elements were copied")
		}
		n, before := x.Shape()[axis], Slice(x, axis, 0, start)
		wantEqual(t, "parts joined", Concat(axis, before, y, Slice(x, axis, stop, n)), x)
		padded := padded(y, 0, around(y, axis, start, n-stop))
		wantEqual(t, "padded and cut again", Slice(padded, axis, start, stop), y)
		for _, rest := range []*Tensor{Slice(padded, axis, 0, start), Slice(padded, axis, stop, n)} {
			wantEqual(t, "padding", rest, autograd.Zeros(tensor.Float64, rest.Shape()...))
		}
	})
}

func TestConcatAgainstSlices(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis := r.IntN(len(x.Shape()))
		parts := []*Tensor{x}
		for range r.IntN(3) {
			shape := x.Shape().Clone()
			shape[axis] = r.IntN(4)
			parts = append(parts, randomView(r, shape))
		}
		y := Concat(axis-r.IntN(2)*len(x.Shape()), parts...)
		start := 0
		for _, part := range parts {
			stop := start + part.Shape()[axis]
			wantEqual(t, "part", Slice(y, axis, start, stop), part)
			start = stop
		}
		if start != y.Shape()[axis] {
			t.Fatalf("axis %d has length %d, want %d", axis, y.Shape()[axis], start)
		}
	})
}

func TestConcatTakesTheDtypeOfWhatIsNotConstant(t *testing.T) {
	weak, other := autograd.Labels([]int{1, 2}), autograd.FromSlice([]float32{0.5}, 1)
	for _, parts := range [][]*Tensor{{weak, other, weak}, {other, weak, weak}, {weak, weak, other}} {
		kept := slices.Clone(parts)
		if y := Concat(0, parts...); y.Dtype() != tensor.Float32 || y.Size() != 5 {
			t.Errorf("%+v", y)
		}
		if !slices.Equal(kept, parts) {
			t.Error("the caller's tensors were replaced")
		}
	}
}

// What a caller passes may change before the reverse pass runs.
func TestRulesDoNotKeepArguments(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(draw(0, reals, 2, 3, 4))
	perm, parts := []int{1, 2, 0}, []*Tensor{x, x}
	y := Sum(Square(Concat(1, parts...)))
	z := Sum(Mul(Transpose(x, perm...), draw(1, reals, 3, 4, 2)))
	copy(perm, []int{0, 1, 2})
	parts[0], parts[1] = nil, nil
	wantEqual(t, "of Concat", tape.Grad(y, x)[0], Scale(x.Detach(), 4))
	wantEqual(t, "of Transpose", tape.Grad(z, x)[0], Transpose(draw(1, reals, 3, 4, 2), 2, 0, 1))
}
