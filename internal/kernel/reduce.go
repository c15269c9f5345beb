package kernel

import (
	"fmt"
	"sync"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// Sum returns the sum of x, 0 for none. It adds in float64, blocks of sumBlock at a time and the blocks pairwise: the
// error is that of rounding the result, and for float64 some units in the last place of the sum of magnitudes.
func Sum[T Float](x []T) T { return T(reduce(x, x, addUp)) }

// Dot returns the sum of a[i]·b[i], 0 for none, added as Sum does.
func Dot[T Float](a, b []T) T {
	if len(a) != len(b) {
		panic(fmt.Sprintf("kernel.Dot: slices of %d and %d elements", len(a), len(b)))
	}
	return T(reduce(a, b, addProducts))
}

// SquaredNorm returns the sum of x[i]², 0 for none, in float64, where the squares of float32 neither overflow nor vanish. It adds
// as Sum does.
func SquaredNorm[T Float](x []T) float64 { return reduce(x, x, addProducts) }

// Max returns the largest of x: -Inf for none, NaN if there is one.
func Max[T Float](x []T) T { return T(reduce(x, x, choose)) }

// reductionKernels is the reductions of a path, each on one goroutine and of a block: what they return depends on the elements and
// their number alone. sum has its operand twice.
type reductionKernels[T Float] struct {
	sum, dot func(a, b []T) float64
	max      func(x []T) T

	columnSums func(dst, x []T, rows, stride int)
}

// reduction is what one makes of all elements.
type reduction int

const (
	addUp reduction = iota
	addProducts
	choose
)

const (
	sumBlock    = 1024
	threadBlock = 1 << 15 // elements that a thread reduces at a time
)

// reduce divides a long slice among the processors. The pieces are the same on any number of them, and so are the bits of what
// is made of their results, in order.
func reduce[T Float](a, b []T, of reduction) float64 {
	if len(a) <= threadBlock {
		return reducePiece(a, b, of)
	}
	l := reductionsOf[T]().Get().(*reductionLoop[T])
	l.a, l.b, l.of = a, b, of
	n := (len(a) + threadBlock - 1) / threadBlock
	if cap(l.results) < n {
		l.results = make([]float64, n)
	}
	l.results = l.results[:n]
	pool.Run(n, 1, l)
	if of == addProducts {
		of = addUp
	}
	result := reducePiece(l.results, l.results, of)
	l.a, l.b = nil, nil
	reductionsOf[T]().Put(l)
	return result
}

func reducePiece[T Float](a, b []T, of reduction) float64 {
	k := kernelsOf[T]()
	switch of {
	case addUp:
		return pairwise(a, b, k.sum)
	case addProducts:
		return pairwise(a, b, k.dot)
	}
	return float64(k.max(a))
}

// pairwise reduces equally long halves, cut at a multiple of sumBlock, so that rounding errors grow with the
// logarithm of the length.
func pairwise[T Float](a, b []T, run func(a, b []T) float64) float64 {
	if len(a) <= sumBlock {
		return run(a, b)
	}
	half := (len(a)/2 + sumBlock - 1) / sumBlock * sumBlock
	return pairwise(a[:half], b[:half], run) + pairwise(a[half:], b[half:], run)
}

// reductionLoop is one reduction of a long slice, shared by the threads that run it.
type reductionLoop[T Float] struct {
	a, b    []T
	of      reduction
	results []float64 // of each piece
}

func (l *reductionLoop[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		from, to := i*threadBlock, min((i+1)*threadBlock, len(l.a))
		l.results[i] = reducePiece(l.a[from:to], l.b[from:to], l.of)
	}
}

var (
	reductions32 = sync.Pool{New: func() any { return new(reductionLoop[float32]) }}
	reductions64 = sync.Pool{New: func() any { return new(reductionLoop[float64]) }}
)

func reductionsOf[T Float]() *sync.Pool { return bySize[T](&reductions32, &reductions64) }
