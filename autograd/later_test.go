package autograd_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A wide is a network whose weights are large enough for their gradients to be put off. That happens to q and r; of v·w both are
// parameters, u is used twice, and s only as a transpose.
type wide struct {
	q, r, u, v, w, s *autograd.Param
	x                *Tensor
}

func newWide() wide {
	r := rand.New(rand.NewPCG(7, 7))
	param := func(name string, rows, cols int) *autograd.Param {
		return autograd.NewParam(name, ops.Scale(normal(r, rows, cols), 0.1))
	}
	return wide{param("q", 40, 40), param("r", 40, 40), param("u", 40, 40), param("v", 40, 50), param("w", 50, 40), param("s", 35, 40), normal(r, 6, 40)}
}

func (n wide) params() []*autograd.Param { return []*autograd.Param{n.q, n.r, n.u, n.v, n.w, n.s} }

func (n wide) loss(tape *autograd.Tape) *Tensor {
	h := ops.Tanh(ops.MatMul(n.x, tape.Param(n.q)))
	h = ops.Tanh(ops.MatMul(h, tape.Param(n.u)))
	h = ops.Tanh(ops.MatMul(h, tape.Param(n.r)))
	h = ops.Tanh(ops.MatMul(h, ops.MatMul(tape.Param(n.v), tape.Param(n.w))))
	h = ops.Tanh(ops.MatMul(h, tape.Param(n.u)))
	return ops.Mean(ops.Square(ops.MatMul(h, ops.Transpose(tape.Param(n.s)))))
}

// train takes three steps of a net and returns its weights. Freed memory is poisoned.
func (n wide) train(step func(tape *autograd.Tape, loss *Tensor)) []float64 {
	tape := autograd.NewTape()
	tape.Poison = true
	for range 3 {
		step(tape, n.loss(tape))
		tape.Reset()
	}
	var weights []float64
	for _, p := range n.params() {
		weights = append(weights, autograd.Values[float64](p.Value())...)
	}
	return weights
}

func TestGradientsThatArePutOff(t *testing.T) {
	const rate = -0.1
	add := func(p *autograd.Param, g *Tensor) { autograd.AddScaled(p, g, rate) }
	want := newWide().train(func(tape *autograd.Tape, loss *Tensor) { // nothing is put off
		n := tape.Backward(loss).Collect()
		for p, g := range n.All() {
			add(p, g)
		}
	})
	for name, step := range map[string]func(tape *autograd.Tape, loss *Tensor){
		"added": func(tape *autograd.Tape, loss *Tensor) {
			for p, g := range tape.Backward(loss) {
				add(p, g)
			}
		},
		"read, then added": func(tape *autograd.Tape, loss *Tensor) {
			for p, g := range tape.Backward(loss) {
				_ = g.At(0, 0)
				add(p, g)
			}
		},
		"viewed": func(tape *autograd.Tape, loss *Tensor) {
			for p, g := range tape.Backward(loss) {
				add(p, ops.Reshape(g.Detach(), p.Value().Shape()...))
			}
		},
		"scaled": func(tape *autograd.Tape, loss *Tensor) {
			for p, g := range tape.Backward(loss) {
				autograd.AddScaled(p, ops.Scale(g, rate), 1.0)
			}
		},
		"after a pass that read nothing": func(tape *autograd.Tape, loss *Tensor) {
			for range tape.Backward(loss) {
			}
			for range tape.Backward(loss) {
				break
			}
			for p, g := range tape.Backward(loss) {
				add(p, g)
			}
		},
	} {
		got := newWide().train(step)
		if name == "scaled" { // rounds twice
			for i, v := range got {
				if d := v - want[i]; d > 1e-15 || d < -1e-15 {
					t.Fatalf("%s: weight %d is %v, want %v", name, i, v, want[i])
				}
			}
		} else if !slices.Equal(got, want) {
			t.Errorf("%s: other weights than those from collected gradients", name)
		}
	}
}

func TestGradientsThatWerePutOffEnd(t *testing.T) {
	n := newWide()
	tape := autograd.NewTape()
	var last *Tensor
	for _, g := range tape.Backward(n.loss(tape)) {
		if last != nil {
			err := autograd.Try(func() { last.At(0, 0) })
			var failure *autograd.Error
			if !errors.As(err, &failure) || failure.Kind != autograd.StaleError {
				t.Errorf("reading a gradient after its turn gives %v", err)
			}
		}
		last = g
	}
}

func TestGradientsThatWerePutOffGiveMemoryBack(t *testing.T) {
	n := newWide()
	tape := autograd.NewTape()
	loss := n.loss(tape)
	before := tape.Live()
	for range tape.Backward(loss) {
	}
	for _, g := range tape.Backward(loss) {
		g.At(0, 0)
	}
	for range tape.Backward(loss) {
		break
	}
	if after := tape.Live(); after != before {
		t.Errorf("%d pieces of memory are in use after passes that kept nothing, %d before", after, before)
	}
}

// Whether it is read twice or not at all.
func TestLaterComputesOnce(t *testing.T) {
	computed := 0
	double := func(x *Tensor) *Tensor {
		y := ops.Scale(x.Detach(), 2)
		return (&autograd.Op{Name: "double"}).Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor {
			return autograd.Later(g.Shape(), func(dst []float64, scale float64, a, _ *Tensor) {
				computed++
				for i, v := range autograd.Values[float64](a) {
					if scale == 0 {
						dst[i] = 2 * v
					} else {
						dst[i] += scale * 2 * v
					}
				}
			}, g, g)
		}))
	}
	p := autograd.NewParam("p", autograd.Ones(tensor.Float64, 40, 40)) // smaller ones are not put off
	twos := slices.Repeat([]float64{2}, 1600)
	tape := autograd.NewTape()
	for range tape.Backward(ops.Sum(double(tape.Param(p)))) {
	}
	if computed != 0 {
		t.Errorf("computed %d times for nobody", computed)
	}
	tape.Reset()
	for _, g := range tape.Backward(ops.Sum(double(tape.Param(p)))) {
		if got := autograd.Values[float64](g); !slices.Equal(got, twos) || g.At(1, 1) != 2 {
			t.Errorf("the gradient is %v", got)
		}
	}
	if computed != 1 {
		t.Errorf("computed %d times for two reads", computed)
	}
	tape.Reset()
	x := tape.Param(p)
	if got := autograd.Values[float64](tape.Grad(ops.Sum(double(x)), x)[0]); !slices.Equal(got, twos) {
		t.Errorf("Grad gives %v", got)
	}
}
