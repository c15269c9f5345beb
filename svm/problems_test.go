package svm_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/svm"
)

// A randomProblem is one of testdata/make_problems.py, which says what its fields
// are, with LIBSVM's solutions.
type randomProblem struct {
	Name         string             `json:"name"`
	Type         string             `json:"type"`
	Kernel       string             `json:"kernel"`
	C            float64            `json:"C"`
	Nu           float64            `json:"nu"`
	Epsilon      float64            `json:"epsilon"`
	Degree       int                `json:"degree"`
	Coef0        float64            `json:"coef0"`
	Gamma        float64            `json:"gamma"`
	ClassWeight  map[string]float64 `json:"class_weight"`
	SampleWeight []float64          `json:"sample_weight"`
	N            int                `json:"n"`
	D            int                `json:"d"`
	X            []float64          `json:"x"`
	Y            []float64          `json:"y"`
	Tests        int                `json:"tests"`
	Test         []float64          `json:"test"`
	Convex       bool               `json:"convex"`
	Condition    []float64          `json:"condition"`
	Loose        references         `json:"loose"`
	Tight        references         `json:"tight"`
	Optimum      references         `json:"optimum"`
}

type references struct {
	Objective []float64 `json:"objective"` // of each pair of classes, or of the only problem
	Decision  []float64 `json:"decision"`  // (tests, pairs)
}

var loadProblems = sync.OnceValues(func() ([]randomProblem, error) {
	f, err := os.Open("testdata/problems.json.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var document struct {
		Problems []randomProblem `json:"problems"`
	}
	err = json.NewDecoder(z).Decode(&document)
	return document.Problems, err
})

// A fitted is what a fit made of a randomProblem.
type fitted struct {
	beta      [][]float64 // of each pair, over all samples
	decision  []float64   // (tests, pairs)
	converged bool
}

// classify fits a classifier.
func (p *randomProblem) classify(t rapid.TB, fit func(ctx context.Context, x svm.Samples, y []int) (*svm.Model, error)) *fitted {
	t.Helper()
	m, err := fit(context.Background(), dense(p.X, p.D), p.labels())
	if err != nil {
		t.Fatal(err)
	}
	d, err := m.Decision(dense(p.Test, p.D))
	if err != nil {
		t.Fatal(err)
	}
	f := fitted{decision: d.Float64s(), converged: m.Report().Converged()}
	indices, _ := m.SupportVectors()
	for _, coefficients := range pairCoefficients(m) {
		f.beta = append(f.beta, p.spread(indices, coefficients))
	}
	return &f
}

func (p *randomProblem) labels() []int {
	y := make([]int, p.N)
	for i, v := range p.Y {
		y[i] = int(v)
	}
	return y
}

func (p *randomProblem) kernel() svm.Kernel {
	gamma := svm.Gamma(p.Gamma)
	switch p.Kernel {
	case "linear":
		return svm.Linear{}
	case "polynomial":
		return svm.Polynomial{Degree: p.Degree, Gamma: gamma, Coef0: p.Coef0}
	case "sigmoid":
		return svm.Sigmoid{Gamma: gamma, Coef0: p.Coef0}
	case "precomputed":
		return svm.Precomputed{}
	}
	return svm.RBF{Gamma: gamma}
}

func (p *randomProblem) fit(t rapid.TB, tolerance float64) *fitted {
	t.Helper()
	ctx, kernel, weights := context.Background(), p.kernel(), p.SampleWeight
	classWeights := make(map[int]float64)
	for class, weight := range p.ClassWeight {
		label, err := strconv.Atoi(class)
		if err != nil {
			t.Fatal(err)
		}
		classWeights[label] = weight
	}
	epsilon := p.Epsilon
	if epsilon == 0 {
		epsilon = 1e-300
	}
	switch p.Type {
	case "c-svc":
		return p.classify(t, svm.SVC{C: p.C, Kernel: kernel, Tolerance: tolerance, ClassWeights: classWeights, SampleWeights: weights}.Fit)
	case "nu-svc":
		return p.classify(t, svm.NuSVC{Nu: p.Nu, Kernel: kernel, Tolerance: tolerance, SampleWeights: weights}.Fit)
	case "epsilon-svr":
		return p.regress(t, svm.SVR{C: p.C, Epsilon: epsilon, Kernel: kernel, Tolerance: tolerance, SampleWeights: weights}.Fit)
	case "nu-svr":
		return p.regress(t, svm.NuSVR{C: p.C, Nu: p.Nu, Kernel: kernel, Tolerance: tolerance, SampleWeights: weights}.Fit)
	}
	m, err := svm.OneClass{Nu: p.Nu, Kernel: kernel, Tolerance: tolerance, SampleWeights: weights}.Fit(ctx, dense(p.X, p.D))
	if err != nil {
		t.Fatal(err)
	}
	d, err := m.Decision(dense(p.Test, p.D))
	if err != nil {
		t.Fatal(err)
	}
	indices, _ := m.SupportVectors()
	return &fitted{[][]float64{p.spread(indices, m.DualCoefficients())}, d.Float64s(), m.Report().Converged}
}

// regress fits a regression.
func (p *randomProblem) regress(t rapid.TB, fit func(ctx context.Context, x svm.Samples, y []float64) (*svm.RegressionModel, error)) *fitted {
	t.Helper()
	m, err := fit(context.Background(), dense(p.X, p.D), p.Y)
	if err != nil {
		t.Fatal(err)
	}
	values, err := m.Predict(dense(p.Test, p.D))
	if err != nil {
		t.Fatal(err)
	}
	indices, _ := m.SupportVectors()
	return &fitted{[][]float64{p.spread(indices, m.DualCoefficients())}, values, m.Report().Converged}
}

// spread gives each sample its coefficient.
func (p *randomProblem) spread(indices []int, coefficients []float64) []float64 {
	beta := make([]float64, p.N)
	for s, b := range coefficients {
		beta[indices[s]] = b
	}
	return beta
}

// A dual is the problem that a fit solves, in the form of plain sums over the
// samples:
//
//	minimize    ½ βᵀKβ - linearᵀβ + kink Σ|β|
//	subject to  lowest ≤ β ≤ highest and a fixed sum of β
//
// In the nu problems the sum of the positive and that of the negative β are
// fixed each.
type dual struct {
	samples         []int
	k               [][]float64
	linear          []float64
	lowest, highest []float64
	kink            float64
	nu              bool
	sum             float64 // of β
	total           float64 // of |β|, in the nu problems; in the regression at most
}

// duals returns the problem of each pair of classes, or the only one.
func (p *randomProblem) duals() []dual {
	rows := rowsOf(dense(p.X, p.D))
	var all []dual
	for _, samples := range p.pairs() {
		n := len(samples)
		d := dual{samples: samples, linear: make([]float64, n), lowest: make([]float64, n), highest: make([]float64, n)}
		sum := 0.0
		for k, i := range samples {
			price, weight := p.weight(i)
			sum += weight
			positive := p.Y[i] == p.Y[samples[0]]
			switch p.Type {
			case "c-svc", "nu-svc":
				bound, sign := price, 1.0
				if p.Type == "nu-svc" {
					bound = weight
				}
				if !positive {
					sign = -1
				}
				d.lowest[k], d.highest[k] = min(0, sign*bound), max(0, sign*bound)
				if p.Type == "c-svc" {
					d.linear[k] = sign
				}
			case "one-class":
				d.highest[k] = weight
			default:
				d.linear[k], d.lowest[k], d.highest[k] = p.Y[i], -price, price
			}
		}
		switch p.Type {
		case "one-class":
			d.sum = p.Nu * sum
		case "nu-svc":
			d.nu, d.total = true, p.Nu*sum
		case "nu-svr":
			d.nu, d.total = true, p.Nu*p.C*sum
		case "epsilon-svr":
			d.kink = p.Epsilon
		}
		d.k = p.kernelMatrix(rows, samples)
		all = append(all, d)
	}
	return all
}

// pairs returns the samples of each pair of classes, those of the first before
// those of the second, or all samples.
func (p *randomProblem) pairs() [][]int {
	everything := make([]int, p.N)
	for i := range everything {
		everything[i] = i
	}
	if p.Type != "c-svc" && p.Type != "nu-svc" {
		return [][]int{everything}
	}
	var all [][]int
	classes := slices.Compact(slices.Sorted(slices.Values(p.Y)))
	for a, first := range classes {
		for _, second := range classes[a+1:] {
			var samples []int
			for _, class := range []float64{first, second} {
				for i, y := range p.Y {
					if y == class {
						samples = append(samples, i)
					}
				}
			}
			all = append(all, samples)
		}
	}
	return all
}

// weight returns the weight of a sample, and C times that of its class and its own.
func (p *randomProblem) weight(i int) (price, weight float64) {
	price, weight = p.C, 1
	if w, ok := p.ClassWeight[strconv.Itoa(int(p.Y[i]))]; ok && p.Type == "c-svc" {
		price *= w
	}
	if p.SampleWeight != nil {
		weight = p.SampleWeight[i]
	}
	return price * weight, weight
}

func (p *randomProblem) kernelMatrix(rows [][]float64, samples []int) [][]float64 {
	k := make([][]float64, len(samples))
	for a, i := range samples {
		k[a] = make([]float64, len(samples))
		for b, j := range samples {
			switch p.Kernel {
			case "linear":
				k[a][b] = linear(rows[i], rows[j])
			case "polynomial":
				k[a][b] = math.Pow(p.Gamma*linear(rows[i], rows[j])+p.Coef0, float64(p.Degree))
			case "rbf":
				k[a][b] = radial(p.Gamma)(rows[i], rows[j])
			case "sigmoid":
				k[a][b] = math.Tanh(p.Gamma*linear(rows[i], rows[j]) + p.Coef0)
			case "precomputed":
				k[a][b] = rows[i][j]
			}
		}
	}
	return k
}

// of returns the β of the samples of the problem, in the nu classification as they
// are before the model divides them by the margin, and what it divided them by.
func (d *dual) of(p *randomProblem, all []float64) (beta []float64, margin float64) {
	sum := 0.0
	for _, i := range d.samples {
		beta = append(beta, all[i])
		sum += math.Abs(all[i])
	}
	if p.Type != "nu-svc" {
		return beta, 1
	}
	margin = d.total / sum
	for k := range beta {
		beta[k] *= margin
		if bound := d.lowest[k] + d.highest[k]; math.Abs(beta[k]-bound) < 1e-14*math.Abs(bound) {
			beta[k] = bound // it was
		}
	}
	return beta, margin
}

func (d *dual) objective(beta []float64) float64 {
	objective := 0.0
	for i, b := range beta {
		objective += b*linear(d.k[i], beta)/2 - d.linear[i]*b + d.kink*math.Abs(b)
	}
	return objective
}

// rounding is what rounding may make of the objective.
func (d *dual) rounding(beta []float64) float64 {
	size := 0.0
	for i, b := range beta {
		for j, c := range beta {
			size += math.Abs(b * c * d.k[i][j])
		}
	}
	return 1e-14 * size
}

// infeasible returns by how much the bounds are violated, and the fixed sums as a
// part of what is added up.
func (d *dual) infeasible(beta []float64) (bounds, sums float64) {
	sum, total := -d.sum, 0.0
	for i, b := range beta {
		bounds = max(bounds, d.lowest[i]-b, b-d.highest[i])
		sum += b
		total += math.Abs(b)
	}
	sums = math.Abs(sum)
	if d.nu {
		sums = max(sums, total-d.total)
	}
	return bounds, sums / max(total, math.SmallestNonzeroFloat64)
}

// violation returns by how much the optimality conditions are violated.
func (d *dual) violation(beta []float64) float64 {
	type level struct{ top, bottom float64 }
	levels := []level{{math.Inf(-1), math.Inf(1)}, {math.Inf(-1), math.Inf(1)}}
	add := func(at int, g float64, mayRise, mayFall bool) {
		if mayRise {
			levels[at].top = max(levels[at].top, g)
		}
		if mayFall {
			levels[at].bottom = min(levels[at].bottom, g)
		}
	}
	for i, b := range beta {
		g := d.linear[i] - linear(d.k[i], beta)
		switch {
		case !d.nu:
			rise, fall := g-d.kink, g+d.kink
			if b < 0 {
				rise = g + d.kink
			}
			if b > 0 {
				fall = g - d.kink
			}
			add(0, rise, b < d.highest[i], false)
			add(0, fall, false, b > d.lowest[i])
		default: // variables of either sign have a constraint of their own
			if d.highest[i] > 0 {
				add(0, g, b < d.highest[i], b > 0)
			}
			if d.lowest[i] < 0 {
				add(1, g, b < 0, b > d.lowest[i])
			}
		}
	}
	return max(levels[0].top-levels[0].bottom, levels[1].top-levels[1].bottom)
}

// check compares a solution with what it must be.
func (d *dual) check(t rapid.TB, tolerance float64, at int, beta []float64) {
	t.Helper()
	bounds, sums := d.infeasible(beta)
	if gap := d.violation(beta); gap > tolerance || bounds > 0 || sums > 1e-12 {
		t.Errorf("tolerance %g, pair %d: optimality violated by %g, bounds by %g, the fixed sums by %g of them", tolerance, at, gap, bounds, sums)
	}
}

func eachProblem(t *testing.T, run func(t *testing.T, p *randomProblem)) {
	problems, err := loadProblems()
	if err != nil {
		t.Fatal(err)
	}
	convex := make(map[string]int)
	for _, p := range problems {
		if p.Convex {
			convex[""]++
			convex[p.Type]++
			convex[p.Kernel]++
		}
	}
	if len(convex) != 1+5+5 || convex[""] < 200 {
		t.Fatalf("too few problems: %v", convex)
	}
	for i := range problems {
		p := &problems[i]
		t.Run(strconv.Itoa(i)+", "+p.Type+", "+p.Kernel+", "+p.Name, func(t *testing.T) { run(t, p) })
	}
}

// The objective of no problem is further above LIBSVM's than by 1e-6 of it, at the
// usual tolerance and at a small one, and the conditions of optimality hold.
// Where a kernel has negative curvature there are several local optima, so that
// only the conditions can be asked for.
//
// Decision values agree to 1e-6 with the optimum at a tolerance of 1e-8, or to what
// that tolerance allows where the problem amplifies it more than a hundredfold. At
// a tolerance of 1e-3 they agree to 1e-3, or as well as LIBSVM's do: those of some
// problems are further from the optimum. LIBSVM's own at 1e-8 are no measure, as its
// float32 kernel values leave them up to 0.3 from the optimum.
func TestNoWorseThanLIBSVM(t *testing.T) {
	eachProblem(t, func(t *testing.T, p *randomProblem) {
		p.compare(t, 1e-3, p.Loose, max(1e-3, worstGap(p.Loose.Decision, p.Optimum.Decision)))
		p.compare(t, 1e-8, p.Tight, max(1e-6, 1e-8*slices.Max(p.Condition)))
	})
}

// compare fits with a tolerance and compares with LIBSVM's objectives and the
// optimum.
func (p *randomProblem) compare(t *testing.T, tolerance float64, theirs references, agreement float64) {
	f := p.fit(t, tolerance)
	if !f.converged {
		t.Errorf("tolerance %g: not converged", tolerance)
	}
	for at, d := range p.duals() {
		beta, _ := d.of(p, f.beta[at])
		d.check(t, tolerance, at, beta)
		got, loose, optimum, rounding := d.objective(beta), theirs.Objective[at], p.Optimum.Objective[at], d.rounding(beta)
		if p.Convex && (got > loose+1e-6*math.Abs(loose)+rounding || got < optimum-1e-9*math.Abs(optimum)-rounding) {
			t.Errorf("tolerance %g, pair %d: dual objective %.10g, LIBSVM's %.10g (off by %.1e), optimum %.10g (off by %.1e)", tolerance, at,
				got, loose, (got-loose)/math.Abs(loose), optimum, (got-optimum)/math.Abs(optimum))
		}
	}
	if off := worstGap(f.decision, p.Optimum.Decision); p.Convex && !(off <= agreement) {
		t.Errorf("tolerance %g: decision values differ by up to %.1e from the optimum, want %.1e", tolerance, off, agreement)
	}
}
