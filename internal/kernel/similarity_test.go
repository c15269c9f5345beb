package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func randomValues[T Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// plainSimilarity compares a sample with one of a block in float64.
func plainSimilarity[T Float](block, z []T, lane int, offset float64, power bool) float64 {
	e := -offset
	for d, q := range z {
		e += float64(q) * float64(block[d*BlockLanes+lane])
	}
	if power {
		return math.Exp2(min(e, 0))
	}
	return e
}

func testSimilarities[T Float](t *testing.T, tolerance float64) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, depth := range []int{1, 2, 3, 7, 32, 33} {
			for _, blocks := range []int{0, 1, 2, 3, 7, 8, 9, 16, 21} {
				for _, power := range []bool{false, true} {
					n := blocks * BlockLanes
					packed, offsets, z := randomValues[T](r, n*depth), randomValues[T](r, n), randomValues[T](r, depth)
					out, first := make([]T, n), make([]T, BlockLanes)
					Similarities(out, packed, offsets, z, 0.5, power)
					for i, got := range out {
						block := packed[i/BlockLanes*BlockLanes*depth:]
						want := plainSimilarity(block, z, i%BlockLanes, 0.5+float64(offsets[i]), power)
						if math.Abs(float64(got)-want) > tolerance*(1+float64(depth)) {
							t.Fatalf("depth %d, sample %d of %d, power %v: %v, want %v", depth, i, n, power, got, want)
						}
					}
					if blocks == 0 {
						continue
					}
					// All kernels give the same bits.
					Similarities(first, packed[:BlockLanes*depth], offsets[:BlockLanes], z, 0.5, power)
					if !slices.Equal(first, out[:BlockLanes]) {
						t.Fatalf("depth %d, %d blocks, power %v: the first block alone has other bits", depth, blocks, power)
					}
					for _, rows := range []int{1, 2, 3, 5, 12, 25} {
						several, zOffsets := make([]T, rows*BlockLanes), slices.Repeat([]T{0.5}, rows)
						zs := slices.Concat(randomValues[T](r, (rows-1)*depth), z)
						SimilaritiesOfBlock(several, packed[:BlockLanes*depth], offsets[:BlockLanes], zs, zOffsets, power)
						if !slices.Equal(several[(rows-1)*BlockLanes:], first) {
							t.Fatalf("depth %d, the last of %d samples, power %v, has other bits", depth, rows, power)
						}
						Similarities(first, packed[:BlockLanes*depth], offsets[:BlockLanes], zs[:depth], 0.5, power)
						if !slices.Equal(several[:BlockLanes], first) {
							t.Fatalf("depth %d, the first of %d samples, power %v, has other bits", depth, rows, power)
						}
						copy(first, out)
					}
				}
			}
		}
	})
}

func TestSimilarities(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testSimilarities[float32](t, 2e-6) })
	t.Run("float64", func(t *testing.T) { testSimilarities[float64](t, 4e-15) })
}

// The error that the doc comment states, over all exponents, and what lies beyond.
func TestPowersOfTwo(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		worst, worstDouble := 0.0, 0.0
		r := rand.New(rand.NewPCG(1, 3))
		for range 40_000 {
			one, oneDouble := make([]float32, BlockLanes), make([]float64, BlockLanes)
			for l := range one {
				one[l], oneDouble[l] = float32(-126*r.Float64()), -1022*r.Float64()
			}
			out, outDouble := make([]float32, BlockLanes), make([]float64, BlockLanes)
			Similarities(out, one, make([]float32, BlockLanes), []float32{1}, 0, true)
			Similarities(outDouble, oneDouble, make([]float64, BlockLanes), []float64{1}, 0, true)
			for l := range one {
				worst = max(worst, ulps(out[l], math.Exp2(float64(one[l]))))
				want := math.Exp2(oneDouble[l])
				worstDouble = max(worstDouble, math.Abs(outDouble[l]-want)/(math.Nextafter(want, 2)-want))
			}
		}
		t.Logf("%.3f units in the last place for float32, %.3f for float64", worst, worstDouble)
		if worst > 2 || worstDouble > 2.5 { // math.Exp2 has an error of its own
			t.Errorf("%.3f units in the last place for float32, %.3f for float64", worst, worstDouble)
		}
		for _, c := range []struct{ x, want float64 }{{0, 1}, {1, 1}, {1e9, 1}, {-1, 0.5}, {-126, 0x1p-126}, {-1023, 0}, {-1e30, 0}, {math.Inf(-1), 0}} {
			out, outDouble := make([]float32, BlockLanes), make([]float64, BlockLanes)
			Similarities(out, slices.Repeat([]float32{float32(c.x)}, BlockLanes), make([]float32, BlockLanes), []float32{1}, 0, true)
			Similarities(outDouble, slices.Repeat([]float64{c.x}, BlockLanes), make([]float64, BlockLanes), []float64{1}, 0, true)
			if out[3] != float32(c.want) || outDouble[3] != c.want {
				t.Errorf("2^%v is %v and %v, want %v", c.x, out[3], outDouble[3], c.want)
			}
		}
	})
}

// A sample is as like to itself as can be, exactly.
func TestEqualSamples(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 4))
		for range 100 {
			depth := 1 + r.IntN(40)
			z := randomValues[float32](r, depth)
			block := make([]float32, BlockLanes*depth)
			for i, v := range z {
				for l := range BlockLanes {
					block[i*BlockLanes+l] = v
				}
			}
			out := make([]float32, BlockLanes)
			Similarities(out, block, make([]float32, BlockLanes), z, 0, false)
			half := out[0] / 2
			Similarities(out, block, slices.Repeat([]float32{half}, BlockLanes), z, half, true)
			for _, v := range out {
				if v != 1 {
					t.Fatalf("%v of a sample and itself", v)
				}
			}
		}
	})
}

func testWeightedSums[T Float](t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 5))
		for columns := WeightColumns; columns <= 30; columns += WeightColumns {
			for _, rows := range []int{0, 1, 2, 17} {
				values, weights := randomValues[T](r, rows*BlockLanes), randomValues[float64](r, rows*columns)
				sums := randomValues[float64](r, columns*BlockLanes)
				want := slices.Clone(sums)
				for i := range want {
					for row := range rows {
						want[i] += weights[row*columns+i/BlockLanes] * float64(values[row*BlockLanes+i%BlockLanes])
					}
				}
				WeightedSums(sums, values, weights)
				for i, v := range sums {
					if math.Abs(v-want[i]) > 1e-13*(1+math.Abs(want[i])) {
						t.Fatalf("sum %d of %d columns, %d rows: %v, want %v", i, columns, rows, v, want[i])
					}
				}
			}
		}
	})
}

func TestWeightedSums(t *testing.T) {
	t.Run("float32", testWeightedSums[float32])
	t.Run("float64", testWeightedSums[float64])
}

// plainExtremes searches gradients in the plainest way.
func plainExtremes(d *Descent[float64], gradient []float64) (at int, top, bottom float64) {
	at, top, bottom = -1, math.Inf(-1), math.Inf(1)
	is := func(flags []uint16, k int) bool { return len(flags) > 0 && flags[k/BlockLanes]>>(k%BlockLanes)&1 == 1 }
	for k, g := range gradient {
		high, low := d.kinked(g, is(d.Below, k), is(d.Above, k))
		if is(d.Rise, k) && high > top {
			at, top = k, high
		}
		if is(d.Fall, k) {
			bottom = min(bottom, low)
		}
	}
	return at, top, bottom
}

func testDescent[T Float](t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 6))
		for range 400 {
			n := BlockLanes * (1 + r.IntN(7))
			var gradient []float64
			for range n {
				gradient = append(gradient, float64(r.IntN(12))/4) // many are equal
			}
			flags := func() []uint16 {
				f := make([]uint16, n/BlockLanes)
				for b := range f {
					f[b] = uint16(r.Uint32() & r.Uint32())
				}
				return f
			}
			d := &Descent[T]{Rise: flags(), Fall: flags()}
			if r.IntN(2) == 0 {
				d.Below, d.Above, d.Kink = flags(), flags(), 0.25
			}
			if r.IntN(10) == 0 {
				clear(d.Rise)
				clear(d.Fall)
			}
			up, down, diagonal := make([]T, n), make([]T, n), make([]T, n)
			step := float64(r.IntN(3))
			want := slices.Clone(gradient)
			for k := range n {
				up[k], down[k] = T(r.IntN(5))/4, T(r.IntN(5))/4
				diagonal[k] = 1
				want[k] -= step * float64(up[k]-down[k])
			}
			plain := &Descent[float64]{Rise: d.Rise, Fall: d.Fall, Below: d.Below, Above: d.Above, Kink: d.Kink}
			wantAt, wantTop, wantBottom := plainExtremes(plain, want)
			at, top, bottom := d.Step(gradient, up, down, step)
			if at != wantAt || top != wantTop || bottom != wantBottom || !slices.Equal(gradient, want) {
				t.Fatalf("step of %d: (%d, %v, %v), want (%d, %v, %v)", n, at, top, bottom, wantAt, wantTop, wantBottom)
			}
			wantSecond, wantGain := -1, 0.0
			for k, g := range gradient {
				_, low := plain.kinked(g, false, d.Kink != 0 && d.Above[k/BlockLanes]>>(k%BlockLanes)&1 == 1)
				if d.Fall[k/BlockLanes]>>(k%BlockLanes)&1 == 0 || low >= top {
					continue
				}
				gap, curvature := top-low, max(2-2*float64(up[k]), 1e-12)
				if gain := gap * gap / curvature; gain > wantGain*(1+1e-3) {
					wantSecond, wantGain = k, gain
				}
			}
			for _, diagonal := range [][]T{diagonal, diagonal[:BlockLanes]} {
				if got := d.Second(gradient, up, diagonal, 1, top); got != wantSecond {
					t.Fatalf("second of %d is %d, want %d", n, got, wantSecond)
				}
			}
		}
	})
}

func TestDescent(t *testing.T) {
	t.Run("float32", testDescent[float32])
	t.Run("float64", testDescent[float64])
}

func BenchmarkSimilarities(b *testing.B) {
	for _, size := range []struct{ n, depth int }{{128, 32}, {512, 32}, {2048, 32}, {12000, 32}, {2048, 784}} {
		b.Run(fmt.Sprintf("%dx%d", size.n, size.depth), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 7))
			packed, offsets, z := randomValues[float32](r, size.n*size.depth), randomValues[float32](r, size.n), randomValues[float32](r, size.depth)
			out := make([]float32, size.n)
			for b.Loop() {
				Similarities(out, packed, offsets, z, 0, true)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size.n), "ns/value")
		})
	}
}

func BenchmarkDescent(b *testing.B) {
	for _, n := range []int{512, 4096} {
		r := rand.New(rand.NewPCG(1, 8))
		gradient, up, down := randomValues[float64](r, n), randomValues[float32](r, n), randomValues[float32](r, n)
		d := &Descent[float32]{Rise: slices.Repeat([]uint16{0x5a5a}, n/BlockLanes), Fall: slices.Repeat([]uint16{0xa5a5}, n/BlockLanes)}
		b.Run(fmt.Sprintf("step/%d", n), func(b *testing.B) {
			for b.Loop() {
				d.Step(gradient, up, down, 1e-9)
			}
		})
		b.Run(fmt.Sprintf("second/%d", n), func(b *testing.B) {
			for b.Loop() {
				d.Second(gradient, up, slices.Repeat([]float32{1}, BlockLanes), 1, 2)
			}
		})
	}
}

func BenchmarkSimilaritiesOfBlock(b *testing.B) {
	const rows, depth = 96, 32
	r := rand.New(rand.NewPCG(1, 9))
	block, offsets, z, zOffsets := randomValues[float32](r, BlockLanes*depth), randomValues[float32](r, BlockLanes), randomValues[float32](r, rows*depth), randomValues[float32](r, rows)
	out, sums, weights := make([]float32, rows*BlockLanes), make([]float64, 9*BlockLanes), randomValues[float64](r, rows*9)
	for _, power := range []bool{false, true} {
		b.Run(fmt.Sprint("power=", power), func(b *testing.B) {
			for b.Loop() {
				SimilaritiesOfBlock(out, block, offsets, z, zOffsets, power)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(out)), "ns/value")
		})
	}
	b.Run("sums", func(b *testing.B) {
		for b.Loop() {
			WeightedSums(sums, out, weights)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(out)), "ns/value")
	})
}
