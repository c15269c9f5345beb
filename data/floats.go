package data

import "gorgonia.org/tensor"

// Floats returns the numbers that the examples x, of shape (n, …), stand for, as a
// new row-major array of the same shape: of bytes b · (1/255) as float32, as in a
// batch of a [Dataset] (see [Gather]), and of float32 and float64 a copy. It is for
// what takes no bytes, such as package svm.
//
// The error says why x cannot be an array of a [Dataset]; see [Dataset.Validate].
func Floats(x *tensor.Dense) (*tensor.Dense, error) {
	if err := check("x", x); err != nil {
		return nil, err
	}
	r := newRows(x)
	return r.batch(order(r.n, nil)), nil
}
