package engine

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

type operation struct {
	name    string
	compute func(a, b any, opts ...tensor.FuncOpt) (tensor.Tensor, error)
	plain   func(a, b float64) float64
}

var operations = []operation{
	{"Add", tensor.Add, func(a, b float64) float64 { return a + b }},
	{"Sub", tensor.Sub, func(a, b float64) float64 { return a - b }},
	{"Mul", tensor.Mul, func(a, b float64) float64 { return a * b }},
	{"Div", tensor.Div, func(a, b float64) float64 { return a / b }},
	{"Mod", tensor.Mod, math.Mod},
	{"Pow", tensor.Pow, math.Pow},
	{"MaxBetween", tensor.MaxBetween, math.Max},
	{"MinBetween", tensor.MinBetween, math.Min},
}

func anyOperation(t *rapid.T) operation {
	return operations[rapid.IntRange(0, len(operations)-1).Draw(t, "operation")]
}

// anyOption draws an option for a result of the given shape and returns what must come of it: where it goes, and what is there.
func anyOption[T kernel.Float](t *rapid.T, shape []int, operands ...*tensor.Dense) (opts []tensor.FuncOpt, into *tensor.Dense, old []T) {
	kinds := []string{"new", "unsafe", "reuse", "reuse an operand", "increment", "reuse half of an operand's memory"}
	switch rapid.SampledFrom(kinds).Draw(t, "option") {
	case "unsafe":
		return []tensor.FuncOpt{tensor.UseUnsafe()}, operands[0], nil
	case "reuse":
		into = anyDense[T](t, "reuse", shape)
		return []tensor.FuncOpt{tensor.WithReuse(into)}, into, nil
	case "reuse an operand":
		into = operands[len(operands)-1]
		return []tensor.FuncOpt{tensor.WithReuse(into)}, into, nil
	case "reuse half of an operand's memory":
		if d := operands[0]; len(shape) == 2 && shape[0] == shape[1] && d.Engine() == (Engine{}) {
			into = tensor.New(carried, tensor.WithShape(shape...), tensor.WithBacking(memory[T](d)[:shape[0]*shape[1]]))
			return []tensor.FuncOpt{tensor.WithReuse(into)}, into, nil
		}
	case "increment":
		into = anyDense[T](t, "increment", shape)
		return []tensor.FuncOpt{tensor.WithIncr(into)}, into, elements[T](into)
	}
	return nil, nil, nil
}

// wantResult holds a result against the plain loop's, and what lies beside it in memory against what lay there.
func wantResult[T kernel.Float](t *rapid.T, got tensor.Tensor, err error, shape []int, want []T, into *tensor.Dense, old, beside []T) {
	must(t, err)
	for i := range old {
		want[i] += old[i]
	}
	if into != nil {
		if got != tensor.Tensor(into) {
			t.Fatal("the result is not in the array given for it")
		}
		if !slices.Equal(others[T](into), beside) {
			t.Fatal("the memory between the elements was written")
		}
	}
	wantElements(t, got, shape, want)
}

func elementwise[T kernel.Float](t *rapid.T) {
	shape, op := anyShape(t), anyOperation(t)
	a, b := anyDense[T](t, "a", shape), anyDense[T](t, "b", shape)
	opts, into, old := anyOption[T](t, shape, a, b)
	want := slices.Clone(elements[T](a))
	for i, v := range elements[T](b) {
		want[i] = T(op.plain(float64(want[i]), float64(v)))
	}
	var beside []T
	if into != nil {
		beside = others[T](into)
	}
	got, err := op.compute(a, b, opts...)
	wantResult(t, got, err, shape, want, into, old, beside)
}

func TestElementwise(t *testing.T) { check(t, elementwise[float32], elementwise[float64]) }

func withAnyScalar[T kernel.Float](t *rapid.T) {
	shape, op := anyShape(t), anyOperation(t)
	a := anyDense[T](t, "a", shape)
	opts, into, old := anyOption[T](t, shape, a)
	left := rapid.Bool().Draw(t, "array on the left")
	s := T(rapid.SampledFrom([]int{-3, -1, 2, 5}).Draw(t, "scalar"))
	want := elements[T](a)
	for i, v := range want {
		if left {
			want[i] = T(op.plain(float64(v), float64(s)))
		} else {
			want[i] = T(op.plain(float64(s), float64(v)))
		}
	}
	var beside []T
	if into != nil {
		beside = others[T](into)
	}
	scalar := any(s)
	if rapid.Bool().Draw(t, "scalar is an array") {
		scalar = Dense([]T{s})
	}
	operands := []any{a, scalar}
	if !left {
		slices.Reverse(operands)
	}
	got, err := op.compute(operands[0], operands[1], opts...)
	wantResult(t, got, err, shape, want, into, old, beside)
}

func TestScalars(t *testing.T) { check(t, withAnyScalar[float32], withAnyScalar[float64]) }

func unaries[T kernel.Float](t *rapid.T) {
	functions := []struct {
		compute func(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error)
		plain   func(T) T
	}{
		{tensor.Neg, func(x T) T { return -x }},
		{tensor.Square, func(x T) T { return x * x }},
		{tensor.Abs, func(x T) T { return max(x, -x) }},
		{tensor.Cube, func(x T) T { return x * x * x }},
		{tensor.Inv, func(x T) T { return 1 / x }},
		{tensor.Sign, func(x T) T { return T(math.Copysign(1, float64(x))) }},
		{tensor.Cbrt, func(x T) T { return T(math.Cbrt(float64(x))) }},
		{
			func(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
				return tensor.Clamp(a, T(-3), T(2), opts...)
			}, func(x T) T { return min(max(x, -3), 2) },
		},
		{tensor.Exp, viaKernel(kernel.Exp[T])},
		{tensor.Tanh, viaKernel(kernel.Tanh[T])},
		{
			func(a tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
				return a.Apply(func(x T) T { return 2*x + 1 }, opts...)
			}, func(x T) T { return 2*x + 1 },
		},
	}
	f := functions[rapid.IntRange(0, len(functions)-1).Draw(t, "function")]
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	opts, into, old := anyOption[T](t, shape, a)
	want := elements[T](a)
	for i, v := range want {
		want[i] = f.plain(v)
	}
	var beside []T
	if into != nil {
		beside = others[T](into)
	}
	got, err := f.compute(a, opts...)
	wantResult(t, got, err, shape, want, into, old, beside)
}

// viaKernel is right where the kernels' own tests are: the same bits, whatever the layout.
func viaKernel[T kernel.Float](f func(dst, x []T)) func(T) T {
	return func(x T) T {
		y := []T{x}
		f(y, y)
		return y[0]
	}
}

func TestUnaries(t *testing.T) { check(t, unaries[float32], unaries[float64]) }

func TestLogAndSqrt(t *testing.T) {
	x := Dense([]float64{1, 4, 9}, 3)
	root, err := tensor.Sqrt(x)
	must(t, err)
	wantElements(t, root, []int{3}, []float64{1, 2, 3})
	inverse, err := tensor.InvSqrt(Dense([]float64{1, 4, 16}, 3))
	must(t, err)
	wantElements(t, inverse, []int{3}, []float64{1, 0.5, 0.25})
	log, err := tensor.Log(x)
	must(t, err)
	if got := memory[float64](log.(*tensor.Dense))[2]; math.Abs(got-math.Log(9)) > 1e-15 {
		t.Errorf("ln 9 = %v", got)
	}
}

func TestFMA(t *testing.T) {
	a, x, y := Dense([]float32{1, 2}, 2), Dense([]float32{3, 4}, 2), Dense([]float32{10, 20}, 2)
	got, err := tensor.FMA(a, x, y)
	must(t, err)
	wantElements(t, got, []int{2}, []float32{13, 28})
	got, err = tensor.FMA(a, float32(2), y)
	must(t, err)
	wantElements(t, got, []int{2}, []float32{15, 32})
}

func reductions[T kernel.Float](t *rapid.T) {
	functions := []struct {
		compute func(d *tensor.Dense, along ...int) (*tensor.Dense, error)
		plain   func(a, b T) T
	}{
		{(*tensor.Dense).Sum, func(a, b T) T { return a + b }},
		{(*tensor.Dense).Max, func(a, b T) T { return max(a, b) }},
		{(*tensor.Dense).Min, func(a, b T) T { return min(a, b) }},
	}
	f := functions[rapid.IntRange(0, len(functions)-1).Draw(t, "function")]
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	var along, kept []int
	for axis := range shape {
		if rapid.Bool().Draw(t, "reduced") {
			along = append(along, axis)
		} else {
			kept = append(kept, axis)
		}
	}
	if len(along) == 0 {
		kept = nil
	}
	var rest []int
	for _, axis := range kept {
		rest = append(rest, shape[axis])
	}
	want := make([]T, tensor.Shape(rest).TotalSize())
	seen := make([]bool, len(want))
	for i, v := range elements[T](a) {
		at, scale := 0, 1
		for axis := len(shape) - 1; axis >= 0; axis-- {
			if slices.Contains(kept, axis) {
				at += i % shape[axis] * scale
				scale *= shape[axis]
			}
			i /= shape[axis]
		}
		if seen[at] {
			v = f.plain(want[at], v)
		}
		want[at], seen[at] = v, true
	}
	got, err := f.compute(a, along...)
	must(t, err)
	wantElements(t, got, rest, want)
}

func TestReductions(t *testing.T) { check(t, reductions[float32], reductions[float64]) }

func TestReductionOfNoSuchAxis(t *testing.T) {
	for _, along := range [][]int{{2}, {-1}, {0, 0}} {
		if got, err := Dense([]float32{1, 2}, 1, 2).Sum(along...); err == nil {
			t.Errorf("Sum along %v of a matrix: %v", along, got)
		}
	}
}

// A sum into the memory that an operand reads in another order, and is longer than what is gathered at a time.
func TestElementwiseIntoTransposedMemory(t *testing.T) {
	const n = 64
	values := make([]float32, n*n)
	for i := range values {
		values[i] = float32(i)
	}
	a := Dense(values, n, n)
	must(t, a.T())
	want := elements[float32](a)
	for i := range want {
		want[i] *= 2
	}
	got, err := tensor.Add(a, a, tensor.WithReuse(Dense(values, n, n)))
	must(t, err)
	wantElements(t, got, []int{n, n}, want)
}
