package data_test

import (
	"context"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/iris"
)

// Points near a line are one number each, and little else.
func ExamplePCA() {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float64{
		1, 1.1,
		2, 1.9,
		3, 3.1,
		4, 3.9,
	}))
	projection, err := data.PCA{Components: 1}.Fit(context.Background(), x)
	if err != nil {
		log.Fatal(err)
	}
	z, err := projection.Apply(x)
	if err != nil {
		log.Fatal(err)
	}
	back, err := projection.Invert(z)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f of the variance\n", projection.Share[0])
	fmt.Printf("%.2f\n", z.Data())
	fmt.Printf("%.2f\n", back.Data())
	// Output:
	// 0.998 of the variance
	// [-2.05 -0.78 0.78 2.05]
	// [1.02 1.08 1.94 1.96 3.06 3.04 3.98 3.92]
}

// How many components are enough is said by the share of the variance that they are to keep.
func ExamplePCA_share() {
	flowers, err := iris.Load()
	if err != nil {
		log.Fatal(err)
	}
	projection, err := data.PCA{Share: 0.95}.Fit(context.Background(), flowers.X)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d instead of 4 columns, with %.3f of the variance\n", len(projection.Variance), projection.Share)
	// Output: 2 instead of 4 columns, with [0.925 0.053] of the variance
}

// What NewStandardScaler does, as something that can be fitted: a step of a pipeline, for example.
func ExampleStandardScaling() {
	scaler, err := data.StandardScaling{}.Fit(context.Background(), tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 6})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaler.Center, scaler.Scale)
	// Output: [4] [2]
}

// What NewMinMaxScaler does, as something that can be fitted: a step of a pipeline, for example.
func ExampleMinMaxScaling() {
	scaler, err := data.MinMaxScaling{}.Fit(context.Background(), tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 6})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaler.Center, scaler.Scale)
	// Output: [2] [4]
}
