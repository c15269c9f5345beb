package gradcheck_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/gradcheck"
	"github.com/tapegrad/tapegrad/ops"
)

type Tensor = autograd.Tensor

// square is x² with a derivative that is factor times the right one.
func square(x *Tensor, factor float64) *Tensor {
	y := ops.Mul(x.Detach(), x.Detach())
	return wrongSquare.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return ops.Scale(ops.Mul(g, x), 2*factor) }))
}

var wrongSquare = &autograd.Op{Name: "square"}

func values(v ...float64) *Tensor { return autograd.FromSlice(v, len(v)) }

func random(seed uint64, shape ...int) *Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = 3*r.Float64() - 1.5
	}
	return autograd.FromSlice(v, shape...)
}

func TestRightRulesPass(t *testing.T) {
	tests := []struct {
		name  string
		order int
		f     func(x ...*Tensor) *Tensor
		x     []*Tensor
	}{
		{"a layer", 2, func(x ...*Tensor) *Tensor { return ops.Tanh(ops.Linear(x[0], x[1], x[2])) }, []*Tensor{random(1, 2, 3), random(2, 3, 2), random(3, 2)}},
		{"order 4", 4, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }, []*Tensor{values(-0.7, 0.4)}},
		{"order 3 of two inputs", 3, func(x ...*Tensor) *Tensor { return ops.Mul(ops.Tanh(x[0]), x[1]) }, []*Tensor{values(-0.7), values(0.4)}},
		{"linear, whose second derivative is zero", 2, func(x ...*Tensor) *Tensor { return ops.Scale(x[0], 3) }, []*Tensor{values(1, 2)}},
		{"an input that does not matter", 2, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }, []*Tensor{values(1), values(2)}},
		{"the input itself", 2, func(x ...*Tensor) *Tensor { return x[0] }, []*Tensor{values(1, 2)}},
		{"a view", 2, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }, []*Tensor{ops.Transpose(random(1, 2, 3))}},
		{"a constant that takes any dtype", 2, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }, []*Tensor{autograd.Scalar(0.3)}},
		{"no elements", 2, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }, []*Tensor{values()}},
		{"large values", 2, func(x ...*Tensor) *Tensor { return square(x[0], 1) }, []*Tensor{values(1e6, -3e7)}},
		{"small values", 2, func(x ...*Tensor) *Tensor { return square(x[0], 1) }, []*Tensor{values(1e-6, -3e-7)}},
		{"a random source that starts anew", 2, func(x ...*Tensor) *Tensor {
			return ops.Dropout(x[0], 0.5, rand.New(rand.NewPCG(1, 1)))
		}, []*Tensor{random(1, 8)}},
	}
	for _, test := range tests {
		if err := (gradcheck.Config{Order: test.order}).Check(test.f, test.x...); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// The gap is rounding alone, a hundred times below the tolerance, at every order: no second differences.
func TestGapIsFarBelowTheTolerance(t *testing.T) {
	for order := 1; order <= 3; order++ {
		report, err := gradcheck.Config{Order: order}.Compare(func(_ *autograd.Tape, x ...*Tensor) *Tensor {
			return ops.Tanh(ops.MatMul(x[0], x[1]))
		}, nil, random(1, 2, 3), random(2, 3, 2))
		if err != nil || report.Gap > 1e-8 {
			t.Errorf("order %d: %v, %v", order, report, err)
		}
	}
}

// Each derivative by each element of each input is compared: an error in any one is found and named.
func TestFindsAnyElement(t *testing.T) {
	x := []*Tensor{random(1, 2, 3), random(2, 3, 2)}
	for input := range x {
		for element := range x[input].Size() {
			mask := make([]float64, x[input].Size())
			for i := range mask {
				mask[i] = 1
			}
			mask[element] = 1.001
			tape := func() *autograd.Tape {
				tape := autograd.NewTape()
				tape.Wrap = func(op *autograd.Op, i int, rule autograd.Rule) autograd.Rule {
					if op.Name != "matmul" && op.Name != "matMul" || i != input {
						return rule
					}
					return func(y, g *Tensor) *Tensor {
						return ops.Mul(rule(y, g), autograd.FromSlice(mask, x[input].Shape()...))
					}
				}
				return tape
			}
			err := gradcheck.Config{Tape: tape}.Check(func(x ...*Tensor) *Tensor { return ops.MatMul(x[0], x[1]) }, x...)
			var e *gradcheck.Error
			columns := x[input].Shape()[1]
			if !errors.As(err, &e) || e.By != fmt.Sprint("input ", input) || !slices.Equal(e.Index, []int{element / columns, element % columns}) || e.Failed != 1 {
				t.Errorf("an error at element %d of input %d gives: %v", element, input, err)
			}
		}
	}
}

func TestVerdicts(t *testing.T) {
	calls := 0.0
	tests := []struct {
		name  string
		order int
		f     func(x ...*Tensor) *Tensor
		x     *Tensor
		want  gradcheck.Verdict
		says  string
	}{
		{"sign", 1, func(x ...*Tensor) *Tensor { return square(x[0], -1) }, values(0.5), gradcheck.WrongRule, "the derivative of f by element (0) of input 0: tape "},
		{"a factor", 1, func(x ...*Tensor) *Tensor { return square(x[0], 1.001) }, values(0.5, 2), gradcheck.WrongRule, "(2 of 2 disagree)"},
		{
			"so slightly that the gap is within the curvature", 1,
			func(x ...*Tensor) *Tensor { return square(x[0], 1+4e-6) }, values(1), gradcheck.WrongRule, "by element (0) of input 0",
		},
		{"right at order 1 only", 2, func(x ...*Tensor) *Tensor {
			y := ops.Mul(x[0].Detach(), x[0].Detach())
			return wrongSquare.Record(y, autograd.Wrt(x[0], func(_, g *Tensor) *Tensor { return ops.Scale(ops.Mul(g, x[0].Detach()), 2) }))
		}, values(0.5), gradcheck.WrongRule, "the derivative of the gradient by input 0 by element (0) of input 0: tape 0,"},
		{"cut from the cotangent", 2, func(x ...*Tensor) *Tensor {
			y := ops.Mul(x[0].Detach(), x[0].Detach())
			return wrongSquare.Record(y, autograd.Wrt(x[0], func(_, g *Tensor) *Tensor { return ops.Scale(ops.Mul(g.Detach(), x[0]), 2) }))
		}, values(0.5), gradcheck.WrongRule, "by element (0) of the cotangent of f: tape 0,"},
		{"other when recorded", 2, func(x ...*Tensor) *Tensor {
			y := ops.Mul(x[0].Detach(), x[0].Detach())
			return wrongSquare.Record(y, autograd.Wrt(x[0], func(_, g *Tensor) *Tensor {
				if autograd.Recording(g) {
					return ops.Scale(ops.Mul(g, x[0]), 3)
				}
				return ops.Scale(ops.Mul(g, x[0]), 2)
			}))
		}, values(0.5), gradcheck.WrongRule, "while it is recorded"},
		{"at a kink", 1, func(x ...*Tensor) *Tensor { return ops.ReLU(x[0]) }, values(1, 0), gradcheck.Kink, "the one-sided differences disagree"},
		{"beside a kink", 1, func(x ...*Tensor) *Tensor { return ops.ReLU(x[0]) }, values(1, -3e-6), gradcheck.Kink, "with a smaller step the gap shrinks"},
		{"just beside a kink", 1, func(x ...*Tensor) *Tensor { return ops.ReLU(x[0]) }, values(1, 2e-7), gradcheck.Kink, "check it away from the kink"},
		{"a kink of the gradient", 2, func(x ...*Tensor) *Tensor { return ops.Mul(x[0], ops.ReLU(x[0])) }, values(0), gradcheck.Kink, "with a smaller step the gap shrinks"},
		{"not deterministic", 1, func(x ...*Tensor) *Tensor {
			calls++
			return ops.Scale(x[0], calls)
		}, values(1), gradcheck.NotDeterministic, "f at element (0) is 1, and at the next call with the same inputs 2"},
		{"NaN", 1, func(x ...*Tensor) *Tensor { return ops.Log(x[0]) }, values(1, -1), gradcheck.NotFinite, "f is NaN at element (1)"},
		{"infinite", 1, func(x ...*Tensor) *Tensor { return ops.Log(x[0]) }, values(0), gradcheck.NotFinite, "f is -Inf at element (0)"},
		{"at the edge of the domain", 1, func(x ...*Tensor) *Tensor { return ops.Sqrt(x[0]) }, values(0), gradcheck.NotFinite, "not nearby"},
		{"a rule that gives NaN", 1, func(x ...*Tensor) *Tensor { return square(x[0], math.NaN()) }, values(1), gradcheck.NotFinite, "its rule is not"},
	}
	for _, test := range tests {
		err := gradcheck.Config{Order: test.order}.Check(test.f, test.x)
		var e *gradcheck.Error
		if !errors.As(err, &e) || e.Verdict != test.want || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v\nwant %v: … %s", test.name, err, test.want, test.says)
		}
	}
}

func TestOtherErrors(t *testing.T) {
	tanh := func(x ...*Tensor) *Tensor { return ops.Tanh(x[0]) }
	rows := 0
	tests := []struct {
		name   string
		config gradcheck.Config
		f      func(x ...*Tensor) *Tensor
		x      *Tensor
		says   string
	}{
		{"float32", gradcheck.Config{}, tanh, autograd.FromSlice([]float32{1}, 1), "input 0: the dtype is float32, but differences need the precision of float64"},
		{"a complaint of f", gradcheck.Config{}, func(x ...*Tensor) *Tensor { return ops.MatMul(x[0], x[0]) }, random(1, 2, 3), "ops.MatMul: inner dimensions differ"},
		{"independent", gradcheck.Config{}, func(...*Tensor) *Tensor { return values(1) }, values(1), "is not recorded"},
		{"detached", gradcheck.Config{}, func(x ...*Tensor) *Tensor { return ops.Tanh(x[0].Detach()) }, values(1), "is not recorded"},
		{"another shape each time", gradcheck.Config{}, func(x ...*Tensor) *Tensor {
			rows++
			return ops.BroadcastTo(x[0], rows, 1)
		}, values(1), "f has shape (1, 1), and at the next call with the same inputs (2, 1)"},
		{"float32 inside", gradcheck.Config{}, func(...*Tensor) *Tensor { return autograd.FromSlice([]float32{1}, 1) }, values(1), "the result is float32"},
		{"no result", gradcheck.Config{}, func(...*Tensor) *Tensor { return nil }, values(1), "f returned nil"},
		{"negative step", gradcheck.Config{Eps: -1}, tanh, values(1), "must not be negative or NaN"},
		{"tolerance NaN", gradcheck.Config{AbsTol: math.NaN()}, tanh, values(1), "must not be negative or NaN"},
		{"negative tolerance", gradcheck.Config{RelTol: -1}, tanh, values(1), "must not be negative or NaN"},
		{"negative order", gradcheck.Config{Order: -1}, tanh, values(1), "must not be negative or NaN"},
	}
	for _, test := range tests {
		err := test.config.Check(test.f, test.x)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "gradcheck: ") {
			t.Errorf("%s: got error %v, want one that says %q", test.name, err, test.says)
		}
	}
}

func TestParams(t *testing.T) {
	w, b := autograd.NewParam("weight", random(1, 3, 2)), autograd.NewParam("bias", random(2, 2))
	layer := func(t *autograd.Tape, x ...*Tensor) *Tensor {
		return ops.Tanh(ops.Add(ops.MatMul(x[0], t.Param(w)), square(t.Param(b), 1)))
	}
	wrong := func(t *autograd.Tape, x ...*Tensor) *Tensor {
		return ops.Tanh(ops.Add(ops.MatMul(x[0], t.Param(w)), square(t.Param(b), 1.001)))
	}
	params, x := []*autograd.Param{w, b}, random(3, 2, 3)
	before := autograd.Values[float64](w.Value())
	report, err := gradcheck.Config{Order: 2}.Compare(layer, params, x)
	if want := 4*0 + 14 + 3*(14+4); err != nil || report.Compared != want {
		t.Errorf("compared %d derivatives, want %d; error %v", report.Compared, want, err)
	}
	if !slices.Equal(before, autograd.Values[float64](w.Value())) {
		t.Error("the check changed a parameter")
	}
	var e *gradcheck.Error
	if err := (gradcheck.Config{}).CheckParams(wrong, params, x); !errors.As(err, &e) || e.By != "parameter bias" {
		t.Errorf("a wrong rule for the bias gives: %v", err)
	}
	single := autograd.NewParam("single", autograd.FromSlice([]float32{1}, 1))
	if err := (gradcheck.Config{}).CheckParams(layer, []*autograd.Param{single}, x); err == nil || !strings.Contains(err.Error(), "parameter single: the dtype is float32") {
		t.Errorf("a float32 parameter gives: %v", err)
	}
}

// However far from a kink, it is told from a wrong rule, as long as the step reaches over it.
func TestKinkAtAnyDistance(t *testing.T) {
	relu := func(x ...*Tensor) *Tensor { return ops.ReLU(x[0]) }
	for distance := 1e-10; distance < 0.999e-5; distance *= 1.1 {
		for _, x := range []float64{distance, -distance} {
			var e *gradcheck.Error
			if err := (gradcheck.Config{}).Check(relu, values(x)); !errors.As(err, &e) || e.Verdict != gradcheck.Kink {
				t.Errorf("ReLU at %g: %v", x, err)
			}
		}
	}
}

// What is not finite is the worst there is, wherever among the elements it occurs.
func TestNotFiniteIsWorst(t *testing.T) {
	for at := range 3 {
		factors := []float64{2, 2, 2}
		factors[at] = math.NaN()
		f := func(x ...*Tensor) *Tensor {
			y := ops.Scale(x[0].Detach(), 1)
			return wrongSquare.Record(y, autograd.Wrt(x[0], func(_, g *Tensor) *Tensor { return ops.Mul(g, values(factors...)) }))
		}
		var e *gradcheck.Error
		if err := (gradcheck.Config{}).Check(f, values(1, 2, 3)); !errors.As(err, &e) || e.Verdict != gradcheck.NotFinite || e.Index[0] != at || e.Failed != 3 {
			t.Errorf("NaN at element %d gives: %v", at, err)
		}
	}
}

// A gap that is so small that it lies within what the one-sided differences disagree by, as they do wherever there is curvature,
// is not taken for a kink.
func TestCurvatureIsNoKink(t *testing.T) {
	f := func(x ...*Tensor) *Tensor { return square(x[0], 1+1.15e-6) }
	var e *gradcheck.Error
	if err := (gradcheck.Config{AbsTol: 1e-12}).Check(f, values(1)); !errors.As(err, &e) || e.Verdict != gradcheck.WrongRule {
		t.Errorf("a rule that is wrong by a millionth gives: %v", err)
	}
}

func TestSeedChoosesTheCotangent(t *testing.T) {
	f := func(_ *autograd.Tape, x ...*Tensor) *Tensor { return square(x[0], 1) }
	var reports [3]gradcheck.Report
	for i, seed := range []uint64{1, 2, 1} {
		reports[i], _ = gradcheck.Config{Seed: seed}.Compare(f, nil, values(1))
	}
	if reports[0].Tape == reports[1].Tape || reports[0].Tape != reports[2].Tape {
		t.Errorf("seeds 1, 2 and 1 give %v, %v and %v", reports[0].Tape, reports[1].Tape, reports[2].Tape)
	}
}

// Errors of two elements that would cancel in a plain sum of the outputs do not cancel.
func TestErrorsDoNotCancel(t *testing.T) {
	tape := func() *autograd.Tape {
		tape := autograd.NewTape()
		tape.Wrap = func(op *autograd.Op, _ int, rule autograd.Rule) autograd.Rule {
			if op != wrongSquare {
				return rule
			}
			return func(y, g *Tensor) *Tensor { // the cotangent's elements swapped
				return rule(y, ops.Concat(0, ops.Slice(g, 0, 1, 2), ops.Slice(g, 0, 0, 1)))
			}
		}
		return tape
	}
	if err := (gradcheck.Config{Tape: tape}).Check(func(x ...*Tensor) *Tensor { return square(x[0], 1) }, values(1, 1)); err == nil {
		t.Error("a rule that swaps the elements of its cotangent passes")
	}
}
