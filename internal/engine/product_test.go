package engine

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// plainProduct is of a (m, k) and b (k, n) in row-major order.
func plainProduct[T kernel.Float](a, b []T, m, k, n int) []T {
	c := make([]T, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				c[i*n+j] += a[i*k+l] * b[l*n+j]
			}
		}
	}
	return c
}

func products[T kernel.Float](t *rapid.T) {
	length := rapid.IntRange(1, 5)
	m, k, n := length.Draw(t, "m"), length.Draw(t, "k"), length.Draw(t, "n")
	var left, right, shape []int
	var compute func(a, b *tensor.Dense, opts ...tensor.FuncOpt) (tensor.Tensor, error)
	switch rapid.SampledFrom([]string{"MatMul", "MatVecMul", "Outer", "Dot", "vector Dot", "Dot vector"}).Draw(t, "product") {
	case "MatMul":
		left, right, shape = []int{m, k}, []int{k, n}, []int{m, n}
		compute = dense((*tensor.Dense).MatMul)
	case "MatVecMul":
		n = 1
		left, right, shape = []int{m, k}, []int{k}, []int{m}
		compute = dense((*tensor.Dense).MatVecMul)
	case "Outer":
		k = 1
		left, right, shape = []int{m}, []int{n}, []int{m, n}
		compute = dense((*tensor.Dense).Outer)
	case "Dot":
		m, k, n = m+1, k+1, n+1 // (1, k) and (k, 1) are vectors to Dot
		left, right, shape = []int{m, k}, []int{k, n}, []int{m, n}
		compute = dot
	case "vector Dot":
		m, k, n = 1, k+1, n+1
		left, right, shape = []int{k}, []int{k, n}, []int{n}
		compute = dot
	case "Dot vector":
		m, k, n = m+1, k+1, 1
		left, right, shape = []int{m, k}, []int{k}, []int{m}
		compute = dot
	}
	a, b := anyDense[T](t, "a", left), anyDense[T](t, "b", right)
	want := plainProduct(elements[T](a), elements[T](b), m, k, n)
	var opts []tensor.FuncOpt
	var into *tensor.Dense
	var old, beside []T
	switch rapid.SampledFrom([]string{"new", "reuse", "increment"}).Draw(t, "option") {
	case "reuse":
		into = plainDense[T](t, shape)
		opts = []tensor.FuncOpt{tensor.WithReuse(into)}
	case "increment":
		into = anyDense[T](t, "increment", shape)
		old = elements[T](into)
		opts = []tensor.FuncOpt{tensor.WithIncr(into)}
	}
	if into != nil {
		beside = others[T](into)
	}
	got, err := compute(a, b, opts...)
	wantResult(t, got, err, shape, want, into, old, beside)
}

func dense(f func(a *tensor.Dense, b tensor.Tensor, opts ...tensor.FuncOpt) (*tensor.Dense, error)) func(a, b *tensor.Dense, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return func(a, b *tensor.Dense, opts ...tensor.FuncOpt) (tensor.Tensor, error) { return f(a, b, opts...) }
}

func dot(a, b *tensor.Dense, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	return tensor.Dot(a, b, opts...)
}

func TestProducts(t *testing.T) { check(t, products[float32], products[float64]) }

func inner[T kernel.Float](t *rapid.T) {
	shape := []int{rapid.IntRange(1, 9).Draw(t, "length")}
	a, b := anyDense[T](t, "a", shape), anyDense[T](t, "b", shape)
	want := plainProduct(elements[T](a), elements[T](b), 1, shape[0], 1)
	got, err := tensor.Dot(a, b)
	must(t, err)
	wantElements(t, got, nil, want)
	if memory[T](a)[0] != 0 && a.DataSize() == b.DataSize() { // package tensor compares the memories of views
		v, err := tensor.Inner(a, b)
		must(t, err)
		if v != any(want[0]) {
			t.Fatalf("Inner is %v, want %v", v, want[0])
		}
	}
}

func TestInner(t *testing.T) { check(t, inner[float32], inner[float64]) }

// A product into one of its own operands is what it would be anywhere else.
func TestProductIntoOperand(t *testing.T) {
	for i := range 2 {
		ab := []*tensor.Dense{Dense([]float32{1, 2, 3, 4}, 2, 2), Dense([]float32{5, 6, 7, 8}, 2, 2)}
		got, err := ab[0].MatMul(ab[1], tensor.WithReuse(ab[i]))
		must(t, err)
		wantElements(t, got, []int{2, 2}, []float32{19, 22, 43, 50})
	}
}

// Package tensor has made a view given for a product's result into something else before it asks: its parent stays as it is.
func TestProductIntoViewIsRefused(t *testing.T) {
	parent := Dense([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	before := slices.Clone(memory[float32](parent))
	s, err := parent.Slice(tensor.S(0, 2), tensor.S(1, 3))
	must(t, err)
	a := Dense([]float32{1, 2, 3, 4}, 2, 2)
	if got, err := a.MatMul(a, tensor.WithReuse(s)); err == nil {
		t.Errorf("MatMul into a view made %v", got)
	}
	if !slices.Equal(memory[float32](parent), before) {
		t.Error("the parent was written")
	}
}

func TestDotOfRankThree(t *testing.T) {
	a := Dense([]float64{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	b := Dense([]float64{1, 0, 0, 2}, 2, 2)
	got, err := tensor.Dot(a, b)
	must(t, err)
	wantElements(t, got, []int{2, 2, 2}, []float64{1, 4, 3, 8, 5, 12, 7, 16})
}

// Views of dtypes that the engine leaves to package tensor's BLAS are refused.
func TestProductOfComplexViewIsRefused(t *testing.T) {
	parent := Dense([]complex64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	whole, err := parent.MatMul(parent)
	must(t, err)
	if got := whole.Complex64s()[0]; got != 30 {
		t.Errorf("a product of complex matrices begins with %v, want 30", got)
	}
	s, err := parent.Slice(tensor.S(0, 2), tensor.S(1, 3))
	must(t, err)
	if got, err := s.(*tensor.Dense).MatMul(s); err == nil {
		t.Errorf("MatMul of complex views made %v", got)
	}
}
