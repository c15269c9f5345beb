package ops

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// A contraction of two operands is one MatMul, to the last bit.
func TestEinsumContractsByMatMul(t *testing.T) {
	a, b := draw(0, reals, 7, 9), draw(1, reals, 9, 5)
	wantEqual(t, "two matrices", Einsum("ij,jk", a, b), MatMul(a, b))
	wantEqual(t, "one transposed", Einsum("ij,kj->ik", a, Transpose(b)), MatMul(a, b))
	wantEqual(t, "the result transposed", Einsum("ij,jk->ki", a, b), Transpose(MatMul(a, b)))
	many, more := draw(2, reals, 3, 7, 9), draw(3, reals, 3, 9, 5)
	wantEqual(t, "many matrices", Einsum("bij,bjk->bik", many, more), MatMul(many, more))
	wantEqual(t, "many by dots", Einsum("...ij,...jk", many, more), MatMul(many, more))
	wantEqual(t, "a vector", Einsum("ij,j", a, Reshape(Slice(b, 1, 0, 1), 9)), Reshape(MatMul(a, Slice(b, 1, 0, 1)), 7))
}

// MatMul reads a transpose where it is: no reshape copies it.
func TestEinsumTransposesNothingInMemory(t *testing.T) {
	for _, spec := range []string{"ij,kj->ik", "ji,kj", "bij,bkj->kbi"} {
		tape := autograd.NewTape()
		shape := []int{3, 3, 3}[:strings.Index(spec, ",")]
		Einsum(spec, tape.Var(draw(0, reals, shape...)), tape.Var(draw(1, reals, shape...)))
		for n := range tape.Nodes() {
			if n.Op == reshape {
				t.Errorf("%s has a %v", spec, n)
			}
		}
	}
}

// What is only moved is a view.
func TestEinsumOfOneOperandIsAView(t *testing.T) {
	x := draw(0, reals, 3, 4)
	for _, spec := range []string{"ij", "ij->ji", "...", "j...->...j"} {
		if !sameMemory(Einsum(spec, x), x) {
			t.Errorf("%s copies", spec)
		}
	}
}

func TestEinsumTakesDiagonalsOnly(t *testing.T) {
	nan := math.NaN()
	x := autograd.FromSlice([]float64{1, nan, nan, 2}, 2, 2)
	wantEqual(t, "the trace", Einsum("ii", x), autograd.Scalar(3))
	wantEqual(t, "times a vector", Einsum("ii,i->i", x, vector(2, 3)), vector(2, 6))
}

// A constant takes the dtype of what it meets.
func TestEinsumWithConstants(t *testing.T) {
	x := single(draw(0, reals, 3))
	wantEqual(t, "labels", Einsum("i,i->i", autograd.Labels([]int{1, 2, 3}), x), Mul(x, autograd.Labels([]int{1, 2, 3})))
}

func TestDotAndOuter(t *testing.T) {
	for _, n := range []int{0, 1, 5, 3000} {
		a, b := draw(0, reals, n), draw(1, reals, n)
		if got, want := Dot(a, b), Sum(Mul(a, b)); len(got.Shape()) != 0 || !agrees(got, want, 1e-12) {
			t.Errorf("the dot product of %d elements is %v, want %v", n, got, want)
		}
	}
	wantEqual(t, "the outer product", Outer(vector(1, 2), vector(3, 4, 5)), autograd.FromSlice([]float64{3, 4, 5, 6, 8, 10}, 2, 3))
}

// TestEinsumAgainstNumPy compares values and gradients with testdata/einsum.json. Numbers are whole, so that nothing is rounded.
func TestEinsumAgainstNumPy(t *testing.T) {
	type array struct {
		Shape  []int
		Values string
	}
	text, err := os.ReadFile("testdata/einsum.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		F         string
		Operands  []array
		Result    array
		Gradients []string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	onEachPath(t, func(t *testing.T) {
		for _, c := range cases {
			for _, dtype := range []string{"float64", "float32"} {
				compare := func(what string, got *Tensor, want array) {
					w := inDtype(dtype, autograd.FromSlice(numbers(t, want.Values), want.Shape...))
					if !slices.Equal(got.Shape(), w.Shape()) || !agrees(got, w, 0) {
						t.Errorf("%s, %s: %s %v, NumPy has %v", c.F, dtype, what, got, w)
					}
				}
				tape := autograd.NewTape()
				var operands []*Tensor
				for _, o := range c.Operands {
					operands = append(operands, tape.Var(inDtype(dtype, autograd.FromSlice(numbers(t, o.Values), o.Shape...))))
				}
				y := Einsum(strings.TrimPrefix(c.F, "einsum "), operands...)
				compare("result", y, c.Result)
				for k, g := range tape.VJP(y, counting(y), operands...) {
					compare("gradient", g, array{c.Operands[k].Shape, c.Gradients[k]})
				}
			}
		}
	})
}
