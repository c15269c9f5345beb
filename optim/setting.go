package optim

import (
	"cmp"
	"math"
	"slices"

	"github.com/tapegrad/tapegrad/autograd"
)

// WeightsOnly reports whether p has two axes or more. As an optimizer's Decays it leaves biases, and the gains of norms, out of the
// weight decay: they are few, and pulling them to 0 moves what a layer computes without making it simpler.
func WeightsOnly(p *autograd.Param) bool { return p.Value().Shape().Dims() >= 2 }

// decayOf returns the weight decay of p: decay, or 0 if there is a choice and p is not chosen.
func decayOf(p *autograd.Param, decay float64, decays func(*autograd.Param) bool) float64 {
	if decays != nil && !decays(p) {
		return 0
	}
	return decay
}

// orDefault returns the setting v: its default for 0, and 0 for a negative number, which is how a setting is turned off whose 0 means
// a default, as with the durations of net.Dialer.
func orDefault(v, byDefault float64) float64 {
	if v < 0 {
		return 0
	}
	return cmp.Or(v, byDefault)
}

func wantSetting(op, name string, v float64) {
	if !isSetting(v) {
		autograd.Fail(op, autograd.ValueError, nil, "%s is %v: want a finite number that is not negative", name, v)
	}
}

// isSetting reports whether v is finite and not negative, which NaN is not.
func isSetting(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

// wantFraction is for the rates at which averages forget.
func wantFraction(op, name string, v float64) {
	if !(v >= 0 && v < 1) {
		autograd.Fail(op, autograd.ValueError, nil, "%s is %v: want a number from 0 to less than 1", name, v)
	}
}

// fitting returns g row-major if it can be the gradient of p.
func fitting(op string, p *autograd.Param, g *autograd.Tensor) *autograd.Tensor {
	w := p.Value()
	if !slices.Equal(w.Shape(), g.Shape()) {
		autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{w, g}, "parameter %s has shape %v, its gradient %v", p.Name, w.Shape(), g.Shape())
	}
	if w.IsSingle() != g.IsSingle() {
		autograd.Fail(op, autograd.DtypeError, []*autograd.Tensor{w, g}, "parameter %s is %v, its gradient %v", p.Name, w.Dtype(), g.Dtype())
	}
	return autograd.RowMajor(g)
}
