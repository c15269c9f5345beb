package svm_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/svm"
)

// Where the classes have no margin there is no machine, on whatever kernels and however the steps to it were rounded.
func TestNuSVCWithoutMargin(t *testing.T) {
	wantNone := func(t *testing.T, c svm.NuSVC, values []float64, columns int, y []int) {
		t.Helper()
		m, err := c.Fit(context.Background(), dense(values, columns), y)
		if err == nil {
			coefficients := m.DualCoefficients().Float64s()
			t.Fatalf("%+v: a model with coefficients from %g to %g", c, slices.Min(coefficients), slices.Max(coefficients))
		}
		if !strings.Contains(err.Error(), "no margin tells class 0 from class 1") {
			t.Fatalf("%+v: %v", c, err)
		}
	}
	// The means of weights that these nus allow can be made equal.
	for _, nu := range []float64{0.1, 0.3, 0.4, 0.5} {
		wantNone(t, svm.NuSVC{Nu: nu, Kernel: svm.Linear{}}, []float64{0, 1, 2, 3, 4, 5, 6, 7}, 1, []int{0, 0, 0, 1, 0, 0, 1, 1})
	}
	// So can those of classes that have the same samples, in any space.
	random := rand.New(rand.NewPCG(1, 2))
	for n := 2; n < 100; n += 9 {
		for _, scale := range []float64{1e-5, 1, 1e3} {
			var values []float64
			var y []int
			for range n {
				sample := []float64{scale * random.NormFloat64(), scale * random.NormFloat64()}
				values = append(append(values, sample...), sample...)
				y = append(y, 0, 1)
			}
			for _, kernel := range []svm.Kernel{svm.Linear{}, svm.RBF{}, svm.Polynomial{Degree: 2, Coef0: 1}, svm.KernelFunc(plainDot)} {
				wantNone(t, svm.NuSVC{Nu: 0.1 + 0.8*random.Float64(), Kernel: kernel}, values, 2, y)
			}
		}
	}
}

func plainDot(a, b []float64) float64 { return a[0]*b[0] + a[1]*b[1] }

// A margin that is small beside the tolerance, and beside the samples, is one.
func TestNuSVCWithSmallMargin(t *testing.T) {
	for _, gap := range []float64{1, 1e-3, 1e-6} {
		for _, scale := range []float64{1e-5, 1, 1e5} {
			t.Run(fmt.Sprintf("%g of %g", gap*scale, scale), func(t *testing.T) {
				low, high := 0.5*scale, (0.5+gap)*scale
				x := dense([]float64{-scale, -0.3 * scale, low, high, 1.7 * scale, 2 * scale}, 1)
				m, err := svm.NuSVC{Nu: 0.1, Kernel: svm.Linear{}}.Fit(context.Background(), x, []int{0, 0, 0, 1, 1, 1})
				if err != nil {
					t.Fatal(err)
				}
				// The nearest two are ±1, so that α(high - low)² = 2.
				want := 2 / ((high - low) * (high - low))
				for _, got := range m.DualCoefficients().Float64s() {
					if math.Abs(math.Abs(got)/want-1) > 1e-3 {
						t.Errorf("a coefficient is %v, want ±%v", got, want)
					}
				}
				labels, err := m.Predict(dense([]float64{low + 0.4*(high-low), low + 0.6*(high-low)}, 1))
				if err != nil || !slices.Equal(labels, []int{0, 1}) {
					t.Errorf("beside the middle of the gap are %v, %v; want 0 and 1", labels, err)
				}
			})
		}
	}
}
