package diff_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/diff"
	"github.com/tapegrad/tapegrad/ops"
)

type Tensor = autograd.Tensor

// derivative returns f' for a function of one scalar.
func derivative(f func(x *Tensor) *Tensor) func(x *Tensor) *Tensor {
	df := diff.ValueAndGrad(func(x ...*Tensor) *Tensor { return f(x[0]) })
	return func(x *Tensor) *Tensor {
		_, gradients := df(x)
		return gradients[0]
	}
}

func TestNestsToOrder4(t *testing.T) {
	// The derivatives of tanh are polynomials in t = tanh x, since t' = 1 - t².
	wants := []func(t float64) float64{
		func(t float64) float64 { return t },
		func(t float64) float64 { return 1 - t*t },
		func(t float64) float64 { return -2 * t * (1 - t*t) },
		func(t float64) float64 { return (6*t*t - 2) * (1 - t*t) },
		func(t float64) float64 { return (16*t - 24*t*t*t) * (1 - t*t) },
	}
	f := ops.Tanh
	for order, want := range wants {
		for _, x := range []float64{-1.3, -0.2, 0, 0.5, 2} {
			got, want := f(autograd.Scalar(x)).Item(), want(math.Tanh(x))
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("derivative %d of tanh at %g is %v, want %v", order, x, got, want)
			}
		}
		f = derivative(f)
	}
}

func TestPolynomialEndsInZero(t *testing.T) {
	f := func(x *Tensor) *Tensor { return ops.Mul(ops.Mul(x, x), x) }
	for order, want := range []float64{8, 12, 12, 6, 0, 0} {
		if got := f(autograd.Scalar(2)).Item(); got != want {
			t.Errorf("derivative %d of x³ at 2 is %v, want %v", order, got, want)
		}
		f = derivative(f)
	}
}

// Perturbation confusion: an inner derivative that takes the outer variable for its own (Siskind and Pearlmutter 2005, "Perturbation
// confusion and referential transparency").
func TestInnerVariableIsNotTheOuter(t *testing.T) {
	tests := []struct {
		name string
		f    func(x *Tensor) *Tensor
		want float64 // at 3
	}{
		{"d/dx (x · d/dy (x + y) at y = x)", func(x *Tensor) *Tensor {
			return ops.Mul(x, derivative(func(y *Tensor) *Tensor { return ops.Add(x, y) })(x))
		}, 1},
		{"d/dx (x · d/dy (x·y) at y = x)", func(x *Tensor) *Tensor {
			return ops.Mul(x, derivative(func(y *Tensor) *Tensor { return ops.Mul(x, y) })(x))
		}, 6},
		{"d/dx (d/dy (x·y²) at y = x)", func(x *Tensor) *Tensor {
			return derivative(func(y *Tensor) *Tensor { return ops.Mul(x, ops.Mul(y, y)) })(x)
		}, 12},
		{"d/dx (x · d/dy (x + y) at y = 2)", func(x *Tensor) *Tensor {
			two := x.Tape().Var(autograd.Scalar(2))
			return ops.Mul(x, derivative(func(y *Tensor) *Tensor { return ops.Add(x, y) })(two))
		}, 1},
		{"d/dx (x · d/dy (x·y) at y = 2)", func(x *Tensor) *Tensor {
			two := x.Tape().Var(autograd.Scalar(2))
			return ops.Mul(x, derivative(func(y *Tensor) *Tensor { return ops.Mul(x, y) })(two))
		}, 6},
		{"d/dx (d/dy x at y = x)", func(x *Tensor) *Tensor {
			return derivative(func(*Tensor) *Tensor { return x })(x)
		}, 0},
	}
	for _, test := range tests {
		if got := derivative(test.f)(autograd.Scalar(3)).Item(); got != test.want {
			t.Errorf("%s at 3 is %v, want %v", test.name, got, test.want)
		}
	}
}

func TestGradientsHaveTheInputsShapes(t *testing.T) {
	f := func(x ...*Tensor) *Tensor { return ops.Sum(ops.Mul(x[0], x[1])) }
	a := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	b := autograd.FromSlice([]float64{7, 8, 9}, 3)
	value, gradients := diff.ValueAndGrad(f)(a, b)
	if got, want := value.Item(), 1*7+2*8+3*9+4*7+5*8+6*9.; got != want {
		t.Errorf("the value is %v, want %v", got, want)
	}
	for i, want := range []*Tensor{
		autograd.FromSlice([]float64{7, 8, 9, 7, 8, 9}, 2, 3),
		autograd.FromSlice([]float64{5, 7, 9}, 3),
	} {
		if diff := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", gradients[i])); diff != "" {
			t.Errorf("gradient %d (-want +got):\n%s", i, diff)
		}
	}
	if value.IsRecorded() || gradients[0].IsRecorded() || a.IsRecorded() {
		t.Error("outside another tape something is recorded afterwards")
	}
}

// Within another tape a derivative is a part of what is recorded there.
func TestReusesTheOuterTape(t *testing.T) {
	tape := autograd.NewTape()
	x, c := tape.Var(autograd.Scalar(2)), autograd.Scalar(5)
	value, gradients := diff.ValueAndGrad(func(x ...*Tensor) *Tensor { return ops.Mul(ops.Mul(x[0], x[0]), x[1]) })(c, x)
	if value.Tape() != tape || gradients[0].Tape() != tape || gradients[1].Tape() != tape {
		t.Fatal("the results are not on the tape of the recorded argument")
	}
	got := []float64{value.Item(), tape.Grad(value, x)[0].Item(), gradients[0].Item(), tape.Grad(gradients[0], x)[0].Item(), gradients[1].Item()}
	if diff := cmp.Diff([]float64{50, 25, 20, 10, 25}, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("f = c²x, df/dx, df/dc = 2cx, d²f/dcdx = 2c, df/dx = c² (-want +got):\n%s", diff)
	}
}

func TestMisuse(t *testing.T) {
	outer := autograd.NewTape().Var(autograd.Scalar(1))
	tests := []struct {
		name string
		f    func(x ...*Tensor) *Tensor
		x    []*Tensor
		want autograd.Kind
	}{
		{"not a scalar", func(x ...*Tensor) *Tensor { return x[0] }, []*Tensor{autograd.FromSlice([]float64{1, 2}, 2)}, autograd.ShapeError},
		{"independent", func(...*Tensor) *Tensor { return autograd.Scalar(1) }, []*Tensor{autograd.Scalar(1)}, autograd.TapeError},
		{"captures another tape", func(x ...*Tensor) *Tensor { return ops.Add(x[0], outer) }, []*Tensor{autograd.Scalar(1)}, autograd.TapeError},
		{
			"two tapes", func(x ...*Tensor) *Tensor { return ops.Add(x[0], x[1]) },
			[]*Tensor{outer, autograd.NewTape().Var(autograd.Scalar(1))},
			autograd.TapeError,
		},
	}
	for _, test := range tests {
		wantKind(t, test.name, func() { diff.ValueAndGrad(test.f)(test.x...) }, test.want)
	}
}
