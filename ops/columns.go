package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// A strip is some adjacent columns of a row-major matrix of n rows, in which one row begins stride elements after the other. What it is
// made of begins with its first element.
type strip struct{ n, stride, width int }

const (
	narrow = 32  // columns that a strip has at least: with fewer, threads would share cache lines
	wide   = 256 // and at most: sums of them are on the stack
)

// mapStrips2 returns what f makes of the strips of a and b, which have one shape (n, k) and dtype, in that shape. f is given dense memory that
// begins with the strip, and called from several goroutines.
func mapStrips2(a, b *Tensor, f32 func(dst, a, b []float32, s strip), f64 func(dst, a, b []float64, s strip)) *Tensor {
	y := autograd.Empty(a.Shape(), a, b)
	k := rowLength(a)
	if a, b = autograd.RowMajor(a), autograd.RowMajor(b); a.IsSingle() {
		eachStrip(autograd.Raw[float32](y), autograd.Raw[float32](a), autograd.Raw[float32](b), k, f32)
	} else {
		eachStrip(autograd.Raw[float64](y), autograd.Raw[float64](a), autograd.Raw[float64](b), k, f64)
	}
	return y
}

// eachStrip calls f for all strips of matrices (n, k). No bit depends on how the columns are divided.
func eachStrip[T kernel.Float](dst, a, b []T, k int, f func(dst, a, b []T, s strip)) {
	if len(dst) == 0 {
		return
	}
	n := len(dst) / k
	width := min(max(narrow, rowBlock/n), wide) // what a strip holds stays in the first-level cache, if it can
	pool.For(k, width, func(lo, hi int) {
		for ; lo < hi; lo += width {
			f(dst[lo:], a[lo:], b[lo:], strip{n, k, min(width, hi-lo)})
		}
	})
}

// columnSums writes the sum of each column of a strip of x to to. Each is added in float64.
func columnSums[T kernel.Float](to []float64, x []T, s strip) {
	clear(to)
	for i := range s.n {
		for j, v := range x[i*s.stride:][:len(to)] {
			to[j] += float64(v)
		}
	}
}

// columnDots writes the sum of the products of each column of a and that of b to to.
func columnDots[T kernel.Float](to []float64, a, b []T, s strip) {
	clear(to)
	for i := range s.n {
		row := b[i*s.stride:][:len(to)]
		for j, v := range a[i*s.stride:][:len(to)] {
			to[j] += float64(v) * float64(row[j])
		}
	}
}
