package ops

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

func TestNormNeitherOverflowsNorVanishes(t *testing.T) {
	for _, scale := range []float64{1, 1e-160, 1e-300, 5e-324, 1e160, 1e300, 3e307} {
		x := vector(3*scale, -4*scale)
		if got, want := Norm(x).Item(), 5*scale; math.Abs(got-want) > 1e-15*want {
			t.Errorf("of (3, -4)·%v: %v, want %v", scale, got, want)
		}
	}
	for _, scale := range []float64{0x1p-149, 1e-30, 1e30, 6e37} {
		x := single(vector(3*scale, -4*scale))
		want := Norm(vector(autograd.Values[float64](x)...)).Item()
		if got := Norm(x).Item(); got != float64(float32(want)) {
			t.Errorf("float32, of (3, -4)·%v: %v, want %v", scale, got, want)
		}
	}
	if y := Norm(vector(math.MaxFloat64, math.MaxFloat64)).Item(); !math.IsInf(y, 1) {
		t.Errorf("of numbers whose norm is too large: %v", y)
	}
}

// As in PyTorch no derivative of any order is NaN where the norm or the deviation is 0.
func TestNormAndStdAtZero(t *testing.T) {
	for name, c := range map[string]struct {
		f Reduction
		x *Tensor
	}{"Norm": {Norm, vector(0, 0, 0)}, "Std": {Std, vector(7.1, 7.1, 7.1)}} {
		tape := autograd.NewTape()
		x := tape.Var(c.x)
		y := c.f(x)
		g := tape.GradGraph(y, x)[0]
		wantEqual(t, name+", value", y, autograd.Scalar(0))
		wantEqual(t, name+", gradient", g, vector(0, 0, 0))
		wantEqual(t, name+", second derivative", tape.Grad(Dot(g, vector(1, 2, 3)), x)[0], vector(0, 0, 0))
	}
}

// The variance of small deviations from a large mean has the digits of the deviations.
func TestVarWithLargeMean(t *testing.T) {
	deviations := autograd.Values[float64](draw(0, func(r *rand.Rand) float64 { return float64(r.IntN(64)) / 8 }, 1000))
	onEachPath(t, func(t *testing.T) {
		want := plainVar(deviations)
		for _, mean := range []float64{0, 1e3, 1 << 20} { // whose sums with eighths are exact
			x := Add(vector(deviations...), autograd.Scalar(mean))
			if got := Var(x).Item(); math.Abs(got-want) > 1e-13*want {
				t.Errorf("mean %v: %v, want %v", mean, got, want)
			}
			if got := Var(single(x)).Item(); math.Abs(got-want) > 1e-6*want {
				t.Errorf("float32, mean %v: %v, want %v", mean, got, want)
			}
		}
	})
}

func TestArgMaxAndArgMinAgainstLoops(t *testing.T) {
	few := func(r *rand.Rand) float64 {
		return []float64{-1, 0, 2, math.Inf(1), math.NaN(), math.Inf(-1)}[r.IntN(6)*r.IntN(2)]
	}
	r := rand.New(rand.NewPCG(31, 32))
	for range 500 {
		shape := randomShape(r)
		if len(shape) == 0 || product(shape) == 0 {
			continue
		}
		axis := r.IntN(len(shape))
		x := draw(r.Uint64(), few, shape...)
		first := func(better func(v, best float64) bool) func(group []float64) float64 {
			return func(group []float64) float64 {
				if i := slices.IndexFunc(group, math.IsNaN); i >= 0 {
					return float64(i)
				}
				best := 0
				for i, v := range group {
					if better(v, group[best]) {
						best = i
					}
				}
				return float64(best)
			}
		}
		for _, v := range []*Tensor{x, single(x)} {
			wantEqual(t, "ArgMax", ArgMax(v, axis), plain(x, []int{axis}, first(func(v, best float64) bool { return v > best })))
			wantEqual(t, "ArgMin", ArgMin(v, axis-len(shape)), plain(x, []int{axis}, first(func(v, best float64) bool { return v < best })))
		}
	}
}

func TestMinSharesItsGradientAmongTies(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 1, 3, 2, 2, 2}, 2, 3))
	wantEqual(t, "gradient", tape.VJP(Min(x, 1), vector(1, 3), x)[0], autograd.FromSlice([]float64{0.5, 0.5, 0, 1, 1, 1}, 2, 3))
}

func TestCumSumAgainstLoops(t *testing.T) {
	anyViews(func(r *rand.Rand, x *Tensor) {
		if len(x.Shape()) == 0 {
			return
		}
		axis := r.IntN(len(x.Shape()))
		y := CumSum(x, axis)
		if !slices.Equal(y.Shape(), x.Shape()) {
			t.Fatalf("the sums of shape %v have shape %v", x.Shape(), y.Shape())
		}
		for i := range x.Shape()[axis] {
			if got, want := Slice(y, axis, i, i+1), KeepDims(Sum)(Slice(x, axis, 0, i+1), axis); !agrees(got, want, 1e-14) {
				t.Fatalf("to index %d of axis %d of shape %v: %v, want %v", i, axis, x.Shape(), got, want)
			}
		}
	})
}

// A million small numbers added to a float32 one by one would stop growing.
func TestCumSumIsAccurate(t *testing.T) {
	const n = 1 << 20
	x := single(autograd.Full(0.1, autograd.Scalar(0).Dtype(), n))
	want := float32(n * float64(float32(0.1)))
	if got := CumSum(x, 0).At(n - 1); got != float64(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
