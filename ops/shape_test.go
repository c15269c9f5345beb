package ops

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

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

func TestUnsqueezeThenSqueeze(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		axis := r.IntN(len(x.Shape()) + 1)
		y := Unsqueeze(x, axis-r.IntN(2)*(len(x.Shape())+1))
		if want := slices.Insert(x.Shape().Clone(), axis, 1); !slices.Equal(y.Shape(), want) {
			t.Fatalf("shape %v with axis %d more: %v, want %v", x.Shape(), axis, y.Shape(), want)
		}
		wantEqual(t, "there and back", Squeeze(y, axis), x)
		bare := slices.DeleteFunc(x.Shape().Clone(), func(d int) bool { return d == 1 })
		wantEqual(t, "all axes of length 1", Squeeze(y), Reshape(x, bare...))
		for name, z := range map[string]*Tensor{"Unsqueeze": y, "Squeeze": Squeeze(x)} {
			if x.Size() > 0 && !sameMemory(x, z) {
				t.Fatalf("%s of shape %v with strides %v copied the elements", name, x.Shape(), x.Strides())
			}
		}
	})
}
