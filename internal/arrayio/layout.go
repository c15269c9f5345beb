package arrayio

import (
	"errors"
	"slices"

	"github.com/tapegrad/tapegrad/internal/strided"
)

// CheckLayout says why an array with the given layout over a number of values cannot be read. Views that repeat values are
// refused because laying them out takes memory out of all proportion to what was given.
func CheckLayout(shape, strides []int, values int) error {
	if len(strides) != len(shape) {
		return errors.New("every axis needs a stride")
	}
	if slices.Contains(shape, 0) {
		return nil
	}
	size, last := 1, 0
	for axis, n := range shape {
		if n > values/size || (n > 1 && strides[axis] == 0) {
			return errors.New("it repeats values: copy them out first")
		}
		size *= n
		if strides[axis] < 0 || (n > 1 && strides[axis] > (values-1-last)/(n-1)) {
			return errors.New("it reaches outside its values")
		}
		last += (n - 1) * strides[axis]
	}
	return nil
}

// RowMajor returns the values of an array, whose layout CheckLayout has passed, in row-major order: values itself if they are, else
// a copy.
func RowMajor[T any](values []T, shape, strides []int) []T {
	size := 1
	for _, n := range shape {
		size *= n
	}
	if size == 0 {
		return nil
	}
	if isRowMajor(shape, strides) {
		return values[:size:size]
	}
	out := make([]T, size)
	strided.View[T]{Data: values, Shape: shape, Strides: strides}.Gather(out, 0)
	return out
}

func isRowMajor(shape, strides []int) bool {
	for axis, stride := range strided.Strides(shape) {
		// Along an axis of length 1 there is no step to take.
		if shape[axis] != 1 && strides[axis] != stride {
			return false
		}
	}
	return true
}
