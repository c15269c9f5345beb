package ops

import (
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// A Reduction makes one element of all those along some axes, and drops these axes from the shape. No axes at all means all of
// them; negative axes count from the end. It panics with an autograd.ValueError if there is no such axis, or if one is repeated.
type Reduction func(x *Tensor, axes ...int) *Tensor

// KeepDims returns the reduction that leaves the reduced axes in the shape with length 1, so that its result broadcasts against
// what was reduced.
func KeepDims(r Reduction) Reduction {
	return func(x *Tensor, axes ...int) *Tensor {
		y := r(x, axes...)
		var few [8]bool
		return Reshape(y, reducedAxes("ops.KeepDims", x, axes, few[:0]).kept(x)...)
	}
}

var _ = catalog(Entry{Name: "KeepDims", Samples: reductionSamples(KeepDims(Sum), scattered), Errors: badAxes("ops.Sum", KeepDims(Sum))})

// Sum returns the sum of the elements along the axes: 0 where there are none. Its accuracy is that of [SumTo].
func Sum(x *Tensor, axes ...int) *Tensor {
	var few [8]bool
	reduced := reducedAxes("ops.Sum", x, axes, few[:0])
	if n := reduced.leading(); n == reduced.count() {
		return SumTo(x, x.Shape()[n:]...)
	}
	return Reshape(SumTo(x, reduced.kept(x)...), reduced.dropped(x)...)
}

var _ = catalog(Entry{Name: "Sum", Samples: reductionSamples(Sum, scattered), Errors: badAxes("ops.Sum", Sum)})

// Mean returns the mean of the elements along the axes: NaN where there are none, as in NumPy. Its accuracy is that of [SumTo].
func Mean(x *Tensor, axes ...int) *Tensor {
	var few [8]bool
	reduced := reducedAxes("ops.Mean", x, axes, few[:0])
	n := 1
	for axis, d := range x.Shape() {
		if reduced[axis] {
			n *= d
		}
	}
	return Div(Sum(x, axes...), autograd.Scalar(float64(n)))
}

var _ = catalog(Entry{Name: "Mean", Samples: reductionSamples(Mean, scattered), Errors: badAxes("ops.Mean", Mean)})

// Max returns the largest of the elements along the axes, NaN if there is one. Where several are the largest they share the
// gradient evenly, as in PyTorch's amax; several NaN do so too.
// It panics with an autograd.ShapeError if there are no elements to choose from.
func Max(x *Tensor, axes ...int) *Tensor {
	return maxOfRows(choiceOf("ops.Max", "the largest", x, axes))
}

// choiceOf returns rowsOf x and the axes if each row has an element to choose.
func choiceOf(op, which string, x *Tensor, axes []int) *Tensor {
	rows := rowsOf(op, x, axes)
	if rowLength(rows) == 0 && product(rows.Shape()[:len(rows.Shape())-1]) > 0 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "shape %v has no elements along axes %v to take %s of", x.Shape(), axes, which)
	}
	return rows
}

// maxOfRows returns the largest element of each row of x (…, n).
func maxOfRows(x *Tensor) *Tensor {
	y := reduceRows(x, maxRows[float32], maxRows[float64])
	return maxOp.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return Mul(column(g), shares(x, y)) }))
}

func maxRows[T kernel.Float](dst, x []T, n int) {
	for i := range dst {
		dst[i] = kernel.Max(x[i*n:][:n])
	}
}

// shares returns, for each element of the rows of x, 1/k if it is one of the k that equal the row's element of y, else 0. It is
// constant wherever it is continuous, and so not recorded.
func shares(x, y *Tensor) *Tensor {
	x = x.Detach()
	chosen := map2(x, BroadcastTo(column(y.Detach()), x.Shape()...), chosenKernel[float32], chosenKernel[float64])
	return Div(chosen, KeepDims(Sum)(chosen, -1))
}

func chosenKernel[T kernel.Float](dst, x, y []T) {
	for i := range dst {
		dst[i] = 0
		if x[i] == y[i] || x[i] != x[i] { // a row with a NaN has NaN for its largest
			dst[i] = 1
		}
	}
}

var (
	maxOp = &autograd.Op{Name: "max"}
	_     = catalog(Entry{Name: "Max", Op: maxOp, Samples: reductionSamples(Max, apart), Errors: append(badAxes("ops.Max", Max), Misuse{
		"nothing to choose from",
		func() { Max(draw(0, reals, 2, 0), 1) },
		autograd.ShapeError, "ops.Max: shape (2, 0) has no elements along axes [1] to take the largest of",
	})})
)

// Min returns the smallest of the elements along the axes, NaN if there is one. Where several are the smallest they share the
// gradient evenly, as in PyTorch's amin; several NaN do so too.
// It panics with an autograd.ShapeError if there are no elements to choose from.
func Min(x *Tensor, axes ...int) *Tensor {
	return Neg(maxOfRows(Neg(choiceOf("ops.Min", "the smallest", x, axes))))
}

var _ = catalog(Entry{Name: "Min", Samples: reductionSamples(Min, apart), Errors: append(badAxes("ops.Min", Min), Misuse{
	"nothing to choose from",
	func() { Min(draw(0, reals, 2, 0), 1) },
	autograd.ShapeError, "ops.Min: shape (2, 0) has no elements along axes [1] to take the smallest of",
})})

// Prod returns the product of the elements along the axes: 1 where there are none. Its derivatives are products of the other
// elements, right where some are 0 too. Each of the n - 1 products is rounded to x's dtype, and so the relative error is up to n half units
// in the last place: 3e-8·n for float32 is what NumPy's is too.
func Prod(x *Tensor, axes ...int) *Tensor { return prodOfRows(rowsOf("ops.Prod", x, axes)) }

// prodOfRows multiplies halves of the rows of x (…, n) until one element is left: 2n products for the value and its gradient,
// without the division by a factor that other ways need.
func prodOfRows(x *Tensor) *Tensor {
	lead := x.Shape()[:len(x.Shape())-1]
	if rowLength(x) == 0 {
		return Add(Sum(x, -1), autograd.Scalar(1))
	}
	for n := rowLength(x); n > 1; n = rowLength(x) {
		y := Mul(Slice(x, -1, 0, n/2), Slice(x, -1, n/2, n/2*2))
		if n%2 == 1 {
			y = Concat(-1, y, Slice(x, -1, n-1, n))
		}
		x = y
	}
	return Reshape(x, lead...)
}

var _ = catalog(Entry{Name: "Prod", Errors: badAxes("ops.Prod", Prod), Samples: variants(
	variant{"reals", reductionSamples(Prod, scattered)},
	variant{"with zeros", prodSamples},
)})

// LogSumExp returns log Σ exp(x) over the axes, without overflow: -Inf where there are no elements or all are -Inf. Its
// derivative is [Softmax], which is NaN where the result is not finite.
func LogSumExp(x *Tensor, axes ...int) *Tensor {
	return logSumExpOfRows(rowsOf("ops.LogSumExp", x, axes))
}

// logSumExpOfRows returns log Σ exp(x) of each row of x (…, n).
func logSumExpOfRows(x *Tensor) *Tensor {
	y := reduceRows(x, logSumExpRows[float32], logSumExpRows[float64])
	return logSumExp.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return Mul(column(g), softmaxOfRows(x)) }))
}

func logSumExpRows[T kernel.Float](dst, x []T, n int) {
	room := borrow[T](len(x))
	defer giveBack(room)
	powers := *room
	expRows(powers, x, n)
	for i := range dst {
		largest := kernel.Max(x[i*n:][:n])
		dst[i] = largest
		if !math.IsInf(float64(largest), 0) {
			dst[i] += T(math.Log(float64(kernel.Sum(powers[i*n:][:n]))))
		}
	}
}

var (
	logSumExp = &autograd.Op{Name: "logSumExp"}
	_         = catalog(Entry{
		Name: "LogSumExp", Op: logSumExp, Samples: reductionSamples(LogSumExp, scattered), Errors: badAxes("ops.LogSumExp", LogSumExp),
	})
)

// axisSet tells for each axis whether it is reduced.
type axisSet []bool

// reducedAxes appends to set which axes of x are meant by axes, for the operation op.
func reducedAxes(op string, x *Tensor, axes []int, set axisSet) axisSet {
	for range x.Shape() {
		set = append(set, len(axes) == 0)
	}
	for _, a := range axes {
		axis := axisOf(op, x, a)
		if set[axis] {
			autograd.Fail(op, autograd.ValueError, []*Tensor{x}, "axis %d is repeated in %v", axis, axes)
		}
		set[axis] = true
	}
	return set
}

func (s axisSet) count() int {
	n := 0
	for _, reduced := range s {
		if reduced {
			n++
		}
	}
	return n
}

// leading returns how many axes are reduced before the first that is not.
func (s axisSet) leading() int {
	if n := slices.Index(s, false); n >= 0 {
		return n
	}
	return len(s)
}

// kept returns the shape of x reduced with the axes left in.
func (s axisSet) kept(x *Tensor) []int {
	shape := x.Shape().Clone()
	for axis, reduced := range s {
		if reduced {
			shape[axis] = 1
		}
	}
	return shape
}

// dropped returns the shape of x reduced without the axes.
func (s axisSet) dropped(x *Tensor) []int {
	shape := make([]int, 0, len(s))
	for axis, reduced := range s {
		if !reduced {
			shape = append(shape, x.Shape()[axis])
		}
	}
	return shape
}

// rowsOf returns x with the given axes moved to the end and multiplied out, so that a reduction has one row to reduce for
// each of its results.
func rowsOf(op string, x *Tensor, axes []int) *Tensor {
	var few [8]bool
	reduced := reducedAxes(op, x, axes, few[:0])
	rank, count := len(reduced), reduced.count()
	if slices.Contains(reduced[:rank-count], true) {
		perm := make([]int, 0, rank)
		for _, pick := range []bool{false, true} {
			for axis := range rank {
				if reduced[axis] == pick {
					perm = append(perm, axis)
				}
			}
		}
		x = Transpose(x, perm...)
	}
	if count == 1 {
		return x
	}
	outer := x.Shape()[:rank-count]
	return Reshape(x, append(outer.Clone(), product(x.Shape()[rank-count:]))...)
}
