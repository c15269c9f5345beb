package data_test

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

func TestTake(t *testing.T) {
	transposed := dense([]float32{0, 1, 2, 3, 4, 5}, 2, 3)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	got, err := data.TakeRows(transposed, []int{2, 0, 2})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{2, 5, 0, 3, 2, 5}; !slices.Equal(got.Float32s(), want) || !got.Shape().Eq(tensor.Shape{3, 2}) {
		t.Errorf("rows %v of shape %v, want %v", got.Float32s(), got.Shape(), want)
	}
	images, err := data.TakeRows(dense([]uint8{1, 2, 3, 4}, 2, 1, 2), []int{1})
	if err != nil || !slices.Equal(images.Uint8s(), []uint8{3, 4}) || !images.Shape().Eq(tensor.Shape{1, 1, 2}) {
		t.Errorf("images %v, %v", images, err)
	}
	labels, err := data.TakeLabels([]string{"a", "b", "c"}, []int{2, 0})
	if err != nil || !slices.Equal(labels, []string{"c", "a"}) {
		t.Errorf("labels %v, %v", labels, err)
	}
	set, err := numbered(5).Take([]int{3, 1})
	if err != nil {
		t.Fatal(err)
	}
	if seen, _ := epoch(t, set, 2, nil); !slices.Equal(seen, []int{3, 1}) {
		t.Errorf("examples %v, want 3 and 1", seen)
	}
	if same, err := (&data.Dataset{X: transposed}).Take([]int{0}); err != nil || same.Y != nil {
		t.Errorf("a data set without Y: %v, %v", same, err)
	}
}

func TestTakeErrors(t *testing.T) {
	x := dense([]float64{1, 2, 3}, 3)
	_, err := data.TakeRows(x, []int{0, 3})
	wantError(t, err, "TakeRows: index 3 at position 1 is out of range: there are 3 examples")
	_, err = data.TakeRows(x, nil)
	wantError(t, err, "TakeRows: there are no indices")
	_, err = data.TakeRows(nil, []int{0})
	wantError(t, err, "x is nil")
	_, err = data.TakeLabels([]int{1}, []int{-1})
	wantError(t, err, "TakeLabels: index -1 at position 0")
	_, err = (&data.Dataset{X: x}).Take([]int{5})
	wantError(t, err, "Take: index 5 at position 0")
	_, err = (&data.Dataset{}).Take([]int{5})
	wantError(t, err, "X is nil")
}
