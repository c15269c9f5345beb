package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tapegrad/tapegrad/data/mnist"
)

// predict is the subcommand that uses what a training has saved.
func predict(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mnist predict", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: mnist predict [flags] picture.png")
		flags.PrintDefaults()
	}
	folder := flags.String("model", "mnist-out", "folder of the trained model")
	out := flags.String("out", "prediction.png", "figure to draw: the digit, and what the autoencoder makes of it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("name one picture of a digit, after the flags: a PNG, JPEG or GIF file")
	}
	b, err := loadBundle(*folder)
	if err != nil {
		return err
	}
	name := flags.Arg(0)
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	image, err := mnist.ReadPicture(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r, err := b.read(ctx, image)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s shows a %d; its reconstruction has a mean squared error of %.4f\n", name, r.digit, r.error)
	if err := (figures{folder: filepath.Dir(*out)}).reconstructions(filepath.Base(*out), r.image, r.again); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "figure in %s\n", *out)
	return nil
}
