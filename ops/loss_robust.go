package ops

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
)

// MAE returns the mean over all elements of |pred - target|: shape (), NaN where there are none. Its derivative where they are equal is 0, as
// in PyTorch's L1Loss. Nothing broadcasts.
// It panics with an autograd.ShapeError if the shapes differ.
func MAE(pred, target *Tensor) *Tensor {
	pred, target = matched("ops.MAE", pred, target)
	return Mean(Abs(Sub(pred, target)))
}

var _ = catalog(Entry{
	Name: "MAE", Samples: lossSamples(MAE, either(lows, highs), middles), Errors: lossErrors("ops.MAE", MAE),
})

// Huber returns the loss that is the mean over all elements of d²/2 where |d| < delta, and of delta·(|d| - delta/2) elsewhere, for d = pred - target:
// shape (), NaN where there are none. It is quadratic near the targets, and an outlier pulls no harder than delta: "Robust Estimation of a
// Location Parameter" by Huber (1964). Nothing broadcasts.
// Huber panics with an autograd.ValueError unless delta > 0, and the loss with an autograd.ShapeError if the shapes differ.
func Huber(delta float64) func(pred, target *Tensor) *Tensor {
	const op = "ops.Huber"
	if !(delta > 0) {
		autograd.Fail(op, autograd.ValueError, nil, "want delta > 0, given %v", delta)
	}
	return func(pred, target *Tensor) *Tensor {
		pred, target = matched(op, pred, target)
		d := Sub(pred, target)
		c := Clamp(d, -delta, delta)
		return Mean(Mul(c, Sub(d, Scale(c, 0.5)))) // c is d within delta, and ±delta outside
	}
}

var _ = catalog(Entry{
	Name: "Huber",
	Samples: variants(
		variant{"delta = 0.7", lossSamples(Huber(0.7), reals, reals)},
		variant{"quadratic", lossSamples(Huber(10), reals, reals)},
		variant{"linear", lossSamples(Huber(0.01), either(lows, highs), middles)}),
	Errors: append(lossErrors("ops.Huber", Huber(1)),
		Misuse{"delta 0", func() { Huber(0) }, autograd.ValueError, "ops.Huber: want delta > 0, given 0"},
		Misuse{"delta NaN", func() { Huber(math.NaN()) }, autograd.ValueError, "ops.Huber: want delta > 0, given NaN"}),
})
