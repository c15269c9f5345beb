package kernel

import (
	"fmt"
	"sync"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// SGD is a step of gradient descent with weight decay: w[i] -= lr·(grad[i] + decay·w[i]).
func SGD[T Float](w, grad []T, lr, decay T) {
	if decay == 0 {
		AddScaled(w, grad, -lr) // autograd.AddScaled has the same bits
		return
	}
	kernelsOf[T]().sgd.run("SGD", cheap, w, grad, [3][]T{}, [8]T{lr, decay})
}

// Momentum is a step of gradient descent with momentum as PyTorch's torch.optim.SGD defines it, with dampening 0:
//
//	d = grad[i] + decay·w[i]
//	v[i] = momentum·v[i] + d
//	w[i] -= lr·v[i], or lr·(d + momentum·v[i]) with nesterov
//
// v is zero before the first step. An infinite weight becomes NaN, with decay 0 too.
func Momentum[T Float](w, v, grad []T, lr, momentum, decay T, nesterov bool) {
	step := kernelsOf[T]().momentum
	if nesterov {
		step = kernelsOf[T]().nesterov
	}
	step.run("Momentum", cheap, w, grad, [3][]T{v}, [8]T{lr, momentum, decay})
}

// AdamStep is the scalars of one step of Adam, each formed in float64 from what it stands for.
type AdamStep[T Float] struct {
	FirstRate, SecondRate T // 1-β₁ and 1-β₂
	Step                  T // η/(1-β₁ᵗ)
	Correction            T // 1/√(1-β₂ᵗ)
	Eps                   T // ε
	Decay                 T // λ of a decay that is part of the gradient
	Shrink                T // ηλ of a decay that is not
}

// Adam is a step of Adam as PyTorch's torch.optim.Adam and AdamW define it:
//
//	d = grad[i] + Decay·w[i]
//	m[i] += FirstRate·(d - m[i])
//	v[i] += SecondRate·(d² - v[i])
//	w[i] -= Step·m[i]/(Correction·√v[i] + Eps) + Shrink·w[i]
//
// m and v are zero before the first step, and v never gets below. An infinite weight becomes NaN, without decay too.
func Adam[T Float](w, m, v, grad []T, s AdamStep[T]) {
	kernelsOf[T]().adam.run("Adam", moderate, w, grad, [3][]T{m, v},
		[8]T{s.FirstRate, s.SecondRate, s.Step, s.Correction, s.Eps, s.Decay, s.Shrink})
}

// RMSPropStep is the scalars of one step of RMSProp.
type RMSPropStep[T Float] struct {
	Rate     T // 1-α
	LR       T // η
	Eps      T // ε
	Decay    T // λ
	Momentum T // μ
}

// RMSProp is a step of RMSProp as PyTorch's torch.optim.RMSprop defines it:
//
//	d = grad[i] + Decay·w[i]
//	square[i] += Rate·(d² - square[i])
//	mean[i] += Rate·(d - mean[i])
//	d = d/(√(square[i] - mean[i]²) + Eps)
//	momentum[i] = Momentum·momentum[i] + d
//	w[i] -= LR·momentum[i]
//
// With mean nil it divides by √square[i] + Eps, and with momentum nil w[i] -= LR·d. A variance that rounding has made negative is 0. The
// states are zero before the first step. An infinite weight becomes NaN, with Decay 0 too.
func RMSProp[T Float](w, square, mean, momentum, grad []T, s RMSPropStep[T]) {
	k := kernelsOf[T]()
	step := k.rmsProp
	switch {
	case mean != nil && momentum != nil:
		step = k.centeredMomentum
	case mean != nil:
		step = k.centered
	case momentum != nil:
		step = k.rmsPropMomentum
	}
	step.run("RMSProp", moderate, w, grad, [3][]T{square, mean, momentum}, [8]T{s.Rate, s.LR, s.Eps, s.Decay, s.Momentum})
}

// Adagrad is a step of Adagrad as PyTorch's torch.optim.Adagrad defines it:
//
//	d = grad[i] + decay·w[i]
//	sum[i] += d²
//	w[i] -= lr·d/(√sum[i] + eps)
//
// An infinite weight becomes NaN, with decay 0 too.
func Adagrad[T Float](w, sum, grad []T, lr, eps, decay T) {
	kernelsOf[T]().adagrad.run("Adagrad", moderate, w, grad, [3][]T{sum}, [8]T{lr, eps, decay})
}

// Approach moves w towards x: w[i] += rate·(x[i] - w[i]).
func Approach[T Float](w, x []T, rate T) {
	kernelsOf[T]().approach.run("Approach", cheap, w, x, [3][]T{}, [8]T{rate})
}

// update is an optimizer's kernel. All have this signature, so that one loop divides them all: element i of w and of the states s,
// as many as there are, changes by what they and grad hold there and by the scalars c, both in the order in which the exported
// function takes them.
type update[T Float] func(w, grad []T, s [3][]T, c [8]T)

// updateKernels is the optimizers' functions of a path.
type updateKernels[T Float] struct {
	sgd, momentum, nesterov, adam, adagrad, approach     update[T]
	rmsProp, rmsPropMomentum, centered, centeredMomentum update[T]
}

func (f update[T]) run(name string, grain int, w, grad []T, s [3][]T, c [8]T) {
	if len(grad) != len(w) {
		panic(fmt.Sprintf("kernel.%s: %d gradients of %d weights", name, len(grad), len(w)))
	}
	for i := range s {
		if s[i] != nil && len(s[i]) != len(w) {
			panic(fmt.Sprintf("kernel.%s: a state of %d elements for %d weights", name, len(s[i]), len(w)))
		}
	}
	if len(w) <= grain {
		f(w, grad, s, c)
		return
	}
	l := updatesOf[T]().Get().(*updateLoop[T])
	*l = updateLoop[T]{f, w, grad, s, c}
	pool.Run(len(w), grain, l)
	*l = updateLoop[T]{}
	updatesOf[T]().Put(l)
}

// updateLoop is one call of an update, shared by the threads that run it.
type updateLoop[T Float] struct {
	kernel  update[T]
	w, grad []T
	s       [3][]T
	c       [8]T
}

func (l *updateLoop[T]) Do(lo, hi int) {
	s := l.s
	for i := range s {
		if s[i] != nil {
			s[i] = s[i][lo:hi]
		}
	}
	l.kernel(l.w[lo:hi], l.grad[lo:hi], s, l.c)
}

var (
	updates32 = sync.Pool{New: func() any { return new(updateLoop[float32]) }}
	updates64 = sync.Pool{New: func() any { return new(updateLoop[float64]) }}
)

func updatesOf[T Float]() *sync.Pool { return bySize[T](&updates32, &updates64) }
