package optim_test

import (
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

// plainOptimizer subtracts the gradient, and cannot be saved.
type plainOptimizer struct{}

func (plainOptimizer) Update(p *autograd.Param, g *autograd.Tensor) {
	w, d := autograd.Write[float64](p), autograd.Raw[float64](g)
	for i := range w {
		w[i] -= d[i]
	}
}

func TestEMASwap(t *testing.T) {
	p, untouched := param("p", 8), param("untouched", 5)
	ema := &optim.EMA{Optimizer: plainOptimizer{}, Decay: 0.75}
	ema.Swap() // nothing yet
	ema.Swap()
	for _, g := range []float64{0, 4, -8} { // 8, 4, 12
		ema.Update(p, autograd.FromSlice([]float64{g}, 1))
	}
	ema.Swap()
	wantValues(t, p, 8.25) // 8, 7, 8.25
	wantValues(t, untouched, 5)
	for name, call := range map[string]func(){
		"Update": func() { ema.Update(p, autograd.FromSlice([]float64{1}, 1)) },
		"State":  func() { ema.State() },
	} {
		if err := autograd.Try(call); err == nil || !strings.Contains(err.Error(), "Swap back before "+name) {
			t.Errorf("%s while swapped: %v", name, err)
		}
	}
	wantValues(t, p, 8.25)
	ema.Swap()
	wantValues(t, p, 12)
	ema.Update(p, autograd.FromSlice([]float64{-20.25}, 1)) // 32.25: the average is 14.25
	ema.Swap()
	wantValues(t, p, 14.25)
}

func TestEMARestore(t *testing.T) {
	one := autograd.FromSlice([]float64{1}, 1)
	p := param("p", 0)
	ema := &optim.EMA{Optimizer: &optim.SGD{LR: 1, Momentum: 0.5}, Decay: 0.5}
	ema.Update(p, one) // p is -1, and so is the average
	for says, s := range map[string]optim.State{
		"p.average has shape (1, 1): want (1)": {"p.average": autograd.FromSlice([]float64{1}, 1, 1)},
		"q.average belongs to none":            {"p.average": one, "q.average": one},
		"p.updates is -1":                      {"p.average": one, "p.updates": autograd.Scalar(-1)},
	} {
		if err := ema.Restore([]*autograd.Param{p}, s); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "optim.EMA: ") {
			t.Errorf("got %v, want an error that says %q", err, says)
		}
	}
	if err := (&optim.EMA{Optimizer: plainOptimizer{}}).Restore(nil, nil); err == nil || !strings.Contains(err.Error(), "want a Stateful one") {
		t.Errorf("got %v", err)
	}
	ema.Swap()
	if err := ema.Restore(nil, nil); err == nil || !strings.Contains(err.Error(), "Swap back before Restore") {
		t.Errorf("got %v", err)
	}
	wantValues(t, p, -1) // the average, unchanged
	ema.Swap()

	// The state of the optimizer alone: the average begins anew.
	if err := ema.Restore([]*autograd.Param{p}, ema.Optimizer.(optim.Stateful).State()); err != nil {
		t.Fatal(err)
	}
	ema.Update(p, one) // the momentum is 1.5
	wantValues(t, p, -2.5)
	ema.Swap()
	wantValues(t, p, -2.5)
}

func TestStateOfTwoEMAs(t *testing.T) {
	ema := &optim.EMA{Optimizer: &optim.EMA{Optimizer: new(optim.SGD)}}
	ema.Update(param("p", 0), autograd.FromSlice([]float64{1}, 1))
	if err := autograd.Try(func() { ema.State() }); err == nil || !strings.Contains(err.Error(), "there are two of p.average") {
		t.Errorf("got %v", err)
	}
}
