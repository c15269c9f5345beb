package autograd

import (
	"fmt"
	"math"
	"reflect"
)

// A Scope is a part of a computation with a name, such as a layer of a net. Scopes nest.
type Scope struct {
	Name   string // within the scope around it, such as "2"
	What   any    // what ran there, such as the layer, or nil
	Parent *Scope // the scope around it, or nil
}

// GradientScope is the name of the scope that a recorded reverse pass is in.
const GradientScope = "gradient"

// Path returns the names from the outermost scope to this one, such as "0.2".
func (s *Scope) Path() string {
	if s.Parent == nil {
		return s.Name
	}
	return s.Parent.Path() + "." + s.Name
}

// String returns the path and the type of what ran, such as "0.2 Linear".
func (s *Scope) String() string {
	if kind := s.Kind(); kind != "" {
		return s.Path() + " " + kind
	}
	return s.Path()
}

// Kind returns the name of the type of What without its package, such as "Linear", and nothing if What is nil.
func (s *Scope) Kind() string {
	if s.What == nil {
		return ""
	}
	t := reflect.TypeOf(s.What)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" { // such as a struct without a name
		return fmt.Sprint(t)
	}
	return t.Name()
}

// A scope is what a tape keeps of a Scope: it holds the records from first to last, without last.
type scope struct {
	name        string
	what        any
	parent      int32 // the mark of the scope around it, or 0
	first, last int32
}

// Enter begins a scope: what is recorded from now on is in it, until Leave is given the mark that Enter returns, or the tape is
// Reset. [Node] tells in which scope it was recorded. What runs there, such as the layer, may be nil. Where nothing is recorded
// (on a nil tape, or in the middle of a reverse pass) Enter and Leave do nothing.
func (t *Tape) Enter(name string, what any) (mark int) {
	if t == nil || t.passing {
		return 0
	}
	t.scopes = append(t.scopes, scope{name: name, what: what, parent: t.open, first: int32(len(t.nodes)), last: math.MaxInt32})
	t.open = int32(len(t.scopes))
	return len(t.scopes)
}

// Leave ends the scope that Enter returned the mark of, and with it every scope that was begun in it and not ended, because of a
// panic that was recovered in between.
func (t *Tape) Leave(mark int) {
	if t == nil || mark <= 0 {
		return
	}
	for int(t.open) >= mark {
		i := t.open - 1
		s := &t.scopes[i]
		t.open = s.parent
		s.last = int32(len(t.nodes))
		if s.first == s.last && int(i) == len(t.scopes)-1 { // nothing was recorded in it: a tape that only gives memory does not grow
			*s = scope{}
			t.scopes = t.scopes[:i]
		}
	}
}

// A scopeWalk finds the scopes of records, which are visited in order.
type scopeWalk struct {
	tape   *Tape
	next   int // of the tape's scopes, which are in the order in which they began
	inside []scopeInside
}

type scopeInside struct {
	*Scope
	last int32
}

// at returns the innermost scope of record i, or nil.
func (w *scopeWalk) at(i int32) *Scope {
	for len(w.inside) > 0 && w.inside[len(w.inside)-1].last <= i {
		w.inside = w.inside[:len(w.inside)-1]
	}
	for ; w.next < len(w.tape.scopes) && w.tape.scopes[w.next].first <= i; w.next++ {
		if s := w.tape.scopes[w.next]; s.last > i {
			w.inside = append(w.inside, scopeInside{&Scope{Name: s.name, What: s.what, Parent: w.innermost()}, s.last})
		}
	}
	return w.innermost()
}

func (w *scopeWalk) innermost() *Scope {
	if len(w.inside) == 0 {
		return nil
	}
	return w.inside[len(w.inside)-1].Scope
}
