package ops

import (
	"runtime"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// TestResultsAreWrittenWhole runs every sample in memory that was filled with NaN when it was given back, and compares with a new
// tape: an element that an operation leaves out is seen.
func TestResultsAreWrittenWhole(t *testing.T) {
	for _, e := range Catalog() {
		t.Run(e.Name, func(t *testing.T) {
			poisoned := autograd.NewTape()
			poisoned.Poison = true
			for _, s := range e.Samples() {
				run := func(tape *autograd.Tape) []*Tensor {
					leaves := make([]*Tensor, len(s.Inputs))
					for i, x := range s.Inputs {
						leaves[i] = tape.Var(x)
					}
					y := s.F(leaves...)
					results := []*Tensor{y.Clone()}
					if y.IsRecorded() {
						for _, g := range tape.VJP(y, draw(1, reals, y.Shape()...), leaves...) {
							results = append(results, g.Clone())
						}
					}
					tape.Reset()
					return results
				}
				want := run(autograd.NewTape())
				run(poisoned)
				for k, got := range run(poisoned) {
					if !agrees(got, want[k], 0) {
						t.Errorf("%s: in used memory %s is %v, in new memory %v", s.Name, describe(k), got, want[k])
					}
				}
			}
		})
	}
}

// TestWarmStepsTakeNoTensorsFromTheHeap trains nothing, forward and backward, in the memory of the steps before it, with what needs scratch
// memory or many results. (The race detector lets one in four pieces of scratch memory go, which is in the bound.)
func TestWarmStepsTakeNoTensorsFromTheHeap(t *testing.T) {
	const n, k = 64, 512
	x, y := single(draw(0, between(0.1, 0.9), n, k)), single(draw(1, between(0.1, 0.9), n, k))
	class := make([]int, n)
	of := func(f func(x *Tensor) *Tensor) func(x, y *Tensor) *Tensor {
		return func(x, _ *Tensor) *Tensor { return Mean(f(x)) }
	}
	for name, f := range map[string]func(x, y *Tensor) *Tensor{
		"MSE": MSE, "MAE": MAE, "Huber": Huber(0.5), "BCE": BCE, "BCEWithLogits": BCEWithLogits, "KL": KL,
		"CrossEntropy": func(x, _ *Tensor) *Tensor { return CrossEntropy(x, autograd.Labels(class)) },
		"LogSumExp":    of(func(x *Tensor) *Tensor { return LogSumExp(x, 1) }),
		"Softmax":      of(func(x *Tensor) *Tensor { return Softmax(x, 0) }),
		"LayerNorm":    of(func(x *Tensor) *Tensor { return LayerNorm(x, nil, nil, 1e-5) }),
		"BatchNorm":    of(func(x *Tensor) *Tensor { return BatchNorm(x, nil, nil, 1e-5) }),
		"GELU":         of(GELU),
	} {
		tape := autograd.NewTape()
		step := func() {
			x, y := tape.Var(x), tape.Var(y)
			tape.Grad(f(x, y), x)
			tape.Reset()
		}
		if taken := bytesOfWarm(step); taken > n*k*4/2 {
			t.Errorf("%s: a step takes %d bytes, for tensors of %d", name, taken, n*k*4)
		}
	}
}

// bytesOfWarm returns how many bytes a step takes from the heap after some have been made.
func bytesOfWarm(step func()) uint64 {
	const steps = 5
	for range steps {
		step()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range steps {
		step()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / steps
}

// TestRulesMakeNothingOnTheHeap gives a cotangent that lies on the heap: what a rule makes of it alone lies in the tape's memory all
// the same.
func TestRulesMakeNothingOnTheHeap(t *testing.T) {
	const n = 1 << 15
	start, cotangent := single(draw(0, reals, n)), single(draw(1, reals, n))
	tape := autograd.NewTape()
	taken := bytesOfWarm(func() {
		x := tape.Var(start)
		tape.VJP(Scale(Scale(x, 2), 3), cotangent, x)
		tape.Reset()
	})
	if taken > n*4/2 {
		t.Errorf("a step takes %d bytes, for tensors of %d", taken, n*4)
	}
}
