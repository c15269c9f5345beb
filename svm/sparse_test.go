package svm_test

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

func csr(t testing.TB, x *tensor.Dense) *data.CSR {
	t.Helper()
	m, err := data.CSRFromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// holes sets most values to zero, in a copy.
func holes(values []float64) []float64 {
	values = slices.Clone(values)
	for i := range values {
		if i*i%3 != 0 {
			values[i] = 0
		}
	}
	return values
}

// A sparse matrix that is small or full enough gives the same bits as the dense one.
func TestSparseSamples(t *testing.T) {
	values, y := spiral(200, 3)
	values = holes(values)
	single := make([]float32, len(values))
	for i, v := range values {
		single[i] = float32(v)
	}
	for name, x := range map[string]*tensor.Dense{"float64": dense(values, 3), "float32": dense(single, 3)} {
		for _, kernel := range []svm.Kernel{svm.RBF{}, svm.Linear{}} {
			want := fit(t, svm.SVC{Kernel: kernel}, x, y)
			got := fit(t, svm.SVC{Kernel: kernel}, csr(t, x), y)
			_, vectors := got.SupportVectors()
			if vectors.Dtype() != x.Dtype() {
				t.Errorf("%s: the support vectors are %v", name, vectors.Dtype())
			}
			if x.Dtype() == tensor.Float64 {
				sameModel(t, got, want, x)
			}
			if !slices.Equal(decisions(t, got, x), decisions(t, want, x)) || !slices.Equal(decisions(t, got, csr(t, x)), decisions(t, want, x)) {
				t.Errorf("%s, %T: decision values of sparse samples differ", name, kernel)
			}
		}
	}
}

// neither is of a type that svm takes.
type neither struct{}

func (neither) Shape() tensor.Shape { return tensor.Shape{2, 2} }

func TestBadSamples(t *testing.T) {
	x, y := square()
	bad := csr(t, dense([]float64{0, 1, 0, 0, 0, 0, math.NaN(), 0}, 2))
	m := fit(t, svm.SVC{}, x, y)
	for _, test := range []struct {
		x    svm.Samples
		want string
	}{
		{nil, "x is nil"},
		{(*data.CSR)(nil), "x is nil"},
		{(*tensor.Dense)(nil), "x is nil"},
		{neither{}, "svm_test.neither: give a *tensor.Dense or a *data.CSR"},
		{bad, "NaN at row 3, column 0"},
	} {
		if m, err := (svm.SVC{}).Fit(context.Background(), test.x, y); err == nil || m != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Fit: error %v, want one with %q", err, test.want)
		}
		if _, err := m.Predict(test.x); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Predict: error %v, want one with %q", err, test.want)
		}
	}
}

// values returns what a machine of any type decides.
func values(t *testing.T, m any, x svm.Samples) []float64 {
	t.Helper()
	var d *tensor.Dense
	var err error
	switch m := m.(type) {
	case *svm.Model:
		d, err = m.Decision(x)
	case *svm.OneClassModel:
		d, err = m.Decision(x)
	case *svm.RegressionModel:
		list, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if err != nil {
		t.Fatal(err)
	}
	return d.Float64s()
}

// machines are a machine of each type with a kernel, as functions that fit it.
func machines(kernel svm.Kernel, tolerance float64, y []int) map[string]func(x svm.Samples) (any, error) {
	ctx := context.Background()
	targets := make([]float64, len(y))
	for i, label := range y {
		targets[i] = float64(label) + math.Sin(float64(i))
	}
	return map[string]func(x svm.Samples) (any, error){
		"SVC": func(x svm.Samples) (any, error) {
			return svm.SVC{C: 2, Kernel: kernel, Tolerance: tolerance}.Fit(ctx, x, y)
		},
		"NuSVC": func(x svm.Samples) (any, error) {
			return svm.NuSVC{Nu: 0.3, Kernel: kernel, Tolerance: tolerance}.Fit(ctx, x, y)
		},
		"OneClass": func(x svm.Samples) (any, error) {
			return svm.OneClass{Nu: 0.3, Kernel: kernel, Tolerance: tolerance}.Fit(ctx, x)
		},
		"SVR": func(x svm.Samples) (any, error) {
			return svm.SVR{C: 2, Kernel: kernel, Tolerance: tolerance}.Fit(ctx, x, targets)
		},
		"NuSVR": func(x svm.Samples) (any, error) {
			return svm.NuSVR{Kernel: kernel, Tolerance: tolerance}.Fit(ctx, x, targets)
		},
	}
}

var kernelsOfProducts = map[string]svm.Kernel{
	"RBF": svm.RBF{}, "linear": svm.Linear{}, "polynomial": svm.Polynomial{Degree: 2, Coef0: 1}, "sigmoid": svm.Sigmoid{Gamma: svm.Gamma(0.3), Coef0: -0.2},
}

// Of a matrix that is not laid out the machines find what they find of the dense one.
func TestWideSamples(t *testing.T) {
	x, y := text(120, 9000, 3)
	unseen, _ := text(125, 9000, 2)
	if s := x.Shape(); x.Stored()*16 > s[0]*s[1] || s[0]*s[1] < 1<<20 {
		t.Fatalf("%d values of %v would be laid out", x.Stored(), s)
	}
	full, err := x.Dense()
	if err != nil {
		t.Fatal(err)
	}
	fullUnseen, err := unseen.Dense()
	if err != nil {
		t.Fatal(err)
	}
	for kernel, k := range kernelsOfProducts {
		for name, fit := range machines(k, 1e-6, y) {
			if kernel != "RBF" && name != "SVC" {
				continue // the machines do not know the kernel
			}
			t.Run(name+" "+kernel, func(t *testing.T) {
				got, err := fit(x)
				if err != nil {
					t.Fatal(err)
				}
				want, err := fit(full)
				if err != nil {
					t.Fatal(err)
				}
				seen := values(t, got, unseen)
				if gap := worstGap(seen, values(t, want, fullUnseen)); gap > 1e-4 {
					t.Errorf("decision values differ by up to %v", gap)
				}
				if !slices.Equal(seen, values(t, got, fullUnseen)) {
					t.Error("decision values of dense and sparse samples differ")
				}
			})
		}
	}
}

// The matrix is never laid out, whatever its number of features, and neither are its
// support vectors.
func TestManyFeatures(t *testing.T) {
	const d = math.MaxInt32
	x, err := data.NewCSR(d, []int{0, 2, 4, 6, 8, 8}, []int32{7, d - 1, 7, d - 1, 8, d - 1, 8, d - 2, 8, d - 1}[:8], []float32{1, 1, 2, 1, 1, 2, 3, 1})
	if err != nil {
		t.Fatal(err)
	}
	y := []int{0, 0, 1, 1, 1}
	for kernel, k := range kernelsOfProducts {
		for name, fit := range machines(k, 0, y) {
			m, err := fit(x)
			if err != nil {
				t.Fatalf("%s %s: %v", name, kernel, err)
			}
			for _, v := range values(t, m, x) {
				if math.IsNaN(v) {
					t.Errorf("%s %s: decision value %v", name, kernel, v)
				}
			}
		}
	}
	m := fit(t, svm.SVC{C: 10}, x, y)
	labels, err := m.Predict(x)
	if err != nil || !slices.Equal(labels, y) {
		t.Errorf("labels %v, error %v", labels, err)
	}
	indices, vectors := m.SupportVectors()
	if sparse := m.SparseSupportVectors(); vectors != nil || sparse == nil || !slices.Equal(sparse.Shape(), tensor.Shape{len(indices), d}) {
		t.Errorf("support vectors %v %v, sparse %v", indices, vectors, sparse)
	}
	for _, k := range []svm.Kernel{svm.KernelFunc(linear), svm.Precomputed{}} {
		if m, err := (svm.SVC{Kernel: k}).Fit(context.Background(), x, y); err == nil || m != nil {
			t.Errorf("%T: a matrix of %v was laid out", k, x.Shape())
		}
	}
	huge, err := data.NewCSR(d, []int{0, 1, 2}, []int32{7, 4}, []float64{1e200, 1})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := (svm.SVC{Kernel: svm.Linear{}}).Fit(context.Background(), huge, []int{0, 1}); err == nil || m != nil || !strings.Contains(err.Error(), "row 0") {
		t.Errorf("error %v, want one of row 0", err)
	}
	if d, err := m.Decision(huge); err != nil || d.Float64s()[0] != -m.Rho()[0] {
		t.Errorf("decision values of far samples %v, error %v; want %v", d, err, -m.Rho()[0])
	}
}

// Zeros that are stored change no bit.
func TestStoredZeros(t *testing.T) {
	x, y := text(300, 5000, 3)
	starts, indices, values := []int{0}, []int32{}, []float32{}
	for i := range len(y) {
		last := -1
		for j, v := range x.Row(i) {
			if j > last+1 && j%2 == 0 {
				indices, values = append(indices, int32(j-1)), append(values, 0)
			}
			indices, values = append(indices, int32(j)), append(values, float32(v))
			last = j
		}
		starts = append(starts, len(values))
	}
	zeros, err := data.NewCSR(5000, starts, indices, values)
	if err != nil {
		t.Fatal(err)
	}
	if zeros.Stored() < x.Stored()*5/4 {
		t.Fatalf("%d values beside %d", zeros.Stored(), x.Stored())
	}
	c := svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(0.7)}, Tolerance: 1e-8} // so that values are float64
	got, want := fit(t, c, zeros, y), fit(t, c, x, y)
	if !slices.Equal(decisions(t, got, zeros), decisions(t, want, x)) {
		t.Error("decision values differ")
	}
}

// Neither processors nor the room for kernel rows change a bit.
func TestWideDeterminism(t *testing.T) {
	x, y := text(300, 5000, 3)
	want := fit(t, svm.SVC{C: 10}, x, y)
	for _, procs := range []int{1, 2, 3} {
		before := runtime.GOMAXPROCS(procs)
		got := fit(t, svm.SVC{C: 10, CacheBytes: int64(3000 * procs)}, x, y)
		if !slices.Equal(decisions(t, got, x), decisions(t, want, x)) || !slices.Equal(got.Report().Pairs, want.Report().Pairs) {
			t.Errorf("on %d processors the model differs", procs)
		}
		runtime.GOMAXPROCS(before)
	}
}
