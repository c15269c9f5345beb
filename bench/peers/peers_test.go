package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tapegrad/tapegrad/bench"
)

func TestParse(t *testing.T) {
	s, err := parse([]string{"-folder", "f", "-only", "^XOR", "-systems", "tapegrad,jax", "-rounds", "2", "-threads", "1"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if s.folder != "f" || !slices.Equal(s.systems, []string{"tapegrad", "jax"}) || s.rounds != 2 || s.threads != 1 || !s.only.MatchString("XOR200") || s.only.MatchString("TapeTanh") {
		t.Errorf("got %+v", s)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "-folder is missing"},
		{[]string{"-folder", "f", "XOR"}, `unexpected argument "XOR"`},
		{[]string{"-folder", "f", "-only", "("}, "-only"},
		{[]string{"-folder", "f", "-systems", "tapegrad,theano"}, `"theano": there are tapegrad, jax, torch, keras, numpy, sklearn, libsvm`},
		{[]string{"-folder", "f", "-rounds", "0"}, "must be positive"},
		{[]string{"-folder", "f", "-threads", "100000"}, "-threads is 100000"},
	} {
		if _, err := parse(c.args, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got the error %v, want one that says %q", c.args, err, c.want)
		}
	}
}

// Each row but that of the memory of a training is a benchmark of ours, and each of ours is a row.
func TestBenchmarksExist(t *testing.T) {
	var rows, existing []string
	for _, b := range benchmarks() {
		if b.name != memory {
			rows = append(rows, b.name)
		}
	}
	for _, b := range bench.All() {
		existing = append(existing, b.Name)
	}
	slices.Sort(rows)
	slices.Sort(existing)
	if diff := cmp.Diff(existing, rows); diff != "" {
		t.Errorf("benchmarks of package bench (-) and rows (+):\n%s", diff)
	}
}

// The issue that this network comes from counts 195 million operations for a batch of 32.
func TestFlopsOfRow(t *testing.T) {
	if got := 32 * flopsOfRow(); got < 195e6 || got >= 196e6 {
		t.Errorf("a step at batch 32 has %.0f operations", got)
	}
}

func TestTables(t *testing.T) {
	folder := t.TempDir()
	writeAll(t, folder, map[string]string{
		"round=1/tapegrad/XOR200.txt":                   "goos: linux\nBenchmarkXOR200-2   \t     100\t   900000 ns/op\nBenchmarkXOR200-2 100 1000000 ns/op\nPASS\n",
		"round=2/tapegrad/XOR200.txt":                   "BenchmarkXOR200 100 700000 ns/op\n",
		"round=1/jax/XOR200.txt":                        "Trying XOR200\nBenchmarkXOR200 2 3200000 ns/op\nBenchmarkXOR200/form=scan 2 1600000 ns/op\n",
		"round=1/keras/XOR200.txt":                      "BenchmarkXOR200 1 12900000000 ns/op\n",
		"round=1/torch/XOR200.txt":                      "Trying XOR200\nFailed XOR200 it was not done after 2m0s\n",
		"round=1/tapegrad/TapeTanh.txt":                 "BenchmarkTapeTanh-2 1 20000 ns/op 200 ns/operation 96 B/op 300 allocs/op\n",
		"round=1/tapegrad/FMAPeak.txt":                  "BenchmarkFMAPeak-2 5 643432 ns/op 59.0 GFLOP/s\nBenchmarkFMAPeak-2 5 643432 ns/op 200 GFLOP/s\n",
		"round=1/tapegrad/MatMul_1024x1024x1024.txt":    "BenchmarkMatMul/1024x1024x1024-2 5 21474836 ns/op 100 GFLOP/s\n",
		"round=1/jax/TrainingMemory.txt":                "BenchmarkTrainingMemory 1 510000000 peak-B\n",
		"round=1/tapegrad/TrainingMemory.txt":           "BenchmarkTrainingMemory 1 204000000 peak-B\n",
		"round=1/numpy/Million_sum.txt.partial":         "BenchmarkMillion/sum 1 1 ns/op\n",
		"round=1/tapegrad/Million_copy.txt":             "BenchmarkMillion/copy-2 1 419430.4 ns/op\n",
		"round=1/numpy/Million_copy.txt":                "BenchmarkMillion/copy 1 209715.2 ns/op\n",
		"round=1/tapegrad/Million_sum.txt":              "BenchmarkMillion/sum-2 1 100000 ns/op\n",
		"round=1/numpy/Million_sum.txt":                 "BenchmarkMillion/sum 1 52428.8 ns/op\n",
		"round=1/tapegrad/Million_exp.txt":              "BenchmarkMillion/exp-2 1 419430.4 ns/op\n",
		"round=1/numpy/Million_exp.txt":                 "BenchmarkMillion/exp 1 300000 ns/op\n",
		"round=1/tapegrad/AutoencoderStep_batch=32.md":  "BenchmarkAutoencoderStep/batch=32 1 1 ns/op\n",
		"round=1/jax/AutoencoderStep_batch=32.txt":      "BenchmarkAutoencoderStep/batch=32 1 4000000 ns/op\n",
		"round=1/tapegrad/AutoencoderAdam_batch=64.txt": "BenchmarkAutoencoderAdam/batch=64 1 3904307.2 ns/op\n",
	})
	r, err := readResults(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := `| work | tapegrad | JAX | Keras | of the machine's | goal | reached |
|---|---|---|---|---|---|---|
| AutoencoderStep/batch=32, ms | – | 4.00 | – |  | ≥~2~×~JAX; ≥~5~×~PyTorch; ≥~8~×~Keras; ≤~1.4~×~the limit | – |
| AutoencoderAdam/batch=64, ms | 3.90 | – | – | 50~% of the peak, ×~2.00 of 1.95 ms | ≥~1.8~×~JAX | – |
| XOR200, ms | 0.800 | 1.60 scan (×~2.00) | 12900 (×~16125) |  | ≤~1 ms; ≥~3~×~JAX | yes |
| TapeTanh, ns | 200 | – | – |  | ≤~150 ns; ≤~2 objects | no: 200 ns; 3.00 objects |
| TrainingMemory, MB | 204 | 510 (×~2.50) | – |  | ≤~250 MB | yes |

| work | tapegrad | of the machine's | goal | reached |
|---|---|---|---|---|
| FMAPeak, GFLOP/s | 200 |  |  |  |
| MatMul/1024x1024x1024, ms | 21.5 | 50~% of the peak, ×~2.00 of 10.7 ms | ≥~85~% of the peak | no: 50.0~% of the peak |

| work | tapegrad | NumPy | of the machine's | goal | reached |
|---|---|---|---|---|---|
| Million/copy, ms | 0.419 | 0.210 (×~0.500) | 20.0 GB/s |  |  |
| Million/exp, ms | 0.419 | 0.300 (×~0.715) | 20.0 GB/s | ≤~1.2~×~the best of the others, or bandwidth | no: 1.40~×~the best of the others, or bandwidth |
| Million/sum, ms | 0.1000 | 0.0524 (×~0.524) | 41.9 GB/s | ≤~1.2~×~the best of the others, or bandwidth | yes |

`
	if diff := cmp.Diff(want, tildes(each(goalTables(r), markdown))); diff != "" {
		t.Errorf("goals: want (-), got (+):\n%s", diff)
	}
	rounds, notes := roundsTables(r)
	want = `| XOR200, ms | 0.800 (0.700~to~0.900) | 3.20 (3.20~to~3.20) | 1.60 (1.60~to~1.60) | – [note 1] | 12900 (12900~to~12900) |`
	if got := strings.Split(tildes(markdown(rounds[0])), "\n"); got[4] != want {
		t.Errorf("rounds: want\n%s\ngot\n%s", want, got[4])
	}
	if want := []string{"PyTorch, XOR200: it was not done after 2m0s."}; !slices.Equal(notes, want) {
		t.Errorf("the notes are %q, want %q", notes, want)
	}
	lines := strings.Split(text(goalTables(r)[0]), "\n")
	if i, j := strings.Index(lines[0], "goal"), strings.Index(lines[5], "≤ 250 MB"); i < 0 || i != len([]rune(lines[5][:j])) {
		t.Errorf("the columns of the text do not stand below each other:\n%s", strings.Join(lines, "\n"))
	}
}

// tildes shows the spaces that do not break a line.
func tildes(text string) string { return strings.ReplaceAll(text, "\u00a0", "~") }

// writeAll writes files, as processes of several rounds do.
func writeAll(t *testing.T, folder string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		if err := writeWhole(filepath.Join(folder, name), text); err != nil {
			t.Fatal(err)
		}
	}
}

// Of a machine the goals ask for the growth of a time, for memory, and for the predictions of others.
func TestGoalsOfClassifiers(t *testing.T) {
	folder := t.TempDir()
	writeAll(t, folder, map[string]string{
		"round=1/tapegrad/SVCFit_5000x32.txt":      "BenchmarkSVCFit/5000x32-2 1 100000000 ns/op\n",
		"round=1/libsvm/SVCFit_5000x32.txt":        "BenchmarkSVCFit/5000x32 1 200000000 ns/op\n",
		"round=1/tapegrad/SVCFit_60000x32.txt":     "BenchmarkSVCFit/60000x32-2 1 1200000000 ns/op\n",
		"round=1/libsvm/SVCFit_60000x32.txt":       "BenchmarkSVCFit/60000x32 1 1600000000 ns/op\n",
		"round=1/sklearn/SVCFit_60000x32.txt":      "BenchmarkSVCFit/60000x32 1 1800000000 ns/op\n",
		"round=1/tapegrad/SVCPredict_10000x32.txt": "BenchmarkSVCPredict/10000x32-2 1 1000 ns/op\n--- BENCH: Benchmark\n    classifier.go:1: Predicted SVCPredict/10000x32 0123\n",
		"round=1/sklearn/SVCPredict_10000x32.txt":  "Predicted SVCPredict/10000x32 0133\nBenchmarkSVCPredict/10000x32 1 90000 ns/op\n",
		"round=1/tapegrad/SVCMemory_60000x32.txt":  "BenchmarkSVCMemory/60000x32-2 1 1 ns/op 100000000 peak-B\n",
		"round=1/sklearn/SVCMemory_60000x32.txt":   "BenchmarkSVCMemory/60000x32 1 300000000 peak-B\n",
	})
	r, err := readResults(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := `| work | tapegrad | scikit-learn | LIBSVM | goal | reached |
|---|---|---|---|---|---|
| SVCFit/5000x32, s | 0.100 | – | 0.200 (×~2.00) |  |  |
| SVCFit/60000x32, s | 1.20 | 1.80 (×~1.50) | 1.60 (×~1.33) | ≥~15~×~scikit-learn; ≤~1~×~LIBSVM's growth | no: 1.50~×~scikit-learn; 1.50~×~LIBSVM's growth |
| SVCPredict/10000x32, s | 0.0000 | 0.0001 (×~90.0) | – | ≥~80~×~scikit-learn; ≥~10000 predictions as scikit-learn; ≥~10000 predictions as LIBSVM | no: 3.00 predictions as scikit-learn |
| SVCMemory/60000x32, MB | 100 | 300 (×~3.00) | – | ≥~3~×~scikit-learn | yes |

`
	if diff := cmp.Diff(want, tildes(each(goalTables(r), markdown))); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestReadComplainsOfNumbers(t *testing.T) {
	err := newResults().read(strings.NewReader("BenchmarkXOR200 1 fast ns/op\n"), "jax")
	if err == nil || !strings.Contains(err.Error(), "fast") {
		t.Errorf("got the error %v", err)
	}
}

func TestMedian(t *testing.T) {
	r, b := newResults(), benchmarks()[0]
	at := place{b.name, column{system: ours}, inNanos}
	for _, c := range []struct {
		rounds []float64
		want   summary
	}{
		{[]float64{7, 1, 2}, summary{1, 2, 7}},
		{[]float64{7, 4, 1, 2}, summary{1, 3, 7}},
	} {
		r.rounds[at] = c.rounds
		if got, ok := r.of(b, at.column); !ok || got != c.want {
			t.Errorf("%v: got %v, want %v", c.rounds, got, c.want)
		}
	}
}

func TestFirstOf(t *testing.T) {
	for _, c := range []struct {
		list string
		n    int
		want string
	}{
		{"0-3", 2, "0,1"},
		{"5", 1, "5"},
		{"1,4-6,9", 4, "1,4,5,6"},
		{"0-1", 3, ""},
		{"all", 1, ""},
	} {
		got, err := firstOf(c.list, c.n)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("the first %d of %q: got %q and the error %v, want %q", c.n, c.list, got, err, c.want)
		}
	}
}

// A workshop without systems measures nothing and says so.
func TestReportOfNothing(t *testing.T) {
	folder := t.TempDir()
	s, err := parse([]string{"-folder", folder}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{settings: s, results: folder}
	if err := w.measure(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := w.report(newResults(), &out); err == nil || !strings.Contains(err.Error(), "nothing is measured") {
		t.Errorf("got the error %v", err)
	}
}

// What other settings, or another program, have measured is not mixed with what is measured now.
func TestConditions(t *testing.T) {
	folder := t.TempDir()
	s, err := parse([]string{"-folder", folder}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{settings: s, results: folder}
	for range 2 {
		if err := w.checkSettings(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(w.path("tapegrad.test"), []byte("a program"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := w.checkSettings(); err == nil || !strings.Contains(err.Error(), "other conditions") {
		t.Errorf("another program: got the error %v", err)
	}
}

// A process that does not end is ended, what it printed until then counts, and the form that it was at is not tried again.
func TestLimit(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Logf("there is no shell to play a system: %v", err)
		return
	}
	folder := t.TempDir()
	s, err := parse([]string{"-folder", folder, "-only", "^AutoencoderStep/batch=32$", "-rounds", "2", "-limit", "1s"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{settings: s, results: folder, present: []system{{name: torch, python: shell}}}
	script := `echo "$@" >> asked
echo Trying AutoencoderStep/batch=32
echo BenchmarkAutoencoderStep/batch=32 1 5000000 ns/op
case "$*" in *form=compiled*) exit;; esac
echo Trying AutoencoderStep/batch=32/form=compiled
exec sleep 1000
`
	if err := writeWhole(w.path("python", "torch_system.py"), script); err != nil {
		t.Fatal(err)
	}
	if err := w.measure(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	r, err := readResults(folder)
	if err != nil {
		t.Fatal(err)
	}
	plain, compiled := place{"AutoencoderStep/batch=32", column{torch, ""}, inNanos}, place{"AutoencoderStep/batch=32", column{torch, "compiled"}, ""}
	if got := r.rounds[plain]; !slices.Equal(got, []float64{5e6, 5e6}) {
		t.Errorf("the rounds of the plain form are %v", got)
	}
	if got := r.failures[compiled]; got != "it was not done after 1s" {
		t.Errorf("the other form failed, it says, because %q", got)
	}
	asked, err := os.ReadFile(w.path("asked"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(asked), "--skip AutoencoderStep/batch=32/form=compiled"); n != 1 {
		t.Errorf("it was told %d times to leave out what failed:\n%s", n, asked)
	}
}

func TestInsert(t *testing.T) {
	path := filepath.Join(t.TempDir(), "document.md")
	const document = "# Title\n<!-- measured with 2 threads -->\nold\n<!-- end of 2 threads -->\nend\n"
	if err := os.WriteFile(path, []byte(document), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := insert(path, 2, "new\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "# Title\n<!-- measured with 2 threads -->\n\nnew\n\n<!-- end of 2 threads -->\nend\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := insert(path, 1, "new\n"); err == nil || !strings.Contains(err.Error(), "measured with 1 threads") {
		t.Errorf("without its comments: got the error %v", err)
	}
}

// The place in the documents that the table is written to is there.
func TestDocumentHasItsPlaces(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(copied, text, 0o666); err != nil {
		t.Fatal(err)
	}
	for threads := 1; threads <= 2; threads++ {
		if err := insert(copied, threads, "new\n"); err != nil {
			t.Error(err)
		}
	}
}
