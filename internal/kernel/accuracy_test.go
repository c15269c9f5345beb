package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// ulps returns the distance in representable float32 values between got and the exact want. An infinite or undefined result must
// be the very one.
func ulps(got float32, want float64) float64 {
	near := float32(want)
	switch {
	case got == near || got != got && near != near:
		if math.IsInf(float64(near), 0) || near != near {
			return 0
		}
	case got != got || near != near:
		return math.Inf(1)
	}
	return math.Abs(float64(got)-want) / unitOf(want)
}

// unitOf returns the distance from the float32 value nearest to x to the next one, towards +Inf.
func unitOf(x float64) float64 {
	near := float32(x)
	return float64(math.Nextafter32(near, float32(math.Inf(1)))) - float64(near)
}

// The errors that the doc comments state.
func TestErrorsOverTheWholeRange(t *testing.T) {
	for _, c := range []struct {
		name    string
		kernel  func(dst, x []float32)
		exact   func(float64) float64
		allowed float64
		unit    func(x float64) float64 // whose last place is meant, where it is not that of the result
	}{
		{"Sigmoid", Sigmoid[float32], plainSigmoid, 2.5, nil},
		{"Exp", Exp[float32], math.Exp, 1, nil},
		{"Log", Log[float32], math.Log, 1, nil},
		{"Tanh", Tanh[float32], math.Tanh, 2.5, nil},
		{"Softplus", Softplus[float32], plainSoftplus, 2, nil},
		{"LogSigmoid", LogSigmoid[float32], func(v float64) float64 { return -plainSoftplus(-v) }, 2, nil},
		{"Expm1", Expm1[float32], math.Expm1, 2, nil},
		{"Log1p", Log1p[float32], math.Log1p, 1.5, nil},
		{"Erf", Erf[float32], math.Erf, 5, nil},
		{"GELU", GELU[float32], plainGELU, 5, nil},
		{"GELUTanh", GELUTanh[float32], plainGELUTanh, 2, func(x float64) float64 { return x }},
		{"SiLU", func(dst, x []float32) { MulSigmoid(dst, x, x, 1) }, func(v float64) float64 { return v * plainSigmoid(v) }, 3, func(v float64) float64 {
			return v * max(plainSigmoid(v), 0x1p-126)
		}},
		{"SiLUGrad", slope(SiLUGrad[float32]), plainSiLUSlope, 2.5, unity},
		{"GELUGrad", slope(GELUGrad[float32]), plainGELUSlope, 2, unity},
		{"GELUTanhGrad", slope(GELUTanhGrad[float32]), plainGELUTanhSlope, 2.5, unity},
	} {
		onEachPath(t, func(t *testing.T) {
			const (
				block  = 1 << 12
				stride = 3989 // a prime: every exponent, and mantissas spread over each
			)
			x, y := make([]float32, block), make([]float32, block)
			worst, at := 0.0, float32(0)
			for bits := uint64(0); bits < 1<<32; {
				n := 0
				for ; n < block && bits < 1<<32; bits += stride {
					x[n] = math.Float32frombits(uint32(bits))
					n++
				}
				c.kernel(y[:n], x[:n])
				for i, v := range x[:n] {
					e := ulps(y[i], c.exact(float64(v)))
					if c.unit != nil && !math.IsInf(e, 0) {
						e = math.Abs(float64(y[i])-c.exact(float64(v))) / unitOf(c.unit(float64(v)))
					}
					if e > worst {
						worst, at = e, v
					}
				}
			}
			t.Logf("%s: largest error %.3f units in the last place, at %v", c.name, worst, at)
			if worst > c.allowed {
				t.Errorf("%s: error %.3f units in the last place at %v, the doc comment says %v", c.name, worst, at, c.allowed)
			}
		})
	}
}

// slope returns the gradient kernel of the cotangent 1.
func slope(grad func(dst, grad, x []float32)) func(dst, x []float32) {
	return func(dst, x []float32) { grad(dst, slices.Repeat([]float32{1}, len(x)), x) }
}

func unity(float64) float64 { return 1 }

// At the ends of what a function or a step of its computation can represent.
func TestEdgesOfElementaryFunctions(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	edges := []float64{
		0, math.Copysign(0, -1), math.SmallestNonzeroFloat32, 0x1p-127, 0x1p-126, 0x1p-60, 0.34657, 0.34658, 0.70710677, 0.7071068, 1,
		1.4142135, 1.4142137, 9, 10, 20, 88.7228, 88.72284, 103.97, 103.98, 104, 128, 1e10, math.MaxFloat32, inf, nan,
	}
	for _, c := range []struct {
		name   string
		kernel func(dst, x []float32)
		wide   func(dst, x []float64)
		exact  func(float64) float64
	}{
		{"Sigmoid", Sigmoid[float32], Sigmoid[float64], plainSigmoid},
		{"Exp", Exp[float32], Exp[float64], math.Exp},
		{"Log", Log[float32], Log[float64], math.Log},
		{"Tanh", Tanh[float32], Tanh[float64], math.Tanh},
		{"Softplus", Softplus[float32], Softplus[float64], plainSoftplus},
	} {
		onEachPath(t, func(t *testing.T) {
			for _, edge := range edges {
				for _, v := range []float64{edge, -edge} {
					narrow, wide := []float32{float32(v)}, []float64{v}
					want := c.exact(float64(narrow[0]))
					c.kernel(narrow, narrow)
					if e := ulps(narrow[0], want); e > 2.5 {
						t.Errorf("%s(%v) = %v, want %v", c.name, v, narrow[0], want)
					}
					c.wide(wide, wide)
					if want := c.exact(v); math.Abs(wide[0]-want) > 1e-15*math.Abs(want) || (wide[0] != wide[0]) != (want != want) {
						t.Errorf("%s(%v) = %v for float64, want %v", c.name, v, wide[0], want)
					}
				}
			}
		})
	}
}

func TestTanhIsOddAndExactNearZero(t *testing.T) {
	onEachPath(t, func(t *testing.T) { testTanhIsOdd[float32](t, 1e-5); testTanhIsOdd[float64](t, 1e-9) })
}

func testTanhIsOdd[T Float](t *testing.T, tiny float64) {
	var x, mirrored [100]T
	for i := range x {
		x[i] = T(tiny * math.Pow(1.5, float64(i-30)))
		mirrored[i] = -x[i]
	}
	y, z := make([]T, len(x)), make([]T, len(x))
	Tanh(y, x[:])
	Tanh(z, mirrored[:])
	for i, v := range x {
		if z[i] != -y[i] {
			t.Errorf("Tanh(%v) = %v, Tanh(%v) = %v", v, y[i], -v, z[i])
		}
		if v < T(tiny) && y[i] != v {
			t.Errorf("Tanh(%v) = %v", v, y[i])
		}
		if y[i] > 1 || v > 44 && y[i] != 1 {
			t.Errorf("Tanh(%v) = %v", v, y[i])
		}
	}
}

// The errors that the doc comments state for float64, of random arguments and against arithmetic of 200 bits.
func TestErrorsOfFloat64(t *testing.T) {
	one := big.NewFloat(1)
	for _, c := range []struct {
		name    string
		kernel  func(dst, x []float64)
		exact   func(x float64) *big.Float
		allowed float64
	}{
		{"Exp", Exp[float64], exactExp, 1.5},
		{"Sigmoid", Sigmoid[float64], func(x float64) *big.Float {
			e := exactExp(-x)
			return e.Quo(one, e.Add(e, one))
		}, 2.5},
		{"Tanh", Tanh[float64], func(x float64) *big.Float {
			e := exactExp(2 * x)
			above := new(big.Float).SetPrec(200).Add(e, one)
			return e.Quo(e.Sub(e, one), above)
		}, 3},
	} {
		onEachPath(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(8, 8))
			x, y := make([]float64, 4000), make([]float64, 4000)
			for i := range x {
				x[i] = (r.Float64() - 0.5) * math.Exp2(float64(r.IntN(18)-11))
			}
			c.kernel(y, x)
			worst, at := 0.0, 0.0
			for i, v := range x {
				want := c.exact(v)
				near, _ := want.Float64()
				gap, _ := want.Sub(want, big.NewFloat(y[i])).Float64()
				if e := math.Abs(gap) / (math.Nextafter(math.Abs(near), math.Inf(1)) - math.Abs(near)); e > worst {
					worst, at = e, v
				}
			}
			t.Logf("%s: largest error %.3f units in the last place, at %v", c.name, worst, at)
			if worst > c.allowed {
				t.Errorf("%s: error %.3f units in the last place at %v, the doc comment says %v", c.name, worst, at, c.allowed)
			}
		})
	}
}

// exactExp returns eˣ to about 180 bits: the Taylor series of x/2¹⁰, squared ten times.
func exactExp(x float64) *big.Float {
	const halvings = 10
	small := new(big.Float).SetPrec(200).SetFloat64(math.Ldexp(x, -halvings))
	sum, term := new(big.Float).SetPrec(200).SetInt64(1), new(big.Float).SetPrec(200).SetInt64(1)
	for k := range 40 {
		term.Quo(term.Mul(term, small), big.NewFloat(float64(k+1)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}
