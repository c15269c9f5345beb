package autograd_test

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A gradient: what is computed with a recorded tensor is on the tape, and Grad goes back over it.
func Example() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2, 3}, 3))
	y := ops.Sum(ops.Square(x))
	fmt.Println(y)
	fmt.Println(tape.Grad(y, x)[0])
	// Output:
	// 14
	// [2 4 6]
}

// A gradient that is recorded itself can be differentiated again: x³ has the derivatives 3x² and 6x.
func ExampleTape_GradGraph() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(2))
	y := ops.PowScalar(x, 3)
	first := tape.GradGraph(y, x)[0]
	second := tape.Grad(first, x)[0]
	fmt.Println(y, first, second)
	// Output: 8 12 12
}

// A training step by hand: the gradients of all parameters come as a stream, and each is used as soon as it is there.
func ExampleTape_Backward() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{1, 1}, 2))
	tape := autograd.NewTape()
	x := autograd.FromSlice([]float64{3, 4}, 2)
	for range 2 {
		loss := ops.Square(ops.Sub(ops.Dot(tape.Param(w), x), autograd.Scalar(2)))
		fmt.Println(loss)
		for p, g := range tape.Backward(loss) {
			gradient := autograd.Values[float64](g)
			for i := range gradient {
				gradient[i] *= -0.01
			}
			values := autograd.Write[float64](p)
			for i := range values {
				values[i] += gradient[i]
			}
		}
		tape.Reset()
	}
	// Output:
	// 25
	// 6.25
}

// A product of the Jacobian's transpose with a vector needs no scalar to begin with.
func ExampleTape_VJP() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2, 3}, 3))
	y := ops.Square(x)
	cotangent := autograd.FromSlice([]float64{1, 0, -1}, 3)
	fmt.Println(tape.VJP(y, cotangent, x)[0])
	// Output: [ 2  0 -6]
}

// A tensor has its values row after row. What it hands out are copies.
func ExampleFromSlice() {
	x := autograd.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Printf("%+v\n", x)
	fmt.Println(x.At(1, 0), x.Size(), autograd.Values[float64](x)[5])
	// Output:
	// float32 (2, 3) [[1 2 3]
	//  [4 5 6]]
	// 4 6 6
}

// Arrays come from package tensor and go back to it.
func ExampleFromDense() {
	d := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4}))
	x := autograd.FromDense(d)
	fmt.Println(ops.MatMul(x, x).Dense().Data())
	// Output: [7 10 15 22]
}

// Detach takes the values and leaves the record: what comes after it has no gradient.
func ExampleTensor_Detach() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(3))
	fmt.Println(tape.Grad(ops.Mul(x, x), x)[0], tape.Grad(ops.Mul(x, x.Detach()), x)[0])
	// Output: 6 3
}

// A wrong call panics. Try makes an error of it, where a program meets what others gave it.
func ExampleTry() {
	a := autograd.Zeros(tensor.Float64, 32, 784)
	b := autograd.Zeros(tensor.Float64, 512, 256)
	err := autograd.Try(func() { ops.MatMul(a, b) })
	fmt.Println(err)
	// Output: ops.MatMul: inner dimensions differ: (32, 784) x (512, 256)
}

// An operation of one's own is a function that computes, and a rule in operations that there are. With it derivatives of any order are right.
func ExampleOp() {
	op := &autograd.Op{Name: "cube"}
	cube := func(x *autograd.Tensor) *autograd.Tensor {
		values := autograd.Values[float64](x)
		for i, v := range values {
			values[i] = v * v * v
		}
		y := autograd.Empty(x.Shape(), x) // in the memory of x's tape
		copy(autograd.Raw[float64](y), values)
		return op.Record(y, autograd.Wrt(x, func(_, g *autograd.Tensor) *autograd.Tensor {
			return ops.Mul(g, ops.Scale(ops.Square(x), 3))
		}))
	}
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	first := tape.GradGraph(ops.Sum(cube(x)), x)[0]
	fmt.Println(first, tape.Grad(ops.Sum(first), x)[0])
	// Output: [ 3 12] [ 6 12]
}

// A parameter belongs to no tape. Freezing it keeps it out of the stream of gradients.
func ExampleNewParam() {
	w := autograd.NewParam("w", autograd.Scalar(2))
	b := autograd.NewParam("b", autograd.Scalar(1))
	b.Frozen = true
	tape := autograd.NewTape()
	loss := ops.Add(ops.Scale(tape.Param(w), math.Pi), tape.Param(b))
	for p, g := range tape.Backward(loss) {
		fmt.Printf("%s %.4f\n", p.Name, g)
	}
	// Output: w 3.1416
}
