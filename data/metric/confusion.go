package metric

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Accuracy returns the share of the predictions that are right. The error says that
// truth and predicted are not equally many, or none.
func Accuracy[L comparable](truth, predicted []L) (float64, error) {
	if err := checkLengths(len(truth), len(predicted)); err != nil {
		return 0, fmt.Errorf("metric: Accuracy: %w", err)
	}
	right := 0
	for i, label := range truth {
		if label == predicted[i] {
			right++
		}
	}
	return ratio(right, len(truth)), nil
}

// A Confusion matrix counts how many examples of which class were taken for which.
type Confusion[L cmp.Ordered] struct {
	Labels []L     // those that occur in the truth or among the predictions, ascending
	Counts [][]int // (k, k): of the true class of the row, predicted as the class of the column
}

// NewConfusion compares predictions with the truth. The error says that they are not
// equally many, or none, or names the position of a label that is NaN.
func NewConfusion[L cmp.Ordered](truth, predicted []L) (*Confusion[L], error) {
	if err := checkLengths(len(truth), len(predicted)); err != nil {
		return nil, fmt.Errorf("metric: NewConfusion: %w", err)
	}
	for i, label := range truth {
		if label != label || predicted[i] != predicted[i] {
			return nil, fmt.Errorf("metric: NewConfusion: example %d is %v and predicted as %v: NaN is no label", i, label, predicted[i])
		}
	}
	labels := slices.Concat(truth, predicted)
	slices.Sort(labels)
	labels = slices.Clip(slices.Compact(labels))
	c := &Confusion[L]{Labels: labels, Counts: make([][]int, len(labels))}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(labels))
	}
	for i, label := range truth {
		row, _ := slices.BinarySearch(labels, label)
		column, _ := slices.BinarySearch(labels, predicted[i])
		c.Counts[row][column]++
	}
	return c, nil
}

// Classes returns the counts of each class.
func (c *Confusion[L]) Classes() []Class {
	classes := make([]Class, len(c.Labels))
	for i, row := range c.Counts {
		classes[i].Right = row[i]
		for j, n := range row {
			classes[i].Actual += n
			classes[j].Predicted += n
		}
	}
	return classes
}

// Accuracy is the share of the examples that are classified rightly.
func (c *Confusion[L]) Accuracy() float64 { return Micro(c.Classes()).Recall }

// Macro returns the averages of [Macro] over all classes.
func (c *Confusion[L]) Macro() Scores { return Macro(c.Classes()) }

// Micro returns the scores of [Micro] over all classes, each of which is the accuracy.
func (c *Confusion[L]) Micro() Scores { return Micro(c.Classes()) }

// Weighted returns the averages of [Weighted] over all classes.
func (c *Confusion[L]) Weighted() Scores { return Weighted(c.Classes()) }

// String returns a table of the scores of each class and of their averages.
func (c *Confusion[L]) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "class\tprecision\trecall\tF1\texamples\t\n")
	line := func(name any, s Scores, n int) {
		fmt.Fprintf(w, "%v\t%.4f\t%.4f\t%.4f\t%d\t\n", name, s.Precision, s.Recall, s.F1, n)
	}
	n := 0
	for i, class := range c.Classes() {
		line(c.Labels[i], Scores{class.Precision(), class.Recall(), class.F1()}, class.Actual)
		n += class.Actual
	}
	line("macro", c.Macro(), n)
	line("weighted", c.Weighted(), n)
	fmt.Fprintf(w, "accuracy\t\t\t%.4f\t%d\t\n", c.Accuracy(), n)
	w.Flush() // a strings.Builder takes all
	return text.String()
}

func checkLengths(truth, predicted int) error {
	if truth != predicted {
		return fmt.Errorf("%d examples and %d predictions: they must be equally many", truth, predicted)
	}
	if truth == 0 {
		return errors.New("there are no examples")
	}
	return nil
}
