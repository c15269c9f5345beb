package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
)

func TestInitialDistributions(t *testing.T) {
	for _, c := range []struct {
		name     string
		init     nn.Init
		shape    []int
		variance float64
		bound    float64 // of a uniform distribution; 0 for a normal one
	}{
		{"GlorotUniform", nn.GlorotUniform, []int{300, 500}, 2.0 / 800, math.Sqrt(6.0 / 800)},
		{"GlorotNormal", nn.GlorotNormal, []int{300, 500}, 2.0 / 800, 0},
		{"HeUniform", nn.HeUniform, []int{300, 500}, 2.0 / 300, math.Sqrt(6.0 / 300)},
		{"HeNormal", nn.HeNormal, []int{300, 500}, 2.0 / 300, 0},
		{"GlorotUniform of a vector", nn.GlorotUniform, []int{90_000}, 1.0 / 90_000, math.Sqrt(3.0 / 90_000)},
		{"HeNormal of a kernel", nn.HeNormal, []int{3, 5, 60, 100}, 2.0 / 900, 0},
		{"Uniform", nn.Uniform(0.3), []int{300, 300}, 0.03, 0.3},
		{"Normal", nn.Normal(0.3), []int{300, 300}, 0.09, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			values := c.init(rand.New(rand.NewPCG(1, 2)), c.shape...)
			n := float64(len(values))
			var sum, squares, fourth float64
			for _, v := range values {
				sum += v
				squares += v * v
				fourth += v * v * v * v
			}
			sigma := math.Sqrt(c.variance)
			if math.Abs(sum/n) > 4*sigma/math.Sqrt(n) {
				t.Errorf("mean %v", sum/n)
			}
			if variance := squares / n; math.Abs(variance/c.variance-1) > 6/math.Sqrt(n) { // four and more standard errors
				t.Errorf("variance %v, want %v", variance, c.variance)
			}
			kurtosis := 3.0 // of a normal distribution that is not truncated
			if c.bound > 0 {
				kurtosis = 1.8
				if low, high := slices.Min(values), slices.Max(values); low < -c.bound || high >= c.bound || high < 0.999*c.bound || low > -0.999*c.bound {
					t.Errorf("values from %v to %v, want the bounds ±%v", low, high, c.bound)
				}
			}
			if got := fourth / n / (c.variance * c.variance); math.Abs(got-kurtosis) > 0.1 {
				t.Errorf("kurtosis %v, want %v", got, kurtosis)
			}
			if again := c.init(rand.New(rand.NewPCG(1, 2)), c.shape...); !slices.Equal(again, values) {
				t.Error("the same seed gives other values")
			}
		})
	}
}

// The moments of a normal distribution between -2σ and 2σ, where φ(2) = 0.053990967 and Φ(2) - Φ(-2) = 0.954499736, are
// variance 1 - 4 φ(2)/0.9545 and fourth moment 3 - 28 φ(2)/0.9545, in units of σ.
func TestTruncatedNormal(t *testing.T) {
	const sigma, n = 0.05, 200_000
	values := nn.TruncatedNormal(sigma)(rand.New(rand.NewPCG(1, 2)), 400, 500)
	var sum, squares, fourth float64
	for _, v := range values {
		z := v / sigma
		sum, squares, fourth = sum+z, squares+z*z, fourth+z*z*z*z
	}
	const tail = 0.053990966513188 / 0.954499736103642
	if mean := sum / n; math.Abs(mean) > 4*0.88/math.Sqrt(n) {
		t.Errorf("mean %v", mean)
	}
	if variance, want := squares/n, 1-4*tail; math.Abs(variance-want) > 4/math.Sqrt(n) || math.Abs(math.Sqrt(want)-0.8796) > 1e-4 {
		t.Errorf("variance %v, want %v", variance, want)
	}
	if got, want := fourth/n, 3-28*tail; math.Abs(got-want) > 8/math.Sqrt(n) {
		t.Errorf("fourth moment %v, want %v", got, want)
	}
	if low, high := slices.Min(values), slices.Max(values); low < -2*sigma || low > -1.999*sigma || high > 2*sigma || high < 1.999*sigma {
		t.Errorf("values from %v to %v, want the bounds ±%v", low, high, 2*sigma)
	}
}

// Columns, or rows if there are fewer, are orthogonal and of length gain. What was drawn is QR with an upper triangular R whose
// diagonal is positive, which determines Q.
func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{7, 7}, {40, 9}, {9, 40}, {3, 4, 5}, {2, 2, 9}, {1, 6}, {6, 1}, {6}, {}, {300, 200}} {
		const gain = 1.5
		values := nn.Orthogonal(gain)(rand.New(rand.NewPCG(3, 4)), shape...)
		cols := 1
		if len(shape) > 0 {
			cols = shape[len(shape)-1]
		}
		rows := len(values) / cols
		long, short := max(rows, cols), min(rows, cols)
		q := func(i, j int) float64 { // (long, short)
			if rows < cols {
				i, j = j, i
			}
			return values[i*cols+j] / gain
		}
		drawn := nn.Normal(1)(rand.New(rand.NewPCG(3, 4)), long, short)
		for i := range short {
			for j := range short {
				var dot, r float64
				for k := range long {
					dot += q(k, i) * q(k, j)
					r += q(k, i) * drawn[k*short+j]
				}
				want := 0.0
				if i == j {
					want = 1
				}
				if math.Abs(dot-want) > 1e-13 {
					t.Fatalf("%v: the product of columns %d and %d is %v", shape, i, j, dot)
				}
				if i > j && math.Abs(r) > 1e-12 || i == j && r <= 0 {
					t.Fatalf("%v: element (%d, %d) of R is %v", shape, i, j, r)
				}
			}
		}
	}
	if got := nn.Orthogonal(1)(rand.New(rand.NewPCG(3, 4)), 3, 0); len(got) != 0 {
		t.Errorf("%d values of shape (3, 0)", len(got))
	}
}

func TestInitializersSettings(t *testing.T) {
	for says, call := range map[string]func(){
		"nn.Uniform: a is -1: want a finite number that is not negative": func() { nn.Uniform(-1) },
		"nn.Normal: sigma is NaN":           func() { nn.Normal(math.NaN()) },
		"nn.TruncatedNormal: sigma is +Inf": func() { nn.TruncatedNormal(math.Inf(1)) },
		"nn.Orthogonal: gain is -0.5":       func() { nn.Orthogonal(-0.5) },
	} {
		wantError(t, autograd.Try(call), says)
	}
}

func TestFixedInitializers(t *testing.T) {
	if got := nn.Zeros(nil, 2, 2); !slices.Equal(got, []float64{0, 0, 0, 0}) {
		t.Errorf("Zeros: %v", got)
	}
	if got := nn.Constant(1.5)(nil, 3); !slices.Equal(got, []float64{1.5, 1.5, 1.5}) {
		t.Errorf("Constant(1.5): %v", got)
	}
	if got := nn.HeUniform(rand.New(rand.NewPCG(1, 2))); len(got) != 1 || math.Abs(got[0]) > math.Sqrt(6) {
		t.Errorf("HeUniform of a scalar: %v", got)
	}
}
