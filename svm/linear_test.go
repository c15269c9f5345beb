package svm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

func fitLinear(t testing.TB, c svm.LinearSVC, x svm.Samples, y []int) *svm.LinearModel {
	t.Helper()
	m, err := c.Fit(context.Background(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The machines of linear.json, which testdata/make_linear.py explains.
func TestLinearAsLIBLINEAR(t *testing.T) {
	text, err := os.ReadFile("testdata/linear.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Loss    string
		C, Bias       float64
		ClassWeights  map[string]float64 `json:"class_weights"`
		SampleWeights []float64          `json:"sample_weights"`
		X, Test       [][]float64
		Y             []int
		Targets       []float64
		Epsilon       float64
		Weights       [][]float64
		Intercepts    []float64
		Decision      [][]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 48 {
		t.Fatalf("only %d cases", len(cases))
	}
	worst := 0.0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			machine := svm.LinearSVC{C: c.C, Bias: c.Bias, NoBias: c.Bias == 0, SampleWeights: c.SampleWeights, Tolerance: 1e-9, MaxIter: 1e6}
			if c.Loss == "hinge" {
				machine.Loss = svm.Hinge
			}
			for label, weight := range c.ClassWeights {
				if machine.ClassWeights == nil {
					machine.ClassWeights = make(map[int]float64)
				}
				n, err := strconv.Atoi(label)
				if err != nil {
					t.Fatal(err)
				}
				machine.ClassWeights[n] = weight
			}
			x, test := dense(slices.Concat(c.X...), len(c.X[0])), dense(slices.Concat(c.Test...), len(c.X[0]))
			for _, samples := range []svm.Samples{x, csr(t, x)} {
				for _, seen := range []svm.Samples{test, csr(t, test)} {
					var weights, intercepts, decision []float64
					if c.Targets == nil {
						m := fitLinear(t, machine, samples, c.Y)
						d, err := m.Decision(seen)
						if err != nil || !m.Report().Converged() {
							t.Fatal(err, m.Report())
						}
						weights, intercepts, decision = m.Weights().Float64s(), m.Intercepts(), d.Float64s()
					} else {
						m, err := svm.LinearSVR{
							C: c.C, Bias: c.Bias, NoBias: c.Bias == 0, SampleWeights: c.SampleWeights, Tolerance: 1e-9, MaxIter: 1e6,
							Epsilon: c.Epsilon, Squared: c.Loss == "squared_epsilon_insensitive",
						}.Fit(context.Background(), samples, c.Targets)
						if err != nil || !m.Report().Converged {
							t.Fatal(err, m.Report())
						}
						weights, intercepts = m.Weights(), []float64{m.Intercept()}
						if decision, err = m.Predict(seen); err != nil {
							t.Fatal(err)
						}
					}
					for what, pair := range map[string][2][]float64{
						"weights":         {weights, slices.Concat(c.Weights...)},
						"intercepts":      {intercepts, c.Intercepts},
						"decision values": {decision, slices.Concat(c.Decision...)},
					} {
						gap := worstGap(pair[0], pair[1])
						worst = max(worst, gap)
						if gap > 1e-7 {
							t.Errorf("%T: %s differ by up to %.1e", samples, what, gap)
						}
					}
				}
			}
		})
	}
	t.Logf("weights, intercepts and decision values differ by up to %.1e", worst)
}

// The distance between what a fit minimizes and the dual, both computed from the
// samples and the weights, bounds how far either is from the optimum. If no αᵢ
// violates its condition by more than ε, it is at most Σ Cᵢ ε for the hinge, and
// 2 Σ Cᵢ ε² for its square.
func TestLinearDualityGap(t *testing.T) {
	check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(2, 20).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "d")
		k := rapid.IntRange(2, min(n, 4)).Draw(t, "classes")
		c := svm.LinearSVC{
			C:         math.Pow(10, float64(rapid.IntRange(-3, 2).Draw(t, "log C"))),
			Loss:      rapid.SampledFrom([]svm.Loss{svm.SquaredHinge, svm.Hinge}).Draw(t, "loss"),
			Bias:      rapid.SampledFrom([]float64{0, 3}).Draw(t, "bias"),
			NoBias:    rapid.Bool().Draw(t, "no bias"),
			Tolerance: rapid.SampledFrom([]float64{1e-1, 1e-4}).Draw(t, "tolerance"),
			Seed:      rapid.Uint64().Draw(t, "seed"),
			MaxIter:   1e6,
		}
		// Few values make duplicates, zero rows and features that are the same throughout.
		x, y := make([]float64, n*d), make([]int, n)
		for i := range x {
			x[i] = float64(rapid.IntRange(-2, 2).Draw(t, "x"))
		}
		for i := range y {
			if y[i] = i; i >= k {
				y[i] = rapid.IntRange(0, k-1).Draw(t, "y")
			}
		}
		if rapid.Bool().Draw(t, "weighted") {
			c.SampleWeights = slices.Repeat([]float64{1}, n)
			for i := range c.SampleWeights {
				c.SampleWeights[i] = float64(rapid.IntRange(0, 3).Draw(t, "weight"))
			}
			c.SampleWeights[0] = 1
			c.ClassWeights = map[int]float64{0: 2}
		}
		var samples svm.Samples = dense(x, d)
		if rapid.Bool().Draw(t, "sparse") {
			sparse, err := data.CSRFromDense(dense(x, d))
			if err != nil {
				t.Fatal(err)
			}
			samples = sparse
		}
		m, err := c.Fit(context.Background(), samples, y)
		if err != nil {
			t.Fatal(err)
		}
		bias := 1.0
		if c.NoBias {
			bias = 0
		} else if c.Bias > 0 {
			bias = c.Bias
		}
		weights, intercepts := rowsOf(m.Weights()), m.Intercepts()
		for p, r := range m.Report().Problems {
			if !r.Converged || r.Gap > c.Tolerance {
				t.Fatalf("not converged: %+v", r)
			}
			primal := linear(weights[p], weights[p]) / 2
			if bias > 0 {
				primal += intercepts[p] / bias * intercepts[p] / bias / 2
			}
			costs := 0.0
			for i, label := range y {
				cost, sign := c.C, -1.0
				if label == r.Class {
					sign = 1
				}
				if w, ok := c.ClassWeights[label]; ok && (label == r.Class || k == 2) {
					cost *= w
				}
				if c.SampleWeights != nil {
					cost *= c.SampleWeights[i]
				}
				loss := max(0, 1-sign*(linear(weights[p], x[i*d:(i+1)*d])+intercepts[p]))
				if c.Loss == svm.SquaredHinge {
					loss *= loss
				}
				primal += cost * loss
				costs += cost
			}
			bound := costs * c.Tolerance
			if c.Loss == svm.SquaredHinge {
				bound = 2 * costs * c.Tolerance * c.Tolerance
			}
			rounding := 1e-12 * (primal + costs)
			if gap := primal + r.Objective; gap < -rounding || gap > bound+rounding {
				t.Fatalf("class %d: primal %v, dual %v: they differ by %v, and at most %v is allowed", r.Class, primal, -r.Objective, gap, bound)
			}
		}
	})
}

// text is n samples like texts: of d features a few, of norm 1, most of them rare.
func text(n, d, k int) (*data.CSR, []int) {
	rng := rand.New(rand.NewPCG(5, 6))
	starts, indices, values, y := []int{0}, []int32{}, []float32{}, []int{}
	for i := range n {
		y = append(y, i%k)
		words := make(map[int32]float64)
		for range 30 {
			word := math.Pow(float64(d), rng.Float64()) - 1 // Zipf's law
			if rng.IntN(3) == 0 {
				word = float64(int(word)/k*k + y[i]) // a word of the class
			}
			words[int32(min(word, float64(d-1)))]++
		}
		square := 0.0
		for _, v := range words {
			square += v * v
		}
		for j := range int32(d) {
			if v, ok := words[j]; ok {
				indices, values = append(indices, j), append(values, float32(v/math.Sqrt(square)))
			}
		}
		starts = append(starts, len(values))
	}
	x, err := data.NewCSR(d, starts, indices, values)
	if err != nil {
		panic(err)
	}
	return x, y
}

// Neither processors nor the layout of zeros change what is found; the seed changes
// it within the tolerance.
func TestLinearDeterminism(t *testing.T) {
	x, y := text(300, 2000, 5)
	want := fitLinear(t, svm.LinearSVC{}, x, y)
	bits := func(m *svm.LinearModel) string {
		return fmt.Sprint(m.Weights().Float64s(), m.Intercepts(), m.Report())
	}
	for _, procs := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(procs)
		if got := fitLinear(t, svm.LinearSVC{}, x, y); bits(got) != bits(want) {
			t.Errorf("on %d processors the model differs", procs)
		}
		runtime.GOMAXPROCS(before)
	}
	full, err := x.Dense()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*svm.LinearModel{
		"another seed": fitLinear(t, svm.LinearSVC{Seed: 1}, x, y), "dense samples": fitLinear(t, svm.LinearSVC{}, full, y),
	} {
		if bits(got) == bits(want) {
			t.Errorf("%s: the same bits, which is too much of a good thing", name)
		}
		if gap := worstGap(got.Weights().Float64s(), want.Weights().Float64s()); gap > 1e-3 {
			t.Errorf("%s: weights differ by up to %v", name, gap)
		}
	}
	labels, err := want.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, label := range labels {
		if label != y[i] {
			wrong++
		}
	}
	if wrong > 3 {
		t.Errorf("%d of %d training samples are read wrongly", wrong, len(y))
	}
}

// Predictions are those of the greatest decision value.
func TestLinearPredictions(t *testing.T) {
	for _, k := range []int{2, 4} {
		x, y := text(100, 500, k)
		m := fitLinear(t, svm.LinearSVC{MaxIter: 2}, x, y) // badly, so that some are wrong
		labels, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		d, err := m.Decision(x)
		if err != nil {
			t.Fatal(err)
		}
		weights, intercepts := rowsOf(m.Weights()), m.Intercepts()
		for i, values := range rowsOf(d) {
			for p, v := range values {
				want := intercepts[p]
				for j, u := range x.Row(i) {
					want += weights[p][j] * u
				}
				if math.Abs(v-want) > 1e-12 {
					t.Fatalf("decision value %v of row %d, class %d, want %v", v, i, p, want)
				}
			}
			if k == 2 {
				values = append(values, 0)
			}
			if best := slices.Index(values, slices.Max(values)); labels[i] != m.Classes()[best] {
				t.Errorf("row %d of the decision values %v is said to be %d", i, values, labels[i])
			}
		}
	}
}

func TestLinearMaxIter(t *testing.T) {
	x, y := text(200, 500, 3)
	for _, limit := range []int{1, 3} {
		r := fitLinear(t, svm.LinearSVC{MaxIter: limit, Tolerance: 1e-8}, x, y).Report()
		if r.Converged() || len(r.Problems) != 3 {
			t.Errorf("converged in %d epochs: %+v", limit, r)
		}
		for class, p := range r.Problems {
			if p.Epochs != limit || p.Gap <= 1e-8 || p.Class != class || p.Converged {
				t.Errorf("report %+v", p)
			}
		}
	}
}

func TestLinearBadInput(t *testing.T) {
	x, y := square()
	for name, test := range map[string]struct {
		c    svm.LinearSVC
		x    svm.Samples
		y    []int
		want string
	}{
		"nil":             {x: nil, y: y, want: "x is nil"},
		"type":            {x: neither{}, y: y, want: "give a *tensor.Dense or a *data.CSR"},
		"NaN":             {x: dense([]float64{0, 1, 2, math.NaN()}, 2), y: []int{0, 1}, want: "NaN at row 1, column 1"},
		"sparse NaN":      {x: csr(t, dense([]float64{0, 1, 2, math.NaN()}, 2)), y: []int{0, 1}, want: "NaN at row 1, column 1"},
		"sparse infinity": {x: csr(t, dense([]float32{0, 1, float32(math.Inf(-1)), 3}, 2)), y: []int{0, 1}, want: "-Inf at row 1, column 0"},
		"labels":          {x: x, y: []int{0, 1}, want: "4 rows and y has 2 labels"},
		"one class":       {x: x, y: []int{3, 3, 3, 3}, want: "all 4 labels are 3"},
		"C":               {c: svm.LinearSVC{C: -1}, x: x, y: y, want: "C is -1"},
		"C NaN":           {c: svm.LinearSVC{C: math.NaN()}, x: x, y: y, want: "C is NaN"},
		"C infinite":      {c: svm.LinearSVC{C: math.Inf(1)}, x: x, y: y, want: "C is +Inf"},
		"C tiny":          {c: svm.LinearSVC{C: 5e-324}, x: x, y: y, want: "C is 5e-324"},
		"loss":            {c: svm.LinearSVC{Loss: 2}, x: x, y: y, want: "Loss is 2"},
		"bias":            {c: svm.LinearSVC{Bias: -1}, x: x, y: y, want: "Bias is -1"},
		"tolerance":       {c: svm.LinearSVC{Tolerance: math.Inf(1)}, x: x, y: y, want: "Tolerance is +Inf"},
		"iterations":      {c: svm.LinearSVC{MaxIter: -1}, x: x, y: y, want: "MaxIter is -1"},
		"class weight":    {c: svm.LinearSVC{ClassWeights: map[int]float64{1: -2}}, x: x, y: y, want: "weight of class 1 is -2"},
		"class weight 0":  {c: svm.LinearSVC{ClassWeights: map[int]float64{1: 0}}, x: x, y: y, want: "weight of class 1 is 0"},
		"unknown class":   {c: svm.LinearSVC{ClassWeights: map[int]float64{0: 1, 7: 1}}, x: x, y: y, want: "for 2 labels and y has 1 of them"},
		"weights":         {c: svm.LinearSVC{SampleWeights: []float64{1}}, x: x, y: y, want: "4 rows and there are 1 SampleWeights"},
		"weight":          {c: svm.LinearSVC{SampleWeights: []float64{1, 1, math.NaN(), 1}}, x: x, y: y, want: "sample weight of row 2 is NaN"},
		"no weight":       {c: svm.LinearSVC{SampleWeights: make([]float64, 4)}, x: x, y: y, want: "all SampleWeights are 0"},
		"norm":            {x: dense([]float64{0, 1, 1e200, -1e200}, 1), y: y, want: "the squared norm of row 2"},
		"sparse norm":     {x: csr(t, dense([]float64{0, 1, 1e200, -1e200}, 1)), y: y, want: "the squared norm of row 2"},
		"weights too big": {c: svm.LinearSVC{C: 1e308, Loss: svm.Hinge, NoBias: true}, x: dense(make([]float64, 4), 1), y: y, want: "the weights overflow"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := test.c.Fit(context.Background(), test.x, test.y)
			if err == nil || m != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "svm: fitting: ") {
				t.Errorf("model %v, error %v; want one with %q", m, err, test.want)
			}
		})
	}
	m := fitLinear(t, svm.LinearSVC{}, x, y)
	for _, test := range []struct {
		x    svm.Samples
		want string
	}{
		{nil, "x is nil"},
		{dense([]float64{1, 2, 3}, 3), "3 features and the model was fitted with 2"},
		{dense([]float64{1, 2, math.NaN(), 4}, 2), "NaN at row 1, column 0"},
		{csr(t, dense([]float64{1, 2, math.NaN(), 4}, 2)), "NaN at row 1, column 0"},
	} {
		if _, err := m.Predict(test.x); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Predict: error %v, want one with %q", err, test.want)
		}
		if _, err := m.Decision(test.x); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Decision: error %v, want one with %q", err, test.want)
		}
	}
	steep := fitLinear(t, svm.LinearSVC{C: 1e9}, dense([]float64{0, 1e-3, 3e-3, 1e-3, 5e-3, 2e-3, 1e-3, 9e-3}, 2), y)
	if _, err := steep.Predict(dense([]float64{1, 2, math.MaxFloat64, math.MaxFloat64}, 2)); err == nil || !strings.Contains(err.Error(), "row 1 of x overflows") {
		t.Errorf("Predict: error %v, want one of an overflow", err)
	}
}

// A context ends a fit that would take long.
func TestLinearCancel(t *testing.T) {
	x, y := text(2000, 3000, 4)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	m, err := svm.LinearSVC{Tolerance: 1e-300, MaxIter: math.MaxInt}.Fit(ctx, x, y)
	if m != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("model %v, error %v", m, err)
	}
	cancel()
	if m, err := (svm.LinearSVC{}).Fit(ctx, x, y); m != nil || err == nil {
		t.Errorf("model %v, error %v", m, err)
	}
}

// Features that do not occur cost their weight and no more.
func TestLinearManyFeatures(t *testing.T) {
	const d = 5_000_000
	x, err := data.NewCSR(d, []int{0, 1, 2, 3, 4}, []int32{7, d - 1, 7, d - 1}, []float32{1, 1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	m := fitLinear(t, svm.LinearSVC{C: 10}, x, []int{0, 1, 0, 1})
	labels, err := m.Predict(x)
	if err != nil || !slices.Equal(labels, []int{0, 1, 0, 1}) {
		t.Errorf("labels %v, error %v", labels, err)
	}
	if w := m.Weights(); !slices.Equal(w.Shape(), tensor.Shape{1, d}) || m.Features() != d {
		t.Errorf("weights of shape %v", w.Shape())
	}
}
