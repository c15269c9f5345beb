package ops

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

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

func TestSplitThenConcat(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis := r.IntN(len(x.Shape()))
		var sizes []int
		for left := x.Shape()[axis]; left > 0 || len(sizes) == 0; {
			size := r.IntN(left + 1)
			sizes = append(sizes, size)
			left -= size
		}
		parts := Split(x, axis-r.IntN(2)*len(x.Shape()), sizes...)
		for i, part := range parts {
			if part.Shape()[axis] != sizes[i] {
				t.Fatalf("part %d by sizes %v along %d has shape %v", i, sizes, axis, part.Shape())
			}
		}
		wantEqual(t, "joined", Concat(axis, parts...), x)
	})
	if parts := Split(draw(0, reals, 0, 3), 0); len(parts) != 0 {
		t.Errorf("nothing was split into %v", parts)
	}
}

func TestStackAgainstSlices(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		axis := r.IntN(len(x.Shape()) + 1)
		parts := []*Tensor{x}
		for range r.IntN(3) {
			parts = append(parts, randomView(r, x.Shape()))
		}
		y := Stack(axis-r.IntN(2)*(len(x.Shape())+1), parts...)
		if y.Shape()[axis] != len(parts) {
			t.Fatalf("%d of shape %v along %d have shape %v", len(parts), x.Shape(), axis, y.Shape())
		}
		for i, part := range parts {
			wantEqual(t, "part", Squeeze(Slice(y, axis, i, i+1), axis), part)
		}
	})
}

func TestStackDoesNotReplaceTheCallersTensors(t *testing.T) {
	parts := []*Tensor{draw(0, reals, 2), autograd.Labels([]int{1, 2})}
	kept := slices.Clone(parts)
	Stack(0, parts...)
	if !slices.Equal(kept, parts) {
		t.Error("the caller's tensors were replaced")
	}
}

func TestPadAgainstConcat(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		want := x
		var widths [][2]int
		for axis := range x.Shape() {
			w := [2]int{r.IntN(3), r.IntN(3)}
			widths = append(widths, w)
			border := func(n int) *Tensor { return autograd.Full(1.5, x.Dtype(), withLength(want, axis, n)...) }
			want = Concat(axis, border(w[0]), want, border(w[1]))
		}
		wantEqual(t, "padded", Pad(x, 1.5, widths...), want)
	})
}

// What a caller passes may change before the reverse pass runs.
func TestRulesDoNotKeepArguments(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(draw(0, reals, 2, 3, 4))
	perm, parts := []int{1, 2, 0}, []*Tensor{x, x}
	y := Sum(Square(Concat(1, parts...)))
	z := Sum(Mul(Transpose(x, perm...), draw(1, reals, 3, 4, 2)))
	widths := [][2]int{{1, 0}, {0, 0}, {0, 2}}
	w := Sum(Square(Pad(x, 1, widths...)))
	order := []int{1, 0, 1}
	taken := Sum(Square(Take(x, 1, order)))
	scattered := Sum(Square(ScatterAdd(x, 1, order, 2)))
	along := slices.Repeat([]int{0}, 12)
	chosen := Sum(Square(TakeAlong(x, 0, along)))
	copy(perm, []int{0, 1, 2})
	copy(order, []int{2, 2, 2})
	along[0] = 1
	widths[0], widths[2] = [2]int{0, 1}, [2]int{2, 0}
	parts[0], parts[1] = nil, nil
	wantEqual(t, "of Concat", tape.Grad(y, x)[0], Scale(x.Detach(), 4))
	wantEqual(t, "of Pad", tape.Grad(w, x)[0], Scale(x.Detach(), 2))
	twice := Concat(1, Scale(Slice(x, 1, 0, 1), 2), Scale(Slice(x, 1, 1, 2), 4), Scale(Slice(x, 1, 2, 3), 0)).Detach()
	wantEqual(t, "of Take", tape.Grad(taken, x)[0], twice)
	sums := Scale(ScatterAdd(x.Detach(), 1, []int{1, 0, 1}, 2), 2)
	wantEqual(t, "of ScatterAdd", tape.Grad(scattered, x)[0], Take(sums, 1, []int{1, 0, 1}))
	first := Scale(Pad(Slice(x.Detach(), 0, 0, 1), 0, [2]int{0, 1}, [2]int{}, [2]int{}), 2)
	wantEqual(t, "of TakeAlong", tape.Grad(chosen, x)[0], first)
	wantEqual(t, "of Transpose", tape.Grad(z, x)[0], Transpose(draw(1, reals, 3, 4, 2), 2, 0, 1))
}
