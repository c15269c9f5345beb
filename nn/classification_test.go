package nn_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
)

// The metrics are scikit-learn's, measured over all batches together; testdata/classification.py made the vectors.
func TestMetricsAgainstScikitLearn(t *testing.T) {
	type run struct {
		K      int
		Pred   []float64
		Target []int
		Want   map[string]float64
	}
	var v struct {
		Cases      map[string]run
		Regression struct {
			Pred, Target []float64
			Want         float64
		}
	}
	text, err := os.ReadFile("testdata/classification.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	measured := make(map[string]bool)
	for name, c := range v.Cases {
		metrics := []nn.Metric{nn.Accuracy, nn.Precision, nn.Recall, nn.F1}
		for top := 1; top < c.K; top++ {
			metrics = append(metrics, nn.TopK(top))
		}
		if len(metrics) != len(c.Want) {
			t.Errorf("%s: %d metrics, and %d in the file", name, len(metrics), len(c.Want))
		}
		oneHot := make([]float64, len(c.Target)*c.K)
		for i, class := range c.Target {
			oneHot[i*c.K+min(class, c.K-1)] = 1
		}
		for _, m := range metrics {
			measured[m.Name] = true
			labels, rows := m.Meter(), m.Meter()
			for from := 0; from < len(c.Target); from += 4 {
				to := min(from+4, len(c.Target))
				pred := tensorOf(c.Pred[from*c.K:to*c.K], to-from, c.K)
				labels.Add(pred, autograd.Labels(c.Target[from:to]))
				rows.Add(pred, tensorOf(oneHot[from*c.K:to*c.K], to-from, c.K))
			}
			if got := labels.Value(); math.Abs(got-c.Want[m.Name]) > 1e-15 {
				t.Errorf("%s: %s is %v, want %v", name, m.Name, got, c.Want[m.Name])
			}
			if got := rows.Value(); c.K > 1 && math.Abs(got-c.Want[m.Name]) > 1e-15 {
				t.Errorf("%s with one-hot targets: %s is %v, want %v", name, m.Name, got, c.Want[m.Name])
			}
		}
	}
	if len(measured) != 4+5 {
		t.Errorf("measured %v", maps.Keys(measured))
	}
	mae := nn.MAE.Meter()
	for from := 0; from < len(v.Regression.Pred); from += 8 {
		to := min(from+8, len(v.Regression.Pred))
		mae.Add(tensorOf(v.Regression.Pred[from:to], to-from, 1), tensorOf(v.Regression.Target[from:to], to-from, 1))
	}
	if got := mae.Value(); math.Abs(got-v.Regression.Want) > 1e-15 {
		t.Errorf("the mean absolute error is %v, want %v", got, v.Regression.Want)
	}
}

// What is no class is wrong, whatever it is compared with.
func TestMetricsOfWhatIsNoClass(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name         string
		pred, target *autograd.Tensor
		want         map[string]float64
	}{
		{
			"NaN is predicted", // class 1 is wanted twice and found once
			tensorOf([]float64{nan, 0.9}, 2, 1), tensorOf([]float64{1, 1}, 2, 1),
			map[string]float64{"accuracy": 0.5, "precision": 1, "recall": 0.5, "F1": 2.0 / 3},
		},
		{
			"NaN is wanted", // class 1 is predicted twice, rightly once
			tensorOf([]float64{0.8, 0.9}, 2, 1), tensorOf([]float64{nan, 1}, 2, 1),
			map[string]float64{"accuracy": 0.5, "precision": 0.5, "recall": 1, "F1": 2.0 / 3},
		},
		{
			"NaN is among the scores", // class 1 is wanted once and not found
			tensorOf([]float64{nan, 1, 0, 2, 1, 0}, 2, 3), autograd.Labels([]int{1, 0}),
			map[string]float64{"accuracy": 0.5, "precision": 0.5, "recall": 0.5, "F1": 0.5, "top2": 0.5},
		},
		{
			"a label out of range", // class 0 is predicted twice, rightly once
			tensorOf([]float64{2, 1, 0, 2, 1, 0}, 2, 3), autograd.Labels([]int{3, 0}),
			map[string]float64{"accuracy": 0.5, "precision": 0.5, "recall": 1, "F1": 2.0 / 3, "top2": 0.5},
		},
		{
			"equal scores", // the first counts as the strongest
			tensorOf([]float64{1, 1, 1, 1, 1, 1}, 2, 3), autograd.Labels([]int{1, 2}),
			map[string]float64{"accuracy": 0, "precision": 0, "recall": 0, "F1": 0, "top2": 0.5},
		},
	} {
		for _, m := range []nn.Metric{nn.Accuracy, nn.Precision, nn.Recall, nn.F1, nn.TopK(2)} {
			want, measured := c.want[m.Name]
			if !measured {
				continue
			}
			meter := m.Meter()
			meter.Add(c.pred, c.target)
			if got := meter.Value(); math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: %s is %v, want %v", c.name, m.Name, got, want)
			}
		}
	}
}

func TestMetricsErrors(t *testing.T) {
	add := func(m nn.Metric, pred, target *autograd.Tensor) func() { return func() { m.Meter().Add(pred, target) } }
	column, rows := tensorOf([]float64{1, 2}, 2, 1), tensorOf([]float64{1, 2, 3, 4}, 2, 2)
	for says, call := range map[string]func(){
		"nn.TopK: k is 0: want at least 1":                                             func() { nn.TopK(0) },
		"nn.TopK: want predictions (n, k) of two or more classes, given (2, 1)":        add(nn.TopK(1), column, column),
		"nn.F1: predictions (2, 1) and targets (3): want targets of shape (n)":         add(nn.F1, column, autograd.Labels([]int{0, 1, 1})),
		"nn.Precision: want predictions (n, k), given shape ()":                        add(nn.Precision, autograd.Scalar(1), autograd.Scalar(1)),
		"nn.Recall: want predictions (n, k), given shape (2, 0)":                       add(nn.Recall, tensorOf(nil, 2, 0), column),
		"ops.MAE: shapes differ: (2, 1) and (2, 2)":                                    add(nn.MAE, column, rows),
		"nn.Accuracy: predictions (2, 2) and targets (2, 2, 2): want targets of shape": add(nn.Accuracy, rows, tensorOf(make([]float64, 8), 2, 2, 2)),
	} {
		wantError(t, autograd.Try(call), says)
	}
}
