package ops

import (
	"strings"
	"testing"
)

// TestPyTorchReductions compares reductions, products, losses and normalizations with testdata/reduction.json.
func TestPyTorchReductions(t *testing.T) {
	pytorchFile{name: "reduction.json", function: reductionFunction, double: 1e-12, single: 5e-6, floor: 1}.check(t)
}

// TestEinsumAgainstNumPy compares with testdata/einsum.json.
func TestEinsumAgainstNumPy(t *testing.T) {
	pytorchFile{name: "einsum.json", function: reductionFunction, double: 1e-15, single: 1e-6, floor: 1}.check(t)
}

// reductionFunction returns the operation that testdata/reduction.py or einsum.py calls name, with the arguments that follow.
func reductionFunction(t *testing.T, name string) func(x []*Tensor) *Tensor {
	t.Helper()
	name, rest, _ := strings.Cut(name, " ")
	if name == "einsum" {
		return func(x []*Tensor) *Tensor { return Einsum(rest, x...) }
	}
	arguments := numbers(t, rest)
	if f, ok := map[string]Reduction{"min": Min, "prod": Prod, "var": Var, "std": Std, "norm": Norm}[name]; ok {
		var axes []int
		for _, a := range arguments {
			axes = append(axes, int(a))
		}
		return func(x []*Tensor) *Tensor { return f(x[0], axes...) }
	}
	if f, ok := map[string]normalization{"layernorm": LayerNorm, "batchnorm": BatchNorm}[name]; ok {
		return func(x []*Tensor) *Tensor {
			if len(x) == 1 {
				return f(x[0], nil, nil, arguments[0])
			}
			return f(x[0], x[1], x[2], arguments[0])
		}
	}
	switch name {
	case "huber":
		return func(x []*Tensor) *Tensor { return Huber(arguments[0])(x[0], x[1]) }
	case "cumsum":
		return func(x []*Tensor) *Tensor { return CumSum(x[0], int(arguments[0])) }
	}
	f, ok := map[string]func(a, b *Tensor) *Tensor{"mae": MAE, "bce": BCE, "kl": KL, "dot": Dot, "outer": Outer}[name]
	if !ok {
		t.Fatalf("no function for %q", name)
	}
	return func(x []*Tensor) *Tensor { return f(x[0], x[1]) }
}
