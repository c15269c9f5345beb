package diff

import (
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Jacobian returns a function that computes the derivative of every element of f(x…), of shape (b…), with respect to every element of
// each x, of shape (a…): for each x a tensor of shape (b…, a…). f runs once; then there is one reverse pass for each element
// of its value.
func Jacobian(f Func) func(x ...*autograd.Tensor) []*autograd.Tensor {
	return func(x ...*autograd.Tensor) []*autograd.Tensor {
		r := begin(x)
		return r.jacobian(f(r.x...))
	}
}

// Hessian returns a function that computes the second derivatives of f(x…), which is a scalar: element [i][j] of its result are those
// by x[i], of shape (a…), and x[j], of shape (b…), as a tensor of shape (a…, b…). f runs once, and so does its recorded gradient;
// then there is one reverse pass for each element of each x.
func Hessian(f Func) func(x ...*autograd.Tensor) [][]*autograd.Tensor {
	return func(x ...*autograd.Tensor) [][]*autograd.Tensor {
		r := begin(x)
		blocks := make([][]*autograd.Tensor, len(x))
		for i, gradient := range r.tape.GradGraph(f(r.x...), r.x...) {
			blocks[i] = r.jacobian(gradient)
		}
		return blocks
	}
}

// jacobian returns the Jacobians of y by each argument.
func (r recording) jacobian(y *autograd.Tensor) []*autograd.Tensor {
	n := y.Size()
	rows := make([][]*autograd.Tensor, len(r.x))
	var unit *autograd.Tensor // 1 between zeros: the n windows of n elements in it are the cotangents that each pick one element
	if n > 0 {
		zeros := autograd.Zeros(y.Dtype(), n-1)
		unit = ops.Concat(0, zeros, autograd.Ones(y.Dtype(), 1), zeros)
	}
	for k := range n {
		cotangent := ops.Reshape(ops.Slice(unit, 0, n-1-k, 2*n-1-k), y.Shape()...)
		for i, row := range r.vjp(y, cotangent, r.x...) {
			rows[i] = append(rows[i], ops.Reshape(row, 1, row.Size()))
		}
	}
	jacobians := make([]*autograd.Tensor, len(r.x))
	for i, x := range r.x {
		shape := slices.Concat(y.Shape(), x.Shape())
		if n == 0 {
			jacobians[i] = r.tape.Var(autograd.Zeros(x.Dtype(), shape...))
		} else {
			jacobians[i] = ops.Reshape(ops.Concat(0, rows[i]...), shape...)
		}
	}
	return r.results(jacobians)
}
