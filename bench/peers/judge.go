package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/svm"
)

// A measurement is what came out of a part. The same code judges what every system made.
type measurement struct {
	said
	Commit, Time string

	Untimed   bool    // others ran beside it: no time and no memory of it counts
	Seconds   float64 // of the whole process
	Error     float64 // mean squared difference between the test images and what was made of them
	Digits    [10]float64
	Sharpness float64 // gradient energy of what was made, as a part of that of the originals
	Living    int     // units of the code that are not 0 for every training image

	Accuracy, Fit           float64 // of our support vector machine on the codes, and its seconds
	TheirAccuracy, TheirFit float64 // of scikit-learn's

	Originals, Made [][]byte // the first test image of each digit
	Noised, Cleaned [][]byte // with noise, and what was made of that, if noisy images were trained on
}

const side = 28 // pixels in a line of an image

// judge measures what a process left in a folder. python has scikit-learn, whose machine is fitted too if the name is not empty.
func (c *comparison) judge(ctx context.Context, m *measurement, folder, python string) error {
	arrays, err := readArrays(filepath.Join(folder, "arrays.npz"))
	if err != nil {
		return err
	}
	made, pixels := arrays["made"].Float32s(), c.test.Images.Uint8s()
	if len(made) != len(pixels) {
		return fmt.Errorf("there are %d numbers in the reconstructions, want %d", len(made), len(pixels))
	}
	m.Error = meanSquare(made, pixels)
	m.Originals, m.Made = make([][]byte, 10), c.firsts(arrays["made"])
	counts, theirs, own := [10]float64{}, 0.0, 0.0
	for i, digit := range c.test.Labels {
		y, x := made[i*side*side:(i+1)*side*side], pixels[i*side*side:(i+1)*side*side]
		m.Digits[digit] += meanSquare(y, x)
		if counts[digit]++; counts[digit] == 1 {
			m.Originals[digit] = x
		}
		theirs += gradientEnergy(func(k int) float64 { return float64(x[k]) / 255 })
		own += gradientEnergy(func(k int) float64 { return float64(y[k]) })
	}
	for digit := range m.Digits {
		m.Digits[digit] /= counts[digit]
	}
	m.Sharpness = own / theirs
	if noised := arrays["noised"]; noised != nil {
		m.Noised, m.Cleaned = c.firsts(noised), c.firsts(arrays["cleaned"])
	}
	m.Living = living(arrays["codes_train"])

	began := time.Now()
	machine, err := svm.SVC{}.Fit(ctx, arrays["codes_train"], c.train.Labels)
	if err != nil {
		return fmt.Errorf("fitting the support vector machine: %w", err)
	}
	m.Fit = time.Since(began).Seconds()
	predicted, err := machine.Predict(arrays["codes_test"])
	if err != nil {
		return err
	}
	if m.Accuracy, err = metric.Accuracy(c.test.Labels, predicted); err != nil {
		return err
	}
	if python == "" {
		return nil
	}
	codes := filepath.Join(folder, "codes.npz")
	err = writeArrays(codes, map[string]*tensor.Dense{
		"codes_train": arrays["codes_train"], "codes_test": arrays["codes_test"],
		"labels_train": bytesOf(c.train.Labels), "labels_test": bytesOf(c.test.Labels),
	})
	if err != nil {
		return err
	}
	text, err := output(exec.CommandContext(ctx, python, c.path("python", "compare_sklearn.py"), codes))
	if err != nil {
		return err
	}
	_, err = fmt.Sscan(text, &m.TheirAccuracy, &m.TheirFit)
	return err
}

// firsts returns, of images of the test set, the first of each digit.
func (c *comparison) firsts(images *tensor.Dense) [][]byte {
	all := make([][]byte, 10)
	for digit := range all {
		i := slices.Index(c.test.Labels, digit)
		all[digit] = rounded(images.Float32s()[i*side*side : (i+1)*side*side])
	}
	return all
}

// meanSquare returns the mean squared difference of numbers from 0 to 1 and bytes that stand for such.
func meanSquare(made []float32, pixels []uint8) float64 {
	sum := 0.0
	for i, v := range made {
		gap := float64(v) - float64(pixels[i])/255
		sum += gap * gap
	}
	return sum / float64(len(made))
}

// gradientEnergy returns the sum of the squared differences between neighbouring pixels of an image: what blurring takes away.
func gradientEnergy(at func(k int) float64) float64 {
	sum := 0.0
	for k := range side * side {
		if (k+1)%side > 0 {
			sum += math.Pow(at(k+1)-at(k), 2)
		}
		if k+side < side*side {
			sum += math.Pow(at(k+side)-at(k), 2)
		}
	}
	return sum
}

// living counts the units of a code that are not 0 for every image.
func living(codes *tensor.Dense) int {
	values, width := codes.Float32s(), codes.Shape()[1]
	alive := make(map[int]bool)
	for i, v := range values {
		if v != 0 {
			alive[i%width] = true
		}
	}
	return len(alive)
}

func rounded(image []float32) []byte {
	pixels := make([]byte, len(image))
	for i, v := range image {
		pixels[i] = byte(math.Round(255 * float64(min(1, max(0, v)))))
	}
	return pixels
}
