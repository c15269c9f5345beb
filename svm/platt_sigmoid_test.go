package svm

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestPlattIsLIBSVMs compares with the numbers that testdata/make_platt.py explains.
func TestPlattIsLIBSVMs(t *testing.T) {
	var vectors struct {
		Sigmoids []struct {
			Values []float64
			First  []bool
			A, B   float64
		}
		Couplings []struct {
			K                    int
			Pairs, Probabilities []float64
		}
		Models []struct {
			K                        int
			A, B                     []float64
			Decisions, Probabilities [][]float64
		}
	}
	text, err := os.ReadFile("testdata/platt.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for i, v := range vectors.Sigmoids {
		s := fitSigmoid(t.Context(), v.Values, v.First)
		// The Newton steps end at a small gradient, wherever rounding led them.
		if math.Abs(s.A-v.A) > 1e-6*max(1, math.Abs(v.A)) || math.Abs(s.B-v.B) > 1e-6*max(1, math.Abs(v.B)) {
			t.Errorf("sigmoid %d is %+v, want {A:%v B:%v}", i, s, v.A, v.B)
		}
	}
	for i, v := range vectors.Couplings {
		wantProbabilities(t, i, v.K, v.Pairs, v.Probabilities)
	}
	for i, v := range vectors.Models {
		for sample, decisions := range v.Decisions {
			values := make([]float64, len(decisions))
			for p, d := range decisions {
				values[p] = PlattSigmoid{v.A[p], v.B[p]}.Probability(d)
			}
			wantProbabilities(t, i, v.K, values, v.Probabilities[sample])
		}
	}
}

func wantProbabilities(t *testing.T, i, k int, values, want []float64) {
	t.Helper()
	got := make([]float64, k)
	c := newCoupling(k)
	for p, pair := range pairs(k) {
		c.set(pair, values[p])
	}
	c.solve(got)
	for class, p := range got {
		if math.Abs(p-want[class]) > 1e-12 {
			t.Errorf("case %d: the probabilities are %v, want %v", i, got, want)
			return
		}
	}
}

// A fold without a class decides its pairs for the other one, and without both for none.
func TestDecisionsOfMissingClasses(t *testing.T) {
	v := &validation{model: &Model{pairs: pairs(3)}, values: make([][]float64, 1)}
	for _, c := range []struct {
		place     []int
		decisions []float64
		want      [3]float64
	}{
		{[]int{0, -1, -1}, nil, [3]float64{1, 1, 0}},
		{[]int{-1, -1, 0}, nil, [3]float64{0, -1, -1}},
		{[]int{-1, 0, 1}, []float64{0.7}, [3]float64{-1, -1, 0.7}},
		{[]int{0, 1, 2}, []float64{3, 4, 5}, [3]float64{3, 4, 5}},
	} {
		v.keep(0, c.place, c.decisions)
		if got := [3]float64(v.values[0]); got != c.want {
			t.Errorf("classes at %v: %v, want %v", c.place, got, c.want)
		}
	}
}

// Whatever the pairs say, classes have probabilities that sum to 1.
func TestCouplingSumsToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 12).Draw(t, "k")
		c := newCoupling(k)
		for _, pair := range pairs(k) {
			c.set(pair, rapid.Float64Range(0, 1).Draw(t, "p"))
		}
		p := make([]float64, k)
		c.solve(p)
		sum := 0.0
		for class, v := range p {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("the probability of class %d is %v", class, v)
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Fatalf("%v sum to %v", p, sum)
		}
	})
}

// If the pairs agree, p₁/(p₁+p₂) for each, the classes have the probabilities p, as nearly as
// LIBSVM's iteration goes.
func TestCouplingOfPairsThatAgree(t *testing.T) {
	want := []float64{0.5, 0.3, 0.15, 0.05}
	c := newCoupling(len(want))
	for _, pair := range pairs(len(want)) {
		c.set(pair, want[pair[0]]/(want[pair[0]]+want[pair[1]]))
	}
	got := make([]float64, len(want))
	c.solve(got)
	for class, p := range got {
		if math.Abs(p-want[class]) > 0.005 {
			t.Errorf("the probabilities are %v, want %v", got, want)
		}
	}
}
