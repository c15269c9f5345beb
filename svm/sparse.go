package svm

import (
	"context"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// sparseSamples are samples of which only what is not zero is kept, for a kernel of
// products. They are scaled and not centered. Their memory does not grow with the
// number of features, but with that of features which occur.
type sparseSamples[T float] struct {
	form     *kernelForm
	features []int32 // that occur, ascending
	starts   []int
	columns  []int32 // positions in features
	values   []T
	halves   []float64 // ‖x'‖²/2 of each
	spare    sync.Pool // of *[]float64, a zero for each feature
}

// A sparseVector is one such sample.
type sparseVector[T float] struct {
	columns []int32
	values  []T
	half    float64
}

// newSparseSamples reads the rows of x, in an order that may be nil.
func newSparseSamples[T float](ctx context.Context, x *matrix, form *kernelForm, order []int) (*sparseSamples[T], error) {
	_, columns := x.sparse.Layout()
	features, err := distinct(ctx, columns)
	if err != nil {
		return nil, err
	}
	s := &sparseSamples[T]{
		form: form, features: features,
		starts: make([]int, 1, x.rows+1), columns: make([]int32, 0, len(columns)), values: make([]T, 0, len(columns)),
		halves: make([]float64, x.rows),
	}
	err = eachIndex(ctx, x.rows, func(i int) error {
		if order != nil {
			i = order[i]
		}
		for j, v := range x.sparse.Row(i) {
			if v != 0 { // so that the order of sums does not depend on whether a zero is stored
				at, _ := slices.BinarySearch(features, int32(j))
				s.columns, s.values = append(s.columns, int32(at)), append(s.values, T(v*form.scale))
			}
		}
		s.starts = append(s.starts, len(s.values))
		return nil
	})
	if err != nil {
		return nil, err
	}
	dense := s.take()
	err = eachIndex(ctx, x.rows, func(i int) error {
		z := s.vector(i)
		z.scatter(*dense)
		// As products are summed: the RBF kernel of equal samples is then exactly 1.
		s.halves[i] = sparseDot(z.columns, z.values, *dense) / 2
		z.wipe(*dense)
		return nil
	})
	s.give(dense)
	return s, err
}

// sortAtOnce is how many numbers are sorted between looks at the context.
const sortAtOnce = 1 << 16

// distinct returns the numbers that occur among columns, ascending. It sorts some at a
// time and merges what is about as long, as it would take too long to sort all at once
// when the context has ended.
func distinct(ctx context.Context, columns []int32) ([]int32, error) {
	runs := [][]int32{nil}
	merge := func() (err error) {
		last := len(runs) - 1
		runs[last-1], err = union(ctx, runs[last-1], runs[last])
		runs = runs[:last]
		return err
	}
	for part := range slices.Chunk(columns, sortAtOnce) {
		run := slices.Clone(part)
		slices.Sort(run)
		runs = append(runs, slices.Compact(run))
		for len(runs) > 1 && len(runs[len(runs)-2]) < 2*len(runs[len(runs)-1]) {
			if err := merge(); err != nil {
				return nil, err
			}
		}
	}
	for len(runs) > 1 {
		if err := merge(); err != nil {
			return nil, err
		}
	}
	return slices.Clone(runs[0]), ctx.Err()
}

// union returns what occurs in a or in b, both without duplicates and ascending.
func union(ctx context.Context, a, b []int32) ([]int32, error) {
	all := make([]int32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if len(all)%sortAtOnce == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		least := min(a[0], b[0])
		all = append(all, least)
		if a[0] == least {
			a = a[1:]
		}
		if b[0] == least {
			b = b[1:]
		}
	}
	return append(append(all, a...), b...), nil
}

func (s *sparseSamples[T]) vector(i int) sparseVector[T] {
	lo, hi := s.starts[i], s.starts[i+1]
	return sparseVector[T]{s.columns[lo:hi], s.values[lo:hi], s.halves[i]}
}

// load makes z a sample with the given values, of which those in features that do
// not occur among s add to its norm only.
func (s *sparseSamples[T]) load(z *sparseVector[T], row iter.Seq2[int, float64]) {
	z.columns, z.values, z.half = z.columns[:0], z.values[:0], 0
	for j, v := range row {
		v *= s.form.scale
		z.half += v * v / 2
		if at, found := slices.BinarySearch(s.features, int32(j)); found {
			z.columns, z.values = append(z.columns, int32(at)), append(z.values, T(v))
		}
	}
}

// work is roughly how many products of vectors of full samples take the time of a
// kernel value.
func (s *sparseSamples[T]) work() int { return 1 + denseShare*len(s.values)/len(s.halves) }

// take returns zeros, which give takes back.
func (s *sparseSamples[T]) take() *[]float64 {
	if zeros, ok := s.spare.Get().(*[]float64); ok {
		return zeros
	}
	zeros := make([]float64, len(s.features))
	return &zeros
}

func (s *sparseSamples[T]) give(zeros *[]float64) { s.spare.Put(zeros) }

// scatter lays z out among zeros, and wipe makes them zeros again.
func (z *sparseVector[T]) scatter(dense []float64) {
	for k, j := range z.columns {
		dense[j] = float64(z.values[k])
	}
}

func (z *sparseVector[T]) wipe(dense []float64) {
	for _, j := range z.columns {
		dense[j] = 0
	}
}

// compare sets every stride-th value of out to what K of z and each of the samples
// is a function of; finish makes it K. An id below 0 stands for no sample.
func (s *sparseSamples[T]) compare(out []T, stride int, z *sparseVector[T], ids []int) {
	dense := s.take()
	z.scatter(*dense)
	for i, id := range ids {
		if id < 0 {
			out[i*stride] = 0
			continue
		}
		lo, hi := s.starts[id], s.starts[id+1]
		product := sparseDot(s.columns[lo:hi], s.values[lo:hi], *dense)
		if s.form.shape == radialShape {
			// Rounding must not make two samples more alike than equal ones.
			out[i*stride] = T(min(product-z.half-s.halves[id], 0) * math.Ln2)
		} else {
			out[i*stride] = T(product + s.form.coef0)
		}
	}
	z.wipe(*dense)
	s.give(dense)
}

// finish replaces what compare made by kernel values.
func (s *sparseSamples[T]) finish(values []T) {
	if s.form.shape == radialShape {
		kernel.Exp(values, values)
		return
	}
	finish(s.form, values)
}
