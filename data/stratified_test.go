package data_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// labeled returns a data set whose example i has the value i and the given class.
func labeled(t rapid.TB, classes []int) *data.Dataset {
	t.Helper()
	x := make([]float64, len(classes))
	for i := range x {
		x[i] = float64(i)
	}
	y, err := data.Labels(classes)
	if err != nil {
		t.Fatal(err)
	}
	return &data.Dataset{X: dense(x, len(x)), Y: y}
}

func tally(d *data.Dataset, k int) []int {
	counts := make([]int, k)
	for _, class := range d.Y.Float32s() {
		counts[int(class)]++
	}
	return counts
}

func TestStratifiedSplitIsScikitLearns(t *testing.T) {
	vectors, err := sklearn()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range vectors.Splits {
		fraction := float64(c.Held) / float64(len(c.Y))
		_, validation, err := labeled(t, c.Y).StratifiedSplit(fraction, rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			t.Fatal(err)
		}
		if got := tally(validation, len(c.Shares)); !slices.Equal(got, c.Shares) {
			t.Errorf("%d of %d examples hold %v of each class, want %v", c.Held, len(c.Y), got, c.Shares)
		}
	}
}

func TestStratifiedSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 5).Draw(t, "classes")
		classes := rapid.SliceOfN(rapid.IntRange(0, k-1), 2, 60).Draw(t, "labels")
		classes = append(classes, classes[0]) // one class has two examples
		fraction := rapid.Float64Range(0.01, 0.99).Draw(t, "fraction")
		seed := rapid.Uint64().Draw(t, "seed")
		d := labeled(t, classes)
		if rapid.Bool().Draw(t, "one-hot") {
			var err error
			if d.Y, err = data.OneHot(classes, k); err != nil {
				t.Fatal(err)
			}
		}
		train, validation, err := d.StratifiedSplit(fraction, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			t.Fatal(err)
		}
		again, _, _ := d.StratifiedSplit(fraction, rand.New(rand.NewPCG(seed, 0)))
		if !slices.Equal(again.X.Float64s(), train.X.Float64s()) {
			t.Fatal("the same seed gave another division")
		}
		whole, held := make([]int, k), make([]int, k)
		distinct := 0
		for _, class := range classes {
			if whole[class]++; whole[class] == 1 {
				distinct++
			}
		}
		for _, v := range validation.X.Float64s() {
			held[classes[int(v)]]++
		}
		n := len(classes)
		want := min(max(int(math.Round(fraction*float64(n))), 1), n-distinct)
		if validation.Len() != want {
			t.Fatalf("%d examples are held out, want %d", validation.Len(), want)
		}
		for class, count := range whole {
			share := float64(want) * float64(count) / float64(n)
			if count > 0 && held[class] >= count {
				t.Fatalf("class %d has no example to train on: %v of %v", class, held, whole)
			}
			if below := held[class] < int(share); below {
				t.Fatalf("class %d has %d of %d examples held out, its share is %v", class, held[class], count, share)
			}
		}
		all := append(slices.Clone(train.X.Float64s()), validation.X.Float64s()...)
		slices.Sort(all)
		if !slices.Equal(all, d.X.Float64s()) {
			t.Fatalf("the parts are %v", all)
		}
	})
}

func TestStratifiedSplitInOrder(t *testing.T) {
	d := labeled(t, []int{1, 0, 1, 0, 7, 1, 1, 0, 0})
	train, validation, err := d.StratifiedSplit(0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Of round(4.5) = 5 examples each class of four is due 2.2, and 7 must stay: the
	// one that is left over goes to the smaller class.
	if got, want := validation.X.Float64s(), []float64{3, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("examples %v are held out, want %v", got, want)
	}
	if got, want := train.X.Float64s(), []float64{0, 1, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("examples %v are left, want %v", got, want)
	}
	if got, want := train.Y.Float32s(), []float32{1, 0, 1, 7}; !slices.Equal(got, want) {
		t.Errorf("their labels are %v, want %v", got, want)
	}
	column := &data.Dataset{X: d.X, Y: dense(d.Y.Float32s(), 9, 1)}
	if _, again, err := column.StratifiedSplit(0.5, nil); err != nil || !slices.Equal(again.X.Float64s(), validation.X.Float64s()) {
		t.Errorf("labels of shape (n, 1): %v, %v", again, err)
	}
}

func TestStratifiedSplitErrors(t *testing.T) {
	x := dense([]float64{1, 2, 3}, 3)
	split := func(y *tensor.Dense, fraction float64) error {
		_, _, err := (&data.Dataset{X: x, Y: y}).StratifiedSplit(fraction, nil)
		return err
	}
	labels := dense([]float64{0, 1, 1}, 3)
	nan := math.NaN()
	wantError(t, split(labels, 1), "StratifiedSplit: fraction 1")
	wantError(t, split(labels, nan), "StratifiedSplit: fraction NaN")
	wantError(t, split(nil, 0.5), "there is no Y")
	wantError(t, split(dense([]float64{1, 2}, 2), 0.5), "X has 3 examples and Y has 2")
	wantError(t, split(dense([]uint8{1, 2, 3}, 3), 0.5), "bytes stand for fractions")
	wantError(t, split(dense([]float64{0, 1, 0.5}, 3), 0.5), "Y: row 2 is 0.5")
	wantError(t, split(dense([]float64{0, -1, 1}, 3), 0.5), "Y: row 1 is -1")
	wantError(t, split(dense([]float64{0, 1, 1e300}, 3), 0.5), "Y: row 2 is 1e+300")
	wantError(t, split(dense([]float64{0, nan, 1}, 3), 0.5), "row 1, column 0 is NaN")
	wantError(t, split(dense([]float64{0, 1, 1, 0, 1, 0.5}, 3, 2), 0.5), "row 2, column 1 is 0.5: a row has a single 1")
	wantError(t, split(dense([]float64{0, 1, 1, 1, 1, 0}, 3, 2), 0.5), "row 1, column 1 is 1: a row has a single 1")
	wantError(t, split(dense([]float64{0, 1, 1, 0, 0, 0}, 3, 2), 0.5), "row 2 has no 1")
	wantError(t, split(dense(make([]float64, 12), 3, 2, 2), 0.5), "it has shape (3, 2, 2)")
	wantError(t, split(dense([]float64{0, 1, 2}, 3), 0.5), "each of the 3 classes has one example")
	one := labeled(t, []int{0})
	_, _, err := one.StratifiedSplit(0.5, nil)
	wantError(t, err, "one example cannot be divided")
}
