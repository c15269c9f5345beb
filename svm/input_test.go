package svm_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// square is four samples of two classes.
func square() (*tensor.Dense, []int) {
	return dense([]float64{0, 0, 1, 1, 0, 1, 1, 0}, 2), []int{0, 0, 1, 1}
}

func TestBadTrainingInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good, y := square()
	tests := []struct {
		name string
		c    svm.SVC
		x    *tensor.Dense
		y    []int
		want string // in the error
	}{
		{"nil", svm.SVC{}, nil, y, "x is nil"},
		{"rank 1", svm.SVC{}, tensor.New(tensor.WithBacking([]float64{1, 2})), []int{0, 1}, "(2): reshape"},
		{"rank 3", svm.SVC{}, tensor.New(tensor.WithShape(2, 1, 1), tensor.WithBacking([]float64{1, 2})), []int{0, 1}, "(2, 1, 1): reshape"},
		{"scalar", svm.SVC{}, tensor.New(tensor.FromScalar(1.0)), []int{0}, "reshape"},
		{"dtype", svm.SVC{}, tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]uint8{1, 2})), []int{0, 1}, "x has dtype uint8: make numbers in [0, 1] of it with data.Floats"},
		{"another dtype", svm.SVC{}, tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]int{1, 2})), []int{0, 1}, "x has dtype int: convert it to float32 or float64"},
		{"NaN", svm.SVC{}, dense([]float64{0, 1, 2, nan}, 2), []int{0, 1}, "NaN at row 1, column 1"},
		{"infinity", svm.SVC{}, dense([]float32{0, 1, float32(-inf), 3}, 2), []int{0, 1}, "-Inf at row 1, column 0"},
		{"no labels", svm.SVC{}, good, nil, "4 rows and y has 0 labels"},
		{"labels", svm.SVC{}, good, []int{0, 1}, "4 rows and y has 2 labels"},
		{"one class", svm.SVC{}, good, []int{3, 3, 3, 3}, "all 4 labels are 3"},
		{"many classes", svm.SVC{}, dense(make([]float64, 1001), 1), count(1001), "1001 different labels"},
		{"nil RBF", svm.SVC{Kernel: (*svm.RBF)(nil)}, good, y, "Kernel is a nil *svm.RBF"},
		{"nil Linear", svm.SVC{Kernel: (*svm.Linear)(nil)}, good, y, "Kernel is a nil *svm.Linear"},
		{"C", svm.SVC{C: -1}, good, y, "C is -1"},
		{"C NaN", svm.SVC{C: nan}, good, y, "C is NaN"},
		{"C infinite", svm.SVC{C: inf}, good, y, "C is +Inf"},
		{"gamma", svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(-2)}}, good, y, "gamma is -2"},
		{"gamma 0", svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(0)}}, good, y, "gamma is 0"},
		{"gamma NaN", svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(nan)}}, good, y, "gamma is NaN"},
		{"tolerance", svm.SVC{Tolerance: -1e-3}, good, y, "Tolerance is -0.001"},
		{"tolerance 2", svm.SVC{Tolerance: 2}, good, y, "Tolerance is 2"},
		{"cache", svm.SVC{CacheBytes: -1}, good, y, "CacheBytes is -1"},
		{"iterations", svm.SVC{MaxIter: -1}, good, y, "MaxIter is -1"},
		{"variance overflows", svm.SVC{}, dense([]float64{1e200, -1e200}, 1), []int{0, 1}, "scale the features"},
		{"variance underflows", svm.SVC{}, dense([]float64{1e-160, -1e-160}, 1), []int{0, 1}, "scale the features"},
		{"norm overflows", svm.SVC{Kernel: svm.Linear{}}, dense([]float64{0, 1, 1e200, -1e200}, 1), []int{0, 1, 0, 1}, "row 2"},
		{"distances overflow", svm.SVC{Kernel: svm.Linear{}}, dense([]float64{1e154, -1e154}, 1), []int{0, 1}, "scale the features"},
		{"differences overflow", svm.SVC{Kernel: svm.Linear{}}, dense([]float64{math.MaxFloat64, -math.MaxFloat64}, 1), []int{0, 1}, "scale the features"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := test.c.Fit(context.Background(), test.x, test.y)
			if err == nil || m != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "svm: ") {
				t.Errorf("model %v, error %v; want one with %q", m, err, test.want)
			}
		})
	}
}

func count(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestBadPredictionInput(t *testing.T) {
	x, y := square()
	several := make([]float64, 2*100_000) // enough for a range of rows on each processor
	for _, row := range []int{90_000, 20_000, 60_000} {
		several[2*row], several[2*row+1] = math.MaxFloat64, -math.MaxFloat64
	}
	tests := []struct {
		name   string
		kernel svm.Kernel
		x      *tensor.Dense
		want   string
	}{
		{"nil", svm.RBF{}, nil, "x is nil"},
		{"features", svm.RBF{}, dense([]float64{1, 2, 3}, 3), "3 features and the model was fitted with 2"},
		{"NaN", svm.RBF{}, dense([]float64{1, 2, math.NaN(), 4}, 2), "NaN at row 1, column 0"},
		{"dtype", svm.RBF{}, tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]int{1, 2})), "dtype int"},
		{"overflow", svm.Linear{}, dense([]float64{math.MaxFloat64, -math.MaxFloat64}, 2), "row 0 of x overflows"},
		{"several overflows", svm.Linear{}, dense(several, 2), "row 20000 of x overflows"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// So close together that the weights are far above 1.
			m := fit(t, svm.SVC{C: 1e6, Kernel: test.kernel}, dense([]float64{0, 3e-2, 0, 2e-2, 9e-2, 0, 8e-2, -1e-2}, 2), y)
			if _, err := m.Predict(test.x); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Predict: error %v, want one with %q", err, test.want)
			}
			if _, err := m.Decision(test.x); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Decision: error %v, want one with %q", err, test.want)
			}
		})
	}
	// What is far from all support vectors has a decision value of -rho.
	m := fit(t, svm.SVC{}, x, y)
	far := []float64{1e3, 0, 1e30, 1e30, math.MaxFloat64, -math.MaxFloat64}
	d, err := m.Decision(dense(far, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range d.Float64s() {
		if v != -m.Rho()[0] {
			t.Errorf("decision value %v of far sample %d, want %v", v, i, -m.Rho()[0])
		}
	}
}

// spiral is n samples of k entangled classes: many support vectors.
func spiral(n, k int) (values []float64, y []int) {
	for i := range n {
		r := 1 + 9*float64(i)/float64(n)
		angle := r + 2*math.Pi*float64(i%k)/float64(k)
		wobble := math.Sin(float64(i * i))
		values = append(values, r*math.Cos(angle)+wobble, r*math.Sin(angle)-wobble, wobble)
		y = append(y, i%k)
	}
	return values, y
}

// The layout of samples in memory changes nothing.
func TestViews(t *testing.T) {
	values, y := spiral(200, 3)
	want := fit(t, svm.SVC{}, dense(values, 3), y)

	wide := make([]float64, 0, 200*5)
	for i := range 200 {
		wide = append(wide, -1e9)
		wide = append(wide, values[i*3:(i+1)*3]...)
		wide = append(wide, math.NaN())
	}
	columns, err := dense(wide, 5).Slice(nil, tensor.S(1, 4))
	if err != nil {
		t.Fatal(err)
	}
	flipped := make([]float64, len(values))
	for i := range 200 {
		for j := range 3 {
			flipped[j*200+i] = values[i*3+j]
		}
	}
	transposed := dense(flipped, 200)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	doubled := make([]float64, 0, 2*len(values))
	for i := range 200 {
		doubled = append(doubled, values[i*3:(i+1)*3]...)
		doubled = append(doubled, 7, 7, 7)
	}
	rows, err := dense(doubled, 3).Slice(tensor.S(0, 400, 2), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]*tensor.Dense{
		"columns": columns.(*tensor.Dense), "transposed": transposed, "every other row": rows.(*tensor.Dense),
		"column-major": tensor.New(tensor.WithShape(200, 3), tensor.AsFortran(slices.Clone(values))),
	} {
		t.Run(name, func(t *testing.T) { sameModel(t, fit(t, svm.SVC{}, x, y), want, x) })
	}
}

// sameModel compares all bits of two models.
func sameModel(t *testing.T, got, want *svm.Model, x *tensor.Dense) {
	t.Helper()
	gotIndices, gotVectors := got.SupportVectors()
	wantIndices, wantVectors := want.SupportVectors()
	if !slices.Equal(gotIndices, wantIndices) {
		t.Fatalf("support vectors %v, want %v", gotIndices, wantIndices)
	}
	gotDecision, err := got.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	wantDecision, err := want.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]float64{
		"vectors":      {gotVectors.Float64s(), wantVectors.Float64s()},
		"coefficients": {got.DualCoefficients().Float64s(), want.DualCoefficients().Float64s()},
		"rho":          {got.Rho(), want.Rho()},
		"decisions":    {gotDecision.Float64s(), wantDecision.Float64s()},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s differ", name)
		}
	}
	if !slices.Equal(got.Report().Pairs, want.Report().Pairs) {
		t.Errorf("report %+v, want %+v", got.Report(), want.Report())
	}
}

// Neither processors nor the room for kernel rows change a bit.
func TestDeterminism(t *testing.T) {
	for _, classes := range []int{2, 5} {
		values, y := spiral(600, classes)
		x := dense(values, 3)
		want := fit(t, svm.SVC{C: 10}, x, y)
		for _, procs := range []int{1, 2, 3, 8} {
			before := runtime.GOMAXPROCS(procs)
			got := fit(t, svm.SVC{C: 10, CacheBytes: int64(1000 * procs * procs)}, x, y)
			sameModel(t, got, want, x)
			runtime.GOMAXPROCS(before)
		}
	}
}

func TestMaxIter(t *testing.T) {
	values, y := spiral(300, 3)
	r := fit(t, svm.SVC{C: 100, MaxIter: 7}, dense(values, 3), y).Report()
	if r.Converged() {
		t.Errorf("converged in 7 steps: %+v", r)
	}
	for _, p := range r.Pairs {
		if p.Converged || p.Iterations != 7 || !(p.Gap > 1e-3) {
			t.Errorf("%+v, want 7 steps and a gap", p)
		}
	}
}

// A tolerance that float64 cannot reach is reported, not pursued for ever.
func TestUnreachableTolerance(t *testing.T) {
	values, y := spiral(60, 2)
	r := fit(t, svm.SVC{Tolerance: 1e-300, MaxIter: 10_000}, dense(values, 3), y).Report()
	if gap := r.Pairs[0].Gap; gap > 1e-12 {
		t.Errorf("gap %g after %d steps", gap, r.Pairs[0].Iterations)
	}
}

// A context that ends is noticed at once, whatever is going on.
func TestCancel(t *testing.T) {
	values, y := spiral(6000, 2)
	x := dense(values, 3)
	for _, after := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		m, err := svm.SVC{C: 1e6, Tolerance: 1e-9}.Fit(ctx, x, y)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || m != nil {
			t.Errorf("after %v: model %v, error %v", after, m, err)
		}
	}
}

// lookedAt is a context that ends when it has been asked often enough.
type lookedAt struct {
	context.Context
	end   int64
	looks atomic.Int64
}

func (c *lookedAt) Err() error {
	if c.looks.Add(1) > c.end {
		return context.Canceled
	}
	return nil
}

// No pair is begun, and none finished, after the context has ended.
func TestCancelAmongManyPairs(t *testing.T) {
	values, y := spiral(400, 40)
	ctx := &lookedAt{Context: context.Background(), end: 3000}
	m, err := svm.SVC{}.Fit(ctx, dense(values, 3), y)
	if !errors.Is(err, context.Canceled) || m != nil {
		t.Errorf("model %v, error %v", m, err)
	}
	if later, most := ctx.looks.Load()-ctx.end, int64(20*runtime.GOMAXPROCS(0)); later > most {
		t.Errorf("%d looks at a context that has ended, want at most %d", later, most)
	}
}

// Samples that stay sparse are gone through many times before the first step: each time
// the context is looked at for every row.
func TestCancelWhileSparseSamplesAreRead(t *testing.T) {
	const rows, features = 400, 1 << 15
	indices, values, starts, y := make([]int32, rows), make([]float64, rows), make([]int, rows+1), make([]int, rows)
	for i := range rows {
		indices[i], values[i], starts[i+1], y[i] = int32(i), 1, i+1, i%2
	}
	x, err := data.NewCSR(features, starts, indices, values)
	if err != nil {
		t.Fatal(err)
	}
	for end := range int64(5 * rows) { // two for the variance, one for norms, two to read them
		if end%(rows/4) != 0 {
			continue
		}
		ctx := &lookedAt{Context: context.Background(), end: end}
		if m, err := (svm.SVC{MaxIter: 1}).Fit(ctx, x, y); !errors.Is(err, context.Canceled) || m != nil {
			t.Errorf("after %d looks: model %v, error %v", end, m, err)
		}
		if later := ctx.looks.Load() - ctx.end; later > 1 {
			t.Errorf("after %d looks: %d at a context that has ended, want 1", end, later)
		}
	}
}

// The decision values of all rows together would need far more memory than the
// rows do.
func TestPredictMemory(t *testing.T) {
	values, y := spiral(400, 40)
	m := fit(t, svm.SVC{}, dense(values, 3), y)
	allocated := func(rows int) int64 {
		x := dense(slices.Repeat(values[:3], rows), 3)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := m.Predict(x); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const few, many = 100, 1100
	if perRow := (allocated(many) - allocated(few)) / (many - few); perRow > 64 {
		t.Errorf("%d bytes for each row", perRow)
	}
}
