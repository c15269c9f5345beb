package ops

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// onEachPath runs the test body on every set of kernels that the machine has.
func onEachPath(t *testing.T, body func(t *testing.T)) {
	old := kernel.Path()
	defer func() {
		if err := kernel.Use(old); err != nil {
			t.Fatal(err)
		}
	}()
	for _, name := range kernel.Paths() {
		if err := kernel.Use(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, body)
	}
}

// single returns the float64 tensor x in float32, dense.
func single(x *Tensor) *Tensor { return autograd.FromSlice(autograd.Values[float32](x), x.Shape()...) }

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
func agrees(a, b *Tensor, tolerance float64) bool {
	bs := autograd.Values[float64](b)
	for i, v := range autograd.Values[float64](a) {
		same := v == bs[i] || v != v && bs[i] != bs[i]
		if !same && !(math.Abs(v-bs[i]) <= tolerance*max(1, math.Abs(bs[i]))) {
			return false
		}
	}
	return true
}

// TestNumPy compares with testdata/elementwise.json, which NumPy made.
func TestNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/elementwise.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		F, Dtype string
		Operands []string
		Result   string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	onEachPath(t, func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.F+" "+c.Dtype, func(t *testing.T) {
				var operands []*Tensor
				for _, o := range c.Operands {
					x := vector(numbers(t, o)...)
					if c.Dtype == "float32" {
						x = single(x)
					}
					operands = append(operands, x)
				}
				got := autograd.Values[float64](numpyFunction(t, c.F)(operands))
				for i, want := range numbers(t, c.Result) {
					units := 4.0
					if strings.HasPrefix(c.F, "pow") && want != 0 { // math.Pow takes exp(p ln x) for fractions, with the error of p ln x
						units += math.Abs(math.Log(math.Abs(want)))
					}
					if !near(got[i], want, units, c.Dtype) {
						var at []string
						for _, x := range operands {
							at = append(at, fmt.Sprint(x.At(i)))
						}
						t.Errorf("at %s: %v, NumPy has %v", strings.Join(at, ", "), got[i], want)
					}
				}
			})
		}
	})
}

// vector returns a tensor (n) of the values.
func vector(values ...float64) *Tensor { return autograd.FromSlice(values, len(values)) }

// numbers reads numbers with spaces between them.
func numbers(t *testing.T, text string) []float64 {
	t.Helper()
	words := strings.Fields(text)
	values := make([]float64, len(words))
	for i, s := range words {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		values[i] = v
	}
	return values
}

// numpyFunction returns the operation that testdata/elementwise.py calls name, which may end with arguments.
func numpyFunction(t *testing.T, name string) func(x []*Tensor) *Tensor {
	t.Helper()
	name, rest, _ := strings.Cut(name, " ")
	arguments := numbers(t, rest)
	unary := func(f func(x *Tensor) *Tensor) func(x []*Tensor) *Tensor {
		return func(x []*Tensor) *Tensor { return f(x[0]) }
	}
	binary := func(f func(a, b *Tensor) *Tensor) func(x []*Tensor) *Tensor {
		return func(x []*Tensor) *Tensor { return f(x[0], x[1]) }
	}
	switch name {
	case "neg":
		return unary(Neg)
	case "scale":
		return unary(func(x *Tensor) *Tensor { return Scale(x, arguments[0]) })
	case "abs":
		return unary(Abs)
	case "square":
		return unary(Square)
	case "sqrt":
		return unary(Sqrt)
	case "exp":
		return unary(Exp)
	case "log":
		return unary(Log)
	case "sin":
		return unary(Sin)
	case "cos":
		return unary(Cos)
	case "clamp":
		return unary(func(x *Tensor) *Tensor { return Clamp(x, arguments[0], arguments[1]) })
	case "pow":
		return unary(pow(arguments[0]))
	case "add":
		return binary(Add)
	case "sub":
		return binary(Sub)
	case "mul":
		return binary(Mul)
	case "div":
		return binary(Div)
	case "maximum":
		return binary(Maximum)
	case "minimum":
		return binary(Minimum)
	case "equal":
		return binary(Equal)
	case "notequal":
		return binary(NotEqual)
	case "less":
		return binary(Less)
	case "lessequal":
		return binary(LessEqual)
	case "greater":
		return binary(Greater)
	case "greaterequal":
		return binary(GreaterEqual)
	case "where":
		return binary(func(a, b *Tensor) *Tensor { return Where(a, b, Neg(b)) })
	}
	t.Fatalf("no function for %q", name)
	return nil
}

// near reports whether two numbers of a dtype are the same special one, or differ by a few units in the last place.
func near(a, b, units float64, dtype string) bool {
	switch {
	case math.IsNaN(b):
		return math.IsNaN(a)
	case b == 0 || math.IsInf(b, 0):
		return a == b && math.Signbit(a) == math.Signbit(b)
	case dtype == "float32":
		next := math.Nextafter32(float32(math.Abs(b)), math.MaxFloat32)
		return math.Abs(a-b) <= units*max(float64(next)-math.Abs(b), 0x1p-149)
	}
	return math.Abs(a-b) <= units*max(math.Nextafter(math.Abs(b), math.MaxFloat64)-math.Abs(b), 0x1p-1074)
}
