package gradcheck

import (
	"fmt"

	"gorgonia.org/tensor"
)

// A Report is one comparison: of one derivative by one element.
type Report struct {
	Order int    // of the derivative
	Of    string // what was differentiated: "f", or at order 2 "the gradient by input 0"
	By    string // "input 0", "parameter weight", or at order 2 "the cotangent of f"
	Index []int  // of the element of By

	Tape       float64 // what the tape gave
	Difference float64 // the central difference
	Gap        float64 // |Tape - Difference|
	Tolerance  float64 // AbsTol + RelTol·|Difference|

	Compared int // how many derivatives were compared, this one among them
}

// String returns the report in one line.
func (r Report) String() string {
	if r.Compared == 0 {
		return "nothing to compare: the inputs have no elements"
	}
	return fmt.Sprintf("%s: gap %.2g, tolerance %.2g, worst of %d", r.place(), r.Gap, r.Tolerance, r.Compared)
}

// place says which derivative is meant.
func (r Report) place() string {
	return fmt.Sprintf("the derivative of %s by element %v of %s", r.Of, tensor.Shape(r.Index), r.By)
}

// A Verdict says what is wrong.
type Verdict uint8

const (
	WrongRule        Verdict = iota + 1 // a rule gives another derivative than the function has
	Kink                                // the one-sided differences disagree: the function has no derivative here
	NotFinite                           // a value or derivative is infinite or NaN
	NotDeterministic                    // the function gives other values for the same inputs
)

// String returns the verdict in a few words, such as "wrong rule".
func (v Verdict) String() string {
	switch v {
	case WrongRule:
		return "wrong rule"
	case Kink:
		return "kink"
	case NotFinite:
		return "not finite"
	case NotDeterministic:
		return "not deterministic"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// An Error says that the derivatives do not agree, where they differ most, and why.
type Error struct {
	Verdict Verdict // what is wrong
	Report          // the worst comparison; empty where no comparison came about, since the function's own values are at fault
	Failed  int     // how many comparisons exceeded their tolerance
	Message string  // what was found and what to do, in one line
}

// Error returns the verdict and the message.
func (e *Error) Error() string { return fmt.Sprintf("gradcheck: %v: %s", e.Verdict, e.Message) }
