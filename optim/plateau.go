package optim

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
)

// Plateau lowers the learning rate when a loss has stopped to fall, as PyTorch's torch.optim.lr_scheduler.ReduceLROnPlateau does with
// a relative threshold. It is told the loss, usually that on the validation set after an epoch, and its method is the [Schedule]:
//
//	plateau := &optim.Plateau{Patience: 3}
//	sgd := &optim.SGD{LR: 0.1, Schedule: plateau.Schedule}
//	…
//	plateau.Observe(loss)
//
// A loss is better if it is less than the best so far by more than Threshold times the magnitude of that. After more than Patience
// losses in a row that are not, the factor is multiplied by Factor; during the next Cooldown losses none is counted. There is no eps,
// at which PyTorch gives up: the learning rate may become as small as Min allows.
//
// What it has seen belongs to no optimizer, and so is saved and restored apart: see [Plateau.State].
type Plateau struct {
	Factor    float64 // what lowers the learning rate, less than 1; 0 means 0.1
	Patience  int     // how many losses may be no better; 0 means 10, and a negative number none
	Threshold float64 // by which part a loss must be better; 0 means 1e-4, and a negative number that any part will do
	Cooldown  int     // how many losses are not counted after the learning rate was lowered
	Min       float64 // the least factor

	reached *reached
}

// reached is what a Plateau has seen; the fields that are not floats are counts.
type reached struct{ best, factor, bad, cooldown float64 }

// Schedule returns the factor, at any update.
func (s *Plateau) Schedule(int) float64 { return s.now().factor }

// Observe takes the next loss, or anything else that is to fall: negate an accuracy. NaN is not better than any. It panics with an
// autograd.ValueError if Factor is not in [0, 1), if Cooldown or Min is negative, or if Min or Threshold is not finite.
func (s *Plateau) Observe(loss float64) {
	const op = "optim.Plateau"
	wantFraction(op, "Factor", s.Factor)
	threshold := orDefault(s.Threshold, 1e-4)
	wantSetting(op, "Threshold", threshold)
	wantSetting(op, "Cooldown", float64(s.Cooldown))
	wantSetting(op, "Min", s.Min)
	r := s.now()
	if loss < r.best-threshold*math.Abs(r.best) || math.IsInf(r.best, 1) && loss < r.best {
		r.best, r.bad = loss, 0
	} else {
		r.bad++
	}
	if r.cooldown > 0 {
		r.cooldown--
		r.bad = 0
	}
	if r.bad > float64(max(cmp.Or(s.Patience, 10), 0)) {
		r.factor = min(r.factor, max(r.factor*cmp.Or(s.Factor, 0.1), s.Min))
		r.cooldown, r.bad = float64(s.Cooldown), 0
	}
}

func (s *Plateau) now() *reached {
	if s.reached == nil {
		s.reached = &reached{best: math.Inf(1), factor: 1}
	}
	return s.reached
}

// named returns what there is to save, by name.
func (r *reached) named() map[string]*float64 {
	return map[string]*float64{
		"plateau.best": &r.best, "plateau.factor": &r.factor, "plateau.bad": &r.bad, "plateau.cooldown": &r.cooldown,
	}
}

// State returns what was reached, as float64 scalars, such as "plateau.factor". Their Dense can be written as a file of package
// safetensors, or among the tensors of another.
func (s *Plateau) State() State {
	state := make(State)
	for name, v := range s.now().named() {
		state[name] = autograd.FromSlice([]float64{*v})
	}
	return state
}

// Restore replaces what was reached by a Plateau's State. The error says what does not fit; nothing is changed then.
func (s *Plateau) Restore(state State) error {
	next := new(reached)
	fields := next.named()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		x := state[name]
		if x == nil || x.Size() != 1 {
			return fmt.Errorf("optim.Plateau: the state does not fit: %s is missing, or no single number", name)
		}
		*fields[name] = x.Item()
	}
	if len(state) != len(fields) {
		return fmt.Errorf("optim.Plateau: the state does not fit: it has %d entries: want %d", len(state), len(fields))
	}
	s.reached = next
	return nil
}
