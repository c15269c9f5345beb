package iris_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tapegrad/tapegrad/data/iris"
)

func TestLoad(t *testing.T) {
	table, err := iris.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Validate(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sepal length", "sepal width", "petal length", "petal width"}, table.Features); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"setosa", "versicolor", "virginica"}, table.Categories["species"]); diff != "" {
		t.Error(diff)
	}
	for i, label := range table.Labels {
		if label != i/50 {
			t.Fatalf("flower %d is of species %d", i, label)
		}
	}
	// The means of the species in Fisher's paper.
	want := [][]float64{{5.006, 3.428, 1.462, 0.246}, {5.936, 2.770, 4.260, 1.326}, {6.588, 2.974, 5.552, 2.026}}
	x := table.X.Float64s()
	for species, means := range want {
		for j, mean := range means {
			sum := 0.0
			for i := range 50 {
				sum += x[(50*species+i)*4+j]
			}
			if math.Abs(sum/50-mean) > 1e-9 {
				t.Errorf("species %d has the mean %v in column %d, want %v", species, sum/50, j, mean)
			}
		}
	}
	// The two flowers that differ in the copy of the UCI repository.
	if got, want := x[34*4:35*4], []float64{4.9, 3.1, 1.5, 0.2}; !slices.Equal(got, want) {
		t.Errorf("flower 35 is %v, want %v", got, want)
	}
	if got, want := x[37*4:38*4], []float64{4.9, 3.6, 1.4, 0.1}; !slices.Equal(got, want) {
		t.Errorf("flower 38 is %v, want %v", got, want)
	}
	x[0] = -1
	again, err := iris.Load()
	if err != nil {
		t.Fatal(err)
	}
	if again.X.Float64s()[0] != 5.1 {
		t.Error("two tables share their memory")
	}
}
