package svm_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// Sums that overflow, and a matrix that nobody filled, are errors.
func TestOverflowingSums(t *testing.T) {
	x, y := square()
	ctx, target := context.Background(), []float64{1, 2, 3, 4}
	huge := []float64{1e308, 1e308, 1e308, 1e308}
	for _, c := range []struct {
		name string
		fit  func() error
		want string
	}{
		{"weights of NuSVC", func() error { _, err := svm.NuSVC{SampleWeights: huge}.Fit(ctx, x, y); return err }, "overflow"},
		{"weights of NuSVR", func() error { _, err := svm.NuSVR{SampleWeights: huge}.Fit(ctx, x, target); return err }, "overflow"},
		{"weights of OneClass", func() error { _, err := svm.OneClass{SampleWeights: huge}.Fit(ctx, x); return err }, "overflow"},
		{"C of NuSVR", func() error { _, err := svm.NuSVR{C: 1e308}.Fit(ctx, x, target); return err }, "overflow"},
		{"y of SVR", func() error { _, err := svm.SVR{}.Fit(ctx, x, []float64{1e308, -1e308, 1e308, 0}); return err }, "overflow"},
		{"zero CSR", func() error { _, err := svm.SVR{}.Fit(ctx, &data.CSR{}, nil); return err }, "at least one sample"},
		{"zero CSR of OneClass", func() error { _, err := svm.OneClass{}.Fit(ctx, &data.CSR{}); return err }, "at least one sample"},
	} {
		if err := c.fit(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one that says %q", c.name, err, c.want)
		}
	}
}

// With a Nu of 1 all coefficients are at their bounds, so that rho has one end only.
func TestOneClassOfAll(t *testing.T) {
	x, _ := square()
	m, err := svm.OneClass{Nu: 1}.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	d, err := m.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range d.Float64s() {
		if !(math.Abs(v) < 1e-6) { // the four are alike
			t.Errorf("the decision value of row %d is %v", i, v)
		}
	}
}

// Samples that a kernel does not tell apart move each other to their bounds in one step, whatever its size.
func TestKernelsWithoutCurvature(t *testing.T) {
	x, y := square()
	for _, value := range []float64{1e-300, 1, 1e300, -1} {
		m, err := svm.SVC{Kernel: svm.KernelFunc(func(x, z []float64) float64 { return value })}.Fit(context.Background(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		if r := m.Report().Pairs[0]; !r.Converged || r.Iterations > 4 || r.Support != 4 {
			t.Errorf("a kernel of %g: %+v", value, r)
		}
	}
}
