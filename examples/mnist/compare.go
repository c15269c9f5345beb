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

// A representation is what a support vector machine may be given of the images.
type representation struct {
	name        string
	train, test *tensor.Dense // (n, d)
	gamma       svm.GammaRule
}

// compare tabulates how one kind of machine, that of the given model, reads the digits from the pixels, from as many principal components
// as a code has numbers, and from the codes. Gamma is in each case the same multiple of what svm.Scale is.
func (e *experiment) compare(ctx context.Context, c codes, machine *svm.Model) error {
	cost := e.findings.c
	multiple := machine.Gamma() * float64(e.latent) * variance(c.train.Float32s())
	e.printf("the same machine (C %g, gamma %.3g x scale) on other numbers:\n", cost, multiple)
	pixels := representation{name: "pixels"}
	var err error
	if pixels.train, err = floats(e.train.Images); err != nil {
		return err
	}
	if pixels.test, err = floats(e.test.Images); err != nil {
		return err
	}
	began := time.Now()
	projection, err := data.PCA{Components: e.latent}.Fit(ctx, pixels.train)
	if err != nil {
		return err
	}
	components := representation{name: "principal components"}
	if components.train, err = projection.Apply(pixels.train); err != nil {
		return err
	}
	if components.test, err = projection.Apply(pixels.test); err != nil {
		return err
	}
	e.printf("%d principal components have %.1f %% of the variance of the pixels (%.1f s)\n", e.latent, 100*sum(projection.Share), time.Since(began).Seconds())

	table := tabwriter.NewWriter(e.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tnumbers\tfit, s\tpredict test, s\tpeak memory, MB\tsupport vectors\ttraining accuracy\ttest accuracy\t")
	for _, r := range []representation{pixels, components, {name: "codes", train: c.train, test: c.test}} {
		k := r.train.Shape()[1]
		r.gamma = svm.Gamma(multiple / (float64(k) * variance(r.train.Float32s())))
		if err := e.judge(ctx, r, cost, table); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return table.Flush()
}

// judge adds a row to the table.
func (e *experiment) judge(ctx context.Context, r representation, cost float64, table *tabwriter.Writer) error {
	tells := footprint.ResetPeak() == nil
	began := time.Now()
	machine, err := svm.SVC{C: cost, Kernel: svm.RBF{Gamma: r.gamma}}.Fit(ctx, r.train, e.train.Labels)
	if err != nil {
		return err
	}
	fitted := time.Since(began)
	began = time.Now()
	labels, err := machine.Predict(r.test)
	if err != nil {
		return err
	}
	predicted := time.Since(began)
	memory := "-"
	if peak, err := footprint.Peak(os.Getpid()); err == nil && tells {
		memory = fmt.Sprint(peak >> 20)
	}
	test, err := metric.Accuracy(e.test.Labels, labels)
	if err != nil {
		return err
	}
	if labels, err = machine.Predict(r.train); err != nil {
		return err
	}
	train, err := metric.Accuracy(e.train.Labels, labels)
	if err != nil {
		return err
	}
	fmt.Fprintf(table, "%s\t%d\t%.2f\t%.2f\t%s\t%d\t%.4f\t%.4f\t\n",
		r.name, r.train.Shape()[1], fitted.Seconds(), predicted.Seconds(), memory, vectors(machine), train, test)
	return nil
}

// floats returns images (n, 784) of bytes as numbers in [0, 1].
func floats(images *tensor.Dense) (*tensor.Dense, error) {
	rows, err := data.NewRows(images)
	if err != nil {
		return nil, err
	}
	values := make([]float32, images.Shape().TotalSize())
	if err := data.Gather(values, rows, span(0, rows.Len())); err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(images.Shape().Clone()...), tensor.WithBacking(values)), nil
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}
