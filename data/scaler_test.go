package data_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"sync"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// sklearn is the results of scikit-learn that testdata/make_sklearn.py explains.
var sklearn = sync.OnceValues(func() (vectors struct {
	Scalers []struct {
		Name                      string
		X, Test, Standard, MinMax [][]float64
		Mean, Scale, Least, Range []float64
	}
	Splits []struct {
		Y      []int
		Held   int
		Shares []int
	}
	Folds []struct {
		Y, Plain, Stratified []int
		K                    int
	}
}, err error,
) {
	text, err := os.ReadFile("testdata/sklearn.json")
	if err != nil {
		return vectors, err
	}
	return vectors, json.Unmarshal(text, &vectors)
})

func dense[T uint8 | float32 | float64](values []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func TestScalersAreScikitLearns(t *testing.T) {
	vectors, err := sklearn()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range vectors.Scalers {
		t.Run(c.Name, func(t *testing.T) {
			d := len(c.Mean)
			x, test := dense(slices.Concat(c.X...), len(c.X), d), dense(slices.Concat(c.Test...), len(c.Test), d)
			for _, of := range []struct {
				name          string
				make          func(*tensor.Dense) (*data.Scaler, error)
				center, scale []float64
				scaled        [][]float64
			}{
				{"standard", data.NewStandardScaler, c.Mean, c.Scale, c.Standard},
				{"minmax", data.NewMinMaxScaler, c.Least, c.Range, c.MinMax},
			} {
				s, err := of.make(x)
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.Apply(test)
				if err != nil {
					t.Fatal(err)
				}
				wantNear(t, of.name+" center", s.Center, of.center, of.scale, 1e-13)
				wantNear(t, of.name+" scale", s.Scale, of.scale, of.scale, 1e-10) // scikit-learn loses digits far from zero
				wantNear(t, of.name+" values", got.Float64s(), slices.Concat(of.scaled...), []float64{1}, 1e-9)
			}
		})
	}
}

// wantNear compares within a tolerance relative to the value or to its size, which
// repeats.
func wantNear(t rapid.TB, what string, got, want, sizes []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tolerance*max(sizes[i%len(sizes)], math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %v, want %v", what, i, v, want[i])
		}
	}
}

// Scaled columns have mean 0 and deviation 1, or lie between 0 and 1; what is
// inverted is what it was.
func TestScalers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "d")
		x := make([]float64, n*d)
		offset := math.Pow(10, rapid.Float64Range(-300, 12).Draw(t, "offset"))
		scale := math.Pow(10, rapid.Float64Range(-300, 300).Draw(t, "scale"))
		for i := range x {
			x[i] = offset + scale*float64(rapid.IntRange(-9, 9).Draw(t, "x"))
		}
		standard, err := data.NewStandardScaler(dense(x, n, d))
		if err != nil {
			t.Fatal(err)
		}
		minMax, err := data.NewMinMaxScaler(dense(x, n, d))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*data.Scaler{standard, minMax} {
			y, err := s.Apply(dense(x, n, d))
			if err != nil {
				t.Fatal(err)
			}
			for j := range d {
				checkColumn(t, column(x, d, j), column(y.Float64s(), d, j), s == standard)
			}
			back, err := s.Invert(y)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range back.Float64s() {
				if j := i % d; !(math.Abs(v-x[i]) <= 1e-15*(4*math.Abs(x[i])+4*math.Abs(s.Center[j])+20*s.Scale[j])) {
					t.Fatalf("%v became %v and then %v", x[i], y.Float64s()[i], v)
				}
			}
		}
	})
}

func column(x []float64, d, j int) []float64 {
	var values []float64
	for ; j < len(x); j += d {
		values = append(values, x[j])
	}
	return values
}

func checkColumn(t *rapid.T, x, y []float64, standard bool) {
	t.Helper()
	least, greatest := slices.Min(x), slices.Max(x)
	if least == greatest {
		if slices.Min(y) != 0 || slices.Max(y) != 0 {
			t.Fatalf("equal values %v became %v", x, y)
		}
		return
	}
	if !standard {
		if slices.Min(y) != 0 || slices.Max(y) != 1 {
			t.Fatalf("%v became %v", x, y)
		}
		return
	}
	sum, squares := 0.0, 0.0
	for _, v := range y {
		sum += v
		squares += v * v
	}
	n := float64(len(y))
	// The mean is rounded to a float64, which shows where the values differ by little.
	blur := 1e-13 + 1e-16*math.Abs(greatest+least)/(greatest-least)*n
	if !(math.Abs(sum/n) <= blur) || !(math.Abs(squares/n-1) <= blur) {
		t.Fatalf("%v became %v, of mean %v and variance %v", x, y, sum/n, squares/n)
	}
}

func TestScalerDtypes(t *testing.T) {
	bytes := dense([]uint8{0, 255, 255, 255, 0, 51, 255, 51}, 4, 2)
	s, err := data.NewStandardScaler(bytes)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "center", s.Center, []float64{0.5, 0.6}, s.Scale, 1e-12)
	wantNear(t, "scale", s.Scale, []float64{0.5, 0.4}, s.Scale, 1e-12)
	y, err := s.Apply(bytes)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{-1, 1, 1, 1, -1, -1, 1, -1}; !slices.Equal(y.Float32s(), want) {
		t.Errorf("bytes became %v, want %v", y.Float32s(), want)
	}
	// An array of any rank and layout; float32 stays float32.
	x := dense([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	if err := x.T(1, 0, 2); err != nil {
		t.Fatal(err)
	}
	if s, err = data.NewMinMaxScaler(x); err != nil {
		t.Fatal(err)
	}
	if y, err = s.Apply(x); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(y.Shape(), x.Shape()) || !slices.Equal(y.Float32s(), []float32{0, 0, 0, 0, 1, 1, 1, 1}) {
		t.Errorf("%v of shape %v", y.Float32s(), y.Shape())
	}
	if x.Float32s()[0] != 1 {
		t.Error("x was written")
	}
}

func TestScalerErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good, err := data.NewStandardScaler(dense([]float64{0, 0, 1, 1}, 2, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, make := range []func(*tensor.Dense) (*data.Scaler, error){data.NewStandardScaler, data.NewMinMaxScaler} {
		for _, test := range []struct {
			x    *tensor.Dense
			want string
		}{
			{nil, "x is nil"},
			{dense([]float64{1, 2, 3, nan}, 2, 2), "row 1, column 1 is NaN"},
			{dense([]float32{1, 2, float32(-inf), 4}, 2, 2), "row 1, column 0 is -Inf"},
			{dense([]float64{1, -1.7e308, 1, 1.7e308}, 2, 2), "column 1: its values, from -1.7e+308 to 1.7e+308, lie too far apart"},
		} {
			_, err := make(test.x)
			wantError(t, err, "data: ")
			wantError(t, err, test.want)
		}
	}
	for _, test := range []struct {
		s    *data.Scaler
		x    *tensor.Dense
		want string
	}{
		{good, nil, "x is nil"},
		{good, dense([]float64{1, 2, nan, 3}, 2, 2), "row 1, column 0 is NaN"},
		{good, dense([]float64{1, 2, 3}, 1, 3), "x has 3 columns and the scaler 2"},
		{&data.Scaler{}, dense([]float64{1}, 1, 1), "the scaler has no columns"},
		{&data.Scaler{Center: []float64{1}}, dense([]float64{1}, 1, 1), "not a Center and a Scale for each"},
		{&data.Scaler{Center: []float64{1}, Scale: []float64{0}}, dense([]float64{1}, 1, 1), "the Scale of column 0 is 0"},
		{&data.Scaler{Center: []float64{1}, Scale: []float64{nan}}, dense([]float64{1}, 1, 1), "the Scale of column 0 is NaN"},
		{&data.Scaler{Center: []float64{nan}, Scale: []float64{1}}, dense([]float64{1}, 1, 1), "row 0, column 0: 1 becomes NaN"},
	} {
		_, err := test.s.Apply(test.x)
		wantError(t, err, test.want)
		_, err = test.s.Invert(test.x)
		wantError(t, err, test.want)
	}
	_, err = (&data.Scaler{Center: []float64{0}, Scale: []float64{1e-300}}).Apply(dense([]float32{1}, 1, 1))
	wantError(t, err, "data: Scaler.Apply: row 0, column 0: 1 becomes +Inf")
}
