package ops

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Diagonals are counted as in NumPy and PyTorch: element (i, j) of a matrix is on diagonal j - i, so that the main one is 0, those above it
// are positive and those below it negative.

// Triu returns the upper triangles of matrices (…, n, m): the elements on diagonal k and above it, and zeros below.
// It panics with an autograd.ShapeError if x has fewer than two axes.
func Triu(x *Tensor, k int) *Tensor { return band("ops.Triu", x, k, math.MaxInt) }

var _ = catalog(Entry{
	Name: "Triu", Samples: bandSamples(Triu),
	Errors: []Misuse{{"a vector", func() { Triu(draw(0, reals, 3), 0) }, autograd.ShapeError, "ops.Triu: want shape (…, n, m), given (3)"}},
})

// Tril returns the lower triangles of matrices (…, n, m): the elements on diagonal k and below it, and zeros above.
// It panics with an autograd.ShapeError if x has fewer than two axes.
func Tril(x *Tensor, k int) *Tensor { return band("ops.Tril", x, math.MinInt, k) }

var _ = catalog(Entry{
	Name: "Tril", Samples: bandSamples(Tril),
	Errors: []Misuse{{"a scalar", func() { Tril(draw(0, reals), 0) }, autograd.ShapeError, "ops.Tril: want shape (…, n, m), given ()"}},
})

// band returns matrices (…, n, m) with zeros for what is not on the diagonals from lo to hi.
func band(op string, x *Tensor, lo, hi int) *Tensor {
	if len(x.Shape()) < 2 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want shape (…, n, m), given %v", x.Shape())
	}
	y := autograd.Empty(x.Shape(), x)
	if x.IsSingle() {
		bandRows(autograd.Raw[float32](y), view[float32](x), lo, hi)
	} else {
		bandRows(autograd.Raw[float64](y), view[float64](x), lo, hi)
	}
	return banding.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return band(op, g, lo, hi) }))
}

func bandRows[T kernel.Float](dst []T, x strided.View[T], lo, hi int) {
	if len(dst) == 0 {
		return
	}
	rank := len(x.Shape)
	n, m := x.Shape[rank-2], x.Shape[rank-1]
	lo, hi = max(-n, min(lo, m)), max(-n, min(hi, m)) // so that sums with them do not overflow
	byRows(len(dst)/m, m, func(first, end int) {
		for row := first; row < end; row++ {
			i, to := row%n, dst[row*m:][:m]
			from := max(0, min(i+lo, m))
			until := max(from, min(i+hi+1, m))
			clear(to[:from])
			x.Gather(to[from:until], row*m+from)
			clear(to[until:])
		}
	})
}

var (
	banding = &autograd.Op{Name: "band"}
	_       = catalog(Entry{Name: "band", Op: banding, Samples: bandSamples(func(x *Tensor, k int) *Tensor { return band("ops.band", x, k-1, k+1) })})
)

// Diag returns a vector's matrix or a matrix's vector: of x (n) the matrix (n+|k|, n+|k|) with x on diagonal k and zeros elsewhere, and of
// x (n, m) a view of diagonal k, which is empty where it lies outside.
// It panics with an autograd.ShapeError if x is neither, or if the matrix is too large for any memory.
func Diag(x *Tensor, k int) *Tensor {
	const op = "ops.Diag"
	switch len(x.Shape()) {
	case 1:
		n := x.Size() + max(k, -k)
		if n < 0 {
			autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "a matrix with shape %v on diagonal %d holds more elements than memory can", x.Shape(), k)
		}
		return onDiagonal(x, k, n, n)
	case 2:
		return diagonalOf(x, k)
	}
	autograd.Fail(op, autograd.ShapeError, []*Tensor{x}, "want a vector (n) or a matrix (n, m), given shape %v", x.Shape())
	return nil
}

var _ = catalog(Entry{Name: "Diag", Samples: diagSamples, Errors: []Misuse{
	{"a scalar", func() { Diag(draw(0, reals), 0) }, autograd.ShapeError, "ops.Diag: want a vector (n) or a matrix (n, m), given shape ()"},
	{"many matrices", func() { Diag(draw(0, reals, 2, 2, 2), 0) }, autograd.ShapeError, "given shape (2, 2, 2)"},
	{"more elements than an int counts", func() { Diag(draw(0, reals, 2), math.MinInt) }, autograd.ShapeError, "more elements than memory can"},
	{"more elements than memory can", func() { Diag(draw(0, reals, 2), math.MaxInt/2) }, autograd.ShapeError, "more elements than memory can"},
}})

// diagonalOf returns a view of diagonal k of x (n, m).
func diagonalOf(x *Tensor, k int) *Tensor {
	n, m := x.Shape()[0], x.Shape()[1]
	i, j := startOf(k, n)
	length := max(0, min(n-i, m-j))
	down, right, offset := x.Strides()[0], x.Strides()[1], 0
	if length > 0 { // there need not be any memory where no elements are
		offset = i*down + j*right
	}
	y := autograd.View(x, tensor.Shape{length}, []int{down + right}, offset)
	return diagonal.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return onDiagonal(g, k, n, m) }))
}

// startOf returns the row and the column where diagonal k of a matrix of n rows starts, or would if it had elements.
func startOf(k, n int) (row, column int) { return max(0, -max(k, -n)), max(0, k) }

// onDiagonal returns zeros (n, m) with x on diagonal k: the rule of diagonalOf, whose rule is diagonalOf.
func onDiagonal(x *Tensor, k, n, m int) *Tensor {
	y := autograd.Empty(tensor.Shape{n, m}, x)
	row, column := startOf(k, n)
	if x.IsSingle() {
		placeEach(autograd.Raw[float32](y), view[float32](x), row*m+column, m+1)
	} else {
		placeEach(autograd.Raw[float64](y), view[float64](x), row*m+column, m+1)
	}
	return diagonalMatrix.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return diagonalOf(g, k) }))
}

// placeEach fills dst with zeros, but from the first place on, step places apart, with the elements of the vector x.
func placeEach[T kernel.Float](dst []T, x strided.View[T], first, step int) {
	clear(dst)
	for i := range x.Shape[0] {
		dst[first+i*step] = x.Data[i*x.Strides[0]]
	}
}

var (
	diagonal       = &autograd.Op{Name: "diagonal"}
	diagonalMatrix = &autograd.Op{Name: "diagonalMatrix"}
	_              = catalog(Entry{Name: "diagonal", Op: diagonal, Samples: diagonalSamples})
	_              = catalog(Entry{Name: "diagonalMatrix", Op: diagonalMatrix, Samples: diagonalMatrixSamples})
)
