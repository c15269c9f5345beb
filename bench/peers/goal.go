package main

import (
	"math"
)

// A goal is something that a benchmark of ours must reach.
type goal struct {
	text     string // what the number is: "× JAX"; "" is the unit of the table's row
	bound    float64
	atLeast  bool // bound is the least that will do, not the most
	measured func(r results, b benchmark) (value float64, ok bool)
}

// judge returns what was measured and whether the goal is reached. ok is false where something is missing.
func (g goal) judge(r results, b benchmark) (value float64, reached, ok bool) {
	value, ok = g.measured(r, b)
	if g.atLeast {
		return value, value >= g.bound, ok
	}
	return value, value <= g.bound, ok
}

// says returns a goal or a value of it as the table shows them.
func (g goal) says(number string, b benchmark) string {
	if g.text == "" {
		return number + " " + b.scale().name
	}
	return number + " " + g.text
}

// sign returns how a value that will do relates to the bound.
func (g goal) sign() string {
	if g.atLeast {
		return "≥ "
	}
	return "≤ "
}

// times asks for n times the speed of the best form of a system.
func times(n float64, system string) goal {
	return goal{text: "× " + titles[system], bound: n, atLeast: true, measured: func(r results, b benchmark) (float64, bool) {
		best, ok := r.best(b, system)
		return r.ratio(b, best), ok && r.has(b, column{system: ours})
	}}
}

// timesForm asks for n times the speed of one form of a system.
func timesForm(n float64, c column) goal {
	return goal{text: "× " + c.title(), bound: n, atLeast: true, measured: func(r results, b benchmark) (float64, bool) {
		return r.ratio(b, c), r.has(b, c) && r.has(b, column{system: ours})
	}}
}

// growth asks that the time grows from another benchmark to this one no more than that of a system does.
func growth(from, system string) goal {
	return goal{text: "× " + titles[system] + "'s growth", bound: 1, measured: func(r results, b benchmark) (float64, bool) {
		grown := func(system string) (float64, bool) {
			more, ok := r.of(b, column{system: system})
			less, okLess := r.summary(from, column{system: system}, b.printed())
			return more.median / less.median, ok && okLess
		}
		own, ok := grown(ours)
		other, okOther := grown(system)
		return own / other, ok && okOther
	}}
}

// same asks that of the n predictions all are those of a system.
func same(n int, system string) goal {
	return goal{text: "predictions as " + titles[system], bound: float64(n), atLeast: true, measured: func(r results, b benchmark) (float64, bool) {
		own, ok := r.predictions[place{b.name, column{system: ours}, ""}]
		other, okOther := r.predictions[place{b.name, column{system: system}, ""}]
		equal := 0
		for i := range min(len(own), len(other)) {
			if own[i] == other[i] {
				equal++
			}
		}
		return float64(equal), ok && okOther
	}}
}

// atMost asks for at most so much in the unit that the table shows.
func atMost(n float64) goal {
	return goal{bound: n, measured: func(r results, b benchmark) (float64, bool) {
		own, ok := r.of(b, column{system: ours})
		return own.median * b.scale().factor, ok
	}}
}

// objects asks for at most n new objects on the heap in each operation.
func objects(n float64) goal {
	return goal{text: "objects", bound: n, measured: func(r results, b benchmark) (float64, bool) {
		own, ok := r.summary(b.name, column{system: ours}, inObjects)
		return own.median / b.parts, ok
	}}
}

// ofLimit asks for at most n times the time that the measured peak would take.
func ofLimit(n float64) goal {
	return goal{text: "× the limit", bound: n, measured: func(r results, b benchmark) (float64, bool) {
		part, ok := partOfPeak(r, b)
		return 1 / part, ok
	}}
}

// ofPeak asks for a part of the measured peak.
func ofPeak(part float64) goal {
	return goal{text: "% of the peak", bound: 100 * part, atLeast: true, measured: func(r results, b benchmark) (float64, bool) {
		part, ok := partOfPeak(r, b)
		return 100 * part, ok
	}}
}

// besideTheBest asks for at most n times the time of the fastest of the others. The bandwidth of the fastest copy does as well.
func besideTheBest(n float64) goal {
	return goal{text: "× the best of the others, or bandwidth", bound: n, measured: func(r results, b benchmark) (float64, bool) {
		own, ok := r.of(b, column{system: ours})
		standard := math.Inf(1)
		for _, system := range b.peers {
			if c, found := r.best(b, system); found {
				other, _ := r.of(b, c)
				standard = min(standard, other.median)
			}
		}
		if bound, found := timeOfCopy(r, b); found {
			standard = max(standard, bound/n)
		}
		return own.median / standard, ok && !math.IsInf(standard, 1)
	}}
}

// partOfPeak returns what our operations in a second are of the peak in the same run.
func partOfPeak(r results, b benchmark) (part float64, ok bool) {
	own, haveOwn := r.of(b, column{system: ours})
	bound, havePeak := r.summary(peak, column{system: ours}, inGFLOPS)
	return b.flops / own.median / bound.median, haveOwn && havePeak
}

// timeOfCopy returns the nanoseconds that the traffic of a benchmark takes at the bandwidth of the fastest copy.
func timeOfCopy(r results, b benchmark) (nanos float64, ok bool) {
	const traffic = 2 * 4 * million
	nanos = math.Inf(1)
	for _, system := range systemNames() {
		if s, found := r.summary(copying, column{system: system}, inNanos); found {
			nanos, ok = min(nanos, s.median*b.traffic/traffic), true
		}
	}
	return nanos, ok
}
