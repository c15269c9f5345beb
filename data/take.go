package data

import (
	"fmt"

	"gorgonia.org/tensor"
)

// TakeRows returns a new array of the examples of x, of shape (n, …), with the given
// indices, in their order and of the same dtype. An index may occur several times.
//
// The error says why x cannot be an array of a [Dataset], names an index out of
// range, or says that there is none.
func TakeRows(x *tensor.Dense, rows []int) (*tensor.Dense, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	if err := checkIndices(rows, x.Shape()[0]); err != nil {
		return nil, fmt.Errorf("data: TakeRows: %w", err)
	}
	return newRows(x).take(rows), nil
}

// TakeLabels returns the labels, or whatever else there is one of for each example,
// with the given indices, in their order. The error is that of [TakeRows].
func TakeLabels[L any](labels []L, rows []int) ([]L, error) {
	if err := checkIndices(rows, len(labels)); err != nil {
		return nil, fmt.Errorf("data: TakeLabels: %w", err)
	}
	taken := make([]L, len(rows))
	for i, row := range rows {
		taken[i] = labels[row]
	}
	return taken, nil
}

// Take returns a data set of copies of the examples with the given indices, in
// their order. The error is Validate's, names an index out of range, or says that
// there is none.
func (d *Dataset) Take(rows []int) (*Dataset, error) {
	x, y, err := d.Rows()
	if err != nil {
		return nil, err
	}
	if err := checkIndices(rows, x.Len()); err != nil {
		return nil, fmt.Errorf("data: Take: %w", err)
	}
	return takeBoth(x, y, rows), nil
}

func checkIndices(rows []int, n int) error {
	if len(rows) == 0 {
		return fmt.Errorf("there are no indices: name at least one of the %d examples", n)
	}
	for i, row := range rows {
		if row < 0 || row >= n {
			return fmt.Errorf("index %d at position %d is out of range: there are %d examples", row, i, n)
		}
	}
	return nil
}
