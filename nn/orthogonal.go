package nn

import (
	"math"
	"math/rand/v2"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Orthogonal returns the initializer that draws gain times a matrix with orthonormal columns, or orthonormal rows if it has fewer
// of them, uniformly from all such matrices: it keeps the lengths of what passes through. Leading axes of a shape (…, out) make
// one axis of rows, and a shape without them has one row. It panics with an autograd.ValueError if gain is negative or not finite.
//
// Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (ICLR 2014).
// The matrix is the factor Q of a matrix of normal numbers, with the signs by which R has a positive diagonal: Mezzadri, "How to
// generate random matrices from the classical compact groups" (Notices of the AMS 2007).
func Orthogonal(gain float64) Init {
	wantFactor("nn.Orthogonal", "gain", gain)
	return func(rng *rand.Rand, shape ...int) []float64 {
		values := make([]float64, size(shape))
		if len(values) == 0 {
			return values
		}
		cols := 1
		if len(shape) > 0 {
			cols = shape[len(shape)-1]
		}
		rows := len(values) / cols
		long, short := max(rows, cols), min(rows, cols)
		columns := make([][]float64, short)
		for j := range columns {
			columns[j] = make([]float64, long)
		}
		for i := range long {
			for j := range columns {
				columns[j][i] = rng.NormFloat64()
			}
		}
		alongRow, alongColumn := 1, cols // in values, where the columns are its columns
		if rows < cols {
			alongRow, alongColumn = cols, 1
		}
		for j, q := range orthonormal(columns) {
			for i, v := range q {
				values[j*alongRow+i*alongColumn] = gain * v
			}
		}
		return values
	}
}

// orthonormal returns the columns of Q in A = QR, where R has a positive diagonal, and overwrites A, which has no more columns than
// rows. It reflects: Golub and Van Loan, Matrix Computations (2013), algorithm 5.2.1. Orthogonality is then as good as the
// arithmetic, whatever A is.
func orthonormal(a [][]float64) [][]float64 {
	signs := make([]float64, len(a)) // of R's diagonal
	for k, column := range a {
		v := column[k:]
		signs[k] = -math.Copysign(1, v[0])
		v[0] -= signs[k] * math.Sqrt(kernel.Dot(v, v))
		if length := math.Sqrt(kernel.Dot(v, v)); length > 0 {
			kernel.Scale(v, v, 1/length)
		}
		for _, other := range a[k+1:] {
			reflect(other[k:], v)
		}
	}
	q := make([][]float64, len(a))
	for j := range q {
		q[j] = make([]float64, len(a[j]))
		q[j][j] = signs[j]
		for k := j; k >= 0; k-- { // the later reflections leave it alone
			reflect(q[j][k:], a[k][k:])
		}
	}
	return q
}

// reflect makes x its mirror image in the hyperplane that the unit vector v is perpendicular to.
func reflect(x, v []float64) { kernel.AddScaled(x, v, -2*kernel.Dot(x, v)) }
