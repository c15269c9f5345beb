package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Flip returns x with the order of its elements reversed along the axes, none meaning all.
// It panics with an autograd.ValueError if there is no such axis, or if one is repeated.
func Flip(x *Tensor, axes ...int) *Tensor {
	return flip(x, reducedAxes("ops.Flip", x, axes, nil))
}

func flip(x *Tensor, flipped axisSet) *Tensor {
	y := autograd.Empty(x.Shape(), x)
	if x.IsSingle() {
		flipParts(autograd.Raw[float32](y), view[float32](x), flipped)
	} else {
		flipParts(autograd.Raw[float64](y), view[float64](x), flipped)
	}
	return flipping.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return flip(g, flipped) }))
}

// flipParts fills dst, row-major, with the parts of x that keep their order: those after the last axis that is flipped.
func flipParts[T kernel.Float](dst []T, x strided.View[T], flipped axisSet) {
	if len(dst) == 0 {
		return
	}
	axis, end := 0, 0 // the last that is flipped, and where in memory the first element of the result is
	strides := make([]int, len(flipped))
	for a, stride := range x.Strides {
		strides[a] = stride
		if flipped[a] {
			axis, end, strides[a] = a, end+(x.Shape[a]-1)*stride, -stride
		}
	}
	if len(flipped) == 0 {
		dst[0] = x.Data[0]
		return
	}
	n, size := x.Shape[axis], product(x.Shape[axis+1:])
	byRows(len(dst)/(n*size), n*size, func(lo, hi int) {
		part := partOf(x, axis)
		for row := lo; row < hi; row++ {
			from := end + offsetOf(x.Shape[:axis], strides[:axis], row)
			to := dst[row*n*size:][:n*size]
			for i := range n {
				if size == 1 {
					to[i] = x.Data[from+i*strides[axis]]
					continue
				}
				part.Data = x.Data[from+i*strides[axis]:]
				part.Gather(to[i*size:][:size], 0)
			}
		}
	})
}

var (
	flipping = &autograd.Op{Name: "flip"}
	_        = catalog(Entry{Name: "Flip", Op: flipping, Samples: flipSamples, Errors: badAxes("ops.Flip", Flip)})
)

// Roll returns x with its elements moved on by shift places along an axis, those that leave its end coming in again at its start.
// A negative shift moves them back.
// It panics with an autograd.ValueError if there is no such axis.
func Roll(x *Tensor, axis, shift int) *Tensor {
	along := axisOf("ops.Roll", x, axis)
	n := x.Shape()[along]
	if n == 0 || shift%n == 0 {
		return x
	}
	cut := n - shift%n
	if cut > n {
		cut -= n
	}
	return Concat(along, Slice(x, along, cut, n), Slice(x, along, 0, cut))
}

var _ = catalog(Entry{
	Name: "Roll", Samples: rollSamples,
	Errors: badAxis("ops.Roll", func(x *Tensor, axis int) *Tensor { return Roll(x, axis, 1) }),
})

// Tile returns x repeated along its axes, (n₀, n₁, …) with repeats r₀, r₁, … giving (r₀·n₀, r₁·n₁, …). Where there are fewer repeats than
// axes the first ones are not repeated, and where there are more x gets axes of length 1 before its first, as in NumPy.
// It panics with an autograd.ValueError if a number of repeats is negative, and with an autograd.ShapeError if the result is too large for
// any memory.
func Tile(x *Tensor, repeats ...int) *Tensor {
	const op = "ops.Tile"
	rank := max(len(repeats), len(x.Shape()))
	before, between, after := make([]int, 0, 2*rank), make([]int, 0, 2*rank), make([]int, rank)
	for axis := range rank {
		repeat, n := 1, 1
		if i := axis - (rank - len(repeats)); i >= 0 {
			repeat = repeats[i]
		}
		if i := axis - (rank - len(x.Shape())); i >= 0 {
			n = x.Shape()[i]
		}
		if repeat < 0 {
			autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "want no repeats below 0, given %d for shape %v", repeat, x.Shape())
		}
		if n > 0 && repeat > math.MaxInt/n {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "shape %v %d times along an axis holds more elements than memory can", x.Shape(), repeat)
		}
		// What is repeated is an axis of its own before the one that it repeats.
		before, between, after[axis] = append(before, 1, n), append(between, repeat, n), repeat*n
	}
	return Reshape(BroadcastTo(Reshape(x, before...), between...), after...)
}

var _ = catalog(Entry{Name: "Tile", Samples: tileSamples, Errors: []Misuse{
	{
		"a negative number",
		func() { Tile(draw(0, reals, 2, 3), 2, -1) },
		autograd.ValueError, "ops.Tile: want no repeats below 0, given -1 for shape (2, 3)",
	},
	{"more elements than an int counts", func() { Tile(draw(0, reals, 0, 4), 1, math.MaxInt/2) }, autograd.ShapeError, "more elements than memory can"},
	{"more elements than memory can", func() { Tile(draw(0, reals, 2), math.MaxInt/2, 2) }, autograd.ShapeError, "more elements than memory can"},
}})
