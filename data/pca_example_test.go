package data_test

import (
	"context"
	"fmt"
	"log"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
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

func ExampleStandardScaling() {
	scaler, err := data.StandardScaling{}.Fit(context.Background(), tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 6})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaler.Center, scaler.Scale)
	// Output: [4] [2]
}

func ExampleMinMaxScaling() {
	scaler, err := data.MinMaxScaling{}.Fit(context.Background(), tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float64{2, 6})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scaler.Center, scaler.Scale)
	// Output: [2] [4]
}
