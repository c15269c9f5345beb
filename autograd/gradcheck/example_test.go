package gradcheck_test

import (
	"errors"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/gradcheck"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// A function of one's own is right by every element of every input, and so is its gradient, if there is no error.
func Example() {
	attention := func(x ...*autograd.Tensor) *autograd.Tensor { // of queries, keys and values
		weights := ops.Softmax(ops.MatMul(x[0], ops.Transpose(x[1])), -1)
		return ops.MatMul(weights, x[2])
	}
	q := autograd.FromSlice([]float64{0.1, -0.4, 0.7, 0.2}, 2, 2)
	k := autograd.FromSlice([]float64{0.5, 0.3, -0.8, 0.6, -0.2, 0.9}, 3, 2)
	v := autograd.FromSlice([]float64{1, 2, -3, 4, 5, -6}, 3, 2)
	fmt.Println(gradcheck.Config{Order: 2}.Check(attention, q, k, v))
	// Output: <nil>
}

// An operation of one's own is checked like any other function. Here the rule has a slip: x³ has the derivative 3x².
func ExampleConfig_Check() {
	op := &autograd.Op{Name: "cube"}
	cube := func(x *autograd.Tensor, factor float64) *autograd.Tensor {
		y := autograd.Empty(x.Shape(), x)
		for i, v := range autograd.Values[float64](x) {
			autograd.Raw[float64](y)[i] = v * v * v
		}
		return op.Record(y, autograd.Wrt(x, func(_, g *autograd.Tensor) *autograd.Tensor {
			return ops.Mul(g, ops.Scale(ops.Square(x), factor))
		}))
	}
	x := autograd.FromSlice([]float64{0.5, 1, 2}, 3)
	for _, factor := range []float64{3, 2} {
		err := gradcheck.Config{}.Check(func(x ...*autograd.Tensor) *autograd.Tensor { return cube(x[0], factor) }, x)
		var wrong *gradcheck.Error
		if errors.As(err, &wrong) {
			fmt.Printf("%v: %d of %d, worst at element %v of %s\n", wrong.Verdict, wrong.Failed, wrong.Compared, wrong.Index, wrong.By)
		} else {
			fmt.Println(err)
		}
	}
	// Output:
	// <nil>
	// wrong rule: 3 of 3, worst at element [2] of input 0
}

// Where a function has a kink there is no derivative to compare with, and the check says so instead of blaming the rule.
func ExampleConfig_Check_kink() {
	x := autograd.FromSlice([]float64{-1, 0, 1}, 3)
	err := gradcheck.Config{}.Check(func(x ...*autograd.Tensor) *autograd.Tensor { return ops.ReLU(x[0]) }, x)
	var e *gradcheck.Error
	if errors.As(err, &e) {
		fmt.Println(e.Verdict, "at element", e.Index)
	}
	// Output: kink at element [1]
}

// A rule may be right and its own derivative wrong, as here, where the rule forgets that it depends on x. Only order 2 sees it.
func ExampleConfig_Check_order() {
	op := &autograd.Op{Name: "square"}
	square := func(x ...*autograd.Tensor) *autograd.Tensor {
		y := ops.Square(x[0].Detach())
		return op.Record(y, autograd.Wrt(x[0], func(_, g *autograd.Tensor) *autograd.Tensor {
			return ops.Mul(g, ops.Scale(x[0].Detach(), 2))
		}))
	}
	x := autograd.FromSlice([]float64{1, 2}, 2)
	fmt.Println(gradcheck.Config{}.Check(square, x))
	var e *gradcheck.Error
	if errors.As(gradcheck.Config{Order: 2}.Check(square, x), &e) {
		fmt.Println(e.Verdict, "in the derivative of", e.Of, "by", e.By)
	}
	// Output:
	// <nil>
	// wrong rule in the derivative of the gradient by input 0 by input 0
}

// A layer, or a whole net, is checked by its parameters too. It computes in float64 for that.
func ExampleConfig_CheckParams() {
	net := nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.LayerNorm{}, &nn.Linear{Out: 2}}
	if _, err := net.Build(&nn.Builder{Dtype: tensor.Float64}, tensor.Shape{3}); err != nil {
		log.Fatal(err)
	}
	forward := func(t *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
		return net.Forward(nn.Pass{Tape: t}, x[0])
	}
	x := autograd.FromSlice([]float64{0.1, 0.2, -0.3, 0.4, -0.5, 0.6}, 2, 3)
	fmt.Println(gradcheck.Config{Order: 2}.CheckParams(forward, net.Params(), x))
	// Output: <nil>
}

// Compare tells also how close it was, and how much was compared.
func ExampleConfig_Compare() {
	w := autograd.NewParam("weight", autograd.FromSlice([]float64{0.1, 0.2, 0.3, 0.4}, 2, 2))
	x := autograd.FromSlice([]float64{1, 2}, 1, 2)
	report, err := gradcheck.Config{}.Compare(func(t *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
		return ops.Tanh(ops.MatMul(x[0], t.Param(w)))
	}, []*autograd.Param{w}, x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Compared, "derivatives; the gap is below a hundredth of the tolerance:", report.Gap < report.Tolerance/100)
	// Output: 6 derivatives; the gap is below a hundredth of the tolerance: true
}

// A function that is steep asks for a smaller step: the error of the differences grows with the third derivative, here 10⁹.
func ExampleConfig() {
	f := func(x ...*autograd.Tensor) *autograd.Tensor { return ops.Sin(ops.Scale(x[0], 1000)) }
	x := autograd.FromSlice([]float64{0.1, 0.2}, 2)
	fmt.Println("with the default step:", gradcheck.Config{}.Check(f, x) == nil)
	fmt.Println("with one of 1e-7:", gradcheck.Config{Eps: 1e-7}.Check(f, x) == nil)
	// Output:
	// with the default step: false
	// with one of 1e-7: true
}

// The report has what the tape gave beside what the function does. Their ratio often tells the slip, such as a forgotten factor of 2.
func ExampleError() {
	op := &autograd.Op{Name: "square"}
	square := func(x ...*autograd.Tensor) *autograd.Tensor {
		y := ops.Square(x[0].Detach())
		return op.Record(y, autograd.Wrt(x[0], func(_, g *autograd.Tensor) *autograd.Tensor { return ops.Mul(g, x[0]) }))
	}
	err := gradcheck.Config{}.Check(square, autograd.FromSlice([]float64{1, 2}, 2))
	var e *gradcheck.Error
	if errors.As(err, &e) {
		fmt.Printf("the derivative by %s %v is %.3f times what the tape gives\n", e.By, e.Index, e.Difference/e.Tape)
	}
	// Output: the derivative by input 0 [1] is 2.000 times what the tape gives
}
