package optim_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

func stream(params []*autograd.Param, gradients ...*autograd.Tensor) autograd.Gradients {
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		for i, p := range params {
			if !yield(p, gradients[i]) {
				return
			}
		}
	}
}

func param(name string, values ...float64) *autograd.Param {
	return autograd.NewParam(name, autograd.FromSlice(values, len(values)))
}

func wantValues(t *testing.T, p *autograd.Param, want ...float64) {
	t.Helper()
	if got := autograd.Values[float64](p.Value()); !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", p.Name, got, want)
	}
}

// float32 takes the same steps as float64, within rounding, on arrays long enough to be divided among threads; and the bits do not
// depend on the number of threads.
func TestSingleAndDoublePrecisionAgree(t *testing.T) {
	const n, steps = 100_000, 3
	for name, start := range map[string]func() optim.Optimizer{
		"SGD":             func() optim.Optimizer { return &optim.SGD{LR: 0.1} },
		"SGD that decays": func() optim.Optimizer { return &optim.SGD{LR: 0.1, WeightDecay: 0.01} },
		"momentum":        func() optim.Optimizer { return &optim.SGD{LR: 0.1, Momentum: 0.9} },
		"Nesterov":        func() optim.Optimizer { return &optim.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.01} },
		"Adam":            func() optim.Optimizer { return &optim.Adam{LR: 0.1, WeightDecay: 0.01} },
		"AdamW":           func() optim.Optimizer { return &optim.AdamW{LR: 0.1} },
		"RMSProp":         func() optim.Optimizer { return &optim.RMSProp{LR: 0.01} },
		"centered RMSProp": func() optim.Optimizer {
			return &optim.RMSProp{LR: 0.01, Centered: true, Momentum: 0.5, WeightDecay: 0.01}
		},
		"Adagrad": func() optim.Optimizer { return &optim.Adagrad{LR: 0.1, LRDecay: 0.1} },
		"EMA":     func() optim.Optimizer { return &optim.EMA{Optimizer: &optim.AdamW{LR: 0.1}, Decay: 0.5} },
	} {
		t.Run(name, func(t *testing.T) {
			train := func(dtype tensor.Dtype) []float64 {
				r := rand.New(rand.NewPCG(1, 2))
				draw := func() *autograd.Tensor {
					values, single := make([]float64, n), make([]float32, n)
					for i := range values {
						single[i] = float32(r.NormFloat64())
						values[i] = float64(single[i])
					}
					if dtype == tensor.Float32 {
						return autograd.FromSlice(single, n)
					}
					return autograd.FromSlice(values, n)
				}
				optimizer := start()
				p := autograd.NewParam("w", draw())
				for range steps {
					optim.Step(optimizer, optim.ClipNorm(stream([]*autograd.Param{p}, draw()), 200))
				}
				if ema, ok := optimizer.(*optim.EMA); ok {
					ema.Swap()
				}
				return autograd.Values[float64](p.Value())
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
			want := train(tensor.Float64)
			var first []float64
			for _, threads := range []int{1, 2, 4} {
				runtime.GOMAXPROCS(threads)
				got := train(tensor.Float32)
				for i := range got {
					if math.Abs(got[i]-want[i]) > 1e-6*(1+math.Abs(want[i])) {
						t.Fatalf("element %d is %v, in float64 %v", i, got[i], want[i])
					}
				}
				if first == nil {
					first = got
				}
				if !slices.Equal(got, first) {
					t.Fatalf("%d threads give other bits than one", threads)
				}
			}
		})
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name     string
		schedule optim.Schedule
		want     map[int]float64
	}{
		{"constant", optim.Constant, map[int]float64{0: 1, 1000: 1}},
		{"step", optim.StepDecay(3, 0.5), map[int]float64{0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25}},
		{"cosine", optim.CosineDecay(4, 0.2), map[int]float64{0: 1, 2: 0.6, 4: 0.2, 5: 0.2, 8: 0.2}},
	} {
		for update, want := range c.want {
			if got := c.schedule(update); math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: factor %v at update %d, want %v", c.name, got, update, want)
			}
		}
	}
}

// A parameter that joins late begins its schedule at the beginning.
func TestScheduleCountsAParametersOwnUpdates(t *testing.T) {
	sgd := &optim.SGD{LR: 1, Schedule: optim.StepDecay(2, 0.5)}
	early, late := param("early", 0), param("late", 0)
	one := autograd.FromSlice([]float64{1}, 1)
	for range 3 {
		sgd.Update(early, one)
	}
	sgd.Update(late, one)
	wantValues(t, early, -2.5)
	wantValues(t, late, -1)
}

func TestUpdateTakesAnyLayout(t *testing.T) {
	sgd := &optim.SGD{LR: 1}
	p := param("p", 10, 20)
	column := autograd.View(autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2), tensor.Shape{2}, []int{2}, 0)
	sgd.Update(p, column)
	wantValues(t, p, 9, 17)
	sgd.Update(p, p.Value())
	wantValues(t, p, 0, 0)
}

func TestClipNorm(t *testing.T) {
	params := []*autograd.Param{param("a", 0, 0), param("b", 0)}
	a, b := autograd.FromSlice([]float64{3, 0}, 2), autograd.FromSlice([]float64{4}, 1)
	clipped := optim.ClipNorm(stream(params, a, b), 1).Collect()
	norm := math.Hypot(math.Hypot(clipped.Of(params[0]).At(0), clipped.Of(params[0]).At(1)), clipped.Of(params[1]).Item())
	if math.Abs(norm-1) > 1e-6 {
		t.Errorf("the norm is %v after clipping to 1", norm)
	}
	if a.At(0) != 3 || b.At(0) != 4 {
		t.Errorf("the original gradients are %v and %v now", a, b)
	}
	kept := optim.ClipNorm(stream(params, a, b), 5.1).Collect()
	if kept.Of(params[0]) != a || kept.Of(params[1]) != b {
		t.Error("gradients within the bound were changed")
	}
	for range optim.ClipNorm(stream(params, a, b), 1) {
		break
	}
}

// The squares of these overflow float32.
func TestClipNormOfHugeGradients(t *testing.T) {
	p := autograd.NewParam("p", autograd.Zeros(tensor.Float32, 2))
	g := autograd.FromSlice([]float32{3e30, 4e30}, 2)
	clipped := optim.ClipNorm(stream([]*autograd.Param{p}, g), 10).Collect().Of(p)
	if math.Abs(clipped.At(0)-6) > 1e-5 || math.Abs(clipped.At(1)-8) > 1e-5 {
		t.Errorf("clipped to %v, want [6 8]", clipped)
	}
}

func TestClipNormOfWhatIsNotFinite(t *testing.T) {
	params := []*autograd.Param{param("a", 0, 0), param("b", 0)}
	for _, c := range []struct {
		bad  float64
		want func(v float64) bool // of the finite gradient's element
	}{
		{math.NaN(), math.IsNaN},
		{math.Inf(1), func(v float64) bool { return v == 0 }},
	} {
		clipped := optim.ClipNorm(stream(params, autograd.FromSlice([]float64{c.bad, 1}, 2), autograd.FromSlice([]float64{2}, 1)), 1).Collect()
		if !math.IsNaN(clipped.Of(params[0]).At(0)) || !c.want(clipped.Of(params[1]).Item()) {
			t.Errorf("with a gradient of %v: %v and %v", c.bad, clipped.Of(params[0]), clipped.Of(params[1]))
		}
	}
}

func TestClipValue(t *testing.T) {
	p := param("p", 0, 0, 0, 0, 0)
	g := autograd.FromSlice([]float64{-3, 2, math.NaN(), math.Inf(-1), 0.5}, 5)
	single := autograd.NewParam("single", autograd.Zeros(tensor.Float32, 2))
	clipped := optim.ClipValue(stream([]*autograd.Param{p, single}, g, autograd.FromSlice([]float32{-7, 1}, 2)), 2).Collect()
	got := autograd.Values[float64](clipped.Of(p))
	if !math.IsNaN(got[2]) || !slices.Equal([]float64{got[0], got[1], got[3], got[4]}, []float64{-2, 2, -2, 0.5}) {
		t.Errorf("clipped to %v", got)
	}
	if got := autograd.Values[float64](clipped.Of(single)); !slices.Equal(got, []float64{-2, 1}) {
		t.Errorf("clipped to %v", got)
	}
	if g.At(0) != -3 {
		t.Error("the original gradient was changed")
	}
	for range optim.ClipValue(stream([]*autograd.Param{p}, g), 1) {
		break
	}
}

// A gradient that an adapter made may have gaps, which do not count.
func TestClipNormTakesAnyLayout(t *testing.T) {
	p := param("p", 0, 0)
	column := autograd.View(autograd.FromSlice([]float64{3, 100, 4, 100}, 2, 2), tensor.Shape{2}, []int{2}, 0)
	clipped := optim.ClipNorm(stream([]*autograd.Param{p}, column), 1).Collect().Of(p)
	if math.Abs(clipped.At(0)-0.6) > 1e-6 || math.Abs(clipped.At(1)-0.8) > 1e-6 {
		t.Errorf("clipped to %v, want [0.6 0.8]", clipped)
	}
}

// On a tape, whose gradients are recycled as the stream goes on.
func TestClipNormOnATape(t *testing.T) {
	tape := autograd.NewTape()
	tape.Poison = true
	a, b := param("a", 1, 2), param("b", 3, 4)
	sum := autograd.Op{Name: "sum"}
	x := autograd.Add(tape.Param(a), autograd.Add(tape.Param(b), tape.Param(b)))
	loss := autograd.Empty(tensor.Shape{}, x)
	autograd.Raw[float64](loss)[0] = x.At(0) + x.At(1)
	sum.Record(loss, autograd.Wrt(x, func(_, g *autograd.Tensor) *autograd.Tensor {
		return autograd.View(g, tensor.Shape{2}, []int{0}, 0)
	}))
	maxNorm := math.Sqrt(10) / 2 // the gradients are 1, 1 and 2, 2
	optim.Step(&optim.SGD{LR: 1}, optim.ClipNorm(tape.Backward(loss), maxNorm))
	wantClose(t, a, []float64{0.5, 1.5}, 1e-6)
	wantClose(t, b, []float64{2, 3}, 1e-6)
	tape.Reset()
}

func TestMisuse(t *testing.T) {
	p := param("layer.weight", 1, 2)
	g := autograd.FromSlice([]float64{1, 1}, 2)
	for _, c := range []struct {
		call func()
		kind autograd.Kind
		says string
	}{
		{func() { (&optim.SGD{LR: -1}).Update(p, g) }, autograd.ValueError, "optim.SGD: LR is -1: want a finite number"},
		{func() { (&optim.SGD{LR: math.NaN()}).Update(p, g) }, autograd.ValueError, "LR is NaN"},
		{func() { (&optim.SGD{Momentum: math.Inf(1)}).Update(p, g) }, autograd.ValueError, "Momentum is +Inf"},
		{func() { (&optim.SGD{WeightDecay: -0.1}).Update(p, g) }, autograd.ValueError, "WeightDecay is -0.1"},
		{func() { (&optim.SGD{Nesterov: true}).Update(p, g) }, autograd.ValueError, "Nesterov needs a Momentum"},
		{
			func() { new(optim.SGD).Update(p, autograd.FromSlice([]float64{1, 1}, 2, 1)) },
			autograd.ShapeError, "parameter layer.weight has shape (2), its gradient (2, 1)",
		},
		{
			func() { new(optim.SGD).Update(p, autograd.FromSlice([]float32{1, 1}, 2)) },
			autograd.DtypeError, "parameter layer.weight is float64, its gradient float32",
		},
		{
			func() { (&optim.SGD{Schedule: func(int) float64 { return math.NaN() }}).Update(p, g) },
			autograd.ValueError, "optim.SGD: the Schedule makes the learning rate NaN at update 0: want a finite number that is not negative",
		},
		{
			func() { (&optim.SGD{LR: 2, Schedule: func(int) float64 { return -0.5 }}).Update(p, g) },
			autograd.ValueError, "the Schedule makes the learning rate -1 at update 0",
		},
		{func() { (&optim.Adam{Beta1: 1}).Update(p, g) }, autograd.ValueError, "optim.Adam: Beta1 is 1: want a number from 0 to less than 1"},
		{func() { (&optim.Adam{LR: -1}).Update(p, g) }, autograd.ValueError, "optim.Adam: LR is -1"},
		{func() { (&optim.AdamW{Beta2: math.NaN()}).Update(p, g) }, autograd.ValueError, "optim.AdamW: Beta2 is NaN"},
		{func() { (&optim.AdamW{Eps: -1}).Update(p, g) }, autograd.ValueError, "optim.AdamW: Eps is -1"},
		{func() { (&optim.AdamW{WeightDecay: math.Inf(1)}).Update(p, g) }, autograd.ValueError, "optim.AdamW: WeightDecay is +Inf"},
		{func() { new(optim.AdamW).Update(p, autograd.Scalar(1)) }, autograd.ShapeError, "optim.AdamW: parameter layer.weight has shape (2), its gradient ()"},
		{func() { (&optim.RMSProp{LR: -1}).Update(p, g) }, autograd.ValueError, "optim.RMSProp: LR is -1"},
		{func() { (&optim.RMSProp{Alpha: 1}).Update(p, g) }, autograd.ValueError, "optim.RMSProp: Alpha is 1"},
		{func() { (&optim.RMSProp{Eps: -1}).Update(p, g) }, autograd.ValueError, "optim.RMSProp: Eps is -1"},
		{func() { (&optim.RMSProp{Momentum: -1}).Update(p, g) }, autograd.ValueError, "optim.RMSProp: Momentum is -1"},
		{func() { (&optim.RMSProp{WeightDecay: -1}).Update(p, g) }, autograd.ValueError, "optim.RMSProp: WeightDecay is -1"},
		{func() { (&optim.Adagrad{LR: -1}).Update(p, g) }, autograd.ValueError, "optim.Adagrad: LR is -1"},
		{func() { (&optim.Adagrad{LRDecay: -1}).Update(p, g) }, autograd.ValueError, "optim.Adagrad: LRDecay is -1"},
		{func() { (&optim.Adagrad{Initial: -1}).Update(p, g) }, autograd.ValueError, "optim.Adagrad: Initial is -1"},
		{func() { (&optim.Adagrad{Eps: -1}).Update(p, g) }, autograd.ValueError, "optim.Adagrad: Eps is -1"},
		{func() { (&optim.Adagrad{WeightDecay: -1}).Update(p, g) }, autograd.ValueError, "optim.Adagrad: WeightDecay is -1"},
		{func() { new(optim.EMA).Update(p, g) }, autograd.ValueError, "optim.EMA: Optimizer is nil"},
		{func() { (&optim.EMA{Optimizer: new(optim.SGD), Decay: 1}).Update(p, g) }, autograd.ValueError, "optim.EMA: Decay is 1"},
		{func() { (&optim.EMA{Optimizer: plainOptimizer{}}).State() }, autograd.ValueError, "optim.EMA: Optimizer is a optim_test.plainOptimizer, which cannot say"},
		{func() { (&optim.Accumulator{Every: -1}).Add(nil) }, autograd.ValueError, "optim.Accumulator: Every is -1"},
		{
			func() { new(optim.Accumulator).Add(stream([]*autograd.Param{p}, autograd.Scalar(1))).Collect() },
			autograd.ShapeError, "optim.Accumulator: parameter layer.weight has shape (2)",
		},
		{func() { optim.LinearDecay(0, 0) }, autograd.ValueError, "optim.LinearDecay: 0 updates"},
		{func() { optim.LinearDecay(1, -1) }, autograd.ValueError, "optim.LinearDecay: final is -1"},
		{func() { optim.Warmup(0, nil) }, autograd.ValueError, "optim.Warmup: 0 updates"},
		{func() { optim.OneCycle{}.Schedule(0) }, autograd.ValueError, "optim.OneCycle: 0 updates"},
		{func() { optim.OneCycle{Updates: 1, Rise: 1.5}.Schedule(0) }, autograd.ValueError, "optim.OneCycle: Rise is 1.5"},
		{func() { optim.OneCycle{Updates: 1, Rise: 0.6, ThreePhases: true}.Schedule(0) }, autograd.ValueError, "Rise is 0.6: want a number from 0 to 0.5"},
		{func() { optim.OneCycle{Updates: 1, Div: -1}.Schedule(0) }, autograd.ValueError, "optim.OneCycle: Div is -1"},
		{func() { optim.OneCycle{Updates: 1, FinalDiv: -1}.Schedule(0) }, autograd.ValueError, "optim.OneCycle: FinalDiv is -1"},
		{func() { (&optim.Plateau{Factor: 1}).Observe(1) }, autograd.ValueError, "optim.Plateau: Factor is 1"},
		{func() { (&optim.Plateau{Threshold: math.NaN()}).Observe(1) }, autograd.ValueError, "optim.Plateau: Threshold is NaN"},
		{func() { (&optim.Plateau{Cooldown: -1}).Observe(1) }, autograd.ValueError, "optim.Plateau: Cooldown is -1"},
		{func() { (&optim.Plateau{Min: -1}).Observe(1) }, autograd.ValueError, "optim.Plateau: Min is -1"},
		{func() { optim.ClipValue(nil, -1) }, autograd.ValueError, "optim.ClipValue: the largest value is -1"},
		{func() { optim.ClipNorm(nil, -1) }, autograd.ValueError, "the largest norm is -1"},
		{func() { optim.ClipNorm(nil, math.NaN()) }, autograd.ValueError, "the largest norm is NaN"},
		{func() { optim.StepDecay(0, 0.5) }, autograd.ValueError, "optim.StepDecay: 0 updates: want at least 1"},
		{func() { optim.StepDecay(1, -0.5) }, autograd.ValueError, "factor is -0.5"},
		{func() { optim.CosineDecay(0, 0) }, autograd.ValueError, "optim.CosineDecay: 0 updates"},
		{func() { optim.CosineDecay(1, math.NaN()) }, autograd.ValueError, "final is NaN"},
	} {
		err := autograd.Try(c.call)
		var typed *autograd.Error
		if !errors.As(err, &typed) || typed.Kind != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want a %v error that says %q", err, c.kind, c.says)
		}
	}
	wantValues(t, p, 1, 2)
}

func TestStateIsACopy(t *testing.T) {
	sgd, p := &optim.SGD{Momentum: 0.5}, param("p", 0)
	sgd.Update(p, autograd.FromSlice([]float64{1}, 1))
	state := sgd.State()
	sgd.Update(p, autograd.FromSlice([]float64{1}, 1))
	if len(state) != 2 || state["p.updates"].Item() != 1 || state["p.momentum"].Item() != 1 {
		t.Errorf("state after one update: %v", state)
	}
}

// Whatever an optimizer's settings were and are, it takes its own state back and goes on as if nothing had happened.
func TestRestoreAfterOtherSettings(t *testing.T) {
	one := autograd.FromSlice([]float64{1}, 1)
	for _, momenta := range [][2]float64{{0, 0.5}, {0.5, 0}} {
		frozen, p := param("frozen", 0), param("p", 0)
		sgd := &optim.SGD{LR: 1, Momentum: momenta[0]}
		sgd.Update(frozen, one)
		sgd.Update(p, one)
		sgd.Momentum = momenta[1]
		sgd.Update(p, one)

		restored := &optim.SGD{LR: 1, Momentum: momenta[1]}
		if err := restored.Restore([]*autograd.Param{frozen, p}, sgd.State()); err != nil {
			t.Errorf("momentum %v: %v", momenta, err)
			continue
		}
		for _, q := range []*autograd.Param{frozen, p} {
			twin := autograd.NewParam(q.Name, q.Value())
			if err := restored.Restore([]*autograd.Param{twin}, only(sgd.State(), q.Name)); err != nil {
				t.Errorf("momentum %v: %v", momenta, err)
			}
			for _, momentum := range []float64{momenta[1], 0.5} {
				sgd.Momentum, restored.Momentum = momentum, momentum
				sgd.Update(q, one)
				restored.Update(twin, one)
				wantValues(t, twin, q.Value().Item())
			}
		}
	}
}

// RMSProp begins with 0 what its settings did not ask for before, and keeps what they no longer ask for.
func TestRestoreRMSPropAfterOtherSettings(t *testing.T) {
	one := autograd.FromSlice([]float64{1}, 1)
	p := param("p", 0)
	rms := &optim.RMSProp{LR: 1, Momentum: 0.5}
	for _, change := range []func(*optim.RMSProp){
		func(o *optim.RMSProp) { o.Centered = true },
		func(o *optim.RMSProp) { o.Momentum = 0 },
		func(o *optim.RMSProp) { o.Centered, o.Momentum = false, 0.9 },
	} {
		rms.Update(p, one)
		change(rms)
		restored, twin := &optim.RMSProp{LR: 1, Momentum: rms.Momentum, Centered: rms.Centered}, autograd.NewParam("p", p.Value())
		if err := restored.Restore([]*autograd.Param{twin}, rms.State()); err != nil {
			t.Fatal(err)
		}
		rms.Update(p, one)
		restored.Update(twin, one)
		wantValues(t, twin, p.Value().Item())
	}
}

// What 0 does not turn off a negative number does: then one update has a form that is known.
func TestNegativeTurnsOff(t *testing.T) {
	for name, c := range map[string]struct {
		optimizer optim.Optimizer
		want      float64 // from 8, by gradients of 2 and then -4
	}{
		"AdamW's decay":    {&optim.AdamW{LR: 1, Beta1: -1, Beta2: -1, WeightDecay: -1}, 8}, // by signs
		"Adam's averages":  {&optim.Adam{LR: 1, Beta1: -1, Beta2: -1}, 8},
		"RMSProp's memory": {&optim.RMSProp{LR: 1, Alpha: -1}, 8},
	} {
		p := param("p", 8)
		for _, g := range []float64{2, -4} {
			c.optimizer.Update(p, autograd.FromSlice([]float64{g}, 1))
		}
		if got := p.Value().At(0); math.Abs(got-c.want) > 1e-7 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	plateau := optim.Plateau{Patience: -1, Threshold: -1}
	plateau.Observe(1)
	plateau.Observe(1 - 1e-9) // better
	if got := plateau.Schedule(0); got != 1 {
		t.Errorf("after a loss that is a little better the factor is %v", got)
	}
	plateau.Observe(1 - 1e-9)
	if got := plateau.Schedule(0); got != 0.1 {
		t.Errorf("after a loss that is no better the factor is %v", got)
	}
}

// Adam and AdamW remember the same.
func TestAdamWContinuesAdam(t *testing.T) {
	one, p := autograd.FromSlice([]float64{1}, 1), param("p", 0)
	adam := new(optim.Adam)
	adam.Update(p, one)
	twin, adamW := autograd.NewParam("p", p.Value()), &optim.AdamW{Decays: func(*autograd.Param) bool { return false }}
	if err := adamW.Restore([]*autograd.Param{twin}, adam.State()); err != nil {
		t.Fatal(err)
	}
	adam.Update(p, one)
	adamW.Update(twin, one)
	wantValues(t, twin, p.Value().Item())
	if err := new(optim.SGD).Restore([]*autograd.Param{p}, adam.State()); err == nil || !strings.Contains(err.Error(), "p.first_moment belongs to none") {
		t.Errorf("SGD took a state of Adam: %v", err)
	}
}

// only returns what a state says of one parameter.
func only(s optim.State, name string) optim.State {
	part := make(optim.State)
	for key, x := range s {
		if strings.HasPrefix(key, name+".") {
			part[key] = x
		}
	}
	return part
}

func TestStateOfNamesakes(t *testing.T) {
	sgd := new(optim.SGD)
	for _, p := range []*autograd.Param{param("w", 1), param("w", 2)} {
		sgd.Update(p, autograd.FromSlice([]float64{1}, 1))
	}
	err := autograd.Try(func() { sgd.State() })
	if err == nil || !strings.Contains(err.Error(), "two parameters are named w") {
		t.Errorf("got %v", err)
	}
}

func TestRestoreListsWhatDoesNotFit(t *testing.T) {
	a, b := param("a", 1, 2), param("b", 3)
	sgd := &optim.SGD{LR: 1, Momentum: 0.5}
	one := autograd.FromSlice([]float64{1}, 1)
	sgd.Update(b, one) // v = 1, b = 2
	err := sgd.Restore([]*autograd.Param{a, b, param("b", 0)}, optim.State{
		"a.updates":  autograd.Scalar(1.5),
		"a.momentum": one,
		"b.updates":  autograd.Scalar(3),
		"c.updates":  autograd.Scalar(3),
	})
	if err == nil {
		t.Fatal("a state that does not fit was restored")
	}
	for _, says := range []string{
		"optim.SGD: the state does not fit", "a.updates is 1.5: want a count", "a.momentum has shape (1): want (2)",
		"two parameters are named b", "c.updates belongs to none",
	} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q:\n%v", says, err)
		}
	}
	err = sgd.Restore([]*autograd.Param{b}, optim.State{
		"b.updates": autograd.Scalar(-1), "b.momentum": autograd.FromSlice([]float32{1}, 1),
	})
	if err == nil || !strings.Contains(err.Error(), "b.momentum is float32: want float64") || !strings.Contains(err.Error(), "b.updates is -1") {
		t.Errorf("got %v", err)
	}
	sgd.Update(b, one) // v = 1.5: nothing was changed
	wantValues(t, b, 0.5)
	if err := sgd.Restore([]*autograd.Param{b}, nil); err != nil {
		t.Fatal(err)
	}
	sgd.Update(b, one) // v = 1 again
	wantValues(t, b, -0.5)
}

// A warm update takes nothing from the heap but the headers of the tensors that it writes.
func TestUpdateAllocates(t *testing.T) {
	g := autograd.Ones(tensor.Float32, 100, 100)
	for _, c := range []struct {
		optimizer optim.Optimizer
		want      float64
	}{
		{&optim.SGD{}, 1},
		{&optim.SGD{Momentum: 0.9}, 2},
		{&optim.Adam{}, 3},
		{&optim.AdamW{Decays: optim.WeightsOnly, Schedule: optim.Warmup(9, optim.CosineDecay(99, 0))}, 3},
		{&optim.RMSProp{Centered: true, Momentum: 0.9, Schedule: optim.OneCycle{Updates: 100, ThreePhases: true}.Schedule}, 4},
		{&optim.Adagrad{Schedule: new(optim.Plateau).Schedule}, 2},
		{&optim.EMA{Optimizer: &optim.SGD{}}, 2},
	} {
		p := autograd.NewParam("w", autograd.Ones(tensor.Float32, 100, 100))
		if got := testing.AllocsPerRun(100, func() { c.optimizer.Update(p, g) }); got > c.want {
			t.Errorf("%T: %v allocations, want %v", c.optimizer, got, c.want)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	const n = 1_100_000
	for name, optimizer := range map[string]optim.Optimizer{
		"SGD":      &optim.SGD{LR: 1e-6},
		"momentum": &optim.SGD{LR: 1e-6, Momentum: 0.9},
		"AdamW":    &optim.AdamW{LR: 1e-6},
	} {
		b.Run(name, func(b *testing.B) {
			p := autograd.NewParam("w", autograd.Ones(tensor.Float32, n))
			g := autograd.Ones(tensor.Float32, n)
			b.SetBytes(4 * n)
			for b.Loop() {
				optimizer.Update(p, g)
			}
		})
	}
}

func wantClose(t *testing.T, p *autograd.Param, want []float64, tolerance float64) {
	t.Helper()
	got := autograd.Values[float64](p.Value())
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s has %d values, want %d", p.Name, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("%s[%d] = %v, want %v", p.Name, i, got[i], want[i])
		}
	}
}
