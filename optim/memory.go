package optim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
)

// memory is what an optimizer knows of each parameter that it has updated. The zero memory knows none.
type memory struct {
	params map[*autograd.Param]*remembered
}

// remembered is what an optimizer knows of one parameter.
type remembered struct {
	updates int
	buffers map[string]*autograd.Param // of the parameter's shape and dtype, by what they are
}

const updates = "updates" // names the count in a State

// of returns what is remembered of p, nothing yet if it is new.
func (m *memory) of(p *autograd.Param) *remembered {
	r := m.params[p]
	if r == nil {
		if m.params == nil {
			m.params = make(map[*autograd.Param]*remembered)
		}
		r = new(remembered)
		m.params[p] = r
	}
	return r
}

// advance counts an update of p, and returns what is remembered of it with the learning rate of this update.
func (m *memory) advance(op string, p *autograd.Param, lr float64, s Schedule) (*remembered, float64) {
	r := m.of(p)
	if s != nil {
		lr *= s(r.updates)
		if !isSetting(lr) {
			autograd.Fail(op, autograd.ValueError, nil, "the Schedule makes the learning rate %v at update %d: want a finite number that is not negative", lr, r.updates)
		}
	}
	r.updates++
	return r, lr
}

// buffer returns the tensor that is remembered of p under a name, filled with start if it is new.
func (r *remembered) buffer(p *autograd.Param, name string, start float64) *autograd.Param {
	b := r.buffers[name]
	if b == nil {
		b = autograd.NewParam(name, autograd.Full(start, p.Value().Dtype(), p.Value().Shape()...))
		r.add(b)
	}
	return b
}

func (r *remembered) add(b *autograd.Param) {
	if r.buffers == nil {
		r.buffers = make(map[string]*autograd.Param)
	}
	r.buffers[b.Name] = b
}

// state is Stateful's State.
func (m *memory) state(op string) State {
	s := make(State)
	for p, r := range m.params {
		count := key(p, updates)
		if s[count] != nil {
			autograd.Fail(op, autograd.ValueError, nil, "two parameters are named %s: their states cannot be told apart", p.Name)
		}
		s[count] = autograd.FromSlice([]float64{float64(r.updates)})
		for name, b := range r.buffers {
			s[key(p, name)] = b.Value().Clone()
		}
	}
	return s
}

// restore is Stateful's Restore, for an optimizer that may have buffers of these names. One that is missing is made when
// it is first needed, as it would have been by the optimizer whose state this is.
func (m *memory) restore(op string, params []*autograd.Param, s State, buffers ...string) error {
	next := memory{params: make(map[*autograd.Param]*remembered, len(params))}
	left := maps.Clone(s)
	var wrong []error
	named := make(map[string]*autograd.Param, len(params))
	for _, p := range params {
		if q := named[p.Name]; q != nil && q != p {
			wrong = append(wrong, fmt.Errorf("two parameters are named %s", p.Name))
		}
		named[p.Name] = p
		count := left[key(p, updates)]
		if count == nil {
			continue // never updated; a buffer without a count is left over
		}
		delete(left, key(p, updates))
		n, ok := wholeNumber(count)
		if !ok {
			wrong = append(wrong, fmt.Errorf("%s is %v: want a count", key(p, updates), count))
		}
		r := next.of(p)
		r.updates = n
		for _, name := range buffers {
			b := left[key(p, name)]
			delete(left, key(p, name))
			if b == nil {
				continue
			}
			if err := fits(p, b); err != nil {
				wrong = append(wrong, fmt.Errorf("%s %w", key(p, name), err))
				continue
			}
			r.add(autograd.NewParam(name, b))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		wrong = append(wrong, fmt.Errorf("%s belongs to none of the %d parameters", name, len(params)))
	}
	if wrong != nil {
		return fmt.Errorf("%s: the state does not fit: %w", op, errors.Join(wrong...))
	}
	*m = next
	return nil
}

func key(p *autograd.Param, name string) string { return p.Name + "." + name }

// wholeNumber returns the count that x holds, if it holds one.
func wholeNumber(x *autograd.Tensor) (n int, ok bool) {
	const exact = 1 << 53
	if x.Size() != 1 {
		return 0, false
	}
	v := x.Item()
	if !(v >= 0 && v <= exact) || v != float64(int(v)) {
		return 0, false
	}
	return int(v), true
}

// fits says why b cannot be what is remembered of p.
func fits(p *autograd.Param, b *autograd.Tensor) error {
	w := p.Value()
	switch {
	case !slices.Equal(b.Shape(), w.Shape()):
		return fmt.Errorf("has shape %v: want %v", b.Shape(), w.Shape())
	case b.IsSingle() != w.IsSingle():
		return fmt.Errorf("is %v: want %v", b.Dtype(), w.Dtype())
	}
	return nil
}
