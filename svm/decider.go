package svm

import (
	"context"
	"iter"
	"math"
)

// radialDecider evaluates the RBF kernel against the support vectors of each
// class, blocks of samples at a time.
type radialDecider[T float] struct {
	form    kernelForm
	pairs   [][2]int
	rho     []float64
	classes []expansion[T]
	// A sample whose norm is beyond reach has kernel values of 0 with all support
	// vectors.
	reach float64
}

// vanishing is a binary exponent at which every float is 0.
const vanishing = 1100

func newRadialDecider[T float](ctx context.Context, m *Model, vectors *matrix, form kernelForm) (*radialDecider[T], error) {
	data, err := newSamples[T](ctx, vectors, form)
	if err != nil {
		return nil, err
	}
	d := &radialDecider[T]{form: form, pairs: m.pairs, rho: m.rho, classes: make([]expansion[T], len(m.classes))}
	columns := len(m.classes) - 1
	largest, s := 0.0, 0
	for class, count := range m.counts {
		e := &d.classes[class]
		e.reset(data, columns)
		for range count {
			e.add(s, m.coefficients[s*columns:(s+1)*columns]...)
			largest = max(largest, float64(data.half[s]))
			s++
		}
	}
	d.reach = math.Sqrt(2*largest) + math.Sqrt(2*vanishing)
	return d, nil
}

func (d *radialDecider[T]) work() int {
	vectors := 0
	for i := range d.classes {
		vectors += d.classes[i].len()
	}
	return max(1, vectors*len(d.form.center))
}

func (d *radialDecider[T]) decide(x *matrix, lo, hi int) iter.Seq2[int, []float64] {
	return func(yield func(int, []float64) bool) {
		dim, columns := x.cols, d.classes[0].columns
		row, z := make([]float64, dim), make([]T, dim)
		var b sampleBlock[T]
		var norms normBlock[T]
		sums := make([]float64, len(d.classes)*columns*lanes)
		values := make([]float64, len(d.pairs))
		for at := lo; at < hi; at += lanes {
			count := min(lanes, hi-at)
			b.begin(dim)
			for l := range count {
				x.row(at+l, row)
				if d.load(row, z) {
					b.offsets[l] = norms.halfNorm(z)
				} else {
					b.offsets[l] = vanishing
				}
				pack(b.values, l, z)
			}
			clear(sums)
			for class := range d.classes {
				d.classes[class].sum(&b, sums[class*columns*lanes:(class+1)*columns*lanes], never)
			}
			for l := range count {
				for p, pair := range d.pairs {
					first, second := pair[0], pair[1]
					values[p] = sums[(first*columns+second-1)*lanes+l] + sums[(second*columns+first)*lanes+l] - d.rho[p]
				}
				if !yield(at+l, values) {
					return
				}
			}
		}
	}
}

func never() bool { return false }

// load writes a sample as the kernel wants it to z. It reports whether it is within reach; if not, z is at the center, for its
// squares might overflow T, and with a norm that it cannot have there it has the same kernel values.
func (d *radialDecider[T]) load(row []float64, z []T) bool {
	d.form.transform(row)
	if norm := math.Sqrt(2 * halfNorm(row)); !(norm <= d.reach) {
		clear(z)
		return false
	}
	for j, v := range row {
		z[j] = T(v)
	}
	return true
}

// linearDecider evaluates the primal weights of each pair.
type linearDecider struct {
	form    kernelForm
	weights []float64 // (pairs, dim), for centered samples
	shifted []float64 // rho of each pair for centered samples
}

func newLinearDecider(m *Model, vectors *matrix, form kernelForm) *linearDecider {
	d := &linearDecider{form: form, weights: pairWeights(m, vectors, &form)}
	for p, rho := range m.rho {
		d.shifted = append(d.shifted, rho-dot(d.weights[p*vectors.cols:(p+1)*vectors.cols], form.center))
	}
	return d
}

// pairWeights returns Σₛ coefficientₛ xₛ for each pair, of the support vectors as
// form transforms them.
func pairWeights(m *Model, vectors *matrix, form *kernelForm) []float64 {
	all := make([]float64, len(m.pairs)*vectors.cols)
	row := make([]float64, vectors.cols)
	columns, s := len(m.classes)-1, 0
	for class, count := range m.counts {
		for range count {
			vectors.row(s, row)
			form.transform(row)
			for p, pair := range m.pairs {
				if pair[0] != class && pair[1] != class {
					continue
				}
				column := pair[0]
				if column == class {
					column = pair[1] - 1
				}
				c := m.coefficients[s*columns+column]
				if c == 0 {
					continue
				}
				weights := all[p*vectors.cols : (p+1)*vectors.cols]
				for j, v := range row {
					weights[j] += c * v
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
