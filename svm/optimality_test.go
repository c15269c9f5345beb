package svm_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/svm"
)

// The optimality conditions of every problem type, computed from the samples and
// the coefficients alone.
func TestOptimalityConditionsOfAllTypes(t *testing.T) {
	check(t, func(t *rapid.T) {
		p := drawTyped(t)
		tolerance := rapid.SampledFrom([]float64{1e-2, 1e-3, 1e-6}).Draw(t, "tolerance")
		if p.Type == "nu-svc" && p.inseparable(tolerance) {
			return
		}
		f := p.fit(t, tolerance)
		if !f.converged {
			t.Errorf("not converged")
		}
		for at, d := range p.duals() {
			beta, _ := d.of(p, f.beta[at])
			d.check(t, tolerance, at, beta)
		}
	})
}

// drawTyped draws a problem of any type, kernel and weights.
func drawTyped(t *rapid.T) *randomProblem {
	p := &randomProblem{
		Type:   rapid.SampledFrom([]string{"c-svc", "nu-svc", "one-class", "epsilon-svr", "nu-svr"}).Draw(t, "type"),
		Kernel: rapid.SampledFrom([]string{"linear", "polynomial", "rbf", "precomputed"}).Draw(t, "kernel"),
		C:      math.Pow(10, float64(rapid.IntRange(-2, 2).Draw(t, "log C"))),
		Nu:     rapid.SampledFrom([]float64{0.1, 0.25, 0.5}).Draw(t, "nu"), Epsilon: rapid.SampledFrom([]float64{0, 0.01, 0.3}).Draw(t, "epsilon"),
		Degree: rapid.IntRange(1, 3).Draw(t, "degree"), Coef0: float64(rapid.IntRange(0, 1).Draw(t, "coef0")),
		Gamma: rapid.Float64Range(0.05, 1).Draw(t, "gamma"),
		N:     rapid.IntRange(2, 20).Draw(t, "n"), D: rapid.IntRange(1, 4).Draw(t, "d"),
	}
	for range p.N * p.D { // few values make duplicates
		p.X = append(p.X, float64(rapid.IntRange(-4, 4).Draw(t, "x"))/2)
	}
	if p.Kernel == "precomputed" {
		rows := rowsOf(dense(p.X, p.D))
		p.X, p.D = rowsMatrix(rows, rows, linear), p.N
	}
	p.Tests, p.Test = p.N, p.X
	if p.Type != "nu-svc" && rapid.Bool().Draw(t, "weighted") { // weights may make a nu infeasible
		for range p.N {
			p.SampleWeight = append(p.SampleWeight, rapid.Float64Range(0.5, 2).Draw(t, "weight"))
		}
	}
	p.drawTargets(t)
	return p
}

func (p *randomProblem) drawTargets(t *rapid.T) {
	classes := rapid.IntRange(2, 3).Draw(t, "classes")
	for i := range p.N {
		switch p.Type {
		case "c-svc":
			p.Y = append(p.Y, float64(i%min(classes, p.N)))
		case "nu-svc":
			p.Y = append(p.Y, float64(i%2))
		default:
			p.Y = append(p.Y, float64(rapid.IntRange(-20, 20).Draw(t, fmt.Sprintf("y[%d]", i)))/8)
		}
	}
	if p.Type == "c-svc" && rapid.Bool().Draw(t, "class weights") {
		p.ClassWeight = map[string]float64{"0": 3, "1": 0.25}
	}
}

// inseparable says whether a nu-SVC finds no margin, which its error says.
func (p *randomProblem) inseparable(tolerance float64) bool {
	_, err := svm.NuSVC{Nu: p.Nu, Kernel: p.kernel(), Tolerance: tolerance}.Fit(context.Background(), dense(p.X, p.D), p.labels())
	return err != nil && strings.Contains(err.Error(), "no margin")
}
