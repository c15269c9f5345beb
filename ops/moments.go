package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Var returns the population variance of the elements along the axes, the mean of the squares of their differences from their
// mean: NaN where there are none. That is NumPy's default; PyTorch's divides by one less.
func Var(x *Tensor, axes ...int) *Tensor {
	return Mean(Square(centerRows(rowsOf("ops.Var", x, axes))), -1)
}

var _ = catalog(Entry{Name: "Var", Samples: reductionSamples(Var, scattered), Errors: badAxes("ops.Var", Var)})

// Std returns the standard deviation of the elements along the axes, the root of [Var]: NaN where there are none. Its derivative is 0 where
// it is 0, as in PyTorch.
func Std(x *Tensor, axes ...int) *Tensor {
	rows := rowsOf("ops.Std", x, axes)
	return Div(normOfRows(centerRows(rows)), autograd.Scalar(math.Sqrt(float64(rowLength(rows)))))
}

var _ = catalog(Entry{Name: "Std", Samples: reductionSamples(Std, scattered), Errors: badAxes("ops.Std", Std)})

// Norm returns the Euclidean norm of the elements along the axes, the root of the sum of their squares, which neither overflow nor
// vanish: 0 where there are none. Its derivative x/norm is 0 where the norm is 0, as in PyTorch.
func Norm(x *Tensor, axes ...int) *Tensor { return normOfRows(rowsOf("ops.Norm", x, axes)) }

// normOfRows returns the norm of each row of x (…, n).
func normOfRows(x *Tensor) *Tensor {
	y := reduceRows(x, normKernel[float32], normKernel[float64])
	return norm.Record(y, autograd.Wrt(x, func(y, g *Tensor) *Tensor {
		y = column(y)
		// The quotient is chosen where it is not 0/0, and made so that its own derivative is not NaN where it is not chosen.
		direction := Where(y, Div(x, Where(y, y, autograd.Scalar(1))), autograd.Scalar(0))
		return Mul(column(g), direction)
	}))
}

func normKernel[T kernel.Float](dst, x []T, n int) {
	for i := range dst {
		dst[i] = T(norm2(x[i*n:][:n]))
	}
}

// norm2 returns the norm of x. Where the sum of the squares is too large or too small for a float64, x is scaled first, by a power of 2.
func norm2[T kernel.Float](x []T) float64 {
	const smallest, largest = 0x1p-900, 0x1p1000 // with digits to spare
	sum := kernel.SquaredNorm(x)
	if smallest <= sum && sum <= largest || math.IsNaN(sum) {
		return math.Sqrt(sum)
	}
	scale := 0x1p600
	if sum > largest {
		scale = 0x1p-600
	}
	scaled := make([]float64, len(x))
	for i, v := range x {
		scaled[i] = float64(v) * scale
	}
	return math.Sqrt(kernel.SquaredNorm(scaled)) / scale
}

var (
	norm = &autograd.Op{Name: "norm"}
	_    = catalog(Entry{Name: "Norm", Op: norm, Samples: reductionSamples(Norm, scattered), Errors: badAxes("ops.Norm", Norm)})
)

// centerRows returns each row of x (…, n) less its mean. It is linear and symmetric, and so its own rule.
func centerRows(x *Tensor) *Tensor {
	y := mapRows1(x, centerKernel[float32], centerKernel[float64])
	return centering.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return centerRows(g) }))
}

func centerKernel[T kernel.Float](dst, x []T, n int) {
	for i := 0; i < len(dst); i += n {
		center(dst[i:i+n], x[i:i+n])
	}
}

// center writes x less its mean to dst. The mean of large numbers is rounded by more than the digits that a small deviation has,
// and so what is left of it is subtracted too: a deviation is then right to the digits of the data.
func center[T kernel.Float](dst, x []T) {
	n := T(len(x))
	kernel.Shift(dst, x, -kernel.Sum(x)/n)
	kernel.Shift(dst, dst, -kernel.Sum(dst)/n)
}

var (
	centering = &autograd.Op{Name: "centerRows"}
	_         = catalog(Entry{Name: "centerRows", Op: centering, Samples: rowSamples(centerRows)})
)
