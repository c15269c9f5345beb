package data

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// Folds divide n examples, given by their indices, into k parts for
// cross-validation. Each part is once what is tested, and all others together are
// what is trained on:
//
//	folds, err := data.StratifiedKFold(labels, 5, rand.New(rand.NewPCG(1, 2)))
//	…
//	for train, test := range folds.All() {
//		x, err := data.TakeRows(features, train)
//		…
//	}
//
// They are immutable: any number of goroutines may use them at once.
type Folds struct {
	part []int // of each example
	k    int
}

// KFold divides n examples into k folds whose sizes differ by at most one, the
// larger ones first. With a nil rng each is a range of successive examples, as in
// scikit-learn's KFold; with an rng they are drawn.
//
// The error says that k is less than 2 or that there are fewer than k examples.
func KFold(n, k int, rng *rand.Rand) (*Folds, error) {
	if err := checkFolds(n, k); err != nil {
		return nil, fmt.Errorf("data: KFold: %w", err)
	}
	f := &Folds{part: make([]int, n), k: k}
	rows := order(n, rng)
	for part := range k {
		size := n / k
		if part < n%k {
			size++
		}
		for _, row := range rows[:size] {
			f.part[row] = part
		}
		rows = rows[size:]
	}
	return f, nil
}

// StratifiedKFold divides examples with the given labels into k folds such that
// each has the same share of each class up to whole examples, and that their sizes
// differ by at most one. With a nil rng they are those of scikit-learn's
// StratifiedKFold; with an rng the examples of a class are drawn, and how many of
// each class a fold gets is as there. A class with fewer than k examples is missing
// from some folds.
//
// The error says that k is less than 2, that there are fewer than k examples, or
// that every class has fewer than k.
func StratifiedKFold[L comparable](labels []L, k int, rng *rand.Rand) (*Folds, error) {
	if err := checkFolds(len(labels), k); err != nil {
		return nil, fmt.Errorf("data: StratifiedKFold: %w", err)
	}
	var classes [][]int // the examples of each, in the order in which the labels name them first
	index := make(map[L]int)
	for i, label := range labels {
		class, known := index[label]
		if !known {
			class = len(classes)
			index[label] = class
			classes = append(classes, nil)
		}
		classes[class] = append(classes[class], i)
	}
	f := &Folds{part: make([]int, len(labels)), k: k}
	before, most := 0, 0
	for _, rows := range classes {
		most = max(most, len(rows))
		f.deal(rows, before, rng)
		before += len(rows)
	}
	if most < k {
		return nil, fmt.Errorf("data: StratifiedKFold: each of the %d classes has fewer than %d examples: take fewer folds, or KFold", len(classes), k)
	}
	return f, nil
}

// deal gives the examples of a class to the folds. All classes one after the other
// are dealt like cards, one example to each fold in turn, which settles how many
// of each class a fold gets.
func (f *Folds) deal(rows []int, before int, rng *rand.Rand) {
	places := make([]int, 0, len(rows))
	for part := range f.k {
		first := (part - before%f.k + f.k) % f.k // of the cards of this class
		for range (len(rows) - first + f.k - 1) / f.k {
			places = append(places, part)
		}
	}
	if rng != nil {
		rng.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	}
	for i, row := range rows {
		f.part[row] = places[i]
	}
}

func checkFolds(n, k int) error {
	if k < 2 {
		return fmt.Errorf("%d folds: there must be at least 2, one to test and one to train on", k)
	}
	if n < k {
		return fmt.Errorf("%d examples in %d folds: there must be at least one for each", n, k)
	}
	return nil
}

// Len returns the number of folds.
func (f *Folds) Len() int { return f.k }

// Fold returns the indices of the examples to train on and of those to test when
// fold i is the one to test, both ascending and the caller's own. It panics if i
// is not in [0, f.Len()).
func (f *Folds) Fold(i int) (train, test []int) {
	if i < 0 || i >= f.k {
		panic(fmt.Errorf("data: fold %d: there are %d", i, f.k))
	}
	for row, part := range f.part {
		if part == i {
			test = append(test, row)
		} else {
			train = append(train, row)
		}
	}
	return train, test
}

// All returns an iterator over what [Folds.Fold] returns for each fold in order.
func (f *Folds) All() iter.Seq2[[]int, []int] {
	return func(yield func(train, test []int) bool) {
		for i := range f.k {
			if !yield(f.Fold(i)) {
				return
			}
		}
	}
}
