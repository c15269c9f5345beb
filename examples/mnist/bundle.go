package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/svm"
)

// A bundle is what it takes to read a digit from an image, and to draw it again: three files in one folder.
type bundle struct {
	encoder *nn.Model  // (n, 784) to codes (n, latent)
	decoder *nn.Model  // codes to (n, 784)
	machine *svm.Model // codes to digits
}

// The files of a bundle.
const (
	encoderFile = "encoder.safetensors"
	decoderFile = "decoder.safetensors"
	machineFile = "classifier.libsvm"
)

// save writes the files. The nets were built as halves of the autoencoder: Build tells each what its own examples are.
func (b bundle) save(folder string) error {
	latent := b.machine.Features()
	if err := b.encoder.Build(tensor.Shape{784}, 0); err != nil {
		return err
	}
	if err := b.decoder.Build(tensor.Shape{latent}, 0); err != nil {
		return err
	}
	if err := b.encoder.Save(filepath.Join(folder, encoderFile)); err != nil {
		return err
	}
	if err := b.decoder.Save(filepath.Join(folder, decoderFile)); err != nil {
		return err
	}
	return writeMachine(filepath.Join(folder, machineFile), b.machine)
}

func writeMachine(path string, machine *svm.Model) error {
	var text bytes.Buffer
	if err := machine.WriteLIBSVM(&text); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return maybe.WriteFile(path, text.Bytes(), 0o644)
}

// loadBundle reads what save has written.
func loadBundle(folder string) (b bundle, err error) {
	if b.machine, err = readMachine(filepath.Join(folder, machineFile)); err != nil {
		return bundle{}, err
	}
	encoder, decoder := networks(b.machine.Features(), 0)
	b.encoder, b.decoder = &nn.Model{Net: encoder}, &nn.Model{Net: decoder}
	if err := b.encoder.Load(filepath.Join(folder, encoderFile)); err != nil {
		return bundle{}, err
	}
	return b, b.decoder.Load(filepath.Join(folder, decoderFile))
}

func readMachine(path string) (*svm.Model, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no trained model yet: run examples/mnist first, or say -model: %w", err)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	machine, err := svm.ReadLIBSVM(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return machine, nil
}

// A reading is what a bundle makes of an image.
type reading struct {
	digit int
	image []float32 // its 784 numbers in [0, 1]
	again []float32 // the same, from its code
	error float64   // the mean squared difference between them
}

// read reads the digit on an image (1, 784) of bytes.
func (b bundle) read(ctx context.Context, image *tensor.Dense) (reading, error) {
	code, err := b.encoder.Predict(ctx, image)
	if err != nil {
		return reading{}, err
	}
	again, err := b.decoder.Predict(ctx, code)
	if err != nil {
		return reading{}, err
	}
	digits, err := b.machine.Predict(code)
	if err != nil {
		return reading{}, err
	}
	pixels, err := data.Floats(image)
	if err != nil {
		return reading{}, err
	}
	r := reading{digit: digits[0], image: pixels.Float32s(), again: again.Float32s()}
	for i, v := range r.again {
		gap := float64(v) - float64(r.image[i])
		r.error += gap * gap / float64(len(r.again))
	}
	return r, nil
}
