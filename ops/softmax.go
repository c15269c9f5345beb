package ops

import (
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Softmax returns exp(x) / Σ exp(x), the sum being along the axis, without overflow. Elements of -Inf give 0; where all are -Inf, or
// one is +Inf or NaN, the results along the axis are NaN.
// It panics with an autograd.ValueError if there is no such axis.
func Softmax(x *Tensor, axis int) *Tensor { return alongRows("ops.Softmax", x, axis, softmaxOfRows) }

// alongRows applies f, which works along the last axis and keeps the shape, along the given axis.
func alongRows(op string, x *Tensor, axis int, f func(x *Tensor) *Tensor) *Tensor {
	axis = axisOf(op, x, axis)
	last := len(x.Shape()) - 1
	if axis == last {
		return f(x)
	}
	swap := make([]int, last+1)
	for i := range swap {
		swap[i] = i
	}
	swap[axis], swap[last] = last, axis
	return Transpose(f(Transpose(x, swap...)), swap...)
}

func softmaxOfRows(x *Tensor) *Tensor {
	y := mapRows1(x, softmaxRows[float32], softmaxRows[float64])
	if !autograd.Recording(x) {
		return y
	}
	return softmax.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return softmaxGrad(g, y) }))
}

func softmaxRows[T kernel.Float](dst, x []T, n int) {
	expRows(dst, x, n)
	for row := range slices.Chunk(dst, max(n, 1)) {
		kernel.Scale(row, row, 1/kernel.Sum(row))
	}
}

// expRows writes exp(x - m) to dst, m being the largest element of each row: the largest result of a row is 1.
func expRows[T kernel.Float](dst, x []T, n int) {
	for i := 0; i < len(x); i += n {
		kernel.Shift(dst[i:i+n], x[i:i+n], -kernel.Max(x[i:i+n]))
	}
	kernel.Exp(dst, dst) // of all rows: they may be short
}

var (
	softmax = &autograd.Op{Name: "softmax"}
	_       = catalog(Entry{Name: "Softmax", Op: softmax, Samples: axisSamples(Softmax), Errors: badAxis("ops.Softmax", Softmax)})
)

// softmaxGrad returns y (g - Σ g y) along the last axis: the cotangent of x where y = softmax x.
func softmaxGrad(g, y *Tensor) *Tensor {
	z := mapRows2(g, y, softmaxGradRows[float32], softmaxGradRows[float64])
	if !autograd.Recording(g, y) {
		return z
	}
	return softmaxGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return softmaxGrad(h, y) }),
		autograd.Wrt(y, func(_, h *Tensor) *Tensor {
			gy, hy := rowSums(Mul(g, y)), rowSums(Mul(h, y))
			return Sub(Mul(h, Sub(g, gy)), Mul(g, hy))
		}))
}

func softmaxGradRows[T kernel.Float](dst, g, y []T, n int) {
	for i := 0; i < len(dst); i += n {
		row, gi, yi := dst[i:i+n], g[i:i+n], y[i:i+n]
		kernel.SoftmaxGrad(row, gi, yi, kernel.Dot(gi, yi))
	}
}

// rowSums returns the sums along the last axis, (…, n) to (…, 1).
func rowSums(x *Tensor) *Tensor { return KeepDims(Sum)(x, -1) }

var (
	softmaxGradient = &autograd.Op{Name: "softmaxGrad"}
	_               = catalog(Entry{Name: "softmaxGrad", Op: softmaxGradient, Samples: rowGradient(softmaxGrad, between(0.1, 0.9))})
)

// LogSoftmax returns x - log Σ exp(x), the sum being along the axis, without overflow. Elements of -Inf give -Inf; where all are -Inf,
// or one is +Inf or NaN, the results along the axis are NaN.
// It panics with an autograd.ValueError if there is no such axis.
func LogSoftmax(x *Tensor, axis int) *Tensor {
	return alongRows("ops.LogSoftmax", x, axis, logSoftmaxOfRows)
}

func logSoftmaxOfRows(x *Tensor) *Tensor {
	y := mapRows1(x, logSoftmaxRows[float32], logSoftmaxRows[float64])
	if !autograd.Recording(x) {
		return y
	}
	return logSoftmax.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor { return logSoftmaxGrad(g, y) }))
}

// logSoftmaxRows subtracts the largest element before the logarithm, which then does not lose its digits to a large one.
func logSoftmaxRows[T kernel.Float](dst, x []T, n int) {
	expRows(dst, x, n)
	for i := 0; i < len(dst); i += n {
		row, xi := dst[i:i+n], x[i:i+n]
		logSum := T(math.Log(float64(kernel.Sum(row))))
		kernel.Shift(row, xi, -kernel.Max(xi))
		kernel.Shift(row, row, -logSum)
	}
}

var (
	logSoftmax = &autograd.Op{Name: "logSoftmax"}
	_          = catalog(Entry{Name: "LogSoftmax", Op: logSoftmax, Samples: axisSamples(LogSoftmax), Errors: badAxis("ops.LogSoftmax", LogSoftmax)})
)

// logSoftmaxGrad returns g - exp(y) Σ g along the last axis: the cotangent of x where y = log softmax x.
func logSoftmaxGrad(g, y *Tensor) *Tensor {
	z := mapRows2(g, y, logSoftmaxGradRows[float32], logSoftmaxGradRows[float64])
	if !autograd.Recording(g, y) {
		return z
	}
	return logSoftmaxGradient.Record(z,
		autograd.Wrt(g, func(_, h *Tensor) *Tensor { return Sub(h, rowSums(Mul(h, Exp(y)))) }),
		autograd.Wrt(y, func(_, h *Tensor) *Tensor { return Neg(Mul(Mul(h, Exp(y)), rowSums(g))) }))
}

func logSoftmaxGradRows[T kernel.Float](dst, g, y []T, n int) {
	kernel.Exp(dst, y)
	for i := 0; i < len(dst); i += n {
		row, gi := dst[i:i+n], g[i:i+n]
		kernel.Residual(row, gi, row, 0, kernel.Sum(gi), 1)
	}
}

var (
	logSoftmaxGradient = &autograd.Op{Name: "logSoftmaxGrad"}
	_                  = catalog(Entry{Name: "logSoftmaxGrad", Op: logSoftmaxGradient, Samples: rowGradient(logSoftmaxGrad, between(-2, -0.1))})
)
