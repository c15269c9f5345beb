package optim

import (
	"cmp"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// An Accumulator averages the gradients of several passes, so that one update learns from a batch that is too large for one pass:
//
//	several := &optim.Accumulator{Every: 4}
//	…
//	optim.Step(adam, several.Add(tape.Backward(loss)))
//
// Where each loss is the mean over as many examples, the average is the gradient of the mean over all of them, within rounding. Passes
// are counted from one epoch to the next; [Accumulator.Flush] yields what is left, which else waits for the next training:
//
//	optim.Step(adam, several.Flush())
//
// No optimizer's State has what is left, so that training that is to go on elsewhere is saved after an update or a Flush. An
// Accumulator belongs to one goroutine.
type Accumulator struct {
	Every int // how many passes make an update; 0 means 1

	passes int // in the sums
	sums   []*sum
	of     map[*autograd.Param]*sum
}

// sum is of the gradients of one parameter. Its memory is on the heap, beyond the tape's Reset, and used again for the next average.
type sum struct {
	of, total *autograd.Param
	begun     bool // in this group of passes
}

// Add returns the stream that runs the pass, adds its gradients to what it has of earlier ones, and at the last of Every passes
// yields the averages, in the order in which their parameters occurred first; before that, it yields nothing. To a parameter that
// is missing in a pass, the pass contributes 0, and one that is frozen meanwhile is left out. An average is valid until the stream
// of the next pass runs.
//
// If the pass panics, its gradients and those of the passes before it are dropped. Add panics with an autograd.ValueError if Every is
// negative, and its stream with an autograd.ShapeError or autograd.DtypeError if a gradient does not fit its parameter.
func (a *Accumulator) Add(gradients autograd.Gradients) autograd.Gradients {
	if a.Every < 0 {
		autograd.Fail("optim.Accumulator", autograd.ValueError, nil, "Every is %d: want at least 1, or 0, which means 1", a.Every)
	}
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		a.add(gradients)
		if a.passes >= cmp.Or(a.Every, 1) {
			a.Flush()(yield)
		}
	}
}

// Flush returns the stream of the averages over the passes that were added since the last ones were yielded, and drops them. There
// are none if no pass was.
func (a *Accumulator) Flush() autograd.Gradients {
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		factor := 1 / float64(a.passes)
		defer a.drop()
		for _, s := range a.sums {
			if s.begun && !s.of.Frozen && !yield(s.of, s.average(factor)) {
				return
			}
		}
	}
}

func (a *Accumulator) add(gradients autograd.Gradients) {
	whole := false
	defer func() {
		if !whole {
			a.drop()
		}
	}()
	for p, g := range gradients {
		a.sum(p).add(fitting("optim.Accumulator", p, g))
	}
	a.passes++
	whole = true
}

func (a *Accumulator) drop() {
	a.passes = 0
	for _, s := range a.sums {
		s.begun = false
	}
}

// sum returns the sum of p's gradients.
func (a *Accumulator) sum(p *autograd.Param) *sum {
	s := a.of[p]
	if s == nil {
		if a.of == nil {
			a.of = make(map[*autograd.Param]*sum)
		}
		s = &sum{of: p, total: autograd.NewParam(p.Name, autograd.Zeros(p.Value().Dtype(), p.Value().Shape()...))}
		a.of[p] = s
		a.sums = append(a.sums, s)
	}
	return s
}

func (s *sum) add(g *autograd.Tensor) {
	if g.IsSingle() {
		addTo[float32](s, g)
	} else {
		addTo[float64](s, g)
	}
}

func addTo[T kernel.Float](s *sum, g *autograd.Tensor) {
	grad, total := autograd.Raw[T](g), autograd.Write[T](s.total)
	if s.begun {
		kernel.Add(total, total, grad)
	} else {
		copy(total, grad)
		s.begun = true
	}
}

// average turns the sum into the average.
func (s *sum) average(factor float64) *autograd.Tensor {
	if s.total.Value().IsSingle() {
		total := autograd.Write[float32](s.total)
		kernel.Scale(total, total, float32(factor))
	} else {
		total := autograd.Write[float64](s.total)
		kernel.Scale(total, total, factor)
	}
	return s.total.Value()
}
