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
