package engine

import (
	"slices"
	"sync"
	"testing"

	"gorgonia.org/tensor"
)

// These are mistakes of package tensor that the other tests do not meet.

// Reshape keeps the shape of the array for the next one that is made: it must not be the caller's.
func TestShapeStaysTheCallers(t *testing.T) {
	shape := []int{2, 3}
	d := Dense([]float32{1, 2, 3, 4, 5, 6}, shape...)
	must(t, d.Reshape(3, 2))
	for range 10 {
		other := Dense([]float32{1, 2, 3, 4, 5, 6}, 6, 1)
		must(t, other.Reshape(1, 6))
	}
	if !slices.Equal(shape, []int{2, 3}) || !slices.Equal(d.Shape(), []int{3, 2}) {
		t.Errorf("the caller's shape (2, 3) became %v, that of the array (3, 2) is %v", shape, d.Shape())
	}
}

// tensor.StdEng transposes the right operand of Dot meanwhile.
func TestSharedMatrix(t *testing.T) {
	a, b := Dense([]float32{1, 2, 3, 4}, 2, 2), Dense([]float32{5, 6, 7, 8}, 2, 2)
	x := Dense([]float32{1, 2}, 2)
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range 100 {
				product, err := tensor.Dot(a, b)
				if err != nil || !slices.Equal(product.Data().([]float32), []float32{19, 22, 43, 50}) {
					t.Errorf("a matrix by a matrix: %v, %v", product, err)
					return
				}
				row, err := tensor.Dot(x, b)
				if err != nil || !slices.Equal(row.Data().([]float32), []float32{19, 22}) {
					t.Errorf("a vector by a matrix: %v, %v", row, err)
					return
				}
			}
		})
	}
	users.Wait()
}

// To package tensor the shapes (3, 1) and (3) are equal.
func TestColumnAndVector(t *testing.T) {
	column, vector := Dense([]float32{1, 2, 3}, 3, 1), Dense([]float32{10, 20, 30}, 3)
	sum, err := tensor.Add(column, vector)
	must(t, err)
	wantElements(t, sum, []int{3, 1}, []float32{11, 22, 33})
	sum, err = tensor.Add(vector, column)
	must(t, err)
	wantElements(t, sum, []int{3}, []float32{11, 22, 33})
	less, err := tensor.Lt(column, vector)
	must(t, err)
	if flags := less.(*tensor.Dense).Bools(); !slices.Equal(flags, []bool{true, true, true}) {
		t.Errorf("got %v", flags)
	}
}

// Arrays of different shapes are not broadcast, and say so.
func TestNoBroadcasting(t *testing.T) {
	matrix, row := Dense([]float32{1, 2, 3, 4}, 2, 2), Dense([]float32{1, 2}, 2)
	for name, compute := range map[string]func(a, b any, opts ...tensor.FuncOpt) (tensor.Tensor, error){
		"Add": tensor.Add, "Pow": tensor.Pow, "MaxBetween": tensor.MaxBetween, "Gt": tensor.Gt, "ElEq": tensor.ElEq,
	} {
		if got, err := compute(matrix, row); err == nil {
			t.Errorf("%s made %v", name, got)
		}
	}
}

// What has no elements gives what has none, or an error.
func TestArraysWithoutElements(t *testing.T) {
	empty := func() *tensor.Dense { return Dense([]float32{}, 0, 3) }
	for name, compute := range map[string]func() (tensor.Tensor, error){
		"Add":        func() (tensor.Tensor, error) { return tensor.Add(empty(), empty()) },
		"Mul scalar": func() (tensor.Tensor, error) { return tensor.Mul(empty(), float32(2)) },
		"Gt":         func() (tensor.Tensor, error) { return tensor.Gt(empty(), empty()) },
		"Exp":        func() (tensor.Tensor, error) { return tensor.Exp(empty()) },
		"SoftMax":    func() (tensor.Tensor, error) { return tensor.SoftMax(empty(), 1) },
		"SoftMax 0":  func() (tensor.Tensor, error) { return tensor.SoftMax(empty(), 0) },
		"Concat":     func() (tensor.Tensor, error) { return tensor.Concat(0, empty(), empty()) },
		"Argmax":     func() (tensor.Tensor, error) { return tensor.Argmax(empty(), 1) },
		"Repeat":     func() (tensor.Tensor, error) { return tensor.Repeat(empty(), 0, 2) },
		"Max":        func() (tensor.Tensor, error) { return empty().Max(0) },
	} {
		if got, err := compute(); err == nil && got.Shape().TotalSize() != 0 {
			t.Errorf("%s made %v of shape %v", name, got, got.Shape())
		}
	}
	total, err := empty().Sum(0)
	must(t, err)
	wantElements(t, total, []int{3}, []float32{0, 0, 0})
}
