package svm_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/svm"
)

// A problem is a random classification problem.
type problem struct {
	rows  [][]float64
	y     []int
	c     float64
	gamma float64 // 0: the linear kernel
	tol   float64
}

// drawProblem draws samples with duplicates, constant features and scales from
// tiny to huge.
func drawProblem(t *rapid.T, most int) problem {
	n := rapid.IntRange(2, most).Draw(t, "n")
	d := rapid.IntRange(1, 6).Draw(t, "d")
	classes := rapid.IntRange(2, min(n, 4)).Draw(t, "classes")
	scale := math.Pow(10, float64(rapid.IntRange(-4, 4).Draw(t, "scale")))
	offset := rapid.SampledFrom([]float64{0, 0, 1, 50}).Draw(t, "offset")
	p := problem{
		c:   math.Pow(10, float64(rapid.IntRange(-2, 2).Draw(t, "log C"))),
		tol: rapid.SampledFrom([]float64{1e-2, 1e-3, 1e-6}).Draw(t, "tolerance"),
	}
	if rapid.Bool().Draw(t, "radial") {
		p.gamma = rapid.Float64Range(0.01, 3).Draw(t, "gamma") / (scale * scale)
	} else {
		p.c /= scale * scale // the problem is the same at any scale then
	}
	for i := range n {
		row := make([]float64, d)
		for j := range row {
			// Few values make duplicates.
			row[j] = scale * (offset + float64(rapid.IntRange(-4, 4).Draw(t, fmt.Sprintf("x[%d,%d]", i, j)))/2)
		}
		p.rows = append(p.rows, row)
		label := i
		if i >= classes {
			label = rapid.IntRange(0, classes-1).Draw(t, "label")
		}
		p.y = append(p.y, label)
	}
	return p
}

func (p *problem) kernel() func(x, z []float64) float64 {
	if p.gamma == 0 {
		return linear
	}
	return radial(p.gamma)
}

func (p *problem) fit(t *rapid.T) *svm.Model {
	c := svm.SVC{C: p.c, Tolerance: p.tol, Kernel: svm.Linear{}}
	if p.gamma != 0 {
		c.Kernel = svm.RBF{Gamma: svm.Gamma(p.gamma)}
	}
	m, err := c.Fit(context.Background(), dense(slices.Concat(p.rows...), len(p.rows[0])), p.y)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Report().Converged() {
		t.Fatalf("not converged: %+v", m.Report())
	}
	return m
}

// forEachPair visits the problem of each pair of classes with the model's solution
// of it: its samples, their signs, and β = yα.
func (p *problem) forEachPair(m *svm.Model, visit func(pair int, rows [][]float64, y, beta []float64)) {
	indices, _ := m.SupportVectors()
	betas := pairCoefficients(m)
	for at, r := range m.Report().Pairs {
		var rows [][]float64
		var y, beta []float64
		for i, label := range p.y {
			if label != r.First && label != r.Second {
				continue
			}
			sign := 1.0
			if label == r.Second {
				sign = -1
			}
			b := 0.0
			if s := slices.Index(indices, i); s >= 0 {
				b = betas[at][s]
			}
			rows, y, beta = append(rows, p.rows[i]), append(y, sign), append(beta, b)
		}
		visit(at, rows, y, beta)
	}
}

// check runs more than rapid's hundred problems: they are small, and errors of
// rounding are rare.
func check(t *testing.T, property func(t *rapid.T)) {
	t.Helper()
	for range 10 {
		rapid.Check(t, property)
	}
}

// The optimality conditions, computed from the samples and the coefficients alone.
func TestOptimalityConditions(t *testing.T) {
	check(t, func(t *rapid.T) {
		p := drawProblem(t, 30)
		m := p.fit(t)
		p.forEachPair(m, func(pair int, rows [][]float64, y, beta []float64) {
			balance, total := 0.0, 0.0
			for i, b := range beta {
				if alpha := b * y[i]; alpha < 0 || alpha > p.c {
					t.Errorf("pair %d: alpha %v is not in [0, %v]", pair, alpha, p.c)
				}
				balance += b
				total += math.Abs(b)
			}
			if math.Abs(balance) > 1e-12*total {
				t.Errorf("pair %d: sum of y alpha is %g of %g", pair, balance, total)
			}
			k := kernelMatrix(rows, p.kernel())
			top, bottom := math.Inf(-1), math.Inf(1)
			for i := range rows {
				g := y[i] - linear(k[i], beta)
				if beta[i] < max(0, y[i]*p.c) {
					top = max(top, g)
				}
				if beta[i] > min(0, y[i]*p.c) {
					bottom = min(bottom, g)
				}
			}
			if gap := top - bottom; gap > p.tol {
				t.Errorf("pair %d: optimality violated by %g, tolerance %g", pair, gap, p.tol)
			}
			if got := m.Report().Pairs[pair].Gap; math.Abs(got-(top-bottom)) > 0.1*p.tol {
				t.Errorf("pair %d: reported gap %g, is %g", pair, got, top-bottom)
			}
		})
	})
}

// Predictions are the votes of decision values, and these are what the
// coefficients give.
func TestDecisionsFollowFromCoefficients(t *testing.T) {
	check(t, func(t *rapid.T) {
		p := drawProblem(t, 30)
		m := p.fit(t)
		x := dense(slices.Concat(p.rows...), len(p.rows[0]))
		d, err := m.Decision(x)
		if err != nil {
			t.Fatal(err)
		}
		decisions := d.Float64s()
		predictions, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		_, vectors := m.SupportVectors()
		support, kernel, rho := rowsOf(vectors), p.kernel(), m.Rho()
		betas, report := pairCoefficients(m), m.Report()
		for i, row := range p.rows {
			votes := make(map[int]int)
			for at, beta := range betas {
				want, size := -rho[at], 1.0
				for s, b := range beta {
					if b != 0 {
						term := b * kernel(support[s], row)
						want += term
						size = max(size, math.Abs(term))
					}
				}
				got := decisions[i*len(betas)+at]
				if math.Abs(got-want) > 1e-5*size {
					t.Errorf("decision value %v of row %d, pair %d, want %v", got, i, at, want)
				}
				if got > 0 {
					votes[report.Pairs[at].First]++
				} else {
					votes[report.Pairs[at].Second]++
				}
			}
			best := m.Classes()[0]
			for _, class := range m.Classes() {
				if votes[class] > votes[best] {
					best = class
				}
			}
			if predictions[i] != best {
				t.Errorf("row %d is predicted %d, its votes are %v", i, predictions[i], votes)
			}
		}
	})
}

// plainSolve minimizes the dual by exact steps over all pairs of samples, again and
// again, and returns the objective. It shares nothing with the package.
func plainSolve(k [][]float64, y []float64, c float64) float64 {
	beta := make([]float64, len(y))
	for range 1_000_000 { // a nearly flat problem takes many thousands
		moved := 0.0
		for i := range y {
			for j := range i {
				curvature := k[i][i] + k[j][j] - 2*k[i][j]
				slope := (y[i] - linear(k[i], beta)) - (y[j] - linear(k[j], beta))
				// β may stay between 0 and y C.
				lowest := max(min(0, y[i]*c)-beta[i], beta[j]-max(0, y[j]*c))
				highest := min(max(0, y[i]*c)-beta[i], beta[j]-min(0, y[j]*c))
				t := 0.0
				switch {
				case curvature > 1e-14*k[i][i]:
					t = min(max(slope/curvature, lowest), highest)
				case slope > 0:
					t = highest
				case slope < 0:
					t = lowest
				}
				beta[i] += t
				beta[j] -= t
				moved = max(moved, math.Abs(t*slope))
			}
		}
		if moved < 1e-15*c {
			break
		}
	}
	objective := 0.0
	for i, b := range beta {
		objective += b*linear(k[i], beta)/2 - math.Abs(b)
	}
	return objective
}

func TestSameAsPlainSolver(t *testing.T) {
	check(t, func(t *rapid.T) {
		p := drawProblem(t, 9)
		p.tol = 1e-6
		m := p.fit(t)
		p.forEachPair(m, func(pair int, rows [][]float64, y, _ []float64) {
			want := plainSolve(kernelMatrix(rows, p.kernel()), y, p.c)
			if got := m.Report().Pairs[pair].Objective; !near(got, want, 1e-6) {
				t.Errorf("pair %d: dual objective %.12g, want %.12g", pair, got, want)
			}
		})
	})
}
