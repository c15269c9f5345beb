package ops

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// plain reduces one element after the other, with the elements of each group in row-major order.
func plain(x *Tensor, axes []int, f func(group []float64) float64) *Tensor {
	rank := len(x.Shape())
	reduced := make([]bool, rank)
	for _, a := range axes {
		reduced[(a+rank)%max(rank, 1)] = true
	}
	if len(axes) == 0 {
		reduced = slices.Repeat([]bool{true}, rank)
	}
	var shape []int
	for axis, d := range x.Shape() {
		if !reduced[axis] {
			shape = append(shape, d)
		}
	}
	groups := make([][]float64, product(shape))
	indices(x.Shape(), func(index []int) {
		at := 0
		for axis, i := range index {
			if !reduced[axis] {
				at = at*x.Shape()[axis] + i
			}
		}
		groups[at] = append(groups[at], x.At(index...))
	})
	values := make([]float64, len(groups))
	for i, g := range groups {
		values[i] = f(g)
	}
	return autograd.FromSlice(values, shape...)
}

func plainSum(group []float64) float64 {
	s := 0.0
	for _, v := range group {
		s += v
	}
	return s
}

func plainMean(group []float64) float64 { return plainSum(group) / float64(len(group)) }

func plainMax(group []float64) float64 {
	m := math.Inf(-1)
	for _, v := range group {
		m = math.Max(m, v) // NaN if there is one
	}
	return m
}

func plainLogSumExp(group []float64) float64 {
	s := 0.0
	for _, v := range group {
		s += math.Exp(v)
	}
	return math.Log(s)
}

func plainMin(group []float64) float64 {
	m := math.Inf(1)
	for _, v := range group {
		m = math.Min(m, v) // NaN if there is one
	}
	return m
}

func plainProd(group []float64) float64 {
	p := 1.0
	for _, v := range group {
		p *= v
	}
	return p
}

func plainVar(group []float64) float64 {
	mean, s := plainMean(group), 0.0
	for _, v := range group {
		s += (v - mean) * (v - mean)
	}
	return s / float64(len(group))
}

func plainNorm(group []float64) float64 {
	s := 0.0
	for _, v := range group {
		s = math.Hypot(s, v)
	}
	return s
}

func TestReductionsAgainstLoops(t *testing.T) {
	reductions := []struct {
		name  string
		f     Reduction
		plain func(group []float64) float64
	}{
		{"Sum", Sum, plainSum},
		{"Mean", Mean, plainMean},
		{"Max", Max, plainMax},
		{"LogSumExp", LogSumExp, plainLogSumExp},
		{"Min", Min, plainMin},
		{"Prod", Prod, plainProd},
		{"Var", Var, plainVar},
		{"Std", Std, func(group []float64) float64 { return math.Sqrt(plainVar(group)) }},
		{"Norm", Norm, plainNorm},
	}
	anyViews(func(r *rand.Rand, x *Tensor) {
		rank := len(x.Shape())
		axes := r.Perm(rank)[:r.IntN(rank+1)]
		for i := range axes {
			axes[i] -= r.IntN(2) * rank
		}
		for _, reduction := range reductions {
			want := plain(x, axes, reduction.plain)
			if strings.HasPrefix(reduction.name, "M") && reduction.name != "Mean" && x.Size() == 0 && want.Size() > 0 {
				continue // an error
			}
			got := reduction.f(x, axes...)
			if !slices.Equal(got.Shape(), want.Shape()) || !agrees(got, want, 1e-13) {
				t.Fatalf("%s of shape %v along %v: %+v, want %+v", reduction.name, x.Shape(), axes, got, want)
			}
			kept := KeepDims(reduction.f)(x, axes...)
			wantShape := x.Shape().Clone()
			for axis := range wantShape {
				if len(axes) == 0 || slices.Contains(axes, axis) || slices.Contains(axes, axis-rank) {
					wantShape[axis] = 1
				}
			}
			if !slices.Equal(kept.Shape(), wantShape) || !agrees(kept, want, 1e-13) {
				t.Fatalf("%s of shape %v along %v, kept: %+v, want %v", reduction.name, x.Shape(), axes, kept, want)
			}
		}
	})
}

func TestReductionsOfNothing(t *testing.T) {
	x := draw(0, reals, 2, 0)
	for _, c := range []struct {
		name string
		f    Reduction
		want float64
	}{{"Sum", Sum, 0}, {"Mean", Mean, math.NaN()}, {"LogSumExp", LogSumExp, math.Inf(-1)}, {"Prod", Prod, 1}, {"Var", Var, math.NaN()}, {"Std", Std, math.NaN()}, {"Norm", Norm, 0}} {
		if got, want := c.f(x, 1), vector(c.want, c.want); !agrees(got, want, 0) {
			t.Errorf("%s along an empty axis: %v, want %v", c.name, got, want)
		}
		if got := c.f(x, 0); !slices.Equal(got.Shape(), []int{0}) {
			t.Errorf("%s along the other axis has shape %v", c.name, got.Shape())
		}
	}
	for name, y := range map[string]*Tensor{"Max": Max(x, 0), "Min": Min(x, 0), "ArgMax": ArgMax(x, 0), "ArgMin": ArgMin(x, 0)} {
		if !slices.Equal(y.Shape(), []int{0}) {
			t.Errorf("%s along the axis that has elements has shape %v", name, y.Shape())
		}
	}
}

func TestReductionsOfSpecialValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	rows := autograd.FromSlice([]float64{
		1, nan, 3,
		inf, 1, 2,
		-inf, 1, 1,
		-inf, -inf, -inf,
		inf, -inf, 0,
		nan, inf, -inf,
		inf, inf, 1,
	}, 7, 3)
	onEachPath(t, func(t *testing.T) {
		for _, c := range []struct {
			name string
			f    Reduction
			want []float64
		}{
			{"Sum", Sum, []float64{nan, inf, -inf, -inf, nan, nan, inf}},
			{"Mean", Mean, []float64{nan, inf, -inf, -inf, nan, nan, inf}},
			{"Max", Max, []float64{nan, inf, 1, -inf, inf, nan, inf}},
			{"LogSumExp", LogSumExp, []float64{nan, inf, 1 + math.Ln2, -inf, inf, nan, inf}},
			{"Min", Min, []float64{nan, 1, -inf, -inf, -inf, nan, 1}},
			{"Prod", Prod, []float64{nan, inf, -inf, -inf, nan, nan, inf}},
			{"Var", Var, []float64{nan, nan, nan, nan, nan, nan, nan}},
			{"Std", Std, []float64{nan, nan, nan, nan, nan, nan, nan}},
			{"Norm", Norm, []float64{nan, inf, inf, inf, inf, nan, inf}},
			{"ArgMax", func(x *Tensor, axes ...int) *Tensor { return ArgMax(x, axes[0]) }, []float64{1, 0, 1, 0, 0, 0, 0}},
			{"ArgMin", func(x *Tensor, axes ...int) *Tensor { return ArgMin(x, axes[0]) }, []float64{1, 1, 0, 0, 1, 0, 2}},
		} {
			for _, x := range []*Tensor{rows, single(rows)} {
				if got, want := c.f(x, 1), vector(c.want...); !agrees(got, want, 1e-6) {
					t.Errorf("%s: %v, want %v", c.name, got, want)
				}
			}
		}
	})
}

// A mean of equal numbers is that number: it is divided, not multiplied by 1/n.
func TestMeanOfEqualNumbers(t *testing.T) {
	for n := 1; n < 200; n++ {
		x := single(autograd.Full(1, autograd.Scalar(0).Dtype(), n))
		if m := Mean(x).Item(); m != 1 {
			t.Errorf("the mean of %d ones is %v", n, m)
		}
	}
}

func TestMaxSharesItsGradientAmongTies(t *testing.T) {
	nan := math.NaN()
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 3, 3, 2, 2, 2, nan, 1, nan}, 3, 3))
	got := tape.VJP(Max(x, 1), vector(1, 3, 5), x)[0]
	wantEqual(t, "gradient", got, autograd.FromSlice([]float64{0, 0.5, 0.5, 1, 1, 1, 2.5, 0, 2.5}, 3, 3))
}

func TestLogSumExpDoesNotOverflow(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, shift := range []float64{0, 1e4, -1e4, 3e38, -3e38} {
			x := single(vector(shift, shift, shift, shift))
			want := float32(shift + math.Log(4))
			if got := LogSumExp(x).Item(); got != float64(want) {
				t.Errorf("of four times %v: %v, want %v", shift, got, want)
			}
		}
	})
}

func TestReductionsHaveTheSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	x := single(draw(0, reals, 300, 401))
	for _, c := range []struct {
		name string
		f    func(x *Tensor) *Tensor
	}{
		{"LogSumExp of rows", func(x *Tensor) *Tensor { return LogSumExp(x, 1) }},
		{"LogSumExp of columns", func(x *Tensor) *Tensor { return LogSumExp(x, 0) }},
		{"LogSumExp", func(x *Tensor) *Tensor { return LogSumExp(x) }},
		{"Mean", func(x *Tensor) *Tensor { return Mean(x) }},
		{"Softmax", func(x *Tensor) *Tensor { return Softmax(x, 1) }},
		{"Softmax of columns", func(x *Tensor) *Tensor { return Softmax(x, 0) }},
		{"LogSoftmax", func(x *Tensor) *Tensor { return LogSoftmax(x, 1) }},
		{"softmaxGrad", func(x *Tensor) *Tensor { return softmaxGrad(x, x) }},
		{"MSE", func(x *Tensor) *Tensor { return MSE(x, Scale(x, 2)) }},
		{"Std", func(x *Tensor) *Tensor { return Std(x, 0) }},
		{"Prod", func(x *Tensor) *Tensor { return Prod(x, 1) }},
		{"CumSum", func(x *Tensor) *Tensor { return CumSum(x, 1) }},
		{"LayerNorm", func(x *Tensor) *Tensor { return LayerNorm(x, nil, nil, 1e-5) }},
		{"BatchNorm", func(x *Tensor) *Tensor { return BatchNorm(x, nil, nil, 1e-5) }},
		{"normalizeGrad", func(x *Tensor) *Tensor { return normalizeGrad(Square(x), x, -1, 1e-5) }},
		{"normalizeGrad of columns", func(x *Tensor) *Tensor { return normalizeGrad(Square(x), x, 0, 1e-5) }},
		{"Einsum", func(x *Tensor) *Tensor { return Einsum("ij,kj,ij->ki", x, x, x) }},
		{"MatMul of many", func(x *Tensor) *Tensor {
			many := Reshape(x, 100, 3, 401)
			return MatMul(many, Transpose(many, 0, 2, 1))
		}},
	} {
		runtime.GOMAXPROCS(1)
		want := autograd.Values[float32](c.f(x))
		for _, n := range []int{2, 3, 8} {
			runtime.GOMAXPROCS(n)
			if got := autograd.Values[float32](c.f(x)); !slices.Equal(got, want) {
				t.Errorf("%s has other bits on %d processors than on one", c.name, n)
			}
		}
	}
}

// More columns than are summed at a time, of nothing.
func TestSumsOfNothingAreWide(t *testing.T) {
	for _, c := range []struct {
		x    *Tensor
		axes []int
		n    int
	}{
		{draw(0, reals, 0, 2000), []int{0}, 2000},
		{draw(0, reals, 3, 0, 2000), []int{1}, 6000},
		{draw(0, reals, 0, 70000, 2), []int{0, 1}, 2},
	} {
		y := Sum(c.x, c.axes...)
		if y.Size() != c.n || slices.ContainsFunc(autograd.Values[float64](y), func(v float64) bool { return v != 0 }) {
			t.Errorf("the sum of %v over %v is not %d zeros", c.x.Shape(), c.axes, c.n)
		}
	}
}
