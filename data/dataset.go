package data

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"
)

// A Dataset is a set of examples: inputs X of shape (n, …) and targets Y of
// shape (n, …), of dtype uint8, float32 or float64, each its own.
//
// Bytes stand for the numbers 0/255 to 255/255 and are turned into those as
// batches are made, which is right for pixels and wrong for class labels: make
// a Y of class labels with [Labels] or [OneHot]. [Floats] turns a whole array of
// bytes into numbers. A nil Y means that Y is X, as an autoencoder wants it.
//
// A Dataset never writes X and Y, so any number of goroutines may read batches
// from it at once.
type Dataset struct {
	X, Y *tensor.Dense
}

// A Batch is some examples of a [Dataset]: X of shape (b, …) and Y of shape
// (b, …), float32 or float64. Y is the same pointer as X when the data set has
// no Y.
type Batch struct {
	X, Y *tensor.Dense
}

// Validate reports what keeps d from being used: a nil X, no examples, a dtype
// other than uint8, float32 and float64, a masked array, a view that repeats
// its values, X and Y of different lengths.
func (d *Dataset) Validate() error {
	if err := check("X", d.X); err != nil || d.Y == nil {
		return err
	}
	if err := check("Y", d.Y); err != nil {
		return err
	}
	if x, y := d.X.Shape()[0], d.Y.Shape()[0]; x != y {
		return fmt.Errorf("data: X has %d examples and Y has %d: they must be equally many", x, y)
	}
	return nil
}

// Len returns the number of examples n, 0 if X is nil.
func (d *Dataset) Len() int {
	if d.X == nil || d.X.Dims() == 0 {
		return 0
	}
	return d.X.Shape()[0]
}

// Rows prepares d for [Gather]. It returns y = x when d has no Y, and
// [Dataset.Validate]'s error for a data set that cannot be used.
func (d *Dataset) Rows() (x, y *Rows, err error) {
	if err := d.Validate(); err != nil {
		return nil, nil, err
	}
	x = newRows(d.X)
	if d.Y == nil {
		return x, x, nil
	}
	return x, newRows(d.Y), nil
}

// Batches returns an iterator over the batches of one epoch, numbered from 0.
// Every example is in exactly one batch; each batch has size examples but the
// last, which has what is left.
//
// With an rng the examples are shuffled anew each time the iteration is started;
// a nil rng leaves them in order. An rng serves one goroutine: iterations that
// run at once need one each.
//
// Float arrays keep their dtype and bytes become float32. Every batch is new
// memory, which the caller may keep, write or give away; [Gather] is for who
// wants to reuse it.
//
// Batches panics if size is less than 1 or d.Validate returns an error.
func (d *Dataset) Batches(size int, rng *rand.Rand) iter.Seq2[int, Batch] {
	x, y, err := d.Rows()
	if err != nil {
		panic(err)
	}
	indices := BatchIndices(x.Len(), size, rng)
	return func(yield func(int, Batch) bool) {
		for i, rows := range indices {
			var b Batch
			b.X = x.batch(rows)
			b.Y = b.X
			if y != x {
				b.Y = y.batch(rows)
			}
			if !yield(i, b) {
				return
			}
		}
	}
}

// BatchIndices returns an iterator over the batches of one epoch of n examples,
// each given by the indices of its examples; order, size, rng and panics are
// those of [Dataset.Batches]. The slices that it yields are the caller's.
func BatchIndices(n, size int, rng *rand.Rand) iter.Seq2[int, []int] {
	if n < 0 {
		panic(fmt.Errorf("data: %d examples: there cannot be fewer than none", n))
	}
	if size < 1 {
		panic(fmt.Errorf("data: batch size %d: it must be at least 1", size))
	}
	return func(yield func(int, []int) bool) {
		i := 0
		for rows := range slices.Chunk(order(n, rng), size) {
			if !yield(i, rows) {
				return
			}
			i++
		}
	}
}

// Split divides d into two data sets that share no memory with it or with each
// other. The validation set gets the given fraction of the examples, rounded to
// the nearest number, but at least one example, and leaves at least one. With an
// rng the examples are drawn, with a nil rng the last ones are taken in order.
//
// The error is Validate's, or says that the fraction is not between 0 and 1 or
// that one example cannot be divided.
func (d *Dataset) Split(fraction float64, rng *rand.Rand) (train, validation *Dataset, err error) {
	x, y, err := d.Rows()
	if err != nil {
		return nil, nil, err
	}
	held, err := validationSize(fraction, x.Len())
	if err != nil {
		return nil, nil, fmt.Errorf("data: Split: %w", err)
	}
	rows := order(x.Len(), rng)
	kept := len(rows) - held
	return takeBoth(x, y, rows[:kept]), takeBoth(x, y, rows[kept:]), nil
}

// validationSize returns how many of n examples a fraction is.
func validationSize(fraction float64, n int) (int, error) {
	if !(fraction > 0 && fraction < 1) { // the negation catches NaN
		return 0, fmt.Errorf("fraction %v: it must lie between 0 and 1, both excluded", fraction)
	}
	if n < 2 {
		return 0, errors.New("one example cannot be divided in two sets")
	}
	return min(max(int(math.Round(fraction*float64(n))), 1), n-1), nil
}

// takeBoth returns a data set of copies of some examples; y = x if there is no Y.
func takeBoth(x, y *Rows, rows []int) *Dataset {
	part := &Dataset{X: x.take(rows)}
	if y != x {
		part.Y = y.take(rows)
	}
	return part
}

// Limit returns a data set of the first n examples of d, or of all when there
// are fewer. It shares the memory of d (but for arrays that are not laid out in
// rows, which it copies). The error is Validate's, or says that n is less than 1.
func (d *Dataset) Limit(n int) (*Dataset, error) {
	x, y, err := d.Rows()
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, fmt.Errorf("data: Limit: %d examples: it must be at least 1", n)
	}
	n = min(n, x.Len())
	part := &Dataset{X: x.first(n)}
	if y != x {
		part.Y = y.first(n)
	}
	return part, nil
}

// order returns the numbers below n, in random order if there is an rng.
func order(n int, rng *rand.Rand) []int {
	if rng != nil {
		return rng.Perm(n)
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}
