package svm_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/svm"
)

// rowsMatrix returns K of each of some samples and all others.
func rowsMatrix(samples, others [][]float64, kernel func(x, z []float64) float64) []float64 {
	var k []float64
	for _, x := range samples {
		for _, z := range others {
			k = append(k, kernel(x, z))
		}
	}
	return k
}

// The same kernel decides the same, whether it is built in, defined by a program or given as a table.
func TestKernelsInThreeForms(t *testing.T) {
	values, y := spiral(120, 3)
	x := dense(values, 3)
	rows := rowsOf(x)
	for name, c := range map[string]struct {
		kernel svm.Kernel
		plain  func(x, z []float64) float64
	}{
		"linear": {svm.Linear{}, linear},
		"rbf":    {svm.RBF{Gamma: svm.Gamma(0.3)}, radial(0.3)},
		"polynomial": {svm.Polynomial{Gamma: svm.Gamma(0.05), Coef0: 1}, func(x, z []float64) float64 {
			return math.Pow(0.05*linear(x, z)+1, 3)
		}},
		"sigmoid": {svm.Sigmoid{Gamma: svm.Gamma(0.01), Coef0: -0.5}, func(x, z []float64) float64 {
			return math.Tanh(0.01*linear(x, z) - 0.5)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			classifier := svm.SVC{C: 0.5, Tolerance: 1e-8, Kernel: c.kernel}
			want, err := fit(t, classifier, x, y).Decision(x)
			if err != nil {
				t.Fatal(err)
			}
			classifier.Kernel = svm.KernelFunc(c.plain)
			defined, err := fit(t, classifier, x, y).Decision(x)
			if err != nil {
				t.Fatal(err)
			}
			classifier.Kernel = svm.Precomputed{}
			table := dense(rowsMatrix(rows, rows, c.plain), len(rows))
			given, err := fit(t, classifier, table, y).Decision(table)
			if err != nil {
				t.Fatal(err)
			}
			if gap := worstGap(defined.Float64s(), want.Float64s()); gap > 1e-6 {
				t.Errorf("a defined kernel decides otherwise by %g", gap)
			}
			if gap := worstGap(given.Float64s(), want.Float64s()); gap > 1e-6 {
				t.Errorf("a table decides otherwise by %g", gap)
			}
		})
	}
}

// A C-SVC with C = 1/margin has the solution of a nu-SVC.
func TestNuSVCIsAnSVC(t *testing.T) {
	values, y := spiral(150, 2)
	x := dense(values, 3)
	nu, err := svm.NuSVC{Nu: 0.4, Tolerance: 1e-9}.Fit(context.Background(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, c := range nu.DualCoefficients().Float64s() {
		total += math.Abs(c)
	}
	c := fit(t, svm.SVC{C: total / (0.4 * 150), Tolerance: 1e-9}, x, y)
	got, err := nu.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	if gap := worstGap(got.Float64s(), want.Float64s()); gap > 1e-6 {
		t.Errorf("decision values differ by %g", gap)
	}
}

// The width of the tube that a nu-SVR finds gives an SVR the same solution.
func TestNuSVRIsAnSVR(t *testing.T) {
	values, _ := spiral(150, 2)
	x := dense(values, 3)
	var y []float64
	for i := range 150 {
		y = append(y, math.Sin(float64(i)/9)+math.Sin(float64(i*i))/3)
	}
	nu, err := svm.NuSVR{Nu: 0.4, C: 3, Tolerance: 1e-9}.Fit(context.Background(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := svm.SVR{C: 3, Epsilon: nu.Epsilon(), Tolerance: 1e-9}.Fit(context.Background(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	got, err := nu.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if gap := worstGap(got, want); gap > 1e-6 || !(nu.Epsilon() > 0) {
		t.Errorf("values differ by %g, epsilon %g", gap, nu.Epsilon())
	}
	outside := 0
	for i, v := range got {
		if math.Abs(v-y[i]) > nu.Epsilon()+1e-6 {
			outside++
		}
	}
	if outside > 60 || len(nu.DualCoefficients()) < 60 {
		t.Errorf("%d samples outside the tube, %d support vectors, nu·n is 60", outside, len(nu.DualCoefficients()))
	}
}

// Without an error beyond the tube there is no support vector, and the value is constant.
func TestConstantRegression(t *testing.T) {
	m, err := svm.SVR{}.Fit(context.Background(), dense([]float64{1, 2, 3}, 1), []float64{5, 5.1, 5})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Predict(dense([]float64{-7, 100}, 1))
	if err != nil {
		t.Fatal(err)
	}
	indices, vectors := m.SupportVectors()
	if math.Abs(got[0]-5.05) > 1e-12 || got[1] != got[0] || len(indices) != 0 || vectors != nil || !m.Report().Converged {
		t.Errorf("predicted %v with support vectors %v, report %+v", got, indices, m.Report())
	}
}

func TestOneClass(t *testing.T) {
	values, _ := spiral(200, 1)
	x := dense(values, 3)
	for _, kernel := range []svm.Kernel{nil, svm.Linear{}} {
		m, err := svm.OneClass{Nu: 0.2, Kernel: kernel, Tolerance: 1e-8}.Fit(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		d, err := m.Decision(x)
		if err != nil {
			t.Fatal(err)
		}
		outliers, total := 0, 0.0
		for _, v := range d.Float64s() {
			if v < -1e-6 {
				outliers++
			}
		}
		for _, a := range m.DualCoefficients() {
			total += a
		}
		if outliers > 40 || len(m.DualCoefficients()) < 40 || math.Abs(total-40) > 1e-9 {
			t.Errorf("%T: %d outliers and %d support vectors with a sum of %v, nu·n is 40", kernel, outliers, len(m.DualCoefficients()), total)
		}
	}
}

// A sample of weight 2 counts as two, and one of weight 0 as none.
func TestWeights(t *testing.T) {
	values, y := spiral(80, 2)
	for i := range y {
		values[3*i] += float64(i) / 1000
	}
	weights := make([]float64, 80)
	var repeated []float64
	var repeatedLabels []int
	for i := range weights {
		weights[i] = float64(i % 3)
		for range i % 3 {
			repeated = append(repeated, values[3*i:3*i+3]...)
			repeatedLabels = append(repeatedLabels, y[i])
		}
	}
	kernel := svm.RBF{Gamma: svm.Gamma(0.2)}
	x := dense(values, 3)
	got, err := fit(t, svm.SVC{Kernel: kernel, Tolerance: 1e-9, SampleWeights: weights}, x, y).Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fit(t, svm.SVC{Kernel: kernel, Tolerance: 1e-9}, dense(repeated, 3), repeatedLabels).Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	if gap := worstGap(got.Float64s(), want.Float64s()); gap > 1e-6 {
		t.Errorf("decision values differ by %g", gap)
	}
	skewed := make([]int, 80)
	skewed[3], skewed[40], skewed[77] = 1, 1, 1
	balanced := fit(t, svm.SVC{Kernel: kernel, Balanced: true}, x, skewed)
	given := fit(t, svm.SVC{Kernel: kernel, ClassWeights: map[int]float64{0: 80. / 2 / 77, 1: 80. / 2 / 3}}, x, skewed)
	sameModel(t, balanced, given, x)
}

func TestBadSettings(t *testing.T) {
	values, y := spiral(30, 2)
	x := dense(values, 3)
	y[4] = 1 // 16 of class 1, 14 of class 0
	ctx := context.Background()
	target := make([]float64, 30)
	notANumber := append([]float64{math.NaN()}, target[1:]...)
	for text, fit := range map[string]func() error{
		"the largest that is feasible is 0.9333": func() error { _, err := svm.NuSVC{Nu: 0.95}.Fit(ctx, x, y); return err },
		"the Nu is -1":                           func() error { _, err := svm.NuSVC{Nu: -1}.Fit(ctx, x, y); return err },
		"the Nu is 1.5":                          func() error { _, err := svm.OneClass{Nu: 1.5}.Fit(ctx, x); return err },
		"the Epsilon is -1":                      func() error { _, err := svm.SVR{Epsilon: -1}.Fit(ctx, x, target); return err },
		"y is NaN at row 0":                      func() error { _, err := svm.SVR{}.Fit(ctx, x, notANumber); return err },
		"y has 29 values":                        func() error { _, err := svm.NuSVR{}.Fit(ctx, x, target[1:]); return err },
		"the C is -2":                            func() error { _, err := svm.NuSVR{C: -2}.Fit(ctx, x, target); return err },
		"give the (n, n) matrix":                 func() error { _, err := svm.SVC{Kernel: svm.Precomputed{}}.Fit(ctx, x, y); return err },
		"the Degree is -1":                       func() error { _, err := svm.SVC{Kernel: svm.Polynomial{Degree: -1}}.Fit(ctx, x, y); return err },
		"the Coef0 is NaN":                       func() error { _, err := svm.SVC{Kernel: svm.Sigmoid{Coef0: math.NaN()}}.Fit(ctx, x, y); return err },
		"nil svm.KernelFunc":                     func() error { _, err := svm.SVC{Kernel: svm.KernelFunc(nil)}.Fit(ctx, x, y); return err },
		"the KernelFunc gives NaN": func() error {
			nan := svm.KernelFunc(func(x, z []float64) float64 { return math.NaN() })
			_, err := svm.SVC{Kernel: nan}.Fit(ctx, x, y)
			return err
		},
		"ClassWeights for 1 labels": func() error { _, err := svm.SVC{ClassWeights: map[int]float64{7: 1}}.Fit(ctx, x, y); return err },
		"the weight of class 1 is -3": func() error {
			_, err := svm.SVC{ClassWeights: map[int]float64{1: -3}}.Fit(ctx, x, y)
			return err
		},
		"there are 2 SampleWeights":            func() error { _, err := svm.SVC{SampleWeights: make([]float64, 2)}.Fit(ctx, x, y); return err },
		"all SampleWeights are 0":              func() error { _, err := svm.SVR{SampleWeights: target}.Fit(ctx, x, target); return err },
		"samples of class 0 have the weight 0": func() error { _, err := svm.SVC{SampleWeights: target}.Fit(ctx, x, y); return err },
	} {
		if err := fit(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want one with %q", err, text)
		}
	}
}

// What scikit-learn 1.9 gives for these one-vs-one values: its _ovr_decision_function is the formula of the doc comment.
func TestDecisionOneVsRest(t *testing.T) {
	values, y := spiral(90, 3)
	x := dense(values, 3)
	m := fit(t, svm.SVC{}, x, y)
	pairwise, err := m.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	perClass, err := m.DecisionOneVsRest(x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 90 {
		d := pairwise.Float64s()[3*i : 3*i+3]
		sums := []float64{d[0] + d[1], d[2] - d[0], -d[1] - d[2]}
		for c, s := range sums {
			want := s / (3 * (math.Abs(s) + 1))
			for p, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
				if pair[0] == c && d[p] >= 0 || pair[1] == c && d[p] < 0 {
					want++
				}
			}
			if got := perClass.Float64s()[3*i+c]; math.Abs(got-want) > 1e-12 {
				t.Fatalf("row %d, class %d: %v, want %v", i, c, got, want)
			}
		}
	}
}
