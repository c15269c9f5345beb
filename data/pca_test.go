package data_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// TestPCAIsScikitLearns compares with what testdata/make_pca.py explains.
func TestPCAIsScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/pca.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name                         string
		X, Test, Components, Z, Back [][]float64
		Keep                         int
		Share                        float64
		Whiten                       bool
		Mean, Variance, Shares       []float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			d := len(c.Mean)
			x, test := dense(slices.Concat(c.X...), len(c.X), d), dense(slices.Concat(c.Test...), len(c.Test), d)
			p, err := data.PCA{Components: c.Keep, Share: c.Share, Whiten: c.Whiten}.Fit(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			size := 0.0
			for _, v := range slices.Concat(c.X...) {
				size = max(size, math.Abs(v))
			}
			wantNear(t, "mean", p.Mean, c.Mean, []float64{size}, 1e-14)
			wantNear(t, "components", p.Components, slices.Concat(c.Components...), []float64{1}, 1e-9)
			wantNear(t, "variance", p.Variance, c.Variance, c.Variance[:1], 1e-10)
			wantNear(t, "shares", p.Share, c.Shares, []float64{1}, 1e-10)
			z, err := p.Apply(test)
			if err != nil {
				t.Fatal(err)
			}
			wantNear(t, "projections", z.Float64s(), slices.Concat(c.Z...), []float64{min(size, 1)}, 1e-9)
			back, err := p.Invert(z)
			if err != nil {
				t.Fatal(err)
			}
			wantNear(t, "what comes back", back.Float64s(), slices.Concat(c.Back...), []float64{size}, 1e-9)

			single, err := p.Apply(toSingle(test))
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != "tiny" { // float32 has no such numbers
				wantNear(t, "projections of float32", toDouble(single.Float32s()), slices.Concat(c.Z...), []float64{max(size, 1)}, 1e-5)
			}
		})
	}
}

func toSingle(x *tensor.Dense) *tensor.Dense {
	values := make([]float32, len(x.Float64s()))
	for i, v := range x.Float64s() {
		values[i] = float32(v)
	}
	return dense(values, x.Shape()...)
}

func toDouble(values []float32) []float64 {
	double := make([]float64, len(values))
	for i, v := range values {
		double[i] = float64(v)
	}
	return double
}

// Components are orthogonal and of length 1, examples along them have the variances that are said and no correlation, and all of
// them together lose nothing, wherever the examples lie in a subspace or are equal.
func TestPCA(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(2, 20).Draw(t, "n"), rapid.IntRange(1, 20).Draw(t, "d")
		rank := rapid.IntRange(1, 6).Draw(t, "rank")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, b := make([]float64, n*rank), make([]float64, rank*d)
		for i := range a {
			a[i] = float64(rng.IntN(9) - 4)
		}
		for i := range b {
			b[i] = float64(rng.IntN(9) - 4)
		}
		x := make([]float64, n*d)
		for i := range n {
			for j := range d {
				for r := range rank {
					x[i*d+j] += a[i*rank+r] * b[r*d+j]
				}
			}
		}
		p, err := data.PCA{}.Fit(t.Context(), dense(slices.Clone(x), n, d))
		if err != nil {
			t.Fatal(err)
		}
		k := min(n, d)
		for i := range k {
			for j := range i + 1 {
				want := 0.0
				if i == j {
					want = 1
				}
				if got := inner(p.Components[i*d:(i+1)*d], p.Components[j*d:(j+1)*d]); math.Abs(got-want) > 1e-12 {
					t.Errorf("the product of components %d and %d is %v", i, j, got)
				}
			}
		}
		z, err := p.Apply(dense(slices.Clone(x), n, d))
		if err != nil {
			t.Fatal(err)
		}
		for i := range k {
			for j := range i + 1 {
				want := 0.0
				if i == j {
					want = p.Variance[i]
				}
				got := inner(column(z.Float64s(), k, i), column(z.Float64s(), k, j)) / float64(n-1)
				if math.Abs(got-want) > 1e-12*p.Variance[0] {
					t.Errorf("the covariance of %d and %d is %v, want %v", i, j, got, want)
				}
			}
		}
		back, err := p.Invert(z)
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, "what comes back", back.Float64s(), x, []float64{100}, 1e-12)
	})
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// noise returns n examples with d columns of falling variance.
func noise(n, d int) *tensor.Dense {
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, n*d)
	for i := range values {
		values[i] = rng.NormFloat64() / float64(1+i%d)
	}
	return dense(values, n, d)
}

// Blocks of all sizes, both ways and both types have nearly the same components, and the bits do not depend on the number of processors.
func TestPCAOfLargeArrays(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, shape := range [][2]int{{700, 150}, {130, 300}} {
		x := noise(shape[0], shape[1])
		runtime.GOMAXPROCS(1)
		want, err := data.PCA{Components: 4}.Fit(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(3)
		got, err := data.PCA{Components: 4}.Fit(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Components, want.Components) || !slices.Equal(got.Variance, want.Variance) {
			t.Errorf("%v: other bits on three processors", shape)
		}
		z, err := want.Apply(x)
		if err != nil {
			t.Fatal(err)
		}
		for i, variance := range want.Variance {
			along := column(z.Float64s(), 4, i)
			if got := inner(along, along) / float64(shape[0]-1); math.Abs(got-variance) > 1e-12 {
				t.Errorf("%v: variance %v along component %d, want %v", shape, got, i, variance)
			}
		}
		single, err := data.PCA{Components: 4}.Fit(t.Context(), toSingle(x))
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, "components of float32", single.Components, want.Components, []float64{1}, 1e-5)
		wantNear(t, "variance of float32", single.Variance, want.Variance, []float64{1}, 1e-6)
	}
}

// Bytes stand for fractions, images have as many columns as pixels.
func TestPCAOfBytes(t *testing.T) {
	images := dense([]uint8{0, 0, 255, 255, 0, 255, 255, 0}, 2, 2, 2)
	p, err := data.PCA{Components: 1}.Fit(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "mean", p.Mean, []float64{0, 0.5, 1, 0.5}, []float64{1}, 1e-7)
	wantNear(t, "component", p.Components, []float64{0, math.Sqrt(0.5), 0, -math.Sqrt(0.5)}, []float64{1}, 1e-7)
	z, err := p.Apply(images)
	if err != nil || z.Dtype() != tensor.Float32 {
		t.Fatal(z, err)
	}
}

// Equal examples differ in no direction, so that any will do.
func TestPCAOfEqualExamples(t *testing.T) {
	x := dense([]float64{1, 2, 1, 2, 1, 2}, 3, 2)
	p, err := data.PCA{Share: 0.9, Whiten: true}.Fit(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "variance", p.Variance, []float64{0}, []float64{0}, 0)
	wantNear(t, "share", p.Share, []float64{0}, []float64{0}, 0)
	z, err := p.Apply(x)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "projections", z.Float64s(), []float64{0, 0, 0}, []float64{0}, 0)
}

// A component that has exactly the share that was asked for is not enough, as in scikit-learn.
func TestPCAKeepsMoreThanTheShare(t *testing.T) {
	x := dense([]float64{1, 0, -1, 0, 0, 1, 0, -1}, 4, 2)
	for share, want := range map[float64]int{0.49: 1, 0.5: 2, 0.51: 2} {
		p, err := data.PCA{Share: share}.Fit(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(p.Variance); got != want {
			t.Errorf("%d components have more than %v of the variance, want %d", got, share, want)
		}
	}
}

// Components along which there is hardly any variance are orthogonal to the others to the last digits.
func TestPCAOfGradedExamples(t *testing.T) {
	const n, d = 9, 40
	x := noise(n, d)
	for i, v := range x.Float64s() {
		x.Float64s()[i] = v * math.Pow(10, -0.8*float64(i/d))
	}
	p, err := data.PCA{}.Fit(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for j := range i {
			if got := inner(p.Components[i*d:(i+1)*d], p.Components[j*d:(j+1)*d]); math.Abs(got) > 1e-15 {
				t.Errorf("the product of components %d and %d is %v", i, j, got)
			}
		}
	}
}

func TestPCAErrors(t *testing.T) {
	x := dense([]float64{1, 2, 3, 4, 5, 7}, 3, 2)
	nan := math.NaN()
	for _, c := range []struct {
		p    data.PCA
		x    *tensor.Dense
		want string
	}{
		{data.PCA{}, nil, "x is nil"},
		{data.PCA{Components: 3}, x, "PCA: 3 components of 3 examples with 2 columns: give from 1 to 2"},
		{data.PCA{Components: -1}, x, "-1 components"},
		{data.PCA{Share: 1}, x, "the Share is 1"},
		{data.PCA{Share: nan}, x, "the Share is NaN"},
		{data.PCA{Share: 0.5, Components: 1}, x, "both Components, 1, and Share, 0.5"},
		{data.PCA{}, dense([]float64{1, 2}, 1, 2), "one example has no variance"},
		{data.PCA{}, dense([]float64{1, 2, nan}, 3, 1), "row 2, column 0 is NaN"},
		{data.PCA{}, dense([]float64{1e308, -1e308}, 2, 1), "lie too far apart"},
		{data.PCA{}, dense([]float64{1e200, -1e200}, 2, 1), "the variance of component 0 overflows"},
	} {
		_, err := c.p.Fit(t.Context(), c.x)
		wantError(t, err, c.want)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (data.PCA{}).Fit(canceled, x); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that has ended", err)
	}
	if _, err := (data.StandardScaling{}).Fit(canceled, x); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that has ended", err)
	}

	p, err := data.PCA{Components: 1}.Fit(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Apply(dense([]float64{1}, 1, 1))
	wantError(t, err, "Projection.Apply: x has 1 columns and the projection 2")
	_, err = p.Invert(x)
	wantError(t, err, "Projection.Invert: x has 2 columns and the projection 1")
	_, err = p.Apply(dense([]float64{1, 2, 1, nan}, 2, 2))
	wantError(t, err, "row 1 becomes NaN in column 0")
	_, err = p.Invert(dense([]float32{math.MaxFloat32, float32(math.Inf(1))}, 2, 1))
	wantError(t, err, "row 1 becomes")
	_, err = new(data.Projection).Apply(x)
	wantError(t, err, "make it by PCA.Fit")
	_, err = p.Apply(nil)
	wantError(t, err, "x is nil")
}
