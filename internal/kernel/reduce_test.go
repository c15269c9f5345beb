package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"testing"
)

func exactSum(x []float64) (sum, magnitude float64) {
	s, m := new(big.Float).SetPrec(300), new(big.Float).SetPrec(300)
	for _, v := range x {
		s.Add(s, big.NewFloat(v))
		m.Add(m, big.NewFloat(math.Abs(v)))
	}
	sum, _ = s.Float64()
	magnitude, _ = m.Float64()
	return sum, magnitude
}

func TestSumsAgainstExactArithmetic(t *testing.T) { onEachPath(t, testSums) }

func testSums(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 131, 1023, 1024, 1025, 2049, 5000, 40_000} {
		narrow, wide, other := make([]float32, n), make([]float64, n), make([]float64, n)
		narrowOther := make([]float32, n)
		exact, product := make([]float64, n), make([]float64, n)
		for i := range narrow {
			narrow[i] = float32(r.NormFloat64() * math.Exp2(float64(r.IntN(30))))
			narrowOther[i] = float32(r.NormFloat64())
			wide[i], other[i] = float64(narrow[i]), float64(narrowOther[i])
			exact[i], product[i] = wide[i], wide[i]*other[i] // of two float32 values: exact
		}
		sum, magnitude := exactSum(exact)
		if got := Sum(narrow); math.Abs(float64(got)-sum) > magnitude*1e-13+math.Abs(sum)/(1<<24) {
			t.Errorf("Sum of %d float32: %v, want %v", n, got, sum)
		}
		// within a block of 1024 each of four sums is rounded 256 times
		if got := Sum(wide); math.Abs(got-sum) > magnitude*280/(1<<53) {
			t.Errorf("Sum of %d float64: %v, want %v", n, got, sum)
		}
		dot, magnitude := exactSum(product)
		if got := Dot(wide, other); math.Abs(got-dot) > magnitude*280/(1<<53) {
			t.Errorf("Dot of %d float64: %v, want %v", n, got, dot)
		}
		if got := Dot(narrow, narrowOther); math.Abs(float64(got)-dot) > magnitude*1e-13+math.Abs(dot)/(1<<24) {
			t.Errorf("Dot of %d float32: %v, want %v", n, got, dot)
		}
		for i, v := range wide {
			product[i] = v * v
		}
		squares, _ := exactSum(product)
		if got := SquaredNorm(narrow); math.Abs(got-squares) > squares*1e-13 {
			t.Errorf("SquaredNorm of %d float32: %v, want %v", n, got, squares)
		}
	}
}

// A plain float32 loop stops at 2²⁴.
func TestSumOfManyOnes(t *testing.T) {
	onEachPath(t, testManyOnes)
}

func testManyOnes(t *testing.T) {
	x := make([]float32, 1<<24+1000)
	for i := range x {
		x[i] = 1
	}
	if got := Sum(x); got != 1<<24+1000 {
		t.Errorf("%v, want %v", got, 1<<24+1000)
	}
}

func TestMax(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{nil, -inf},
		{[]float64{-inf}, -inf},
		{[]float64{-3, -1, -2}, -1},
		{[]float64{1, inf, 2}, inf},
		{[]float64{nan, 5}, nan},
		{[]float64{5, nan, 7}, nan},
		{[]float64{5, 7, nan}, nan},
	} {
		if got := Max(c.x); got != c.want && (got == got || c.want == c.want) {
			t.Errorf("Max(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestMaxAtEveryPlace(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		for n := 1; n < 200; n++ {
			x := make([]float32, n)
			for i := range x {
				x[i] = -1 - r.Float32()
			}
			i := r.IntN(n)
			for _, v := range []float32{-1, -0.5, 3, float32(math.Inf(1)), math.MaxFloat32} {
				x[i] = v
				if got := Max(x); got != v {
					t.Fatalf("Max of %d elements is %v, want %v at %d", n, got, v, i)
				}
			}
			x[r.IntN(n)] = float32(math.Inf(1))
			x[i] = float32(math.Copysign(math.NaN(), float64(r.IntN(2))-0.5))
			if got := Max(x); got == got {
				t.Fatalf("Max of %d elements with NaN at %d is %v", n, i, got)
			}
			for i := range x {
				x[i] = float32(math.Inf(-1))
			}
			if got := Max(x); !math.IsInf(float64(got), -1) {
				t.Fatalf("Max of %d times -Inf is %v", n, got)
			}
		}
	})
}

// A value depends on the elements and their number alone, not on where in memory they lie.
func TestSumsSameBitsAtEveryAlignment(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 6))
		room, x := make([]float64, 2100), make([]float64, 2000)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		sum, dot := Sum(x), Dot(x, x)
		for shift := range 17 {
			moved := room[shift:][:len(x)]
			copy(moved, x)
			if Sum(moved) != sum || Dot(moved, moved) != dot {
				t.Errorf("shifted by %d: %v and %v, else %v and %v", shift, Sum(moved), Dot(moved, moved), sum, dot)
			}
		}
	})
}

func TestReductionsSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	onEachPath(t, func(t *testing.T) {
		testReductionsOnProcessors[float32](t)
		testReductionsOnProcessors[float64](t)
	})
}

func testReductionsOnProcessors[T Float](t *testing.T) {
	for _, n := range []int{threadBlock, threadBlock + 1, 3*threadBlock + 17, 200_003} {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		x, y := make([]T, n), make([]T, n)
		largest := math.Inf(-1)
		exact, products := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = T(float32(r.NormFloat64())), T(float32(r.NormFloat64()))
			largest = max(largest, float64(x[i]))
			exact[i], products[i] = float64(x[i]), float64(x[i])*float64(y[i])
		}
		sum, magnitude := exactSum(exact)
		dot, _ := exactSum(products)
		var want [4]float64
		for i, procs := range []int{1, 2, 3, 4, 8} {
			runtime.GOMAXPROCS(procs)
			got := [4]float64{float64(Sum(x)), float64(Dot(x, y)), SquaredNorm(x), float64(Max(x))}
			if i == 0 {
				want = got
			}
			if got != want {
				t.Errorf("%d %T on %d processors: %v, on one %v", n, x[0], procs, got, want)
			}
		}
		const rounding = 1.0 / (1 << 23)
		if math.Abs(want[0]-sum) > 1e-13*magnitude+rounding*math.Abs(sum) || math.Abs(want[1]-dot) > 1e-13*magnitude+rounding*math.Abs(dot) {
			t.Errorf("%d %T: sum %v and dot %v, want %v and %v", n, x[0], want[0], want[1], sum, dot)
		}
		if want[3] != largest {
			t.Errorf("largest of %d %T: %v, want %v", n, x[0], want[3], largest)
		}
		x[n-1] = T(math.NaN())
		if got := Max(x); got == got {
			t.Errorf("largest of %d %T with NaN: %v", n, x[0], got)
		}
	}
}
