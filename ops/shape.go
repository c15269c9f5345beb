package ops

import (
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Reshape returns the elements of x, in row-major order, in another shape of the same size. One length may be -1: it becomes
// what the others leave. The result shares x's memory if x is row-major, or if only axes of length 1 come or go; else it is a copy.
// It panics with an autograd.ShapeError if the shape does not hold the elements of x, or if -1 could be anything.
func Reshape(x *Tensor, shape ...int) *Tensor { return reshaped("ops.Reshape", x, shape) }

func reshaped(op string, x *Tensor, shape []int) *Tensor {
	fit := fitted(op, x, shape)
	memory, strides := x, stridesBut1(x, fit)
	if strides == nil {
		memory, strides = autograd.RowMajor(x), strided.Strides(fit)
	}
	y := autograd.View(memory, fit, strides, 0)
	return reshape.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Reshape(g, x.Shape()...) }))
}

// stridesBut1 returns the strides of x in a shape of its size from which it differs in axes of length 1 only, else nil.
func stridesBut1(x *Tensor, shape tensor.Shape) []int {
	if x.IsDense() {
		return nil
	}
	strides := make([]int, len(shape))
	rest := x.Shape()
	for axis, d := range shape {
		if d == 1 {
			continue
		}
		for len(rest) > 0 && rest[0] == 1 {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != d {
			return nil
		}
		strides[axis] = x.Strides()[len(x.Shape())-len(rest)]
		rest = rest[1:]
	}
	return strides
}

// fitted returns a copy of shape in which -1 is what the other lengths leave of x.
func fitted(op string, x *Tensor, shape []int) tensor.Shape {
	fit := tensor.Shape(slices.Clone(shape))
	size, free := 1, -1
	for axis, d := range fit {
		switch {
		case d == -1 && free >= 0:
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "shape %v has more than one -1", fit)
		case d == -1:
			free = axis
		case d < 0:
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "shape %v has a negative length", fit)
		case d > 0 && size > math.MaxInt/d:
			size = math.MaxInt // no tensor has so many elements, and a later 0 still makes it 0
		default:
			size *= d
		}
	}
	switch {
	case free >= 0 && size == 0:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "in shape %v, which holds no elements, -1 could be any length", fit)
	case free >= 0 && x.Size()%size == 0:
		fit[free] = x.Size() / size
	case free >= 0 || size != x.Size():
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "the %d elements of shape %v do not fit into shape %v", x.Size(), x.Shape(), fit)
	}
	return fit
}

var (
	reshape = &autograd.Op{Name: "reshape"}
	_       = catalog(Entry{Name: "Reshape", Op: reshape, Samples: reshapeSamples, Errors: []Misuse{
		{
			"another size",
			func() { Reshape(draw(0, reals, 2, 3), 4, 2) },
			autograd.ShapeError, "ops.Reshape: the 6 elements of shape (2, 3) do not fit into shape (4, 2)",
		},
		{
			"-1 that does not divide",
			func() { Reshape(draw(0, reals, 2, 3), 4, -1) },
			autograd.ShapeError, "the 6 elements of shape (2, 3) do not fit into shape (4, -1)",
		},
		{"two -1", func() { Reshape(draw(0, reals, 2, 3), -1, -1) }, autograd.ShapeError, "shape (-1, -1) has more than one -1"},
		{"negative length", func() { Reshape(draw(0, reals, 2, 3), -2, 3) }, autograd.ShapeError, "shape (-2, 3) has a negative length"},
		{"ambiguous -1", func() { Reshape(draw(0, reals, 0, 3), 0, -1) }, autograd.ShapeError, "-1 could be any length"},
		{
			"more elements than an int counts",
			func() { Reshape(draw(0, reals, 0), math.MaxInt/2+1, 4) },
			autograd.ShapeError, "the 0 elements of shape (0) do not fit",
		},
	}})
)

// Flatten returns x of shape (n, …) in the shape (n, k): each example in one row. It panics with an autograd.ShapeError if x
// has no axes.
func Flatten(x *Tensor) *Tensor {
	const op = "ops.Flatten"
	if len(x.Shape()) == 0 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want shape (n, …), given a scalar")
	}
	n, rest := x.Shape()[0], 1
	for _, d := range x.Shape()[1:] {
		rest *= d
	}
	return reshaped(op, x, []int{n, rest})
}

var _ = catalog(Entry{Name: "Flatten", Samples: flattenSamples, Errors: []Misuse{
	{"a scalar", func() { Flatten(draw(0, reals)) }, autograd.ShapeError, "ops.Flatten: want shape (n, …), given a scalar"},
}})

// Squeeze returns a view of x without the given axes, which have length 1; without all that have, if none is given.
// It panics with an autograd.ValueError if there is no such axis, or if one is repeated, and with an autograd.ShapeError if one has another
// length, as in NumPy.
func Squeeze(x *Tensor, axes ...int) *Tensor {
	const op = "ops.Squeeze"
	var few [8]bool
	squeezed := reducedAxes(op, x, axes, few[:0])
	for axis, d := range x.Shape() {
		switch {
		case d == 1:
		case len(axes) == 0:
			squeezed[axis] = false
		case squeezed[axis]:
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "axis %d of shape %v has length %d: want 1", axis, x.Shape(), d)
		}
	}
	return reshaped(op, x, squeezed.dropped(x))
}

var _ = catalog(Entry{Name: "Squeeze", Samples: squeezeSamples, Errors: append(badAxes("ops.Squeeze", Squeeze), Misuse{
	"an axis of another length",
	func() { Squeeze(draw(0, reals, 1, 3), 0, 1) },
	autograd.ShapeError, "ops.Squeeze: axis 1 of shape (1, 3) has length 3: want 1",
})})

// Unsqueeze returns a view of x with one more axis, of length 1: the axis that is given, in the shape of the result.
// It panics with an autograd.ValueError if the result has no such axis.
func Unsqueeze(x *Tensor, axis int) *Tensor {
	const op = "ops.Unsqueeze"
	return reshaped(op, x, slices.Insert(x.Shape().Clone(), newAxisOf(op, x, axis), 1))
}

// newAxisOf returns the axis that a caller means by axis, in the shape that x has with one more.
func newAxisOf(op string, x *Tensor, axis int) int {
	rank := len(x.Shape()) + 1
	if axis < -rank || axis >= rank {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "axis %d is out of range for shape %v with one more axis", axis, x.Shape())
	}
	if axis < 0 {
		axis += rank
	}
	return axis
}

var _ = catalog(Entry{Name: "Unsqueeze", Samples: unsqueezeSamples, Errors: []Misuse{
	{
		"past the last",
		func() { Unsqueeze(draw(0, reals, 2, 3), 3) },
		autograd.ValueError, "ops.Unsqueeze: axis 3 is out of range for shape (2, 3) with one more axis",
	},
	{"before the first", func() { Unsqueeze(draw(0, reals, 2, 3), -4) }, autograd.ValueError, "axis -4 is out of range for shape (2, 3) with one more axis"},
	{"a scalar's second", func() { Unsqueeze(draw(0, reals), 1) }, autograd.ValueError, "axis 1 is out of range for shape () with one more axis"},
}})

// Transpose returns a view of x whose axis i is x's axis perm[i]; without perm the axes are reversed.
// It panics with an autograd.ValueError unless perm names every axis once.
func Transpose(x *Tensor, perm ...int) *Tensor {
	const op = "ops.Transpose"
	rank := len(x.Shape())
	if len(perm) != rank && len(perm) != 0 {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "want every axis of shape %v once, given %v", x.Shape(), perm)
	}
	shape, strides, inverse := make(tensor.Shape, rank), make([]int, rank), make([]int, rank)
	for i := range inverse {
		inverse[i] = -1
	}
	for to := range rank {
		from := rank - 1 - to
		if len(perm) != 0 {
			from = axisOf(op, x, perm[to])
		}
		if inverse[from] >= 0 {
			autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "axis %d is repeated in %v", from, perm)
		}
		inverse[from] = to
		shape[to], strides[to] = x.Shape()[from], x.Strides()[from]
	}
	y := autograd.View(x, shape, strides, 0)
	return transpose.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Transpose(g, inverse...) }))
}

// axisOf returns the axis of x that a caller means by axis, which counts from the end if it is negative.
func axisOf(op string, x *Tensor, axis int) int {
	rank := len(x.Shape())
	if axis < -rank || axis >= rank {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "axis %d is out of range for shape %v", axis, x.Shape())
	}
	if axis < 0 {
		axis += rank
	}
	return axis
}

var (
	transpose = &autograd.Op{Name: "transpose"}
	_         = catalog(Entry{Name: "Transpose", Op: transpose, Samples: transposeSamples, Errors: []Misuse{
		{
			"too few axes",
			func() { Transpose(draw(0, reals, 2, 3), 1) },
			autograd.ValueError, "ops.Transpose: want every axis of shape (2, 3) once, given [1]",
		},
		{"an axis twice", func() { Transpose(draw(0, reals, 2, 3), 1, -1) }, autograd.ValueError, "axis 1 is repeated in [1 -1]"},
		{"no such axis", func() { Transpose(draw(0, reals, 2, 3), 0, 2) }, autograd.ValueError, "axis 2 is out of range for shape (2, 3)"},
	}})
)
