package ops

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFlipAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		flipped := make([]bool, len(x.Shape()))
		var axes []int
		for axis := range flipped {
			if flipped[axis] = r.IntN(2) == 0; flipped[axis] {
				axes = append(axes, axis-r.IntN(2)*len(flipped))
			}
		}
		if axes == nil { // which means all
			for axis := range flipped {
				flipped[axis] = true
			}
		}
		y := Flip(x, axes...)
		indices(x.Shape(), func(index []int) {
			from := slices.Clone(index)
			for axis := range from {
				if flipped[axis] {
					from[axis] = x.Shape()[axis] - 1 - from[axis]
				}
			}
			if got, want := y.At(index...), x.At(from...); got != want {
				t.Fatalf("shape %v along %v at %v: %v, want %v", x.Shape(), axes, index, got, want)
			}
		})
		wantEqual(t, "flipped twice", Flip(y, axes...), x)
	})
}

func TestRoll(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis, shift := r.IntN(len(x.Shape())), r.IntN(21)-10
		n := x.Shape()[axis]
		y := Roll(x, axis, shift)
		indices(x.Shape(), func(index []int) {
			to := slices.Clone(index)
			to[axis] = ((to[axis]+shift)%n + n) % n
			if got, want := y.At(to...), x.At(index...); got != want {
				t.Fatalf("shape %v along %d by %d at %v: %v, want %v", x.Shape(), axis, shift, to, got, want)
			}
		})
		wantEqual(t, "rolled back", Roll(y, axis, -shift), x)
		wantEqual(t, "rolled around", Roll(x, axis, 3*n), x)
	})
}

func TestTileAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		repeats := make([]int, r.IntN(5))
		for i := range repeats {
			repeats[i] = r.IntN(3)
		}
		y := Tile(x, repeats...)
		rank := max(len(repeats), len(x.Shape()))
		shape, all := slices.Repeat([]int{1}, rank), slices.Repeat([]int{1}, rank)
		copy(shape[rank-len(x.Shape()):], x.Shape())
		copy(all[rank-len(repeats):], repeats)
		once := Reshape(x, shape...)
		for axis := range shape {
			shape[axis] *= all[axis]
		}
		if !slices.Equal(y.Shape(), shape) {
			t.Fatalf("shape %v by %v: %v, want %v", x.Shape(), repeats, y.Shape(), shape)
		}
		indices(shape, func(index []int) {
			from := slices.Clone(index)
			for axis := range from {
				from[axis] %= once.Shape()[axis]
			}
			if got, want := y.At(index...), once.At(from...); got != want {
				t.Fatalf("shape %v by %v at %v: %v, want %v", x.Shape(), repeats, index, got, want)
			}
		})
	})
}
