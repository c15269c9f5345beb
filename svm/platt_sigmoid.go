package svm

import (
	"context"
	"math"
)

// A PlattSigmoid turns the decision value f of a pair of classes into the probability
// 1/(1 + exp(A·f + B)) of its first class. A is negative where the classes can be
// told apart.
type PlattSigmoid struct{ A, B float64 }

// Probability returns the probability of the first class, given that it is one of the
// two.
func (s PlattSigmoid) Probability(decision float64) float64 {
	p, _ := s.both(decision)
	return p
}

// both returns the probabilities of the first and of the second class, neither of
// which suffers when it is tiny.
func (s PlattSigmoid) both(decision float64) (first, second float64) {
	z := decision*s.A + s.B
	e := math.Exp(-math.Abs(z))
	if z >= 0 {
		return e / (1 + e), 1 / (1 + e)
	}
	return 1 / (1 + e), e / (1 + e)
}

// fitSigmoid returns the sigmoid that is most likely, given decision values and which
// of them are of the first class. Targets are Platt's, (n₊+1)/(n₊+2) and 1/(n₋+2), so
// that there is a most likely one even where the classes are separated. It is found by
// Newton's method with backtracking, from Lin, Lin and Weng, "A note on Platt's
// probabilistic outputs for support vector machines", Machine Learning 68 (2007),
// algorithm 1. It ends early when the context does.
func fitSigmoid(ctx context.Context, values []float64, first []bool) PlattSigmoid {
	const (
		steps    = 100
		leastWay = 1e-10 // at which a step has become too short
		ridge    = 1e-12 // keeps the Hessian invertible
		flat     = 1e-5  // the gradient of an optimum
	)
	firsts := 0.0
	for _, is := range first {
		if is {
			firsts++
		}
	}
	seconds := float64(len(first)) - firsts
	likelihood := plattLikelihood{values, first, (firsts + 1) / (firsts + 2), 1 / (seconds + 2)}
	s := PlattSigmoid{B: math.Log((seconds + 1) / (firsts + 1))}
	loss := likelihood.loss(s)
	for range steps {
		if ctx.Err() != nil {
			break
		}
		g1, g2, h11, h21, h22 := likelihood.derivatives(s)
		h11, h22 = h11+ridge, h22+ridge
		if math.Abs(g1) < flat && math.Abs(g2) < flat {
			break
		}
		determinant := h11*h22 - h21*h21
		dA, dB := -(h22*g1-h21*g2)/determinant, -(-h21*g1+h11*g2)/determinant
		slope := g1*dA + g2*dB
		way := 1.0
		for ; way >= leastWay; way /= 2 {
			next := PlattSigmoid{s.A + way*dA, s.B + way*dB}
			if l := likelihood.loss(next); l < loss+1e-4*way*slope {
				s, loss = next, l
				break
			}
		}
		if way < leastWay { // rounding is all that is left to gain
			break
		}
	}
	return s
}

// plattLikelihood is the likelihood of a sigmoid, given decision values.
type plattLikelihood struct {
	values    []float64
	first     []bool
	high, low float64 // what the probabilities of samples of the first and the second class are to be
}

func (l *plattLikelihood) target(i int) float64 {
	if l.first[i] {
		return l.high
	}
	return l.low
}

// loss returns the negative logarithm of the likelihood.
func (l *plattLikelihood) loss(s PlattSigmoid) float64 {
	sum := 0.0
	for i, v := range l.values {
		z := v*s.A + s.B
		t := l.target(i)
		if z < 0 {
			t--
		}
		sum += t*z + math.Log1p(math.Exp(-math.Abs(z)))
	}
	return sum
}

// derivatives returns the gradient and the Hessian of the loss.
func (l *plattLikelihood) derivatives(s PlattSigmoid) (g1, g2, h11, h21, h22 float64) {
	for i, v := range l.values {
		p, q := s.both(v)
		d := p * q
		h11 += v * v * d
		h22 += d
		h21 += v * d
		d = l.target(i) - p
		g1 += v * d
		g2 += d
	}
	return g1, g2, h11, h21, h22
}

// A coupling finds the probabilities of k classes from those of their pairs.
type coupling struct {
	k    int
	pair []float64 // (k, k): the probability of the class of the row, given it is that or the one of the column
	q    []float64 // (k, k)
	qp   []float64
}

func newCoupling(k int) *coupling {
	return &coupling{k: k, pair: make([]float64, k*k), q: make([]float64, k*k), qp: make([]float64, k)}
}

// set sets the probability of the first class of a pair. None is certain.
func (c *coupling) set(pair [2]int, p float64) {
	const least = 1e-7
	p = min(max(p, least), 1-least)
	c.pair[pair[0]*c.k+pair[1]] = p
	c.pair[pair[1]*c.k+pair[0]] = 1 - p
}

// solve writes the probabilities p that make Σᵢ Σⱼ (rⱼᵢ pᵢ - rᵢⱼ pⱼ)² least, for the
// probabilities r of pairs, to p.
func (c *coupling) solve(p []float64) {
	k, q, qp := c.k, c.q, c.qp
	if k == 2 {
		p[0], p[1] = c.pair[1], c.pair[2]
		return
	}
	for t := range k {
		p[t] = 1 / float64(k)
		q[t*k+t] = 0
		for j := range k {
			if j != t {
				r := c.pair[j*k+t]
				q[t*k+t] += r * r
				q[t*k+j] = -r * c.pair[t*k+j]
			}
		}
	}
	for range max(100, k) {
		pqp := 0.0
		for t := range k {
			qp[t] = dot(q[t*k:(t+1)*k], p)
			pqp += p[t] * qp[t]
		}
		worst := 0.0
		for _, v := range qp {
			worst = max(worst, math.Abs(v-pqp))
		}
		if worst < 0.005/float64(k) {
			break
		}
		for t := range k {
			row := q[t*k : (t+1)*k]
			step := (pqp - qp[t]) / row[t]
			p[t] += step
			pqp = (pqp + step*(step*row[t]+2*qp[t])) / (1 + step) / (1 + step)
			for j, v := range row {
				qp[j] = (qp[j] + step*v) / (1 + step)
				p[j] /= 1 + step
			}
		}
	}
}
