package kernel

import (
	"fmt"
	"math"
)

// A Descent searches the samples of a solver that takes steps of two samples: one whose weight rises and one whose weight falls. The slices
// hold a bit for each sample, bit l of element b being that of sample b·BlockLanes + l.
//
// The objective may have a kink at weight 0 of each sample, the term Kink·|weight|. The gradient is without that term; where a weight that
// may rise is negative, the gradient for rising is greater by Kink, and elsewhere less, and for falling less where the weight
// is positive and elsewhere greater.
type Descent[T Float] struct {
	Rise, Fall   []uint16 // the samples whose weight may rise, and fall
	Below, Above []uint16 // those whose weight is negative, and positive; nil where Kink is 0
	Kink         float64  // not negative

	lanes laneResults
}

var negativeInfinity = math.Inf(-1)

// laneResults is what a kernel finds lane by lane. Entry i is of lane i%n, n being the float64 in a vector, and the position that belongs
// to it is at[i]·n + i%n.
type laneResults struct {
	best   [BlockLanes]float64
	bottom [BlockLanes]float64
	at     [BlockLanes]int64
}

// choose returns the greatest of the best values and its position, the lowest among equals, or -1 where none is above the value worst.
func (r *laneResults) choose(lanes int, worst float64) (at int, best float64) {
	at, best = -1, worst
	for i, v := range r.best[:2*lanes] {
		if v < best || !(v > worst) {
			continue
		}
		if position := int(r.at[i])*lanes + i%lanes; v > best || position < at {
			at, best = position, v
		}
	}
	return at, best
}

func (r *laneResults) least(lanes int) float64 {
	least := math.Inf(1)
	for _, v := range r.bottom[:2*lanes] {
		least = min(least, v)
	}
	return least
}

// Step subtracts t·(up - down) from the gradients, whole blocks of them, and returns the sample of the greatest gradient among
// those that may rise, the first of equals, that gradient, and the least among those that may fall: -1, -Inf and
// +Inf where there are none.
func (d *Descent[T]) Step(gradient []float64, up, down []T, t float64) (at int, top, bottom float64) {
	d.check("Step", len(gradient), len(up), len(down))
	if len(gradient) == 0 {
		return -1, negativeInfinity, math.Inf(1)
	}
	return kernelsOf[T]().gradientStep(d, gradient, up, down, t)
}

// Second returns the sample that may fall whose pair with a sample that rises promises the greatest decrease of the objective,
// (top - gₖ)²/(own + diagonalₖ - 2·rowₖ), or -1 where no gradient lies below top. top, own and row are the gradient, the diagonal
// value and the row of the sample that rises; diagonal has a value for each sample, or BlockLanes equal ones where all have the same.
// A denominator below 1e-12 counts as that (LIBSVM's TAU). The fraction may be rounded to 14 bits.
func (d *Descent[T]) Second(gradient []float64, row, diagonal []T, own, top float64) (at int) {
	same := len(diagonal)
	if same == BlockLanes {
		same = len(row)
	}
	d.check("Second", len(gradient), len(row), same)
	if len(gradient) == 0 {
		return -1
	}
	return kernelsOf[T]().secondOrder(d, gradient, row, diagonal, own, top)
}

func (d *Descent[T]) check(name string, gradients, first, second int) {
	blocks := gradients / BlockLanes
	kinked := d.Kink == 0 || len(d.Below) == blocks && len(d.Above) == blocks
	if gradients%BlockLanes != 0 || first != gradients || second != gradients || len(d.Rise) != blocks || len(d.Fall) != blocks || !kinked {
		panic(fmt.Sprintf("kernel.Descent.%s: %d gradients, %d and %d values, flags of %d, %d, %d and %d blocks",
			name, gradients, first, second, len(d.Rise), len(d.Fall), len(d.Below), len(d.Above)))
	}
}
