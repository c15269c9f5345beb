package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/svm"
)

// classify fits a support vector machine to the codes of the training images and tries it on those of the test images. It returns nil
// if Ctrl-C stopped it.
func (e *experiment) classify(ctx context.Context, c codes) (*svm.Model, error) {
	machine, err := e.machine(ctx, c.train)
	if errors.Is(err, context.Canceled) {
		e.printf("stopped: the support vector machine was not fitted\n")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	began := time.Now()
	labels, err := machine.Predict(c.test)
	if err != nil {
		return nil, err
	}
	e.printf("%d images classified in %.2f s\n", len(labels), time.Since(began).Seconds())
	confusion, err := metric.NewConfusion(e.test.Labels, labels)
	if err != nil {
		return nil, err
	}
	e.printf("test accuracy %.4f\n", confusion.Accuracy())
	e.findings.machine, e.findings.confusion = machine, confusion
	return machine, e.figures.confusion(confusion)
}

// machine fits a support vector machine to the codes of the training images, with the C and the gamma of the recipe.
func (e *experiment) machine(ctx context.Context, train *tensor.Dense) (*svm.Model, error) {
	began := time.Now()
	best := svm.SVC{C: 1, Kernel: svm.RBF{Gamma: svm.Scale}}
	done := "fitted"
	var machine *svm.Model
	var err error
	if e.recipe.search {
		done = "chosen and fitted"
		best, machine, err = e.search(ctx, train)
	} else {
		machine, err = best.Fit(ctx, train, e.train.Labels)
	}
	if err != nil {
		return nil, err
	}
	e.findings.c = best.C
	e.printf("support vector machine (RBF, C %g, gamma %.4g): %s in %.1f s, %d support vectors\n",
		best.C, machine.Gamma(), done, time.Since(began).Seconds(), vectors(machine))
	return machine, nil
}

// vectors counts the support vectors of a machine.
func vectors(machine *svm.Model) int {
	n := 0
	for _, count := range machine.SupportCounts() {
		n += count
	}
	return n
}

// search fits the machine that reads the last sixth of the training images best after it was fitted to the others. The test images have
// no part in it.
func (e *experiment) search(ctx context.Context, train *tensor.Dense) (svm.SVC, *svm.Model, error) {
	n := train.Shape()[0]
	held := n / 6
	scale := 1 / (float64(e.latent) * variance(train.Float32s())) // what svm.Scale is for all images
	var machines []svm.SVC
	var candidates []learn.Candidate[int]
	for _, c := range []float64{1, 5, 20} {
		for _, multiple := range []float64{1, 2, 4} {
			machine := svm.SVC{C: c, Kernel: svm.RBF{Gamma: svm.Gamma(multiple * scale)}}
			machines = append(machines, machine)
			candidates = append(candidates, learn.Candidate[int]{Name: fmt.Sprintf("C %2g, gamma %.4g", c, multiple*scale), Estimator: learn.Of(machine)})
		}
	}
	found, err := learn.GridSearch[int]{
		Candidates: candidates,
		Splits:     func(yield func(fit, held []int) bool) { yield(span(0, n-held), span(n-held, n)) },
		Progress: func(p learn.Progress) {
			e.printf("%s: accuracy %.4f on %d held-out training images\n", p.Name, p.Score, held)
		},
	}.Fit(ctx, train, e.train.Labels)
	if err != nil {
		return svm.SVC{}, nil, err
	}
	machine, _ := learn.As[*svm.Model](found)
	return machines[found.Best], machine, nil
}

// span returns the numbers from from to to.
func span(from, to int) []int {
	numbers := make([]int, to-from)
	for i := range numbers {
		numbers[i] = from + i
	}
	return numbers
}

// variance returns that of all values.
func variance(values []float32) float64 {
	var mean, sum float64
	for _, v := range values {
		mean += float64(v) / float64(len(values))
	}
	for _, v := range values {
		sum += (float64(v) - mean) * (float64(v) - mean)
	}
	return sum / float64(len(values))
}
