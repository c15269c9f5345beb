package diff_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/diff"
	"github.com/tapegrad/tapegrad/ops"
)

// curve is a function (3) to (2) with no derivative that is zero.
func curve(x ...*Tensor) *Tensor {
	w := autograd.FromSlice([]float64{0.3, -0.8, 1.1, 0.6, 0.9, -0.4}, 2, 3)
	return ops.Exp(ops.Tanh(times(w, x[0])))
}

// times is the product of a matrix (n, k) with a vector (k), of any matrices (…, n, k) too.
func times(a, x *Tensor) *Tensor { return ops.Sum(ops.Mul(a, x), -1) }

func point() *Tensor { return autograd.FromSlice([]float64{0.4, -0.7, 1.2}, 3) }

func direction() *Tensor { return autograd.FromSlice([]float64{-0.5, 0.9, 0.2}, 3) }

func sumOf(f diff.Func) diff.Func {
	return func(x ...*Tensor) *Tensor { return ops.Sum(ops.Square(f(x...))) }
}

// agree compares two computations of the same numbers.
func agree(t *testing.T, what string, got, want *Tensor) {
	t.Helper()
	wantClose(t, what, got, autograd.Values[float64](want), want.Shape())
}

func gradient(f diff.Func) diff.Func {
	return func(x ...*Tensor) *Tensor {
		_, g := diff.ValueAndGrad(f)(x...)
		return g[0]
	}
}

func jacobian(f diff.Func) diff.Func {
	return func(x ...*Tensor) *Tensor { return diff.Jacobian(f)(x...)[0] }
}

func hessian(f diff.Func) diff.Func {
	return func(x ...*Tensor) *Tensor { return diff.Hessian(f)(x...)[0][0] }
}

// along returns the derivative of f in the direction.
func along(f diff.Func) diff.Func {
	return func(x ...*Tensor) *Tensor {
		_, tangent := diff.JVP(f)(x, []*Tensor{direction()})
		return tangent
	}
}

func TestDerivativesNest(t *testing.T) {
	f, x := sumOf(curve), point()
	h := hessian(f)(x)
	agree(t, "Jacobian of the gradient", jacobian(gradient(f))(x), h)
	agree(t, "Jacobian of the Jacobian", jacobian(jacobian(f))(x), h)

	hv := times(h, direction())
	agree(t, "reverse over reverse", diff.HVP(f)([]*Tensor{x}, []*Tensor{direction()})[0], hv)
	agree(t, "forward over reverse", along(gradient(f))(x), hv)
	agree(t, "reverse over forward", gradient(along(f))(x), hv)
	agree(t, "forward over forward", along(along(f))(x), ops.Sum(ops.Mul(hv, direction())))

	agree(t, "Jacobian of the Hessian", jacobian(hessian(f))(x), jacobian(jacobian(jacobian(f)))(x))
	agree(t, "forward over the Hessian", along(hessian(f))(x), times(jacobian(hessian(f))(x), direction()))
	agree(t, "Jacobian of a JVP", jacobian(along(curve))(x), along(jacobian(curve))(x))
	hvp := func(x ...*Tensor) *Tensor { return diff.HVP(f)(x, []*Tensor{direction()})[0] }
	agree(t, "Jacobian of an HVP", jacobian(hvp)(x), along(hessian(f))(x))
}

// The area that a map stretches by, det J, has second derivatives of its own: those of a function that calls Jacobian.
func TestHessianOfAFunctionOfAJacobian(t *testing.T) {
	square := func(x ...*Tensor) *Tensor { // (a, b) to (a²b, a + b³); det J = 6ab³ - a²
		a, b := ops.Slice(x[0], 0, 0, 1), ops.Slice(x[0], 0, 1, 2)
		return ops.Concat(0, ops.Mul(ops.Square(a), b), ops.Add(a, ops.PowScalar(b, 3)))
	}
	area := func(x ...*Tensor) *Tensor {
		j := ops.Reshape(diff.Jacobian(square)(x...)[0], 4)
		at := func(i int) *Tensor { return ops.Slice(j, 0, i, i+1) }
		return ops.Sub(ops.Mul(at(0), at(3)), ops.Mul(at(1), at(2)))
	}
	const a, b = 1.5, 0.7
	x := autograd.FromSlice([]float64{a, b}, 2)
	wantClose(t, "det J", area(x), []float64{6*a*b*b*b - a*a}, []int{1})
	wantClose(t, "its Hessian", hessian(area)(x), []float64{-2, 18 * b * b, 18 * b * b, 36 * a * b}, []int{2, 2})
}

// On the tape of an argument all of it is recorded there, and can be differentiated further by the tape.
func TestNestsInATape(t *testing.T) {
	f := sumOf(curve)
	third := jacobian(hessian(f))(point())
	tape := autograd.NewTape()
	x := tape.Var(point())
	cotangent := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	want := times(ops.Transpose(ops.Reshape(third, 9, 3)), ops.Reshape(cotangent, 9))
	for name, second := range map[string]*Tensor{
		"Hessian": hessian(f)(x), "Jacobian": jacobian(func(x ...*Tensor) *Tensor { return tape.GradGraph(f(x...), x[0])[0] })(x),
	} {
		if second.Tape() != tape {
			t.Fatalf("the %s is not on the tape of its argument", name)
		}
		agree(t, name, tape.VJP(second, cotangent, x)[0], want)
	}
	_, tangent := diff.JVP(curve)([]*Tensor{point()}, []*Tensor{x}) // linear in the direction
	if tangent.Tape() != tape {
		t.Fatal("a JVP is not on the tape of its direction")
	}
	j := jacobian(curve)(point())
	for k := range 2 {
		g := tape.VJP(tangent, autograd.FromSlice([]float64{float64(1 - k), float64(k)}, 2), x)[0]
		agree(t, "the derivative by the direction", g, ops.Reshape(ops.Slice(j, 0, k, k+1), 3))
	}
}

func TestSecondDerivativeOfTanh(t *testing.T) {
	f := func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }
	for name, got := range map[string]*Tensor{
		"gradient of the gradient": gradient(gradient(f))(autograd.Scalar(0.5)),
		"Hessian":                  hessian(f)(autograd.Scalar(0.5)),
		"Jacobian of the Jacobian": jacobian(jacobian(f))(autograd.Scalar(0.5)),
	} {
		if v := math.Tanh(0.5); math.Abs(got.Item()-(-2*v*(1-v*v))) > 1e-15 {
			t.Errorf("%s of tanh at 0.5 is %v, want -0.72686", name, got)
		}
	}
}

// f runs once whatever the number of elements.
func TestJacobianRunsTheFunctionOnce(t *testing.T) {
	calls := 0
	f := func(x ...*Tensor) *Tensor {
		calls++
		return ops.Tanh(ops.Sum(x[0]))
	}
	diff.Jacobian(func(x ...*Tensor) *Tensor { return ops.Add(f(x...), x[0]) })(autograd.FromSlice(make([]float64, 50), 50))
	diff.Hessian(f)(autograd.FromSlice(make([]float64, 50), 50))
	if calls != 2 {
		t.Errorf("a Jacobian and a Hessian called the function %d times", calls)
	}
}

func TestShapesOfJacobians(t *testing.T) {
	tests := []struct {
		name string
		f    diff.Func
		x    []int
		want string
	}{
		{"no elements out", func(x ...*Tensor) *Tensor { return ops.Slice(x[0], 0, 0, 0) }, []int{3}, "(0, 3)"},
		{"no elements in", func(x ...*Tensor) *Tensor { return ops.Sum(x[0], 0) }, []int{0, 2}, "(2, 0, 2)"},
		{"scalars", func(x ...*Tensor) *Tensor { return ops.Exp(x[0]) }, nil, "()"},
		{"a matrix of a matrix", func(x ...*Tensor) *Tensor { return ops.Transpose(x[0]) }, []int{2, 3}, "(3, 2, 2, 3)"},
	}
	for _, test := range tests {
		for _, dtype := range []struct {
			name string
			x    *Tensor
		}{{"float64", autograd.Zeros(autograd.Scalar(0).Dtype(), test.x...)}, {"float32", autograd.Zeros(autograd.FromSlice([]float32{0}).Dtype(), test.x...)}} {
			j := diff.Jacobian(test.f)(dtype.x)[0]
			if fmt.Sprint(j.Shape()) != test.want || j.IsRecorded() || j.Dtype() != dtype.x.Dtype() {
				t.Errorf("%s: the Jacobian is %v of shape %v, want %s %s", test.name, j.Dtype(), j.Shape(), dtype.name, test.want)
			}
			tape := autograd.NewTape()
			if j := diff.Jacobian(test.f)(tape.Var(dtype.x))[0]; fmt.Sprint(j.Shape()) != test.want || j.Tape() != tape {
				t.Errorf("%s: on a tape the Jacobian is of shape %v, want %s, recorded", test.name, j.Shape(), test.want)
			}
		}
	}
}

func TestMisuseOfProducts(t *testing.T) {
	a, b := point(), autograd.FromSlice([]float64{1, 2}, 2)
	tests := []struct {
		name string
		call func()
		want autograd.Kind
	}{
		{"JVP: another shape", func() { diff.JVP(curve)([]*Tensor{a}, []*Tensor{b}) }, autograd.ShapeError},
		{"JVP: no direction", func() { diff.JVP(curve)([]*Tensor{a}, nil) }, autograd.ValueError},
		{"HVP: another shape", func() { diff.HVP(sumOf(curve))([]*Tensor{a}, []*Tensor{b}) }, autograd.ShapeError},
		{"HVP: no arguments", func() { diff.HVP(sumOf(curve))(nil, nil) }, autograd.ValueError},
		{"HVP: not a scalar", func() { diff.HVP(curve)([]*Tensor{a}, []*Tensor{a}) }, autograd.ShapeError},
		{"VJP: another shape", func() { diff.VJP(curve)([]*Tensor{a}, a) }, autograd.ShapeError},
		{"Hessian: not a scalar", func() { diff.Hessian(curve)(a) }, autograd.ShapeError},
		{"Jacobian: independent", func() { diff.Jacobian(func(...*Tensor) *Tensor { return b })(a) }, autograd.TapeError},
	}
	for _, test := range tests {
		wantKind(t, test.name, test.call, test.want)
	}
}

func wantKind(t *testing.T, name string, call func(), want autograd.Kind) {
	t.Helper()
	err := autograd.Try(call)
	var e *autograd.Error
	if !errors.As(err, &e) || e.Kind != want {
		t.Errorf("%s: got error %v, want one of kind %v", name, err, want)
	}
}
