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
// as a cross-entropy loss takes them. [IntLabels] makes integers of it again.
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

// IntLabels returns class labels as integers: those of a Y of a [Dataset], labels of
// shape (n) or (n, 1) or one-hot rows (n, k), as [Labels] and [OneHot] make them,
// and those of a file as [ReadSVMLight] reads it. Labels may be negative, as in such
// files; the class of a one-hot row is the column of its 1.
//
// The error names a label that is a fraction or not below 2⁵³ in size, where
// float64 ceases to hold every whole number, or a row that is not one-hot, or says
// why an array cannot be labels: it has bytes, which stand for fractions, another
// shape, or cannot be an array of a Dataset.
func IntLabels[Y []float64 | *tensor.Dense](y Y) ([]int, error) {
	var labels []int
	var err error
	switch y := any(y).(type) {
	case []float64:
		labels, err = wholeNumbers(y)
	case *tensor.Dense:
		if err := check("IntLabels: y", y); err != nil {
			return nil, err
		}
		labels, err = labelsOf(newRows(y))
	}
	if err != nil {
		return nil, fmt.Errorf("data: IntLabels: %w", err)
	}
	return labels, nil
}

// labelsOf returns the labels in rows of one number each, or in one-hot rows.
func labelsOf(y *Rows) ([]int, error) {
	if y.width > 1 || len(y.shape) > 2 || y.dtype == tensor.Uint8 {
		labels, err := classesOf(y)
		if err != nil {
			return nil, fmt.Errorf("y: %w", err)
		}
		return labels, nil
	}
	values := make([]float64, y.n)
	if err := Gather(values, y, order(y.n, nil)); err != nil {
		return nil, err
	}
	return wholeNumbers(values)
}

func wholeNumbers(y []float64) ([]int, error) {
	labels := make([]int, len(y))
	for i, v := range y {
		if v != math.Trunc(v) || math.Abs(v) >= 1<<53 || float64(int(v)) != v {
			return nil, fmt.Errorf("label %v at index %d is not a whole number: it may be the target of a regression", v, i)
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
