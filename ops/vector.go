package ops

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// Dot returns the sum of the products of the elements of two vectors of one length, (n) and (n), as a scalar: 0 where there are none.
// It panics with an autograd.ShapeError if they are not.
func Dot(a, b *Tensor) *Tensor {
	const op = "ops.Dot"
	a, b = vectors(op, a, b)
	n := a.Size()
	if b.Size() != n {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{a, b}, "lengths differ: %v and %v", a.Shape(), b.Shape())
	}
	return Reshape(MatMul(Reshape(a, 1, n), Reshape(b, n, 1)))
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

// vectorSamples has vectors of one length, and of others unless they must be one.
func vectorSamples(f func(a, b *Tensor) *Tensor, one bool) func() []Sample {
	return func() []Sample {
		var s sampler
		both := func(x ...*Tensor) *Tensor { return f(x[0], x[1]) }
		for _, n := range []int{0, 1, 2, 3, 4, 5, 9} {
			for _, m := range []int{0, 1, 3, 5, n} {
				if n == m || !one {
					s.add(fmt.Sprint(n, " and ", m, ", sample ", len(s.samples)), both, []int{n}, []int{m})
				}
			}
		}
		for _, a := range arrangements() {
			flat := func(x *Tensor) *Tensor { return Reshape(Slice(Transpose(a.view(x)), -1, 0, 1), -1) }
			n := flat(autograd.Zeros(tensor.Float64, a.shape...)).Size()
			s.add(a.name+" left", func(x ...*Tensor) *Tensor { return f(flat(x[0]), x[1]) }, a.shape, []int{n})
			s.add(a.name+" right", func(x ...*Tensor) *Tensor { return f(x[0], flat(x[1])) }, []int{n}, a.shape)
		}
		s.addOne("with itself", func(x *Tensor) *Tensor { return f(x, x) }, 3)
		s.addOne("with a constant", func(x *Tensor) *Tensor { return f(x, autograd.Labels([]int{2, 0, 1})) }, 3)
		s.addOne("times its input", func(x *Tensor) *Tensor { return Mul(f(x, Exp(x)), x) }, 3)
		return s.samples
	}
}

// badVectors returns the misuses that both must answer.
func badVectors(op string, f func(a, b *Tensor) *Tensor) []Misuse {
	return []Misuse{
		{"a matrix", func() { f(draw(0, reals, 3), draw(1, reals, 3, 1)) }, autograd.ShapeError, op + ": want two vectors, given (3) and (3, 1)"},
		{"a scalar", func() { f(draw(0, reals), draw(1, reals, 1)) }, autograd.ShapeError, op + ": want two vectors, given () and (1)"},
		{
			"two dtypes",
			func() { f(draw(0, reals, 1), autograd.FromSlice([]float32{1}, 1)) },
			autograd.DtypeError, op + ": dtypes differ: float64 (1) and float32 (1)",
		},
	}
}
