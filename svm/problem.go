package svm

import "math"

// A problem is the one form in which every support vector machine of this package is solved: in terms of β = yα, one weight for
// each variable, and K over the samples of the variables,
//
//	minimize    ½ βᵀKβ - linearᵀβ + kink Σ|β|
//	subject to  lowest ≤ β ≤ highest,  and the sum of β over each group is that of start
//
// The gradient g = linear - Kβ is the negative one of the smooth part. A step moves weight t from a variable j that may fall to a variable
// i of the same group that may rise,
//
//	βᵢ += t,  βⱼ -= t,  g -= t (Kᵢ - Kⱼ)
//
// and the optimum is reached when no variable that may rise has a greater gradient than one of its group that may fall.
type problem struct {
	ids             []int // the sample of each variable
	linear          []float64
	lowest, highest []float64
	start           []float64 // nil for zeros
	// split is the number of variables in the first group; the others are the second.
	split int
	kink  float64
}

// newProblem returns a problem of a number of variables in one group, all else 0.
func newProblem(variables int) *problem {
	p := new(problem)
	p.reset(variables)
	return p
}

// reset makes p what newProblem returns, of the same memory where that suffices.
func (p *problem) reset(variables int) {
	p.ids, p.linear = resized(p.ids, variables), resized(p.linear, variables)
	p.lowest, p.highest = resized(p.lowest, variables), resized(p.highest, variables)
	clear(p.ids)
	clear(p.linear)
	clear(p.lowest)
	clear(p.highest)
	p.start, p.split, p.kink = nil, variables, 0
}

// objective returns what β comes to.
func (p *problem) objective(beta, gradient []float64) float64 {
	sum := 0.0
	for k, b := range beta {
		// ½ β·Kβ - linear·β with Kβ = linear - g.
		sum += p.kink*math.Abs(b) - b*(p.linear[k]+gradient[k])/2
	}
	return sum
}

// groups returns the ranges of variables that have a constraint of their own.
func (p *problem) groups() [][2]int {
	if p.split == len(p.ids) {
		return [][2]int{{0, len(p.ids)}}
	}
	return [][2]int{{0, p.split}, {p.split, len(p.ids)}}
}

// slopes returns the gradient of a variable for rising and for falling, infinite where its bound forbids it.
func (p *problem) slopes(k int, beta, gradient float64) (rise, fall float64) {
	rise, fall = gradient-p.kink, gradient+p.kink
	if beta < 0 {
		rise = gradient + p.kink
	}
	if beta > 0 {
		fall = gradient - p.kink
	}
	if beta >= p.highest[k] {
		rise = math.Inf(-1)
	}
	if beta <= p.lowest[k] {
		fall = math.Inf(1)
	}
	return rise, fall
}

// room is how far β of a variable is from what stops it.
func (p *problem) room(k int, beta float64) float64 {
	room := min(p.highest[k]-beta, beta-p.lowest[k])
	if p.kink != 0 {
		room = min(room, math.Abs(beta))
	}
	return room
}

// settle returns β of a variable, or what stops it if that is within a distance.
func (p *problem) settle(k int, beta, within float64) float64 {
	switch {
	case p.highest[k]-beta <= within:
		return p.highest[k]
	case beta-p.lowest[k] <= within:
		return p.lowest[k]
	case p.kink != 0 && math.Abs(beta) <= within:
		return 0
	}
	return beta
}

// A level is the range that the gradients of a group leave for the multiplier of its constraint: those of the variables that may rise are at
// most top and those of the variables that may fall at least bottom. At the optimum top is not above bottom.
type level struct{ top, bottom float64 }

func newLevel() level { return level{math.Inf(-1), math.Inf(1)} }

func (l *level) add(rise, fall float64) {
	l.top, l.bottom = max(l.top, rise), min(l.bottom, fall)
}

// gap is the violation of the optimality conditions.
func (l level) gap() float64 { return l.top - l.bottom }

// middle is that of the range, or its only end: with all variables at their bounds it may have one.
func (l level) middle() float64 {
	switch {
	case math.IsInf(l.top, -1):
		return l.bottom
	case math.IsInf(l.bottom, 1):
		return l.top
	}
	return (l.top + l.bottom) / 2
}

// settled says whether a variable would only be pushed against where it is.
func (l level) settled(rise, fall float64) bool { return rise < l.bottom && fall > l.top }

// widest returns the greatest gap, the violation of the whole problem.
func widest(levels []level) float64 {
	gap := math.Inf(-1)
	for _, l := range levels {
		gap = max(gap, l.gap())
	}
	return gap
}

// A solution is what remains of a solved problem.
type solution struct {
	variables  []int // those whose β is not 0, ascending
	beta       []float64
	levels     []float64 // the multiplier of each group's constraint
	objective  float64
	gap        float64
	iterations int
	noise      float64 // what the rounding of kernel values may add up to in a gradient
}

// solution collects the result from β, whole gradients and the levels of the groups.
func (p *problem) solution(beta, gradient []float64, levels []level, iterations int) solution {
	result := solution{objective: p.objective(beta, gradient), gap: widest(levels), iterations: iterations}
	support := nonzeros(beta)
	result.variables, result.beta = make([]int, 0, support), make([]float64, 0, support)
	for group, bounds := range p.groups() {
		free, sum := 0, 0.0
		for k := bounds[0]; k < bounds[1]; k++ {
			b := beta[k]
			if b == 0 {
				continue
			}
			result.variables = append(result.variables, k)
			result.beta = append(result.beta, b)
			if rise, fall := p.slopes(k, b, gradient[k]); rise == fall {
				free++
				sum += rise
			}
		}
		if free > 0 {
			result.levels = append(result.levels, sum/float64(free))
		} else {
			result.levels = append(result.levels, levels[group].middle())
		}
	}
	return result
}

// sumAbs is the sum of absolute values.
func sumAbs(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Abs(v)
	}
	return sum
}

// nonzeros is the number of values that are not 0.
func nonzeros(values []float64) int {
	count := 0
	for _, v := range values {
		if v != 0 {
			count++
		}
	}
	return count
}
