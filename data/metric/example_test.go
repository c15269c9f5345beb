package metric_test

import (
	"fmt"
	"log"

	"github.com/tapegrad/tapegrad/data/metric"
)

// Which classes are taken for which, and how well each is told. It prints as a table.
func ExampleNewConfusion() {
	truth := []string{"cat", "cat", "cat", "dog", "dog", "fox"}
	predicted := []string{"cat", "cat", "dog", "dog", "dog", "dog"}
	c, err := metric.NewConfusion(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Labels, c.Counts)
	fmt.Print(c)
	// Output:
	// [cat dog fox] [[2 1 0] [0 2 0] [0 1 0]]
	//      class  precision  recall      F1  examples
	//        cat     1.0000  0.6667  0.8000         3
	//        dog     0.5000  1.0000  0.6667         2
	//        fox     0.0000  0.0000  0.0000         1
	//      macro     0.5000  0.5556  0.4889         6
	//   weighted     0.6667  0.6667  0.6222         6
	//   accuracy                     0.6667         6
}

// The share of the labels that are right. They may be of any type that can be compared.
func ExampleAccuracy() {
	accuracy, err := metric.Accuracy([]int{0, 1, 2, 1}, []int{0, 1, 2, 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(accuracy)
	// Output: 0.75
}

// R² is 1 for predictions that are right, and 0 for those that are no better than the mean.
func ExampleR2() {
	truth := []float64{3, -0.5, 2, 7}
	predicted := []float64{2.5, 0, 2, 8}
	squared, err := metric.MeanSquaredError(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	r2, err := metric.R2(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f\n", squared, r2)
	// Output: 0.375 0.949
}

// How far predictions are off, in the units of what is predicted.
func ExampleMeanAbsoluteError() {
	absolute, err := metric.MeanAbsoluteError([]float64{3, -0.5, 2, 7}, []float64{2.5, 0, 2, 8})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(absolute)
	// Output: 0.5
}

// How well one class is told: of what was taken for spam, how much is spam, and how much of the spam was found?
func ExampleConfusion_Classes() {
	truth := []string{"spam", "spam", "spam", "spam", "mail", "mail", "mail", "mail", "mail"}
	predicted := []string{"spam", "spam", "spam", "mail", "spam", "mail", "mail", "mail", "mail"}
	c, err := metric.NewConfusion(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Labels)
	spam := c.Classes()[1]
	fmt.Printf("precision %.2f, recall %.2f, F1 %.2f\n", spam.Precision(), spam.Recall(), spam.F1())
	// Output:
	// [mail spam]
	// precision 0.75, recall 0.75, F1 0.75
}

// Macro counts each class the same, Weighted each example, so that a rare class that is not found shows in the one and hides in the other.
func ExampleConfusion_Macro() {
	truth := []string{"common", "common", "common", "common", "common", "common", "common", "common", "common", "rare"}
	predicted := []string{"common", "common", "common", "common", "common", "common", "common", "common", "common", "common"}
	c, err := metric.NewConfusion(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy %.2f, macro recall %.2f, weighted recall %.2f\n", c.Accuracy(), c.Macro().Recall, c.Weighted().Recall)
	// Output: accuracy 0.90, macro recall 0.50, weighted recall 0.90
}
