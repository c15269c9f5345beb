package nn_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

var update = flag.Bool("update", false, "write testdata/go.safetensors and go.json, which testdata/safetensors_check.py checks")

// exchange has four examples of shape (3), and two predictions for each.
type exchange struct{ X, Y []float64 }

func exchangedNet() nn.Sequential {
	return nn.Sequential{&nn.Linear{Out: 5}, nn.Tanh{}, &nn.Linear{Out: 2}, nn.Sigmoid{}}
}

func wantPredictions(t *testing.T, m *nn.Model, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want exchange
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got, err := m.Predict(t.Context(), dense(want.X, 4, 3))
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, "predictions", got.Float64s(), want.Y)
}

// A file that PyTorch's weights were saved to, without metadata, predicts here what it does there.
func TestLoadWhatPythonSaved(t *testing.T) {
	m := &nn.Model{Net: exchangedNet(), Dtype: tensor.Float64}
	wantSaid(t, m.Load("testdata/python.safetensors"), "the net is not built, and the file does not give the shape")
	if err := m.Build(tensor.Shape{3}, 0); err != nil {
		t.Fatal(err)
	}
	load(t, m, "testdata/python.safetensors")
	wantPredictions(t, m, "testdata/python.json")
}

// testdata/safetensors_check.py finds that PyTorch predicts with the file what we do. Files that were written once are loaded
// for ever.
func TestLoadWhatWasSaved(t *testing.T) {
	const file, predictions = "testdata/go.safetensors", "testdata/go.json"
	if *update {
		writeExchange(t, file, predictions)
	}
	m := &nn.Model{Net: exchangedNet()}
	load(t, m, file)
	wantPredictions(t, m, predictions)

	sgd := &optim.SGD{LR: 0.5, Momentum: 0.9}
	again := compiled(t, exchangedNet(), sgd)
	load(t, again, file)
	if got := sgd.State()["0.weight.updates"].Item(); got != 6 {
		t.Errorf("the optimizer remembers %v updates, want 6", got)
	}
	path := filepath.Join(t.TempDir(), "again")
	if err := again.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("saved\n%q\nwant\n%q", got, want)
	}
}

func writeExchange(t *testing.T, file, predictions string) {
	t.Helper()
	m := &nn.Model{Net: exchangedNet(), Dtype: tensor.Float64}
	compile(t, m, ops.MSE, &optim.SGD{LR: 0.5, Momentum: 0.9})
	x := dense([]float64{1, -2, 3, 0.5, 0, -1, 2, 2, -3, 0.25, -0.75, 1.5}, 4, 3)
	fit(t, m, &data.Dataset{X: x, Y: dense([]float64{0, 1, 1, 0, 1, 1, 0, 0}, 4, 2)}, 6)
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	y, err := m.Predict(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(exchange{X: x.Float64s(), Y: y.Float64s()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(predictions, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
