package svm

import (
	"context"
	"math"
	"math/rand/v2"
)

// A coordinateDescent minimizes the dual of one linear problem,
//
//	½ ‖w‖² + Σᵢ (½ diagonalᵢ βᵢ² - targetᵢ βᵢ + kink |βᵢ|),  w = Σᵢ βᵢ xᵢ,  lowestᵢ ≤ βᵢ ≤ highestᵢ,
//
// one βᵢ after the other, each exactly. For two classes that is algorithm 3 of
// Hsieh, Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate Descent Method
// for Large-scale Linear SVM", ICML 2008, with βᵢ = yᵢαᵢ; for a regression that of
// Ho and Lin, "Large-scale Linear Support Vector Regression", JMLR 13 (2012). It
// keeps w, so that a step takes as long as reading one sample twice.
type coordinateDescent struct {
	rows      linearRows
	kink      float64
	variables []dualVariable
	used      []int32 // samples that cost something
	weights   []float64
	active    []int32 // the used samples in random order, of which the last ones are settled
	left      int     // how many are not

	random *rand.Rand
	stop   func() bool
}

// A dualVariable is what belongs to a sample, side by side in memory as samples are
// visited in random order.
type dualVariable struct {
	beta, target              float64
	diagonal, lowest, highest float64
	curvature                 float64 // ‖xᵢ‖² + diagonalᵢ
}

// newCoordinateDescent prepares a problem with the price of a unit of loss for each
// sample, which is 0 for one that does not count. For classes βᵢ has the sign of its
// target; otherwise it may have either.
func newCoordinateDescent(ctx context.Context, rows linearRows, squares []float64, dim int, target, price []float64, squared, classes bool) *coordinateDescent {
	d := &coordinateDescent{
		rows: rows, variables: make([]dualVariable, len(target)), weights: make([]float64, dim),
		stop: func() bool { return ctx.Err() != nil },
	}
	for i, c := range price {
		if c == 0 {
			continue
		}
		d.used = append(d.used, int32(i))
		v := &d.variables[i]
		v.target, v.curvature = target[i], squares[i]
		// The loss makes the diagonal where it is squared, and bounds otherwise.
		if squared {
			v.diagonal = 0.5 / c
			v.curvature += v.diagonal
			c = math.Inf(1)
		}
		if !classes || target[i] < 0 {
			v.lowest = -c
		}
		if !classes || target[i] > 0 {
			v.highest = c
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

// solve descends until no βᵢ violates its optimality condition by more than
// tolerance, or for limit epochs. The solution means nothing if the context has
// ended.
func (d *coordinateDescent) solve(tolerance float64, limit int) linearSolution {
	s := linearSolution{weights: d.weights}
	// What settles a sample is the violations of the epoch before.
	slack := math.Inf(1)
	for {
		worst := d.epoch(slack)
		s.epochs++
		if d.stop() {
			return s
		}
		slack = worst
		if worst <= tolerance || s.epochs == limit {
			if s.gap = d.violation(); s.gap <= tolerance || s.epochs == limit || d.stop() {
				break
			}
			d.left = len(d.active)
			slack = math.Inf(1)
		}
	}
	for _, i := range d.used {
		if v := &d.variables[i]; v.beta != 0 {
			s.support++
			s.objective += v.beta*(0.5*v.diagonal*v.beta-v.target) + d.kink*math.Abs(v.beta)
		}
	}
	s.objective += dot(d.weights, d.weights) / 2
	return s
}

// stopEvery is the number of values that are read between looks at the context.
const stopEvery = 1 << 18

// epoch takes a step for each sample that is left, in random order, and settles
// those that their gradient holds at a bound or at the kink by more than slack. It
// returns the greatest violation that it met.
func (d *coordinateDescent) epoch(slack float64) (worst float64) {
	check := max(1, stopEvery*len(d.variables)/d.rows.stored())
	for at := range d.left {
		d.swap(at, at+d.random.IntN(d.left-at))
	}
	for at, steps := 0, 1; at < d.left; steps++ {
		if steps%check == 0 && d.stop() {
			break
		}
		i := d.active[at]
		v := &d.variables[i]
		g := d.gradient(i)
		violation := v.project(g, d.kink)
		if violation < -slack {
			d.left--
			d.swap(at, d.left)
			continue
		}
		at++
		worst = max(worst, violation)
		if violation <= smallestCurvature {
			continue
		}
		next := min(max(v.minimum(g, d.kink), v.lowest), v.highest)
		if change := next - v.beta; change != 0 {
			v.beta = next
			d.rows.add(int(i), change, d.weights)
		}
	}
	return worst
}

func (d *coordinateDescent) swap(a, b int) { d.active[a], d.active[b] = d.active[b], d.active[a] }

// gradient is that of the objective without the kink.
func (d *coordinateDescent) gradient(i int32) float64 {
	v := &d.variables[i]
	return d.rows.dot(int(i), d.weights) + v.diagonal*v.beta - v.target
}

// project returns how fast the objective falls where βᵢ follows its gradient g as
// far as it may. Where the objective falls neither way that is negative, and says by
// how much the gradient would have to change.
func (v *dualVariable) project(g, kink float64) float64 {
	rise, fall := math.Inf(-1), math.Inf(-1)
	if v.beta < v.highest {
		rise = -g + kink
		if v.beta >= 0 {
			rise = -g - kink
		}
	}
	if v.beta > v.lowest {
		fall = g + kink
		if v.beta <= 0 {
			fall = g - kink
		}
	}
	return max(rise, fall)
}

// minimum is βᵢ where the objective is least, regardless of bounds. Without any
// feature the curvature may be 0, and the step infinite.
func (v *dualVariable) minimum(g, kink float64) float64 {
	if kink == 0 {
		return v.beta - g/v.curvature
	}
	if low := g + kink; low < v.curvature*v.beta {
		return v.beta - low/v.curvature
	}
	if high := g - kink; high > v.curvature*v.beta {
		return v.beta - high/v.curvature
	}
	return 0
}

// violation computes the weights anew, without the rounding of the steps, and
// returns the greatest violation.
func (d *coordinateDescent) violation() float64 {
	check := max(1, stopEvery*len(d.variables)/d.rows.stored())
	clear(d.weights)
	for at, i := range d.used {
		if at%check == 0 && d.stop() {
			return 0
		}
		if b := d.variables[i].beta; b != 0 {
			d.rows.add(int(i), b, d.weights)
		}
	}
	worst := 0.0
	for at, i := range d.used {
		if at%check == 0 && d.stop() {
			return 0
		}
		worst = max(worst, d.variables[i].project(d.gradient(i), d.kink))
	}
	return worst
}
