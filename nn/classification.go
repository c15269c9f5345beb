package nn

import (
	"fmt"
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data/metric"
)

// Accuracy is the share of examples that are classified rightly. Predictions of one number (n, 1) mean class 1 above 0.5, else
// class 0, and the targets are 0 and 1. Predictions of k numbers (n, k) mean the class of the largest, the first of them if
// several are equal; the targets are class labels (n) or one-hot rows (n, k). A prediction that has a NaN is wrong, and so is
// any prediction of a target that has one. With targets of another size it panics with an autograd.ShapeError.
var Accuracy = MeanMetric("accuracy", func(pred, target *autograd.Tensor) float64 {
	b := newClassified("nn.Accuracy", pred, target)
	return b.share(func(i int) bool {
		predicted := b.predicted(i)
		return predicted != noClass && predicted == b.wanted(i)
	})
})

// TopK returns the metric that is the share of examples whose class is among the k that are predicted most strongly; of equal
// predictions the first counts as the strongest. It is called "top" and k. Predictions and targets are those of [Accuracy], which
// is TopK(1), but for predictions of one number, which it panics about with an autograd.ShapeError. It panics with an
// autograd.ValueError if k is less than 1.
func TopK(k int) Metric {
	const op = "nn.TopK"
	if k < 1 {
		autograd.Fail(op, autograd.ValueError, nil, "k is %d: want at least 1", k)
	}
	return MeanMetric(fmt.Sprint("top", k), func(pred, target *autograd.Tensor) float64 {
		b := newClassified(op, pred, target)
		if b.k < 2 {
			autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{pred}, "want predictions (n, k) of two or more classes, given %v", pred.Shape())
		}
		return b.share(func(i int) bool {
			wanted := b.wanted(i)
			return wanted != noClass && b.predicted(i) != noClass && rank(b.scores(i), wanted) < k
		})
	})
}

// Precision, Recall and F1 tell how the predictions of a class and its examples agree: precision is the share of its predictions that
// are right, recall the share of its examples that are found, and F1 their harmonic mean,
//
//	2 precision recall / (precision + recall)
//
// each 0 where it would be 0/0. Predictions and targets are those of [Accuracy]. For predictions of one number the class is 1. For
// k classes they are the mean over all classes that occur among the predictions or the targets, as scikit-learn's macro average is.
// They are measured over all examples of an epoch or an evaluation, for they are no means over batches. A prediction that has a NaN is
// no class, and neither is a target that has one or is out of range: they count against what they are compared with.
var (
	Precision = confusionMetric("nn.Precision", "precision", func(s metric.Scores) float64 { return s.Precision })
	Recall    = confusionMetric("nn.Recall", "recall", func(s metric.Scores) float64 { return s.Recall })
	F1        = confusionMetric("nn.F1", "F1", func(s metric.Scores) float64 { return s.F1 })
)

func confusionMetric(op, name string, of func(metric.Scores) float64) Metric {
	return Metric{Name: name, Meter: func() Meter { return &confusion{op: op, of: of} }}
}

// confusion is the Meter of one of the scores of classes.
type confusion struct {
	op     string
	of     func(metric.Scores) float64
	binary bool
	counts []metric.Class
}

func (c *confusion) Add(pred, target *autograd.Tensor) {
	b := newClassified(c.op, pred, target)
	c.binary = b.k == 1
	if classes := max(b.k, 2); len(c.counts) < classes {
		c.counts = append(c.counts, make([]metric.Class, classes-len(c.counts))...)
	}
	for i := range b.n {
		predicted, wanted := b.predicted(i), b.wanted(i)
		if predicted != noClass {
			c.counts[predicted].Predicted++
		}
		if wanted != noClass {
			c.counts[wanted].Actual++
		}
		if predicted != noClass && predicted == wanted {
			c.counts[predicted].Right++
		}
	}
}

func (c *confusion) Value() float64 {
	counts := c.counts
	if c.binary {
		counts = counts[1:] // class 1 alone
	}
	return c.of(metric.Macro(counts))
}

// classified is a batch of predictions and targets that mean classes.
type classified struct {
	n, k         int // examples, and numbers predicted for each
	pred, target []float64
}

const noClass = -1

func newClassified(op string, pred, target *autograd.Tensor) classified {
	if len(pred.Shape()) == 0 || pred.Size() == 0 {
		autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{pred}, "want predictions (n, k), given shape %v", pred.Shape())
	}
	n := pred.Shape()[0]
	b := classified{n: n, k: pred.Size() / n, pred: autograd.Values[float64](pred), target: autograd.Values[float64](target)}
	if len(b.target) != n && len(b.target) != len(b.pred) {
		autograd.Fail(op, autograd.ShapeError, []*autograd.Tensor{pred, target},
			"predictions %v and targets %v: want targets of shape (n), or of the predictions' shape", pred.Shape(), target.Shape())
	}
	return b
}

// scores returns what is predicted for example i.
func (b *classified) scores(i int) []float64 { return b.pred[i*b.k : (i+1)*b.k] }

// predicted returns the class that is predicted for example i.
func (b *classified) predicted(i int) int {
	scores := b.scores(i)
	if b.k > 1 {
		return largest(scores)
	}
	switch p := scores[0]; {
	case p > 0.5:
		return 1
	case p <= 0.5:
		return 0
	}
	return noClass
}

// wanted returns the class of example i.
func (b *classified) wanted(i int) int {
	width := len(b.target) / b.n
	return classOf(b.target[i*width:(i+1)*width], max(b.k, 2))
}

// share returns the share of the examples for which something holds.
func (b *classified) share(holds func(i int) bool) float64 {
	count := 0
	for i := range b.n {
		if holds(i) {
			count++
		}
	}
	return float64(count) / float64(b.n)
}

// classOf returns the class that a target means: of several numbers the place of the largest, and one number itself if it is a class.
func classOf(target []float64, classes int) int {
	if len(target) > 1 {
		return largest(target)
	}
	if v := target[0]; v == math.Trunc(v) && v >= 0 && v < float64(classes) {
		return int(v)
	}
	return noClass
}

// largest returns the place of the largest value, the first of equals, and noClass if a value is NaN.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v != v {
			return noClass
		}
		if v > values[best] {
			best = i
		}
	}
	return best
}

// rank returns how many scores come before that of a class.
func rank(scores []float64, class int) int {
	before := 0
	for i, v := range scores {
		if v > scores[class] || v == scores[class] && i < class {
			before++
		}
	}
	return before
}
