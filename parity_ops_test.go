package tapegrad_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// leastDraws is how many random draws there are at least of everything.
const leastDraws = 20

var (
	exact     = closeness{} // elements are moved, and those added up are whole numbers
	pointwise = closeness{double: 1e-13, single: 2e-6, floor: 1e-30}
	summing   = closeness{double: 1e-13, single: 2e-6, floor: 1, summed: true}
)

// A parityOperation is what an operation's cases are held to.
type parityOperation struct {
	closeness
	of func(c *parityCase, x []*autograd.Tensor) *autograd.Tensor
}

// parityOperations has the exported functions of package ops by name.
var parityOperations = func() map[string]parityOperation {
	type T = *autograd.Tensor
	all := make(map[string]parityOperation)
	add := func(name string, c closeness, of func(c *parityCase, x []T) T) { all[name] = parityOperation{c, of} }

	for name, f := range map[string]func(x T) T{
		"Abs": ops.Abs, "Neg": ops.Neg, "Square": ops.Square, "Sqrt": ops.Sqrt, "Rsqrt": ops.Rsqrt, "Reciprocal": ops.Reciprocal,
		"Exp": ops.Exp, "Expm1": ops.Expm1, "Log": ops.Log, "Log1p": ops.Log1p, "Sin": ops.Sin, "Cos": ops.Cos, "Tan": ops.Tan,
		"Asin": ops.Asin, "Acos": ops.Acos, "Atan": ops.Atan, "Sinh": ops.Sinh, "Cosh": ops.Cosh, "Tanh": ops.Tanh, "Erf": ops.Erf,
		"Sigmoid": ops.Sigmoid, "ReLU": ops.ReLU, "SiLU": ops.SiLU, "GELU": ops.GELU, "GELUTanh": ops.GELUTanh,
		"LogSigmoid": ops.LogSigmoid, "Softplus": ops.Softplus,
	} {
		c := pointwise
		if slices.Contains([]string{"Tanh", "Sigmoid", "SiLU", "GELU", "GELUTanh", "LogSigmoid", "Softplus"}, name) {
			c = summing // their derivatives are differences
		}
		add(name, c, func(_ *parityCase, x []T) T { return f(x[0]) })
	}
	for name, f := range map[string]func(x T, number float64) T{
		"ELU": ops.ELU, "LeakyReLU": ops.LeakyReLU, "Scale": ops.Scale, "PowScalar": ops.PowScalar,
	} {
		add(name, pointwise, func(c *parityCase, x []T) T { return f(x[0], c.number(0)) })
	}
	add("Clamp", exact, func(c *parityCase, x []T) T { return ops.Clamp(x[0], c.number(0), c.number(1)) })
	for name, f := range map[string]func(a, b T) T{
		"Add": ops.Add, "Sub": ops.Sub, "Mul": ops.Mul, "Div": ops.Div, "Maximum": ops.Maximum, "Minimum": ops.Minimum, "Pow": ops.Pow,
		"Atan2": ops.Atan2, "Hypot": ops.Hypot, "Equal": ops.Equal, "NotEqual": ops.NotEqual, "Less": ops.Less, "LessEqual": ops.LessEqual,
		"Greater": ops.Greater, "GreaterEqual": ops.GreaterEqual, "MatMul": ops.MatMul, "Dot": ops.Dot, "Outer": ops.Outer,
		"MSE": ops.MSE, "MAE": ops.MAE, "BCE": ops.BCE, "BCEWithLogits": ops.BCEWithLogits, "KL": ops.KL, "CrossEntropy": ops.CrossEntropy,
	} {
		add(name, summing, func(_ *parityCase, x []T) T { return f(x[0], x[1]) })
	}
	add("Huber", summing, func(c *parityCase, x []T) T { return ops.Huber(c.number(0))(x[0], x[1]) })
	add("Where", summing, func(_ *parityCase, x []T) T { return ops.Where(x[0], x[1], x[2]) })
	reductions := map[string]ops.Reduction{
		"Sum": ops.Sum, "Mean": ops.Mean, "Max": ops.Max, "Min": ops.Min, "Prod": ops.Prod, "Var": ops.Var, "Std": ops.Std,
		"Norm": ops.Norm, "LogSumExp": ops.LogSumExp,
	}
	for name, f := range reductions {
		add(name, summing, func(c *parityCase, x []T) T { return f(x[0], c.ints(0)...) })
	}
	add("KeepDims", summing, func(c *parityCase, x []T) T { return ops.KeepDims(reductions[c.text(0)])(x[0], c.ints(1)...) })
	for name, f := range map[string]func(x T, axis int) T{
		"Softmax": ops.Softmax, "LogSoftmax": ops.LogSoftmax, "CumSum": ops.CumSum, "ArgMax": ops.ArgMax, "ArgMin": ops.ArgMin,
	} {
		add(name, summing, func(c *parityCase, x []T) T { return f(x[0], c.ints(0)[0]) })
	}
	add("Linear", summing, func(_ *parityCase, x []T) T {
		if len(x) == 2 {
			return ops.Linear(x[0], x[1], nil)
		}
		return ops.Linear(x[0], x[1], x[2])
	})
	add("Einsum", summing, func(c *parityCase, x []T) T { return ops.Einsum(c.text(0), x...) })
	for name, f := range map[string]func(x, gain, bias T, eps float64) T{"LayerNorm": ops.LayerNorm, "BatchNorm": ops.BatchNorm} {
		add(name, summing, func(c *parityCase, x []T) T {
			if len(x) == 1 {
				return f(x[0], nil, nil, c.number(0))
			}
			return f(x[0], x[1], x[2], c.number(0))
		})
	}
	add("Dropout", pointwise, func(c *parityCase, x []T) T {
		return ops.Dropout(x[0], c.number(0), rand.New(&keeping{kept: c.operands[1]}))
	})

	for name, f := range map[string]func(x T, numbers ...int) T{
		"BroadcastTo": ops.BroadcastTo, "SumTo": ops.SumTo, "Reshape": ops.Reshape, "Transpose": ops.Transpose, "Squeeze": ops.Squeeze,
		"Flip": ops.Flip, "Tile": ops.Tile,
	} {
		add(name, exact, func(c *parityCase, x []T) T { return f(x[0], c.ints(0)...) })
	}
	for name, f := range map[string]func(x T, number int) T{
		"Unsqueeze": ops.Unsqueeze, "Triu": ops.Triu, "Tril": ops.Tril, "Diag": ops.Diag,
	} {
		add(name, exact, func(c *parityCase, x []T) T { return f(x[0], c.ints(0)[0]) })
	}
	for name, f := range map[string]func(x T, axis int, indices []int) T{"Take": ops.Take, "TakeAlong": ops.TakeAlong} {
		add(name, exact, func(c *parityCase, x []T) T { return f(x[0], c.ints(0)[0], c.ints(1)) })
	}
	for name, f := range map[string]func(axis int, x ...T) T{"Stack": ops.Stack, "Concat": ops.Concat} {
		add(name, exact, func(c *parityCase, x []T) T { return f(c.ints(0)[0], x...) })
	}
	add("Flatten", exact, func(_ *parityCase, x []T) T { return ops.Flatten(x[0]) })
	add("Slice", exact, func(c *parityCase, x []T) T { a := c.ints(0); return ops.Slice(x[0], a[0], a[1], a[2]) })
	add("Split", exact, func(c *parityCase, x []T) T { a := c.ints(0); return ops.Split(x[0], a[1], a[2:]...)[a[0]] })
	add("Roll", exact, func(c *parityCase, x []T) T { a := c.ints(0); return ops.Roll(x[0], a[0], a[1]) })
	add("ScatterAdd", exact, func(c *parityCase, x []T) T { a := c.ints(0); return ops.ScatterAdd(x[0], a[0], a[2:], a[1]) })
	add("Pad", exact, func(c *parityCase, x []T) T {
		var widths [][2]int
		for w := range slices.Chunk(c.ints(1), 2) {
			widths = append(widths, [2]int(w))
		}
		return ops.Pad(x[0], c.number(0), widths...)
	})
	return all
}()

// keeping is a source of random numbers that makes Dropout keep what PyTorch kept: each of its numbers decides about two elements, the
// lower half first, and a small half keeps.
type keeping struct{ kept []float64 }

func (k *keeping) Uint64() (bits uint64) {
	for half := range min(2, len(k.kept)) {
		if k.kept[half] == 0 {
			bits |= (1<<32 - 1) << (32 * half)
		}
	}
	k.kept = k.kept[min(2, len(k.kept)):]
	return bits
}

// Values, gradients and second gradients of every operation are PyTorch's, in float64 and, within its rounding, in float32.
func TestParityOperations(t *testing.T) {
	cases := mustReadParity(t)
	onEveryPath(t, func(t *testing.T) {
		for _, c := range cases {
			if c.F == "" {
				continue
			}
			operation, ok := parityOperations[c.F]
			if !ok {
				t.Fatalf("no function for %q", c.F)
			}
			inBothDtypes(func(dtype tensor.Dtype) {
				compareDerivatives(comparison{t, c.String(), operation.closeness, dtype}, c, autograd.NewTape(), operation.of)
			})
		}
	})
}

// compareDerivatives compares the result of f with the case's first result, and its gradients.
func compareDerivatives(compare comparison, c *parityCase, tape *autograd.Tape, f func(c *parityCase, x []*autograd.Tensor) *autograd.Tensor) {
	compare.t.Helper()
	if c.Relative {
		compare.closeness = pointwise
	}
	var operands, leaves []*autograd.Tensor
	var shapes [][]int
	for i, shape := range c.Shapes {
		x := tensorOf(compare.dtype, c.operands[i], shape...)
		if !slices.Contains(c.Fixed, i) {
			x = tape.Var(x)
			leaves, shapes = append(leaves, x), append(shapes, shape)
		}
		operands = append(operands, x)
	}
	y := f(c, operands)
	compare.wants("result", []*autograd.Tensor{y}, c.Results, c.results)
	cotangent := tape.Var(cotangentOf(y))
	gradients := zerosLike(leaves)
	if autograd.Recording(y) {
		gradients = tape.VJPGraph(y, cotangent, leaves...)
	}
	compare.wants("gradient", gradients, shapes, c.gradients)
	if !c.Second {
		return
	}
	leaves, shapes = append(leaves, cotangent), append(shapes, c.Results[0])
	seconds := zerosLike(leaves)
	if total := weightedSum(gradients); autograd.Recording(total) {
		seconds = tape.Grad(total, leaves...)
	}
	compare.wants("second gradient", seconds, shapes, c.seconds)
}

// zerosLike returns the gradients of what does not depend on xs.
func zerosLike(xs []*autograd.Tensor) []*autograd.Tensor {
	var zeros []*autograd.Tensor
	for _, x := range xs {
		zeros = append(zeros, autograd.Zeros(x.Dtype(), x.Shape()...))
	}
	return zeros
}

// Every operation of the catalogue has enough draws: an exported one by its name; the operations that are rules of others by being met
// on the tapes of these, whose gradients they compute.
func TestParityHasEveryOperation(t *testing.T) {
	draws, met := make(map[string]int), make(map[*autograd.Op]int)
	for _, c := range mustReadParity(t) {
		tape := autograd.NewTape()
		switch {
		case c.F != "":
			draws[c.F]++
			compareDerivatives(comparison{t, c.String(), parityOperations[c.F].closeness, tensor.Float64}, c, tape, parityOperations[c.F].of)
		case c.Layer != nil:
			compareLayer(t, c, tape, tensor.Float64)
		}
		on := make(map[*autograd.Op]bool)
		for node := range tape.Nodes() {
			on[node.Op] = true
		}
		for op := range maps.Keys(on) {
			met[op]++
		}
	}
	for _, e := range ops.Catalog() {
		n := draws[e.Name]
		if unicode.IsLower(rune(e.Name[0])) {
			n = met[e.Op]
		}
		if n < leastDraws {
			t.Errorf("%s has %d draws that are compared with PyTorch's, want at least %d: see internal/parity/operations.py", e.Name, n, leastDraws)
		}
	}
}
