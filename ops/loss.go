package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// MSE returns the mean over all elements of (pred - target)²: shape (), NaN where there are none. Nothing broadcasts.
// It panics with an autograd.ShapeError if the shapes differ.
func MSE(pred, target *Tensor) *Tensor {
	pred, target = matched("ops.MSE", pred, target)
	return meanSquare(Sub(pred, target))
}

// matched returns pred and target with one dtype, if they have one shape. Losses do not broadcast: (n, 1) against (n) would be
// (n, n), and train towards the mean of the targets.
func matched(op string, pred, target *Tensor) (_, _ *Tensor) {
	pred, target = autograd.Unify(op, pred, target)
	if !slices.Equal(pred.Shape(), target.Shape()) {
		hint := ""
		if slices.Equal(withoutOnes(pred.Shape()), withoutOnes(target.Shape())) {
			hint = fmt.Sprintf(": reshape the targets to %v, for nothing broadcasts here", pred.Shape())
		}
		autograd.Fail(op, autograd.ShapeError, []*Tensor{pred, target}, "shapes differ: %v and %v%s", pred.Shape(), target.Shape(), hint)
	}
	return pred, target
}

func withoutOnes(shape tensor.Shape) tensor.Shape {
	return slices.DeleteFunc(shape.Clone(), func(n int) bool { return n == 1 })
}

var _ = catalog(Entry{Name: "MSE", Samples: lossSamples(MSE, reals, reals), Errors: lossErrors("ops.MSE", MSE)})

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

// meanSquare returns the mean over all elements of x².
func meanSquare(x *Tensor) *Tensor {
	n := float64(x.Size())
	y := autograd.Empty(nil, x)
	if x.IsSingle() {
		autograd.Raw[float32](y)[0] = float32(squares(autograd.Raw[float32](autograd.RowMajor(x))) / n)
	} else {
		autograd.Raw[float64](y)[0] = squares(autograd.Raw[float64](autograd.RowMajor(x))) / n
	}
	if !autograd.Recording(x) {
		return y
	}
	return meanSquaring.Record(y, autograd.Wrt(x, func(_, g *Tensor) *Tensor { return scaleBy(Scale(g, 2/n), x) }))
}

const squaresBlock = 8192 // squares added at a time: the blocks are the same on any number of threads

// squares returns the sum of the squares.
func squares[T kernel.Float](x []T) float64 {
	if len(x) <= squaresBlock {
		return kernel.SquaredNorm(x)
	}
	sums := make([]float64, (len(x)+squaresBlock-1)/squaresBlock)
	pool.For(len(sums), 2, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			block := x[i*squaresBlock : min((i+1)*squaresBlock, len(x))]
			sums[i] = kernel.SquaredNorm(block)
		}
	})
	return kernel.Sum(sums)
}

var (
	meanSquaring = &autograd.Op{Name: "meanSquare"}
	_            = catalog(Entry{Name: "meanSquare", Op: meanSquaring, Samples: meanSquareSamples})
)

// scaleBy returns c·x for c of shape (): what Mul computes, in one pass over x.
func scaleBy(c, x *Tensor) *Tensor {
	y := scaled(x, c.Item())
	if !autograd.Recording(c, x) {
		return y
	}
	return scaling.Record(y,
		autograd.Wrt(c, func(_, g *Tensor) *Tensor { return Sum(Mul(g, x)) }),
		autograd.Wrt(x, func(_, g *Tensor) *Tensor { return scaleBy(c, g) }))
}

var (
	scaling = &autograd.Op{Name: "scaleBy"}
	_       = catalog(Entry{Name: "scaleBy", Op: scaling, Samples: scaleBySamples})
)
