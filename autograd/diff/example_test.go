package diff_test

import (
	"fmt"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/diff"
	"github.com/tapegrad/tapegrad/ops"
)

// Newton's method finds where eˣ - 2x is least, at ln 2: each step goes to the bottom of the parabola that has the function's slope and
// curvature. Derivatives nest, so that the curvature is the derivative of the slope.
func Example() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor {
		return ops.Sub(ops.Exp(x[0]), ops.Scale(x[0], 2))
	}
	slope := func(x ...*autograd.Tensor) *autograd.Tensor {
		_, gradients := diff.ValueAndGrad(f)(x...)
		return gradients[0]
	}
	x := autograd.Scalar(0)
	for range 5 {
		first, second := diff.ValueAndGrad(slope)(x)
		x = ops.Sub(x, ops.Div(first, second[0]))
		fmt.Printf("%.6f\n", x)
	}
	// Output:
	// 1.000000
	// 0.735759
	// 0.694042
	// 0.693148
	// 0.693147
}

// The derivative of a function is a function of the same arguments.
func ExampleValueAndGrad() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Mul(ops.Sin(x[0]), x[1]) }
	value, gradients := diff.ValueAndGrad(f)(autograd.Scalar(0), autograd.Scalar(3))
	fmt.Println(value, gradients)
	// Output: 0 [3 0]
}

// A Jacobian has the derivatives of every element of a value by every element of each argument.
func ExampleJacobian() {
	polar := func(x ...*autograd.Tensor) *autograd.Tensor { // (radius, angle) to (x, y)
		return ops.Concat(0, ops.Mul(x[0], ops.Cos(x[1])), ops.Mul(x[0], ops.Sin(x[1])))
	}
	j := diff.Jacobian(polar)(autograd.FromSlice([]float64{2}, 1), autograd.FromSlice([]float64{0}, 1))
	fmt.Println(j)
	// Output:
	// [[[1]
	//  [0]] [[0]
	//  [2]]]
}

// The gradient of a mean loss is the mean of what each example asks for. The Jacobian of the losses by the weights has one row for each
// example, and tells which one pulls hardest.
func ExampleJacobian_examples() {
	x := autograd.FromSlice([]float64{1, 0, 1, 1, 1, 2}, 3, 2)
	y := autograd.FromSlice([]float64{0, 1, 9}, 3)
	losses := func(w ...*autograd.Tensor) *autograd.Tensor {
		return ops.Square(ops.Sub(ops.Sum(ops.Mul(x, w[0]), 1), y))
	}
	fmt.Println(diff.Jacobian(losses)(autograd.FromSlice([]float64{0, 1}, 2))[0])
	// Output:
	// [[  0   0]
	//  [  0   0]
	//  [-14 -28]]
}

// All second derivatives: here of the product xyz, whose derivative by two of them is the third.
func ExampleHessian() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Prod(x[0]) }
	fmt.Println(diff.Hessian(f)(autograd.FromSlice([]float64{2, 3, 5}, 3))[0][0])
	// Output:
	// [[0 5 3]
	//  [5 0 2]
	//  [3 2 0]]
}

// For several arguments the second derivatives come in blocks, by each argument and each.
func ExampleHessian_blocks() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Mul(ops.Square(x[0]), x[1]) } // x²y
	h := diff.Hessian(f)(autograd.Scalar(3), autograd.Scalar(5))
	fmt.Println(h[0][0], h[0][1])
	fmt.Println(h[1][0], h[1][1])
	// Output:
	// 10 6
	// 6 0
}

// The Hessian times a vector, for the price of a few gradients.
func ExampleHVP() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Sum(ops.PowScalar(x[0], 3)) } // its Hessian has 6x on the diagonal
	x := autograd.FromSlice([]float64{1, 2, 3}, 3)
	v := autograd.FromSlice([]float64{1, 0, -1}, 3)
	fmt.Println(diff.HVP(f)([]*autograd.Tensor{x}, []*autograd.Tensor{v}))
	// Output: [[  6   0 -18]]
}

// A Newton step where the Hessian would be too large to form: conjugate gradients, which ask only for its products with vectors. On a
// quadratic function of n numbers n of them are the whole way.
func ExampleHVP_conjugateGradients() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { // x² + xy + 2y² - 3x + 2y, least at (2, -1)
		a := autograd.FromSlice([]float64{1, 0.5, 0.5, 2}, 2, 2)
		b := autograd.FromSlice([]float64{-3, 2}, 2)
		return ops.Add(ops.Einsum("i,ij,j", x[0], a, x[0]), ops.Dot(b, x[0]))
	}
	x := autograd.FromSlice([]float64{10, 10}, 2)
	_, gradients := diff.ValueAndGrad(f)(x)
	residual := ops.Neg(gradients[0])
	direction := residual
	for range 2 {
		curved := diff.HVP(f)([]*autograd.Tensor{x}, []*autograd.Tensor{direction})[0]
		length := ops.Div(ops.Dot(residual, residual), ops.Dot(direction, curved))
		x = ops.Add(x, ops.Mul(length, direction))
		next := ops.Sub(residual, ops.Mul(length, curved))
		conjugate := ops.Div(ops.Dot(next, next), ops.Dot(residual, residual))
		direction = ops.Add(next, ops.Mul(conjugate, direction))
		residual = next
	}
	fmt.Printf("%.4f\n", x)
	// Output: [ 2.0000 -1.0000]
}

// How fast a value changes where its argument moves by v.
func ExampleJVP() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Square(x[0]) }
	x := autograd.FromSlice([]float64{1, 2}, 2)
	v := autograd.FromSlice([]float64{5, 7}, 2)
	value, tangent := diff.JVP(f)([]*autograd.Tensor{x}, []*autograd.Tensor{v})
	fmt.Println(value, tangent)
	// Output: [1 4] [10 28]
}

// The cotangent weighs the elements of the value: the gradient is that of their weighted sum.
func ExampleVJP() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Mul(x[0], x[1]) }
	x := autograd.FromSlice([]float64{1, 2, 3}, 3)
	y := autograd.FromSlice([]float64{4, 5, 6}, 3)
	value, gradients := diff.VJP(f)([]*autograd.Tensor{x, y}, autograd.FromSlice([]float64{1, 0, 10}, 3))
	fmt.Println(value, gradients[0], gradients[1])
	// Output: [ 4 10 18] [ 4  0 60] [ 1  0 30]
}

// The tape keeps the arguments and the value, and a reverse pass computes again what lies between.
func ExampleCheckpoint() {
	f := diff.Checkpoint(func(x ...*autograd.Tensor) *autograd.Tensor {
		return ops.Tanh(ops.Mul(x[0], ops.Sin(x[1]))) // three operations, of which nothing is kept
	})
	tape := autograd.NewTape()
	x, y := tape.Var(autograd.Scalar(2)), tape.Var(autograd.Scalar(1))
	gradients := tape.Grad(f(x, y), x, y)
	fmt.Printf("%.4f %.4f\n", gradients[0], gradients[1])
	for n := range tape.Nodes() {
		fmt.Println(n)
	}
	// Output:
	// 0.1086 0.1395
	// leaf ()
	// leaf ()
	// checkpoint ()
}
