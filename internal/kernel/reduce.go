package kernel

import "fmt"

// Sum returns the sum of x, 0 for none. It adds in float64, blocks of sumBlock at a time and the blocks pairwise: the
// error is that of rounding the result, and for float64 some units in the last place of the sum of magnitudes.
func Sum[T Float](x []T) T { return T(pairwise(x, x, kernelsOf[T]().sum)) }

// Dot returns the sum of a[i]·b[i], 0 for none, added as Sum does.
func Dot[T Float](a, b []T) T {
	if len(a) != len(b) {
		panic(fmt.Sprintf("kernel.Dot: slices of %d and %d elements", len(a), len(b)))
	}
	return T(pairwise(a, b, kernelsOf[T]().dot))
}

// SquaredNorm returns the sum of x[i]², 0 for none, in float64, where the squares of float32 neither overflow nor vanish. It adds
// as Sum does.
func SquaredNorm[T Float](x []T) float64 { return pairwise(x, x, kernelsOf[T]().dot) }

// Max returns the largest of x: -Inf for none, NaN if there is one.
func Max[T Float](x []T) T { return kernelsOf[T]().max(x) }

// reductionKernels is the reductions of a path, each on one goroutine and of a block: what they return depends on the elements and
// their number alone. sum has its operand twice.
type reductionKernels[T Float] struct {
	sum, dot func(a, b []T) float64
	max      func(x []T) T

	columnSums func(dst, x []T, rows, stride int)
}

const sumBlock = 1024

// pairwise reduces equally long halves, cut at a multiple of sumBlock, so that rounding errors grow with the
// logarithm of the length.
func pairwise[T Float](a, b []T, run func(a, b []T) float64) float64 {
	if len(a) <= sumBlock {
		return run(a, b)
	}
	half := (len(a)/2 + sumBlock - 1) / sumBlock * sumBlock
	return pairwise(a[:half], b[:half], run) + pairwise(a[half:], b[half:], run)
}
