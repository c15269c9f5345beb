package ops

import (
	"math"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// A certain and wrong prediction costs 100, and its gradient is large but finite, as PyTorch's are, whose 1e-12 is rounded to float32.
func TestBCEOfCertainty(t *testing.T) {
	preds := vector(0, 1, 0, 1, 0, 1)
	targets := vector(0, 1, 1, 0, 0.5, 0.5)
	losses := vector(0, 0, 100, 100, 50, 50)
	gradients := vector(0, 0, -1e12, 1e12, -0.5e12, 0.5e12)
	byTarget := vector(100, -100, 100, -100, 100, -100)
	for _, dtype := range []string{"float64", "float32"} {
		tape := autograd.NewTape()
		p, q := tape.Var(inDtype(dtype, preds)), tape.Var(inDtype(dtype, targets))
		y := binaryCrossEntropy(p, q)
		if !agrees(y, losses, 0) {
			t.Errorf("%s: losses %v, want %v", dtype, y, losses)
		}
		by := tape.VJPGraph(y, inDtype(dtype, vector(1, 1, 1, 1, 1, 1)), p, q)
		if !agrees(by[0], gradients, 1e-7) {
			t.Errorf("%s: gradient %v, want %v", dtype, by[0], gradients)
		}
		if !agrees(by[1], byTarget, 0) {
			t.Errorf("%s: gradient by the target %v, want %v", dtype, by[1], byTarget)
		}
		for _, second := range tape.Grad(Sum(Add(by[0], by[1])), p, q) {
			for i, v := range autograd.Values[float64](second) {
				if v-v != 0 {
					t.Errorf("%s: element %d of the second derivative is %v", dtype, i, v)
				}
			}
		}
	}
}

// The loss of a confident and right prediction is small, not zero: 1 - pred would have no digits of it in float32.
func TestBCEKeepsTheDigitsOfSmallLosses(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, p := range []float64{1e-9, 1e-20, 1e-30} {
			if got := BCE(single(vector(p)), autograd.FromSlice([]float32{0}, 1)).Item(); math.Abs(got-p) > 1e-6*p {
				t.Errorf("the loss of %v for target 0 is %v", p, got)
			}
		}
	})
}

func TestBCEPassesNaNOn(t *testing.T) {
	if y := BCE(vector(0.5, math.NaN()), vector(0, 1)).Item(); !math.IsNaN(y) {
		t.Errorf("the loss of NaN is %v", y)
	}
}

// BCE of a sigmoid is BCEWithLogits, and KL from labels is CrossEntropy.
func TestLossesOfProbabilitiesAgreeWithThoseOfLogits(t *testing.T) {
	x := draw(0, reals, 5, 4)
	targets := draw(1, between(0, 1), 5, 4)
	if a, b := BCE(Sigmoid(x), targets), BCEWithLogits(x, targets); !agrees(a, b, 1e-14) {
		t.Errorf("BCE %v, BCEWithLogits %v", a, b)
	}
	onehot := autograd.FromSlice([]float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0}, 5, 4)
	if a, b := KL(LogSoftmax(x, 1), onehot), CrossEntropy(x, autograd.Labels([]int{0, 1, 2, 3, 0})); !agrees(a, b, 1e-14) {
		t.Errorf("KL %v, CrossEntropy %v", a, b)
	}
	if y := KL(LogSoftmax(x, 1), Softmax(x, 1)).Item(); math.Abs(y) > 1e-15 {
		t.Errorf("the divergence of a distribution from itself is %v", y)
	}
}
