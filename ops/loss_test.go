package ops

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

func TestLossesOfNothing(t *testing.T) {
	none := draw(0, reals, 0, 3)
	for name, y := range map[string]*Tensor{
		"MSE": MSE(none, none), "BCEWithLogits": BCEWithLogits(none, none), "CrossEntropy": CrossEntropy(none, autograd.Labels(nil)),
		"MAE": MAE(none, none), "Huber": Huber(1)(none, none), "BCE": BCE(none, none), "KL": KL(none, none),
	} {
		if len(y.Shape()) != 0 || !math.IsNaN(y.Item()) {
			t.Errorf("%s: %+v, want the scalar NaN", name, y)
		}
	}
}

// A sum of a hundred thousand squares is longer than a block, and a float32 has no digits to lose.
func TestMSEIsAccurate(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		pred, target := single(draw(0, reals, 100, 1001)), single(draw(1, reals, 100, 1001))
		ps, ts := autograd.Values[float32](pred), autograd.Values[float32](target)
		sum := 0.0
		for i := range ps {
			d := float64(ps[i] - ts[i])
			sum += d * d
		}
		want := sum / float64(len(ps))
		if got := MSE(pred, target).Item(); math.Abs(got-want) > 0x1p-23*want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// The loss of a confident and right prediction is small, not zero, and so is its gradient.
func TestBCEWithLogitsKeepsTheDigitsOfSmallLosses(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, c := range []struct{ logit, target float64 }{{20, 1}, {-20, 0}, {60, 1}, {-60, 0}} {
			tape := autograd.NewTape()
			x := tape.Var(single(vector(c.logit)))
			y := BCEWithLogits(x, autograd.FromSlice([]float32{float32(c.target)}, 1))
			want := math.Exp(-math.Abs(c.logit))
			if got := y.Item(); math.Abs(got-want) > 1e-6*want {
				t.Errorf("loss at logit %v for target %v: %v, want %v", c.logit, c.target, got, want)
			}
			if got := math.Abs(tape.Grad(y, x)[0].Item()); math.Abs(got-want) > 1e-6*want {
				t.Errorf("gradient at logit %v for target %v: %v, want %v", c.logit, c.target, got, want)
			}
		}
	})
}

// Equal logits know nothing: the loss is the logarithm of the number of classes, however large they are.
func TestCrossEntropyOfEqualLogits(t *testing.T) {
	for _, k := range []int{1, 2, 10} {
		for _, logit := range []float64{0, 1e4, -1e30} {
			x := autograd.Full(logit, tensor.Float32, 3, k)
			labels := autograd.Labels(classesOf(3, k))
			if got, want := CrossEntropy(x, labels).Item(), math.Log(float64(k)); math.Abs(got-want) > 1e-6 {
				t.Errorf("%d logits of %v: %v, want %v", k, logit, got, want)
			}
		}
	}
}

func TestCrossEntropyTakesLabelsOfAnyDtypeAndLayout(t *testing.T) {
	x := draw(0, reals, 3, 4)
	want := CrossEntropy(x, autograd.Labels([]int{2, 0, 3}))
	for name, labels := range map[string]*Tensor{
		"float32":  autograd.FromSlice([]float32{2, 0, 3}, 3),
		"float64":  vector(2, 0, 3),
		"a column": Reshape(Slice(autograd.FromSlice([]float64{9, 2, 9, 0, 9, 3}, 3, 2), 1, 1, 2), 3),
	} {
		wantEqual(t, name, CrossEntropy(x, labels), want)
	}
	wantEqual(t, "float32 logits and float64 labels", CrossEntropy(single(x), vector(2, 0, 3)), CrossEntropy(single(x), autograd.Labels([]int{2, 0, 3})))
}

// With a masked class the others share the probability, and it gets no gradient.
func TestCrossEntropyOfMaskedLogits(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{0, math.Inf(-1), 0}, 1, 3))
	y := CrossEntropy(x, autograd.Labels([]int{0}))
	if got := y.Item(); math.Abs(got-math.Ln2) > 1e-15 {
		t.Errorf("loss %v, want %v", got, math.Ln2)
	}
	wantEqual(t, "gradient", tape.Grad(y, x)[0], autograd.FromSlice([]float64{-0.5, 0, 0.5}, 1, 3))
}

func BenchmarkMSE(b *testing.B) {
	tape := autograd.NewTape()
	pred, target := single(draw(0, reals, 32, 784)), single(draw(1, reals, 32, 784))
	b.ReportAllocs()
	for b.Loop() {
		x := tape.Var(pred)
		tape.Grad(MSE(x, target), x)
		tape.Reset()
	}
}

func BenchmarkCrossEntropy(b *testing.B) {
	tape := autograd.NewTape()
	logits, labels := single(draw(0, reals, 128, 10)), autograd.Labels(classesOf(128, 10))
	b.ReportAllocs()
	for b.Loop() {
		x := tape.Var(logits)
		tape.Grad(CrossEntropy(x, labels), x)
		tape.Reset()
	}
}

// The squares of large float32 differences do not fit in float32, but their mean may.
func TestMSEOfLargeDifferences(t *testing.T) {
	x := autograd.FromSlice([]float32{1e19, 1e19, 1e19, 1e19, 1e19, 1e19, 1e19, 1e19}, 8)
	if got := MSE(x, autograd.Zeros(tensor.Float32, 8)).Item(); math.Abs(got-1e38) > 1e32 {
		t.Errorf("got %v, want 1e38", got)
	}
}
