package autograd_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A tied is a small network that uses its first weight twice, with parameters that the loss does not reach.
type tied struct {
	w, u, unused, late *autograd.Param
	x                  *Tensor
}

func newTied() tied {
	r := rand.New(rand.NewPCG(1, 1))
	param := func(name string) *autograd.Param { return autograd.NewParam(name, normal(r, 3, 3)) }
	return tied{param("w"), param("u"), param("unused"), param("late"), normal(r, 4, 3)}
}

func (n tied) loss(tape *autograd.Tape) *Tensor {
	h := ops.Tanh(ops.MatMul(n.x, tape.Param(n.w)))
	ops.MatMul(n.x, tape.Param(n.unused))
	h = ops.Tanh(ops.MatMul(h, tape.Param(n.u)))
	h = ops.MatMul(h, ops.Transpose(tape.Param(n.w)))
	loss := ops.Mean(ops.Square(h))
	tape.Param(n.late)
	return loss
}

func descend(p *autograd.Param, g *Tensor) {
	values := autograd.Write[float64](p)
	for i, d := range autograd.Raw[float64](g) {
		values[i] -= 0.1 * d
	}
}

func TestStream(t *testing.T) {
	n := newTied()
	tape := autograd.NewTape()
	tape.Poison = true
	loss := n.loss(tape)
	want := map[*autograd.Param][]float64{}
	for i, g := range tape.Grad(loss, tape.Param(n.w), tape.Param(n.u)) {
		want[[]*autograd.Param{n.w, n.u}[i]] = autograd.Values[float64](g)
	}
	var order []string
	for p, g := range tape.Backward(loss) {
		order = append(order, p.Name)
		if !g.IsDense() {
			t.Errorf("the gradient of %s is not row-major", p.Name)
		}
		if got := autograd.Values[float64](g); !slices.Equal(got, want[p]) {
			t.Errorf("the gradient of %s is %v, want %v", p.Name, got, want[p])
		}
		descend(p, g)
	}
	if !slices.Equal(order, []string{"u", "w"}) {
		t.Fatalf("the stream holds %v", order)
	}
}

// In a chain each parameter is yielded at its first use, before the rules of earlier layers run.
func TestStreamYieldsAtFirstUse(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	tape := autograd.NewTape()
	calls := 0
	tape.Wrap = func(_ *autograd.Op, _ int, rule autograd.Rule) autograd.Rule {
		return func(y, g *Tensor) *Tensor { calls++; return rule(y, g) }
	}
	params := make([]*autograd.Param, 4)
	h := normal(r, 2, 3)
	for i := range params { // all leaves first: position on the tape must not matter
		params[i] = autograd.NewParam("w", normal(r, 3, 3))
		tape.Param(params[i])
	}
	for _, p := range params {
		h = ops.Tanh(ops.MatMul(h, tape.Param(p)))
	}
	k, before := len(params), 0
	for p := range tape.Backward(ops.Sum(h)) {
		k--
		if p != params[k] {
			t.Fatalf("parameter %d is not yielded in its turn", k)
		}
		if calls == before {
			t.Fatalf("parameter %d is yielded before its rules ran", k)
		}
		before = calls
	}
	if k != 0 {
		t.Fatalf("%d parameters were not yielded", k)
	}
}

func TestStreamIsLazy(t *testing.T) {
	n := newTied()
	tape := autograd.NewTape()
	calls := 0
	tape.Wrap = func(_ *autograd.Op, _ int, rule autograd.Rule) autograd.Rule {
		return func(y, g *Tensor) *Tensor { calls++; return rule(y, g) }
	}
	loss := n.loss(tape)
	all := calls
	for range tape.Backward(loss) {
	}
	all = calls - all
	calls = 0
	for range tape.Backward(loss) {
		break
	}
	if calls == 0 || calls >= all {
		t.Fatalf("%d of %d rules ran before the first gradient", calls, all)
	}
	if !ops.Tanh(loss).IsRecorded() {
		t.Fatal("after break the tape does not record")
	}
	if got := tape.Backward(loss).Collect().Len(); got != 2 {
		t.Fatalf("after break the stream holds %d gradients", got)
	}
}

func TestStreamMisuse(t *testing.T) {
	n := newTied()
	tape := autograd.NewTape()
	stream := tape.Backward(n.loss(tape))
	for range stream {
	}
	wantError(t, autograd.TapeError, "used already", func() {
		for range stream {
		}
	})
	for name, f := range map[string]func(loss *Tensor){
		"Reset":           func(*Tensor) { tape.Reset() },
		"Grad":            func(loss *Tensor) { tape.Grad(loss, tape.Param(n.w)) },
		"Backward":        func(loss *Tensor) { tape.Backward(loss) },
		"Backward of new": func(*Tensor) { tape.Backward(n.loss(tape)) },
		"Var":             func(*Tensor) { tape.Var(autograd.Scalar(1)) },
		"Bind":            func(*Tensor) { tape.Bind(n.w, n.w.Value()) },
	} {
		loss := n.loss(tape)
		wantError(t, autograd.TapeError, "called during a reverse pass", func() {
			for range tape.Backward(loss) {
				f(loss)
			}
		})
		if !ops.Square(loss).IsRecorded() {
			t.Fatalf("after %s in the body the tape does not record", name)
		}
	}
	loss := n.loss(tape)
	for _, g := range tape.Backward(loss) {
		if ops.Square(loss).IsRecorded() || ops.Square(g).IsRecorded() {
			t.Fatal("an operation in the body is recorded")
		}
	}
	tape.Reset()
	wantError(t, autograd.StaleError, "Reset", func() { tape.Backward(loss) })
	stream = tape.Backward(n.loss(tape))
	tape.Reset()
	wantError(t, autograd.StaleError, "Reset", func() { stream.Collect() })
}

func TestKeepAndCollect(t *testing.T) {
	n := newTied()
	tape := autograd.NewTape()
	tape.Poison = true
	loss := n.loss(tape)
	var lost, kept *Tensor
	for p, g := range tape.Backward(loss) {
		if p == n.u {
			lost = g
		} else {
			autograd.Keep(g)
			kept = g
		}
	}
	wantError(t, autograd.StaleError, "the loop over the gradients went on", func() { lost.At(0, 0) })
	want := tape.Grad(loss, tape.Param(n.w), tape.Param(n.u))
	wantValues(t, kept, autograd.Values[float64](want[0])...)

	gs := tape.Backward(loss).Collect()
	wantValues(t, gs.Of(n.w), autograd.Values[float64](want[0])...)
	wantValues(t, gs.Of(n.u), autograd.Values[float64](want[1])...)
	if gs.Of(n.unused) != nil || gs.Of(n.late) != nil {
		t.Fatal("there are gradients of parameters that the loss does not reach")
	}
	for range 2 {
		var order []string
		for p, g := range gs.All() {
			order = append(order, p.Name)
			if g != gs.Of(p) {
				t.Fatal("All and Of differ")
			}
		}
		if !slices.Equal(order, []string{"u", "w"}) {
			t.Fatalf("All gives %v", order)
		}
	}
	for range gs.All() {
		break
	}
	tape.Reset()
	wantError(t, autograd.StaleError, "Reset", func() { gs.Of(n.w).At(0, 0) })
}

func TestFrozen(t *testing.T) {
	n := newTied()
	n.u.Frozen = true
	tape := autograd.NewTape()
	loss := n.loss(tape)
	for p := range tape.Backward(loss) {
		if p != n.w {
			t.Fatalf("the stream holds %s", p.Name)
		}
	}
	if g := tape.Grad(loss, tape.Param(n.u))[0]; autograd.Values[float64](g)[0] == 0 {
		t.Fatal("Grad does not reach a frozen parameter")
	}
}

func TestWrite(t *testing.T) {
	n := newTied()
	tape := autograd.NewTape()
	loss := n.loss(tape)
	old, leaf, computed := n.w.Value(), tape.Param(n.w), ops.Transpose(tape.Param(n.w))
	autograd.Write[float64](n.w)[0] = 9
	for _, stale := range []*Tensor{old, leaf, computed} {
		wantError(t, autograd.StaleError, "used after parameter w was written", func() { autograd.Values[float64](stale) })
	}
	wantError(t, autograd.StaleError, "parameter w was written", func() { tape.Backward(loss).Collect() })
	for _, x := range []*Tensor{leaf, tape.Param(n.w), tape.Param(n.u)} {
		wantError(t, autograd.StaleError, "parameter w was written", func() { tape.Grad(loss, x) })
		wantError(t, autograd.StaleError, "parameter w was written", func() { tape.GradGraph(loss, x) })
	}
	wantError(t, autograd.StaleError, "parameter w was written", func() { tape.Backward(loss) }) // at the call
	if tape.Param(n.w) == leaf || tape.Param(n.w).At(0, 0) != 9 {
		t.Fatal("Param returns the old leaf")
	}
	if got := tape.Backward(n.loss(tape)).Collect().Len(); got != 2 {
		t.Fatalf("the new loss has %d gradients", got)
	}
	tape.Reset()
	wantError(t, autograd.StaleError, "parameter w was written", func() {
		for p := range tape.Backward(n.loss(tape)) {
			if p == n.u {
				autograd.Write[float64](n.w)[0] = 1 // before its turn
			}
		}
	})
	wantError(t, autograd.DtypeError, "autograd.Write: parameter w has dtype float64: want Write[float64]", func() { autograd.Write[float32](n.w) })
}

// A rule may return a tensor that is the value of another parameter, and that parameter may be written first.
func TestStreamOfAliasedValues(t *testing.T) {
	product := &autograd.Op{Name: "dot"}
	a, b := autograd.NewParam("a", autograd.FromSlice([]float64{1, 2}, 2)), autograd.NewParam("b", autograd.FromSlice([]float64{3, 4}, 2))
	tape := autograd.NewTape()
	x, y := tape.Param(a), tape.Param(b)
	loss := product.Record(ops.Sum(ops.Mul(x.Detach(), y.Detach())),
		autograd.Wrt(x, func(_, _ *Tensor) *Tensor { return y }),
		autograd.Wrt(y, func(_, _ *Tensor) *Tensor { return x }))
	want := map[*autograd.Param][]float64{a: {3, 4}, b: {1, 2}}
	for p, g := range tape.Backward(loss) {
		wantValues(t, g, want[p]...)
		descend(p, g)
	}
}

// Two gradients may lie in one memory. When more is added to the second, the first must be stale and not change.
func TestGradientsThatShareMemory(t *testing.T) {
	param := func(name string, values ...float64) *autograd.Param {
		return autograd.NewParam(name, autograd.FromSlice(values, len(values)))
	}
	w, e, m := param("w", 1, 2), param("e", 3, 4), param("m", 1, 1)
	tape := autograd.NewTape()
	h := ops.Square(tape.Param(e))
	k := ops.Mul(h, tape.Param(m))
	y := ops.Add(tape.Param(w), h)
	loss := ops.Sum(ops.Add(ops.Square(y), k))
	var lost *Tensor
	for p, g := range tape.Backward(loss) {
		if p == w {
			wantValues(t, g, 20, 36)
			lost = g
		}
	}
	wantError(t, autograd.StaleError, "Keep or Collect", func() { lost.At(0) })
	for p, g := range tape.Backward(loss) {
		if p == w {
			autograd.Keep(g)
			lost = g
		}
	}
	wantValues(t, lost, 20, 36)
}

// Tapes in several goroutines share parameters that nobody writes, in random programs on poisoned memory.
func TestTapesInParallel(t *testing.T) {
	var params []*autograd.Param
	for _, x := range leavesOf(1) {
		params = append(params, autograd.NewParam("p", x))
	}
	gradients := func(tape *autograd.Tape, seed uint64) [][]float64 {
		var leaves []*Tensor
		for _, p := range params {
			leaves = append(leaves, tape.Param(p))
		}
		var got [][]float64
		for _, g := range tape.Backward(program(seed, leaves)) {
			got = append(got, autograd.Values[float64](g))
		}
		tape.Reset()
		return got
	}
	const programs = 40
	var want [programs][][]float64
	for seed := range want {
		want[seed] = gradients(autograd.NewTape(), uint64(seed))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			tape := autograd.NewTape()
			tape.Poison = true
			for seed := range want {
				if got := gradients(tape, uint64(seed)); !slices.EqualFunc(got, want[seed], slices.Equal) {
					t.Errorf("program %d: the gradients are %v, those of a tape alone %v", seed, got, want[seed])
				}
			}
		})
	}
	wg.Wait()
}

// A rule may return a tensor of the forward pass, on the same tape: what is added to it must go elsewhere.
func TestRuleReturnsATensorOfTheForwardPass(t *testing.T) {
	op := &autograd.Op{Name: "sumOfCubes"}
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	slope := ops.Scale(ops.Square(x), 3).Detach()
	y := op.Record(ops.Sum(ops.Mul(ops.Square(x.Detach()), x.Detach())), autograd.Wrt(x, func(_, _ *Tensor) *Tensor { return slope }))
	loss := ops.Add(ops.Sum(x), y) // the rule of y runs first
	for range 2 {
		wantValues(t, tape.Grad(loss, x)[0], 4, 13)
		wantValues(t, slope, 3, 12)
	}
}

// The gradient of a sum is a stretched scalar, and that of a transpose a transpose: a stream makes both row-major.
func TestStreamIsRowMajor(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	p, q := autograd.NewParam("p", normal(r, 2, 3)), autograd.NewParam("q", autograd.FromSlice([]float64{0, 0, 0, 0}, 2, 2))
	tape := autograd.NewTape()
	weights := autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	loss := ops.Add(ops.Sum(tape.Param(p)), ops.Sum(ops.Mul(ops.Transpose(tape.Param(q)), weights)))
	for p, g := range tape.Backward(loss) {
		if !g.IsDense() {
			t.Errorf("the gradient of %s has strides %v", p.Name, g.Strides())
		}
		if p == q {
			wantValues(t, g, 1, 3, 2, 4)
		}
	}
}
