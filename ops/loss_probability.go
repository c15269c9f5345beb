package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// BCE returns the mean over all elements of the binary cross-entropy -target·ln pred - (1-target)·ln(1 - pred) of probabilities: shape (), NaN
// where there are none. As in PyTorch's BCELoss a logarithm is at least -100, and the derivative (pred-target)/(pred·(1-pred)) is bounded by taking
// at least 1e-12 for its divisor, so that a certain and wrong prediction costs 100 and can still learn. Where the probability comes from a sigmoid,
// [BCEWithLogits] keeps more digits. Nothing broadcasts.
// It panics with an autograd.ShapeError if the shapes differ, and with an autograd.ValueError that names the element if a prediction is
// outside [0, 1]. NaN is none of them, and makes the result NaN.
func BCE(pred, target *Tensor) *Tensor {
	const op = "ops.BCE"
	pred, target = matched(op, pred, target)
	checkProbabilities(op, pred)
	return Mean(binaryCrossEntropy(pred, target))
}

func checkProbabilities(op string, pred *Tensor) {
	dense, at := autograd.RowMajor(pred), -1
	if pred.IsSingle() {
		at = slices.IndexFunc(autograd.Raw[float32](dense), outsideUnit[float32])
	} else {
		at = slices.IndexFunc(autograd.Raw[float64](dense), outsideUnit[float64])
	}
	if at < 0 {
		return
	}
	value := Reshape(dense.Detach(), pred.Size())
	autograd.Fail(op, autograd.ValueError, []*Tensor{pred}, "prediction %d of shape %v, in row-major order, is %v: want a probability from 0 to 1", at, pred.Shape(), value.At(at))
}

func outsideUnit[T kernel.Float](v T) bool { return v < 0 || v > 1 }

var _ = catalog(Entry{
	Name: "BCE", Samples: lossSamples(BCE, between(0.1, 0.9), between(0.1, 0.9)),
	Errors: append(lossErrors("ops.BCE", BCE),
		Misuse{
			"more than certain",
			func() { BCE(autograd.FromSlice([]float64{0.5, 1, 0, 1.25}, 2, 2), draw(0, reals, 2, 2)) },
			autograd.ValueError, "ops.BCE: prediction 3 of shape (2, 2), in row-major order, is 1.25: want a probability from 0 to 1",
		},
		Misuse{
			"logits",
			func() { BCE(autograd.FromSlice([]float32{-3}, 1), autograd.Labels([]int{1})) },
			autograd.ValueError, "prediction 0 of shape (1), in row-major order, is -3",
		}),
})

// binaryCrossEntropy returns -t·ln p - (1-t)·ln(1-p), elementwise, broadcast, with each logarithm at least -100. It is linear in t.
func binaryCrossEntropy(p, t *Tensor) *Tensor {
	p, t = broadcast("ops.BCE", p, t)
	y := map2(p, t, crossEntropyKernel[float32], crossEntropyKernel[float64])
	if !autograd.Recording(p, t) {
		return y
	}
	one, zero := autograd.Scalar(1), autograd.Scalar(0)
	return binaryEntropy.Record(y,
		autograd.Wrt(p, func(_, g *Tensor) *Tensor {
			return Mul(g, Div(Sub(p, t), Clamp(Mul(p, Sub(one, p)), 1e-12, math.Inf(1))))
		}),
		autograd.Wrt(t, func(_, g *Tensor) *Tensor {
			return Mul(g, Sub(binaryCrossEntropy(p, one), binaryCrossEntropy(p, zero)))
		}))
}

func crossEntropyKernel[T kernel.Float](dst, p, t []T) {
	const least = -100
	room := borrow[T](min(len(dst), rowBlock))
	defer giveBack(room)
	for len(dst) > 0 {
		n := min(len(dst), rowBlock)
		ones, zeros := dst[:n], (*room)[:n] // ln p and ln (1-p)
		kernel.Scale(zeros, p[:n], -1)
		kernel.Log1p(zeros, zeros)
		kernel.Log(ones, p[:n])
		for i, v := range t[:n] {
			ones[i] = -v*max(ones[i], least) - (1-v)*max(zeros[i], least)
		}
		dst, p, t = dst[n:], p[n:], t[n:]
	}
}

var (
	binaryEntropy = &autograd.Op{Name: "binaryCrossEntropy"}
	_             = catalog(Entry{
		Name: "binaryCrossEntropy", Op: binaryEntropy,
		Samples: gradient(func(t, p *Tensor) *Tensor { return binaryCrossEntropy(p, t) }, between(0.1, 0.9)),
	})
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

// KL returns the Kullback-Leibler divergence Σ target·(ln target - pred) of the predicted from the target probabilities, summed over
// all axes but the first and averaged over the n examples, as PyTorch's KLDivLoss does with reduction batchmean: shape (), NaN where there
// are no examples. pred has logarithms of probabilities (n, k), as [LogSoftmax] makes them; target has probabilities, and one of 0
// adds 0. Its derivative by a target of 0, which is infinite, is that of the term of pred alone. Nothing broadcasts.
// It panics with an autograd.ShapeError if the shapes differ or are ().
func KL(pred, target *Tensor) *Tensor {
	const op = "ops.KL"
	pred, target = matched(op, pred, target)
	if len(pred.Shape()) == 0 {
		autograd.Fail(op, autograd.ShapeError, []*Tensor{pred, target}, "want shapes (n, …), given scalars")
	}
	logarithm := Log(Where(target, target, autograd.Scalar(1)))
	return Div(Sum(Mul(target, Sub(logarithm, pred))), autograd.Scalar(float64(pred.Shape()[0])))
}

var _ = catalog(Entry{
	Name: "KL", Samples: divergenceSamples,
	Errors: append(lossErrors("ops.KL", KL), Misuse{
		"scalars",
		func() { KL(draw(0, reals), draw(1, reals)) },
		autograd.ShapeError, "ops.KL: want shapes (n, …), given scalars",
	}),
})

// divergenceSamples is lossSamples without scalars, which are not a batch.
func divergenceSamples() []Sample {
	return slices.DeleteFunc(lossSamples(KL, negatives, between(0.1, 0.9))(), func(s Sample) bool { return s.Name == fmt.Sprint("shape ", tensor.Shape{}) })
}

// CrossEntropy returns the mean over n examples of -log softmax(logits)[label], for logits (n, k) and labels (n), numbers of
// classes from 0 to k-1: shape (), NaN where there are no examples. It is not differentiable in the labels.
// It panics with an autograd.ShapeError if the shapes are not of this form, and with an autograd.ValueError that names the row
// if a label is not the number of a class.
func CrossEntropy(logits, labels *Tensor) *Tensor {
	const op = "ops.CrossEntropy"
	if len(logits.Shape()) != 2 || len(labels.Shape()) != 1 || logits.Shape()[0] != labels.Shape()[0] {
		hint := ""
		switch shape := labels.Shape(); {
		case len(shape) == 2 && shape[1] == 1:
			hint = ": reshape the labels to one axis"
		case len(shape) == 2 && slices.Equal(shape, logits.Shape()):
			hint = ": for one-hot rows give the numbers of their classes, as data.Labels or ArgMax makes them"
		}
		autograd.Fail(op, autograd.ShapeError, []*Tensor{logits, labels}, "want logits (n, k) and labels (n), given %v and %v%s", logits.Shape(), labels.Shape(), hint)
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
		autograd.ShapeError, "want logits (n, k) and labels (n), given (3, 4) and (3, 4): for one-hot rows give the numbers of their classes",
	},
	{
		"labels in a column",
		func() { CrossEntropy(draw(0, reals, 3, 4), draw(1, reals, 3, 1)) },
		autograd.ShapeError, "want logits (n, k) and labels (n), given (3, 4) and (3, 1): reshape the labels to one axis",
	},
	{
		"logits of one row without its axis",
		func() { CrossEntropy(draw(0, reals, 4), autograd.Labels([]int{0})) },
		autograd.ShapeError, "want logits (n, k) and labels (n), given (4) and (1)",
	},
}})
