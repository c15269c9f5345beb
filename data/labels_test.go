package data_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

func TestLabels(t *testing.T) {
	y, err := data.Labels([]int{3, 0, 1<<24 - 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(y.Shape(), tensor.Shape{3}) {
		t.Errorf("shape %v, want (3)", y.Shape())
	}
	if diff := cmp.Diff([]float32{3, 0, 1<<24 - 1}, y.Float32s()); diff != "" {
		t.Error(diff)
	}
}

func TestOneHot(t *testing.T) {
	y, err := data.OneHot([]int{2, 0, 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(y.Shape(), tensor.Shape{3, 3}) {
		t.Errorf("shape %v, want (3, 3)", y.Shape())
	}
	if diff := cmp.Diff([]float32{0, 0, 1, 1, 0, 0, 0, 0, 1}, y.Float32s()); diff != "" {
		t.Error(diff)
	}
}

func TestBadLabels(t *testing.T) {
	labels := func(class ...int) error {
		_, err := data.Labels(class)
		return err
	}
	oneHot := func(classes int, labels ...int) error {
		_, err := data.OneHot(labels, classes)
		return err
	}
	wantError(t, labels(), "there are no labels")
	wantError(t, labels(1, -2), "label -2 at index 1")
	wantError(t, labels(1<<24), "label 16777216 at index 0")
	wantError(t, oneHot(3), "there are no labels")
	wantError(t, oneHot(3, 0, 1, 3), "label 3 at index 2 is not in [0, 3)")
	wantError(t, oneHot(3, -1), "label -1 at index 0")
	wantError(t, oneHot(0, 0), "0 classes")
	wantError(t, oneHot(1<<40, 0), "1099511627776 classes")
}

func TestIntLabels(t *testing.T) {
	got, err := data.IntLabels([]float64{1, -1, 0, 1 << 30})
	if err != nil || !slices.Equal(got, []int{1, -1, 0, 1 << 30}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []float64{0.5, math.NaN(), math.Inf(1), 1e300, 1 << 53} {
		_, err := data.IntLabels([]float64{1, bad})
		wantError(t, err, "data: IntLabels: label "+fmt.Sprint(bad)+" at index 1 is not a whole number")
		_, err = data.IntLabels(dense([]float64{1, bad}, 2))
		wantError(t, err, "data: IntLabels: label "+fmt.Sprint(bad)+" at index 1 is not a whole number")
	}
}

// The labels of a Y are those that it was made of.
func TestIntLabelsOfArrays(t *testing.T) {
	classes := []int{2, 0, 1, 2, 1<<24 - 1}
	y, err := data.Labels(classes)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := data.OneHot(classes[:4], 3)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		y    *tensor.Dense
		want []int
	}{
		"labels":       {y, classes},
		"a column":     {dense([]float64{1, -1, 1}, 3, 1), []int{1, -1, 1}},
		"one-hot rows": {rows, classes[:4]},
		"one row":      {dense([]float32{0, 1}, 1, 2), []int{1}},
	} {
		if got, err := data.IntLabels(c.y); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	transposed := dense([]float32{0, 1, 0, 1, 0, 1}, 2, 3)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	if got, err := data.IntLabels(transposed); err != nil || !slices.Equal(got, []int{1, 0, 1}) {
		t.Errorf("transposed one-hot rows: %v, %v", got, err)
	}
	for says, bad := range map[string]*tensor.Dense{
		"data: IntLabels: y is nil": nil,
		"data: IntLabels: y: bytes stand for fractions: make class labels with Labels or OneHot": dense([]uint8{0, 1}, 2),
		"data: IntLabels: y: row 1, column 1 is 0.5: a row has a single 1 and zeros elsewhere":   dense([]float64{0, 1, 1, 0.5}, 2, 2),
		"data: IntLabels: y: it has shape (1, 2, 1)":                                             dense([]float64{0, 1}, 1, 2, 1),
	} {
		_, err := data.IntLabels(bad)
		wantError(t, err, says)
	}
}
