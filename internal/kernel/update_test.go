package kernel

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// approx is a number in float64 and a bound for the error with which arithmetic that rounds to unit has it: running error analysis.
type approx struct{ v, err float64 }

// rounding is how an element type rounds: by its unit, or by half the least number of all.
type rounding struct{ unit, tiny float64 }

func (r rounding) of(v, err float64) approx { return approx{v, err + r.unit*math.Abs(v) + r.tiny} }

func (r rounding) add(a, b approx) approx { return r.of(a.v+b.v, a.err+b.err) }
func (r rounding) sub(a, b approx) approx { return r.of(a.v-b.v, a.err+b.err) }

func (r rounding) mul(a, b approx) approx {
	return r.of(a.v*b.v, math.Abs(a.v)*b.err+math.Abs(b.v)*a.err+a.err*b.err)
}

func (r rounding) div(a, b approx) approx {
	if math.Abs(b.v) <= b.err {
		return approx{a.v / b.v, math.Inf(1)}
	}
	return r.of(a.v/b.v, (a.err+math.Abs(a.v/b.v)*b.err)/(math.Abs(b.v)-b.err))
}

func (r rounding) sqrt(a approx) approx {
	return r.of(math.Sqrt(a.v), math.Sqrt(a.v+a.err)-math.Sqrt(max(a.v-a.err, 0)))
}

// positive is max(a, 0).
func positive(a approx) approx {
	if a.v+a.err <= 0 {
		return approx{}
	}
	return approx{max(a.v, 0), a.err}
}

// is reports whether got may have come out.
func (a approx) is(got float64) bool {
	return got == a.v || got != got && a.v != a.v ||
		a.v == a.v && !math.IsInf(a.v, 0) && (math.Abs(got-a.v) <= a.err || math.IsInf(a.err, 1) || a.err != a.err)
}

// operands is w, the three states, and the gradient.
type operands [5]approx

// updateReference is an update and what it must compute, where the states are not negative.
type updateReference struct {
	name   string
	update func(r rounding, x operands, c [8]approx) operands
	f32    func(x [5][]float32, c [8]float32)
	f64    func(x [5][]float64, c [8]float64)
}

var updateReferences = []updateReference{
	{"SGD", func(r rounding, x operands, c [8]approx) operands {
		d := x[4]
		if c[1].v != 0 { // 0·Inf would be NaN
			d = r.add(d, r.mul(c[1], x[0]))
		}
		x[0] = r.sub(x[0], r.mul(c[0], d))
		return x
	}, callSGD[float32], callSGD[float64]},
	{"Momentum", plainMomentum(false), callMomentum[float32](false), callMomentum[float64](false)},
	{"Nesterov", plainMomentum(true), callMomentum[float32](true), callMomentum[float64](true)},
	{"Adam", func(r rounding, x operands, c [8]approx) operands {
		d := r.add(x[4], r.mul(c[5], x[0]))
		x[1] = r.add(x[1], r.mul(c[0], r.sub(d, x[1])))
		x[2] = r.add(x[2], r.mul(c[1], r.sub(r.mul(d, d), x[2])))
		step := r.div(x[1], r.add(r.mul(c[3], r.sqrt(x[2])), c[4]))
		x[0] = r.sub(x[0], r.add(r.mul(c[2], step), r.mul(c[6], x[0])))
		return x
	}, callAdam[float32], callAdam[float64]},
	{"Adagrad", func(r rounding, x operands, c [8]approx) operands {
		d := r.add(x[4], r.mul(c[2], x[0]))
		x[1] = r.add(x[1], r.mul(d, d))
		x[0] = r.sub(x[0], r.mul(c[0], r.div(d, r.add(r.sqrt(x[1]), c[1]))))
		return x
	}, callAdagrad[float32], callAdagrad[float64]},
	{"Approach", func(r rounding, x operands, c [8]approx) operands {
		x[0] = r.add(x[0], r.mul(c[0], r.sub(x[4], x[0])))
		return x
	}, callApproach[float32], callApproach[float64]},
	{"RMSProp", plainRMSProp(false, false), callRMSProp[float32](false, false), callRMSProp[float64](false, false)},
	{"RMSProp with momentum", plainRMSProp(false, true), callRMSProp[float32](false, true), callRMSProp[float64](false, true)},
	{"centered RMSProp", plainRMSProp(true, false), callRMSProp[float32](true, false), callRMSProp[float64](true, false)},
	{"centered RMSProp with momentum", plainRMSProp(true, true), callRMSProp[float32](true, true), callRMSProp[float64](true, true)},
}

func plainMomentum(nesterov bool) func(r rounding, x operands, c [8]approx) operands {
	return func(r rounding, x operands, c [8]approx) operands {
		d := r.add(x[4], r.mul(c[2], x[0]))
		x[1] = r.add(r.mul(c[1], x[1]), d)
		if nesterov {
			d = r.add(d, r.mul(c[1], x[1]))
		} else {
			d = x[1]
		}
		x[0] = r.sub(x[0], r.mul(c[0], d))
		return x
	}
}

func plainRMSProp(center, momentum bool) func(r rounding, x operands, c [8]approx) operands {
	return func(r rounding, x operands, c [8]approx) operands {
		d := r.add(x[4], r.mul(c[3], x[0]))
		x[1] = r.add(x[1], r.mul(c[0], r.sub(r.mul(d, d), x[1])))
		variance := x[1]
		if center {
			x[2] = r.add(x[2], r.mul(c[0], r.sub(d, x[2])))
			variance = positive(r.sub(variance, r.mul(x[2], x[2])))
		}
		d = r.div(d, r.add(r.sqrt(variance), c[2]))
		if momentum {
			x[3] = r.add(r.mul(c[4], x[3]), d)
			d = x[3]
		}
		x[0] = r.sub(x[0], r.mul(c[1], d))
		return x
	}
}

func callSGD[T Float](x [5][]T, c [8]T) { SGD(x[0], x[4], c[0], c[1]) }

func callMomentum[T Float](nesterov bool) func(x [5][]T, c [8]T) {
	return func(x [5][]T, c [8]T) { Momentum(x[0], x[1], x[4], c[0], c[1], c[2], nesterov) }
}

func callAdam[T Float](x [5][]T, c [8]T) {
	Adam(x[0], x[1], x[2], x[4], AdamStep[T]{c[0], c[1], c[2], c[3], c[4], c[5], c[6]})
}

func callAdagrad[T Float](x [5][]T, c [8]T) { Adagrad(x[0], x[1], x[4], c[0], c[1], c[2]) }

func callApproach[T Float](x [5][]T, c [8]T) { Approach(x[0], x[4], c[0]) }

func callRMSProp[T Float](center, momentum bool) func(x [5][]T, c [8]T) {
	return func(x [5][]T, c [8]T) {
		var mean, moment []T
		if center {
			mean = x[2]
		}
		if momentum {
			moment = x[3]
		}
		RMSProp(x[0], x[1], mean, moment, x[4], RMSPropStep[T]{c[0], c[1], c[2], c[3], c[4]})
	}
}

// updateOperands returns operands of n elements within guards. Where odd is set, half of the values are special.
func updateOperands[T Float](r *rand.Rand, n int, odd bool) (all, x [5][]T) {
	for i := range x {
		all[i], x[i] = guarded[T](r, n)
		for k := range x[i] {
			if odd && r.IntN(2) == 0 {
				x[i][k] = T(special[r.IntN(len(special))])
			}
			if 0 < i && i < 4 {
				x[i][k] = T(math.Abs(float64(x[i][k])))
			}
		}
	}
	return all, x
}

func checkUpdate[T Float](t *testing.T, r *rand.Rand, ref *updateReference, f func(x [5][]T, c [8]T), n int, odd bool) {
	t.Helper()
	to := rounding{1.0 / (1 << 24), math.SmallestNonzeroFloat32}
	if unsafe.Sizeof(T(0)) == 8 {
		to = rounding{1.0 / (1 << 52), math.SmallestNonzeroFloat64} // twice: the reference rounds too
	}
	all, x := updateOperands[T](r, n, odd)
	var c [8]T
	var scalars [8]approx
	for i := range c {
		c[i] = T(r.IntN(3)) * 0.4375
		if ref.name == "Adam" && i == 4 || ref.name != "Adam" && i > 0 && i < 3 { // ε among them, which is not 0
			c[i] += 1e-8
		}
		scalars[i].v = float64(c[i])
	}
	var before, wide [5][]T
	for i := range x {
		before[i], wide[i] = slices.Clone(x[i]), slices.Clone(all[i])
	}
	f(x, c)
	for k := range n {
		var in operands
		for i := range in {
			in[i].v = float64(before[i][k])
		}
		for i, want := range ref.update(to, in, scalars) {
			if got := float64(x[i][k]); !want.is(got) {
				t.Fatalf("%s[%T], %d of %d: operand %d of %v with %v became %v, want %v", ref.name, c[0], k, n, i, in, c, got, want)
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

func TestUpdatesAgainstPlainLoops(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for i := range updateReferences {
			ref := &updateReferences[i]
			t.Run(ref.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(i), 5))
				for n := range 100 {
					checkUpdate(t, r, ref, ref.f32, n, n%3 == 0)
					checkUpdate(t, r, ref, ref.f64, n, n%3 == 0)
				}
				checkUpdate(t, r, ref, ref.f32, 20_011, true)
				checkUpdate(t, r, ref, ref.f64, 20_011, false)
			})
		}
	})
}

func TestUpdatesSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	onEachPath(t, func(t *testing.T) {
		for i := range updateReferences {
			ref := &updateReferences[i]
			var want [5][]float32
			for _, procs := range []int{1, 2, 3, 5} {
				runtime.GOMAXPROCS(procs)
				_, x := updateOperands[float32](rand.New(rand.NewPCG(uint64(i), 6)), 30_001, false)
				ref.f32(x, [8]float32{0.5, 0.875, 0.125, 0.25, 0.5, 0.375, 0.75})
				for k := range x {
					if procs == 1 {
						want[k] = x[k]
					} else if !slices.Equal(want[k], x[k]) {
						t.Errorf("%s: operand %d has other bits on %d processors than on one", ref.name, k, procs)
					}
				}
			}
		}
	})
}

func TestUpdatesRejectUnequalLengths(t *testing.T) {
	three, two := make([]float64, 3), make([]float64, 2)
	for name, call := range map[string]func(){
		"gradients": func() { Momentum(three, three, two, 1, 1, 0, false) },
		"state":     func() { Adam(three, three, two, three, AdamStep[float64]{}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(string); !ok {
					t.Error("want a panic with a text")
				}
			}()
			call()
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	const n = 1_100_000
	for _, name := range []string{"SGD", "Momentum", "Adam", "Adagrad", "RMSProp"} {
		ref := &updateReferences[slices.IndexFunc(updateReferences, func(u updateReference) bool { return u.name == name })]
		b.Run(name, func(b *testing.B) {
			_, x := updateOperands[float32](rand.New(rand.NewPCG(1, 1)), n, false)
			for b.Loop() {
				ref.f32(x, [8]float32{1e-3, 1e-3, 1e-3, 1, 1e-8, 0, 0})
			}
		})
	}
}
