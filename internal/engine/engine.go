// Package engine makes the arrays that this module hands out: a [tensor.Dense] that carries an [Engine], through which package
// tensor computes with the kernels of this module.
//
// A user needs to know nothing of it: tensor.Add and tensor.MatMul ask the left operand's engine, or the right one's where the
// left has none, and what they return carries it again. For arrays of float32 and float64 the engine computes from shape and
// strides, and so is right for the slices, transposes and repeated rows with which the default engine is not.
//
// It takes over:
//   - arithmetic of two arrays, or an array and a scalar: Add, Sub, Mul, Div, Pow, Mod, MaxBetween, MinBetween, FMA
//   - comparisons: Gt, Gte, Lt, Lte, ElEq, ElNe
//   - functions of each element: Abs, Sign, Neg, Inv, Square, Cube, Sqrt, Cbrt, InvSqrt, Exp, Log, Tanh, Clamp, Apply
//   - products: MatMul, MatVecMul, Outer, Inner, Dot
//   - reductions along any axes: Sum, Max, Min; tensor.Argmax and tensor.Argmin; SoftMax and LogSoftMax
//   - what moves elements: Concat, Stack, Repeat, RepeatReuse, ByIndices
//
// Diag and SVD are the default engine's, on copies of what is not row-major. The rest stays with tensor.StdEng: other dtypes, masked
// and sparse arrays, the gradients SoftMaxB, LogSoftMaxB and ByIndicesB, Reduce, and all that a Dense does without asking its engine,
// of which the methods Argmax, Argmin and Norm are wrong for views and transposes: materialize those. A product of views of another
// dtype, which tensor.StdEng gets wrong, is an error.
package engine

import (
	"slices"

	"gorgonia.org/tensor"
)

// An Engine computes for package tensor. It holds nothing and is safe for use by any number of goroutines.
//
// What it writes into an array given by tensor.WithReuse or tensor.WithIncr, or into the operand itself with
// tensor.UseUnsafe, may be a view and may share memory with the operands: they are read before it is written. A new result
// is row-major. Errors say which operation failed and what its arguments were.
type Engine struct{ tensor.StdEng }

// carried is made once: an option is an allocation.
var carried = tensor.WithEngine(Engine{})

// Dense returns values as a row-major array of the given shape that carries the engine; the shape () is of one value. It takes
// values over and copies the shape. It panics, as tensor.New does, where the shape does not hold as many.
func Dense[T any](values []T, shape ...int) *tensor.Dense {
	if len(shape) == 0 {
		return tensor.New(carried, tensor.FromScalar(values[0]))
	}
	return tensor.New(carried, tensor.WithShape(slices.Clone(shape)...), tensor.WithBacking(values)) // which keeps the shape
}
