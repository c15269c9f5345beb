package ops

import (
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Slice returns a view of the elements of x whose index along axis is at least start and less than stop.
// It panics with an autograd.ValueError if there is no such axis, or unless 0 <= start <= stop <= the length of the axis.
func Slice(x *Tensor, axis, start, stop int) *Tensor {
	const op = "ops.Slice"
	along := axisOf(op, x, axis)
	n := x.Shape()[along]
	if start < 0 || start > stop || stop > n {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "[%d, %d) is not a range of axis %d of shape %v", start, stop, along, x.Shape())
	}
	shape := x.Shape().Clone()
	shape[along] = stop - start
	offset := start * x.Strides()[along]
	if product(shape) == 0 {
		offset = 0 // there need not be any memory where no elements are
	}
	y := autograd.View(x, shape, slices.Clone(x.Strides()), offset)
	return slice.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return padded(g, 0, around(g, along, start, n-stop)) }))
}

var (
	slice = &autograd.Op{Name: "slice"}
	_     = catalog(Entry{Name: "Slice", Op: slice, Samples: sliceSamples, Errors: []Misuse{
		{
			"past the end",
			func() { Slice(draw(0, reals, 2, 3), -1, 1, 4) },
			autograd.ValueError, "ops.Slice: [1, 4) is not a range of axis 1 of shape (2, 3)",
		},
		{"before the start", func() { Slice(draw(0, reals, 2, 3), 0, -1, 1) }, autograd.ValueError, "[-1, 1) is not a range"},
		{"backwards", func() { Slice(draw(0, reals, 2, 3), 0, 2, 1) }, autograd.ValueError, "[2, 1) is not a range"},
		{"no such axis", func() { Slice(draw(0, reals, 2, 3), 2, 0, 1) }, autograd.ValueError, "axis 2 is out of range for shape (2, 3)"},
		{"a scalar", func() { Slice(draw(0, reals), 0, 0, 1) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
	}})
)

// Split cuts x along an axis into parts of the given lengths, one after the other: views, which [Concat] joins again.
// It panics with an autograd.ValueError if there is no such axis, or unless the sizes are at least 0 and add up to the axis's length.
func Split(x *Tensor, axis int, sizes ...int) []*Tensor {
	const op = "ops.Split"
	along := axisOf(op, x, axis)
	left := x.Shape()[along]
	for i, size := range sizes {
		if size < 0 || size > left { // before the sum could overflow
			autograd.Fail(op, autograd.ValueError, []*Tensor{x},
				"part %d has size %d, and %d are left of axis %d of shape %v", i, size, left, along, x.Shape())
		}
		left -= size
	}
	if left > 0 {
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "sizes %v leave %d of axis %d of shape %v", slices.Clone(sizes), left, along, x.Shape())
	}
	parts := make([]*Tensor, len(sizes))
	start := 0
	for i, size := range sizes {
		parts[i] = Slice(x, along, start, start+size)
		start += size
	}
	return parts
}

var _ = catalog(Entry{Name: "Split", Samples: splitSamples, Errors: []Misuse{
	{
		"too many",
		func() { Split(draw(0, reals, 2, 5), 1, 3, 3) },
		autograd.ValueError, "ops.Split: part 1 has size 3, and 2 are left of axis 1 of shape (2, 5)",
	},
	{"too few", func() { Split(draw(0, reals, 2, 5), -1, 3, 1) }, autograd.ValueError, "ops.Split: sizes [3 1] leave 1 of axis 1 of shape (2, 5)"},
	{"none", func() { Split(draw(0, reals, 2), 0) }, autograd.ValueError, "sizes [] leave 2 of axis 0 of shape (2)"},
	{"a negative size", func() { Split(draw(0, reals, 2), 0, 3, -1) }, autograd.ValueError, "part 0 has size 3, and 2 are left"},
	{"a negative size first", func() { Split(draw(0, reals, 2), 0, -1, 3) }, autograd.ValueError, "part 0 has size -1"},
	{"no such axis", func() { Split(draw(0, reals, 2), 1, 2) }, autograd.ValueError, "axis 1 is out of range for shape (2)"},
	{"a scalar", func() { Split(draw(0, reals), 0, 1) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
}})

// Concat joins tensors along an axis: their shapes are the same but for its length, and the lengths add up.
// It panics with an autograd.ValueError if no tensor is given or there is no such axis, and with an autograd.ShapeError if the
// other lengths differ, or if the result is too large for any memory.
func Concat(axis int, xs ...*Tensor) *Tensor {
	const op = "ops.Concat"
	xs = unified(op, xs)
	first := xs[0]
	along := axisOf(op, first, axis)
	shape := first.Shape().Clone()
	for i, x := range xs[1:] {
		if !sameBut(along, first.Shape(), x.Shape()) {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{first, x},
				"shape %v of tensor %d does not continue shape %v along axis %d", x.Shape(), i+1, first.Shape(), along)
		}
		if x.Shape()[along] > math.MaxInt-shape[along] {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{first, x}, "the lengths of axis %d add up to more elements than memory can hold", along)
		}
		shape[along] += x.Shape()[along]
	}
	y := autograd.Empty(shape, xs...)
	edges := make([]autograd.Edge, len(xs))
	start := 0
	for i, x := range xs {
		insert(y, x, start*product(shape[along+1:]))
		from, to := start, start+x.Shape()[along]
		edges[i] = autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Slice(g, along, from, to) })
		start = to
	}
	return concat.Record(y, edges...)
}

// unified returns the tensors, of which there must be at least one, with one dtype: that of the first which is not a constant that takes any.
func unified(op string, xs []*Tensor) []*Tensor {
	if len(xs) == 0 {
		autograd.Fail(op, autograd.ValueError, nil, "want at least one tensor, given none")
	}
	model := xs[0]
	for _, x := range xs[1:] {
		model, _ = autograd.Unify(op, model, x)
	}
	same := make([]*Tensor, len(xs))
	for i, x := range xs {
		same[i], _ = autograd.Unify(op, x, model)
	}
	return same
}

// sameBut reports whether two shapes differ at most in the length of an axis.
func sameBut(axis int, a, b tensor.Shape) bool {
	return len(a) == len(b) && slices.Equal(a[:axis], b[:axis]) && slices.Equal(a[axis+1:], b[axis+1:])
}

var (
	concat = &autograd.Op{Name: "concat"}
	_      = catalog(Entry{Name: "Concat", Op: concat, Samples: concatSamples, Errors: []Misuse{
		{"nothing", func() { Concat(0) }, autograd.ValueError, "ops.Concat: want at least one tensor, given none"},
		{
			"another length",
			func() { Concat(-1, draw(0, reals, 2, 3), draw(1, reals, 2, 1), draw(2, reals, 3, 3)) },
			autograd.ShapeError, "ops.Concat: shape (3, 3) of tensor 2 does not continue shape (2, 3) along axis 1",
		},
		{
			"another rank",
			func() { Concat(0, draw(0, reals, 2, 3), draw(1, reals, 3)) },
			autograd.ShapeError, "shape (3) of tensor 1 does not continue shape (2, 3) along axis 0",
		},
		{"no such axis", func() { Concat(2, draw(0, reals, 2, 3)) }, autograd.ValueError, "axis 2 is out of range for shape (2, 3)"},
		{
			"more elements than an int counts",
			func() {
				many := BroadcastTo(draw(0, reals, 0, 1), 0, math.MaxInt/2+1)
				Concat(1, many, many, many, many)
			},
			autograd.ShapeError, "ops.Concat: the lengths of axis 1 add up to more elements than memory can",
		},
		{"scalars", func() { Concat(0, draw(0, reals), draw(1, reals)) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
		{
			"two dtypes",
			func() { Concat(0, draw(0, reals, 2), autograd.FromSlice([]float32{1}, 1)) },
			autograd.DtypeError, "ops.Concat: dtypes differ: float64 (2) and float32 (1)",
		},
	}})
)

// insert writes x into y, which is still being made and has x's rank, with its first element at the given one of y's.
func insert(y, x *Tensor, at int) {
	if x.Size() == 0 {
		return
	}
	last := 0 // axis in which they differ: what comes after is adjacent in y too
	for axis, d := range x.Shape() {
		if d != y.Shape()[axis] {
			last = axis
		}
	}
	if x.IsSingle() {
		insertRuns(autograd.Raw[float32](y)[at:], y.Strides(), view[float32](x), last)
	} else {
		insertRuns(autograd.Raw[float64](y)[at:], y.Strides(), view[float64](x), last)
	}
}

// insertRuns copies each run of elements of x, those from an axis on, to its place in an array of the given strides.
func insertRuns[T kernel.Float](dst []T, strides []int, x strided.View[T], axis int) {
	run := product(x.Shape[axis:])
	for i := range product(x.Shape[:axis]) {
		x.Gather(dst[offsetOf(x.Shape[:axis], strides[:axis], i):][:run], i*run)
	}
}

// Stack joins tensors of one shape along a new axis: the one that is given, in the shape of the result.
// It panics with an autograd.ValueError if no tensor is given or the result has no such axis, and with an autograd.ShapeError if the
// shapes differ.
func Stack(axis int, xs ...*Tensor) *Tensor {
	const op = "ops.Stack"
	xs = unified(op, xs)
	first := xs[0]
	along := newAxisOf(op, first, axis)
	for i, x := range xs {
		if !slices.Equal(x.Shape(), first.Shape()) {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{first, x}, "tensor %d has shape %v, and the first %v", i, x.Shape(), first.Shape())
		}
		xs[i] = Unsqueeze(x, along)
	}
	return Concat(along, xs...)
}

var _ = catalog(Entry{Name: "Stack", Samples: stackSamples, Errors: []Misuse{
	{"nothing", func() { Stack(0) }, autograd.ValueError, "ops.Stack: want at least one tensor, given none"},
	{
		"another shape",
		func() { Stack(0, draw(0, reals, 2, 3), draw(1, reals, 2, 3), draw(2, reals, 3, 2)) },
		autograd.ShapeError, "ops.Stack: tensor 2 has shape (3, 2), and the first (2, 3)",
	},
	{"one that would broadcast", func() { Stack(0, draw(0, reals, 2), draw(1, reals, 1)) }, autograd.ShapeError, "tensor 1 has shape (1), and the first (2)"},
	{"no such axis", func() { Stack(2, draw(0, reals, 3)) }, autograd.ValueError, "ops.Stack: axis 2 is out of range for shape (3) with one more axis"},
	{
		"two dtypes",
		func() { Stack(0, draw(0, reals, 1), autograd.FromSlice([]float32{1}, 1)) },
		autograd.DtypeError, "ops.Stack: dtypes differ: float64 (1) and float32 (1)",
	},
}})

// Pad returns x with a border of a value: for each axis a pair of widths says how many elements come before x's own, and how many after.
// The gradient is the inner part, a [Slice].
// It panics with an autograd.ShapeError unless there is a pair for each axis, or if the result is too large for any memory, and with an
// autograd.ValueError if a width is negative.
func Pad(x *Tensor, value float64, widths ...[2]int) *Tensor {
	const op = "ops.Pad"
	if len(widths) != len(x.Shape()) {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want a pair of widths for each axis of shape %v, given %d", x.Shape(), len(widths))
	}
	for axis, w := range widths {
		if w[0] < 0 || w[1] < 0 {
			autograd.Fail(op, autograd.ValueError, []*Tensor{x},
				"axis %d of shape %v has the widths %v: want none below 0 (Slice cuts)", axis, x.Shape(), w)
		}
		if n := x.Shape()[axis]; w[0] > math.MaxInt-n || w[1] > math.MaxInt-n-w[0] {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x},
				"axis %d of shape %v has the widths %v: more elements than memory can hold", axis, x.Shape(), w)
		}
	}
	return padded(x, value, slices.Clone(widths)) // the caller may change them before the rule reads them
}

// padded is Pad with widths that are known to be good, and that nobody writes.
func padded(x *Tensor, value float64, widths [][2]int) *Tensor {
	shape := x.Shape().Clone()
	first := 0 // place of the first element of x in y
	for axis, w := range widths {
		shape[axis] += w[0] + w[1]
		first = first*shape[axis] + w[0]
	}
	y := autograd.Empty(shape, x)
	if x.IsSingle() {
		fill(autograd.Raw[float32](y), float32(value))
	} else {
		fill(autograd.Raw[float64](y), value)
	}
	insert(y, x, first)
	return padding.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return inside(g, widths) }))
}

func fill[T kernel.Float](dst []T, value T) {
	for i := range dst {
		dst[i] = value
	}
}

// inside returns x without a border.
func inside(x *Tensor, widths [][2]int) *Tensor {
	for axis, w := range widths {
		if w != [2]int{} {
			x = Slice(x, axis, w[0], x.Shape()[axis]-w[1])
		}
	}
	return x
}

// around returns widths that are zero but for one axis of x.
func around(x *Tensor, axis, before, after int) [][2]int {
	widths := make([][2]int, len(x.Shape()))
	widths[axis] = [2]int{before, after}
	return widths
}

var (
	padding = &autograd.Op{Name: "pad"}
	_       = catalog(Entry{Name: "Pad", Op: padding, Samples: padSamples, Errors: []Misuse{
		{
			"an axis without widths",
			func() { Pad(draw(0, reals, 2, 3), 0, [2]int{1, 1}) },
			autograd.ShapeError, "ops.Pad: want a pair of widths for each axis of shape (2, 3), given 1",
		},
		{"widths of a scalar", func() { Pad(draw(0, reals), 0, [2]int{1, 1}) }, autograd.ShapeError, "each axis of shape (), given 1"},
		{
			"a negative width",
			func() { Pad(draw(0, reals, 2, 3), 0, [2]int{1, 1}, [2]int{0, -1}) },
			autograd.ValueError, "ops.Pad: axis 1 of shape (2, 3) has the widths [0 -1]: want none below 0",
		},
		{"more elements than an int counts", func() { Pad(draw(0, reals, 2), 0, [2]int{math.MaxInt, 1}) }, autograd.ShapeError, "more elements than memory can"},
		{"more elements than memory can", func() { Pad(draw(0, reals, 2), 0, [2]int{math.MaxInt / 2, 1}) }, autograd.ShapeError, "more elements than memory can"},
	}})
)
