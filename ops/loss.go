package ops

import (
	"math"
	"slices"

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
		autograd.Fail(op, autograd.ShapeError, []*Tensor{pred, target}, "shapes differ: %v and %v", pred.Shape(), target.Shape())
	}
	return pred, target
}

var _ = catalog(Entry{Name: "MSE", Samples: lossSamples(MSE, reals, reals), Errors: lossErrors("ops.MSE", MSE)})

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
	factor := c.Item()
	y := map1(x, scaleKernel(float32(factor)), scaleKernel(factor))
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

// BCEWithLogits returns the mean over all elements of the binary cross-entropy of sigmoid(logits) against targets from 0 to 1:
// -target·log sigmoid(logit) - (1-target)·log(1 - sigmoid(logit)), without overflow; shape (), NaN where there are none. Nothing broadcasts.
// It panics with an autograd.ShapeError if the shapes differ.
func BCEWithLogits(logits, target *Tensor) *Tensor {
	logits, target = matched("ops.BCEWithLogits", logits, target)
	// -log sigmoid(x) is softplus(-x). One softplus and a product would do, but lose the digits of small losses.
	ones := Mul(target, Softplus(Neg(logits)))
	zeros := Mul(Sub(autograd.Scalar(1), target), Softplus(logits))
	return Mean(Add(ones, zeros))
}

var _ = catalog(Entry{
	Name: "BCEWithLogits", Samples: lossSamples(BCEWithLogits, reals, between(0.1, 0.9)), Errors: lossErrors("ops.BCEWithLogits", BCEWithLogits),
})

// CrossEntropy returns the mean over n examples of -log softmax(logits)[label], for logits (n, k) and labels (n), numbers of
// classes from 0 to k-1: shape (), NaN where there are no examples. It is not differentiable in the labels.
// It panics with an autograd.ShapeError if the shapes are not of this form, and with an autograd.ValueError that names the row
// if a label is not the number of a class.
func CrossEntropy(logits, labels *Tensor) *Tensor {
	const op = "ops.CrossEntropy"
	if len(logits.Shape()) != 2 || len(labels.Shape()) != 1 || logits.Shape()[0] != labels.Shape()[0] {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{logits, labels}, "want logits (n, k) and labels (n), given %v and %v", logits.Shape(), labels.Shape())
	}
	class := classes(op, labels, logits.Shape()[1])
	return Neg(Mean(takeAlong(LogSoftmax(logits, -1), 1, class, 1)))
}

// classes returns labels (n) as numbers of k classes.
func classes(op string, labels *Tensor, k int) []int {
	class := make([]int, labels.Size())
	for row, v := range autograd.Values[float64](labels) {
		if !(v >= 0 && v < float64(k) && v == math.Trunc(v)) {
			autograd.Fail(op, autograd.ValueError, []*Tensor{labels}, "the label of row %d is %v: want a whole number from 0 to %d", row, v, k-1)
		}
		class[row] = int(v)
	}
	return class
}

var _ = catalog(Entry{Name: "CrossEntropy", Samples: crossEntropySamples, Errors: []Misuse{
	{
		"a fraction for a label",
		func() { CrossEntropy(draw(0, reals, 3, 4), autograd.FromSlice([]float64{0, 1, 2.5}, 3)) },
		autograd.ValueError, "ops.CrossEntropy: the label of row 2 is 2.5: want a whole number from 0 to 3",
	},
	{
		"a label too large",
		func() { CrossEntropy(draw(0, reals, 3, 4), autograd.Labels([]int{0, 4, 1})) },
		autograd.ValueError, "ops.CrossEntropy: the label of row 1 is 4: want a whole number from 0 to 3",
	},
	{
		"a negative label",
		func() { CrossEntropy(draw(0, reals, 3, 4), autograd.Labels([]int{-1, 0, 1})) },
		autograd.ValueError, "the label of row 0 is -1",
	},
	{
		"NaN for a label",
		func() { CrossEntropy(draw(0, reals, 1, 4), autograd.FromSlice([]float64{math.NaN()}, 1)) },
		autograd.ValueError, "the label of row 0 is NaN",
	},
	{
		"no label for a row",
		func() { CrossEntropy(draw(0, reals, 3, 4), autograd.Labels([]int{0, 1})) },
		autograd.ShapeError, "ops.CrossEntropy: want logits (n, k) and labels (n), given (3, 4) and (2)",
	},
	{
		"one-hot labels",
		func() { CrossEntropy(draw(0, reals, 3, 4), draw(1, reals, 3, 4)) },
		autograd.ShapeError, "want logits (n, k) and labels (n), given (3, 4) and (3, 4)",
	},
	{
		"logits of one row without its axis",
		func() { CrossEntropy(draw(0, reals, 4), autograd.Labels([]int{0})) },
		autograd.ShapeError, "want logits (n, k) and labels (n), given (4) and (1)",
	},
}})
