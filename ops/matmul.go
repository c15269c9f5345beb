package ops

import (
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// MatMul returns the matrix products a·b: (…, n, k) x (…, k, m) is (…, n, m). The axes before the last two count matrices and
// broadcast. A vector a (k) is a row, a vector b (k) a column, and the product has no axis for it, as in NumPy: (…, n, k) x (k) is (…, n),
// (k) x (…, k, m) is (…, m), and (k) x (k) a scalar. Matrices may be views of any strides: nothing is transposed in memory, and nothing
// copied but an a of more than two axes that is not row-major where b has two.
// It panics with an autograd.ShapeError if an operand is a scalar, if k differs, or if the leading axes do not broadcast.
func MatMul(a, b *Tensor) *Tensor {
	const op = "ops.MatMul"
	a, b = autograd.Unify(op, a, b)
	sa, sb := a.Shape(), b.Shape()
	ra, rb := len(sa), len(sb)
	switch {
	case ra == 0 || rb == 0:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "want shapes (…, n, k) x (…, k, m), given %v x %v", sa, sb)
	case sa[ra-1] != sb[max(rb-2, 0)]:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "inner dimensions differ: %v x %v", sa, sb)
	case rb == 1:
		return Squeeze(MatMul(a, Unsqueeze(b, 1)), -1)
	case ra == 1:
		return Squeeze(MatMul(Unsqueeze(a, 0), b), -2)
	case ra == 2 && rb == 2:
		return product2(a, b)
	case rb == 2: // one product instead of many, and for b one gradient instead of a sum of many
		return onRows(a, sb[1], func(rows *Tensor) *Tensor { return product2(rows, b) })
	}
	batch, ok := common(sa[:ra-2], sb[:rb-2])
	if !ok {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "the matrices of %v x %v do not broadcast: %v and %v", sa, sb, sa[:ra-2], sb[:rb-2])
	}
	return products(stretch(a, slices.Concat(batch, sa[ra-2:])), stretch(b, slices.Concat(batch, sb[rb-2:])))
}

// product2 is MatMul of two matrices that fit.
func product2(a, b *Tensor) *Tensor {
	y := autograd.Empty(tensor.Shape{a.Shape()[0], b.Shape()[1]}, a, b)
	multiply(y, a, b, nil)
	return recordProduct(y, a, b)
}

// products is MatMul of arrays of as many matrices.
func products(a, b *Tensor) *Tensor {
	rank := len(a.Shape())
	shape := a.Shape().Clone()
	shape[rank-1] = b.Shape()[rank-1]
	y := autograd.Empty(shape, a, b)
	if a.IsSingle() {
		multiplyEach[float32](y, a, b)
	} else {
		multiplyEach[float64](y, a, b)
	}
	return recordProduct(y, a, b)
}

func recordProduct(y, a, b *Tensor) *Tensor {
	if !autograd.Recording(a, b) {
		return y
	}
	return matMul.Record(y,
		autograd.Wrt(a, func(_, g *Tensor) *Tensor { return timesTransposed(g, b) }),
		autograd.Wrt(b, func(_, g *Tensor) *Tensor { return transposedTimes(a, g) }))
}

// timesTransposed returns a·bᵀ, of each pair of matrices. Of two it makes no view: the kernel goes by the strides.
func timesTransposed(a, b *Tensor) *Tensor {
	if len(a.Shape()) != 2 || len(b.Shape()) != 2 || autograd.Recording(a, b) {
		return MatMul(a, transposed(b))
	}
	y := autograd.Empty(tensor.Shape{a.Shape()[0], b.Shape()[0]}, a, b)
	if y.IsSingle() {
		multiplyMatrices(y, matrix[float32](a, 0), across(matrix[float32](b, 0)), nil)
	} else {
		multiplyMatrices(y, matrix[float64](a, 0), across(matrix[float64](b, 0)), nil)
	}
	return y
}

// transposedTimes returns aᵀ·b, as timesTransposed does. It is how the gradient of weights comes about, which an optimizer may add to them
// without ever writing it down, if it is large.
func transposedTimes(a, b *Tensor) *Tensor {
	if len(a.Shape()) != 2 || len(b.Shape()) != 2 || autograd.Recording(a, b) {
		return MatMul(transposed(a), b)
	}
	shape := tensor.Shape{a.Shape()[1], b.Shape()[1]}
	if a.IsSingle() {
		return autograd.Later(shape, addTransposedTimes[float32], a, b)
	}
	return autograd.Later(shape, addTransposedTimes[float64], a, b)
}

// addTransposedTimes adds scale·aᵀ·b to c, which is row-major; a scale of 0 sets c to aᵀ·b.
func addTransposedTimes[T kernel.Float](c []T, scale T, a, b *Tensor) {
	x, y := across(matrix[T](a, 0)), matrix[T](b, 0)
	z := kernel.Matrix[T]{Data: c, Rows: x.Rows, Cols: y.Cols, RowStride: y.Cols, ColStride: 1}
	if scale == 0 {
		kernel.MatMul(z, x, y, nil, false)
	} else {
		kernel.AddProduct(z, x, y, scale)
	}
}

// across returns the transpose.
func across[T kernel.Float](m kernel.Matrix[T]) kernel.Matrix[T] {
	m.Rows, m.Cols, m.RowStride, m.ColStride = m.Cols, m.Rows, m.ColStride, m.RowStride
	return m
}

// transposed exchanges the last two axes.
func transposed(x *Tensor) *Tensor {
	rank := len(x.Shape())
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = i
	}
	perm[rank-2], perm[rank-1] = rank-1, rank-2
	return Transpose(x, perm...)
}

// multiply writes a·b + bias to y; bias (m) is nil for none.
func multiply(y, a, b, bias *Tensor) {
	if y.IsSingle() {
		multiplyMatrices(y, matrix[float32](a, 0), matrix[float32](b, 0), bias)
	} else {
		multiplyMatrices(y, matrix[float64](a, 0), matrix[float64](b, 0), bias)
	}
}

func multiplyMatrices[T kernel.Float](y *Tensor, a, b kernel.Matrix[T], bias *Tensor) {
	var added []T
	if bias != nil {
		added = autograd.Raw[T](autograd.RowMajor(bias))
	}
	kernel.MatMul(result[T](y, 0), a, b, added, false)
}

// result returns the matrix of y (…, n, m), which is still being made, that begins at an offset. Its strides are not asked:
// where an axis has length 0 or 1 those of a dense tensor may be any.
func result[T kernel.Float](y *Tensor, offset int) kernel.Matrix[T] {
	m := matrix[T](y, offset)
	m.RowStride, m.ColStride = m.Cols, 1
	return m
}

// matrix returns the matrix of x (…, n, m) that begins at an offset.
func matrix[T kernel.Float](x *Tensor, offset int) kernel.Matrix[T] {
	shape, strides := x.Shape(), x.Strides()
	rank := len(shape)
	return kernel.Matrix[T]{
		Data: autograd.Raw[T](x)[offset:],
		Rows: shape[rank-2], Cols: shape[rank-1],
		RowStride: strides[rank-2], ColStride: strides[rank-1],
	}
}

// largeProduct is the number of multiplications from which on a product is divided among threads rather than the products.
const largeProduct = 1 << 20

func multiplyEach[T kernel.Float](y, a, b *Tensor) {
	rank := len(y.Shape())
	size := y.Shape()[rank-2] * y.Shape()[rank-1]
	work := size * a.Shape()[rank-1]
	if work == 0 {
		clear(autograd.Raw[T](y))
		return
	}
	count := product(y.Shape()[:rank-2])
	each := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			kernel.MatMul(result[T](y, i*size), nth[T](a, i), nth[T](b, i), nil, false)
		}
	}
	if work >= largeProduct {
		each(0, count)
	} else {
		pool.For(count, 1+largeProduct/16/work, each)
	}
}

// nth returns matrix i of x (…, n, m), counted in row-major order.
func nth[T kernel.Float](x *Tensor, i int) kernel.Matrix[T] {
	offset := 0
	for axis := len(x.Shape()) - 3; axis >= 0; axis-- {
		d := x.Shape()[axis]
		offset += i % d * x.Strides()[axis]
		i /= d
	}
	return matrix[T](x, offset)
}

var (
	matMul = &autograd.Op{Name: "matMul"}
	_      = catalog(Entry{Name: "MatMul", Op: matMul, Samples: matMulSamples, Errors: []Misuse{
		{
			"inner dimensions",
			func() { MatMul(draw(0, reals, 32, 784), draw(1, reals, 512, 256)) },
			autograd.ShapeError, "ops.MatMul: inner dimensions differ: (32, 784) x (512, 256)",
		},
		{
			"inner dimensions of many",
			func() { MatMul(draw(0, reals, 2, 3, 4), draw(1, reals, 2, 3, 4)) },
			autograd.ShapeError, "ops.MatMul: inner dimensions differ: (2, 3, 4) x (2, 3, 4)",
		},
		{
			"numbers of matrices",
			func() { MatMul(draw(0, reals, 2, 3, 4), draw(1, reals, 3, 4, 3)) },
			autograd.ShapeError, "ops.MatMul: the matrices of (2, 3, 4) x (3, 4, 3) do not broadcast: (2) and (3)",
		},
		{
			"a scalar",
			func() { MatMul(draw(0, reals, 3, 4), draw(1, reals)) },
			autograd.ShapeError, "ops.MatMul: want shapes (…, n, k) x (…, k, m), given (3, 4) x ()",
		},
		{
			"a vector of another length",
			func() { MatMul(draw(0, reals, 3), draw(1, reals, 4, 3)) },
			autograd.ShapeError, "ops.MatMul: inner dimensions differ: (3) x (4, 3)",
		},
		{
			"two dtypes",
			func() { MatMul(draw(0, reals, 1, 1), autograd.FromSlice([]float32{1}, 1, 1)) },
			autograd.DtypeError, "ops.MatMul: dtypes differ: float64 (1, 1) and float32 (1, 1)",
		},
	}})
)

// Linear returns x·w + b for x (…, k), w (k, m) and b (m), or x·w if b is nil: shape (…, m).
// It panics with an autograd.ShapeError if the shapes are not of this form.
func Linear(x, w, b *Tensor) *Tensor {
	const op = "ops.Linear"
	x, w = autograd.Unify(op, x, w)
	if b != nil {
		_, b = autograd.Unify(op, x, b)
	}
	rank := len(x.Shape())
	switch {
	case rank == 0 || len(w.Shape()) != 2:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x, w}, "want shapes (…, k) x (k, m), given %v x %v", x.Shape(), w.Shape())
	case rowLength(x) != w.Shape()[0]:
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x, w}, "inner dimensions differ: %v x %v", x.Shape(), w.Shape())
	case b != nil && (len(b.Shape()) != 1 || b.Size() != w.Shape()[1]):
		autograd.Fail(op, autograd.ShapeError, []*Tensor{w, b}, "want a bias of shape (%d) for %v x %v, given %v", w.Shape()[1], x.Shape(), w.Shape(), b.Shape())
	case rank == 2:
		return linear2(x, w, b)
	}
	return onRows(x, w.Shape()[1], func(rows *Tensor) *Tensor { return linear2(rows, w, b) })
}

// linear2 is Linear for x (n, k) and shapes that fit.
func linear2(x, w, b *Tensor) *Tensor {
	if b == nil {
		return product2(x, w)
	}
	y := autograd.Empty(tensor.Shape{x.Shape()[0], w.Shape()[1]}, x, w, b)
	multiply(y, x, w, b)
	if !autograd.Recording(x, w, b) {
		return y
	}
	return linear.Record(y,
		autograd.Wrt(x, func(_, g *Tensor) *Tensor { return timesTransposed(g, w) }),
		autograd.Wrt(w, func(_, g *Tensor) *Tensor { return transposedTimes(x, g) }),
		autograd.Wrt(b, func(_, g *Tensor) *Tensor { return Sum(g, 0) }))
}

// onRows applies f, which takes (n, k) to (n, m), to all rows of x (…, k) at once, and returns (…, m).
func onRows(x *Tensor, m int, f func(rows *Tensor) *Tensor) *Tensor {
	last := len(x.Shape()) - 1
	lead := x.Shape()[:last]
	return Reshape(f(Reshape(x, product(lead), x.Shape()[last])), append(lead.Clone(), m)...)
}

var (
	linear = &autograd.Op{Name: "linear"}
	_      = catalog(Entry{Name: "Linear", Op: linear, Samples: linearSamples, Errors: []Misuse{
		{
			"inner dimensions",
			func() { Linear(draw(0, reals, 32, 784), draw(1, reals, 512, 256), nil) },
			autograd.ShapeError, "ops.Linear: inner dimensions differ: (32, 784) x (512, 256)",
		},
		{
			"the bias",
			func() { Linear(draw(0, reals, 2, 3), draw(1, reals, 3, 4), draw(2, reals, 3)) },
			autograd.ShapeError, "ops.Linear: want a bias of shape (4) for (2, 3) x (3, 4), given (3)",
		},
		{
			"a bias for each row",
			func() { Linear(draw(0, reals, 2, 3), draw(1, reals, 3, 4), draw(2, reals, 2, 4)) },
			autograd.ShapeError, "ops.Linear: want a bias of shape (4) for (2, 3) x (3, 4), given (2, 4)",
		},
		{
			"weights of three axes",
			func() { Linear(draw(0, reals, 2, 3), draw(1, reals, 1, 3, 4), nil) },
			autograd.ShapeError, "ops.Linear: want shapes (…, k) x (k, m), given (2, 3) x (1, 3, 4)",
		},
		{
			"a scalar",
			func() { Linear(draw(0, reals), draw(1, reals, 3, 4), nil) },
			autograd.ShapeError, "ops.Linear: want shapes (…, k) x (k, m), given () x (3, 4)",
		},
		{
			"a bias of another dtype",
			func() { Linear(draw(0, reals, 2, 3), draw(1, reals, 3, 1), autograd.FromSlice([]float32{1}, 1)) },
			autograd.DtypeError, "ops.Linear: dtypes differ: float64 (2, 3) and float32 (1)",
		},
	}})
)

// Dot returns the sum of the products of the elements of two vectors of one length, (n) and (n), as a scalar: 0 where there are none.
// It panics with an autograd.ShapeError if they are not.
func Dot(a, b *Tensor) *Tensor {
	const op = "ops.Dot"
	a, b = vectors(op, a, b)
	if a.Size() != b.Size() {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "lengths differ: %v and %v", a.Shape(), b.Shape())
	}
	return MatMul(a, b)
}

// vectors returns a and b with one dtype, if they have one axis each.
func vectors(op string, a, b *Tensor) (_, _ *Tensor) {
	a, b = autograd.Unify(op, a, b)
	if len(a.Shape()) != 1 || len(b.Shape()) != 1 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "want two vectors, given %v and %v", a.Shape(), b.Shape())
	}
	return a, b
}

var _ = catalog(Entry{Name: "Dot", Samples: vectorSamples(Dot, true), Errors: append(badVectors("ops.Dot", Dot), Misuse{
	"other lengths",
	func() { Dot(draw(0, reals, 3), draw(1, reals, 1)) },
	autograd.ShapeError, "ops.Dot: lengths differ: (3) and (1)",
})})

// Outer returns the product of each element of a with each of b, (n) and (m) to (n, m).
// It panics with an autograd.ShapeError unless both are vectors.
func Outer(a, b *Tensor) *Tensor {
	a, b = vectors("ops.Outer", a, b)
	return Mul(column(a), b)
}

var _ = catalog(Entry{Name: "Outer", Samples: vectorSamples(Outer, false), Errors: badVectors("ops.Outer", Outer)})
