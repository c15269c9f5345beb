package svm

import (
	"context"
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// A solver solves one problem at a time and keeps its memory for the next.
type solver[T float] struct {
	data       *samples[T]
	valueError float64 // of data
	target     float64 // the violation at which a problem is solved
	nothing    float64 // an objective below it is not worth a step

	problem  *problem
	limit    int
	beta     []float64
	gradient []float64 // of every variable; stale for active ones while they are

	active  activeSet[T]
	cache   rowCache[T]
	rows    rowTask[T]
	support expansion[T]
	zeros   []T
	list    []int32 // of variables or positions, for whoever makes the next one

	iterations int
	review     int     // the step at which to look at all variables again
	objective  float64 // after as many steps
	moved      float64 // what steps have added up, in β and in gradients
	stop       func() bool
}

// shrinkEvery is the number of steps between attempts to shrink the active set,
// and shrinkTo the share of it that must be left for the work of moving to pay.
const (
	shrinkEvery = 100
	shrinkTo    = 0.8
)

// smallestCurvature stands in for a curvature that is not positive (LIBSVM's TAU), in units of the diagonal where that is below 1.
const smallestCurvature = 1e-12

// solve solves a problem in at most limit steps. The solution means nothing if
// ctx has ended.
func (s *solver[T]) solve(ctx context.Context, p *problem, limit int) solution {
	s.problem, s.limit, s.iterations, s.moved = p, limit, 0, 0
	s.stop = func() bool { return ctx.Err() != nil || s.data.failure() != nil }
	s.begin()
	if s.stop() { // before the memory of an active set is taken
		return solution{}
	}
	patience := 10*len(p.ids) + 1000
	s.review = patience
	s.list = resized(s.list, len(p.ids))
	for k := range s.list {
		s.list[k] = int32(k)
	}
	s.activate(s.list)
	for refreshes := 0; ; {
		reason := s.descend()
		if reason == stopped {
			return solution{}
		}
		s.store()
		if reason == shrinkable {
			keep, _ := s.unsettled(s.activeLevels())
			s.shrink(keep)
			continue
		}
		fresh := s.moved*rounding < s.target*roundingShare
		if !fresh { // what is active is not to be trusted either
			s.active.index, s.moved = s.active.index[:0], 0
			refreshes++
		}
		s.balance()
		s.reconstruct()
		levels := s.levels()
		if s.stop() {
			return solution{}
		}
		if widest(levels) < s.target || reason == exhausted && fresh || refreshes > mostRefreshes {
			result := p.solution(s.beta, s.gradient, levels, s.iterations)
			result.noise = sumAbs(result.beta) * s.valueError
			return result
		}
		if reason == overdue { // what was settled may be what is left to do
			patience *= 2
		}
		s.review = s.iterations + patience
		s.activate(s.violators(levels))
	}
}

// The gradients of active variables are sums over all steps, of which each rounds. Where what has been added up could make a good part of
// the tolerance, they are computed anew before a solution counts.
const (
	rounding      = 1.0 / (1 << 53)
	roundingShare = 0.03
	mostRefreshes = 20 // the tolerance may be below what a single sum rounds
)

// balance sets what rounding has left beside a bound to the bound, where it would count as free, and gives back what the rounding of steps has
// taken from the sum of β over each group: a little, but multiplied by much where samples lie far from the origin. The variable with
// the most room bears it.
func (s *solver[T]) balance() {
	p, largest := s.problem, 0.0
	for _, b := range s.beta {
		largest = max(largest, math.Abs(b))
	}
	for _, bounds := range p.groups() {
		sum, lost := 0.0, 0.0 // Kahan's
		add := func(v float64) {
			v -= lost
			next := sum + v
			lost = next - sum - v
			sum = next
		}
		bearer, most := -1, 0.0
		for k := bounds[0]; k < bounds[1]; k++ {
			s.beta[k] = p.settle(k, s.beta[k], settledWithin*largest)
			add(s.beta[k])
			if p.start != nil {
				add(-p.start[k])
			}
			if room := p.room(k, s.beta[k]); room > most {
				bearer, most = k, room
			}
		}
		if excess := sum - lost; math.Abs(excess) < most/2 {
			s.beta[bearer] -= excess
		}
	}
}

// settledWithin is, in units of the greatest β, what many roundings may leave.
const settledWithin = 1e-12

// begin computes the gradients of the start.
func (s *solver[T]) begin() {
	p := s.problem
	s.gradient = append(s.gradient[:0], p.linear...)
	if p.start != nil {
		s.beta = append(s.beta[:0], p.start...)
		s.active.index = s.active.index[:0]
		s.reconstruct()
		s.objective = p.objective(s.beta, s.gradient)
		return
	}
	s.objective = 0
	s.beta = resized(s.beta, len(p.ids))
	clear(s.beta)
}

// levels returns that of each group over all variables.
func (s *solver[T]) levels() []level {
	bounds := s.problem.groups()
	levels := make([]level, len(bounds))
	for g, b := range bounds {
		levels[g] = newLevel()
		for k := b[0]; k < b[1]; k++ {
			levels[g].add(s.problem.slopes(k, s.beta[k], s.gradient[k]))
		}
	}
	return levels
}

// inactive calls visit for each variable that is not active, in order.
func (s *solver[T]) eachInactive(visit func(k int)) {
	active := s.active.index
	for k := range s.problem.ids {
		for len(active) > 0 && active[0] < 0 {
			active = active[1:]
		}
		if len(active) > 0 && int(active[0]) == k {
			active = active[1:]
			continue
		}
		visit(k)
	}
}

// violators lists the active variables and those that a step could now move.
func (s *solver[T]) violators(levels []level) []int32 {
	settled := make([]bool, len(s.problem.ids))
	s.eachInactive(func(k int) {
		group := 0
		if k >= s.problem.split {
			group = 1
		}
		rise, fall := s.problem.slopes(k, s.beta[k], s.gradient[k])
		settled[k] = levels[group].settled(rise, fall)
	})
	s.list = s.list[:0]
	for k, is := range settled {
		if !is {
			s.list = append(s.list, int32(k))
		}
	}
	return s.list
}

// reconstruct computes the gradients of the variables that are not active.
func (s *solver[T]) reconstruct() {
	task := gradientTask[T]{solver: s}
	s.list = slices.Grow(s.list[:0], len(s.problem.ids))
	s.eachInactive(func(k int) { s.list = append(s.list, int32(k)) })
	task.missing = s.list
	if len(task.missing) == 0 {
		return
	}
	s.support.reset(s.data, 1)
	s.support.grow(nonzeros(s.beta))
	for k, b := range s.beta {
		if k%lanes == 0 && s.stop() {
			return
		}
		if b != 0 {
			s.support.add(s.problem.ids[k], b)
		}
	}
	perBlock := lanes * s.data.work() * max(1, s.support.len())
	pool.Run(blocksFor(len(task.missing)), max(1, taskWork/perBlock), &task)
}

// gradientTask computes gradients from nothing, a block of variables at a time.
type gradientTask[T float] struct {
	solver  *solver[T]
	missing []int32
}

func (t *gradientTask[T]) Do(lo, hi int) {
	s := t.solver
	var b sampleBlock[T]
	sums := make([]float64, s.support.columns*lanes)
	for at := lo; at < hi && !s.stop(); at++ {
		missing := t.missing[at*lanes : min((at+1)*lanes, len(t.missing))]
		b.begin(s.data.dim)
		for l, k := range missing {
			b.set(s.data, l, s.problem.ids[k])
		}
		clear(sums)
		s.support.sum(&b, sums, s.stop)
		for l, k := range missing {
			s.gradient[k] = s.problem.linear[k] - sums[l]
		}
	}
}

// rowTask computes a kernel row, in parallel where it is long.
type rowTask[T float] struct {
	data *samples[T]
	set  *activeSet[T]
	id   int
	out  []T
	stop func() bool
}

func (t *rowTask[T]) Do(lo, hi int) {
	check := max(1, stopWork/(lanes*t.data.work()))
	for ; lo < hi && !t.stop(); lo += check {
		t.data.similarities(t.out, t.set, lo*lanes, min(lo+check, hi)*lanes, t.id)
	}
}

const (
	// stopWork is the number of multiplications between looks at the context.
	stopWork = 1 << 22
	// taskWork is the number of multiplications that is worth a thread.
	taskWork = 1 << 17
)

// row returns the kernel row of the sample at an active position without evicting
// that of the position pinned.
func (s *solver[T]) row(position, pinned int) []T {
	if row, ok := s.cache.find(position); ok {
		return row
	}
	row := s.cache.claim(position, pinned)
	s.rows = rowTask[T]{data: s.data, set: &s.active, id: s.active.ids[position], out: row, stop: s.stop}
	pool.Run(len(s.active.index)/lanes, max(1, taskWork/(lanes*s.data.work())), &s.rows)
	return row
}
