package optim

import (
	"cmp"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// RMSProp divides each element's step by the root of a running average of its gradient's square: Tieleman and Hinton, "Lecture 6.5:
// rmsprop" (Neural Networks for Machine Learning, 2012), as PyTorch's torch.optim.RMSprop defines it. For a parameter w with
// gradient g, η being LR times the Schedule's factor, λ WeightDecay, α Alpha, ε Eps and μ Momentum:
//
//	d = g + λ w
//	v ← α v + (1 - α) d²               v, a and b are 0 before the first update
//	d ← d / (√v + ε)                   not Centered
//	a ← α a + (1 - α) d                Centered: Graves, "Generating Sequences With Recurrent Neural Networks" (2013)
//	d ← d / (√(v - a²) + ε)
//	w ← w - η d                        without momentum
//	b ← μ b + d                        with momentum
//	w ← w - η b
//
// A v - a² that rounding makes negative is 0; PyTorch's weights become NaN then.
//
// The settings may be changed between updates. Update panics with an autograd.ValueError if LR, Eps, WeightDecay or Momentum is
// negative or not finite, if the Schedule makes the learning rate so, or if Alpha is not less than 1.
type RMSProp struct {
	LR          float64                      // learning rate η; 0 means 0.01
	Alpha       float64                      // α, which part of v and a stays at each update; 0 means 0.99, and a negative number 0
	Eps         float64                      // ε, which bounds the step where v is small; 0 means 1e-8
	Momentum    float64                      // μ; 0 means none
	Centered    bool                         // divide by the standard deviation of the gradient
	WeightDecay float64                      // λ; 0 means none
	Decays      func(p *autograd.Param) bool // which parameters decay, such as WeightsOnly; nil means all
	Schedule    Schedule                     // the factor of LR at each of a parameter's updates; nil means 1

	memory memory
}

// The names of v and a in the State; b is velocity.
const (
	meanSquare = "mean_square"
	mean       = "mean"
)

// Update implements [Optimizer]. It panics with an autograd.ShapeError or autograd.DtypeError if g does not fit p.
func (o *RMSProp) Update(p *autograd.Param, g *autograd.Tensor) {
	const op = "optim.RMSProp"
	wantSetting(op, "LR", o.LR)
	alpha := orDefault(o.Alpha, 0.99)
	wantFraction(op, "Alpha", alpha)
	wantSetting(op, "Eps", o.Eps)
	wantSetting(op, "Momentum", o.Momentum)
	wantSetting(op, "WeightDecay", o.WeightDecay)
	g = fitting(op, p, g)
	r, lr := o.memory.advance(op, p, cmp.Or(o.LR, 0.01), o.Schedule)
	if g.IsSingle() {
		updateRMSProp[float32](o, r, p, g, lr, alpha)
	} else {
		updateRMSProp[float64](o, r, p, g, lr, alpha)
	}
}

func updateRMSProp[T kernel.Float](o *RMSProp, r *remembered, p *autograd.Param, g *autograd.Tensor, lr, alpha float64) {
	grad := autograd.Raw[T](g) // before Write, which would end it if g were the parameter's own value
	var a, b []T
	if o.Centered {
		a = autograd.Write[T](r.buffer(p, mean, 0))
	}
	if o.Momentum != 0 {
		b = autograd.Write[T](r.buffer(p, velocity, 0))
	}
	v := autograd.Write[T](r.buffer(p, meanSquare, 0))
	kernel.RMSProp(autograd.Write[T](p), v, a, b, grad, kernel.RMSPropStep[T]{
		Rate: T(1 - alpha), LR: T(lr), Eps: T(cmp.Or(o.Eps, 1e-8)),
		Decay: T(decayOf(p, o.WeightDecay, o.Decays)), Momentum: T(o.Momentum),
	})
}

// State implements [Stateful].
func (o *RMSProp) State() State { return o.memory.state("optim.RMSProp") }

// Restore implements [Stateful].
func (o *RMSProp) Restore(params []*autograd.Param, s State) error {
	return o.memory.restore("optim.RMSProp", params, s, meanSquare, mean, velocity)
}
