package diff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/diff"
	"github.com/tapegrad/tapegrad/autograd/gradcheck"
	"github.com/tapegrad/tapegrad/ops"
)

// A taped is a function that runs on a tape, as those that autograd.Tape.Checkpoint takes.
type taped = func(tape *autograd.Tape, x ...*Tensor) *Tensor

// checkpointed returns a function whose computation is not kept.
func checkpointed(f taped) taped {
	return func(tape *autograd.Tape, x ...*Tensor) *Tensor { return tape.Checkpoint(f, x...) }
}

// A checkpointed function differentiates as any other, and is the function itself where nothing is recorded.
func TestCheckpointOfAFunction(t *testing.T) {
	f := func(x ...*Tensor) *Tensor { return ops.Sum(ops.Mul(ops.Exp(ops.Mul(x[0], x[1])), x[0])) }
	a, b := autograd.FromSlice([]float64{0.3, -1.2}, 2), autograd.FromSlice([]float64{0.8, 0.5}, 2)
	if want, got := f(a, b).Item(), diff.Checkpoint(f)(a, b).Item(); got != want {
		t.Errorf("where nothing is recorded the value is %v, want %v", got, want)
	}
	want, got := diff.Hessian(f)(a, b), diff.Hessian(diff.Checkpoint(f))(a, b)
	for i := range want {
		for j := range want[i] {
			wantClose(t, fmt.Sprintf("block %d %d of the Hessian", i, j), got[i][j], autograd.Values[float64](want[i][j]), []int{2, 2})
		}
	}
	calls := 0
	counted := diff.Checkpoint(func(x ...*Tensor) *Tensor { calls++; return f(x...) })
	if diff.ValueAndGrad(counted)(a, b); calls != 2 {
		t.Errorf("a value and its gradient took %d calls, want 2", calls)
	}
}

// A block is a layer with a weight, which it uses twice, and its checkpointed form.
type block struct{ w, b *autograd.Param }

func newBlock(name string, seed uint64) block {
	r := rand.New(rand.NewPCG(seed, 0))
	param := func(part string, shape ...int) *autograd.Param {
		values := make([]float64, tensor.Shape(shape).TotalSize())
		for i := range values {
			values[i] = 0.5 * r.NormFloat64()
		}
		return autograd.NewParam(name+part, autograd.FromSlice(values, shape...))
	}
	return block{param("w", 3, 3), param("b", 3)}
}

func (l block) forward(tape *autograd.Tape, x ...*Tensor) *Tensor {
	h := ops.Tanh(ops.Linear(x[0], tape.Param(l.w), tape.Param(l.b)))
	return ops.Add(ops.MatMul(h, tape.Param(l.w)), h)
}

// chain is two blocks, with a weight shared between them and the second as a part of a part if nested.
func chain(wrap func(taped) taped, nested bool) taped {
	first, second := newBlock("first.", 1), newBlock("second.", 2)
	f, g := wrap(first.forward), wrap(second.forward)
	if !nested {
		return func(tape *autograd.Tape, x ...*Tensor) *Tensor { return ops.Sin(g(tape, f(tape, x[0]))) }
	}
	return wrap(func(tape *autograd.Tape, x ...*Tensor) *Tensor { return ops.Sin(g(tape, f(tape, x[0]))) })
}

func plain(f taped) taped { return f }

func batch() *Tensor { return autograd.FromSlice([]float64{0.3, -0.4, 0.5, 1.1, 0.2, -0.9}, 2, 3) }

// everything returns the value, the gradients of a stream with a constant input, and the first, second and third derivatives with
// respect to the input, as bits.
func everything(f taped) map[string][]float64 {
	results := make(map[string][]float64)
	tape := autograd.NewTape()
	tape.Poison = true
	keep := func(name string, x *Tensor) { results[name] = autograd.Values[float64](x) }
	for _, stepped := range []string{"cold", "warm"} {
		loss := ops.Sum(f(tape, tape.Const(batch())))
		keep(stepped+" loss", loss)
		for p, g := range tape.Backward(loss) {
			keep(stepped+" "+p.Name, g)
		}
		tape.Reset()
	}
	x := tape.Var(batch())
	y := ops.Sum(f(tape, x))
	for _, order := range []string{"first", "second", "third"} {
		keep(order+" by Grad", tape.Grad(y, x)[0])
		y = ops.Sum(ops.Square(tape.GradGraph(y, x)[0]))
		keep(order, y)
	}
	for p, g := range tape.Backward(y) {
		keep("after three recorded passes "+p.Name, g)
	}
	return results
}

func TestCheckpointChangesNoBit(t *testing.T) {
	for _, nested := range []bool{false, true} {
		want, got := everything(chain(plain, nested)), everything(chain(checkpointed, nested))
		if len(got) != len(want) {
			t.Errorf("%d results, want %d", len(got), len(want))
		}
		for name, values := range want {
			exact := slices.Equal(got[name], values)
			if !exact && !strings.HasPrefix(name, "cold") && !strings.HasPrefix(name, "warm") && !strings.HasPrefix(name, "first") {
				exact = closeTo(got[name], values) // beyond the first order what is computed again adds its cotangents up apart
			}
			if !exact {
				t.Errorf("nested %v: %s is %v, want %v", nested, name, got[name], values)
			}
		}
	}
}

func closeTo(got, want []float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-13*(1+math.Abs(b)) })
}

func TestCheckpointIsDifferentiable(t *testing.T) {
	l := newBlock("", 3)
	for name, f := range map[string]taped{
		"one": checkpointed(l.forward),
		"nested": checkpointed(func(tape *autograd.Tape, x ...*Tensor) *Tensor {
			return checkpointed(l.forward)(tape, ops.Sin(x[0]))
		}),
		"with a derivative in it": checkpointed(func(tape *autograd.Tape, x ...*Tensor) *Tensor {
			slope := gradient(func(x ...*Tensor) *Tensor { return ops.Sum(ops.PowScalar(ops.Sin(x[0]), 3)) })(x...)
			return l.forward(tape, slope)
		}),
	} {
		report, err := gradcheck.Config{Order: 2}.Compare(f, []*autograd.Param{l.w, l.b}, batch())
		if err != nil {
			t.Errorf("%s: %v\n%v", name, err, report)
		}
	}
}

// Inputs may be views, may be the same tensor, may depend on each other, and need not be recorded.
func TestCheckpointInputs(t *testing.T) {
	product := func(_ *autograd.Tape, x ...*Tensor) *Tensor {
		return ops.Sum(ops.Mul(ops.Mul(x[0], x[1]), x[2]))
	}
	constant := autograd.FromSlice([]float64{1, -2, 3, -4, 5, -6}, 2, 3)
	for _, graph := range []bool{false, true} {
		var got [2][]float64
		for i, f := range []taped{product, checkpointed(product)} {
			tape := autograd.NewTape()
			x := tape.Var(ops.Transpose(autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 3, 2)))
			u := ops.Sin(x)
			y := ops.Add(f(tape, x, x, u), f(tape, constant, u, u))
			g := tape.Grad(y, x)[0]
			if graph {
				y = ops.Sum(ops.Square(tape.GradGraph(y, u)[0]))
				g = tape.Grad(y, x)[0]
			}
			got[i] = autograd.Values[float64](g)
		}
		if !closeTo(got[1], got[0]) {
			t.Errorf("recorded %v: the gradient is %v, want %v", graph, got[1], got[0])
		}
	}
}

func TestCheckpointWithoutATape(t *testing.T) {
	f := chain(checkpointed, true)
	want := chain(plain, true)(nil, batch())
	if y := f(nil, batch()); y.IsRecorded() || !slices.Equal(autograd.Values[float64](y), autograd.Values[float64](want)) {
		t.Errorf("on a nil tape the value is %v, want %v", y, want)
	}
	tape := autograd.NewTape()
	identity := checkpointed(func(_ *autograd.Tape, x ...*Tensor) *Tensor { return x[0] })
	if y := identity(tape, batch()); y.IsRecorded() {
		t.Error("without a recorded input something is recorded")
	}
	x := tape.Var(batch())
	wantClose(t, "the gradient of the identity", tape.Grad(ops.Sum(identity(tape, x)), x)[0], []float64{1, 1, 1, 1, 1, 1}, []int{2, 3})
	none := checkpointed(func(*autograd.Tape, ...*Tensor) *Tensor { return autograd.Scalar(3) })
	wantClose(t, "the gradient of a constant", tape.Grad(none(tape, x), x)[0], make([]float64, 6), []int{2, 3})
	wantClose(t, "its recorded gradient", tape.GradGraph(none(tape, x), x)[0], make([]float64, 6), []int{2, 3})
}

// What is bound on the tape is what the function sees, and a recorded pass leaves the bindings as they were.
func TestCheckpointAndBind(t *testing.T) {
	p := autograd.NewParam("p", autograd.Scalar(2))
	f := checkpointed(func(tape *autograd.Tape, x ...*Tensor) *Tensor { return ops.Mul(x[0], ops.Square(tape.Param(p))) })
	tape := autograd.NewTape()
	x, leaf := tape.Var(autograd.Scalar(5)), tape.Param(p)
	y := f(tape, x)
	g := tape.GradGraph(y, leaf)[0]
	wantClose(t, "2xp", g, []float64{20}, nil)
	if tape.Param(p) != leaf {
		t.Error("after a recorded pass the parameter has another leaf")
	}
	bound := tape.Var(autograd.Scalar(3))
	tape.Bind(p, bound)
	y = f(tape, x)
	wantClose(t, "xp² at the bound p", y, []float64{45}, nil)
	wantClose(t, "2xp at the bound p", tape.GradGraph(y, bound)[0], []float64{30}, nil)
	if tape.Param(p) != bound {
		t.Error("after a recorded pass the parameter has lost its binding")
	}
}

// The memory of 64 operations in 8 parts is that of 16 values, and a few gradients.
func TestCheckpointSavesMemory(t *testing.T) {
	const size, parts, length = 1 << 15, 8, 8
	part := func(_ *autograd.Tape, x ...*Tensor) *Tensor {
		y := x[0]
		for range length {
			y = ops.Sin(y)
		}
		return y
	}
	input := autograd.Ones(tensor.Float64, size)
	used := func(f taped) int64 {
		before := heap()
		tape := autograd.NewTape()
		for range 2 {
			x := tape.Var(input)
			y := x
			for range parts {
				y = f(tape, y)
			}
			tape.Grad(ops.Sum(y), x)
			tape.Reset()
		}
		after := heap()
		runtime.KeepAlive(tape)
		return after - before
	}
	const value = 8 * size
	without, with := used(part), used(checkpointed(part))
	t.Logf("%d values without, %d with", without/value, with/value)
	if without < parts*length*value {
		t.Errorf("without Checkpoint the tape has %d bytes: less than the values of its operations", without)
	}
	if limit := int64(parts+length+8) * value; with > limit {
		t.Errorf("with Checkpoint the tape has %d bytes, want at most %d", with, limit)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestCheckpointMisuse(t *testing.T) {
	tape, other := autograd.NewTape(), autograd.NewTape()
	x, elsewhere := tape.Var(autograd.Scalar(1)), other.Var(autograd.Scalar(1))
	p := autograd.NewParam("p", autograd.Scalar(1))
	calls := 0.0
	run := func(f taped, x ...*Tensor) func() { return func() { checkpointed(f)(tape, x...) } }
	tests := []struct {
		name string
		call func()
		want autograd.Kind
	}{
		{"captures", run(func(_ *autograd.Tape, y ...*Tensor) *Tensor { return ops.Mul(x, y[0]) }, x), autograd.TapeError},
		{"returns what it captured", run(func(*autograd.Tape, ...*Tensor) *Tensor { return x }, x), autograd.TapeError},
		{"captures beside a parameter", run(func(tape *autograd.Tape, y ...*Tensor) *Tensor { return ops.Mul(x, tape.Param(p)) }, x), autograd.TapeError},
		{"an input of another tape", run(func(_ *autograd.Tape, y ...*Tensor) *Tensor { return y[0] }, elsewhere), autograd.TapeError},
		{"nil", run(func(*autograd.Tape, ...*Tensor) *Tensor { return nil }, x), autograd.ValueError},
		{"another value the second time", func() {
			y := checkpointed(func(_ *autograd.Tape, y ...*Tensor) *Tensor { calls++; return ops.Scale(y[0], calls) })(tape, x)
			tape.Grad(y, x)
		}, autograd.ValueError},
		{"another shape the second time", func() {
			y := checkpointed(func(_ *autograd.Tape, y ...*Tensor) *Tensor { calls++; return ops.BroadcastTo(y[0], int(calls)) })(tape, x)
			tape.VJP(y, autograd.Ones(tensor.Float64, y.Size()), x)
		}, autograd.ValueError},
		{"a parameter that was written", func() {
			y := checkpointed(func(tape *autograd.Tape, y ...*Tensor) *Tensor { return ops.Mul(y[0], tape.Param(p)) })(tape, x)
			autograd.Write[float64](p)[0] = 2
			tape.Grad(y, x)
		}, autograd.StaleError},
	}
	for _, test := range tests {
		wantKind(t, test.name, test.call, test.want)
	}
	f := checkpointed(func(_ *autograd.Tape, x ...*Tensor) *Tensor { return ops.Sin(x[0]) })
	wantClose(t, "after all that the gradient", tape.Grad(f(tape, x), x)[0], []float64{math.Cos(1)}, nil)
}
