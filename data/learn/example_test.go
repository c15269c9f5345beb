package learn_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/housing"
	"github.com/tapegrad/tapegrad/data/iris"
	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/svm"
)

// The grid is a loop or two. What is found predicts at once.
func Example() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	var candidates []learn.Candidate[int]
	for _, c := range []float64{0.1, 1, 10} {
		for _, gamma := range []float64{0.01, 0.1, 1} {
			candidates = append(candidates, learn.Candidate[int]{
				Name: fmt.Sprintf("C %g, gamma %g", c, gamma),
				Estimator: learn.Pipeline[int]{
					Steps: []learn.Step{learn.StepOf(data.StandardScaling{})},
					Last:  learn.Of(svm.SVC{C: c, Kernel: svm.RBF{Gamma: svm.Gamma(gamma)}}),
				},
			})
		}
	}
	found, err := learn.GridSearch[int]{Candidates: candidates, Seed: 1}.Fit(context.Background(), flowers.X, flowers.Labels)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(found)
	labels, err := found.Predict(flowers.X)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("flowers 0, 50 and 100 are", labels[0], labels[50], labels[100])
	// Output:
	// candidate          mean    spread
	// C 0.1, gamma 0.01  0.8733  0.0249
	// C 0.1, gamma 0.1   0.8733  0.0249
	// C 0.1, gamma 1     0.9333  0.0471
	// C 1, gamma 0.01    0.8867  0.0400
	// C 1, gamma 0.1     0.9467  0.0542
	// C 1, gamma 1       0.9467  0.0499
	// C 10, gamma 0.01   0.9600  0.0249  best
	// C 10, gamma 0.1    0.9467  0.0452
	// C 10, gamma 1      0.9467  0.0499
	// flowers 0, 50 and 100 are 0 1 2
}

// A score for each of five folds, on which the machine is judged after it was fitted to the other four.
func ExampleCrossValidate() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	scores, err := learn.CrossValidate(context.Background(), learn.Of(svm.SVC{}), flowers.X, flowers.Labels, 5, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", scores)
	// Output: [0.967 0.933 0.900 0.967 1.000]
}

// Behind a pipeline stands a model with more to it than predictions.
func ExampleAs() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	model, err := learn.Pipeline[int]{
		Steps: []learn.Step{learn.StepOf(data.StandardScaling{}), learn.StepOf(data.PCA{Components: 2})},
		Last:  learn.Of(svm.SVC{}),
	}.Fit(context.Background(), flowers.X, flowers.Labels)
	if err != nil {
		log.Fatal(err)
	}
	machine, ok := learn.As[*svm.Model](model)
	if !ok {
		log.Fatal("it is no support vector machine")
	}
	fmt.Println(machine.Features(), "features,", machine.SupportCounts(), "support vectors")
	// Output: 2 features, [7 25 24] support vectors
}

// Where there are many samples, one part that is held out says enough.
func ExampleGridSearch_splits() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	folds, err := data.StratifiedKFold(flowers.Labels, 5, nil)
	if err != nil {
		log.Fatal(err)
	}
	found, err := learn.GridSearch[int]{
		Candidates: []learn.Candidate[int]{
			{Name: "linear", Estimator: learn.Of(svm.SVC{Kernel: svm.Linear{}})},
			{Name: "radial", Estimator: learn.Of(svm.SVC{Kernel: svm.RBF{}})},
		},
		Splits: func(yield func(train, test []int) bool) { yield(folds.Fold(0)) },
	}.Fit(context.Background(), flowers.X, flowers.Labels)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(found)
	// Output:
	// candidate  mean    spread
	// linear     0.9667  0.0000  best
	// radial     0.9667  0.0000
}

// A pipeline for numbers: what homes cost. The scaling is learned from the samples that the machine is fitted to, in each fold anew, and
// the score is R².
func ExamplePipeline() {
	homes, err := housing.Load()
	if err != nil {
		log.Fatal(err)
	}
	estimator := learn.Pipeline[float64]{
		Steps: []learn.Step{learn.StepOf(data.StandardScaling{})},
		Last:  learn.Of(svm.SVR{C: 100_000, Epsilon: 20_000}),
	}
	scores, err := learn.CrossValidate(context.Background(), estimator, homes.X, homes.Y.Float64s(), 4, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f\n", scores)
	// Output: [0.7 0.6 0.6 0.6]
}

// What counts is said by a function, here how many flowers of species 1 are found, and the search tells of each fit.
func ExampleGridSearch_score() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	fits := 0
	found, err := learn.GridSearch[int]{
		Candidates: []learn.Candidate[int]{
			{Name: "gamma 0.1", Estimator: learn.Of(svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(0.1)}})},
			{Name: "gamma 10", Estimator: learn.Of(svm.SVC{Kernel: svm.RBF{Gamma: svm.Gamma(10)}})},
		},
		Seed: 1,
		Score: func(truth, predicted []int) (float64, error) {
			c, err := metric.NewConfusion(truth, predicted)
			if err != nil {
				return 0, err
			}
			return c.Classes()[1].Recall(), nil
		},
		Progress: func(p learn.Progress) { fits = p.Done },
	}.Fit(context.Background(), flowers.X, flowers.Labels)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(found)
	fmt.Println(fits, "fits")
	// Output:
	// candidate  mean    spread
	// gamma 0.1  0.9200  0.0748  best
	// gamma 10   0.8800  0.1166
	// 10 fits
}
