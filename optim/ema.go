package optim

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// EMA keeps an exponential moving average of each parameter that its Optimizer updates. After every update of a parameter w, with the
// average a and β Decay:
//
//	a ← w                    after the first
//	a ← β a + (1 - β) w      after the others
//
// This is PyTorch's torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(β): since a begins with a value of w, it needs no
// correction for a start at 0. Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992), show why averages
// do better than the last step. What training writes but no optimizer updates, such as running statistics, has no average, as with
// PyTorch's use_buffers=False. The average of a parameter that is frozen later stays as it is.
//
// To evaluate or save the averages, [EMA.Swap] them with the parameters, and swap back before training goes on. The State cannot be
// taken meanwhile, so that the averages are saved as a model of their own, without an optimizer.
//
// The settings may be changed between updates. Update panics with an autograd.ValueError if Optimizer is nil, if Decay is not in
// [0, 1), or if the averages are in the place of the parameters.
type EMA struct {
	Optimizer Optimizer // what updates the parameters
	Decay     float64   // β, which part of the average stays at each update; 0 means 0.999

	averages map[*autograd.Param]*autograd.Param
	swapped  bool
}

const average = "average" // names a in the State

// Update implements [Optimizer].
func (o *EMA) Update(p *autograd.Param, g *autograd.Tensor) {
	const op = "optim.EMA"
	wantFraction(op, "Decay", o.Decay)
	if o.Optimizer == nil {
		autograd.Fail(op, autograd.ValueError, nil, "Optimizer is nil: give one such as &optim.AdamW{}")
	}
	o.unswapped("Update")
	o.Optimizer.Update(p, g)
	a := o.averages[p]
	if a == nil {
		if o.averages == nil {
			o.averages = make(map[*autograd.Param]*autograd.Param)
		}
		o.averages[p] = autograd.NewParam(average, p.Value())
		return
	}
	rate := 1 - cmp.Or(o.Decay, 0.999)
	if p.Value().IsSingle() {
		kernel.Approach(autograd.Write[float32](a), autograd.Raw[float32](p.Value()), float32(rate))
	} else {
		kernel.Approach(autograd.Write[float64](a), autograd.Raw[float64](p.Value()), rate)
	}
}

// Swap exchanges the values of all parameters that have an average with their averages:
//
//	ema.Swap()
//	defer ema.Swap()
//	scores, err := model.Evaluate(ctx, test)
func (o *EMA) Swap() {
	for p, a := range o.averages {
		if p.Value().IsSingle() {
			exchange(autograd.Write[float32](p), autograd.Write[float32](a))
		} else {
			exchange(autograd.Write[float64](p), autograd.Write[float64](a))
		}
	}
	o.swapped = !o.swapped
}

func exchange[T kernel.Float](a, b []T) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// State implements [Stateful]: it is the Optimizer's, with the averages. It panics with an autograd.ValueError also if the Optimizer
// is not Stateful, or if the averages are in the place of the parameters.
func (o *EMA) State() State {
	const op = "optim.EMA"
	o.unswapped("State")
	inner, ok := o.Optimizer.(Stateful)
	if !ok {
		autograd.Fail(op, autograd.ValueError, nil, "Optimizer is a %T, which cannot say what it remembers: want a Stateful one", o.Optimizer)
	}
	s := inner.State()
	for p, a := range o.averages {
		name := key(p, average)
		if s[name] != nil {
			autograd.Fail(op, autograd.ValueError, nil, "there are two of %s: want one EMA, and parameters with names of their own", name)
		}
		s[name] = a.Value().Clone()
	}
	return s
}

// Restore implements [Stateful]. A state of the Optimizer alone fits as well: the averages begin anew then.
func (o *EMA) Restore(params []*autograd.Param, s State) error {
	inner, ok := o.Optimizer.(Stateful)
	if !ok {
		return fmt.Errorf("optim.EMA: Optimizer is a %T, which cannot be restored: want a Stateful one", o.Optimizer)
	}
	if o.swapped {
		return errors.New("optim.EMA: the averages are in the place of the parameters: Swap back before Restore")
	}
	left, next := maps.Clone(s), make(map[*autograd.Param]*autograd.Param, len(params))
	var wrong []error
	for _, p := range params {
		name := key(p, average)
		a := left[name]
		if a == nil {
			continue
		}
		delete(left, name)
		if err := fits(p, a); err != nil {
			wrong = append(wrong, fmt.Errorf("%s %w", name, err))
			continue
		}
		next[p] = autograd.NewParam(average, a)
	}
	if wrong != nil {
		return fmt.Errorf("optim.EMA: the state does not fit: %w", errors.Join(wrong...))
	}
	if err := inner.Restore(params, left); err != nil {
		return fmt.Errorf("optim.EMA: %w", err)
	}
	o.averages = next
	return nil
}

func (o *EMA) unswapped(method string) {
	if o.swapped {
		autograd.Fail("optim.EMA", autograd.ValueError, nil, "the averages are in the place of the parameters: Swap back before %s", method)
	}
}
