package svm

import (
	"slices"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// lanes is the number of samples in a block.
const lanes = kernel.BlockLanes

func blocksFor(samples int) int { return (samples + lanes - 1) / lanes }

// An activeSet holds the variables that a solver works on, packed side by side. Each group begins with a block of its own; the positions
// that do not fill one up belong to no variable and never move.
type activeSet[T float] struct {
	index    []int32 // the variable at each position, ascending, or -1
	ids      []int   // its sample
	groups   []activeGroup[T]
	blocks   []T // of samples, as package kernel has them
	offsets  []T
	diagonal []T // of each position, or lanes equal values
	gradient []float64

	rise, fall, below, above []uint16 // see kernel.Descent
}

// An activeGroup is the range of positions of a group, whole blocks, and what searches it.
type activeGroup[T float] struct {
	lo, hi  int
	descent kernel.Descent[T]
}

// resized returns a slice of a length, of the same memory where that suffices.
func resized[E any](s []E, length int) []E {
	if cap(s) < length {
		return make([]E, length)
	}
	return s[:length]
}

// aligned appends to positions those that fill up a block.
func aligned(positions []int32) []int32 {
	for len(positions)%lanes != 0 {
		positions = append(positions, -1)
	}
	return positions
}

// activate makes the listed variables the active ones.
func (s *solver[T]) activate(variables []int32) {
	a, p, dim := &s.active, s.problem, s.data.dim
	bounds := p.groups()
	a.index = slices.Grow(a.index[:0], len(variables)+lanes*len(bounds))
	for _, b := range bounds {
		for len(variables) > 0 && int(variables[0]) < b[1] {
			a.index = append(a.index, variables[0])
			variables = variables[1:]
		}
		a.index = aligned(a.index)
	}
	n, unit := len(a.index), s.data.form.unit()
	a.resize(n, dim, unit)
	s.zeros = resized(s.zeros, dim)
	for i, k := range a.index {
		if i%lanes == 0 && s.stop() { // descend looks before it uses what is here
			break
		}
		if k < 0 {
			pack(a.blocks, i, s.zeros)
			a.ids[i], a.offsets[i], a.gradient[i] = -1, 0, 0
			s.setFlags(i)
			continue
		}
		id := p.ids[k]
		pack(a.blocks, i, s.data.row(id))
		a.ids[i], a.offsets[i], a.gradient[i] = id, s.data.offset(id), s.gradient[k]
		if !unit {
			a.diagonal[i] = s.data.diagonal[id]
		}
		s.setFlags(i)
	}
	s.divide()
	s.cache.reset(n)
}

func (a *activeSet[T]) resize(n, dim int, unit bool) {
	a.ids, a.blocks, a.offsets = resized(a.ids, n), resized(a.blocks, n*dim), resized(a.offsets, n)
	a.gradient = resized(a.gradient, n)
	if unit {
		a.diagonal = resized(a.diagonal, min(n, lanes))
		for i := range a.diagonal {
			a.diagonal[i] = 1
		}
	} else {
		a.diagonal = resized(a.diagonal, n)
	}
	for _, flags := range []*[]uint16{&a.rise, &a.fall, &a.below, &a.above} {
		*flags = resized(*flags, n/lanes)
	}
}

// divide finds the range of each group.
func (s *solver[T]) divide() {
	a, at := &s.active, 0
	bounds := s.problem.groups()
	a.groups = resized(a.groups, len(bounds))
	for g, b := range bounds {
		group := &a.groups[g]
		group.lo = at
		for at < len(a.index) && int(a.index[at]) < b[1] && (a.index[at] >= 0) {
			at += lanes // a block belongs to one group, and begins with one of its variables
		}
		group.hi = at
		lo, hi := group.lo/lanes, group.hi/lanes
		group.descent = kernel.Descent[T]{Rise: a.rise[lo:hi], Fall: a.fall[lo:hi], Below: a.below[lo:hi], Above: a.above[lo:hi], Kink: s.problem.kink}
	}
}

// setFlags says what the variable at a position may do.
func (s *solver[T]) setFlags(i int) {
	a, p := &s.active, s.problem
	var rise, fall, below, above uint16
	if k := a.index[i]; k >= 0 {
		b := s.beta[k]
		rise, fall = flag(b < p.highest[k]), flag(b > p.lowest[k])
		below, above = flag(b < 0), flag(b > 0)
	}
	block, lane := i/lanes, i%lanes
	a.rise[block] = a.rise[block]&^(1<<lane) | rise<<lane
	a.fall[block] = a.fall[block]&^(1<<lane) | fall<<lane
	a.below[block] = a.below[block]&^(1<<lane) | below<<lane
	a.above[block] = a.above[block]&^(1<<lane) | above<<lane
}

func flag(set bool) uint16 {
	if set {
		return 1
	}
	return 0
}

// diagonalAt is K of the sample at a position and itself.
func (a *activeSet[T]) diagonalAt(i int) float64 {
	if len(a.diagonal) == lanes {
		i %= lanes
	}
	return float64(a.diagonal[i])
}

// store writes the active gradients back.
func (s *solver[T]) store() {
	for i, k := range s.active.index {
		if k >= 0 {
			s.gradient[k] = s.active.gradient[i]
		}
	}
}

// levels returns that of each group of the active set.
func (s *solver[T]) activeLevels() []level {
	a := &s.active
	levels := make([]level, len(a.groups))
	for g := range a.groups {
		levels[g] = newLevel()
		for i := a.groups[g].lo; i < a.groups[g].hi; i++ {
			if k := a.index[i]; k >= 0 {
				levels[g].add(s.problem.slopes(int(k), s.beta[k], a.gradient[i]))
			}
		}
	}
	return levels
}

// unsettled lists the positions of the active set that are worth keeping, each group filled up to whole blocks, and their number.
func (s *solver[T]) unsettled(levels []level) (keep []int32, variables int) {
	a := &s.active
	keep = slices.Grow(s.list[:0], len(a.index))
	for g := range a.groups {
		for i := a.groups[g].lo; i < a.groups[g].hi; i++ {
			k := a.index[i]
			if k < 0 {
				continue
			}
			if rise, fall := s.problem.slopes(int(k), s.beta[k], a.gradient[i]); !levels[g].settled(rise, fall) {
				keep = append(keep, int32(i))
				variables++
			}
		}
		keep = aligned(keep)
	}
	s.list = keep
	return keep, variables
}

// shrink keeps only the listed positions. None lies before its new place.
func (s *solver[T]) shrink(keep []int32) {
	a, dim, unit := &s.active, s.data.dim, s.data.form.unit()
	s.cache.compact(keep, dim >= compactFrom)
	for to, from := range keep {
		if to%lanes == 0 && s.stop() {
			break
		}
		if from < 0 {
			a.index[to] = -1
		} else {
			a.index[to], a.ids[to], a.offsets[to], a.gradient[to] = a.index[from], a.ids[from], a.offsets[from], a.gradient[from]
			repack(a.blocks, to, int(from), dim)
			if !unit {
				a.diagonal[to] = a.diagonal[from]
			}
		}
		if a.index[to] < 0 {
			pack(a.blocks, to, s.zeros)
			a.ids[to], a.offsets[to], a.gradient[to] = -1, 0, 0
		}
	}
	a.index = a.index[:len(keep)]
	a.resize(len(keep), dim, unit)
	for i := range keep {
		s.setFlags(i)
	}
	s.divide()
}

// compactFrom is the number of features from which on moving what is left of a kernel row costs less than computing it again.
const compactFrom = 128

// pack writes row into one lane of packed blocks.
func pack[T float](blocks []T, index int, row []T) {
	block := blocks[index/lanes*lanes*len(row):]
	lane := index % lanes
	for j, v := range row {
		block[j*lanes+lane] = v
	}
}

// repack moves a sample within packed blocks of dimension dim.
func repack[T float](blocks []T, to, from, dim int) {
	if dim == 0 {
		return
	}
	target := blocks[to/lanes*lanes*dim+to%lanes:]
	source := blocks[from/lanes*lanes*dim+from%lanes:]
	for at := 0; at < dim*lanes; at += lanes {
		target[at] = source[at]
	}
}
