package kernel

import (
	"fmt"
	"sync"

	"github.com/tapegrad/tapegrad/internal/pool"
)

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
	kernelsOf[T]().adam.run("Adam", w, grad, [3][]T{m, v},
		[8]T{s.FirstRate, s.SecondRate, s.Step, s.Correction, s.Eps, s.Decay, s.Shrink})
}

// update is an optimizer's kernel. All have this signature, so that one loop divides them all: element i of w and of the states s,
// as many as there are, changes by what they and grad hold there and by the scalars c, both in the order in which the exported
// function takes them.
type update[T Float] func(w, grad []T, s [3][]T, c [8]T)

// updateKernels is the optimizers' functions of a path.
type updateKernels[T Float] struct {
	adam update[T]
}

func (f update[T]) run(name string, w, grad []T, s [3][]T, c [8]T) {
	if len(grad) != len(w) {
		panic(fmt.Sprintf("kernel.%s: %d gradients of %d weights", name, len(grad), len(w)))
	}
	for i := range s {
		if s[i] != nil && len(s[i]) != len(w) {
			panic(fmt.Sprintf("kernel.%s: a state of %d elements for %d weights", name, len(s[i]), len(w)))
		}
	}
	if len(w) <= moderate {
		f(w, grad, s, c)
		return
	}
	l := updatesOf[T]().Get().(*updateLoop[T])
	*l = updateLoop[T]{f, w, grad, s, c}
	pool.Run(len(w), moderate, l)
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
