package svm

import "math"

// An outcome says why descend stopped.
type outcome uint8

const (
	converged  outcome = iota // on the active variables
	shrinkable                // enough of them are settled
	overdue                   // the others have not been looked at for long
	exhausted                 // the limit of steps is reached, or there is none left to take
	stopped                   // by the context
)

// A leader is the variable of a group that should rise most: its position in the active set, or -1, and the level of the group.
type leader struct {
	position int
	level    level
}

// descend takes steps on the active variables.
func (s *solver[T]) descend() outcome {
	a := &s.active
	leaders := make([]leader, len(a.groups))
	for g := range a.groups {
		// With equal rows the gradients stay.
		group := &a.groups[g]
		row := a.offsets[group.lo:group.hi]
		leaders[g] = group.step(a, row, row, 0)
	}
	for step := 1; ; step++ {
		gap := leaders[0].level.gap()
		for _, l := range leaders[1:] {
			gap = max(gap, l.level.gap())
		}
		switch {
		case s.stop():
			return stopped
		case gap < s.target*enoughGap:
			return converged
		case s.iterations >= s.limit, math.Abs(s.objective) < s.nothing:
			return s.orConverged(gap, exhausted)
		case step%shrinkEvery == 0 && s.iterations >= s.review:
			return overdue
		case step%shrinkEvery == 0 && s.shrinkable(leaders):
			return shrinkable
		}
		group, j := s.second(leaders)
		if j < 0 {
			return s.orConverged(gap, exhausted) // what a step would gain is too small for a float64
		}
		i, top := leaders[group].position, leaders[group].level.top
		up := s.row(i, -1)
		if gap < s.target && s.promise(i, j, top, float64(up[j])) <= enoughGain*math.Abs(s.objective) {
			return converged
		}
		down := s.row(j, i)
		if s.stop() { // the rows may not be whole
			return stopped
		}
		t := s.step(i, j, top, float64(up[j]))
		s.iterations++
		for g := range a.groups {
			group := &a.groups[g]
			leaders[g] = group.step(a, up[group.lo:group.hi], down[group.lo:group.hi], t)
		}
	}
}

const (
	// enoughGain is the part of the objective that is no longer worth a step once the tolerance is reached. Where few samples make up the
	// objective, the last steps within the tolerance are a good part of it.
	enoughGain = 1e-9
	// enoughGap is the part of the target at which steps end in any case: the objective may be 0.
	enoughGap = 1e-3
)

// orConverged replaces an outcome where the tolerance was reached.
func (s *solver[T]) orConverged(gap float64, o outcome) outcome {
	if gap < s.target {
		return converged
	}
	return o
}

// promise is what a step from j to i gains where no bound stops it.
func (s *solver[T]) promise(i, j int, top, similarity float64) float64 {
	_, fall := s.slopesAt(j)
	return (top - fall) * (top - fall) / s.active.curvature(i, j, similarity) / 2
}

// step subtracts t (up - down) from the gradients of a group and finds its leader.
func (g *activeGroup[T]) step(a *activeSet[T], up, down []T, t float64) leader {
	i, top, bottom := g.descent.Step(a.gradient[g.lo:g.hi], up, down, t)
	if i >= 0 {
		i += g.lo
	}
	return leader{i, level{top, bottom}}
}

// second returns, of the variables that may fall together with the leader of their group, the position of the one that promises the
// greatest decrease of the objective, and its group.
func (s *solver[T]) second(leaders []leader) (group, best int) {
	a := &s.active
	best = -1
	bestGain := 0.0
	for at, l := range leaders {
		if l.position < 0 {
			continue
		}
		g := &a.groups[at]
		up := s.row(l.position, -1)
		diagonal := a.diagonal
		if len(diagonal) > lanes {
			diagonal = diagonal[g.lo:g.hi]
		}
		j := g.descent.Second(a.gradient[g.lo:g.hi], up[g.lo:g.hi], diagonal, a.diagonalAt(l.position), l.level.top)
		if j < 0 {
			continue
		}
		j += g.lo
		if len(leaders) == 1 {
			return at, j
		}
		_, fall := s.slopesAt(j)
		gap := l.level.top - fall
		if gain := gap * gap / a.curvature(l.position, j, float64(up[j])); gain > bestGain {
			group, best, bestGain = at, j, gain
		}
	}
	return group, best
}

// slopesAt returns what slopes does for the variable at an active position.
func (s *solver[T]) slopesAt(i int) (rise, fall float64) {
	k := int(s.active.index[i])
	return s.problem.slopes(k, s.beta[k], s.active.gradient[i])
}

// curvature is that of the objective along a step of two variables, or what is
// small beside what it is the difference of.
func (a *activeSet[T]) curvature(i, j int, similarity float64) float64 {
	own := a.diagonalAt(i) + a.diagonalAt(j)
	if c := own - 2*similarity; c > 0 {
		return c
	}
	return smallestCurvature * min(math.Abs(own), 1)
}

// step moves weight from the variable at position j to that at i as far as the
// objective falls, and the bounds and the kink allow, and returns the amount.
func (s *solver[T]) step(i, j int, top, similarity float64) float64 {
	a, p := &s.active, s.problem
	_, fall := s.slopesAt(j)
	curvature := a.curvature(i, j, similarity)
	t := (top - fall) / curvature
	ki, kj := int(a.index[i]), int(a.index[j])
	highest, lowest := p.highest[ki], p.lowest[kj]
	if p.kink != 0 && s.beta[ki] < 0 {
		highest = min(highest, 0)
	}
	if p.kink != 0 && s.beta[kj] > 0 {
		lowest = max(lowest, 0)
	}
	roomUp, roomDown := highest-s.beta[ki], s.beta[kj]-lowest
	t = min(t, roomUp, roomDown)
	s.moved += (math.Abs(s.beta[ki]) + math.Abs(s.beta[kj]) + t) * (a.diagonalAt(i) + a.diagonalAt(j))
	s.objective -= t * (top - fall - t*curvature/2)
	// What a sum leaves beside a bound would count as free.
	if s.beta[ki] += t; roomUp-t <= 4*rounding*t {
		s.beta[ki] = highest
	}
	if s.beta[kj] -= t; roomDown-t <= 4*rounding*t {
		s.beta[kj] = lowest
	}
	s.setFlags(i)
	s.setFlags(j)
	return t
}

// shrinkable says whether enough variables are settled for shrinking to pay.
func (s *solver[T]) shrinkable(leaders []leader) bool {
	a := &s.active
	variables, left := 0, 0
	for g := range a.groups {
		for i := a.groups[g].lo; i < a.groups[g].hi; i++ {
			k := a.index[i]
			if k < 0 {
				continue
			}
			variables++
			if rise, fall := s.problem.slopes(int(k), s.beta[k], a.gradient[i]); !leaders[g].level.settled(rise, fall) {
				left++
			}
		}
	}
	return float64(left) < shrinkTo*float64(variables)
}
