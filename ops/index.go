package ops

import (
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Indices say where an element is, and so are ints and not tensors. They begin at 0. Negative ones are refused as in PyTorch, and as in Slice:
// the -1 that marks what is missing in so many data sets would silently become the last of all.

// Take returns the parts of x at m indices along an axis: for x (…, n, …) the shape (…, m, …). An index may come several times.
// The gradient is [ScatterAdd]: what is taken twice gets both.
// It panics with an autograd.ValueError if there is no such axis, or if an index is not in [0, n).
func Take(x *Tensor, axis int, indices []int) *Tensor {
	const op = "ops.Take"
	along := axisOf(op, x, axis)
	checkIndices(op, x, indices, along, x.Shape()[along])
	return take(x, along, ownIndices(indices, x))
}

// checkIndices fails unless all indices, which are for an axis of x, are in [0, n).
func checkIndices(op string, x *Tensor, indices []int, axis, n int) {
	for i, index := range indices {
		if index < 0 || index >= n {
			autograd.Fail(op, autograd.ValueError, []*Tensor{x},
				"index %d, at position %d, is not in [0, %d), for axis %d of shape %v", index, i, n, axis, x.Shape())
		}
	}
}

// ownIndices returns a copy where a rule will read it: the caller may have changed the indices by then.
func ownIndices(indices []int, x *Tensor) []int {
	if autograd.Recording(x) {
		return slices.Clone(indices)
	}
	return indices
}

// take is Take with indices that are known to be good, and that nobody writes.
func take(x *Tensor, axis int, indices []int) *Tensor {
	y := autograd.Empty(withLength(x, axis, len(indices)), x)
	if x.IsSingle() {
		takeParts(autograd.Raw[float32](y), view[float32](x), axis, indices)
	} else {
		takeParts(autograd.Raw[float64](y), view[float64](x), axis, indices)
	}
	if !autograd.Recording(x) {
		return y
	}
	n := x.Shape()[axis]
	return taking.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return scatterAdd(g, axis, indices, n) }))
}

// takeParts fills dst, row-major, with the parts of x at the indices.
func takeParts[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int) {
	if len(dst) == 0 {
		return
	}
	size, stride, count := product(x.Shape[axis+1:]), x.Strides[axis], len(indices)
	byRows(len(dst)/size, size, func(lo, hi int) {
		part := partOf(x, axis)
		for lo < hi {
			row, first := lo/count, lo%count
			some := indices[first:min(count, first+hi-lo)]
			from := x.Data[offsetOf(x.Shape[:axis], x.Strides[:axis], row):]
			for i, index := range some {
				if size == 1 {
					dst[lo+i] = from[index*stride]
					continue
				}
				part.Data = from[index*stride:]
				part.Gather(dst[(lo+i)*size:][:size], 0)
			}
			lo += len(some)
		}
	})
}

// partOf returns the form of what one index along an axis of x stands for, without its data.
func partOf[T kernel.Float](x strided.View[T], axis int) strided.View[T] {
	return strided.View[T]{Shape: x.Shape[axis+1:], Strides: x.Strides[axis+1:], Dense: x.Dense}
}

// offsetOf returns where in memory element i of a shape lies, i counting in row-major order.
func offsetOf(shape, strides []int, i int) int {
	offset := 0
	for axis := len(shape) - 1; axis >= 0; axis-- {
		d, stride := shape[axis], strides[axis]
		if i < d { // spares the only division of most shapes
			return offset + i*stride
		}
		offset += i % d * stride
		i /= d
	}
	return offset
}

// withLength returns the shape of x with another length of one axis.
func withLength(x *Tensor, axis, n int) []int {
	shape := x.Shape().Clone()
	shape[axis] = n
	return shape
}

var (
	taking = &autograd.Op{Name: "take"}
	_      = catalog(Entry{Name: "Take", Op: taking, Samples: takeSamples, Errors: []Misuse{
		{
			"past the end",
			func() { Take(draw(0, reals, 2, 3), 1, []int{0, 2, 3}) },
			autograd.ValueError, "ops.Take: index 3, at position 2, is not in [0, 3), for axis 1 of shape (2, 3)",
		},
		{"from the end", func() { Take(draw(0, reals, 2, 3), 0, []int{-1}) }, autograd.ValueError, "index -1, at position 0, is not in [0, 2)"},
		{"of nothing", func() { Take(draw(0, reals, 2, 0), 1, []int{0}) }, autograd.ValueError, "index 0, at position 0, is not in [0, 0)"},
		{"no such axis", func() { Take(draw(0, reals, 2, 3), -3, nil) }, autograd.ValueError, "ops.Take: axis -3 is out of range for shape (2, 3)"},
		{"a scalar", func() { Take(draw(0, reals), 0, []int{0}) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
	}})
)

// ScatterAdd returns zeros (…, n, …) to which part i of x (…, m, …), along an axis, is added at index i of m: the adjoint of [Take], whose
// gradient it is. What comes together at one index is added in the order of x: the bits are the same on any number of processors.
// It panics with an autograd.ValueError if there is no such axis, n is negative or an index is not in [0, n), and with an
// autograd.ShapeError unless there is an index for each part.
func ScatterAdd(x *Tensor, axis int, indices []int, n int) *Tensor {
	const op = "ops.ScatterAdd"
	along := axisOf(op, x, axis)
	switch m := x.Shape()[along]; {
	case n < 0:
		autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "want a length of the axis, given %d", n)
	case len(indices) != m:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want %d indices for axis %d of shape %v, given %d", m, along, x.Shape(), len(indices))
	}
	checkIndices(op, x, indices, along, n)
	return scatterAdd(x, along, ownIndices(indices, x), n)
}

// scatterAdd is ScatterAdd with indices that are known to be good, and that nobody writes.
func scatterAdd(x *Tensor, axis int, indices []int, n int) *Tensor {
	y := autograd.Empty(withLength(x, axis, n), x)
	if x.IsSingle() {
		scatterParts(autograd.Raw[float32](y), view[float32](x), axis, indices, n)
	} else {
		scatterParts(autograd.Raw[float64](y), view[float64](x), axis, indices, n)
	}
	if !autograd.Recording(x) {
		return y
	}
	return scattering.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return take(g, axis, indices) }))
}

// scatterParts fills dst (…, n, …), row-major, with the sums of the parts of x. It divides what is before the axis among threads, so that each
// sum is made by one.
func scatterParts[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int, n int) {
	if x.Size() == 0 {
		clear(dst)
		return
	}
	size, stride := product(x.Shape[axis+1:]), x.Strides[axis]
	byRows(len(dst)/(n*size), max(n, len(indices))*size, func(lo, hi int) {
		part := partOf(x, axis)
		for row := lo; row < hi; row++ {
			sums := dst[row*n*size:][:n*size]
			clear(sums)
			from := x.Data[offsetOf(x.Shape[:axis], x.Strides[:axis], row):]
			for i, index := range indices {
				if size == 1 {
					sums[index] += from[i*stride]
					continue
				}
				part.Data = from[i*stride:]
				sum := strided.View[T]{Data: sums[index*size:][:size], Shape: part.Shape, Dense: true}
				strided.Map2(sum.Data, sum, part, kernel.Add[T])
			}
		}
	})
}

var (
	scattering = &autograd.Op{Name: "scatterAdd"}
	_          = catalog(Entry{Name: "ScatterAdd", Op: scattering, Samples: scatterAddSamples, Errors: []Misuse{
		{
			"past the end",
			func() { ScatterAdd(draw(0, reals, 2, 3), 1, []int{0, 4, 1}, 4) },
			autograd.ValueError, "ops.ScatterAdd: index 4, at position 1, is not in [0, 4), for axis 1 of shape (2, 3)",
		},
		{"from the end", func() { ScatterAdd(draw(0, reals, 2), 0, []int{0, -1}, 4) }, autograd.ValueError, "index -1, at position 1, is not in [0, 4)"},
		{"into nothing", func() { ScatterAdd(draw(0, reals, 1), 0, []int{0}, 0) }, autograd.ValueError, "index 0, at position 0, is not in [0, 0)"},
		{
			"an index too few",
			func() { ScatterAdd(draw(0, reals, 2, 3), 1, []int{0, 1}, 4) },
			autograd.ShapeError, "ops.ScatterAdd: want 3 indices for axis 1 of shape (2, 3), given 2",
		},
		{"a negative length", func() { ScatterAdd(draw(0, reals, 2), 0, []int{0, 1}, -1) }, autograd.ValueError, "want a length of the axis, given -1"},
		{"no such axis", func() { ScatterAdd(draw(0, reals, 2), 1, nil, 1) }, autograd.ValueError, "axis 1 is out of range for shape (2)"},
		{"a scalar", func() { ScatterAdd(draw(0, reals), 0, []int{0}, 1) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
	}})
)

// TakeAlong returns elements of x (…, n, …), each of which has the place of its index in all axes but one, along which the index says which
// it is: NumPy's take_along_axis, PyTorch's gather. The indices are in row-major order of the result's shape (…, m, …), which is x's but
// along the axis: m is what their number makes it, and 0 where x has no elements for it to count.
// With class labels (n) along axis 1 of (n, k) it takes from each row the element of its class: (n, 1).
// It panics with an autograd.ValueError if there is no such axis, or if an index is not in [0, n), and with an autograd.ShapeError if
// there is no such m.
func TakeAlong(x *Tensor, axis int, indices []int) *Tensor {
	const op = "ops.TakeAlong"
	along := axisOf(op, x, axis)
	n, m := x.Shape()[along], 0
	lines := product(x.Shape()[:along]) * product(x.Shape()[along+1:])
	if lines > 0 {
		m = len(indices) / lines
	}
	if m*lines != len(indices) {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x},
			"want a multiple of %d indices, for shape %v along axis %d, given %d", lines, x.Shape(), along, len(indices))
	}
	checkIndices(op, x, indices, along, n)
	return takeAlong(x, along, ownIndices(indices, x), m)
}

// takeAlong is TakeAlong with indices that are known to be good, m for each line, and that nobody writes.
func takeAlong(x *Tensor, axis int, indices []int, m int) *Tensor {
	y := autograd.Empty(withLength(x, axis, m), x)
	if x.IsSingle() {
		takeElements(autograd.Raw[float32](y), view[float32](x), axis, indices, m)
	} else {
		takeElements(autograd.Raw[float64](y), view[float64](x), axis, indices, m)
	}
	if !autograd.Recording(x) {
		return y
	}
	n := x.Shape()[axis]
	return takingAlong.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return addAlong(g, axis, indices, n) }))
}

// takeElements fills dst (…, m, …), row-major.
func takeElements[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int, m int) {
	switch outer := product(x.Shape[:axis]); {
	case len(dst) == 0:
	case len(dst) <= rowBlock:
		takeSome(dst, x, axis, indices, m, 0, outer)
	default:
		byRows(outer, len(dst)/outer, func(lo, hi int) { takeSome(dst, x, axis, indices, m, lo, hi) })
	}
}

// takeSome fills the part of dst whose place before the axis is from lo to hi.
func takeSome[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int, m, lo, hi int) {
	part, stride := partOf(x, axis), x.Strides[axis]
	inner := part.Size()
	at := lo * m * inner
	for row := lo; row < hi; row++ {
		from := x.Data[offsetOf(x.Shape[:axis], x.Strides[:axis], row):]
		if inner == 1 { // rows, of which each has indices of its own
			for i, index := range indices[at:][:m] {
				dst[at+i] = from[index*stride]
			}
			at += m
			continue
		}
		for range m {
			for i := range inner {
				dst[at] = from[indices[at]*stride+offsetOf(part.Shape, part.Strides, i)]
				at++
			}
		}
	}
}

var (
	takingAlong = &autograd.Op{Name: "takeAlong"}
	_           = catalog(Entry{Name: "TakeAlong", Op: takingAlong, Samples: takeAlongSamples, Errors: []Misuse{
		{
			"past the end",
			func() { TakeAlong(draw(0, reals, 2, 3), 1, []int{0, 3}) },
			autograd.ValueError, "ops.TakeAlong: index 3, at position 1, is not in [0, 3), for axis 1 of shape (2, 3)",
		},
		{"from the end", func() { TakeAlong(draw(0, reals, 2), 0, []int{-1}) }, autograd.ValueError, "index -1, at position 0, is not in [0, 2)"},
		{"of nothing", func() { TakeAlong(draw(0, reals, 2, 0), 1, []int{0, 0}) }, autograd.ValueError, "index 0, at position 0, is not in [0, 0)"},
		{
			"a row without its index",
			func() { TakeAlong(draw(0, reals, 2, 3), 1, []int{0, 1, 2}) },
			autograd.ShapeError, "ops.TakeAlong: want a multiple of 2 indices, for shape (2, 3) along axis 1, given 3",
		},
		{"indices without rows", func() { TakeAlong(draw(0, reals, 0, 3), 1, []int{1}) }, autograd.ShapeError, "want a multiple of 0 indices"},
		{"no such axis", func() { TakeAlong(draw(0, reals, 2), 1, nil) }, autograd.ValueError, "axis 1 is out of range for shape (2)"},
		{"a scalar", func() { TakeAlong(draw(0, reals), 0, []int{0}) }, autograd.ValueError, "axis 0 is out of range for shape ()"},
	}})
)

// addAlong returns zeros (…, n, …) to which the elements of x (…, m, …) are added, each at its index along the axis: the rule of TakeAlong, whose
// rule is TakeAlong. It adds up in the order of x.
func addAlong(x *Tensor, axis int, indices []int, n int) *Tensor {
	y := autograd.Empty(withLength(x, axis, n), x)
	if x.IsSingle() {
		addElements(autograd.Raw[float32](y), view[float32](x), axis, indices, n)
	} else {
		addElements(autograd.Raw[float64](y), view[float64](x), axis, indices, n)
	}
	if !autograd.Recording(x) {
		return y
	}
	m := x.Shape()[axis]
	return addingAlong.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return takeAlong(g, axis, indices, m) }))
}

// addElements fills dst (…, n, …), row-major. It divides what is before the axis among threads, so that each sum is made by one.
func addElements[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int, n int) {
	clear(dst)
	switch outer := product(x.Shape[:axis]); {
	case len(indices) == 0:
	case len(indices) <= rowBlock:
		addSome(dst, x, axis, indices, n, 0, outer)
	default:
		byRows(outer, len(indices)/outer, func(lo, hi int) { addSome(dst, x, axis, indices, n, lo, hi) })
	}
}

// addSome adds the elements whose place before the axis is from lo to hi.
func addSome[T kernel.Float](dst []T, x strided.View[T], axis int, indices []int, n, lo, hi int) {
	part, stride := partOf(x, axis), x.Strides[axis]
	inner, m := part.Size(), x.Shape[axis]
	at := lo * m * inner
	for row := lo; row < hi; row++ {
		sums := dst[row*n*inner:]
		from := x.Data[offsetOf(x.Shape[:axis], x.Strides[:axis], row):]
		if inner == 1 {
			for i, index := range indices[at:][:m] {
				sums[index] += from[i*stride]
			}
			at += m
			continue
		}
		for j := range m {
			for i := range inner {
				sums[indices[at]*inner+i] += from[j*stride+offsetOf(part.Shape, part.Strides, i)]
				at++
			}
		}
	}
}

var (
	addingAlong = &autograd.Op{Name: "addAlong"}
	_           = catalog(Entry{Name: "addAlong", Op: addingAlong, Samples: addAlongSamples})
)
