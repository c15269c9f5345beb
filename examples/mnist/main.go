// Command mnist is the main experiment: an autoencoder learns to squeeze images of handwritten digits through 32 numbers, and a
// support vector machine reads the digits from those numbers.
//
//	go run ./examples/mnist                          # 60,000 images, 40 epochs
//	go run ./examples/mnist -limit 2000 -epochs 2    # a taste
//	go run ./examples/mnist -recipe report           # plain gradient descent, as in the course report
//	go run ./examples/mnist -compare                 # the support vector machine on pixels and principal components, too
//	go run ./examples/mnist predict digit.png        # afterwards: which digit is on the picture?
//
// It prints how the training comes along and what came out, and draws the loss (loss.png), test images beside their
// reconstructions (reconstructions.png), the codes of the test images in two dimensions (latent.png) and which digits are taken
// for which (confusion.png). A page for the browser has all of it, with the settings and numbers measured beside other frameworks
// (report.html). The test images choose nothing: they give the validation curve and the numbers at the end. The
// trained encoder and decoder (safetensors) and the support vector machine (LIBSVM's format) are saved beside the figures, where
// predict finds them. It takes any picture of one digit, dark on light or light on dark, and draws it beside its reconstruction
// (prediction.png).
//
// Ctrl-C ends the training and reports what there is, without the support vector machine; during the first epoch there is
// nothing yet. A second Ctrl-C ends the program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second Ctrl-C is the system's
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "mnist:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "predict" {
		return predict(ctx, args[1:], stdout, stderr)
	}
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	e, err := newExperiment(s, stdout)
	if err != nil {
		return err
	}
	return e.run(ctx)
}

// parse reads the flags. Those that are not given are as the recipe says.
func parse(args []string, stderr io.Writer) (settings, error) {
	flags := flag.NewFlagSet("mnist", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("recipe", recipes[0].name, "how to train: "+recipeNames())
	epochs := flags.Int("epochs", 0, "passes over the training images (default the recipe's)")
	lr := flags.Float64("lr", 0, "learning rate (default the recipe's)")
	latent := flags.Int("latent", 32, "numbers in a code")
	seed := flags.Uint64("seed", 1, "seed of the initial weights and of the order of the images")
	out := flags.String("out", "mnist-out", "folder for the figures and the trained model")
	compares := flags.Bool("compare", false, "compare the codes with pixels and principal components, as what the support vector machine is given")
	limit := flags.Int("limit", 0, "use only so many training images, and a sixth as many test images (default, and beyond 60000, all)")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	r, err := recipeNamed(*name)
	if err != nil {
		return settings{}, err
	}
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "epochs":
			r.epochs = *epochs
		case "lr":
			r.lr = *lr
		}
	})
	switch {
	case r.epochs < 1:
		err = fmt.Errorf("-epochs is %d: want at least 1", r.epochs)
	case !(r.lr > 0) || math.IsInf(r.lr, 1):
		err = fmt.Errorf("-lr is %v: want a positive, finite number", r.lr)
	case *latent < 1:
		err = fmt.Errorf("-latent is %d: want at least 1", *latent)
	case *limit < 0 || *limit > 0 && *limit < fewest:
		err = fmt.Errorf("-limit is %d: want at least %d images, so that every digit is among them", *limit, fewest)
	}
	return settings{recipe: r, latent: *latent, seed: *seed, out: *out, limit: *limit, compares: *compares}, err
}
