package svm

import (
	"context"
	"math"
	"math/rand/v2"
)

// A coordinateDescent minimizes the dual of one linear two-class problem,
//
//	½ ‖w‖² + Σᵢ (½ diagonalᵢ αᵢ² - αᵢ),  w = Σᵢ yᵢ αᵢ xᵢ,  0 ≤ αᵢ ≤ upperᵢ,
//
// one αᵢ after the other, each exactly: Hsieh, Chang, Lin, Keerthi and
// Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM",
// ICML 2008, algorithm 3 (with shrinking). It keeps w, so that a step takes as long
// as reading one sample twice.
type coordinateDescent struct {
	rows     linearRows
	squares  []float64 // ‖xᵢ‖²
	diagonal []float64
	upper    []float64
	sign     []float64 // yᵢ
	used     []int32   // samples that cost something

	alpha   []float64
	weights []float64
	active  []int32 // the used samples in random order, of which the last ones are settled
	left    int     // how many are not

	random *rand.Rand
	stop   func() bool
}

// newCoordinateDescent prepares a problem with the price cost of each sample,
// which is 0 for one that does not count.
func newCoordinateDescent(ctx context.Context, rows linearRows, squares []float64, dim int, hinge bool, sign, cost []float64, random *rand.Rand) *coordinateDescent {
	n := len(sign)
	d := &coordinateDescent{
		rows: rows, squares: squares, sign: sign, random: random,
		diagonal: make([]float64, n), upper: make([]float64, n), alpha: make([]float64, n), weights: make([]float64, dim),
		stop: func() bool { return ctx.Err() != nil },
	}
	for i, c := range cost {
		if c == 0 {
			continue
		}
		d.used = append(d.used, int32(i))
		if hinge {
			d.upper[i] = c
		} else {
			d.upper[i], d.diagonal[i] = math.Inf(1), 0.5/c
		}
	}
	d.active = append(d.active, d.used...)
	d.left = len(d.active)
	return d
}

// A linearSolution is what is left of a problem.
type linearSolution struct {
	weights   []float64 // the intercept's is the last
	objective float64
	gap       float64
	epochs    int
	support   int
}

// solve descends until no αᵢ violates its optimality condition by more than
// tolerance, or for limit epochs. The solution means nothing if the context has
// ended.
func (d *coordinateDescent) solve(tolerance float64, limit int) linearSolution {
	s := linearSolution{weights: d.weights}
	// What settles a sample is the violations of the epoch before.
	highest, lowest := math.Inf(1), math.Inf(-1)
	for {
		top, bottom := d.epoch(highest, lowest)
		s.epochs++
		if d.stop() {
			return s
		}
		solved := top-bottom <= tolerance
		if solved || s.epochs == limit {
			if s.gap = d.violation(); s.gap <= tolerance || s.epochs == limit || d.stop() {
				break
			}
		}
		highest, lowest = top, bottom
		if solved {
			d.left = len(d.active)
			highest, lowest = math.Inf(1), math.Inf(-1)
		}
		if highest <= 0 {
			highest = math.Inf(1)
		}
		if lowest >= 0 {
			lowest = math.Inf(-1)
		}
	}
	for _, i := range d.used {
		if a := d.alpha[i]; a > 0 {
			s.support++
			s.objective += a * (0.5*d.diagonal[i]*a - 1)
		}
	}
	s.objective += dot(d.weights, d.weights) / 2
	return s
}

// stopEvery is the number of values that are read between looks at the context.
const stopEvery = 1 << 18

// epoch takes a step for each sample that is left, in random order, and settles
// those whose gradient holds them at a bound by more than the bounds given. It
// returns the greatest and the least projected gradient that it met.
func (d *coordinateDescent) epoch(highest, lowest float64) (top, bottom float64) {
	check := max(1, stopEvery*len(d.sign)/d.rows.stored())
	top, bottom = math.Inf(-1), math.Inf(1)
	for at := range d.left {
		d.swap(at, at+d.random.IntN(d.left-at))
	}
	for at, steps := 0, 1; at < d.left; steps++ {
		if steps%check == 0 && d.stop() {
			break
		}
		i := d.active[at]
		alpha, sign, upper := d.alpha[i], d.sign[i], d.upper[i]
		g := sign*d.rows.dot(int(i), d.weights) - 1 + alpha*d.diagonal[i]
		if alpha == 0 && g > highest || alpha == upper && g < lowest {
			d.left--
			d.swap(at, d.left)
			continue
		}
		at++
		projected := project(g, alpha, upper)
		top, bottom = max(top, projected), min(bottom, projected)
		if math.Abs(projected) <= smallestCurvature {
			continue
		}
		// Without any feature the curvature of a hinge is 0, and the step infinite.
		next := min(max(alpha-g/(d.squares[i]+d.diagonal[i]), 0), upper)
		d.alpha[i] = next
		if next != alpha {
			d.rows.add(int(i), (next-alpha)*sign, d.weights)
		}
	}
	return top, bottom
}

func (d *coordinateDescent) swap(a, b int) { d.active[a], d.active[b] = d.active[b], d.active[a] }

// project returns the part of a gradient that a step could follow.
func project(g, alpha, upper float64) float64 {
	if alpha == 0 {
		return min(g, 0)
	}
	if alpha == upper {
		return max(g, 0)
	}
	return g
}

// violation computes the weights anew, without the rounding of the steps, and
// returns the greatest projected gradient in size.
func (d *coordinateDescent) violation() float64 {
	check := max(1, stopEvery*len(d.sign)/d.rows.stored())
	clear(d.weights)
	for at, i := range d.used {
		if at%check == 0 && d.stop() {
			return 0
		}
		if a := d.alpha[i]; a != 0 {
			d.rows.add(int(i), d.sign[i]*a, d.weights)
		}
	}
	worst := 0.0
	for at, i := range d.used {
		if at%check == 0 && d.stop() {
			return 0
		}
		g := d.sign[i]*d.rows.dot(int(i), d.weights) - 1 + d.alpha[i]*d.diagonal[i]
		worst = max(worst, math.Abs(project(g, d.alpha[i], d.upper[i])))
	}
	return worst
}
