package nn_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/tfevents/tfeventstest"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// scripted is a metric "scripted" whose values are known, one after the other.
func scripted(values ...float64) nn.Metric {
	next := 0
	return nn.Metric{Name: "scripted", Meter: func() nn.Meter {
		next++
		return constant(values[next-1])
	}}
}

type constant float64

func (constant) Add(_, _ *autograd.Tensor) {}
func (c constant) Value() float64          { return float64(c) }

// collected keeps the values of the parameters after each epoch.
func collected(all *[][]float64) nn.Callback {
	return nn.Callback{OnEpoch: func(s *nn.State) error {
		*all = append(*all, parameterValues(s.Model))
		return nil
	}}
}

func xorModel64() *nn.Model {
	m := xorModel()
	m.Dtype = tensor.Float64
	return m
}

// Trainings end where those of Keras do, and have the weights of the same epoch: see testdata/earlystopping.py.
func TestEarlyStoppingAsKeras(t *testing.T) {
	text, err := os.ReadFile("testdata/earlystopping.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Highest                bool
		Patience               int
		MinDelta               float64
		Values                 []float64
		Epochs, Best, Restored int
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		monitor := nn.Lowest("scripted")
		if c.Highest {
			monitor = nn.Highest("scripted")
		}
		model := xorModel64()
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, scripted(c.Values...))
		var after [][]float64
		history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: len(c.Values), Callbacks: []nn.Callback{
			collected(&after), nn.EarlyStopping{Monitor: monitor, Patience: c.Patience, MinDelta: c.MinDelta, Restore: true}.Callback(),
		}})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(history.Epochs); n != c.Epochs {
			t.Errorf("case %d: %d epochs, want %d", i, n, c.Epochs)
			continue
		}
		if !slices.Equal(parameterValues(model), after[c.Restored-1]) {
			t.Errorf("case %d: the parameters are not those of epoch %d", i, c.Restored)
		}
		if best, err := history.Best(monitor); c.MinDelta == 0 && (err != nil || best.Number != c.Best) {
			t.Errorf("case %d: epoch %d is the best, want %d (error %v)", i, best.Number, c.Best, err)
		}
	}
}

// However a training ends, by a ctx or an error too, the parameters are those of the best epoch then; without Restore they are those of
// the last update. The validation is watched, not the training.
func TestEarlyStoppingRestores(t *testing.T) {
	broken := errors.New("broken")
	for _, restore := range []bool{true, false} {
		for name, end := range map[string]struct {
			with func(cancel func()) error
			want error
		}{
			"ctx":   {func(cancel func()) error { cancel(); return nil }, context.Canceled},
			"error": {func(func()) error { return broken }, broken},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, &nn.BatchNorm{}, nn.Tanh{}, &nn.Linear{Out: 1}}, Dtype: tensor.Float64}
			// The training's values and, at the odd places, the validation's.
			compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, scripted(1, 3, 2, 5, 3, 4, 4, 4, 5, 4))
			var after [][]float64
			_, err := model.Fit(ctx, xor(), nn.FitConfig{Epochs: 9, BatchSize: 2, Validation: xor(), Callbacks: []nn.Callback{
				collected(&after),
				nn.EarlyStopping{Monitor: nn.Highest("scripted"), Patience: 8, Restore: restore}.Callback(),
				{OnBatch: func(s *nn.State) error {
					if s.Epoch == 4 && s.Batch == 1 {
						return end.with(cancel)
					}
					return nil
				}},
			}})
			cancel()
			if !errors.Is(err, end.want) || len(after) != 3 {
				t.Fatalf("%s: error %v after %d epochs, want %v after 3", name, err, len(after), end.want)
			}
			if got := slices.Equal(parameterValues(model), after[1]); got != restore {
				t.Errorf("%s: the parameters are those of the best epoch: %v, want %v", name, got, restore)
			}
		}
	}
}

// Float32 parameters come back too, and a callback that serves again begins anew: an epoch whose value is NaN is no better than none.
func TestEarlyStoppingServesAgain(t *testing.T) {
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, scripted(1, 2, 3, math.NaN(), 7, 8, 9))
	stopping := nn.EarlyStopping{Monitor: nn.Lowest("scripted"), Patience: 2, Restore: true}.Callback()
	for _, c := range []struct{ epochs, best int }{{3, 1}, {4, 2}} {
		var best []float32
		history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 9, Callbacks: []nn.Callback{stopping, {OnEpoch: func(s *nn.State) error {
			if s.Epoch == c.best {
				best = bits(s.Model.Net)
			}
			return nil
		}}}})
		if err != nil || len(history.Epochs) != c.epochs {
			t.Fatalf("%d epochs and error %v, want %d and none", len(history.Epochs), err, c.epochs)
		}
		if !slices.Equal(bits(model.Net), best) {
			t.Errorf("the parameters are not those of epoch %d", c.best)
		}
	}
}

// The file holds the best epoch's parameters, and so does each one that was there before.
func TestSaveBest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "best.safetensors")
	model := xorModel64()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, scripted(3, 1, 2, math.NaN(), 0.5, 0.5))
	var after [][]float64
	var saved []int // the epoch that is in the file after each
	if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 6, Callbacks: []nn.Callback{
		collected(&after), nn.SaveBest{Path: path, Monitor: nn.Lowest("scripted")}.Callback(),
		{OnEpoch: func(*nn.State) error {
			m := xorModel()
			load(t, m, path)
			saved = append(saved, 1+slices.IndexFunc(after, func(v []float64) bool { return slices.Equal(v, parameterValues(m)) }))
			return nil
		}},
	}}); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 2, 2, 2, 5, 5}; !slices.Equal(saved, want) {
		t.Errorf("the file had epochs %v, want %v", saved, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v: want the file alone (error %v)", entries, err)
	}
}

// What cannot work is said before the first batch.
func TestCallbacksComplainBeforeTheWork(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		callback nn.Callback
		says     string
	}{
		{nn.EarlyStopping{Patience: -1}.Callback(), "nn: Fit: EarlyStopping: the Patience is -1: want at least 1"},
		{nn.EarlyStopping{MinDelta: -1}.Callback(), "EarlyStopping: the MinDelta is -1: want a number that is not negative"},
		{nn.EarlyStopping{MinDelta: math.NaN()}.Callback(), "EarlyStopping: the MinDelta is NaN"},
		{nn.EarlyStopping{MinDelta: math.Inf(1)}.Callback(), "EarlyStopping: the MinDelta is +Inf"},
		{nn.EarlyStopping{Monitor: nn.Highest("acuracy")}.Callback(), `EarlyStopping: there is no metric "acuracy" to monitor: the model is compiled with loss, accuracy`},
		{nn.SaveBest{Path: filepath.Join(folder, "x"), Monitor: nn.Highest("F1")}.Callback(), `SaveBest: there is no metric "F1"`},
		{nn.SaveBest{}.Callback(), `SaveBest: the path is "": want that of a file`},
		{nn.SaveBest{Path: folder}.Callback(), "want that of a file"},
		{nn.SaveBest{Path: filepath.Join(folder, "missing", "x")}.Callback(), "SaveBest: cannot write to the folder of "},
		{nn.SaveBest{Path: filepath.Join(file, "x")}.Callback(), "SaveBest: cannot write to the folder of "},
		{nn.TensorBoard{}.Callback(), "TensorBoard: the Folder is empty"},
		{nn.TensorBoard{Folder: folder, Batches: -1}.Callback(), "TensorBoard: the number of Batches is -1"},
		{nn.TensorBoard{Folder: file}.Callback(), "TensorBoard: mkdir "},
	} {
		model := xorModel()
		compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, nn.Accuracy)
		batches, ends := 0, 0
		count := nn.Callback{
			OnBatch: func(*nn.State) error { batches++; return nil },
			OnEnd:   func(*nn.State) error { ends++; return nil },
		}
		_, err := model.Fit(t.Context(), xor(), nn.FitConfig{Callbacks: []nn.Callback{c.callback, count}})
		wantError(t, err, c.says)
		if batches != 0 || ends != 1 {
			t.Errorf("%d batches and %d ends, want none and one", batches, ends)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v: want the one file that was there (error %v)", entries, err)
	}
}

// A folder that goes away ends the training with an error that says so.
func TestSaveBestWithoutItsFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
	history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 5, Callbacks: []nn.Callback{
		{OnBatch: func(*nn.State) error { return os.RemoveAll(folder) }},
		nn.SaveBest{Path: filepath.Join(folder, "best")}.Callback(),
	}})
	wantSaid(t, err, "nn: Fit: epoch 1, batch 1: SaveBest: nn: Save: ", folder)
	if len(history.Epochs) != 1 {
		t.Errorf("%d epochs, want one", len(history.Epochs))
	}
}

// ErrStop at the beginning is a training of no epochs.
func TestStopAtTheBeginning(t *testing.T) {
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
	history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Callbacks: []nn.Callback{{OnBegin: func(s *nn.State) error {
		if s.Epochs != 1 || s.Batches != 1 || len(s.Model.Net.Params()) != 4 {
			t.Errorf("at the beginning the state is %+v", s)
		}
		return nn.ErrStop
	}}}})
	if err != nil || len(history.Epochs) != 0 {
		t.Errorf("%d epochs and error %v, want neither", len(history.Epochs), err)
	}
}

// lineWriter keeps the writes apart, and fails when there are more than most.
type lineWriter struct {
	lines []string
	most  int
}

var errFull = errors.New("no space left on device")

func (w *lineWriter) Write(p []byte) (int, error) {
	if len(w.lines) == w.most {
		return 0, errFull
	}
	w.lines = append(w.lines, string(p))
	return len(p), nil
}

// The log of a training is what its history has, digit for digit.
func TestCSVLog(t *testing.T) {
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, nn.Accuracy, nn.MeanMetric("one, two", func(_, _ *autograd.Tensor) float64 { return 1. / 3 }))
	w := &lineWriter{most: 10}
	log := nn.CSVLog(w)
	history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 2, Validation: xor(), Callbacks: []nn.Callback{log}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Validation: xor(), Callbacks: []nn.Callback{log}}); err != nil {
		t.Fatal(err)
	}
	if len(w.lines) != 3 {
		t.Fatalf("%d writes for three epochs", len(w.lines))
	}
	rows, err := csv.NewReader(strings.NewReader(w.lines[0] + w.lines[1])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	want := [][]string{{"epoch", "seconds", "loss", "accuracy", "one, two", "validation loss", "validation accuracy", "validation one, two"}}
	for i, e := range history.Epochs {
		want = append(want, []string{
			strconv.Itoa(i + 1), number(e.Seconds), number(e.Train.Loss), number(e.Train.Metrics["accuracy"]), number(1. / 3),
			number(e.Validation.Loss), number(e.Validation.Metrics["accuracy"]), number(1. / 3),
		})
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}

	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}) // other columns
	_, err = model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 9, Callbacks: []nn.Callback{log}})
	if !errors.Is(err, errFull) {
		t.Errorf("got error %v, want the writer's", err)
	}
	wantSaid(t, err, "epoch 8, batch 1: CSVLog: ")
	if !strings.HasPrefix(w.lines[3], "epoch,seconds,loss\n1,") || strings.Contains(w.lines[4], "epoch") {
		t.Errorf("the lines of another training are\n%s", w.lines[3:])
	}
}

func TestTensorBoard(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "runs", "first")
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1}, nn.Accuracy)
	var running []float64
	history, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: 2, BatchSize: 1, Validation: xor(), Callbacks: []nn.Callback{
		nn.TensorBoard{Folder: folder, Batches: 3}.Callback(),
		{OnBatch: func(s *nn.State) error { running = append(running, s.Loss); return nil }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	event := func(tag string, step int, v float64) tfeventstest.Event {
		return tfeventstest.Event{Tag: tag, Step: uint64(step), Value: float32(v)}
	}
	scores := func(e int, s nn.Scores) []tfeventstest.Event {
		return []tfeventstest.Event{event("epoch_loss", e, s.Loss), event("epoch_accuracy", e, s.Metrics["accuracy"])}
	}
	first, second := history.Epochs[0], history.Epochs[1]
	for run, want := range map[string][]tfeventstest.Event{
		"train": slices.Concat(
			[]tfeventstest.Event{event("batch_loss", 3, running[2])}, scores(1, first.Train),
			[]tfeventstest.Event{event("batch_loss", 6, running[5])}, scores(2, second.Train),
		),
		"validation": slices.Concat(scores(1, *first.Validation), scores(2, *second.Validation)),
	} {
		got, err := tfeventstest.Read(filepath.Join(folder, run))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", run, diff)
		}
	}
}

// Without a validation, or anything to log of it, there is no run that is empty. The same callback serves again.
func TestTensorBoardWithoutValidation(t *testing.T) {
	folder := t.TempDir()
	model := xorModel()
	compile(t, model, ops.MSE, &optim.SGD{LR: 0.1})
	board := nn.TensorBoard{Folder: folder}.Callback()
	for range 2 {
		if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Callbacks: []nn.Callback{board}}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil || len(files) != 2 || filepath.Dir(files[0]) != filepath.Join(folder, "train") {
		t.Errorf("there are %q: want two files of train (error %v)", files, err)
	}
}

func TestBest(t *testing.T) {
	h := nn.History{Epochs: []nn.Epoch{
		{Number: 1, Train: nn.Scores{Loss: math.NaN()}},
		{Number: 2, Train: nn.Scores{Loss: 1}, Validation: &nn.Scores{Loss: 3, Metrics: map[string]float64{"F1": 1}}},
		{Number: 3, Train: nn.Scores{Loss: 3}, Validation: &nn.Scores{Loss: 1, Metrics: map[string]float64{"F1": 1}}},
	}}
	for _, c := range []struct {
		monitor nn.Monitor
		from    int
		want    int
		says    string
	}{
		{nn.Monitor{}, 0, 3, ""},
		{nn.Lowest("loss"), 0, 3, ""},
		{nn.Highest("loss"), 0, 2, ""},
		{nn.Highest("F1"), 1, 2, ""},
		{nn.Highest("F1"), 0, 0, `nn: History.Best: epoch 1: there is no metric "F1" to monitor`},
		{nn.Highest("F1"), 3, 0, "nn: History.Best: no epoch was completed"},
	} {
		best, err := nn.History{Epochs: h.Epochs[c.from:]}.Best(c.monitor)
		if c.says != "" {
			wantError(t, err, c.says)
		} else if err != nil || best.Number != c.want {
			t.Errorf("%v: epoch %d and error %v, want epoch %d", c.monitor, best.Number, err, c.want)
		}
	}
	if s := nn.Highest("F1").String() + ", " + (nn.Monitor{}).String(); s != "highest F1, lowest loss" {
		t.Errorf("monitors call themselves %s", s)
	}
}
