// Package mnist is the MNIST database of handwritten digits: 60,000 images to
// train on and 10,000 to test with, of 28 by 28 pixels each.
//
// The four files of Yann LeCun, Corinna Cortes and Christopher J. C. Burges are
// part of the program that imports this package (11 MB), so nothing is ever
// downloaded. Their licence, CC BY-SA 3.0, is in the README beside them.
//
//	train, err := mnist.Train()
//	…
//	autoencoder := &data.Dataset{X: train.Images}
package mnist

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/engine"
)

const (
	// Side is the width and the height of an image in pixels.
	Side = 28
	// Pixels is the number of pixels of an image.
	Pixels = Side * Side
	// Classes is the number of classes, the digits 0 to 9.
	Classes = 10
)

// A Set is images and what they show.
type Set struct {
	// Images is the images, of shape (n, 784) and dtype uint8: a row holds one
	// image line by line, 0 for the ground and 255 for the ink.
	Images *tensor.Dense
	// Labels is the n digits, 0 to 9.
	Labels []int
}

// Train returns the 60,000 training images in the order of the files, the
// caller's own.
//
// The files are decoded at each call, in some tenths of a second, and nothing is
// kept: the images are 47 MB, which a program that trains has in memory once. The
// error says which of the embedded files is damaged, and how.
func Train() (*Set, error) { return load("train", 60_000) }

// Test returns the 10,000 test images; all else is as with [Train].
func Test() (*Set, error) { return load("t10k", 10_000) }

// Limit returns the first n images of s, or all when there are fewer. It shares
// the memory of s. The error says that n is less than 1.
func (s *Set) Limit(n int) (*Set, error) {
	images, err := (&data.Dataset{X: s.Images}).Limit(n)
	if err != nil {
		return nil, fmt.Errorf("mnist: %w", err)
	}
	return &Set{Images: images.X, Labels: slices.Clip(s.Labels[:min(n, len(s.Labels))])}, nil
}

//go:embed *.gz
var files embed.FS

// load decodes the pair of embedded files of n images whose names begin with name.
func load(name string, n int) (*Set, error) {
	s, err := decode(files, name, n)
	if err != nil {
		return nil, fmt.Errorf("mnist: %w", err)
	}
	return s, nil
}

// decode reads the pair of files of n images whose names begin with name. The
// magic numbers that the files' description gives, 2051 and 2049, stand for bytes
// with three axes and with one, which is what readBytes checks.
func decode(files fs.FS, name string, n int) (*Set, error) {
	imageFile, labelFile := name+"-images-idx3-ubyte.gz", name+"-labels-idx1-ubyte.gz"
	images, err := readBytes(files, imageFile, n, Side, Side)
	if err != nil {
		return nil, err
	}
	labels, err := readBytes(files, labelFile, n)
	if err != nil {
		return nil, err
	}
	s := &Set{Images: flat(images), Labels: make([]int, n)}
	for i, label := range labels {
		if label >= Classes {
			return nil, fmt.Errorf("%s: label %d at index %d is not a digit", labelFile, label, i)
		}
		s.Labels[i] = int(label)
	}
	return s, nil
}

// readBytes reads a file, which must hold an array of bytes of the given shape.
func readBytes(files fs.FS, name string, shape ...int) ([]uint8, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	x, err := data.ReadIDX(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if x.Dtype() != tensor.Uint8 || !slices.Equal(x.Shape(), shape) {
		return nil, fmt.Errorf("%s: holds %v of shape %v, not bytes of shape %v", name, x.Dtype(), x.Shape(), tensor.Shape(shape))
	}
	return x.Uint8s(), nil
}

// flat makes an array of one row for each image.
func flat(pixels []uint8) *tensor.Dense {
	return engine.Dense(pixels, len(pixels)/Pixels, Pixels)
}
