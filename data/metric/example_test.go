package metric_test

import (
	"fmt"
	"log"

	"github.com/tapegrad/tapegrad/data/metric"
)

func ExampleNewConfusion() {
	truth := []string{"cat", "cat", "cat", "dog", "dog", "fox"}
	predicted := []string{"cat", "cat", "dog", "dog", "dog", "dog"}
	c, err := metric.NewConfusion(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Labels, c.Counts)
	fmt.Print(c)
	// Output:
	// [cat dog fox] [[2 1 0] [0 2 0] [0 1 0]]
	//      class  precision  recall      F1  examples
	//        cat     1.0000  0.6667  0.8000         3
	//        dog     0.5000  1.0000  0.6667         2
	//        fox     0.0000  0.0000  0.0000         1
	//      macro     0.5000  0.5556  0.4889         6
	//   weighted     0.6667  0.6667  0.6222         6
	//   accuracy                     0.6667         6
}

func ExampleAccuracy() {
	accuracy, err := metric.Accuracy([]int{0, 1, 2, 1}, []int{0, 1, 2, 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(accuracy)
	// Output: 0.75
}

func ExampleR2() {
	truth := []float64{3, -0.5, 2, 7}
	predicted := []float64{2.5, 0, 2, 8}
	squared, err := metric.MeanSquaredError(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	r2, err := metric.R2(truth, predicted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f\n", squared, r2)
	// Output: 0.375 0.949
}
