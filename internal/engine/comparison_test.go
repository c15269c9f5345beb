package engine

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

var comparisons = []struct {
	compute func(a, b any, opts ...tensor.FuncOpt) (tensor.Tensor, error)
	plain   func(a, b float64) bool
}{
	{tensor.Gt, func(a, b float64) bool { return a > b }},
	{tensor.Gte, func(a, b float64) bool { return a >= b }},
	{tensor.Lt, func(a, b float64) bool { return a < b }},
	{tensor.Lte, func(a, b float64) bool { return a <= b }},
	{tensor.ElEq, func(a, b float64) bool { return a == b }},
	{tensor.ElNe, func(a, b float64) bool { return a != b }},
}

func compared[T kernel.Float](t *rapid.T) {
	c := comparisons[rapid.IntRange(0, len(comparisons)-1).Draw(t, "comparison")]
	shape := anyShape(t)
	a, b := anyDense[T](t, "a", shape), anyDense[T](t, "b", shape)
	left, right := elements[T](a), elements[T](b)
	operands := []any{a, b}
	if side := rapid.IntRange(0, 2).Draw(t, "scalar"); side < 2 {
		operands[side] = T(-1)
		list := [][]T{left, right}[side]
		for i := range list {
			list[i] = -1
		}
	}
	want, numbers := make([]bool, len(left)), make([]T, len(left))
	for i := range left {
		want[i] = c.plain(float64(left[i]), float64(right[i]))
		if want[i] {
			numbers[i] = 1
		}
	}
	switch rapid.SampledFrom([]string{"flags", "flags into an array", "numbers", "numbers into a view"}).Draw(t, "result") {
	case "flags":
		got, err := c.compute(operands[0], operands[1])
		wantFlags(t, got, err, shape, want)
	case "flags into an array":
		into := Dense(make([]bool, len(want)), shape...)
		got, err := c.compute(operands[0], operands[1], tensor.WithReuse(into))
		wantFlags(t, got, err, shape, want)
		if got != tensor.Tensor(into) {
			t.Fatal("the result is not the array given for it")
		}
	case "numbers":
		got, err := c.compute(operands[0], operands[1], tensor.AsSameType())
		must(t, err)
		wantElements(t, got, shape, numbers)
	case "numbers into a view":
		into := anyDense[T](t, "into", shape)
		beside := others[T](into)
		got, err := c.compute(operands[0], operands[1], tensor.AsSameType(), tensor.WithReuse(into))
		wantResult(t, got, err, shape, numbers, into, nil, beside)
	}
}

func wantFlags(t *rapid.T, got tensor.Tensor, err error, shape []int, want []bool) {
	t.Helper()
	must(t, err)
	if d := got.(*tensor.Dense); !slices.Equal(d.Shape(), shape) || !slices.Equal(d.Bools(), want) {
		t.Fatalf("got %v of shape %v, want %v of shape %v", d.Bools(), d.Shape(), want, shape)
	}
}

func TestComparisons(t *testing.T) { check(t, compared[float32], compared[float64]) }

func argued[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	axis := rapid.IntRange(tensor.AllAxes, len(shape)-1).Draw(t, "axis")
	for _, c := range []struct {
		compute func(t tensor.Tensor, axis int) (tensor.Tensor, error)
		sign    T
	}{{tensor.Argmax, 1}, {tensor.Argmin, -1}} {
		got, err := c.compute(a, axis)
		must(t, err)
		values, rest := elements[T](a), []int(nil)
		l := lengths{1, len(values), 1}
		if axis != tensor.AllAxes {
			l, rest = lengthsAround(shape, axis), without(shape, axis)
		}
		var want []int
		for i := range l.outer * l.inner {
			var along []T
			for k := range l.n {
				along = append(along, c.sign*values[(i/l.inner*l.n+k)*l.inner+i%l.inner])
			}
			want = append(want, slices.Index(along, slices.Max(along)))
		}
		if d := got.(*tensor.Dense); !slices.Equal(d.Ints(), want) || !slices.Equal(d.Shape(), rest) {
			t.Fatalf("got %v of shape %v, want %v of shape %v", d.Ints(), d.Shape(), want, rest)
		}
	}
}

func TestArguments(t *testing.T) { check(t, argued[float32], argued[float64]) }
