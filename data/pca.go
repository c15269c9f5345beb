package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"gorgonia.org/tensor"
)

// PCA finds the directions in which examples differ most, their principal
// components, one orthogonal to the other. Its zero value keeps all of them.
//
//	projection, err := data.PCA{Components: 32}.Fit(ctx, train.X)
//	…
//	codes, err := projection.Apply(test.X) // (n, 32)
type PCA struct {
	// Components is how many to keep, no more than there are examples or columns; 0
	// means as many as Share says.
	Components int
	// Share is the part of the variance to keep: the fewest components that have more
	// than that are kept. It lies between 0 and 1; 0 means all components.
	Share float64
	// Whiten brings what an example is along each component to the variance 1.
	Whiten bool
}

// A Projection is examples seen along principal components, made by [PCA.Fit].
//
// Definitions are those of scikit-learn's PCA, so that results can be compared number
// by number: variances have the divisor n - 1, and of each component the element that
// is farthest from 0, the first of equals, is positive.
type Projection struct {
	Mean       []float64 // (d), of each column
	Components []float64 // (k, d), row after row: rows of length 1, orthogonal to each other
	Variance   []float64 // (k), along each component, descending
	Share      []float64 // (k), of the variance of all columns together
	Whiten     bool      // whether projections are brought to the variance 1
}

// Fit finds the principal components of x, of shape (n, …), the columns of which are
// the values of one example in row-major order, as for a [Scaler].
//
// They are the eigenvectors of the covariance matrix or, where there are fewer
// examples than columns, are made of those of the matrix of inner products. Either
// squares the values, so that a variance of less than some 1e-16 of the greatest is
// noise: one that cannot be told from 0 is 0, and its component is any direction that
// is orthogonal to the others. Products of float32 values and bytes are summed in
// float32, 128 examples at a time, which leaves the components right to some 1e-7.
//
// The error says why x cannot be an array of a [Dataset], names a value that is not
// finite, or says that the number of components or the share is out of range, that
// there is one example only, or that their distances overflow.
// When ctx ends Fit stops, within some milliseconds, and returns its error, wrapped.
func (p PCA) Fit(ctx context.Context, x *tensor.Dense) (*Projection, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	projection, err := p.fit(ctx, newRows(x))
	if err != nil {
		return nil, fmt.Errorf("data: PCA: %w", err)
	}
	return projection, nil
}

func (p PCA) fit(ctx context.Context, x *Rows) (*Projection, error) {
	most := min(x.n, x.width)
	switch {
	case p.Components < 0 || p.Components > most:
		return nil, fmt.Errorf("%d components of %d examples with %d columns: give from 1 to %d, or 0 for all or by Share", p.Components, x.n, x.width, most)
	case !(p.Share >= 0 && p.Share < 1):
		return nil, fmt.Errorf("the Share is %v: give a number from 0 to below 1", p.Share)
	case p.Components > 0 && p.Share > 0:
		return nil, fmt.Errorf("both Components, %d, and Share, %v, are given: give one of them", p.Components, p.Share)
	case x.n < 2:
		return nil, errors.New("one example has no variance: give two or more")
	}
	c, err := newCentered(ctx, x)
	if err != nil {
		return nil, err
	}
	choose := func(variances []float64) int { return p.choose(variances[:most]) }
	var variances, components []float64
	if x.n < x.width {
		variances, components, err = c.fromInnerProducts(ctx, choose)
	} else {
		variances, components, err = c.fromCovariance(ctx, choose)
	}
	if err != nil {
		return nil, err
	}
	return c.projection(variances, components, p.Whiten)
}

// choose returns how many components to keep, given the variance along each.
func (p PCA) choose(variances []float64) int {
	switch {
	case p.Components > 0:
		return p.Components
	case p.Share == 0:
		return len(variances)
	}
	total := 0.0
	for _, v := range variances {
		total += v
	}
	sum := 0.0
	for i, v := range variances {
		if sum += v; sum > p.Share*total {
			return i + 1
		}
	}
	return 1 // there is no variance
}

// projection puts the results together: variances are all of them, in units of c.
func (c *centered) projection(variances, components []float64, whiten bool) (*Projection, error) {
	d, total := c.rows.width, 0.0
	for _, v := range variances {
		total += v
	}
	p := &Projection{Mean: c.mean, Components: components, Whiten: whiten}
	for i := range len(components) / d {
		makeFarthestPositive(components[i*d : (i+1)*d])
		variance := variances[i] * c.size * c.size
		if math.IsInf(variance, 0) {
			return nil, fmt.Errorf("the variance of component %d overflows: scale the columns to about 1", i)
		}
		p.Variance = append(p.Variance, variance)
		p.Share = append(p.Share, variances[i]/cmp.Or(total, 1))
	}
	return p, nil
}

func makeFarthestPositive(component []float64) {
	farthest := 0.0
	for _, v := range component {
		if math.Abs(v) > math.Abs(farthest) {
			farthest = v
		}
	}
	if farthest < 0 {
		for j, v := range component {
			component[j] = -v
		}
	}
}
