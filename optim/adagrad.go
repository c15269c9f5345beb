package optim

import (
	"cmp"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Adagrad divides each element's step by the root of the sum of its gradient's squares so far: Duchi, Hazan and Singer, "Adaptive
// Subgradient Methods for Online Learning and Stochastic Optimization" (JMLR 12, 2011), as PyTorch's torch.optim.Adagrad defines it.
// For a parameter w with gradient g at its update number t = 1, 2, …, η being LR times the Schedule's factor, λ WeightDecay and ε Eps:
//
//	d = g + λ w
//	s ← s + d²                         s is Initial before the first update
//	w ← w - η/(1 + (t - 1) LRDecay) d / (√s + ε)
//
// The settings may be changed between updates. Update panics with an autograd.ValueError if a setting is negative or not finite, or if
// the Schedule makes the learning rate so.
type Adagrad struct {
	LR          float64                      // learning rate η; 0 means 0.01
	LRDecay     float64                      // how fast the learning rate falls; 0 means not at all
	Initial     float64                      // what the sum of squares begins with; 0 means 0
	Eps         float64                      // ε, which bounds the step where s is small; 0 means 1e-10
	WeightDecay float64                      // λ; 0 means none
	Decays      func(p *autograd.Param) bool // which parameters decay, such as WeightsOnly; nil means all
	Schedule    Schedule                     // the factor of LR at each of a parameter's updates; nil means 1

	memory memory
}

const sumOfSquares = "sum_of_squares" // names s in the State

// Update implements [Optimizer]. It panics with an autograd.ShapeError or autograd.DtypeError if g does not fit p.
func (o *Adagrad) Update(p *autograd.Param, g *autograd.Tensor) {
	const op = "optim.Adagrad"
	wantSetting(op, "LR", o.LR)
	wantSetting(op, "LRDecay", o.LRDecay)
	wantSetting(op, "Initial", o.Initial)
	wantSetting(op, "Eps", o.Eps)
	wantSetting(op, "WeightDecay", o.WeightDecay)
	g = fitting(op, p, g)
	r, lr := o.memory.advance(op, p, cmp.Or(o.LR, 0.01), o.Schedule)
	lr /= 1 + float64(r.updates-1)*o.LRDecay
	if g.IsSingle() {
		updateAdagrad[float32](o, r, p, g, lr)
	} else {
		updateAdagrad[float64](o, r, p, g, lr)
	}
}

func updateAdagrad[T kernel.Float](o *Adagrad, r *remembered, p *autograd.Param, g *autograd.Tensor, lr float64) {
	grad := autograd.Raw[T](g) // before Write, which would end it if g were the parameter's own value
	s := autograd.Write[T](r.buffer(p, sumOfSquares, o.Initial))
	kernel.Adagrad(autograd.Write[T](p), s, grad, T(lr), T(cmp.Or(o.Eps, 1e-10)), T(decayOf(p, o.WeightDecay, o.Decays)))
}

// State implements [Stateful].
func (o *Adagrad) State() State { return o.memory.state("optim.Adagrad") }

// Restore implements [Stateful].
func (o *Adagrad) Restore(params []*autograd.Param, s State) error {
	return o.memory.restore("optim.Adagrad", params, s, sumOfSquares)
}
