// Command digits trains a network to read handwritten digits and saves it, for examples/digits/serve to use.
//
//	go run ./examples/digits                          # 60,000 images, 15 epochs: less than a minute
//	go run ./examples/digits -limit 2000 -epochs 2    # a taste
//
// The network has 784 inputs, 256 and 128 rectified units with dropout, and a score for each of the ten digits. AdamW lowers the
// cross-entropy. The test images are looked at once, at the end. The model goes into one file, model.safetensors.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/examples/digits/classifier"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second Ctrl-C is the system's
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "digits:", err)
		os.Exit(1)
	}
}

// fewest is how many training images hold every digit.
const fewest = 100

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("digits", flag.ContinueOnError)
	flags.SetOutput(stderr)
	epochs := flags.Int("epochs", 15, "passes over the training images")
	seed := flags.Uint64("seed", 1, "seed of everything random")
	limit := flags.Int("limit", 0, "use only so many training images, and a sixth as many test images (default, and beyond 60000, all)")
	out := flags.String("out", "digits-out", "folder for the model")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	case *epochs < 1:
		return fmt.Errorf("-epochs is %d: want at least 1", *epochs)
	case *limit < 0 || *limit > 0 && *limit < fewest:
		return fmt.Errorf("-limit is %d: want at least %d images, so that every digit is among them", *limit, fewest)
	}
	train, test, err := sets(*limit)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil { // before the long work
		return fmt.Errorf("cannot make the folder of the model: %w; choose another with -out", err)
	}

	const batch = 64
	steps := *epochs * ((train.Len() + batch - 1) / batch)
	model := &nn.Model{Net: classifier.New()}
	adamW := &optim.AdamW{LR: 2e-3, WeightDecay: 1e-2, Schedule: optim.CosineDecay(steps, 0)}
	if err := model.Compile(ops.CrossEntropy, adamW, nn.Accuracy); err != nil {
		return err
	}
	began := time.Now()
	_, err = model.Fit(ctx, train, nn.FitConfig{
		Epochs: *epochs, BatchSize: batch, Seed: *seed, Callbacks: []nn.Callback{nn.Progress(stdout)},
	})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped, no model was saved: %w", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "trained in %.0f s\n", time.Since(began).Seconds())
	scores, err := model.Evaluate(ctx, test)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "test accuracy %.4f on %d images\n", scores.Metrics["accuracy"], test.Len())
	path := filepath.Join(*out, "model.safetensors")
	if err := model.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "model in %s; try: go run ./examples/digits/serve -model %[1]s\n", path)
	return nil
}

// sets returns the training and the test images with their labels.
func sets(limit int) (train, test *data.Dataset, err error) {
	images := func(load func() (*mnist.Set, error), limit int) (*data.Dataset, error) {
		s, err := load()
		if err != nil {
			return nil, err
		}
		if limit > 0 {
			if s, err = s.Limit(limit); err != nil {
				return nil, err
			}
		}
		labels, err := data.Labels(s.Labels)
		return &data.Dataset{X: s.Images, Y: labels}, err
	}
	if train, err = images(mnist.Train, limit); err != nil {
		return nil, nil, err
	}
	if limit > 0 {
		limit = max(limit/6, fewest)
	}
	test, err = images(mnist.Test, limit)
	return train, test, err
}
