package data_test

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

func TestFloats(t *testing.T) {
	bytes := make([]uint8, 256)
	want := make([]float32, 256)
	for b := range bytes {
		bytes[b] = uint8(b)
		want[b] = float32(b) * (float32(1) / 255)
	}
	x := dense(bytes, 4, 8, 8)
	got, err := data.Floats(x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Float32s(), want) || !got.Shape().Eq(tensor.Shape{4, 8, 8}) {
		t.Errorf("bytes become %v of shape %v, want b/255 of shape (4, 8, 8)", got.Float32s(), got.Shape())
	}
	// A batch of all has the same numbers.
	for _, batch := range (&data.Dataset{X: x}).Batches(4, nil) {
		if !slices.Equal(batch.X.Float32s(), got.Float32s()) {
			t.Error("a batch has other numbers")
		}
	}

	transposed := dense([]float64{0, 1, 2, 3, 4, 5}, 2, 3)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	if got, err = data.Floats(transposed); err != nil || !slices.Equal(got.Float64s(), []float64{0, 3, 1, 4, 2, 5}) || !got.Shape().Eq(tensor.Shape{3, 2}) {
		t.Errorf("a transposed array becomes %v, %v", got, err)
	}
	narrow := dense([]float32{7, 300}, 2)
	if got, err = data.Floats(narrow); err != nil || !slices.Equal(got.Float32s(), []float32{7, 300}) {
		t.Fatalf("float32 becomes %v, %v", got, err)
	}
	got.Float32s()[0] = 9
	if narrow.Float32s()[0] != 7 {
		t.Error("the copy shares memory with the array")
	}

	_, err = data.Floats(nil)
	wantError(t, err, "x is nil")
	_, err = data.Floats(tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2})))
	wantError(t, err, "x has dtype int: convert it to uint8, float32 or float64")
}
