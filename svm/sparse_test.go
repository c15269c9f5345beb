package svm_test

import (
	"context"
	"math"
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
