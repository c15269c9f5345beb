package autograd_test

import (
	"slices"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

type thing struct{}

// places returns the scope of each record of a tape, with its operation.
func places(tape *autograd.Tape) []string {
	var all []string
	for n := range tape.Nodes() {
		name := "leaf"
		if n.Op != nil {
			name = n.Op.Name
		}
		if n.Scope != nil {
			name += " in " + n.Scope.String()
		}
		all = append(all, name)
	}
	return all
}

func wantPlaces(t *testing.T, tape *autograd.Tape, want ...string) {
	t.Helper()
	if got := places(tape); !slices.Equal(got, want) {
		t.Errorf("the records are\n%q, want\n%q", got, want)
	}
}

func TestScopes(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(0.5))
	empty := tape.Enter("empty", nil)
	tape.Leave(empty)
	outer := tape.Enter("0", nil)
	tape.Leave(tape.Enter("empty", nil))
	inner := tape.Enter("2", &thing{})
	y := ops.Tanh(x)
	tape.Leave(inner)
	y = ops.Exp(y)
	second := tape.Enter("3", struct{}{})
	y = ops.Sin(y)
	wantPlaces(t, tape, "leaf", "tanh in 0.2 thing", "exp in 0", "sin in 0.3 struct {}") // while scopes are open
	tape.Leave(second)
	tape.Leave(outer)
	ops.Cos(y)
	want := []string{"leaf", "tanh in 0.2 thing", "exp in 0", "sin in 0.3 struct {}", "cos"}
	wantPlaces(t, tape, want...)
	tape.Leave(inner) // again: it has ended
	wantPlaces(t, tape, want...)

	var scopes []*autograd.Scope
	for n := range tape.Nodes() {
		scopes = append(scopes, n.Scope)
	}
	if scopes[1].Parent != scopes[2] || scopes[3].Parent != scopes[2] || scopes[2].Parent != nil {
		t.Error("the scopes of the inner nodes are not within that of the outer one")
	}
	if _, ok := scopes[1].What.(*thing); !ok {
		t.Errorf("What is %T", scopes[1].What)
	}
}

func TestScopesEndWithReset(t *testing.T) {
	tape := autograd.NewTape()
	err := autograd.Try(func() {
		tape.Enter("0", nil)
		tape.Enter("1", nil)
		ops.Add(tape.Var(autograd.Scalar(1)), autograd.FromSlice([]float64{1}, 1, -1))
	})
	if err == nil {
		t.Fatal("no panic")
	}
	tape.Reset()
	x := tape.Var(autograd.Scalar(1))
	mark := tape.Enter("2", nil)
	ops.Sin(x)
	tape.Leave(mark)
	ops.Cos(x)
	wantPlaces(t, tape, "leaf", "sin in 2", "cos")
}

// A panic that is recovered in a scope does not leave the scopes in it open.
func TestScopesSurviveAPanic(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(1))
	outer := tape.Enter("0", nil)
	_ = autograd.Try(func() {
		tape.Enter("1", nil)
		ops.Reshape(x, 2)
	})
	tape.Leave(outer)
	ops.Exp(x)
	mark := tape.Enter("2", nil)
	ops.Sin(x)
	tape.Leave(mark)
	wantPlaces(t, tape, "leaf", "exp", "sin in 2")
}

func TestRecordedPassIsAScope(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(0.5))
	y := ops.Exp(x)
	tape.GradGraph(y, x)
	_ = autograd.Try(func() { tape.VJPGraph(y, autograd.Zeros(x.Dtype(), 3), x) })
	tape.Grad(y, x)
	ops.Sin(x)
	wantPlaces(t, tape, "leaf", "exp", "mul in gradient", "sin")
}

func TestScopesWithoutRecords(t *testing.T) {
	var none *autograd.Tape
	none.Leave(none.Enter("0", nil))
	tape := autograd.NewTape()
	p := autograd.NewParam("p", autograd.Scalar(1))
	for range tape.Backward(ops.Exp(tape.Param(p))) {
		mark := tape.Enter("0", nil)
		tape.Leave(mark)
	}
	wantPlaces(t, tape, "leaf", "exp")
}

func TestScopesAllocateNothing(t *testing.T) {
	tape := autograd.NewTape()
	what := &thing{}
	x := autograd.Scalar(1)
	step := func() {
		outer := tape.Enter("0", what)
		inner := tape.Enter("1", what)
		tape.Var(x)
		tape.Leave(inner)
		tape.Leave(outer)
		tape.Reset()
	}
	without := func() {
		tape.Var(x)
		tape.Reset()
	}
	if got, want := testing.AllocsPerRun(640, step), testing.AllocsPerRun(640, without); got > want {
		t.Errorf("with two scopes %v allocations, without %v", got, want)
	}
}
