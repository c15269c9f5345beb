package svm_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// points returns numbers as samples of one feature.
func points(values ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values), 1), tensor.WithBacking(values))
}

// Half a wave, from ten of its points. Errors of less than Epsilon cost nothing, so that not all points are support vectors.
func ExampleSVR() {
	x, y := make([]float64, 10), make([]float64, 10)
	for i := range x {
		x[i] = math.Pi * float64(i) / 9
		y[i] = math.Sin(x[i])
	}
	model, err := svm.SVR{C: 10, Epsilon: 0.02}.Fit(context.Background(), points(x...), y)
	if err != nil {
		log.Fatal(err)
	}
	predicted, err := model.Predict(points(math.Pi/6, math.Pi/2))
	if err != nil {
		log.Fatal(err)
	}
	indices, _ := model.SupportVectors()
	fmt.Printf("%.1f, and fewer support vectors than points: %t\n", predicted, len(indices) < len(x))
	// Output: [0.5 1.0], and fewer support vectors than points: true
}

// NuSVR finds the width of the tube itself, so that at most a share of the samples lies outside.
func ExampleNuSVR() {
	x := points(0, 1, 2, 3, 4, 5, 6, 7)
	y := []float64{0.5, 0.5, 2.5, 2.5, 4.5, 4.5, 6.5, 6.5} // half above a line and half below
	model, err := svm.NuSVR{C: 100, Nu: 0.25, Kernel: svm.Linear{}}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", model.Epsilon())
	// Output: 0.50
}

// Nu bounds the share of samples on the wrong side of their margin, which is easier to choose than C where one knows how much the classes
// overlap. The smaller class limits it, and how far the classes overlap does from below: an error says which.
func ExampleNuSVC() {
	x, y := points(0, 1, 2, 3, 4, 5, 6, 7), []int{0, 0, 0, 1, 0, 0, 1, 1}
	for _, nu := range []float64{0.9, 0.4, 0.7} {
		model, err := svm.NuSVC{Nu: nu, Kernel: svm.Linear{}}.Fit(context.Background(), x, y)
		if err != nil {
			fmt.Println(err)
			continue
		}
		labels, err := model.Predict(points(0.5, 6.5))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(labels)
	}
	// Output:
	// svm: fitting: the Nu is 0.9 and the largest that is feasible is 0.75, for the classes 0 and 1: give that or a smaller one
	// svm: fitting: no margin tells class 0 from class 1 with a Nu of 0.4: give a greater one
	// [0 1]
}

// What is unlike the samples that were seen is -1.
func ExampleOneClass() {
	usual := points(9.8, 9.9, 10, 10.1, 10.2, 9.7, 10.3, 10)
	model, err := svm.OneClass{Nu: 0.1, Kernel: svm.RBF{Gamma: svm.Gamma(0.5)}}.Fit(context.Background(), usual)
	if err != nil {
		log.Fatal(err)
	}
	labels, err := model.Predict(points(10.05, 14, 9.95, 3))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output: [1 -1 1 -1]
}

// Where one class is rare, a weight multiplies the price of its errors; Balanced finds weights from how often the classes occur.
func ExampleSVC_balanced() {
	x := points(0, 1, 2, 3, 4, 5, 6, 7, 8, 5.5, 7.5)
	y := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	for _, machine := range []svm.SVC{
		{Kernel: svm.Linear{}},
		{Kernel: svm.Linear{}, Balanced: true},
		{Kernel: svm.Linear{}, ClassWeights: map[int]float64{1: 20}},
	} {
		model, err := machine.Fit(context.Background(), x, y)
		if err != nil {
			log.Fatal(err)
		}
		labels, err := model.Predict(points(2, 5, 5.5, 7.5))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(labels)
	}
	// Output:
	// [0 0 0 0]
	// [0 0 1 1]
	// [0 1 1 1]
}

// A kernel of one's own is a function of two samples. This one sees only in which direction from the origin they lie.
func ExampleKernelFunc() {
	cosine := svm.KernelFunc(func(x, z []float64) float64 {
		var xz, xx, zz float64
		for i := range x {
			xz += x[i] * z[i]
			xx += x[i] * x[i]
			zz += z[i] * z[i]
		}
		return xz / math.Sqrt(xx*zz)
	})
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float64{1, 0.1, 50, 1, 0.1, 1, 2, 90}))
	model, err := svm.SVC{C: 10, Kernel: cosine}.Fit(context.Background(), x, []int{0, 0, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	labels, err := model.Predict(tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1000, 100, 0.001, 0.01})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output: [0 1]
}

// Samples need not be numbers, as long as one can say how alike two of them are: here words, by the letters that they share. At a
// prediction each row compares a new word with all that were trained on.
func ExamplePrecomputed() {
	alike := func(a, b string) float64 {
		shared := 0
		for letter := 'a'; letter <= 'z'; letter++ {
			shared += strings.Count(a, string(letter)) * strings.Count(b, string(letter))
		}
		return float64(shared)
	}
	words := []string{"papaya", "banana", "moon", "root"}
	compare := func(these []string) *tensor.Dense {
		var values []float64
		for _, a := range these {
			for _, b := range words {
				values = append(values, alike(a, b))
			}
		}
		return tensor.New(tensor.WithShape(len(these), len(words)), tensor.WithBacking(values))
	}
	model, err := svm.SVC{Kernel: svm.Precomputed{}}.Fit(context.Background(), compare(words), []int{0, 0, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	labels, err := model.Predict(compare([]string{"savanna", "foot"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output: [0 1]
}

// Texts are told apart by their words. A file of three about cats and three about boats has how often each occurs.
func ExampleLinearSVC() {
	file := "1 1:2 2:1 7:1\n1 2:3 7:1\n1 1:1 3:1\n2 4:2 7:1\n2 4:1 5:1\n2 5:1 6:2\n"
	x, y, err := data.ReadSVMLight(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	labels, err := data.IntLabels(y)
	if err != nil {
		log.Fatal(err)
	}
	model, err := svm.LinearSVC{C: 1}.Fit(context.Background(), x, labels)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := model.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(predictions)
	// Output: [1 1 1 2 2 2]
}

// An outlier costs its distance, not the square of it, and so hardly moves the line.
func ExampleLinearSVR() {
	x := points(0, 1, 2, 3, 4)
	y := []float64{1, 3, 5, 7, 90} // 2x + 1, and a slip
	model, err := svm.LinearSVR{C: 1000}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := model.Predict(points(10))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", predictions)
	// Output: [21.000]
}

// Samples that are mostly zeros, such as counts of words, are given as they are in the file. Which words speak for class 1, and which
// against it, is in the weights.
func ExampleLinearModel_Weights() {
	const file = `1 1:1 3:1
1 1:2 4:1
2 2:1 3:1
2 2:2 4:1
`
	words := []string{"cat", "boat", "the", "a"}
	x, y, err := data.ReadSVMLight(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	labels, err := data.IntLabels(y)
	if err != nil {
		log.Fatal(err)
	}
	model, err := svm.LinearSVC{}.Fit(context.Background(), x, labels)
	if err != nil {
		log.Fatal(err)
	}
	for i, w := range model.Weights().Float64s() {
		switch {
		case w > 0.1:
			fmt.Println(words[i], "speaks for class 1")
		case w < -0.1:
			fmt.Println(words[i], "speaks against it")
		}
	}
	// Output:
	// cat speaks for class 1
	// boat speaks against it
}

// A model that svm-train has written predicts here as it does there. This one, of a linear kernel, says 1 above 2 and else -1.
func ExampleReadLIBSVM() {
	const file = `svm_type c_svc
kernel_type linear
nr_class 2
total_sv 2
rho 2
label 1 -1
nr_sv 1 1
SV
0.5 1:3
-0.5 1:1
`
	model, err := svm.ReadLIBSVM(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	labels, err := model.Predict(points(0, 1.9, 2.1, 5))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output: [-1 -1 1 1]
}

// Regressions and novelty detectors have model files, too; a LIBSVMReader reads them.
func ExampleLIBSVMReader() {
	x, y := points(0, 1, 2, 3), []float64{0, 2, 4, 6}
	model, err := svm.SVR{C: 100, Kernel: svm.Linear{}}.Fit(context.Background(), x, y)
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := model.WriteLIBSVM(&file); err != nil {
		log.Fatal(err)
	}
	again, err := svm.LIBSVMReader{}.ReadRegression(&file)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range []*svm.RegressionModel{model, again} {
		predicted, err := m.Predict(points(10))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f\n", predicted)
	}
	// Output:
	// [19.43]
	// [19.43]
}
