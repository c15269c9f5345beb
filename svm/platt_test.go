package svm_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// clusters returns n samples of k classes in two dimensions, which overlap.
func clusters(n, k int, seed uint64) (*tensor.Dense, []int) {
	rng := rand.New(rand.NewPCG(seed, 0))
	x, y := make([]float64, 2*n), make([]int, n)
	for i := range n {
		y[i] = 3*(i%k) - 1
		sin, cos := math.Sincos(2 * math.Pi * float64(i%k) / float64(k))
		x[2*i], x[2*i+1] = 1.5*sin+rng.NormFloat64(), 1.5*cos+rng.NormFloat64()
	}
	return dense(x, 2), y
}

// Among samples that were not seen in the fit, those which are said to be of a class with a probability
// of p are of it in about a share p of all cases.
func TestProbabilitiesAreCalibrated(t *testing.T) {
	for _, k := range []int{2, 3} {
		x, y := clusters(300, k, 1)
		c, err := svm.Platt{Seed: 1}.Fit(t.Context(), svm.SVC{}, x, y)
		if err != nil {
			t.Fatal(err)
		}
		test, truth := clusters(3000, k, 2)
		p, err := c.Probability(test)
		if err != nil {
			t.Fatal(err)
		}
		values, classes := p.Float64s(), c.Classes()
		var said, was, count [5]float64
		for i, label := range truth {
			sum := 0.0
			for class, v := range values[i*k : (i+1)*k] {
				sum += v
				bin := min(int(5*v), 4)
				said[bin] += v
				count[bin]++
				if classes[class] == label {
					was[bin]++
				}
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Fatalf("the probabilities of sample %d sum to %v", i, sum)
			}
		}
		for bin, n := range count {
			if gap := math.Abs(said[bin]-was[bin]) / n; gap > 0.08 {
				t.Errorf("%d classes: of %v probabilities around %.2f, %.2f come true", k, n, said[bin]/n, was[bin]/n)
			}
		}
	}
}

// The bits depend on the seed and on nothing else, and a model from its parts decides the same.
func TestPlattIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x, y := clusters(90, 3, 3)
	probabilities := func(seed uint64) ([]float64, *svm.Calibrated) {
		c, err := svm.Platt{Seed: seed}.Fit(t.Context(), svm.SVC{C: 3}, x, y)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Probability(x)
		if err != nil {
			t.Fatal(err)
		}
		return p.Float64s(), c
	}
	want, _ := probabilities(1)
	for _, n := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(n)
		if got, _ := probabilities(1); !slices.Equal(got, want) {
			t.Errorf("other probabilities on %d processors", n)
		}
	}
	other, c := probabilities(2)
	if slices.Equal(other, want) {
		t.Error("two seeds give the same probabilities")
	}
	again, err := c.Model.Calibrated(c.Sigmoids())
	if err != nil {
		t.Fatal(err)
	}
	p, err := again.Probability(csr(t, x))
	if err != nil || !slices.Equal(p.Float64s(), other) {
		t.Errorf("a model from its parts has other probabilities, %v", err)
	}
}

// Every fold has the gamma of all samples.
func TestPlattKeepsGamma(t *testing.T) {
	x, y := clusters(60, 2, 4)
	scaled, err := svm.Platt{}.Fit(t.Context(), svm.SVC{}, x, y)
	if err != nil {
		t.Fatal(err)
	}
	given, err := svm.Platt{}.Fit(t.Context(), svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(scaled.Gamma())}}, x, y)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(scaled.Sigmoids(), given.Sigmoids()) {
		t.Errorf("sigmoids %v and %v", scaled.Sigmoids(), given.Sigmoids())
	}
}

// A class of one sample is missing from what one of the folds is fitted to, and so is all but one class where there are two.
func TestPlattWithRareClasses(t *testing.T) {
	x, y := clusters(31, 2, 5)
	y[30] = 100
	c, err := svm.Platt{}.Fit(t.Context(), svm.SVC{}, x, y)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Probability(x)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Float64s()[3*30+2]; !(got > 0 && got < 0.5) {
		t.Errorf("the rare class has probability %v", got)
	}
	for i := range y[:30] {
		y[i] = 7
	}
	if c, err = (svm.Platt{}).Fit(t.Context(), svm.SVC{}, x, y); err != nil || len(c.Sigmoids()) != 1 {
		t.Errorf("two classes, one of a single sample: %v", err)
	}
}

// A table of kernel values, a function and the kernel that they are of calibrate alike.
func TestPlattOfPrecomputedKernels(t *testing.T) {
	x, y := clusters(60, 3, 7)
	values, table := x.Float64s(), make([]float64, 60*60)
	product := func(a, b []float64) float64 { return a[0]*b[0] + a[1]*b[1] }
	for i := range 60 {
		for j := range 60 {
			table[60*i+j] = product(values[2*i:2*i+2], values[2*j:2*j+2])
		}
	}
	sigmoids := func(kernel svm.Kernel, x svm.Samples) []svm.PlattSigmoid {
		c, err := svm.Platt{}.Fit(t.Context(), svm.SVC{Kernel: kernel, Tolerance: 1e-9}, x, y)
		if err != nil {
			t.Fatal(err)
		}
		return c.Sigmoids()
	}
	want := sigmoids(svm.Linear{}, x)
	for name, got := range map[string][]svm.PlattSigmoid{
		"table":        sigmoids(svm.Precomputed{}, dense(table, 60)),
		"sparse table": sigmoids(svm.Precomputed{}, csr(t, dense(table, 60))),
		"function":     sigmoids(svm.KernelFunc(product), x),
	} {
		for p, s := range got {
			if math.Abs(s.A-want[p].A) > 1e-5 || math.Abs(s.B-want[p].B) > 1e-5 {
				t.Errorf("%s: sigmoids %v, want %v", name, got, want)
				break
			}
		}
	}
}

// Weights follow their samples into the folds; samples of weight 0 are as good as left out, and weights of classes are those of all samples,
// also where a class is not in a fold.
func TestPlattWithWeights(t *testing.T) {
	x, y := clusters(61, 2, 8)
	y[60] = 50
	weights := make([]float64, 61)
	for i := range weights {
		weights[i] = float64(1+i%3) / 2
	}
	fit := func(machine svm.Classifier, x svm.Samples, y []int) []svm.PlattSigmoid {
		t.Helper()
		c, err := svm.Platt{}.Fit(t.Context(), machine, x, y)
		if err != nil {
			t.Fatal(err)
		}
		return c.Sigmoids()
	}
	n := map[int]float64{-1: 0, 2: 0, 50: 0}
	for _, label := range y {
		n[label]++
	}
	byHand := make(map[int]float64)
	for label, count := range n {
		byHand[label] = 61 / (3 * count)
	}
	balanced, given := fit(svm.SVC{Balanced: true}, x, y), fit(svm.SVC{ClassWeights: byHand}, x, y)
	if !slices.Equal(balanced, given) || slices.Equal(balanced, fit(svm.SVC{}, x, y)) {
		t.Errorf("balanced classes have the sigmoids %v, those of their weights %v", balanced, given)
	}
	kernel := svm.RBF{Gamma: svm.Gamma(0.5)}
	for i := range 10 {
		weights[3*i] = 0
	}
	var rows []int
	for i, w := range weights {
		if w > 0 {
			rows = append(rows, i)
		}
	}
	part, err := data.TakeRows(x, rows)
	if err != nil {
		t.Fatal(err)
	}
	labels, err := data.TakeLabels(y, rows)
	if err != nil {
		t.Fatal(err)
	}
	left, err := data.TakeLabels(weights, rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, both := range map[string][2]svm.Classifier{
		"SVC":   {svm.SVC{Kernel: kernel, SampleWeights: weights}, svm.SVC{Kernel: kernel, SampleWeights: left}},
		"NuSVC": {svm.NuSVC{Nu: 0.03, Kernel: kernel, SampleWeights: weights}, svm.NuSVC{Nu: 0.03, Kernel: kernel, SampleWeights: left}},
	} {
		if name == "NuSVC" { // a single sample is not enough for it
			y, labels = slices.Clone(y), slices.Clone(labels)
			y[60], labels[len(labels)-1] = 2, 2
		}
		if got, want := fit(both[0], x, y), fit(both[1], part, labels); !slices.Equal(got, want) {
			t.Errorf("%s: sigmoids %v with samples of weight 0, %v without them", name, got, want)
		}
	}
}

type failing struct{ err error }

func (f failing) Fit(context.Context, svm.Samples, []int) (*svm.Model, error) { return nil, f.err }

func TestPlattErrors(t *testing.T) {
	x, y := clusters(12, 2, 6)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	fit := func(p svm.Platt, machine svm.Classifier, x svm.Samples, y []int) error {
		_, err := p.Fit(t.Context(), machine, x, y)
		return err
	}
	sure := errors.New("sure")
	model, err := svm.SVC{}.Fit(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	_, missing := model.Calibrated(nil)
	_, infinite := model.Calibrated([]svm.PlattSigmoid{{A: math.Inf(1)}})
	calibrated, err := model.Calibrated([]svm.PlattSigmoid{{A: -1}})
	if err != nil {
		t.Fatal(err)
	}
	_, narrow := calibrated.Probability(dense([]float64{1}, 1))
	for want, err := range map[string]error{
		"the machine is nil":                     fit(svm.Platt{}, nil, x, y),
		"C is -1":                                fit(svm.Platt{}, svm.SVC{C: -1}, x, y),
		"sure":                                   fit(svm.Platt{}, failing{sure}, x, y),
		"x is nil":                               fit(svm.Platt{}, svm.SVC{}, nil, y),
		"1 folds: there must be at least 2":      fit(svm.Platt{Folds: 1}, svm.SVC{}, x, y),
		"each of the 2 classes has fewer than 7": fit(svm.Platt{Folds: 7}, svm.SVC{}, x, y),
		"0 sigmoids for 1 pairs":                 missing,
		"sigmoid 0 is {A:+Inf B:0}: A and B must be ": infinite,
		"1 features": narrow,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if _, err := (svm.Platt{}).Fit(canceled, svm.SVC{}, x, y); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that has ended", err)
	}
}
