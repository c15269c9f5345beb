package main

import (
	"context"
	"errors"
	"time"

	"gorgonia.org/tensor"

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
	best := svm.SVC{C: 1, Kernel: svm.RBF{Gamma: svm.Scale}}
	if e.recipe.search {
		var err error
		if best, err = e.search(ctx, train); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	machine, err := best.Fit(ctx, train, e.train.Labels)
	if err != nil {
		return nil, err
	}
	e.findings.c = best.C
	indices, _ := machine.SupportVectors()
	e.printf("support vector machine (RBF, C %g, gamma %.4g): fitted in %.1f s, %d support vectors\n",
		best.C, machine.Gamma(), time.Since(began).Seconds(), len(indices))
	return machine, nil
}

// search returns the machine that reads the last sixth of the training images best after it was fitted to the others. The test images
// have no part in it.
func (e *experiment) search(ctx context.Context, train *tensor.Dense) (svm.SVC, error) {
	n := train.Shape()[0]
	held := n / 6
	fit, labels := rows(train, 0, n-held), e.train.Labels[:n-held]
	others, truth := rows(train, n-held, n), e.train.Labels[n-held:]
	scale := 1 / (float64(e.latent) * variance(train.Float32s())) // what svm.Scale is for all images
	var best svm.SVC
	most := -1.0
	for _, c := range []float64{1, 5, 20} {
		for _, multiple := range []float64{1, 2, 4} {
			began := time.Now()
			candidate := svm.SVC{C: c, Kernel: svm.RBF{Gamma: svm.Gamma(multiple * scale)}}
			machine, err := candidate.Fit(ctx, fit, labels)
			if err != nil {
				return svm.SVC{}, err
			}
			predicted, err := machine.Predict(others)
			if err != nil {
				return svm.SVC{}, err
			}
			accuracy, err := metric.Accuracy(truth, predicted)
			if err != nil {
				return svm.SVC{}, err
			}
			e.printf("C %2g, gamma %.4g: accuracy %.4f on %d held-out training images (%.1f s)\n",
				c, multiple*scale, accuracy, held, time.Since(began).Seconds())
			if accuracy > most {
				best, most = candidate, accuracy
			}
		}
	}
	return best, nil
}

// rows returns rows from to to of x (n, k), which it shares.
func rows(x *tensor.Dense, from, to int) *tensor.Dense {
	k := x.Shape()[1]
	return tensor.New(tensor.WithShape(to-from, k), tensor.WithBacking(x.Float32s()[from*k:to*k]))
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
