package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// element is what a vector kernel does with one element, in float64: x holds dst, a and b, and c the scalars.
type element func(x, c [3]float64) [3]float64

// reference is a vector function and what it must compute.
type reference struct {
	name    string
	element element
	// terms is how many roundings of the largest term make up the error that is allowed.
	terms     float64
	magnitude element // a bound for the terms, where it is not the result
	f32       func(dst, a, b []float32, c [3]float32)
	f64       func(dst, a, b []float64, c [3]float64)
}

func first(f func(x, c [3]float64) float64) element {
	return func(x, c [3]float64) [3]float64 { return [3]float64{f(x, c), x[1], x[2]} }
}

func unary(f func(float64) float64) element {
	return first(func(x, _ [3]float64) float64 { return f(x[1]) })
}

var references = slices.Concat(vectorReferences, elementaryReferences, activationReferences)

var vectorReferences = []reference{
	{"Add", first(func(x, _ [3]float64) float64 { return x[1] + x[2] }), 1, nil, ignore(Add[float32]), ignore(Add[float64])},
	{"Sub", first(func(x, _ [3]float64) float64 { return x[1] - x[2] }), 1, nil, ignore(Sub[float32]), ignore(Sub[float64])},
	{"Mul", first(func(x, _ [3]float64) float64 { return x[1] * x[2] }), 1, nil, ignore(Mul[float32]), ignore(Mul[float64])},
	{"Div", first(func(x, _ [3]float64) float64 { return x[1] / x[2] }), 1, nil, ignore(Div[float32]), ignore(Div[float64])},
	{"Scale", first(func(x, c [3]float64) float64 { return c[0] * x[1] }), 1, nil, scaled(Scale[float32]), scaled(Scale[float64])},
	{
		"AddScaled", first(func(x, c [3]float64) float64 { return x[0] + c[0]*x[1] }), 2,
		first(func(x, c [3]float64) float64 { return math.Abs(x[0]) + math.Abs(c[0]*x[1]) }),
		scaled(AddScaled[float32]), scaled(AddScaled[float64]),
	},
	{"Shift", first(func(x, c [3]float64) float64 { return x[1] + c[0] }), 1, nil, scaled(Shift[float32]), scaled(Shift[float64])},
	{
		"Residual", first(func(x, c [3]float64) float64 { return c[2] * (x[1] - c[0] - c[1]*x[2]) }), 6,
		first(func(x, c [3]float64) float64 { return c[2] * (math.Abs(x[1]) + c[0] + c[1]*math.Abs(x[2])) }),
		func(dst, a, b []float32, c [3]float32) { Residual(dst, a, b, c[0], c[1], c[2]) },
		func(dst, a, b []float64, c [3]float64) { Residual(dst, a, b, c[0], c[1], c[2]) },
	},
	{"ReLU", unary(func(v float64) float64 {
		if v <= 0 {
			return 0
		}
		return v
	}), 0, nil, one(ReLU[float32]), one(ReLU[float64])},
	{"ReLUGrad", first(func(x, _ [3]float64) float64 {
		if x[2] <= 0 {
			return 0
		}
		return x[1]
	}), 0, nil, ignore(ReLUGrad[float32]), ignore(ReLUGrad[float64])},
	{"Sigmoid", unary(plainSigmoid), 5, nil, one(Sigmoid[float32]), one(Sigmoid[float64])},
	{
		"SigmoidGrad", first(func(x, _ [3]float64) float64 { return x[1] * x[2] * (1 - x[2]) }), 4,
		first(func(x, _ [3]float64) float64 { return math.Abs(x[1]*x[2]) * (1 + math.Abs(x[2])) }),
		ignore(SigmoidGrad[float32]), ignore(SigmoidGrad[float64]),
	},
	{"Sqrt", unary(math.Sqrt), 1, nil, one(Sqrt[float32]), one(Sqrt[float64])},
	{"Exp", unary(math.Exp), 2, nil, one(Exp[float32]), one(Exp[float64])},
	{"Log", unary(math.Log), 2, nil, one(Log[float32]), one(Log[float64])},
	{"Tanh", unary(math.Tanh), 6, nil, one(Tanh[float32]), one(Tanh[float64])},
	{"Sin", unary(math.Sin), 2, nil, one(Sin[float32]), one(Sin[float64])},
	{"Cos", unary(math.Cos), 2, nil, one(Cos[float32]), one(Cos[float64])},
	{"Softplus", unary(plainSoftplus), 4, nil, one(Softplus[float32]), one(Softplus[float64])},
}

func ignore[T Float](f func(dst, a, b []T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, b []T, _ [3]T) { f(dst, a, b) }
}

func one[T Float](f func(dst, x []T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, _ []T, _ [3]T) { f(dst, a) }
}

func scaled[T Float](f func(dst, x []T, c T)) func(dst, a, b []T, c [3]T) {
	return func(dst, a, _ []T, c [3]T) { f(dst, a, c[0]) }
}

func plainSigmoid(v float64) float64 {
	if v < 0 {
		return math.Exp(v) / (1 + math.Exp(v))
	}
	return 1 / (1 + math.Exp(-v))
}

func plainSoftplus(v float64) float64 {
	if v > 40 {
		return v
	}
	return math.Log1p(math.Exp(v))
}

// special is the values that kernels are most likely to treat differently.
var special = []float64{
	0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, -1e-40, 1.5e-38, 88.8, -88.8, -103.5, 103.5, -110,
}

func checkReference[T Float](t *testing.T, r *rand.Rand, ref *reference, f func(dst, a, b []T, c [3]T), n int, odd bool) {
	t.Helper()
	unit, tiny := 1.0/(1<<24), float64(math.SmallestNonzeroFloat32)
	if unsafe.Sizeof(T(0)) == 8 {
		unit, tiny = 1.0/(1<<53), math.SmallestNonzeroFloat64
	}
	var all, x [3][]T
	for i := range x {
		all[i], x[i] = guarded[T](r, n)
		for k := range x[i] {
			if odd && r.IntN(2) == 0 {
				x[i][k] = T(special[r.IntN(len(special))])
			}
		}
	}
	c := [3]T{0.5, 0.875, T(r.IntN(2)) * 0.125}
	var before, wide [3][]T
	for i := range x {
		before[i], wide[i] = slices.Clone(x[i]), slices.Clone(all[i])
	}
	f(x[0], x[1], x[2], c)

	for k := range n {
		in := [3]float64{float64(before[0][k]), float64(before[1][k]), float64(before[2][k])}
		scalars := [3]float64{float64(c[0]), float64(c[1]), float64(c[2])}
		want := ref.element(in, scalars)
		bound := want
		if ref.magnitude != nil {
			bound = ref.magnitude(in, scalars)
		}
		for i := range x {
			got, w := float64(x[i][k]), float64(T(want[i]))
			allowed := ref.terms * max(unit*math.Abs(bound[i]), tiny)
			if got != w && !(math.Abs(got-w) <= allowed) && !(got != got && w != w) {
				t.Fatalf("%s[%T], %d of %d: operand %d of %v with %v became %v, want %v", ref.name, c[0], k, n, i, in, scalars, got, w)
			}
		}
	}
	for i := range x {
		origin := len(all[i]) - 33 - n
		if !slices.Equal(all[i][:origin], wide[i][:origin]) || !slices.Equal(all[i][origin+n:], wide[i][origin+n:]) {
			t.Fatalf("%s[%T] of %d elements wrote outside of operand %d", ref.name, c[0], n, i)
		}
	}
}

func TestVectorsAgainstPlainLoops(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for i := range references {
			ref := &references[i]
			t.Run(ref.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for n := range 150 {
					checkReference(t, r, ref, ref.f32, n, n%3 == 0)
					checkReference(t, r, ref, ref.f64, n, n%3 == 0)
				}
				checkReference(t, r, ref, ref.f32, 20_011, false)
				checkReference(t, r, ref, ref.f64, 20_011, true)
			})
		}
	})
}

// The destination may be an operand.
func TestVectorsInPlace(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 9))
		for _, name := range []string{"Add", "Mul", "ReLU", "ReLUGrad", "Sigmoid", "SigmoidGrad", "Scale", "Exp", "Log", "Tanh", "Softplus", "GELU", "GELUGrad", "GELUTanhGrad", "SiLUGrad", "MulSigmoid", "Residual", "ELU", "Erf", "Log1p", "Expm1"} {
			ref := &references[slices.IndexFunc(references, func(ref reference) bool { return ref.name == name })]
			for _, n := range []int{1, 8, 37, 100} {
				_, a := guarded[float32](r, n)
				_, b := guarded[float32](r, n)
				want := make([]float32, n)
				ref.f32(want, a, b, [3]float32{0.5})
				ref.f32(a, a, b, [3]float32{0.5})
				if !slices.EqualFunc(a, want, func(a, b float32) bool { return a == b || a != a && b != b }) {
					t.Errorf("%s of %d elements in place differs", name, n)
				}
			}
		}
	})
}

func TestReLUOfNaN(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		nan := float32(math.NaN())
		x, grad := slices.Repeat([]float32{nan, -1, 2}, 15), slices.Repeat([]float32{5, 6, 7}, 15)
		y, dx := make([]float32, len(x)), make([]float32, len(x))
		ReLU(y, x)
		ReLUGrad(dx, grad, x)
		for i := 0; i < len(x); i += 3 {
			if y[i] == y[i] || y[i+1] != 0 || y[i+2] != 2 {
				t.Fatalf("ReLU(NaN, -1, 2) = %v", y[i:i+3])
			}
			if dx[i] != 5 || dx[i+1] != 0 || dx[i+2] != 7 {
				t.Fatalf("gradients 5, 6, 7 at NaN, -1, 2 became %v", dx[i:i+3])
			}
		}
	})
}

func TestScaleBytes(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for n := range 100 {
			src := make([]uint8, n)
			for i := range src {
				src[i] = uint8(r.IntN(256))
			}
			all, dst := guarded[float32](r, n)
			ScaleBytes(dst, src, 1.0/255)
			for i, v := range src {
				if want := float32(1.0/255) * float32(v); dst[i] != want {
					t.Fatalf("%d of %d: byte %d became %v, want %v", i, n, v, dst[i], want)
				}
			}
			if all[len(all)-33] != guard || all[len(all)-34-n] != guard {
				t.Fatalf("%d bytes: wrote outside", n)
			}
			wide := make([]float64, n)
			ScaleBytes(wide, src, 1.0/255)
			for i, v := range src {
				if wide[i] != 1.0/255*float64(v) {
					t.Fatalf("float64: byte %d became %v", v, wide[i])
				}
			}
		}
	})
}

func TestVectorsSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	onEachPath(t, func(t *testing.T) {
		for i := range references {
			ref := &references[i]
			var want []float32
			for _, procs := range []int{1, 2, 3, 5} {
				runtime.GOMAXPROCS(procs)
				r := rand.New(rand.NewPCG(uint64(i), 3))
				var x [3][]float32
				for k := range x {
					_, x[k] = guarded[float32](r, 30_001)
					for q := range x[k] {
						x[k][q] = float32(math.Abs(float64(x[k][q])))
					}
				}
				ref.f32(x[0], x[1], x[2], [3]float32{0.5, 0.875, 0.125})
				if want == nil {
					want = x[0]
				} else if !slices.EqualFunc(want, x[0], func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
					t.Errorf("%s: other bits on %d processors than on one", ref.name, procs)
				}
			}
		}
	})
}

func TestVectorsRejectUnequalLengths(t *testing.T) {
	for name, call := range map[string]func(){
		"Add":        func() { Add(make([]float32, 3), make([]float32, 3), make([]float32, 4)) },
		"ReLU":       func() { ReLU(make([]float32, 3), make([]float32, 4)) },
		"ScaleBytes": func() { ScaleBytes(make([]float32, 3), make([]uint8, 2), 1) },
		"Dot":        func() { Dot(make([]float32, 3), make([]float32, 2)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := recover(); v == nil || !slices.Contains([]string{"string"}, fmt.Sprintf("%T", v)) {
					t.Errorf("recovered %v, want a text", v)
				}
			}()
			call()
		})
	}
}
