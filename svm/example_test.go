package svm_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/svm"
)

// The exclusive or, which no line separates.
func Example() {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float64{
		0, 0,
		0, 1,
		1, 0,
		1, 1,
	}))
	model, err := svm.SVC{C: 10, Kernel: svm.RBF{Gamma: svm.Gamma(2)}}.Fit(context.Background(), x, []int{0, 1, 1, 0})
	if err != nil {
		log.Fatal(err)
	}
	labels, err := model.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output: [0 1 1 0]
}

// How far a sample is on which side, for each pair of classes.
func ExampleModel_Decision() {
	x := tensor.New(tensor.WithShape(3, 1), tensor.WithBacking([]float64{-2, 0, 2}))
	model, err := svm.SVC{C: 100, Kernel: svm.Linear{}}.Fit(context.Background(), x, []int{7, 8, 9})
	if err != nil {
		log.Fatal(err)
	}
	// Each pair of classes is a column: 7 against 8, 7 against 9, 8 against 9.
	decision, err := model.Decision(tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]float64{-1.5})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", decision.Float64s())
	// Output: [0.50 0.75 2.50]
}

// The samples at the margin are all that the machine keeps.
func ExampleModel_SupportVectors() {
	x := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float64{-3, -1, 1, 3}))
	model, err := svm.SVC{Kernel: svm.Linear{}}.Fit(context.Background(), x, []int{0, 0, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	indices, vectors := model.SupportVectors()
	fmt.Println(indices, vectors.Float64s())
	fmt.Printf("%.1f\n", model.DualCoefficients().Float64s())
	// Output:
	// [1 2] [-1 1]
	// [0.5 -0.5]
}

// A model outlives its process in a file that LIBSVM reads too.
func ExampleModel_WriteLIBSVM() {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float64{0, 0, 0, 1, 2, 0, 2, 1}))
	model, err := svm.SVC{Kernel: svm.Linear{}}.Fit(context.Background(), x, []int{0, 0, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := model.WriteLIBSVM(&file); err != nil {
		log.Fatal(err)
	}
	fmt.Print(file.String())

	again, err := svm.ReadLIBSVM(&file)
	if err != nil {
		log.Fatal(err)
	}
	labels, err := again.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)
	// Output:
	// svm_type c_svc
	// kernel_type linear
	// nr_class 2
	// total_sv 2
	// rho -1
	// label 0 1
	// nr_sv 1 1
	// SV
	// 0.5 2:0
	// -0.5 1:2
	// [0 0 1 1]
}

// Probabilities cost five more fits, so they are asked for.
func ExamplePlatt() {
	x := tensor.New(tensor.WithShape(10, 1), tensor.WithBacking([]float64{-5, -4, -3, -2, -1, 1, 2, 3, 4, 5}))
	y := []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}
	model, err := svm.Platt{Seed: 1}.Fit(context.Background(), svm.SVC{Kernel: svm.Linear{}}, x, y)
	if err != nil {
		log.Fatal(err)
	}
	p, err := model.Probability(tensor.New(tensor.WithShape(3, 1), tensor.WithBacking([]float64{-4, 0, 4})))
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		fmt.Printf("%.2f\n", p.Float64s()[2*i:2*i+2])
	}
	// Output:
	// [0.90 0.10]
	// [0.50 0.50]
	// [0.10 0.90]
}

// A model and its sigmoids, read from somewhere else, make probabilities too.
func ExampleModel_Calibrated() {
	x := tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{-1, 1}))
	model, err := svm.SVC{Kernel: svm.Linear{}}.Fit(context.Background(), x, []int{0, 1})
	if err != nil {
		log.Fatal(err)
	}
	calibrated, err := model.Calibrated([]svm.PlattSigmoid{{A: -2, B: 0}})
	if err != nil {
		log.Fatal(err)
	}
	p, err := calibrated.Probability(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", p.Float64s())
	// Output: [0.881 0.119 0.119 0.881]
}
