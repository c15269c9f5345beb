package optim

import (
	"cmp"
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Adam scales each element's step by running averages of its gradient and of the gradient's square: Kingma and Ba, "Adam: A Method
// for Stochastic Optimization" (ICLR 2015, algorithm 1), as PyTorch's torch.optim.Adam defines it. For a parameter w with gradient
// g at its update number t = 1, 2, …, η being LR times the Schedule's factor, λ WeightDecay and ε Eps:
//
//	d = g + λ w
//	m ← β₁ m + (1 - β₁) d              m and v are 0 before the first update
//	v ← β₂ v + (1 - β₂) d²
//	w ← w - η m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε)
//
// Weight decay as part of the gradient is scaled like it: [AdamW] decays all weights alike.
//
// The settings may be changed between updates. Update panics with an autograd.ValueError if LR, Eps or WeightDecay is negative or not
// finite, if the Schedule makes the learning rate so, or if Beta1 or Beta2 is not less than 1.
type Adam struct {
	LR          float64                      // learning rate η; 0 means 0.001
	Beta1       float64                      // β₁, which part of m stays at each update; 0 means 0.9, and a negative number 0
	Beta2       float64                      // β₂, which part of v stays at each update; 0 means 0.999, and a negative number 0
	Eps         float64                      // ε, which bounds the step where v is small; 0 means 1e-8
	WeightDecay float64                      // λ; 0 means none
	Decays      func(p *autograd.Param) bool // which parameters decay, such as WeightsOnly; nil means all
	Schedule    Schedule                     // the factor of LR at each of a parameter's updates; nil means 1

	memory memory
}

// AdamW is [Adam] with weight decay beside the gradient: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019,
// algorithm 2), as PyTorch's torch.optim.AdamW defines it, where the learning rate scales the decay. With Adam's names:
//
//	m ← β₁ m + (1 - β₁) g
//	v ← β₂ v + (1 - β₂) g²
//	w ← (1 - η λ) w - η m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε)
//
// It is Adam for parameters that do not decay. Settings are judged as Adam's are, but that WeightDecay may be negative.
type AdamW struct {
	LR          float64                      // learning rate η; 0 means 0.001
	Beta1       float64                      // β₁, which part of m stays at each update; 0 means 0.9, and a negative number 0
	Beta2       float64                      // β₂, which part of v stays at each update; 0 means 0.999, and a negative number 0
	Eps         float64                      // ε, which bounds the step where v is small; 0 means 1e-8
	WeightDecay float64                      // λ; 0 means 0.01, as in PyTorch, and a negative number none
	Decays      func(p *autograd.Param) bool // which parameters decay, such as WeightsOnly; nil means all
	Schedule    Schedule                     // the factor of LR at each of a parameter's updates; nil means 1

	memory memory
}

// The names of m and v in the State.
const (
	firstMoment  = "first_moment"
	secondMoment = "second_moment"
)

// Update implements [Optimizer]. It panics with an autograd.ShapeError or autograd.DtypeError if g does not fit p.
func (o *Adam) Update(p *autograd.Param, g *autograd.Tensor) {
	moments{"optim.Adam", o.LR, o.Beta1, o.Beta2, o.Eps, o.WeightDecay, false}.update(&o.memory, p, g, o.Decays, o.Schedule)
}

// Update implements [Optimizer]. It panics with an autograd.ShapeError or autograd.DtypeError if g does not fit p.
func (o *AdamW) Update(p *autograd.Param, g *autograd.Tensor) {
	decay := orDefault(o.WeightDecay, 0.01)
	moments{"optim.AdamW", o.LR, o.Beta1, o.Beta2, o.Eps, decay, true}.update(&o.memory, p, g, o.Decays, o.Schedule)
}

// State implements [Stateful].
func (o *Adam) State() State { return o.memory.state("optim.Adam") }

// State implements [Stateful].
func (o *AdamW) State() State { return o.memory.state("optim.AdamW") }

// Restore implements [Stateful]. A state of AdamW fits as well.
func (o *Adam) Restore(params []*autograd.Param, s State) error {
	return o.memory.restore("optim.Adam", params, s, firstMoment, secondMoment)
}

// Restore implements [Stateful]. A state of Adam fits as well.
func (o *AdamW) Restore(params []*autograd.Param, s State) error {
	return o.memory.restore("optim.AdamW", params, s, firstMoment, secondMoment)
}

// moments is what Adam and AdamW share.
type moments struct {
	op                            string
	lr, beta1, beta2, eps, lambda float64
	decoupled                     bool
}

func (s moments) update(memory *memory, p *autograd.Param, g *autograd.Tensor, decays func(*autograd.Param) bool, schedule Schedule) {
	s.beta1, s.beta2, s.eps = orDefault(s.beta1, 0.9), orDefault(s.beta2, 0.999), cmp.Or(s.eps, 1e-8)
	wantSetting(s.op, "LR", s.lr)
	wantFraction(s.op, "Beta1", s.beta1)
	wantFraction(s.op, "Beta2", s.beta2)
	wantSetting(s.op, "Eps", s.eps)
	wantSetting(s.op, "WeightDecay", s.lambda)
	g = fitting(s.op, p, g)
	r, lr := memory.advance(s.op, p, cmp.Or(s.lr, 1e-3), schedule)
	s.lr, s.lambda = lr, decayOf(p, s.lambda, decays)
	if g.IsSingle() {
		updateAdam[float32](s, r, p, g)
	} else {
		updateAdam[float64](s, r, p, g)
	}
}

func updateAdam[T kernel.Float](s moments, r *remembered, p *autograd.Param, g *autograd.Tensor) {
	grad := autograd.Raw[T](g) // before Write, which would end it if g were the parameter's own value
	t := float64(r.updates)
	step := kernel.AdamStep[T]{
		FirstRate: T(1 - s.beta1), SecondRate: T(1 - s.beta2),
		Step:       T(s.lr / (1 - math.Pow(s.beta1, t))),
		Correction: T(1 / math.Sqrt(1-math.Pow(s.beta2, t))),
		Eps:        T(s.eps),
	}
	if s.decoupled {
		step.Shrink = T(s.lr * s.lambda)
	} else {
		step.Decay = T(s.lambda)
	}
	m, v := autograd.Write[T](r.buffer(p, firstMoment, 0)), autograd.Write[T](r.buffer(p, secondMoment, 0))
	kernel.Adam(autograd.Write[T](p), m, v, grad, step)
}
