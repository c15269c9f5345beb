package metric_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tapegrad/tapegrad/data/metric"
)

// near allows what rounding does to sums in another order.
var near = cmpopts.EquateApprox(1e-12, 0)

// TestScikitLearn compares with the scores that testdata/make_sklearn.py explains.
func TestScikitLearn(t *testing.T) {
	var vectors struct {
		Labels []struct {
			Truth, Predicted, Labels []int
			Counts                   [][]int
			Accuracy                 float64
			Each                     [3][]float64
			Macro, Micro, Weighted   [3]float64
		}
		Numbers []struct {
			Truth, Predicted      []float64
			Squared, Absolute, R2 float64
		}
	}
	text, err := os.ReadFile("testdata/sklearn.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Labels {
		c, err := metric.NewConfusion(v.Truth, v.Predicted)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&metric.Confusion[int]{Labels: v.Labels, Counts: v.Counts}, c); diff != "" {
			t.Errorf("confusion (-want +got):\n%s", diff)
		}
		var each [3][]float64
		for _, class := range c.Classes() {
			each[0], each[1], each[2] = append(each[0], class.Precision()), append(each[1], class.Recall()), append(each[2], class.F1())
		}
		if diff := cmp.Diff(v.Each, each, near); diff != "" {
			t.Errorf("scores of each class (-want +got):\n%s", diff)
		}
		want := []metric.Scores{scores(v.Macro), scores(v.Micro), scores(v.Weighted)}
		if diff := cmp.Diff(want, []metric.Scores{c.Macro(), c.Micro(), c.Weighted()}, near); diff != "" {
			t.Errorf("macro, micro, weighted (-want +got):\n%s", diff)
		}
		accuracy, err := metric.Accuracy(v.Truth, v.Predicted)
		if diff := cmp.Diff([]float64{v.Accuracy, v.Accuracy}, []float64{accuracy, c.Accuracy()}, near); diff != "" || err != nil {
			t.Errorf("accuracy (-want +got):\n%s%v", diff, err)
		}
	}
	for _, v := range vectors.Numbers {
		squared, err := metric.MeanSquaredError(v.Truth, v.Predicted)
		if err != nil {
			t.Fatal(err)
		}
		absolute, err := metric.MeanAbsoluteError(v.Truth, v.Predicted)
		if err != nil {
			t.Fatal(err)
		}
		r2, err := metric.R2(v.Truth, v.Predicted)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]float64{v.Squared, v.Absolute, v.R2}, []float64{squared, absolute, r2}, near); diff != "" {
			t.Errorf("squared error, absolute error, R² (-want +got):\n%s", diff)
		}
	}
}

func scores(v [3]float64) metric.Scores {
	return metric.Scores{Precision: v[0], Recall: v[1], F1: v[2]}
}

// Classes that do not occur have no part in the averages.
func TestMacroOfClassesThatOccur(t *testing.T) {
	counts := []metric.Class{{}, {Predicted: 2, Actual: 1, Right: 1}, {}, {Predicted: 0, Actual: 1}}
	if diff := cmp.Diff(metric.Scores{Precision: 0.25, Recall: 0.5, F1: 1.0 / 3}, metric.Macro(counts), near); diff != "" {
		t.Errorf("macro (-want +got):\n%s", diff)
	}
	if got := metric.Macro(make([]metric.Class, 3)); got != (metric.Scores{}) {
		t.Errorf("macro of nothing: %v", got)
	}
}

func TestErrors(t *testing.T) {
	nan := math.NaN()
	for want, err := range map[string]error{
		"metric: Accuracy: 2 examples and 1 predictions":                    second(metric.Accuracy([]int{1, 2}, []int{1})),
		"metric: Accuracy: there are no examples":                           second(metric.Accuracy[int](nil, nil)),
		"metric: NewConfusion: 1 examples and 0 predictions":                second(metric.NewConfusion([]string{"a"}, nil)),
		"metric: NewConfusion: example 1 is NaN and predicted as 2":         second(metric.NewConfusion([]float64{1, nan}, []float64{1, 2})),
		"metric: MeanSquaredError: 1 examples and 2 predictions":            second(metric.MeanSquaredError([]float64{1}, []float64{1, 2})),
		"metric: MeanAbsoluteError: example 0 is 1 and predicted as +Inf":   second(metric.MeanAbsoluteError([]float64{1}, []float64{math.Inf(1)})),
		"metric: R2: example 1 is NaN and predicted as 1":                   second(metric.R2([]float64{1, nan}, []float64{1, 1})),
		"metric: R2: one example has no variance to explain: give two or m": second(metric.R2([]float64{1}, []float64{1})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
