package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/svm"
)

const (
	trainImages = 60000
	testImages  = 10000
	codeLength  = 32
)

// CodesFile is the path of a file of [WriteCodes] that the benchmarks of support vector machines read. If it is empty they compute the codes.
var CodesFile string

// codes are the images of MNIST as float64 rows of 32 principal components.
type codes struct {
	train, test             *tensor.Dense // (n, 32) and (10000, 32)
	trainLabels, testLabels []int
	fitted                  func() (*svm.Model, error) // to all of train, once
}

func newCodes(train, test *tensor.Dense, trainLabels, testLabels []int) *codes {
	return &codes{train, test, trainLabels, testLabels, sync.OnceValues(func() (*svm.Model, error) {
		return svm.SVC{}.Fit(context.Background(), train, trainLabels)
	})}
}

// codesOf returns the codes with the first n training images only.
func codesOf(b *testing.B, n int) *codes {
	load := principalComponents
	if CodesFile != "" {
		load = readCodes
	}
	c, err := load()
	if err != nil {
		b.Fatal(err)
	}
	first := *c
	first.train = tensor.New(tensor.WithShape(n, codeLength), tensor.WithBacking(c.train.Float64s()[:n*codeLength]))
	first.trainLabels = c.trainLabels[:n]
	return &first
}

// WriteCodes writes the codes of the 60,000 training images and of the 10,000 test images to a file: (70000, 32) float64, little-endian,
// and a byte for each label. The ten classes are numbered as they first occur, as LIBSVM does, so that equal votes mean the same in
// all systems.
func WriteCodes(path string) error {
	c, err := principalComponents()
	if err != nil {
		return err
	}
	number := make(map[int]byte)
	var classes []byte
	for _, some := range [][]int{c.trainLabels, c.testLabels} {
		for _, label := range some {
			if _, ok := number[label]; !ok {
				number[label] = byte(len(number))
			}
			classes = append(classes, number[label])
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	for _, part := range []any{c.train.Float64s(), c.test.Float64s(), classes} {
		if err := binary.Write(out, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// readCodes reads the file that WriteCodes wrote.
var readCodes = sync.OnceValues(func() (*codes, error) {
	f, err := os.Open(CodesFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	train, test := make([]float64, trainImages*codeLength), make([]float64, testImages*codeLength)
	classes := make([]byte, trainImages+testImages)
	for _, part := range [][]float64{train, test} {
		var value [8]byte // not binary.Read, which takes as much memory again
		for i := range part {
			if _, err := io.ReadFull(in, value[:]); err != nil {
				return nil, fmt.Errorf("%s: %w", CodesFile, err)
			}
			part[i] = math.Float64frombits(binary.LittleEndian.Uint64(value[:]))
		}
	}
	if _, err := io.ReadFull(in, classes); err != nil {
		return nil, fmt.Errorf("%s: %w", CodesFile, err)
	}
	numbers := make([]int, len(classes))
	for i, class := range classes {
		numbers[i] = int(class)
	}
	return newCodes(
		tensor.New(tensor.WithShape(trainImages, codeLength), tensor.WithBacking(train)),
		tensor.New(tensor.WithShape(testImages, codeLength), tensor.WithBacking(test)),
		numbers[:trainImages], numbers[trainImages:],
	), nil
})

var principalComponents = sync.OnceValues(func() (*codes, error) {
	train, err := mnist.Train()
	if err != nil {
		return nil, err
	}
	test, err := mnist.Test()
	if err != nil {
		return nil, err
	}
	x, err := scaled(train.Images)
	if err != nil {
		return nil, err
	}
	xTest, err := scaled(test.Images)
	if err != nil {
		return nil, err
	}
	mean := ops.Mean(x, 0)
	axes, err := principalAxes(ops.Sub(x, mean), codeLength)
	if err != nil {
		return nil, err
	}
	project := func(x *autograd.Tensor) *tensor.Dense {
		y := ops.MatMul(ops.Sub(x, mean), axes)
		return tensor.New(tensor.WithShape(y.Shape().Clone()...), tensor.WithBacking(autograd.Values[float64](y)))
	}
	return newCodes(project(x), project(xTest), train.Labels, test.Labels), nil
})

// scaled returns images (n, 784) of bytes as float32 in [0, 1].
func scaled(images *tensor.Dense) (*autograd.Tensor, error) {
	x, err := data.Floats(images)
	if err != nil {
		return nil, err
	}
	return autograd.FromDense(x), nil
}

// principalAxes returns the directions (d, k) in which the centred samples x (n, d) vary most: the eigenvectors of the covariance
// matrix with the k greatest eigenvalues.
func principalAxes(x *autograd.Tensor, k int) (*autograd.Tensor, error) {
	d := x.Shape()[1]
	scatter := ops.MatMul(ops.Transpose(x), x)
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(d, autograd.Values[float64](scatter)), true) {
		return nil, fmt.Errorf("bench: the eigenvectors of the covariance matrix of %d features were not found", d)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // in ascending order of their eigenvalues
	axes := make([]float32, 0, d*k)
	for i := range d {
		for j := range k {
			axes = append(axes, float32(vectors.At(i, d-1-j)))
		}
	}
	return autograd.FromSlice(axes, d, k), nil
}
