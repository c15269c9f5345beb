package diff_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/diff"
	"github.com/tapegrad/tapegrad/ops"
)

// The functions of testdata/products.py.
var functions = map[string]diff.Func{
	"tanh of a product": func(x ...*Tensor) *Tensor { return ops.Tanh(ops.MatMul(x[0], x[1])) },
	"softmax":           func(x ...*Tensor) *Tensor { return ops.Softmax(x[0], -1) },
	"network": func(x ...*Tensor) *Tensor {
		return ops.MatMul(ops.Tanh(ops.Linear(x[0], x[1], x[2])), x[3])
	},
	"broadcast": func(x ...*Tensor) *Tensor {
		return ops.Div(ops.Mul(ops.Exp(x[0]), ops.Sin(x[1])), ops.Add(autograd.Scalar(1), ops.Square(x[1])))
	},
	"reduction": func(x ...*Tensor) *Tensor {
		return ops.Sub(ops.LogSumExp(x[0], 0), ops.Mean(ops.Square(x[0]), 0))
	},
	"scalar":     func(x ...*Tensor) *Tensor { return ops.PowScalar(ops.Tanh(x[0]), 3) },
	"transposed": func(x ...*Tensor) *Tensor { return ops.MatMul(ops.Transpose(ops.Sigmoid(x[0])), x[0]) },
}

type vectors struct {
	Shapes         [][]int
	X, V           [][]float64
	Value          []float64
	ValueShape     []int `json:"value_shape"`
	Tangent        []float64
	Cotangent      []float64
	VJP            [][]float64
	Jacobian       [][]float64
	JacobianShapes [][]int `json:"jacobian_shapes"`
	Weights        []float64
	Hessian        [][][]float64
	HessianShapes  [][][]int `json:"hessian_shapes"`
	HVP            [][]float64
}

func (v vectors) tensors(values [][]float64) []*Tensor {
	var xs []*Tensor
	for i, shape := range v.Shapes {
		xs = append(xs, autograd.FromSlice(slices.Clone(values[i]), shape...))
	}
	return xs
}

func TestAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/products.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]vectors
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != len(functions) {
		t.Fatalf("%d functions, and %d in the file", len(functions), len(cases))
	}
	for name, f := range functions {
		t.Run(name, func(t *testing.T) {
			want := cases[name]
			x, v := want.tensors(want.X), want.tensors(want.V)

			value, tangent := diff.JVP(f)(x, v)
			wantClose(t, "value", value, want.Value, want.ValueShape)
			wantClose(t, "JVP", tangent, want.Tangent, want.ValueShape)

			_, gradients := diff.VJP(f)(x, autograd.FromSlice(slices.Clone(want.Cotangent), want.ValueShape...))
			for i, g := range gradients {
				wantClose(t, fmt.Sprintf("VJP %d", i), g, want.VJP[i], want.Shapes[i])
			}
			for i, j := range diff.Jacobian(f)(x...) {
				wantClose(t, fmt.Sprintf("Jacobian %d", i), j, want.Jacobian[i], want.JacobianShapes[i])
			}
			weights := autograd.FromSlice(slices.Clone(want.Weights), want.ValueShape...)
			scalar := func(x ...*Tensor) *Tensor { return ops.Sum(ops.Mul(f(x...), weights)) }
			for i, row := range diff.Hessian(scalar)(x...) {
				for j, block := range row {
					wantClose(t, fmt.Sprintf("Hessian %d %d", i, j), block, want.Hessian[i][j], want.HessianShapes[i][j])
				}
			}
			for i, p := range diff.HVP(scalar)(x, v) {
				wantClose(t, fmt.Sprintf("HVP %d", i), p, want.HVP[i], want.Shapes[i])
			}
		})
	}
}

// wantClose compares with a relative tolerance of 1e-10; the floor is for elements that are sums of cancelling terms of about 1.
func wantClose(t *testing.T, what string, got *Tensor, want []float64, shape []int) {
	t.Helper()
	if !slices.Equal(got.Shape(), shape) {
		t.Fatalf("%s has shape %v, want %v", what, got.Shape(), shape)
	}
	for i, v := range autograd.Values[float64](got) {
		if !(math.Abs(v-want[i]) <= 1e-10*math.Abs(want[i])+1e-14) {
			t.Errorf("%s: element %d is %v, want %v", what, i, v, want[i])
		}
	}
}
