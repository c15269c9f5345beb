package data_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// Labels come back as they were, and their classes are in their order.
func TestEncoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.StringN(0, 3, -1), 1, 40).Draw(t, "labels")
		e, err := data.NewEncoder(labels)
		if err != nil {
			t.Fatal(err)
		}
		known := e.Labels()
		if !slices.IsSorted(known) || len(slices.Compact(slices.Clone(known))) != len(known) {
			t.Fatalf("the classes are %q", known)
		}
		classes, err := e.Encode(labels)
		if err != nil {
			t.Fatal(err)
		}
		for i, class := range classes {
			if known[class] != labels[i] {
				t.Fatalf("%q became class %d of %q", labels[i], class, known)
			}
		}
		back, err := e.Decode(classes)
		if err != nil || !slices.Equal(back, labels) {
			t.Fatalf("%q came back as %q, %v", labels, back, err)
		}
	})
}

func TestEncoderOfOtherTypes(t *testing.T) {
	type place struct{ row, column int }
	labels := []place{{2, 1}, {1, 5}, {2, 1}, {0, 7}}
	for _, c := range []struct {
		compare func(a, b place) int
		want    []int
	}{
		{nil, []int{0, 1, 0, 2}},
		{func(a, b place) int { return a.row - b.row }, []int{2, 1, 2, 0}},
	} {
		e, err := data.NewEncoderFunc(labels, c.compare)
		if err != nil {
			t.Fatal(err)
		}
		if classes, err := e.Encode(labels); err != nil || !slices.Equal(classes, c.want) {
			t.Errorf("classes %v, %v, want %v", classes, err, c.want)
		}
	}
}

func TestEncoderErrors(t *testing.T) {
	_, err := data.NewEncoder([]string(nil))
	wantError(t, err, "there are no labels")
	_, err = data.NewEncoder([]float64{1, math.NaN()})
	wantError(t, err, "label 1 is NaN")
	e, err := data.NewEncoder([]string{"cat", "dog"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Encode([]string{"dog", "cow"})
	wantError(t, err, `Encode: label 1 is "cow", which is none of the 2 known ones`)
	_, err = e.Decode([]int{0, 1, 2})
	wantError(t, err, "Decode: class 2 at position 2 is not in [0, 2)")
	_, err = e.Decode([]int{-1})
	wantError(t, err, "class -1 at position 0")
}
