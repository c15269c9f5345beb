package housing_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/housing"
)

func TestLoad(t *testing.T) {
	table, err := housing.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Validate(); err != nil {
		t.Fatal(err)
	}
	want := []string{"beds", "baths", "sqft", "type=Condo", "type=Multi_Family", "type=Residential", "latitude", "longitude"}
	if diff := cmp.Diff(want, table.Features); diff != "" {
		t.Error(diff)
	}
	if x, y := table.X.Shape(), table.Y.Shape(); !slices.Equal(x, tensor.Shape{932, 8}) || !slices.Equal(y, tensor.Shape{932, 1}) {
		t.Fatalf("X is of shape %v and Y of %v", x, y)
	}
	if got, want := table.X.Float64s()[:8], []float64{2, 1, 836, 0, 0, 1, 38.631913, -121.434879}; !slices.Equal(got, want) {
		t.Errorf("the first home is %v, want %v", got, want)
	}
	// Sums that pandas finds in the original.
	for j, want := range []float64{3053, 1913.5, 1566057, 53, 13, 866} {
		sum := 0.0
		for i := range 932 {
			sum += table.X.Float64s()[8*i+j]
		}
		if sum != want {
			t.Errorf("column %s sums to %v, want %v", table.Features[j], sum, want)
		}
	}
	prices := 0.0
	for _, price := range table.Y.Float64s() {
		prices += price
	}
	if want := 229888596.0; prices != want {
		t.Errorf("the prices sum to %v, want %v", prices, want)
	}
}
