package data_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

func newCSR[T float32 | float64](t testing.TB, columns int, starts []int, indices []int32, values []T) *data.CSR {
	t.Helper()
	m, err := data.NewCSR(columns, starts, indices, values)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCSRRefusesWhatDoesNotFit(t *testing.T) {
	tests := []struct {
		name    string
		columns int
		starts  []int
		indices []int32
		values  int
		want    string
	}{
		{"no starts", 1, nil, nil, 0, "0 starts make no row"},
		{"no rows", 1, []int{0}, nil, 0, "1 starts make no row"},
		{"no columns", 0, []int{0, 0}, nil, 0, "0 columns"},
		{"columns", math.MaxInt32 + 1, []int{0, 0}, nil, 0, "2147483648 columns"},
		{"indices", 3, []int{0, 2}, []int32{0}, 2, "1 indices and 2 values"},
		{"first start", 3, []int{1, 2}, []int32{0, 1}, 2, "from 1 to 2"},
		{"last start", 3, []int{0, 1}, []int32{0, 1}, 2, "from 0 to 1"},
		{"falling starts", 3, []int{0, 2, 1, 2}, []int32{0, 1}, 2, "row 1 starts at 2 and the next at 1"},
		{"start beyond", 3, []int{0, 9, 2}, []int32{0, 1}, 2, "row 0 starts at 0 and the next at 9"},
		{"negative start", 3, []int{0, -1, 2}, []int32{0, 1}, 2, "row 0 starts at 0 and the next at -1"},
		{"index", 3, []int{0, 1, 2}, []int32{0, 3}, 2, "row 1 has an index of 3"},
		{"negative index", 3, []int{0, 1, 2}, []int32{0, -1}, 2, "row 1 has an index of -1"},
		{"twice", 3, []int{0, 0, 2}, []int32{1, 1}, 2, "row 1 has the index 1 after 1"},
		{"descending", 3, []int{0, 0, 2}, []int32{2, 1}, 2, "row 1 has the index 1 after 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := data.NewCSR(test.columns, test.starts, test.indices, make([]float32, test.values))
			if err == nil || m != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "data: NewCSR: ") {
				t.Errorf("matrix %v, error %v; want one with %q", m, err, test.want)
			}
		})
	}
}

func TestCSRFromDenseRefusesWhatIsNoMatrix(t *testing.T) {
	tests := map[string]*tensor.Dense{
		"nil":     nil,
		"shape":   tensor.New(tensor.WithBacking([]float64{1, 2})),
		"dtype":   tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]uint8{1, 2})),
		"another": tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]int{1, 2})),
	}
	for name, x := range tests {
		if m, err := data.CSRFromDense(x); err == nil || m != nil || strings.Count(err.Error(), "data: ") != 1 {
			t.Errorf("%s: matrix %v, error %v", name, m, err)
		}
	}
}

func TestCSRAndDenseAreTheSameMatrix(t *testing.T) {
	t.Run("float32", testCSRAndDense[float32])
	t.Run("float64", testCSRAndDense[float64])
}

func testCSRAndDense[T float32 | float64](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, d := 1+rng.IntN(6), 1+rng.IntN(6)
		values := make([]T, n*d)
		stored := 0
		for i := range values {
			if rng.IntN(3) == 0 {
				values[i] = T(rng.NormFloat64())
				stored++
			}
		}
		x := tensor.New(tensor.WithShape(n, d), tensor.WithBacking(values))
		m, err := data.CSRFromDense(x)
		if err != nil {
			t.Fatal(err)
		}
		if m.Stored() != stored || m.Dtype() != x.Dtype() || !slices.Equal(m.Shape(), x.Shape()) {
			t.Fatalf("%d stored values of %v, shape %v; want %d of %v, %v", m.Stored(), m.Dtype(), m.Shape(), stored, x.Dtype(), x.Shape())
		}
		starts, indices := m.Layout()
		var again *data.CSR
		if m.Dtype() == tensor.Float32 {
			again = newCSR(t, d, starts, indices, m.Float32s())
		} else {
			again = newCSR(t, d, starts, indices, m.Float64s())
		}
		back, err := again.Dense()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.Data().([]T), values) {
			t.Fatalf("the matrix %v became %v", values, back.Data())
		}
		for i := range n {
			row := make([]T, d)
			for j, v := range m.Row(i) {
				row[j] = T(v)
			}
			if !slices.Equal(row, values[i*d:(i+1)*d]) {
				t.Fatalf("row %d is %v, want %v", i, row, values[i*d:(i+1)*d])
			}
		}
		rows := []int{rng.IntN(n), rng.IntN(n), rng.IntN(n)}
		part, err := m.Take(rows)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := part.Dense()
		if err != nil {
			t.Fatal(err)
		}
		var want []T
		for _, i := range rows {
			want = append(want, values[i*d:(i+1)*d]...)
		}
		if !slices.Equal(taken.Data().([]T), want) {
			t.Fatalf("rows %v are %v, want %v", rows, taken.Data(), want)
		}
	}
}

func TestCSROfAView(t *testing.T) {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 0, 2, 0, 3, 0}))
	if err := x.T(); err != nil {
		t.Fatal(err)
	}
	m, err := data.CSRFromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	starts, indices := m.Layout()
	if !slices.Equal(starts, []int{0, 1, 2, 3}) || !slices.Equal(indices, []int32{0, 1, 0}) || !slices.Equal(m.Float64s(), []float64{1, 3, 2}) {
		t.Errorf("starts %v, indices %v, values %v", starts, indices, m.Float64s())
	}
}

func TestCSRWithoutStoredValues(t *testing.T) {
	m := newCSR[float64](t, 2, []int{0, 0}, nil, nil)
	x, err := m.Dense()
	if err != nil || !slices.Equal(x.Float64s(), []float64{0, 0}) {
		t.Errorf("%v, %v", x, err)
	}
}

func TestCSRBounds(t *testing.T) {
	m := newCSR[float64](t, math.MaxInt32, make([]int, 1000), nil, nil)
	if x, err := m.Dense(); err == nil || x != nil {
		t.Errorf("999 x %d values became a Dense", math.MaxInt32)
	}
	for _, rows := range [][]int{nil, {-1}, {999}} {
		if part, err := m.Take(rows); err == nil || part != nil {
			t.Errorf("rows %v were taken", rows)
		}
	}
}
