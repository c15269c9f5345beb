package diff

import (
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// VJP returns a function that computes f(x…), of shape (b…), and the product of a cotangent of that shape with its Jacobian by each
// x, in the shapes of x: the gradients of the sum of f(x…)·cotangent.
func VJP(f Func) func(x []*autograd.Tensor, cotangent *autograd.Tensor) (value *autograd.Tensor, gradients []*autograd.Tensor) {
	return func(x []*autograd.Tensor, cotangent *autograd.Tensor) (*autograd.Tensor, []*autograd.Tensor) {
		r := begin(x, cotangent)
		value := f(r.x...)
		return r.result(value), r.results(r.vjp(value, cotangent, r.x...))
	}
}

// JVP returns a function that computes f(x…), of shape (b…), and the product of its Jacobian with tangents v, of the shapes of x: how
// fast f changes, also of shape (b…), if each x changes by its v. That is the derivative of a VJP with respect to its cotangent, in
// which it is linear (Griewank and Walther, "Evaluating Derivatives", 2nd edition 2008, chapter 3), and costs about as much as two
// gradients whatever the shapes.
//
// The function panics with an autograd.ValueError unless there is a v for each x, and with an autograd.ShapeError if their shapes
// differ.
func JVP(f Func) func(x, v []*autograd.Tensor) (value, tangent *autograd.Tensor) {
	return func(x, v []*autograd.Tensor) (*autograd.Tensor, *autograd.Tensor) {
		wantDirections("diff.JVP", x, v)
		r := begin(x, v...)
		value := f(r.x...)
		cotangent := r.tape.Var(autograd.Zeros(value.Dtype(), value.Shape()...))
		product := inner(r.tape.VJPGraph(value, cotangent, r.x...), v)
		return r.result(value), r.result(r.grad(product, cotangent)[0])
	}
}

// HVP returns a function that computes the product of the Hessian of f, which is a scalar, with v: a tensor for each x, in its
// shape. It is the gradient of the inner product of f's gradient with v (Pearlmutter, "Fast Exact Multiplication by the Hessian",
// Neural Computation 1994), and so costs a few gradients; the Hessian is not formed.
//
// The function panics with an autograd.ValueError unless there is a v for each x, and with an autograd.ShapeError if their shapes
// differ.
func HVP(f Func) func(x, v []*autograd.Tensor) []*autograd.Tensor {
	return func(x, v []*autograd.Tensor) []*autograd.Tensor {
		wantDirections("diff.HVP", x, v)
		r := begin(x, v...)
		product := inner(r.tape.GradGraph(f(r.x...), r.x...), v)
		return r.results(r.grad(product, r.x...))
	}
}

// inner returns the inner product of a list of tensors with another.
func inner(a, b []*autograd.Tensor) *autograd.Tensor {
	var sum *autograd.Tensor
	for i := range a {
		if term := ops.Sum(ops.Mul(a[i], b[i])); sum == nil {
			sum = term
		} else {
			sum = ops.Add(sum, term)
		}
	}
	return sum
}

func wantDirections(op string, x, v []*autograd.Tensor) {
	if len(x) == 0 || len(x) != len(v) {
		autograd.Fail(op, autograd.ValueError, nil, "given %d arguments and %d directions: want one of each at least, and as many", len(x), len(v))
	}
	for i := range x {
		if !slices.Equal(x[i].Shape(), v[i].Shape()) {
			autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{x[i], v[i]}, "argument %d has shape %v, its direction %v", i, x[i].Shape(), v[i].Shape())
		}
	}
}
