package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/nn"
)

func TestClasses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	logits := dense([]float32{
		-3, -1, -2,
		7, 7, 7, // the first of equals
		0, nan, nan, // the first NaN
		-inf, -inf, 0,
		nan, inf, 0,
	}, 5, 3)
	got, err := nn.Classes(logits)
	if want := []int{1, 0, 1, 2, 0}; err != nil || !slices.Equal(got, want) {
		t.Errorf("classes %v, %v; want %v", got, err, want)
	}
	transposed := dense([]float64{0.1, 0.5, 0.9, 0.5}, 2, 2)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	if got, err = nn.Classes(transposed); err != nil || !slices.Equal(got, []int{1, 0}) {
		t.Errorf("classes %v, %v of a transposed array, want 1 and 0", got, err)
	}
}

func TestClassesErrors(t *testing.T) {
	masked := dense([]float32{1, 2}, 1, 2)
	masked.ResetMask(true)
	for says, y := range map[string]*tensor.Dense{
		"nn: Classes: autograd.FromDense: the Dense is nil":                    nil,
		"the predictions have shape (3): want (n, k) for k classes":            dense([]float32{1, 2, 3}, 3),
		"the predictions have shape (1, 2, 2): want (n, k)":                    dense([]float32{1, 2, 3, 4}, 1, 2, 2),
		"the predictions have shape (2, 1), one number for each example: clas": dense([]float64{1, 2}, 2, 1),
		"int": dense([]int{1, 2}, 1, 2),
		"the Dense is masked: fill or drop the masked values first": masked,
	} {
		if got, err := nn.Classes(y); err == nil || !strings.Contains(err.Error(), says) || got != nil {
			t.Errorf("classes %v, error %v; want one that says %q", got, err, says)
		}
	}
}
