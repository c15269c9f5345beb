package bench

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/internal/footprint"
	"github.com/tapegrad/tapegrad/svm"
)

// svcFit measures the fit of a support vector machine (RBF, C = 1, gamma by Scale) to the codes of the first n training images of MNIST.
// The check is the accuracy on the 10,000 test images.
func svcFit(n int) func(b *testing.B) {
	return func(b *testing.B) {
		c := codesOf(b, n)
		var model *svm.Model
		for b.Loop() {
			model = c.fit(b)
		}
		c.check(b, model)
	}
}

// svcPredict measures how fast the machine that was fitted to all codes classifies the 10,000 test images. It logs the classes, a digit
// each, for comparison.
func svcPredict(b *testing.B) {
	c := codesOf(b, trainImages)
	model, err := c.fitted()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := model.Predict(c.test); err != nil {
			b.Fatal(err)
		}
	}
	var digits strings.Builder
	for _, class := range c.check(b, model) {
		digits.WriteString(strconv.Itoa(class))
	}
	b.Logf("Predicted SVCPredict/10000x32 %s", digits.String())
}

// svcMemory reports the most memory that the process had in use when a machine was fitted to all codes. It means something when it is
// the only benchmark of its process and reads the codes from [CodesFile].
func svcMemory(b *testing.B) {
	c := codesOf(b, trainImages)
	var model *svm.Model
	for b.Loop() {
		model = c.fit(b)
	}
	if peak, err := footprint.Peak(os.Getpid()); err == nil { // not every system tells
		b.ReportMetric(float64(peak), "peak-B")
	}
	c.check(b, model)
}

// svcFitImages measures the fit to the pixels of the first n training images, 784 numbers from 0 to 255.
func svcFitImages(n int) func(b *testing.B) {
	return func(b *testing.B) {
		c := codes{train: pixels(b, mnist.Train, n), test: pixels(b, mnist.Test, testImages)}
		c.trainLabels, c.testLabels = labels(b, mnist.Train)[:n], labels(b, mnist.Test)
		var model *svm.Model
		for b.Loop() {
			model = c.fit(b)
		}
		c.check(b, model)
	}
}

// pixels returns the first n images of a set as float32.
func pixels(b *testing.B, load func() (*mnist.Set, error), n int) *tensor.Dense {
	set, err := load()
	if err != nil {
		b.Fatal(err)
	}
	values := make([]float32, n*set.Images.Shape()[1])
	for i := range values {
		values[i] = float32(set.Images.Uint8s()[i])
	}
	return tensor.New(tensor.WithShape(n, set.Images.Shape()[1]), tensor.WithBacking(values))
}

func labels(b *testing.B, load func() (*mnist.Set, error)) []int {
	set, err := load()
	if err != nil {
		b.Fatal(err)
	}
	return set.Labels
}

func (c *codes) fit(b *testing.B) *svm.Model {
	model, err := svm.SVC{}.Fit(context.Background(), c.train, c.trainLabels)
	if err != nil {
		b.Fatal(err)
	}
	return model
}

// check fails the benchmark unless the model classifies about as well as scikit-learn does on the same features: its accuracy is 0.9832
// after all codes, 0.96 and more after 5000 of them. It returns the predictions.
func (c *codes) check(b *testing.B, model *svm.Model) []int {
	predictions, err := model.Predict(c.test)
	if err != nil {
		b.Fatal(err)
	}
	right := 0
	for i, label := range predictions {
		if label == c.testLabels[i] {
			right++
		}
	}
	least := 0.94
	if len(c.trainLabels) == trainImages {
		least = 0.98
	}
	if accuracy := float64(right) / float64(len(predictions)); accuracy < least {
		b.Fatalf("accuracy %.4f", accuracy)
	}
	return predictions
}
