package autograd_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

func normal(r *rand.Rand, shape ...int) *Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = 0.7 * r.NormFloat64()
	}
	return autograd.FromSlice(values, shape...)
}

func TestGrad(t *testing.T) {
	tape := autograd.NewTape()
	x, y, z := tape.Var(autograd.Scalar(3)), tape.Var(autograd.Scalar(4)), tape.Var(autograd.Scalar(5))
	f := ops.Add(ops.Mul(x, y), ops.Mul(x, x))
	gs := tape.Grad(f, x, y, z, f, x)
	for i, want := range []float64{10, 3, 0, 1, 10} {
		if got := gs[i].Item(); got != want {
			t.Errorf("gradient %d is %v, want %v", i, got, want)
		}
	}
}

func TestVJP(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2, 3}, 3))
	y := ops.Square(x)
	wantValues(t, tape.VJP(y, autograd.FromSlice([]float64{1, 10, 100}, 3), x)[0], 2, 40, 600)
	wantError(t, autograd.ShapeError, "output has shape (3), the cotangent (2)", func() { tape.VJP(y, autograd.Labels([]int{1, 2}), x) })
	wantError(t, autograd.ShapeError, "want a scalar, given shape (3)", func() { tape.Grad(y, x) })
}

// The derivative of a product with respect to the cotangent is the product itself: differentiating a VJP twice gives a JVP.
func TestVJPGraphInTheCotangent(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	u := tape.Var(autograd.FromSlice([]float64{0, 0}, 2))
	vjp := tape.VJPGraph(ops.Square(x), u, x)[0] // 2 x u
	jvp := tape.VJP(vjp, autograd.FromSlice([]float64{5, 7}, 2), u)[0]
	wantValues(t, jvp, 10, 28)
}

func TestHigherOrders(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(0.3))
	v := math.Tanh(0.3)
	want := []float64{1 - v*v, -2 * v * (1 - v*v), -2 * (1 - v*v) * (1 - 3*v*v), 8 * v * (1 - v*v) * (2 - 3*v*v)}
	y := ops.Tanh(x)
	for order, w := range want {
		y = tape.GradGraph(y, x)[0]
		if got := y.Item(); math.Abs(got-w) > 1e-12 {
			t.Errorf("order %d: %v, want %v", order+1, got, w)
		}
	}
}

// The derivative of a linear function is a constant, and the derivative of that is zero: no error.
func TestGradOfAConstantGradient(t *testing.T) {
	tape := autograd.NewTape()
	x, z := tape.Var(autograd.Scalar(2)), tape.Var(autograd.Scalar(3))
	gs := tape.GradGraph(ops.Scale(x, 5), x, z)
	for i, want := range []float64{5, 0} {
		if got := gs[i].Item(); got != want {
			t.Errorf("gradient %d is %v, want %v", i, got, want)
		}
		if got := tape.Grad(gs[i], x)[0].Item(); got != 0 {
			t.Errorf("its gradient is %v, want 0", got)
		}
	}
}

func TestNilTape(t *testing.T) {
	var tape *autograd.Tape
	x := autograd.Scalar(2)
	p := autograd.NewParam("p", x)
	if tape.Var(x) != x || tape.Const(x) != x || tape.Param(p) != p.Value() {
		t.Fatal("a nil tape does not return its arguments")
	}
	if ops.Mul(tape.Var(x), tape.Param(p)).IsRecorded() {
		t.Fatal("a nil tape records")
	}
	tape.Reset()
	for range tape.Nodes() {
		t.Fatal("a nil tape has nodes")
	}
	wantError(t, autograd.TapeError, "the tape is nil", func() { tape.Bind(p, x) })
	wantError(t, autograd.TapeError, "not recorded", func() { tape.Grad(x, x) })
	wantError(t, autograd.TapeError, "not recorded", func() { tape.Backward(x) })
}

func TestConst(t *testing.T) {
	tape := autograd.NewTape()
	y := ops.Square(tape.Const(autograd.Scalar(3)))
	if y.IsRecorded() {
		t.Fatal("a constant is recorded")
	}
	for range tape.Nodes() {
		t.Fatal("the tape is not empty")
	}
	tape.Reset()
	wantError(t, autograd.StaleError, "Reset", func() { y.Item() })
}

func TestMisuse(t *testing.T) {
	a, b := autograd.NewTape(), autograd.NewTape()
	c := autograd.Scalar(1)
	x, y := a.Var(c), b.Var(c)
	wantError(t, autograd.TapeError, "recorded already", func() { a.Var(x) })
	wantError(t, autograd.TapeError, "different tapes", func() { ops.Add(x, y) })
	wantError(t, autograd.TapeError, "not recorded: it does not depend on any Var or Param", func() { a.Grad(c, x) })
	wantError(t, autograd.TapeError, "a gradient that is to be differentiated comes from GradGraph", func() { a.Grad(a.Grad(ops.Mul(x, x), x)[0], x) })
	wantError(t, autograd.TapeError, "not recorded: it must be what Var or Param returned", func() { a.Grad(x, c) })
	wantError(t, autograd.TapeError, "another tape", func() { a.Grad(y, x) })
	wantError(t, autograd.TapeError, "another tape", func() { a.Grad(x, y) })
	wantError(t, autograd.TapeError, "not recorded", func() { a.Backward(c) })
	wantError(t, autograd.ShapeError, "want a scalar", func() { a.Backward(ops.BroadcastTo(x, 2)) })
	wantValues(t, ops.Add(x.Detach(), y), 2) // what is detached may go anywhere
	bad := &autograd.Op{Name: "bad"}
	identity := func(_, g *Tensor) *Tensor { return g }
	p := autograd.NewParam("p", c)
	for _, old := range []*Tensor{x, p.Value()} {
		wantError(t, autograd.TapeError, "bad: the output is recorded already", func() { bad.Record(old, autograd.Wrt(x, identity)) })
	}
	wantError(t, autograd.ValueError, "bad: the rule of edge 0 is nil", func() { bad.Record(ops.Square(c), autograd.Wrt(x, nil)) })
	wantError(t, autograd.TapeError, "the cotangent is recorded on another tape", func() { a.VJPGraph(x, y, x) })
	wantError(t, autograd.TapeError, "recorded on another tape", func() { a.Bind(p, y) })
	wantError(t, autograd.ValueError, "no inputs", func() { autograd.Empty(tensor.Shape{2}) })
	wantError(t, autograd.ValueError, "a tensor is nil", func() { a.Var(nil) })
	wantError(t, autograd.ValueError, "a tensor is nil", func() { a.Grad(nil, x) })
	wantError(t, autograd.ValueError, "a tensor is nil", func() { ops.Add(nil, x) })
	if g := a.VJP(ops.Add(x, c), x, x)[0]; g.IsRecorded() {
		t.Error("VJP returned a recorded gradient")
	}
	for _, rule := range []struct {
		kind  autograd.Kind
		words string
		rule  autograd.Rule
	}{
		{autograd.ShapeError, "bad: the rule returned shape (2) for an input of shape ()", func(_, g *Tensor) *Tensor { return ops.BroadcastTo(g, 2) }},
		{autograd.DtypeError, "bad: the rule returned float32", func(_, _ *Tensor) *Tensor { return autograd.FromSlice([]float32{1}) }},
		{autograd.ValueError, "bad: the rule returned nil", func(_, _ *Tensor) *Tensor { return nil }},
	} {
		op := &autograd.Op{Name: "bad"}
		z := op.Record(autograd.Empty(x.Shape(), x), autograd.Wrt(x, rule.rule))
		wantError(t, rule.kind, rule.words, func() { a.Grad(z, x) })
	}
	if got := a.Grad(ops.Square(x), x)[0].Item(); got != 2 { // the tape is usable after a failed pass
		t.Fatalf("got %v", got)
	}
}

func TestReset(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	y := ops.Square(x)
	detached, clone, values := y.Detach(), y.Clone(), autograd.Values[float64](y)
	tape.Reset()
	for _, stale := range []*Tensor{x, y, detached} {
		wantError(t, autograd.StaleError, "used after its tape was Reset", func() { autograd.Values[float64](stale) })
		wantError(t, autograd.StaleError, "used after its tape was Reset", func() { ops.Square(stale) })
		wantError(t, autograd.StaleError, "used after its tape was Reset", func() { stale.Detach() })
	}
	ops.Scale(tape.Var(autograd.FromSlice([]float64{7, 7}, 2)), 7) // takes the recycled memory
	wantValues(t, clone, 1, 4)
	if !slices.Equal(values, []float64{1, 4}) {
		t.Fatalf("values changed to %v", values)
	}
}

func TestNodes(t *testing.T) {
	tape := autograd.NewTape()
	p := autograd.NewParam("weight", autograd.Scalar(2))
	x := tape.Var(autograd.Scalar(3))
	ops.Tanh(ops.Mul(x, tape.Param(p)))
	var got []string
	for n := range tape.Nodes() {
		got = append(got, n.String())
	}
	if want := []string{"leaf ()", "weight ()", "mul ()", "tanh ()"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for n := range tape.Nodes() {
		if n.Op != nil && n.Op.Name == "mul" && (len(n.Inputs) != 2 || n.Inputs[0] != x) {
			t.Fatalf("mul has inputs %v", n.Inputs)
		}
	}
}

func TestBind(t *testing.T) {
	p := autograd.NewParam("p", autograd.FromSlice([]float64{1, 2}, 2))
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{3, 4}, 2))
	tape.Bind(p, x)
	y := ops.Sum(ops.Square(tape.Param(p)))
	wantValues(t, tape.Grad(y, x)[0], 6, 8)
	for q := range tape.Backward(y) {
		t.Fatalf("the stream holds %s", q.Name)
	}
	wantError(t, autograd.ShapeError, "parameter p has shape (2), given ()", func() { tape.Bind(p, autograd.Scalar(1)) })
	wantError(t, autograd.DtypeError, "parameter p has dtype float64", func() { tape.Bind(p, autograd.FromSlice([]float32{1, 2}, 2)) })
	tape.Reset()
	if tape.Param(p) == x {
		t.Fatal("Reset kept the binding")
	}
}

// A warm training loop takes no tensor memory from the heap.
func TestWarmLoopTakesNoTensorMemory(t *testing.T) {
	const n = 1 << 16
	tape := autograd.NewTape()
	p := autograd.NewParam("p", autograd.Ones(tensor.Float64, n))
	step := func() {
		y := tape.Param(p)
		for range 5 {
			y = ops.Tanh(ops.Add(y, y))
		}
		for p, g := range tape.Backward(ops.Sum(y)) {
			values := autograd.Write[float64](p)
			for i, d := range autograd.Raw[float64](g) {
				values[i] -= d
			}
		}
		tape.Reset()
	}
	step()
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			step()
		}
	})
	if r.AllocedBytesPerOp() > n { // an eighth of one tensor
		t.Errorf("a warm step allocates %d bytes", r.AllocedBytesPerOp())
	}
}

// A recorded tensor is a variable, whatever it was made from: it does not take the dtype of what it meets.
func TestRecordingEndsWeakness(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1}))
	op := &autograd.Op{Name: "five"}
	y := op.Record(autograd.Scalar(5), autograd.Wrt(x, func(_, g *Tensor) *Tensor { return g }))
	wantError(t, autograd.DtypeError, "dtypes differ", func() { ops.Mul(y, autograd.FromSlice([]float32{2})) })
}

func TestView(t *testing.T) {
	x := autograd.FromSlice([]float64{1, 2, 3, 4}, 4)
	wantValues(t, autograd.View(x, tensor.Shape{2, 2}, []int{1, 2}, 0), 1, 3, 2, 4)
	wantValues(t, autograd.View(x, tensor.Shape{3}, []int{0}, 2), 3, 3, 3)
	for _, bad := range []struct {
		shape   tensor.Shape
		strides []int
		offset  int
	}{
		{tensor.Shape{2, 2}, []int{1}, 0},
		{tensor.Shape{5}, []int{1}, 0},
		{tensor.Shape{2}, []int{1}, 3},
		{tensor.Shape{2}, []int{-1}, 1},
		{tensor.Shape{2}, []int{1}, -1},
		{tensor.Shape{3}, []int{1 << 62}, 0},
		{tensor.Shape{1}, []int{1}, 4},
	} {
		wantError(t, autograd.ShapeError, "", func() { autograd.View(x, bad.shape, bad.strides, bad.offset) })
	}
	wantError(t, autograd.ShapeError, "", func() { autograd.View(autograd.View(x, tensor.Shape{2}, []int{1}, 2), tensor.Shape{2}, []int{1}, -2) })
}

// The rule of an operation may use a tape of its own, also while a pass runs over the tape of the operation.
func TestRuleWithATapeOfItsOwn(t *testing.T) {
	op := &autograd.Op{Name: "tanhByTape"}
	tape := autograd.NewTape()
	tape.Poison = true
	x := tape.Var(autograd.Scalar(0.5))
	y := op.Record(ops.Tanh(x.Detach()), autograd.Wrt(x, func(_, g *Tensor) *Tensor {
		inner := autograd.NewTape()
		v := inner.Var(x.Detach())
		return inner.VJP(ops.Add(ops.Tanh(v), ops.Scale(x, 0)), g, v)[0].Clone() // x is a constant to the inner tape
	}))
	v := math.Tanh(0.5)
	if got, want := tape.Grad(y, x)[0].Item(), 1-v*v; math.Abs(got-want) > 1e-15 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMemoryOfAnotherTape(t *testing.T) {
	a, b := autograd.NewTape(), autograd.NewTape()
	y := b.Const(ops.Square(a.Var(autograd.Scalar(3))))
	wantValues(t, y, 9)
	a.Reset()
	wantError(t, autograd.StaleError, "the tape whose memory it lies in", func() { y.Item() })
}
