package ops

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// The comparisons are piecewise constant: their derivative is 0 wherever they have one, and they are never recorded. As IEEE 754 has
// it, the two zeros are equal, and NaN is unequal to everything and neither less nor greater. [Where] chooses by their results.

// Equal returns 1 where a = b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func Equal(a, b *Tensor) *Tensor {
	return compare("ops.Equal", a, b, equalKernel[float32], equalKernel[float64])
}

// compare applies a kernel that compares to the values of a and b, broadcast.
func compare(op string, a, b *Tensor, f32 func(dst, a, b []float32), f64 func(dst, a, b []float64)) *Tensor {
	a, b = autograd.Unify(op, a, b)
	a, b = broadcast(op, a.Detach(), b.Detach())
	return map2(a, b, f32, f64)
}

func equalKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] = truth[T](v == b[i])
	}
}

// truth returns 1 for true and 0 for false.
func truth[T kernel.Float](condition bool) T {
	if condition {
		return 1
	}
	return 0
}

var _ = catalog(comparison("Equal", Equal))

// NotEqual returns 1 where a ≠ b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func NotEqual(a, b *Tensor) *Tensor {
	return compare("ops.NotEqual", a, b, notEqualKernel[float32], notEqualKernel[float64])
}

func notEqualKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] = truth[T](v != b[i])
	}
}

var _ = catalog(comparison("NotEqual", NotEqual))

// Less returns 1 where a < b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func Less(a, b *Tensor) *Tensor {
	return compare("ops.Less", a, b, lessKernel[float32], lessKernel[float64])
}

func lessKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] = truth[T](v < b[i])
	}
}

var _ = catalog(comparison("Less", Less))

// LessEqual returns 1 where a ≤ b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func LessEqual(a, b *Tensor) *Tensor {
	return compare("ops.LessEqual", a, b, lessEqualKernel[float32], lessEqualKernel[float64])
}

func lessEqualKernel[T kernel.Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] = truth[T](v <= b[i])
	}
}

var _ = catalog(comparison("LessEqual", LessEqual))

// Greater returns 1 where a > b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func Greater(a, b *Tensor) *Tensor {
	return compare("ops.Greater", a, b, greaterKernel[float32], greaterKernel[float64])
}

func greaterKernel[T kernel.Float](dst, a, b []T) { lessKernel(dst, b, a) }

var _ = catalog(comparison("Greater", Greater))

// GreaterEqual returns 1 where a ≥ b, else 0, elementwise, broadcast, in the operands' dtype. It is not differentiated.
// It panics with an autograd.ShapeError if the shapes do not broadcast.
func GreaterEqual(a, b *Tensor) *Tensor {
	return compare("ops.GreaterEqual", a, b, greaterEqualKernel[float32], greaterEqualKernel[float64])
}

func greaterEqualKernel[T kernel.Float](dst, a, b []T) { lessEqualKernel(dst, b, a) }

var _ = catalog(comparison("GreaterEqual", GreaterEqual))

// comparison returns the entry of a comparison.
func comparison(name string, f func(a, b *Tensor) *Tensor) Entry {
	return Entry{
		Name: name, Constant: true, Errors: mismatched("ops."+name, f),
		Samples: func() []Sample {
			both := func(x ...*Tensor) *Tensor { return f(x[0], x[1]) }
			var samples []Sample
			for i, p := range pairs {
				samples = append(samples, Sample{
					fmt.Sprint("shapes ", p[0], " and ", p[1]), both,
					[]*Tensor{draw(uint64(i), signs, p[0]...), draw(uint64(50+i), signs, p[1]...)},
				})
			}
			for i, a := range arrangements() {
				shape := a.view(autograd.Zeros(tensor.Float64, a.shape...)).Shape()
				samples = append(samples, Sample{
					a.name,
					func(x ...*Tensor) *Tensor { return f(a.view(x[0]), x[1]) },
					[]*Tensor{draw(uint64(100+i), signs, a.shape...), draw(uint64(150+i), signs, shape...)},
				})
			}
			return append(samples,
				Sample{
					"constant left",
					func(x ...*Tensor) *Tensor { return f(autograd.Scalar(1), x[0]) },
					[]*Tensor{draw(300, signs, 5)},
				},
				Sample{
					"constant right",
					func(x ...*Tensor) *Tensor { return f(x[0], autograd.Scalar(1)) },
					[]*Tensor{draw(301, signs, 5)},
				})
		},
	}
}

// signs draws -1, 0 and 1, so that many are equal.
func signs(r *rand.Rand) float64 { return float64(r.IntN(3) - 1) }
