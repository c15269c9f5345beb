package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// The functions of this file apply a kernel, given for both dtypes, to the rows of tensors: the elements along the last axis.
// Kernels see whole rows of n elements, one after the other, and are called from several goroutines.

// reduceRows returns a tensor (…) of what f makes of each row of x (…, n).
func reduceRows(x *Tensor, f32 func(dst, x []float32, n int), f64 func(dst, x []float64, n int)) *Tensor {
	n := rowLength(x)
	y := autograd.Empty(x.Shape()[:len(x.Shape())-1], x)
	if x = autograd.RowMajor(x); x.IsSingle() {
		reduceEach(autograd.Raw[float32](y), autograd.Raw[float32](x), n, f32)
	} else {
		reduceEach(autograd.Raw[float64](y), autograd.Raw[float64](x), n, f64)
	}
	return y
}

func reduceEach[T float32 | float64](dst, x []T, n int, f func(dst, x []T, n int)) {
	byRows(len(dst), n, func(lo, hi int) { f(dst[lo:hi], x[lo*n:hi*n], n) })
}

// mapRows1 returns what f makes of the rows of x (…, n), in x's shape.
func mapRows1(x *Tensor, f32 func(dst, x []float32, n int), f64 func(dst, x []float64, n int)) *Tensor {
	n := rowLength(x)
	y := autograd.Empty(x.Shape(), x)
	if x = autograd.RowMajor(x); x.IsSingle() {
		mapEach1(autograd.Raw[float32](y), autograd.Raw[float32](x), n, f32)
	} else {
		mapEach1(autograd.Raw[float64](y), autograd.Raw[float64](x), n, f64)
	}
	return y
}

func mapEach1[T float32 | float64](dst, x []T, n int, f func(dst, x []T, n int)) {
	byRows(len(dst)/max(n, 1), n, func(lo, hi int) { f(dst[lo*n:hi*n], x[lo*n:hi*n], n) })
}

// mapRows2 returns what f makes of the rows of a and b, which have one shape (…, n) and dtype, in that shape.
func mapRows2(a, b *Tensor, f32 func(dst, a, b []float32, n int), f64 func(dst, a, b []float64, n int)) *Tensor {
	n := rowLength(a)
	y := autograd.Empty(a.Shape(), a, b)
	if a, b = autograd.RowMajor(a), autograd.RowMajor(b); a.IsSingle() {
		mapEach2(autograd.Raw[float32](y), autograd.Raw[float32](a), autograd.Raw[float32](b), n, f32)
	} else {
		mapEach2(autograd.Raw[float64](y), autograd.Raw[float64](a), autograd.Raw[float64](b), n, f64)
	}
	return y
}

func mapEach2[T float32 | float64](dst, a, b []T, n int, f func(dst, a, b []T, n int)) {
	byRows(len(dst)/max(n, 1), n, func(lo, hi int) { f(dst[lo*n:hi*n], a[lo*n:hi*n], b[lo*n:hi*n], n) })
}

const rowBlock = 4096 // elements that a kernel sees at a time: they stay in the first-level cache

// byRows calls f for blocks of rows [lo, hi). The blocks are the same on any number of threads.
func byRows(rows, n int, f func(lo, hi int)) {
	step := max(1, rowBlock/max(n, 1))
	if rows <= step {
		f(0, rows)
		return
	}
	pool.For(rows, step, func(lo, hi int) {
		for ; lo < hi; lo += step {
			f(lo, min(lo+step, hi))
		}
	})
}

// rowLength returns the length of the last axis.
func rowLength(x *Tensor) int { return x.Shape()[len(x.Shape())-1] }

// column returns x (…) in the shape (…, 1): it broadcasts against the rows that x was made of.
func column(x *Tensor) *Tensor { return Unsqueeze(x, -1) }
