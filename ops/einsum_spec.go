package ops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tapegrad/tapegrad/autograd"
)

// A spec says what Einsum is to compute.
type spec struct {
	text   string
	inputs [][]label
	output []label
}

const dots = "..."

// parseSpec reads the text for the operands xs, whose ranks say how many axes the dots stand for.
func parseSpec(text string, xs []*Tensor) spec {
	s := spec{text: text}
	operands, result, explicit := strings.Cut(strings.ReplaceAll(text, " ", ""), "->")
	words := strings.Split(operands, ",")
	if len(words) != len(xs) {
		s.fail(autograd.ValueError, nil, "%q is for %d operands, given %d", text, len(words), len(xs))
	}
	var all []label
	most := 0 // axes of dots
	for i, word := range words {
		rank := len(xs[i].Shape())
		letters := len(strings.Replace(word, dots, "", 1))
		hidden := rank - letters
		labels := s.labels(word, max(hidden, 0))
		if len(labels) != rank {
			s.fail(autograd.ShapeError, xs, "%q names %d axes, but operand %d has shape %v", word, letters, i, xs[i].Shape())
		}
		if strings.Contains(word, dots) {
			most = max(most, hidden)
		}
		s.inputs = append(s.inputs, labels)
		all = append(all, labels...)
	}
	if !explicit {
		s.output = append(s.labels(dots, most), onceIn(all)...)
		return s
	}
	s.output = s.labels(result, most)
	if most > 0 && !strings.Contains(result, dots) {
		s.fail(autograd.ValueError, xs, "the result of %q has no dots, which stand for %d axes of the operands", text, most)
	}
	for i, l := range s.output {
		switch {
		case !slices.Contains(all, l):
			s.fail(autograd.ValueError, xs, "%s of the result of %q is in no operand", nameOf(l), text)
		case slices.Contains(s.output[:i], l):
			s.fail(autograd.ValueError, xs, "%s is repeated in the result of %q", nameOf(l), text)
		}
	}
	return s
}

func (s spec) fail(kind autograd.Kind, xs []*Tensor, format string, args ...any) {
	autograd.Fail("ops.Einsum", kind, xs, format, args...)
}

// labels returns the labels of a word in which the dots, if it has them, stand for some axes.
func (s spec) labels(word string, hidden int) []label {
	var labels []label
	before, after, dotted := strings.Cut(word, dots)
	for _, letter := range before {
		labels = append(labels, s.letter(letter))
	}
	for axis := -hidden; dotted && axis < 0; axis++ {
		labels = append(labels, label(axis))
	}
	for _, letter := range after {
		labels = append(labels, s.letter(letter))
	}
	return labels
}

func (s spec) letter(r rune) label {
	if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
		s.fail(autograd.ValueError, nil, "%q in %q is not a letter", r, s.text)
	}
	return r
}

// onceIn returns the letters that occur once, in order.
func onceIn(labels []label) []label {
	count := make(map[label]int)
	for _, l := range labels {
		count[l]++
	}
	var once []label
	for l, n := range count {
		if n == 1 && l > 0 {
			once = append(once, l)
		}
	}
	slices.Sort(once)
	return once
}

func nameOf(l label) string {
	if l < 0 {
		return fmt.Sprintf("axis %d of the dots", l)
	}
	return fmt.Sprintf("letter %q", l)
}

// A size is the length of the axes of a label, and the operand that it is from.
type size struct{ n, operand int }

// sizes returns the length of every label, which is 1 only if it is nowhere another.
func (s spec) sizes(xs []*Tensor) map[label]size {
	sizes := make(map[label]size)
	for i, labels := range s.inputs {
		for axis, l := range labels {
			n := xs[i].Shape()[axis]
			if first := xs[i].Shape()[slices.Index(labels, l)]; first != n {
				s.fail(autograd.ShapeError, xs, "%s has lengths %d and %d in operand %d of shape %v", nameOf(l), first, n, i, xs[i].Shape())
			}
			known, ok := sizes[l]
			switch {
			case !ok || known.n == 1:
				sizes[l] = size{n, i}
			case n != 1 && n != known.n:
				s.fail(autograd.ShapeError, xs, "%s has length %d in operand %d and %d in operand %d: shapes %v and %v",
					nameOf(l), known.n, known.operand, n, i, xs[known.operand].Shape(), xs[i].Shape())
			}
		}
	}
	return sizes
}
