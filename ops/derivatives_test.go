package ops

import (
	"strings"
	"testing"
)

// TestPyTorchDerivatives compares values, gradients and second gradients with testdata/derivatives.json.
func TestPyTorchDerivatives(t *testing.T) {
	pytorchFile{name: "derivatives.json", function: elementwiseFunction, double: 1e-13, single: 2e-6, floor: 1e-30}.check(t)
}

// elementwiseFunction returns the operation that testdata/derivatives.py calls name, which may end with arguments.
func elementwiseFunction(t *testing.T, name string) func(x []*Tensor) *Tensor {
	t.Helper()
	name, rest, _ := strings.Cut(name, " ")
	if name == "elu" {
		alpha := numbers(t, rest)[0]
		return func(x []*Tensor) *Tensor { return ELU(x[0], alpha) }
	}
	unary := map[string]func(x *Tensor) *Tensor{
		"expm1": Expm1, "log1p": Log1p, "sinh": Sinh, "cosh": Cosh, "erf": Erf, "tan": Tan, "asin": Asin, "acos": Acos, "atan": Atan,
		"rsqrt": Rsqrt, "reciprocal": Reciprocal, "logsigmoid": LogSigmoid, "gelu": GELU, "gelutanh": GELUTanh, "silu": SiLU,
	}
	if f, ok := unary[name]; ok {
		return func(x []*Tensor) *Tensor { return f(x[0]) }
	}
	binary := map[string]func(a, b *Tensor) *Tensor{"pow": Pow, "atan2": Atan2}
	f, ok := binary[name]
	if !ok {
		t.Fatalf("no function for %q", name)
	}
	return func(x []*Tensor) *Tensor { return f(x[0], x[1]) }
}
