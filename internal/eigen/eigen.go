// Package eigen finds the eigenvalues and eigenvectors of symmetric matrices.
//
// Reflections of Householder make the matrix tridiagonal, and the QL method with
// Wilkinson's implicit shifts makes that diagonal: see Golub and Van Loan, "Matrix
// Computations", sections 8.3.1 and 8.3.3. All of the work that grows with the cube of
// the size is divided among the processors by rows or columns of the result, so that
// the bits are the same for any number of them, and looks often whether its context
// has ended.
package eigen

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// Symmetric returns the eigenvalues of the symmetric matrix a (n, n), descending, and
// the eigenvectors of the first k of them, which are the rows of a matrix (k, n) and
// have the length 1. choose returns k, given all the values. a is overwritten; it must
// be finite, and its squares must neither over- nor underflow.
//
// The error is that of a context which ends meanwhile, or says that the method does
// not converge, which is not known to happen.
func Symmetric(ctx context.Context, a []float64, n int, choose func(values []float64) int) (values, vectors []float64, err error) {
	t := tridiagonal{diagonal: make([]float64, n), beside: make([]float64, n)}
	reflections, err := t.reduce(ctx, a, n)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float64, n*n) // the rows become the eigenvectors of the tridiagonal matrix
	for i := range n {
		z[i*n+i] = 1
	}
	if err := t.solve(ctx, z); err != nil {
		return nil, nil, err
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(t.diagonal[j], t.diagonal[i]) })
	values = make([]float64, n)
	for i, at := range order {
		values[i] = t.diagonal[at]
	}
	k := choose(values)
	vectors = make([]float64, 0, k*n)
	for _, at := range order[:k] {
		vectors = append(vectors, z[at*n:(at+1)*n]...)
	}
	pool.For(k, 1, func(lo, hi int) {
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			reflectBack(a, reflections, vectors[i*n:(i+1)*n])
		}
	})
	return values, vectors, ctx.Err()
}

// A tridiagonal matrix is symmetric.
type tridiagonal struct {
	diagonal []float64
	beside   []float64 // (i, i+1); the last is 0
}

// share is worth a thread of its own, in multiplications.
const share = 1 << 14

// reduce makes a tridiagonal by a reflection for each row, I - factor·v·vᵀ, and keeps
// v in the row, right of the diagonal.
//
// A row is changed by v·wᵀ + w·vᵀ only when the next reflection is known, so that it
// passes through the cache once for each reflection, not twice.
func (t *tridiagonal) reduce(ctx context.Context, a []float64, n int) (factors []float64, err error) {
	factors = make([]float64, n)
	v, w, product := make([]float64, n), make([]float64, n), make([]float64, n)
	before := make([]float64, n) // the v of the reflection that is still due
	due := false
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := a[i*n : (i+1)*n]
		change := func(r int) {
			if due {
				to := a[r*n+i : (r+1)*n]
				kernel.AddScaled(to, before[i:], -w[r])
				kernel.AddScaled(to, w[i:], -before[r])
			}
		}
		change(i)
		t.diagonal[i] = row[i]
		if i == n-1 {
			break
		}
		x := row[i+1:]
		factors[i], t.beside[i] = householder(x)
		copy(v[i+1:], x)
		rest := n - i - 1
		pool.For(rest, max(1, share/rest), func(lo, hi int) {
			for r := i + 1 + lo; r < i+1+hi; r++ {
				change(r)
				product[r] = factors[i] * kernel.Dot(a[r*n+i+1:(r+1)*n], v[i+1:])
			}
		})
		half := factors[i] * kernel.Dot(product[i+1:], v[i+1:]) / 2
		copy(w[i+1:], product[i+1:])
		kernel.AddScaled(w[i+1:], v[i+1:], -half)
		copy(before[i+1:], v[i+1:])
		due = true
	}
	return factors, nil
}

// householder replaces x by the v of the reflection I - factor·v·vᵀ that makes it
// (first, 0, …, 0).
//
// What rounding leaves of rows that are equal gets smaller with each reflection, until
// its squares underflow: so the squares are those of x divided by its greatest element.
func householder(x []float64) (factor, first float64) {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	if most < tiniest {
		clear(x)
		return 0, 0
	}
	for i := range x {
		x[i] /= most
	}
	rest := kernel.SquaredNorm(x[1:])
	if rest == 0 {
		return 0, x[0] * most
	}
	norm := math.Sqrt(x[0]*x[0] + rest)
	first = -math.Copysign(norm, x[0])
	x[0] -= first // of the same sign: nothing cancels
	return 2 / (x[0]*x[0] + rest), first * most
}

// tiniest is far below what rounding leaves of a matrix whose squares do not underflow.
const tiniest = 0x1p-900

// reflectBack turns an eigenvector of the tridiagonal matrix into one of the matrix.
func reflectBack(a, factors, z []float64) {
	n := len(z)
	for i := n - 2; i >= 0; i-- {
		if factors[i] != 0 {
			v, part := a[i*n+i+1:(i+1)*n], z[i+1:]
			kernel.AddScaled(part, v, -factors[i]*kernel.Dot(v, part))
		}
	}
}

// A rotation turns rows at and at+1 of a matrix.
type rotation struct {
	at       int
	cos, sin float64
}

const (
	// mostSweeps is for an eigenvalue; two are the rule.
	mostSweeps = 100
	// batch is how many rotations are kept before they are carried out together, on
	// parts of the rows that stay in the cache meanwhile.
	batch = 1 << 15
	strip = 64 // columns
)

var errDiverges = errors.New("the eigenvalues do not converge")

// solve makes the matrix diagonal, and does to the rows of z what it does to its own.
func (t *tridiagonal) solve(ctx context.Context, z []float64) error {
	n := len(t.diagonal)
	d, e := t.diagonal, t.beside
	// Whatever is beside the diagonal and less than this is as good as 0: the values are
	// right to about as much of the greatest of them anyway.
	negligible := 0.0
	for i, v := range d {
		negligible = max(negligible, 0x1p-53*(math.Abs(v)+math.Abs(e[i])))
	}
	rotations := make([]rotation, 0, batch+n)
	for first := range n {
		for sweep := 0; ; sweep++ {
			last := first
			for last < n-1 && math.Abs(e[last]) > negligible {
				last++
			}
			if last == first {
				break
			}
			if sweep == mostSweeps {
				return errDiverges
			}
			rotations = t.sweep(first, last, rotations)
			if len(rotations) >= batch {
				if err := rotate(ctx, z, n, rotations); err != nil {
					return err
				}
				rotations = rotations[:0]
			}
		}
	}
	return rotate(ctx, z, n, rotations)
}

// sweep does an implicit QL step on the rows first to last, between which no element
// beside the diagonal is negligible, and appends its rotations.
func (t *tridiagonal) sweep(first, last int, rotations []rotation) []rotation {
	d, e := t.diagonal, t.beside
	// Wilkinson's shift is the eigenvalue of the upper 2x2 block nearer to d[first].
	g := (d[first+1] - d[first]) / (2 * e[first])
	shift := d[first] - e[first]/(g+math.Copysign(math.Hypot(g, 1), g))
	g = d[last] - shift
	cos, sin, p := 1.0, 1.0, 0.0
	for i := last - 1; i >= first; i-- {
		f, b := sin*e[i], cos*e[i] // f is the bulge that is chased upwards
		r := math.Hypot(f, g)
		e[i+1] = r
		if r == 0 { // the matrix falls apart here
			d[i+1] -= p
			e[last] = 0
			return rotations
		}
		cos, sin = g/r, f/r
		g = d[i+1] - p
		r = (d[i]-g)*sin + 2*cos*b
		p = sin * r
		d[i+1] = g + p
		g = cos*r - b
		rotations = append(rotations, rotation{i, cos, sin})
	}
	d[first] -= p
	e[first] = g
	e[last] = 0
	return rotations
}

// rotate carries out rotations one after the other on a strip of columns at a time.
func rotate(ctx context.Context, z []float64, n int, rotations []rotation) error {
	pool.For((n+strip-1)/strip, max(1, share/(1+strip*len(rotations))), func(lo, hi int) {
		for s := lo; s < hi && ctx.Err() == nil; s++ {
			from, to := s*strip, min((s+1)*strip, n)
			for _, r := range rotations {
				lower := z[r.at*n+from : r.at*n+to]
				upper := z[(r.at+1)*n+from:][:len(lower)]
				for j, v := range lower {
					u := upper[j]
					upper[j] = r.sin*v + r.cos*u
					lower[j] = r.cos*v - r.sin*u
				}
			}
		}
	})
	return ctx.Err()
}
