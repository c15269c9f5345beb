package ops

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// An operand is a tensor in a file of test vectors.
type operand struct {
	Shape  []int
	Values string
}

func (o operand) tensor(t *testing.T) *Tensor {
	t.Helper()
	return autograd.FromSlice(numbers(t, o.Values), o.Shape...)
}

// A pytorchFile is a file of values and derivatives that PyTorch made.
type pytorchFile struct {
	name     string
	function func(t *testing.T, name string) func(x []*Tensor) *Tensor // by the name that the script has for it

	double, single float64 // tolerances for float64 and float32, relative above the floor
	floor          float64
}

// TestPyTorch compares values and gradients with testdata/pytorch.json.
func TestPyTorch(t *testing.T) {
	pytorchFile{name: "pytorch.json", function: pytorchFunction, double: 1e-13, single: 2e-6, floor: 1}.check(t)
}

// check compares, for each case of the file, the result, the gradients of the first operands for the cotangent 1, 2, 3, … in the order
// of the result's elements, and the gradients of the sum of all those gradients.
func (f pytorchFile) check(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + f.name)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		F                 string
		Operands          []operand
		Result            operand
		Gradients, Second []string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	onEachPath(t, func(t *testing.T) {
		for i, c := range cases {
			function := f.function(t, c.F)
			for dtype, tolerance := range map[string]float64{"float64": f.double, "float32": f.single} {
				compare := func(what string, got *Tensor, want operand) {
					w := inDtype(dtype, want.tensor(t))
					if !slices.Equal(got.Shape(), w.Shape()) || !agreesAbove(f.floor, got, w, tolerance) {
						t.Errorf("%s of case %d, %s: %s %v, PyTorch has %v", c.F, i, dtype, what, got, w)
					}
				}
				tape := autograd.NewTape()
				var operands []*Tensor
				for k, o := range c.Operands {
					x := inDtype(dtype, o.tensor(t))
					if k < len(c.Gradients) {
						x = tape.Var(x)
					}
					operands = append(operands, x)
				}
				leaves := operands[:len(c.Gradients)]
				y := function(operands)
				compare("result", y, c.Result)
				if len(c.Second) == 0 {
					for k, g := range tape.VJP(y, counting(y), leaves...) {
						compare(fmt.Sprint("gradient ", k), g, operand{leaves[k].Shape(), c.Gradients[k]})
					}
					continue
				}
				var sum *Tensor
				for k, g := range tape.VJPGraph(y, counting(y), leaves...) {
					compare(fmt.Sprint("gradient ", k), g, operand{leaves[k].Shape(), c.Gradients[k]})
					if sum == nil {
						sum = Sum(g)
					} else {
						sum = Add(sum, Sum(g))
					}
				}
				for k, g := range tape.Grad(sum, leaves...) {
					compare(fmt.Sprint("second gradient ", k), g, operand{leaves[k].Shape(), c.Second[k]})
				}
			}
		}
	})
}

// inDtype returns the float64 tensor x in a dtype.
func inDtype(dtype string, x *Tensor) *Tensor {
	if dtype == "float32" {
		return single(x)
	}
	return x
}

// counting returns the cotangent 1, 2, 3, … for y.
func counting(y *Tensor) *Tensor {
	values := make([]float64, y.Size())
	for i := range values {
		values[i] = float64(i + 1)
	}
	return inDtype(y.Dtype().String(), autograd.FromSlice(values, y.Shape()...))
}

// agrees reports whether a and b are equal to within a tolerance, relative above 1.
func agrees(a, b *Tensor, tolerance float64) bool { return agreesAbove(1, a, b, tolerance) }

// agreesAbove reports whether a and b are equal to within a tolerance, relative above the floor.
func agreesAbove(floor float64, a, b *Tensor, tolerance float64) bool {
	bs := autograd.Values[float64](b)
	for i, v := range autograd.Values[float64](a) {
		same := v == bs[i] || v != v && bs[i] != bs[i]
		if !same && !(math.Abs(v-bs[i]) <= tolerance*max(floor, math.Abs(bs[i]))) {
			return false
		}
	}
	return true
}

// pytorchFunction returns the operation that testdata/pytorch.py calls name, with the axes that follow.
func pytorchFunction(t *testing.T, name string) func(x []*Tensor) *Tensor {
	t.Helper()
	name, rest, _ := strings.Cut(name, " ")
	var axes []int
	for _, s := range strings.Fields(rest) {
		axis, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		axes = append(axes, axis)
	}
	reductions := map[string]Reduction{"sum": Sum, "mean": Mean, "max": Max, "logsumexp": LogSumExp}
	if f, ok := reductions[name]; ok {
		return func(x []*Tensor) *Tensor { return f(x[0], axes...) }
	}
	alongAxis := map[string]func(x *Tensor, axis int) *Tensor{"softmax": Softmax, "logsoftmax": LogSoftmax}
	if f, ok := alongAxis[name]; ok {
		return func(x []*Tensor) *Tensor { return f(x[0], axes[0]) }
	}
	losses := map[string]func(x, y *Tensor) *Tensor{"mse": MSE, "bce": BCEWithLogits, "crossentropy": CrossEntropy}
	f, ok := losses[name]
	if !ok {
		t.Fatalf("no function for %q", name)
	}
	return func(x []*Tensor) *Tensor { return f(x[0], x[1]) }
}
