package svm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/iris"
	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/svm"
)

// flowers are those of package iris, 120 to learn from and 30 to test on.
func flowers() (x *tensor.Dense, y []int, testX *tensor.Dense, testY []int) {
	table, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	folds, err := data.StratifiedKFold(table.Labels, 5, nil)
	if err != nil {
		log.Fatal(err)
	}
	train, test := folds.Fold(0)
	take := func(rows []int) (*tensor.Dense, []int) {
		x, err := data.TakeRows(table.X, rows)
		if err != nil {
			log.Fatal(err)
		}
		y, err := data.TakeLabels(table.Labels, rows)
		if err != nil {
			log.Fatal(err)
		}
		return x, y
	}
	x, y = take(train)
	testX, testY = take(test)
	return x, y, testX, testY
}

// The zero SVC is scikit-learn's: C = 1, a radial kernel, and gamma by the variance of the samples.
func ExampleSVC() {
	x, y, testX, testY := flowers()
	model, err := svm.SVC{}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	predicted, err := model.Predict(testX)
	if err != nil {
		log.Fatal(err)
	}
	accuracy, err := metric.Accuracy(testY, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("classes %v, accuracy %.3f\n", model.Classes(), accuracy)
	// Output: classes [0 1 2], accuracy 0.967
}

// C and gamma are chosen by what a machine scores on samples that it was not fitted to. For a finer grid there is learn.GridSearch.
func ExampleGamma() {
	x, y, _, _ := flowers()
	for _, gamma := range []float64{0.001, 0.1, 10, 1000} {
		machine := svm.SVC{C: 10, Kernel: svm.RBF{Gamma: svm.Gamma(gamma)}}
		scores, err := learn.CrossValidate(context.Background(), learn.Of(machine), x, y, 5, 1)
		if err != nil {
			log.Fatal(err)
		}
		mean := 0.0
		for _, score := range scores {
			mean += score / float64(len(scores))
		}
		fmt.Printf("gamma %g: %.2f\n", gamma, mean)
	}
	// Output:
	// gamma 0.001: 0.92
	// gamma 0.1: 0.97
	// gamma 10: 0.92
	// gamma 1000: 0.46
}

// A value for each class says how near it came: the votes of its pairs, and in the fraction what their decision values add up to.
func ExampleModel_DecisionOneVsRest() {
	x, y, testX, _ := flowers()
	model, err := svm.SVC{}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	decision, err := model.DecisionOneVsRest(testX)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(decision.Shape())
	fmt.Printf("%.1f\n", decision.Float64s()[:3])
	// Output:
	// (30, 3)
	// [2.2 1.2 -0.3]
}

// A fit ends soon after its context does.
func ExampleSVC_Fit() {
	x, y, _, _ := flowers()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // or context.WithTimeout
	_, err := svm.SVC{}.Fit(ctx, x, y)
	fmt.Println(errors.Is(err, context.Canceled))
	fmt.Println(err)
	// Output:
	// true
	// svm: fitting: context canceled
}

// Where steps are few, the report says which pairs of classes were not solved to the tolerance.
func ExampleModel_Report() {
	x, y, _, _ := flowers()
	model, err := svm.SVC{C: 1000, MaxIter: 20}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("all converged:", model.Report().Converged())
	for _, pair := range model.Report().Pairs {
		fmt.Println(pair.First, "against", pair.Second, pair.Converged)
	}
	// Output:
	// all converged: false
	// 0 against 1 true
	// 0 against 2 true
	// 1 against 2 false
}
