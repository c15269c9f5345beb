package autograd_test

import (
	"errors"
	"fmt"
	"math"
	"strings"

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

// One pass gives the gradients by all tensors that are asked for, and zeros by those that the result does not depend on.
func ExampleTape_Grad() {
	tape := autograd.NewTape()
	a := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	b := tape.Var(autograd.FromSlice([]float64{3, 4}, 2))
	c := tape.Var(autograd.Scalar(5))
	gradients := tape.Grad(ops.Dot(a, b), a, b, c)
	fmt.Println(gradients[0], gradients[1], gradients[2])
	// Output: [3 4] [1 2] 0
}

// The same function trains with a tape and predicts without one: a nil tape records nothing.
func ExampleTape_Param() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{2, 3}, 2))
	model := func(tape *autograd.Tape, x *autograd.Tensor) *autograd.Tensor { return ops.Dot(tape.Param(w), x) }
	x := autograd.FromSlice([]float64{1, 1}, 2)
	for _, tape := range []*autograd.Tape{autograd.NewTape(), nil} {
		y := model(tape, x)
		fmt.Println(y, y.IsRecorded())
	}
	// Output:
	// 5 true
	// 5 false
}

// Reset takes the memory back. Numbers, copies and clones stay; a tensor that is used afterwards says what ended it.
func ExampleTape_Reset() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2, 3}, 3))
	y := ops.Square(x)
	sum, copied, clone := ops.Sum(y).Item(), autograd.Values[float64](y), y.Clone()
	tape.Reset()
	fmt.Println(sum, copied, clone)
	fmt.Println(autograd.Try(func() { ops.Sum(y) }))
	// Output:
	// 14 [1 4 9] [1 4 9]
	// autograd: a tensor of shape (3) was used after its tape was Reset
}

// A tape can be looked at: each record with the operation and the shape of what came out. Package graph draws it.
func ExampleTape_Nodes() {
	tape := autograd.NewTape()
	w := autograd.NewParam("w", autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2))
	x := tape.Var(autograd.FromSlice([]float64{1, -1}, 1, 2))
	ops.Sum(ops.Tanh(ops.MatMul(x, tape.Param(w))))
	for n := range tape.Nodes() {
		fmt.Println(n)
	}
	// Output:
	// leaf (1, 2)
	// w (2, 2)
	// matMul (1, 2)
	// tanh (1, 2)
	// sumTo ()
}

// With Bind a model becomes a function of its parameters, here to find the second derivative by a weight.
func ExampleTape_Bind() {
	w := autograd.NewParam("w", autograd.Scalar(0.5))
	model := func(tape *autograd.Tape, x *autograd.Tensor) *autograd.Tensor {
		return ops.Tanh(ops.Mul(tape.Param(w), x))
	}
	tape := autograd.NewTape()
	at := tape.Var(w.Value())
	tape.Bind(w, at)
	slope := tape.GradGraph(model(tape, autograd.Scalar(1)), at)[0]
	fmt.Printf("%.5f %.5f\n", slope, tape.Grad(slope, at)[0])
	// Output: 0.78645 -0.72686
}

// What treats gradients is a function from stream to stream. This one lets an encoder learn ten times as slowly as the rest.
func ExampleGradients() {
	slowly := func(gradients autograd.Gradients) autograd.Gradients {
		return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
			for p, g := range gradients {
				if strings.HasPrefix(p.Name, "encoder.") {
					g = ops.Scale(g, 0.1)
				}
				if !yield(p, g) {
					return
				}
			}
		}
	}
	encoder := autograd.NewParam("encoder.weight", autograd.Scalar(2))
	decoder := autograd.NewParam("decoder.weight", autograd.Scalar(3))
	tape := autograd.NewTape()
	code := ops.Mul(tape.Param(encoder), autograd.Scalar(10))
	for p, g := range slowly(tape.Backward(ops.Mul(tape.Param(decoder), code))) {
		fmt.Println(p.Name, g)
	}
	// Output:
	// decoder.weight 20
	// encoder.weight 3
}

// Collected gradients stay until the tape is Reset: those of two losses, before either of them changes a parameter.
func ExampleGradients_Collect() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{3, -4}, 2))
	tape := autograd.NewTape()
	squares, magnitudes := ops.Sum(ops.Square(tape.Param(w))), ops.Sum(ops.Abs(tape.Param(w)))
	first, second := tape.Backward(squares).Collect(), tape.Backward(magnitudes).Collect()
	fmt.Println(first.Of(w), second.Of(w))
	// Output: [ 6 -8] [ 1 -1]
}

// Values from elsewhere become those of a parameter. What was made from the old ones has ended then.
func ExampleWrite() {
	w := autograd.NewParam("w", autograd.Zeros(tensor.Float32, 2, 2))
	old := w.Value()
	copy(autograd.Write[float32](w), []float32{1, 2, 3, 4})
	fmt.Println(w.Value())
	fmt.Println(autograd.Try(func() { old.At(0, 0) }))
	// Output:
	// [[1 2]
	//  [3 4]]
	// autograd: a tensor of shape (2, 2) was used after parameter w was written
}

// A number takes the dtype of what it meets, and so do labels.
func ExampleScalar() {
	half := autograd.Scalar(0.5)
	fmt.Printf("%+v\n", ops.Mul(autograd.FromSlice([]float32{2, 4}, 2), half))
	fmt.Printf("%+v\n", ops.Mul(autograd.FromSlice([]float64{2, 4}, 2), half))
	// Output:
	// float32 (2) [1 2]
	// float64 (2) [1 2]
}

// A tensor prints with the digits that one asks for.
func ExampleTensor_Format() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	fmt.Println(ops.Sqrt(x))
	fmt.Printf("%.2f\n", ops.Sqrt(x))
	fmt.Printf("%+v\n", ops.Sum(x))
	// Output:
	// [[      1 1.41421]
	//  [1.73205       2]]
	// [[1.00 1.41]
	//  [1.73 2.00]]
	// float64 () 10
}

// A view shares memory: the diagonal of a matrix of three columns is every fourth element. It is for who writes operations, as it
// is not recorded; ops.Diag is.
func ExampleView() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	fmt.Println(autograd.View(x, tensor.Shape{3}, []int{4}, 0))
	// Output: [1 5 9]
}

// A program that is to react to a wrong call looks at its kind.
func ExampleError() {
	image := autograd.Zeros(tensor.Float32, 27, 28)
	err := autograd.Try(func() { ops.Reshape(image, 1, 784) })
	var wrong *autograd.Error
	if errors.As(err, &wrong) && wrong.Kind == autograd.ShapeError {
		fmt.Println("the shape of the image:", wrong.Shapes[0])
	}
	fmt.Println(err)
	// Output:
	// the shape of the image: (27, 28)
	// ops.Reshape: the 756 elements of shape (27, 28) do not fit into shape (1, 784)
}
