package svm

import (
	"iter"
	"math"
)

// A decider computes decision values for a range of samples.
type decider interface {
	// decide yields the rows [lo, hi) of x and their decision values. The values of
	// all rows share one slice: those of many classes are far larger than x.
	decide(x *matrix, lo, hi int) iter.Seq2[int, []float64]
	// work is roughly the number of multiplications for a sample.
	work() int
}

// kernelDecider compares samples with the support vectors of each group, blocks of
// samples at a time.
type kernelDecider[T float] struct {
	data    *samples[T]
	outputs []output
	rho     []float64
	groups  []expansion[T]
	// A sample whose norm is beyond reach has values of the RBF kernel of 0 with all support
	// vectors.
	reach float64
}

// vanishing is a binary exponent at which every float is 0.
const vanishing = 1100

// newKernelDecider returns the decider of a machine whose support vectors are data.
func newKernelDecider[T float](m *machine, data *samples[T]) *kernelDecider[T] {
	d := &kernelDecider[T]{data: data, outputs: m.outputs, rho: m.rho, groups: make([]expansion[T], len(m.counts))}
	s := 0
	for group, count := range m.counts {
		e := &d.groups[group]
		e.reset(data, m.columns)
		e.grow(count)
		for range count {
			e.add(s, m.coefficients[s*m.columns:(s+1)*m.columns]...)
			s++
		}
	}
	largest := 0.0
	for _, h := range data.half {
		largest = max(largest, float64(h))
	}
	if data.sparse != nil {
		for _, h := range data.sparse.halves {
			largest = max(largest, h)
		}
	}
	d.reach = math.Sqrt(2*largest) + math.Sqrt(2*vanishing)
	return d
}

func (d *kernelDecider[T]) work() int {
	vectors := 0
	for i := range d.groups {
		vectors += d.groups[i].len()
	}
	return max(1, vectors*d.data.work())
}

func (d *kernelDecider[T]) decide(x *matrix, lo, hi int) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		var l loader[T]
		stride := d.groups[0].columns * lanes
		sums := make([]float64, len(d.groups)*stride)
		values := make([]float64, len(d.outputs))
		for at := lo; at < hi; at += lanes {
			count := min(lanes, hi-at)
			l.load(d, x, at, count)
			clear(sums)
			for group := range d.groups {
				d.groups[group].sum(&l.block, sums[group*stride:(group+1)*stride], never)
			}
			for lane := range count {
				for p, terms := range d.outputs {
					value := -d.rho[p]
					for _, t := range terms {
						value += sums[t.group*stride+t.column*lanes+lane]
					}
					values[p] = value
				}
				if !yield(at+lane, values) {
					return
				}
			}
		}
	}
}

func never() bool { return false }

// A loader makes blocks of the samples that a decider is asked about.
type loader[T float] struct {
	block sampleBlock[T]
	rows  []float64 // (lanes, d)
	z     []T
	norms normBlock[T]
}

// load puts rows of x into the block.
func (l *loader[T]) load(d *kernelDecider[T], x *matrix, at, count int) {
	if d.data.sparse != nil {
		l.loadSparse(d, x, at, count)
		return
	}
	l.rows, l.z = resized(l.rows, lanes*x.cols), resized(l.z, d.data.dim)
	l.block.begin(d.data.dim)
	for lane := range count {
		row := l.rows[lane*x.cols : (lane+1)*x.cols]
		x.row(at+lane, row)
		if !d.data.form.multiplies() {
			l.block.given[lane] = row
			continue
		}
		d.data.form.transform(row)
		if d.data.form.shape == radialShape && !(math.Sqrt(2*halfNorm(row)) <= d.reach) {
			// Its squares might overflow T: a sample at the center with a norm that it
			// cannot have has the same kernel values.
			l.block.offsets[lane] = vanishing
			continue
		}
		for j, v := range row {
			l.z[j] = T(v)
		}
		pack(l.block.values, lane, l.z)
		if d.data.form.shape == radialShape {
			l.block.offsets[lane] = l.norms.halfNorm(l.z)
		} else {
			l.block.offsets[lane] = d.data.offset(0)
		}
	}
}

// loadSparse is load for support vectors that are nearly all zeros.
func (l *loader[T]) loadSparse(d *kernelDecider[T], x *matrix, at, count int) {
	l.block.begin(0)
	for lane := range count {
		z := &l.block.sparse[lane]
		d.data.sparse.load(z, x.nonzero(at+lane))
		if d.data.form.shape == radialShape && !(math.Sqrt(2*z.half) <= d.reach) {
			z.columns, z.half = z.columns[:0], vanishing
		}
	}
}

// A constantDecider is that of a machine without support vectors: the rho of each
// output.
type constantDecider []float64

func (d constantDecider) work() int { return 1 }

func (d constantDecider) decide(_ *matrix, lo, hi int) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		values := make([]float64, len(d))
		for i := lo; i < hi; i++ {
			for p, rho := range d {
				values[p] = -rho
			}
			if !yield(i, values) {
				return
			}
		}
	}
}

// linearDecider evaluates the primal weights of each output.
type linearDecider struct {
	form    kernelForm
	weights []float64 // (outputs, d), for centered samples
	shifted []float64 // rho of each output for centered samples
}

func newLinearDecider(m *machine, vectors *matrix, form kernelForm) *linearDecider {
	d := &linearDecider{form: form, weights: m.weights(vectors, &form)}
	for p, rho := range m.rho {
		d.shifted = append(d.shifted, rho-dot(d.weights[p*vectors.cols:(p+1)*vectors.cols], form.center))
	}
	return d
}

// weights returns Σₛ coefficientₛ xₛ for each output, of the support vectors as
// form transforms them.
func (m *machine) weights(vectors *matrix, form *kernelForm) []float64 {
	all := make([]float64, len(m.outputs)*vectors.cols)
	row := make([]float64, vectors.cols)
	s := 0
	for group, count := range m.counts {
		for range count {
			vectors.row(s, row)
			form.transform(row)
			for p, terms := range m.outputs {
				for _, t := range terms {
					c := m.coefficients[s*m.columns+t.column]
					if t.group != group || c == 0 {
						continue
					}
					weights := all[p*vectors.cols : (p+1)*vectors.cols]
					for j, v := range row {
						weights[j] += c * v
					}
				}
			}
			s++
		}
	}
	return all
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func (d *linearDecider) work() int { return len(d.weights) }

func (d *linearDecider) decide(x *matrix, lo, hi int) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		row, values := make([]float64, x.cols), make([]float64, len(d.shifted))
		for i := lo; i < hi; i++ {
			x.row(i, row)
			d.form.transform(row)
			for p, r := range d.shifted {
				values[p] = dot(d.weights[p*x.cols:(p+1)*x.cols], row) - r
			}
			if !yield(i, values) {
				return
			}
		}
	}
}
