package svm_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/svm"
)

// What TestLinearDualityGap says holds for regressions, too.
func TestLinearSVRDualityGap(t *testing.T) {
	check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 20).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "d")
		r := svm.LinearSVR{
			C:         math.Pow(10, float64(rapid.IntRange(-3, 2).Draw(t, "log C"))),
			Epsilon:   rapid.SampledFrom([]float64{0, 0.5, 3}).Draw(t, "epsilon"),
			Squared:   rapid.Bool().Draw(t, "squared"),
			NoBias:    rapid.Bool().Draw(t, "no bias"),
			Tolerance: rapid.SampledFrom([]float64{1e-1, 1e-4}).Draw(t, "tolerance"),
			Seed:      rapid.Uint64().Draw(t, "seed"),
			MaxIter:   1e6,
		}
		x, y := make([]float64, n*d), make([]float64, n)
		for i := range x {
			x[i] = float64(rapid.IntRange(-2, 2).Draw(t, "x"))
		}
		for i := range y {
			y[i] = float64(rapid.IntRange(-6, 6).Draw(t, "y")) / 2
		}
		if rapid.Bool().Draw(t, "weighted") {
			r.SampleWeights = slices.Repeat([]float64{1}, n)
			for i := range n - 1 {
				r.SampleWeights[i] = float64(rapid.IntRange(0, 3).Draw(t, "weight"))
			}
		}
		m, err := r.Fit(context.Background(), dense(x, d), y)
		if err != nil {
			t.Fatal(err)
		}
		report := m.Report()
		if !report.Converged || report.Gap > r.Tolerance {
			t.Fatalf("not converged: %+v", report)
		}
		w, b := m.Weights(), m.Intercept()
		primal, costs := linear(w, w)/2+b*b/2, 0.0 // the Bias is 1
		for i, v := range y {
			cost := r.C
			if r.SampleWeights != nil {
				cost *= r.SampleWeights[i]
			}
			loss := max(0, math.Abs(v-linear(w, x[i*d:(i+1)*d])-b)-r.Epsilon)
			if r.Squared {
				loss *= loss
			}
			primal += cost * loss
			costs += cost
		}
		bound := costs * r.Tolerance
		if r.Squared {
			bound = 2 * costs * r.Tolerance * r.Tolerance
		}
		rounding := 1e-12 * (primal + costs)
		if gap := primal + report.Objective; gap < -rounding || gap > bound+rounding {
			t.Fatalf("primal %v, dual %v: they differ by %v, and at most %v is allowed", primal, -report.Objective, gap, bound)
		}
	})
}

func TestLinearSVRBadInput(t *testing.T) {
	x, _ := square()
	y := []float64{1, 2, 3, 4}
	for name, test := range map[string]struct {
		r    svm.LinearSVR
		x    svm.Samples
		y    []float64
		want string
	}{
		"nil":       {x: nil, y: y, want: "x is nil"},
		"NaN":       {x: dense([]float64{0, 1, 2, math.NaN()}, 1), y: y, want: "NaN at row 3, column 0"},
		"targets":   {x: x, y: y[:3], want: "4 rows and y has 3 targets"},
		"target":    {x: x, y: []float64{1, 2, math.Inf(-1), 4}, want: "y is -Inf at row 2"},
		"C":         {r: svm.LinearSVR{C: -1}, x: x, y: y, want: "C is -1"},
		"epsilon":   {r: svm.LinearSVR{Epsilon: -1}, x: x, y: y, want: "Epsilon is -1"},
		"NaN again": {r: svm.LinearSVR{Epsilon: math.NaN()}, x: x, y: y, want: "Epsilon is NaN"},
		"bias":      {r: svm.LinearSVR{Bias: -1}, x: x, y: y, want: "Bias is -1"},
		"weights":   {r: svm.LinearSVR{SampleWeights: y[:1]}, x: x, y: y, want: "there are 1 SampleWeights"},
		"weight":    {r: svm.LinearSVR{SampleWeights: []float64{1, -1, 1, 1}}, x: x, y: y, want: "sample weight of row 1 is -1"},
		"overflow":  {r: svm.LinearSVR{C: 1e300, NoBias: true}, x: x, y: []float64{1, 1, 1e300, -1e300}, want: "overflow"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := test.r.Fit(context.Background(), test.x, test.y)
			if err == nil || m != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "svm: fitting: ") {
				t.Errorf("model %v, error %v; want one with %q", m, err, test.want)
			}
		})
	}
	m, err := svm.LinearSVR{}.Fit(context.Background(), x, y)
	if err != nil || m.Features() != 2 {
		t.Fatal(err)
	}
	if _, err := m.Predict(dense([]float64{1, 2, 3}, 3)); err == nil || !strings.Contains(err.Error(), "3 features and the model was fitted with 2") {
		t.Errorf("Predict: error %v", err)
	}
}

func TestLinearSVRStops(t *testing.T) {
	x, labels := text(2000, 3000, 4)
	y := make([]float64, len(labels))
	for i, label := range labels {
		y[i] = float64(label)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	m, err := svm.LinearSVR{Tolerance: 1e-300, MaxIter: math.MaxInt}.Fit(ctx, x, y)
	if m != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("model %v, error %v", m, err)
	}
	var want *svm.LinearRegressionModel
	for _, procs := range []int{1, 3} {
		before := runtime.GOMAXPROCS(procs)
		m, err := svm.LinearSVR{MaxIter: 3, Tolerance: 1e-9}.Fit(context.Background(), x, y)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if r := m.Report(); r.Converged || r.Epochs != 3 || r.Gap <= 1e-9 {
			t.Errorf("report %+v", r)
		}
		if want == nil {
			want = m
		} else if !slices.Equal(m.Weights(), want.Weights()) {
			t.Error("the number of processors changes the weights")
		}
	}
}
