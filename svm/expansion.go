package svm

import (
	"slices"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// An expansion is a set of weighted samples; it stands for the functions
// Σₛ weight[s][q] K(xₛ, ·), one for each column q.
type expansion[T float] struct {
	data    *samples[T]
	columns int // a multiple of kernel.WeightColumns
	ids     []int
	values  []T // (m, dim)
	offsets []T
	weights []float64 // (m, columns)
}

// reset empties the expansion for functions of the samples of data.
func (e *expansion[T]) reset(data *samples[T], columns int) {
	e.data = data
	e.columns = (columns + kernel.WeightColumns - 1) / kernel.WeightColumns * kernel.WeightColumns
	e.ids, e.values, e.offsets, e.weights = e.ids[:0], e.values[:0], e.offsets[:0], e.weights[:0]
}

// grow makes room for a number of samples.
func (e *expansion[T]) grow(count int) {
	e.ids, e.offsets = slices.Grow(e.ids, count), slices.Grow(e.offsets, count)
	e.values, e.weights = slices.Grow(e.values, count*e.data.dim), slices.Grow(e.weights, count*e.columns)
}

// add adds a sample of data with its weights.
func (e *expansion[T]) add(id int, weights ...float64) {
	e.ids = append(e.ids, id)
	if e.data.form.multiplies() {
		e.values = append(e.values, e.data.row(id)...)
		e.offsets = append(e.offsets, e.data.offset(id))
	}
	e.weights = append(e.weights, weights...)
	for range e.columns - len(weights) {
		e.weights = append(e.weights, 0)
	}
}

func (e *expansion[T]) len() int { return len(e.ids) }

// A sampleBlock is a block of samples that an expansion is evaluated at.
type sampleBlock[T float] struct {
	values  []T
	offsets [lanes]T
	sparse  [lanes]sparseVector[T] // for samples that are nearly all zeros
	given   [lanes][]float64       // for a kernel without products; nil in lanes without a sample
	scratch [chunk * lanes]T
}

// chunk is how many samples of an expansion are compared with a block before the similarities are summed: they stay in the nearest cache.
const chunk = 96

// begin empties the block for samples of a dimension.
func (b *sampleBlock[T]) begin(dim int) {
	b.values = resized(b.values, lanes*dim)
	clear(b.values)
	clear(b.offsets[:])
	clear(b.given[:])
	for l := range b.sparse {
		b.sparse[l].columns = b.sparse[l].columns[:0]
	}
}

// set puts a sample of data into a lane.
func (b *sampleBlock[T]) set(data *samples[T], lane, id int) {
	if data.sparse != nil {
		b.sparse[lane] = data.sparse.vector(id)
		return
	}
	if !data.form.multiplies() {
		b.given[lane] = data.rowGiven(id)
		return
	}
	pack(b.values, lane, data.row(id))
	b.offsets[lane] = data.offset(id)
}

// sum adds to sums (columns, lanes) the values of all columns at the samples of a
// block. It ends early when stop says so.
func (e *expansion[T]) sum(b *sampleBlock[T], sums []float64, stop func() bool) {
	check := max(chunk, stopWork/(lanes*e.data.work())/chunk*chunk)
	for s := 0; s < len(e.ids); s += chunk {
		if s%check == 0 && stop() {
			return
		}
		end := min(s+chunk, len(e.ids))
		out := b.scratch[:(end-s)*lanes]
		e.data.compare(out, b, e, s, end)
		kernel.WeightedSums(sums, out, e.weights[s*e.columns:end*e.columns])
	}
}
