package data

import (
	"errors"
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// maxClass is the number of whole numbers from 0 on that float32 holds exactly.
const maxClass = 1 << 24

// Labels returns class labels as a target of shape (n), float32: whole numbers,
// as a cross-entropy loss takes them.
//
// The error names a label that is negative or not below 2²⁴, where float32 ceases
// to hold every whole number, or says that there are none.
func Labels(class []int) (*tensor.Dense, error) {
	if err := checkClasses(class, maxClass); err != nil {
		return nil, fmt.Errorf("data: Labels: %w", err)
	}
	values := make([]float32, len(class))
	for i, c := range class {
		values[i] = float32(c)
	}
	return engine.Dense(values, len(class)), nil
}

// IntLabels returns labels that are whole numbers as integers: those of a file of
// classes as [ReadSVMLight] reads it.
//
// The error names a label that is a fraction or not below 2⁵³ in size, where
// float64 ceases to hold every whole number.
func IntLabels(y []float64) ([]int, error) {
	labels := make([]int, len(y))
	for i, v := range y {
		if v != math.Trunc(v) || math.Abs(v) >= 1<<53 || float64(int(v)) != v {
			return nil, fmt.Errorf("data: IntLabels: label %v at index %d is not a whole number: it may be the target of a regression", v, i)
		}
		labels[i] = int(v)
	}
	return labels, nil
}

// OneHot returns class labels as a target of shape (n, classes), float32: in row
// i a one in column labels[i] and zeros elsewhere.
//
// The error names a label that is not in [0, classes), or says that there are
// none or that the number of classes is not in [1, 2²⁴].
func OneHot(labels []int, classes int) (*tensor.Dense, error) {
	if classes < 1 || classes > maxClass {
		return nil, fmt.Errorf("data: OneHot: %d classes: there must be between 1 and %d", classes, maxClass)
	}
	if err := checkClasses(labels, classes); err != nil {
		return nil, fmt.Errorf("data: OneHot: %w", err)
	}
	values := make([]float32, len(labels)*classes)
	for i, c := range labels {
		values[i*classes+c] = 1
	}
	return engine.Dense(values, len(labels), classes), nil
}

// checkClasses names the first label that is not in [0, classes).
func checkClasses(labels []int, classes int) error {
	if len(labels) == 0 {
		return errors.New("there are no labels")
	}
	for i, c := range labels {
		if c < 0 || c >= classes {
			return fmt.Errorf("label %d at index %d is not in [0, %d)", c, i, classes)
		}
	}
	return nil
}
