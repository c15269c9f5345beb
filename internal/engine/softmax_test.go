package engine

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

func softMaxes[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	axis := rapid.IntRange(-len(shape), len(shape)-1).Draw(t, "axis")
	l := lengthsAround(shape, (axis+len(shape))%len(shape))
	values := elements[T](a)
	want, logs := make([]float64, len(values)), make([]float64, len(values))
	for i := range values {
		total := 0.0
		for k := range l.n {
			total += math.Exp(float64(values[(i/(l.n*l.inner)*l.n+k)*l.inner+i%l.inner]))
		}
		want[i] = math.Exp(float64(values[i])) / total
		logs[i] = float64(values[i]) - math.Log(total)
	}
	opts, into, old := anyOption[T](t, shape, a)
	var beside []T
	if into != nil {
		beside = others[T](into)
	}
	compute := tensor.SoftMax
	if rapid.Bool().Draw(t, "logarithm") {
		compute, want = tensor.LogSoftMax, logs
	}
	got, err := compute(a, axis, opts...)
	must(t, err)
	if into != nil && got != tensor.Tensor(into) {
		t.Fatal("the result is not the array given for it")
	}
	rounding := 1e-14
	if a.Dtype() == tensor.Float32 {
		rounding = 5e-6
	}
	for i, v := range elements[T](got.(*tensor.Dense)) {
		if i < len(old) {
			want[i] += float64(old[i])
		}
		if math.Abs(float64(v)-want[i]) > rounding*(1+math.Abs(want[i])) {
			t.Fatalf("element %d is %v, want %v", i, v, want[i])
		}
	}
	if into != nil && !slices.Equal(others[T](into), beside) {
		t.Fatal("something beside the result was written")
	}
}

func TestSoftMax(t *testing.T) { check(t, softMaxes[float32], softMaxes[float64]) }

func TestSoftMaxOfLargeNumbers(t *testing.T) {
	got, err := tensor.SoftMax(Dense([]float32{1000, 1000, -1000, float32(math.Inf(-1))}, 4), 0)
	must(t, err)
	wantElements(t, got, []int{4}, []float32{0.5, 0.5, 0, 0})
}

// Sums along an axis are divided over the processors.
func TestSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	values := make([]float32, 300*20*100)
	for i := range values {
		values[i] = float32(i*i%1009) / 7
	}
	x := Dense(values, 300, 20, 100)
	for axis := range 3 {
		var sums, shares []float32
		for _, procs := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(procs)
			sum, err := x.Sum(axis)
			must(t, err)
			share, err := tensor.SoftMax(x, axis)
			must(t, err)
			if procs == 1 {
				sums, shares = memory[float32](sum), memory[float32](share.(*tensor.Dense))
			} else if !slices.Equal(memory[float32](sum), sums) || !slices.Equal(memory[float32](share.(*tensor.Dense)), shares) {
				t.Errorf("axis %d: other bits on %d processors than on one", axis, procs)
			}
		}
	}
}
