package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// BroadcastTo returns x stretched to shape as NumPy does: x's axes are aligned with the last ones of shape, and an axis of length
// 1 repeats its element. It is a view: nothing is copied. It panics with an autograd.ShapeError if x does not stretch to shape.
func BroadcastTo(x *Tensor, shape ...int) *Tensor {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	if !stretches(x.Shape(), shape) {
		autograd.Fail("ops.BroadcastTo", autograd.ShapeError, []*Tensor{x}, "shape %v does not broadcast to %v", x.Shape(), tensor.Shape(shape).Clone())
	}
	return stretch(x, slices.Clone(shape))
}

// stretch is BroadcastTo where the shape is known to fit. It shares the shape, which nobody modifies.
func stretch(x *Tensor, shape tensor.Shape) *Tensor {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	strides := make([]int, len(shape))
	lead := len(shape) - len(x.Shape())
	for axis, d := range x.Shape() {
		if d == shape[lead+axis] {
			strides[lead+axis] = x.Strides()[axis]
		}
	}
	y := autograd.View(x, shape, strides, 0)
	if !autograd.Recording(x) {
		return y
	}
	return broadcastTo.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return SumTo(g, x.Shape()...) }))
}

var (
	broadcastTo = &autograd.Op{Name: "broadcastTo"}
	_           = catalog(Entry{
		Name: "BroadcastTo", Op: broadcastTo,
		Samples: stretched(func(x *Tensor, to tensor.Shape) *Tensor { return BroadcastTo(x, to...) }, 0),
		Errors: []Misuse{
			{"another length", func() { BroadcastTo(draw(0, reals, 2, 3), 2, 4) }, autograd.ShapeError, "ops.BroadcastTo: shape (2, 3) does not broadcast to (2, 4)"},
			{"fewer axes", func() { BroadcastTo(draw(0, reals, 1, 3), 3) }, autograd.ShapeError, "ops.BroadcastTo: shape (1, 3) does not broadcast to (3)"},
			{"aligned at the first axis", func() { BroadcastTo(draw(0, reals, 2), 2, 3) }, autograd.ShapeError, "shape (2) does not broadcast to (2, 3)"},
			{"elements to none", func() { BroadcastTo(draw(0, reals, 2), 0) }, autograd.ShapeError, "shape (2) does not broadcast to (0)"},
			{"none to elements", func() { BroadcastTo(draw(0, reals, 0), 2) }, autograd.ShapeError, "shape (0) does not broadcast to (2)"},
			{"a negative length", func() { BroadcastTo(draw(0, reals, 1), -1) }, autograd.ShapeError, "shape (1) does not broadcast to (-1)"},
			{"more elements than memory can", func() { BroadcastTo(draw(0, reals), math.MaxInt, 2) }, autograd.ShapeError, "more elements than memory can"},
		},
	})
)

// SumTo returns the sums of x over the axes that [BroadcastTo] would stretch from shape to x's shape: the one is the rule of the
// other. The error of a sum of n elements is some 4·log₂ n units in the last place of the sum of their magnitudes at
// most, and its bits are the same on any number of processors.
// It panics with an autograd.ShapeError if shape does not broadcast to x's.
func SumTo(x *Tensor, shape ...int) *Tensor {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	if !stretches(shape, x.Shape()) {
		autograd.Fail("ops.SumTo", autograd.ShapeError, []*Tensor{x}, "want a shape that broadcasts to %v, given %v", x.Shape(), tensor.Shape(shape).Clone())
	}
	y := sumTo(autograd.RowMajor(x), shape)
	if !autograd.Recording(x) {
		return y
	}
	return summing.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return stretch(g, x.Shape()) }))
}

var (
	summing = &autograd.Op{Name: "sumTo"}
	_       = catalog(Entry{
		Name: "SumTo", Op: summing,
		Samples: stretched(func(x *Tensor, to tensor.Shape) *Tensor { return SumTo(x, to...) }, 1),
		Errors: []Misuse{
			{"another length", func() { SumTo(draw(0, reals, 2, 3), 2, 2) }, autograd.ShapeError, "ops.SumTo: want a shape that broadcasts to (2, 3), given (2, 2)"},
			{"more axes", func() { SumTo(draw(0, reals, 3), 1, 3) }, autograd.ShapeError, "want a shape that broadcasts to (3), given (1, 3)"},
			{"aligned at the first axis", func() { SumTo(draw(0, reals, 2, 3), 2) }, autograd.ShapeError, "want a shape that broadcasts to (2, 3), given (2)"},
			{"an empty shape of elements", func() { SumTo(draw(0, reals, 2), 0) }, autograd.ShapeError, "want a shape that broadcasts to (2), given (0)"},
			{"a negative length", func() { SumTo(draw(0, reals, 2), -1) }, autograd.ShapeError, "want a shape that broadcasts to (2), given (-1)"},
		},
	})
)

// stretches reports whether small broadcasts to large.
func stretches(small, large []int) bool {
	lead := len(large) - len(small)
	if lead < 0 {
		return false
	}
	for axis, d := range large {
		if d < 0 || axis >= lead && small[axis-lead] != d && small[axis-lead] != 1 {
			return false
		}
	}
	return true
}

// broadcast returns a and b with one dtype and one shape, as the operation op needs them.
func broadcast(op string, a, b *Tensor) (_, _ *Tensor) {
	a, b = autograd.Unify(op, a, b)
	if slices.Equal(a.Shape(), b.Shape()) {
		return a, b
	}
	shape, ok := common(a.Shape(), b.Shape())
	if !ok {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "shapes %v and %v do not broadcast", a.Shape(), b.Shape())
	}
	return stretch(a, shape), stretch(b, shape)
}

// common returns the shape that a and b both stretch to, if there is one. It shares theirs where that will do.
func common(a, b tensor.Shape) (shape tensor.Shape, ok bool) {
	if stretches(b, a) {
		return a, true
	}
	if stretches(a, b) {
		return b, true
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	shape = a.Clone()
	lead := len(a) - len(b)
	for axis, d := range b {
		if shape[lead+axis] == 1 {
			shape[lead+axis] = d
		}
	}
	return shape, stretches(a, shape) && stretches(b, shape)
}

// sumTo sums the dense tensor x to a shape that broadcasts to x's, one run of adjacent axes after the other, and a long run in
// several steps: blocks of it first, and then the sums of the blocks, so that errors grow with the logarithm of the length.
func sumTo(x *Tensor, shape tensor.Shape) *Tensor {
	var few [4]run
	runs := summedRuns(few[:0], x.Shape(), shape)
	for i, r := range runs {
		for r.blocks() > 1 {
			x = sumBlocks(x, tensor.Shape{r.outer, r.blocks(), r.inner}, r)
			r.n = r.blocks()
		}
		to := shape
		if i < len(runs)-1 {
			to = tensor.Shape{r.outer, r.inner}
		}
		x = sumBlocks(x, to, r)
	}
	return x
}

// A run is adjacent axes that are summed, multiplied out: the middle one of (outer, n, inner).
type run struct{ outer, n, inner int }

// summedRuns appends the runs of axes that are summed, from the first to the last. Without any there is one of length 1, a copy.
func summedRuns(runs []run, from, to tensor.Shape) []run {
	lead := len(from) - len(to)
	summed := func(axis int) bool { return axis < lead || to[axis-lead] == 1 }
	outer := 1
	for axis := 0; axis < len(from); {
		if !summed(axis) {
			outer *= from[axis]
			axis++
			continue
		}
		n := 1
		for ; axis < len(from) && summed(axis); axis++ {
			n *= from[axis]
		}
		if n != 1 {
			runs = append(runs, run{outer, n, product(from[axis:])})
		}
	}
	if len(runs) == 0 {
		runs = append(runs, run{outer, 1, 1})
	}
	return runs
}

func product(lengths []int) int {
	n := 1
	for _, d := range lengths {
		n *= d
	}
	return n
}

// block returns how many elements along the run one step adds up. Adjacent ones are added in float64, rows one after the other.
func (r run) block() int {
	if r.inner == 1 {
		return 8192
	}
	return 16
}

// blocks returns how many sums a step leaves.
func (r run) blocks() int { return max(1, (r.n+r.block()-1)/r.block()) }

// sumBlocks returns the sums of the blocks of a run of x, (outer, blocks, inner), in the given shape.
func sumBlocks(x *Tensor, shape tensor.Shape, r run) *Tensor {
	y := autograd.Empty(shape, x)
	if x.IsSingle() {
		addBlocks(autograd.Raw[float32](y), autograd.Raw[float32](x), r)
	} else {
		addBlocks(autograd.Raw[float64](y), autograd.Raw[float64](x), r)
	}
	return y
}

const (
	sumWidth  = 1024  // columns added at a time: the sums stay in the first-level cache
	sumThread = 32768 // additions worth a second thread
)

// addBlocks divides the outputs among threads, and so the order of additions does not depend on the number of threads.
func addBlocks[T kernel.Float](dst, x []T, r run) {
	if len(x) <= sumThread {
		addParts(dst, x, r, 0, r.parts())
		return
	}
	work := min(r.block(), r.n) * min(sumWidth, r.inner)
	pool.For(r.parts(), sumThread/work, func(lo, hi int) { addParts(dst, x, r, lo, hi) })
}

// parts returns how many pieces the sums of a step have: the columns of each block, sumWidth at a time.
func (r run) parts() int { return r.outer * r.blocks() * r.columns() }

// columns returns how many pieces the columns of a block have.
func (r run) columns() int { return (r.inner + sumWidth - 1) / sumWidth }

// addParts computes the pieces from lo to hi.
func addParts[T kernel.Float](dst, x []T, r run, lo, hi int) {
	if r.n == 0 { // x is empty, so that there is one thread, which has all of dst
		clear(dst)
		return
	}
	block, blocks, columns := r.block(), r.blocks(), r.columns()
	for part := lo; part < hi; part++ {
		b, column := part/columns, part%columns*sumWidth
		row := b % blocks * block
		rows := min(block, r.n-row)
		from := x[(b/blocks*r.n+row)*r.inner+column:]
		if r.inner == 1 {
			dst[b] = kernel.Sum(from[:rows])
			continue
		}
		kernel.ColumnSums(dst[b*r.inner+column:][:min(sumWidth, r.inner-column)], from, rows, r.inner)
	}
}

// stretchings has a shape that broadcasts to the other in every way, and shapes of ranks 0 to 5.
var stretchings = [][2]tensor.Shape{
	{{}, {}},
	{{}, {1}},
	{{}, {4}},
	{{}, {2, 3}},
	{{}, {0}},
	{{1}, {1}},
	{{1}, {5}},
	{{1}, {0}},
	{{3}, {3}},
	{{3}, {1, 3}},
	{{3}, {2, 3}},
	{{3}, {20, 3}},
	{{3}, {0, 3}},
	{{0}, {2, 0}},
	{{1, 3}, {2, 3}},
	{{2, 1}, {2, 3}},
	{{1, 1}, {2, 3}},
	{{2, 1}, {2, 0}},
	{{1, 3}, {0, 3}},
	{{3, 1}, {2, 3, 4}},
	{{2, 3}, {2, 2, 3}},
	{{2, 1, 3}, {2, 4, 3}},
	{{1, 3, 1}, {2, 3, 4}},
	{{2, 1, 1}, {2, 3, 2}},
	{{1, 2, 1, 2}, {2, 2, 3, 2}},
	{{1, 2, 1, 2, 1}, {2, 2, 1, 2, 3}},
	{{2, 1, 2}, {3, 1, 2, 2, 2}},
}

// stretched returns the samples of BroadcastTo, whose input has the first shape of each pair (side 0), or of SumTo (side 1):
// f takes x to the other shape.
func stretched(f func(x *Tensor, to tensor.Shape) *Tensor, side int) func() []Sample {
	return func() []Sample {
		var samples []Sample
		for i, p := range stretchings {
			from, to := p[side], p[1-side]
			samples = append(samples, Sample{
				fmt.Sprint(from, " to ", to),
				func(x ...*Tensor) *Tensor { return f(x[0], to) },
				[]*Tensor{draw(uint64(i), reals, from...)},
			})
		}
		for i, a := range arrangements() {
			samples = append(samples, Sample{
				a.name,
				func(x ...*Tensor) *Tensor {
					v := a.view(x[0])
					to := append(tensor.Shape{2}, v.Shape()...)
					if side == 1 {
						to = v.Shape()[1:]
					}
					return Mul(f(v, to), f(v, to)) // used twice
				},
				[]*Tensor{draw(uint64(100+i), reals, a.shape...)},
			})
		}
		return samples
	}
}
