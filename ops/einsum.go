package ops

import (
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// Einsum multiplies tensors and sums products, as NumPy's einsum does. spec names the axes of each operand by letters and, after ->, those
// of the result: "ij,jk->ik" is the product of two matrices. Axes of one letter are multiplied element by element, and a letter that the
// result does not have is summed over. A letter twice in an operand takes its diagonal. Three dots stand for any number of axes, which
// broadcast. Without -> the result has the axes of the dots, then the letters that occur once, in alphabetical order, A before a.
// An axis of length 1 stretches to the length of its letter elsewhere. Spaces mean nothing.
//
//	Einsum("ii", a)             // the trace
//	Einsum("bij,bkj->bik", a, b) // a product with a transpose, for each b
//	Einsum("i,ij,j", x, a, y)   // a bilinear form
//
// Operands are contracted from left to right, each with the result of those before it, as matrix products. What that costs depends
// on their order: put first those that leave the smallest results.
//
// It panics with an autograd.ValueError if the spec is wrong, and with an autograd.ShapeError if it does not fit the shapes or a letter has
// two lengths.
func Einsum(spec string, xs ...*Tensor) *Tensor {
	s := parseSpec(spec, xs)
	sizes := s.sizes(xs)
	terms := make([]term, len(xs))
	for i, x := range unified("ops.Einsum", xs) {
		terms[i] = term{s.inputs[i], x}.diagonal().squeezed(sizes)
	}
	for i := range terms {
		terms[i] = terms[i].summed(func(l label) bool { return !slices.Contains(s.output, l) && !others(terms, i, l) })
	}
	product := terms[0]
	for i, t := range terms[1:] {
		product = contract(product, t, func(l label) bool { return slices.Contains(s.output, l) || later(terms[i+2:], l) })
	}
	return product.transposed(s.output)
}

// others reports whether a term other than i has the label.
func others(terms []term, i int, l label) bool { return later(terms[:i], l) || later(terms[i+1:], l) }

// later reports whether one of the terms has the label.
func later(terms []term, l label) bool {
	return slices.ContainsFunc(terms, func(t term) bool { return t.has(l) })
}

// A label names an axis: a letter, or a negative number that counts the axes of the dots from their end.
type label = rune

// A term is a tensor whose axes have labels.
type term struct {
	labels []label
	x      *Tensor
}

func (t term) has(l label) bool { return slices.Contains(t.labels, l) }

// size returns the length of the axis of a label.
func (t term) size(l label) int { return t.x.Shape()[slices.Index(t.labels, l)] }

// shape returns the lengths of the axes of some labels.
func (t term) shape(labels []label) tensor.Shape {
	shape := make(tensor.Shape, len(labels))
	for i, l := range labels {
		shape[i] = t.size(l)
	}
	return shape
}

// transposed returns the tensor with its axes in the order of the labels, which are all of the term's.
func (t term) transposed(labels []label) *Tensor {
	if slices.Equal(labels, t.labels) {
		return t.x
	}
	perm := make([]int, len(labels))
	for i, l := range labels {
		perm[i] = slices.Index(t.labels, l)
	}
	return Transpose(t.x, perm...)
}

// diagonal returns the term with each label once: the elements where the axes of equal labels have equal indices.
func (t term) diagonal() term {
	for first, l := range t.labels {
		second := first + 1 + slices.Index(t.labels[first+1:], l)
		if second == first {
			continue
		}
		rank, n := len(t.labels), t.x.Shape()[first]
		perm := make([]int, 0, rank)
		rest := make([]label, 0, rank-1)
		for axis, l := range t.labels {
			if axis != first && axis != second {
				perm, rest = append(perm, axis), append(rest, l)
			}
		}
		x := Transpose(t.x, append(perm, first, second)...)
		on := make([]int, n) // the diagonal, where both axes are one
		for i := range on {
			on[i] = i * (n + 1)
		}
		x = Take(Reshape(x, append(x.Shape()[:rank-2].Clone(), n*n)...), -1, on)
		return term{append(rest, l), x}.diagonal()
	}
	return t
}

// squeezed returns the term without the axes of length 1 whose labels have another length elsewhere: they have nothing to add to it.
func (t term) squeezed(sizes map[label]size) term {
	return t.summed(func(l label) bool { return t.size(l) != sizes[l].n })
}

// summed returns the term summed over the axes of some labels.
func (t term) summed(over func(l label) bool) term {
	var axes []int
	var left []label
	for axis, l := range t.labels {
		if over(l) {
			axes = append(axes, axis)
		} else {
			left = append(left, l)
		}
	}
	if len(axes) == 0 {
		return t
	}
	return term{left, Sum(t.x, axes...)}
}

// contract multiplies two terms, and sums over the labels that both have and that are not kept.
func contract(a, b term, kept func(l label) bool) term {
	var both, left, summed, right []label
	for _, l := range a.labels {
		switch {
		case !b.has(l):
			left = append(left, l)
		case kept(l):
			both = append(both, l)
		default:
			summed = append(summed, l)
		}
	}
	for _, l := range b.labels {
		if !a.has(l) {
			right = append(right, l)
		}
	}
	labels := slices.Concat(both, left, right)
	shape := slices.Concat(a.shape(both), a.shape(left), b.shape(right))
	if len(summed) == 0 {
		ones := slices.Repeat(tensor.Shape{1}, len(left)+len(right))
		x := resized(a.transposed(slices.Concat(both, left)), slices.Concat(a.shape(both), a.shape(left), ones[:len(right)]))
		y := resized(b.transposed(slices.Concat(both, right)), slices.Concat(b.shape(both), ones[:len(left)], b.shape(right)))
		return term{labels, Mul(x, y)}
	}
	return term{labels, resized(MatMul(a.matrices(both, left, summed), b.matrices(both, summed, right)), shape)}
}

// matrices returns the tensor as one matrix for each element of the axes of some labels, with rows and columns of the others.
func (t term) matrices(each, rows, columns []label) *Tensor {
	x := t.transposed(slices.Concat(each, rows, columns))
	return resized(x, append(t.shape(each), product(t.shape(rows)), product(t.shape(columns))))
}

// resized is Reshape, which copies what is not row-major, but for a shape that x has already.
func resized(x *Tensor, shape tensor.Shape) *Tensor {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	return Reshape(x, shape...)
}

var _ = catalog(Entry{Name: "Einsum", Samples: einsumSamples, Errors: []Misuse{
	{"nothing", func() { Einsum("") }, autograd.ValueError, `ops.Einsum: "" is for 1 operands, given 0`},
	{"an operand too many", func() { Einsum("ij,jk", square23(), square23(), square23()) }, autograd.ValueError, `"ij,jk" is for 2 operands, given 3`},
	{"a digit", func() { Einsum("i1->i", square23()) }, autograd.ValueError, `'1' in "i1->i" is not a letter`},
	{"two dots", func() { Einsum("..i", square23()) }, autograd.ValueError, `'.' in "..i" is not a letter`},
	{"dots twice", func() { Einsum("...i...", square23()) }, autograd.ValueError, `'.' in "...i..." is not a letter`},
	{"two arrows", func() { Einsum("ij->i->j", square23()) }, autograd.ValueError, `'-' in "ij->i->j" is not a letter`},
	{"a comma in the result", func() { Einsum("ij->i,j", square23()) }, autograd.ValueError, `',' in "ij->i,j" is not a letter`},
	{"another rank", func() { Einsum("ijk", square23()) }, autograd.ShapeError, `"ijk" names 3 axes, but operand 0 has shape (2, 3)`},
	{"fewer axes than letters", func() { Einsum("i...jk", square23()) }, autograd.ShapeError, `"i...jk" names 3 axes, but operand 0 has shape (2, 3)`},
	{"an axis without a letter", func() { Einsum("i", square23()) }, autograd.ShapeError, `"i" names 1 axes, but operand 0 has shape (2, 3)`},
	{
		"two lengths",
		func() { Einsum("ij,jk", square23(), square23()) },
		autograd.ShapeError, "ops.Einsum: letter 'j' has length 3 in operand 0 and 2 in operand 1: shapes (2, 3) and (2, 3)",
	},
	{
		"two lengths on a diagonal",
		func() { Einsum("ii", square23()) },
		autograd.ShapeError, "letter 'i' has lengths 2 and 3 in operand 0 of shape (2, 3)",
	},
	{
		"a diagonal does not stretch",
		func() { Einsum("ii", draw(0, reals, 1, 3)) },
		autograd.ShapeError, "letter 'i' has lengths 1 and 3 in operand 0 of shape (1, 3)",
	},
	{
		"dots that do not broadcast",
		func() { Einsum("...i,...i", square23(), draw(0, reals, 4, 3)) },
		autograd.ShapeError, "axis -1 of the dots has length 2 in operand 0 and 4 in operand 1: shapes (2, 3) and (4, 3)",
	},
	{"an unknown letter", func() { Einsum("ij->ik", square23()) }, autograd.ValueError, `letter 'k' of the result of "ij->ik" is in no operand`},
	{"a letter twice in the result", func() { Einsum("ij->ii", square23()) }, autograd.ValueError, `letter 'i' is repeated in the result of "ij->ii"`},
	{
		"dots left out",
		func() { Einsum("...j->j", square23()) },
		autograd.ValueError, `the result of "...j->j" has no dots, which stand for 1 axes of the operands`,
	},
	{
		"two dtypes",
		func() { Einsum("i,i", draw(0, reals, 1), autograd.FromSlice([]float32{1}, 1)) },
		autograd.DtypeError, "ops.Einsum: dtypes differ: float64 (1) and float32 (1)",
	},
}})

func square23() *Tensor { return draw(0, reals, 2, 3) }
