package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"
)

// StratifiedSplit divides d as [Dataset.Split] does, with the same share of each
// class in both sets. Y is the class labels of shape (n) or (n, 1), whole numbers
// as of [Labels], or of shape (n, k) with a single 1 in each row and zeros
// elsewhere, as of [OneHot].
//
// The share is exact up to whole examples: a class gets its share of the
// validation set rounded down, and what is left over goes to the classes with the
// largest remainders, the first class among equals. Each class leaves at least one
// example to train on, so that a class of one example is not in the validation
// set, which may be smaller than asked for when there are many such.
//
// The error is Split's, or says that there is no Y, that it is of bytes, which
// class or row of it is not as said, or that every class has a single example.
func (d *Dataset) StratifiedSplit(fraction float64, rng *rand.Rand) (train, validation *Dataset, err error) {
	x, y, err := d.Rows()
	if err != nil {
		return nil, nil, err
	}
	held, err := validationSize(fraction, x.Len())
	if err != nil {
		return nil, nil, fmt.Errorf("data: StratifiedSplit: %w", err)
	}
	if d.Y == nil {
		return nil, nil, errors.New("data: StratifiedSplit: there is no Y: give the data set the class labels of its examples")
	}
	classes, err := classesOf(y)
	if err != nil {
		return nil, nil, fmt.Errorf("data: StratifiedSplit: Y: %w", err)
	}
	counts := make(map[int]int)
	for _, class := range classes {
		counts[class]++
	}
	if len(counts) == x.Len() {
		return nil, nil, fmt.Errorf("data: StratifiedSplit: each of the %d classes has one example: use Split", len(counts))
	}
	shares := apportion(min(held, x.Len()-len(counts)), counts)
	var kept, heldOut []int
	for _, row := range slices.Backward(order(x.Len(), rng)) {
		if class := classes[row]; shares[class] > 0 {
			shares[class]--
			heldOut = append(heldOut, row)
		} else {
			kept = append(kept, row)
		}
	}
	slices.Reverse(kept)
	slices.Reverse(heldOut)
	return takeBoth(x, y, kept), takeBoth(x, y, heldOut), nil
}

// apportion divides seats among classes in proportion to their counts by the
// method of the largest remainder, but leaves one of each class over. There are
// no more seats than that allows.
func apportion(seats int, counts map[int]int) map[int]int {
	total := 0
	order := make([]int, 0, len(counts))
	for class, count := range counts {
		total += count
		order = append(order, class)
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(seats*counts[b]%total, seats*counts[a]%total), cmp.Compare(a, b))
	})
	shares, left := make(map[int]int, len(counts)), seats
	for _, class := range order {
		shares[class] = seats * counts[class] / total // below the count, as the seats are below the total
		left -= shares[class]
	}
	for left > 0 {
		for _, class := range order {
			if left > 0 && shares[class] < counts[class]-1 {
				shares[class]++
				left--
			}
		}
	}
	return shares
}

// classesOf returns the class of each example of labels or one-hot rows.
func classesOf(y *Rows) ([]int, error) {
	if y.dtype == tensor.Uint8 {
		return nil, errors.New("bytes stand for fractions: make class labels with Labels or OneHot")
	}
	if len(y.shape) > 2 {
		return nil, fmt.Errorf("it has shape %v: class labels are of shape (n), (n, 1) or (n, k)", y.shape)
	}
	classes := make([]int, y.n)
	return classes, y.each(context.Background(), func(i int, row []float64) error {
		if len(row) == 1 {
			classes[i] = int(row[0])
			if float64(classes[i]) != row[0] || classes[i] < 0 || classes[i] >= maxClass {
				return fmt.Errorf("row %d is %v: a class label is a whole number from 0 to below 2²⁴", i, row[0])
			}
			return nil
		}
		classes[i] = slices.Index(row, 1)
		for j, v := range row {
			if v != 0 && j != classes[i] {
				return fmt.Errorf("row %d, column %d is %v: a row has a single 1 and zeros elsewhere", i, j, v)
			}
		}
		if classes[i] < 0 {
			return fmt.Errorf("row %d has no 1: a row has a single 1 and zeros elsewhere", i)
		}
		return nil
	})
}
