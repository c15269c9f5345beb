package optim_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

// collect returns the values of a stream of gradients of one element each.
func collect(s autograd.Gradients) map[string]float64 {
	values := make(map[string]float64)
	for p, g := range s {
		values[p.Name] = g.At(0)
	}
	return values
}

func TestAccumulator(t *testing.T) {
	a, b, c := param("a", 0), param("b", 0), param("c", 0)
	pass := func(values map[*autograd.Param]float64) autograd.Gradients {
		return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
			for _, p := range []*autograd.Param{a, b, c} {
				if v, ok := values[p]; ok && !yield(p, autograd.FromSlice([]float64{v}, 1)) {
					return
				}
			}
		}
	}
	type values = map[*autograd.Param]float64
	several := &optim.Accumulator{Every: 4}
	for i, step := range []struct {
		add  values
		want map[string]float64
	}{
		{values{a: 1, b: 2}, nil},
		{values{a: 3}, nil},
		{values{b: 4, c: 8}, nil},
		{values{a: 4, b: 2}, map[string]float64{"a": 2, "b": 2, "c": 2}},
		{values{a: 4}, nil}, // a group without the others
		{values{}, nil},
		{values{}, nil},
		{values{a: 8}, map[string]float64{"a": 3}},
		{values{}, nil},
		{values{}, nil},
		{values{}, nil},
		{values{}, nil}, // a group without any
	} {
		if got := collect(several.Add(pass(step.add))); !maps.Equal(got, step.want) {
			t.Errorf("pass %d yields %v, want %v", i, got, step.want)
		}
	}
	several.Add(pass(values{a: 100})) // never run
	for _, v := range []float64{1, 2, 3} {
		collect(several.Add(pass(values{a: v, b: v})))
	}
	if got := collect(several.Flush()); !maps.Equal(got, map[string]float64{"a": 2, "b": 2}) {
		t.Errorf("three of four passes give %v", got)
	}
	if got := collect(several.Flush()); len(got) != 0 {
		t.Errorf("a second Flush yields %v", got)
	}
	var one optim.Accumulator // yields at every pass; break ends the group
	for range one.Add(pass(values{a: 5, b: 6})) {
		break
	}
	if got := collect(one.Add(pass(values{a: 7, b: 8}))); !maps.Equal(got, map[string]float64{"a": 7, "b": 8}) {
		t.Errorf("after a break: %v", got)
	}
	several.Every = 2
	collect(several.Add(pass(values{a: 9})))
	if autograd.Try(func() {
		collect(several.Add(stream([]*autograd.Param{a, b}, autograd.FromSlice([]float64{1}, 1), autograd.Scalar(1))))
	}) == nil {
		t.Fatal("a gradient that does not fit was added")
	}
	collect(several.Add(pass(values{a: 1})))
	if got := collect(several.Add(pass(values{a: 2}))); !maps.Equal(got, map[string]float64{"a": 1.5}) {
		t.Errorf("after a pass that failed: %v", got)
	}
	collect(several.Add(pass(values{a: 1, b: 1})))
	b.Frozen = true
	if got := collect(several.Add(pass(values{a: 3}))); !maps.Equal(got, map[string]float64{"a": 2}) {
		t.Errorf("with b frozen between two passes: %v", got)
	}
}

// The loss is the mean over the batch of (w·x)²/2, whose gradient is that of x xᵀ w: four passes over a quarter each give what one
// over the whole gives, and what is kept of them outlives each Reset of the tape.
func TestAccumulatedPassesAreOneOverTheJoinedBatch(t *testing.T) {
	const n, batch = 7, 12
	r := rand.New(rand.NewPCG(3, 4))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	w := autograd.NewParam("w", autograd.FromSlice(draw(n), n))
	examples := make([][]float64, batch)
	for i := range examples {
		examples[i] = draw(n)
	}
	tape := autograd.NewTape()
	pass := func(x [][]float64) autograd.Gradients {
		tape.Reset()
		g := autograd.Empty(tensor.Shape{n}, tape.Const(w.Value())) // memory that Reset ends
		grad := autograd.Raw[float64](g)
		clear(grad)
		for _, x := range x {
			var y float64
			for i, v := range autograd.Values[float64](w.Value()) {
				y += v * x[i]
			}
			for i := range grad {
				grad[i] += y * x[i] / batch
			}
		}
		return stream([]*autograd.Param{w}, g)
	}
	want := autograd.Values[float64](pass(examples).Collect().Of(w))
	several := &optim.Accumulator{Every: 4}
	for range 2 {
		var got []float64
		for quarter := range slices.Chunk(examples, batch/4) {
			for _, g := range several.Add(pass(quarter)) {
				got = autograd.Values[float64](g)
			}
		}
		if len(got) != n {
			t.Fatalf("%d values", len(got))
		}
		for i := range got {
			if math.Abs(4*got[i]-want[i]) > 1e-14*(1+math.Abs(want[i])) { // each divided by the whole batch
				t.Errorf("element %d is %v, want %v", i, 4*got[i], want[i])
			}
		}
	}
}

// An average goes through the other adapters and into the optimizers, in float32 as well.
func TestAccumulatorAmongAdapters(t *testing.T) {
	p := autograd.NewParam("p", autograd.Zeros(tensor.Float32, 2))
	several := &optim.Accumulator{Every: 2}
	sgd := &optim.SGD{LR: 1}
	for _, g := range [][]float32{{2, 0}, {4, 8}} {
		optim.Step(sgd, optim.ClipNorm(several.Add(stream([]*autograd.Param{p}, autograd.FromSlice(g, 2))), 2.5))
	}
	if got := autograd.Values[float64](p.Value()); math.Abs(got[0]+1.5) > 1e-6 || math.Abs(got[1]+2) > 1e-6 {
		t.Errorf("the step went to %v, want (-1.5, -2)", got)
	}
}

func TestAccumulatorAllocates(t *testing.T) {
	p := autograd.NewParam("p", autograd.Ones(tensor.Float32, 100, 100))
	pass := stream([]*autograd.Param{p}, autograd.Ones(tensor.Float32, 100, 100))
	several := &optim.Accumulator{Every: 2}
	got := testing.AllocsPerRun(100, func() {
		for range several.Add(pass) {
		}
	})
	if got > 8 { // headers of the tensors and closures of the streams, whatever the size
		t.Errorf("%v allocations", got)
	}
}
