package ops

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

func TestLayerNormAgainstItsFormula(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		eps := []float64{1e-5, 0.3}[r.IntN(2)]
		k := rowLength(x)
		gain, bias := randomView(r, tensor.Shape{k}), randomView(r, tensor.Shape{k})
		deviations := Sub(x, KeepDims(Mean)(x, -1))
		want := Div(deviations, Sqrt(Add(KeepDims(Mean)(Square(deviations), -1), autograd.Scalar(eps))))
		for name, c := range map[string][2]*Tensor{
			"normalized": {LayerNorm(x, nil, nil, eps), want},
			"gain":       {LayerNorm(x, gain, nil, eps), Mul(gain, want)},
			"bias":       {LayerNorm(x, nil, bias, eps), Add(want, bias)},
			"both":       {LayerNorm(x, gain, bias, eps), Add(Mul(gain, want), bias)},
		} {
			if got, want := c[0], c[1]; !agrees(got, want, 1e-12) {
				t.Fatalf("%s, shape %v, eps %v: %v, want %v", name, x.Shape(), eps, got, want)
			}
		}
	})
}

// The features of a batch are the rows of its transpose, and so the gradients are the same too.
func TestBatchNormIsLayerNormOfFeatures(t *testing.T) {
	for _, shape := range [][]int{{5, 3}, {1, 2}, {0, 3}, {3, 0}, {2, 4, 3}, {2, 1, 3, 2}, {70, 31}, {2000, 33}, {3, 3000}, {40, 3, 257}} {
		x := draw(1, reals, shape...)
		k := shape[len(shape)-1]
		gain, bias := draw(2, reals, k), draw(3, reals, k)
		rows := LayerNorm(Transpose(Reshape(x, x.Size()/max(k, 1), k)), nil, nil, 1e-3)
		want := Add(Mul(Reshape(Transpose(rows), shape...), gain), bias)
		if got := BatchNorm(x, gain, bias, 1e-3); !agrees(got, want, 1e-13) {
			gap, at := gap(got, want)
			t.Errorf("shape %v differs by %v at %d", shape, gap, at)
		}
		g := draw(4, reals, shape...)
		want = Reshape(Transpose(normalizeGrad(Transpose(features(g)), Transpose(features(x)), -1, 1e-3)), shape...)
		if got := Reshape(normalizeGrad(features(g), features(x), 0, 1e-3), shape...); !agrees(got, want, 1e-12) {
			gap, at := gap(got, want)
			t.Errorf("the gradient of shape %v differs by %v at %d", shape, gap, at)
		}
	}
}

// Neither the mean nor the variance loses the digits that a float32 with a large mean still has, and nor does the gradient.
func TestNormalizationWithLargeMean(t *testing.T) {
	eighths := draw(0, func(r *rand.Rand) float64 { return float64(r.IntN(64)) / 8 }, 20, 50)
	cotangent := draw(1, reals, 20, 50)
	norms := map[string]normalization{"LayerNorm": LayerNorm, "BatchNorm": BatchNorm}
	onEachPath(t, func(t *testing.T) {
		for name, f := range norms {
			tape := autograd.NewTape()
			x := tape.Var(eighths)
			y := f(x, nil, nil, 1e-5)
			g := tape.VJP(y, cotangent, x)[0]
			for _, mean := range []float64{1e3, -1 << 20} { // whose sums with eighths are exact
				x := tape.Var(single(Add(eighths, autograd.Scalar(mean))))
				moved := f(x, nil, nil, 1e-5)
				if !agrees(moved, y, 1e-6) {
					gap, at := gap(moved, y)
					t.Errorf("%s with mean %v differs by %v at %d", name, mean, gap, at)
				}
				if got := tape.VJP(moved, single(cotangent), x)[0]; !agrees(got, g, 2e-6) {
					gap, at := gap(got, g)
					t.Errorf("the gradient of %s with mean %v differs by %v at %d", name, mean, gap, at)
				}
			}
		}
	})
}

func TestNormalizationOfEqualElements(t *testing.T) {
	for _, value := range []float64{0, 0.1, -7.3, 1e6} {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			for name, f := range map[string]normalization{"LayerNorm": LayerNorm, "BatchNorm": BatchNorm} {
				tape := autograd.NewTape()
				x := tape.Var(autograd.Full(value, dtype, 3, 7))
				y := f(x, nil, nil, 1e-5)
				wantEqual(t, name, y, autograd.Zeros(dtype, 3, 7))
				for _, g := range autograd.Values[float64](tape.VJP(y, counting(y), x)[0]) {
					if g-g != 0 {
						t.Errorf("%s of %v: the gradient has %v", name, value, g)
					}
				}
				if y := f(x, nil, nil, 0).At(1, 2); !math.IsNaN(y) {
					t.Errorf("%s of %v with eps 0: %v", name, value, y)
				}
			}
		}
	}
}

func BenchmarkLayerNorm(b *testing.B) { benchmarkNorm(b, LayerNorm) }

func BenchmarkBatchNorm(b *testing.B) { benchmarkNorm(b, BatchNorm) }

// benchmarkNorm runs a norm of 128 examples of 512 features forward and backward.
func benchmarkNorm(b *testing.B, f normalization) {
	tape := autograd.NewTape()
	x, gain, bias := single(draw(0, reals, 128, 512)), single(draw(1, reals, 512)), single(draw(2, reals, 512))
	g := single(draw(3, reals, 128, 512))
	b.ReportAllocs()
	for b.Loop() {
		x, gain, bias := tape.Var(x), tape.Var(gain), tape.Var(bias)
		tape.VJP(f(x, gain, bias, 1e-5), g, x, gain, bias)
		tape.Reset()
	}
}
