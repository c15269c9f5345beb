package optim

import (
	"cmp"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// SGD is stochastic gradient descent, with momentum and weight decay if asked for, as PyTorch's torch.optim.SGD defines it
// (dampening 0). For a parameter w with gradient g, η being LR times the Schedule's factor, λ WeightDecay and μ Momentum:
//
//	d = g + λ w
//	w ← w - η d               without momentum
//	v ← μ v + d               with momentum; v is 0 before the first update
//	w ← w - η v
//	w ← w - η (d + μ v)       with Nesterov
//
// Momentum is that of Polyak (1964), in the form and with the Nesterov variant of Sutskever, Martens, Dahl and Hinton, "On the
// importance of initialization and momentum in deep learning" (ICML 2013), but with η outside of v: it differs from theirs only
// when η changes.
//
// The settings may be changed between updates. Update panics with an autograd.ValueError if LR, Momentum or WeightDecay is
// negative or not finite, if the Schedule makes the learning rate so, or if Nesterov is set without Momentum.
type SGD struct {
	LR          float64                      // learning rate η; 0 means 0.001. A parameter that is not to change is Frozen
	Momentum    float64                      // μ; 0 means none
	Nesterov    bool                         // look ahead along the momentum
	WeightDecay float64                      // λ; 0 means none
	Decays      func(p *autograd.Param) bool // which parameters decay, such as WeightsOnly; nil means all
	Schedule    Schedule                     // the factor of LR at each of a parameter's updates; nil means 1

	memory memory
}

const velocity = "momentum" // names v in the State

// Update implements [Optimizer]. It panics with an autograd.ShapeError or autograd.DtypeError if g does not fit p.
func (o *SGD) Update(p *autograd.Param, g *autograd.Tensor) {
	const op = "optim.SGD"
	wantSetting(op, "LR", o.LR)
	wantSetting(op, "Momentum", o.Momentum)
	wantSetting(op, "WeightDecay", o.WeightDecay)
	if o.Nesterov && o.Momentum == 0 {
		autograd.Fail(op, autograd.ValueError, nil, "Nesterov needs a Momentum, such as 0.9")
	}
	g = fitting(op, p, g)
	m, lr := o.memory.advance(op, p, cmp.Or(o.LR, 1e-3), o.Schedule)
	decay := decayOf(p, o.WeightDecay, o.Decays)
	if g.IsSingle() {
		updateSGD[float32](o, m, p, g, lr, decay)
	} else {
		updateSGD[float64](o, m, p, g, lr, decay)
	}
}

func updateSGD[T kernel.Float](o *SGD, m *remembered, p *autograd.Param, g *autograd.Tensor, lr, decay float64) {
	if o.Momentum == 0 && decay == 0 {
		autograd.AddScaled(p, g, T(-lr))
		return
	}
	grad := autograd.Raw[T](g) // before Write, which would end it if g were the parameter's own value
	if o.Momentum == 0 {
		kernel.SGD(autograd.Write[T](p), grad, T(lr), T(decay))
		return
	}
	v := autograd.Write[T](m.buffer(p, velocity, 0))
	kernel.Momentum(autograd.Write[T](p), v, grad, T(lr), T(o.Momentum), T(decay), o.Nesterov)
}

// State implements [Stateful].
func (o *SGD) State() State { return o.memory.state("optim.SGD") }

// Restore implements [Stateful].
func (o *SGD) Restore(params []*autograd.Param, s State) error {
	return o.memory.restore("optim.SGD", params, s, velocity)
}
