package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/internal/footprint"
	"github.com/tapegrad/tapegrad/svm"
)

// A representation is what a support vector machine may be given of the images: numbers (n, d), made when they are needed.
type representation struct {
	name string
	of   func(images, codes *tensor.Dense) (*tensor.Dense, error)
}

// compare tabulates how one kind of machine, that of the given model, reads the digits from the pixels, from as many principal components
// as a code has numbers, and from the codes. Gamma is in each case the same multiple of what svm.Scale is.
func (e *experiment) compare(ctx context.Context, c codes, machine *svm.Model) error {
	multiple := machine.Gamma() * float64(e.latent) * variance(c.train.Float32s())
	e.printf("the same machine (C %g, gamma %.3g x scale) on other numbers:\n", e.findings.c, multiple)
	began := time.Now()
	projection, err := data.PCA{Components: e.latent}.Fit(ctx, e.train.Images)
	if err != nil {
		return err
	}
	e.printf("%d principal components have %.1f %% of the variance of the pixels (%.1f s)\n", e.latent, 100*sum(projection.Share), time.Since(began).Seconds())

	table := tabwriter.NewWriter(e.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tnumbers\tfit, s\tpredict test, s\tmore memory, MB\tsupport vectors\ttraining accuracy\ttest accuracy\t")
	for _, r := range []representation{
		{"pixels", func(images, _ *tensor.Dense) (*tensor.Dense, error) { return data.Floats(images) }},
		{"principal components", func(images, _ *tensor.Dense) (*tensor.Dense, error) { return projection.Apply(images) }},
		{"codes", func(_, codes *tensor.Dense) (*tensor.Dense, error) { return codes, nil }},
	} {
		train, err := r.of(e.train.Images, c.train)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		test, err := r.of(e.test.Images, c.test)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if err := e.judge(ctx, r.name, train, test, multiple, table); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return table.Flush()
}

// judge adds a row to the table: what the machine does with the numbers (n, d). Its memory is what the process needs beyond what it had
// before the fit, and so without the numbers themselves.
func (e *experiment) judge(ctx context.Context, name string, train, test *tensor.Dense, multiple float64, table *tabwriter.Writer) error {
	d := train.Shape()[1]
	gamma := multiple / (float64(d) * variance(train.Float32s()))
	before := int64(-1)
	if footprint.ResetPeak() == nil {
		before, _ = footprint.Peak(os.Getpid())
	}
	began := time.Now()
	machine, err := svm.SVC{C: e.findings.c, Kernel: svm.RBF{Gamma: svm.Gamma(gamma)}}.Fit(ctx, train, e.train.Labels)
	if err != nil {
		return err
	}
	fitted := time.Since(began)
	began = time.Now()
	labels, err := machine.Predict(test)
	if err != nil {
		return err
	}
	predicted := time.Since(began)
	memory := "-"
	if peak, err := footprint.Peak(os.Getpid()); err == nil && before >= 0 {
		memory = fmt.Sprint((peak - before) / 1e6)
	}
	testAccuracy, err := metric.Accuracy(e.test.Labels, labels)
	if err != nil {
		return err
	}
	if labels, err = machine.Predict(train); err != nil {
		return err
	}
	trainAccuracy, err := metric.Accuracy(e.train.Labels, labels)
	if err != nil {
		return err
	}
	fmt.Fprintf(table, "%s\t%d\t%.2f\t%.2f\t%s\t%d\t%.4f\t%.4f\t\n",
		name, d, fitted.Seconds(), predicted.Seconds(), memory, vectors(machine), trainAccuracy, testAccuracy)
	return nil
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
