package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// settings are what the flags say.
type settings struct {
	recipe recipe
	latent int
	seed   uint64
	out    string
	limit  int // training images; 0 means all

	compares bool // the codes with pixels and principal components
}

// fewest is how many training images hold every digit.
const fewest = 100

// An experiment goes from images to digits: train the autoencoder, encode, fit the support vector machine, evaluate, draw, save.
type experiment struct {
	settings
	w           io.Writer
	train, test *mnist.Set
	encoder     *nn.Model // (n, 784) to codes (n, latent)
	decoder     *nn.Model // codes to (n, 784)
	autoencoder *nn.Model // both: (n, 784) to (n, 784)
	figures     figures
	findings    findings // for the report
}

func newExperiment(s settings, w io.Writer) (*experiment, error) {
	train, err := mnist.Train()
	if err != nil {
		return nil, err
	}
	test, err := mnist.Test()
	if err != nil {
		return nil, err
	}
	if s.limit > 0 {
		if train, err = train.Limit(s.limit); err != nil {
			return nil, err
		}
		if test, err = test.Limit(max(s.limit/6, fewest)); err != nil {
			return nil, err
		}
	}
	encoder, decoder := networks(s.latent, s.recipe.latentBias)
	return &experiment{
		settings: s, w: w, train: train, test: test,
		encoder:     &nn.Model{Net: encoder},
		decoder:     &nn.Model{Net: decoder},
		autoencoder: &nn.Model{Net: nn.Sequential{encoder, decoder}},
		figures:     figures{folder: s.out},
	}, nil
}

// networks returns the two halves of the autoencoder. Every layer but the last is rectified, the code too, whose units start with the
// given bias.
func networks(latent int, bias float64) (encoder, decoder nn.Sequential) {
	for _, width := range []int{512, 256, 128, 64} {
		encoder = append(encoder, &nn.Linear{Out: width, Init: nn.GlorotUniform}, nn.ReLU{})
	}
	encoder = append(encoder, &nn.Linear{Out: latent, Init: nn.GlorotUniform, BiasInit: nn.Constant(bias)}, nn.ReLU{})
	for _, width := range []int{64, 128, 256, 512} {
		decoder = append(decoder, &nn.Linear{Out: width, Init: nn.GlorotUniform}, nn.ReLU{})
	}
	return encoder, append(decoder, &nn.Linear{Out: 784, Init: nn.GlorotUniform}, nn.Sigmoid{})
}

func (e *experiment) run(ctx context.Context) error {
	if err := figure.Prepare(e.out); err != nil { // before the long work
		return err
	}
	e.printf("recipe %v, seed %d\n", e.recipe, e.seed)
	e.printf("%d training and %d test images of 28 x 28 pixels\n", len(e.train.Labels), len(e.test.Labels))

	stopped, err := e.fit(ctx)
	if err != nil {
		return err
	}
	whatThereIs := context.WithoutCancel(ctx) // is reported also after Ctrl-C: it takes seconds
	codes, err := e.encode(whatThereIs)
	if err != nil {
		return err
	}
	if err := e.reconstruct(whatThereIs); err != nil {
		return err
	}
	if !e.compares {
		e.train.Images = nil // nobody looks at them again: their memory is for the kernel rows of the support vector machine
	}
	if stopped {
		e.printf("the support vector machine was left out\n")
	} else if err := e.finish(ctx, codes); err != nil {
		return err
	}
	e.printf("figures in %s\n", e.out)
	if err := e.writeReport(); err != nil {
		return err
	}
	e.printf("report in %s: open it in a browser\n", e.figures.path("report.html"))
	return nil
}

// finish adds the support vector machine and saves the whole.
func (e *experiment) finish(ctx context.Context, c codes) error {
	machine, err := e.classify(ctx, c)
	if err != nil || machine == nil {
		return err
	}
	if e.compares {
		err := e.compare(ctx, c, machine)
		switch {
		case errors.Is(err, context.Canceled):
			e.printf("stopped: the comparison is not complete\n")
		case err != nil:
			return err
		}
	}
	if err := (bundle{e.encoder, e.decoder, machine}).save(e.out); err != nil {
		return err
	}
	e.printf("model in %s; try: go run ./examples/mnist predict -model %[1]s examples/mnist/digit.png\n", e.out)
	return nil
}

// fit trains the autoencoder, and reports whether Ctrl-C stopped it after an epoch or more. The test images are looked at after
// each epoch for the curve only: nothing is chosen by them.
func (e *experiment) fit(ctx context.Context) (stopped bool, err error) {
	r := e.recipe
	updates := r.epochs * ((len(e.train.Labels) + r.batch - 1) / r.batch)
	if err := e.autoencoder.Compile(ops.MSE, r.optimizer(r.lr, updates)); err != nil {
		return false, err
	}
	began := time.Now()
	history, err := e.autoencoder.Fit(ctx, &data.Dataset{X: e.train.Images}, nn.FitConfig{
		Epochs: r.epochs, BatchSize: r.batch, Seed: e.seed,
		Validation: &data.Dataset{X: e.test.Images},
		Callbacks:  []nn.Callback{nn.Progress(e.w)},
	})
	n := len(history.Epochs)
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		return false, err
	case err != nil && n == 0:
		return false, errors.New("stopped before the first epoch was over: there is nothing to report")
	case err != nil:
		e.printf("stopped after %d of %d epochs\n", n, r.epochs)
	}
	e.findings.history, e.findings.seconds = history, time.Since(began).Seconds()
	e.printf("trained in %.0f s: mean squared error %.4f on the training images, %.4f on the test images\n",
		e.findings.seconds, history.Loss()[n-1], history.ValidationLoss()[n-1])
	return err != nil, e.figures.loss(history)
}

// codes are what the encoder makes of the images.
type codes struct{ train, test *tensor.Dense } // (n, latent)

func (e *experiment) encode(ctx context.Context) (c codes, err error) {
	if c.train, err = e.encoder.Predict(ctx, e.train.Images); err != nil {
		return codes{}, err
	}
	if c.test, err = e.encoder.Predict(ctx, e.test.Images); err != nil {
		return codes{}, err
	}
	e.findings.dead = dead(c.train)
	e.printf("%d of %d latent units are dead: they are 0 for every training image\n", e.findings.dead, e.latent)
	return c, e.figures.latent(c.test, e.test.Labels)
}

// dead counts the columns that are zero everywhere.
func dead(codes *tensor.Dense) int {
	values, width := codes.Float32s(), codes.Shape()[1]
	alive := make([]bool, width)
	for i, v := range values {
		if v != 0 {
			alive[i%width] = true
		}
	}
	n := 0
	for _, a := range alive {
		if !a {
			n++
		}
	}
	return n
}

// reconstruct draws the first test image of each digit beside what the autoencoder makes of it.
func (e *experiment) reconstruct(ctx context.Context) error {
	var firsts []int
	for digit := range 10 {
		if i := slices.Index(e.test.Labels, digit); i >= 0 {
			firsts = append(firsts, i)
		}
	}
	originals, err := data.TakeRows(e.test.Images, firsts)
	if err != nil {
		return err
	}
	x, err := data.Floats(originals)
	if err != nil {
		return err
	}
	y, err := e.autoencoder.Predict(ctx, x)
	if err != nil {
		return err
	}
	return e.figures.reconstructions("reconstructions.png", x.Float32s(), y.Float32s())
}

func (e *experiment) printf(format string, args ...any) { fmt.Fprintf(e.w, format, args...) }
