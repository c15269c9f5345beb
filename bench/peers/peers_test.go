package main

import (
	"bytes"
	"io"
	"os"
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
		{[]string{"-folder", "f", "-systems", "tapegrad,theano"}, `"theano": there are tapegrad, jax, torch, keras, numpy`},
		{[]string{"-folder", "f", "-rounds", "0"}, "must be positive"},
		{[]string{"-folder", "f", "-threads", "100000"}, "-threads is 100000"},
	} {
		if _, err := parse(c.args, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got the error %v, want one that says %q", c.args, err, c.want)
		}
	}
}

// Each row but that of the memory is a benchmark of ours, and each of ours but those of the support vector machine is a row.
func TestBenchmarksExist(t *testing.T) {
	var rows, existing []string
	for _, b := range benchmarks() {
		if b.name != memory {
			rows = append(rows, b.name)
		}
	}
	for _, b := range bench.All() {
		if !strings.HasPrefix(b.Name, "SVC") {
			existing = append(existing, b.Name)
		}
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

func TestTable(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"round=1/tapegrad/XOR200.txt":                 "goos: linux\nBenchmarkXOR200-2   \t     100\t   900000 ns/op\nBenchmarkXOR200-2 100 1000000 ns/op\nPASS\n",
		"round=2/tapegrad/XOR200.txt":                 "BenchmarkXOR200 100 800000 ns/op\n",
		"round=1/jax/XOR200.txt":                      "BenchmarkXOR200 2 3300000 ns/op\nBenchmarkXOR200/form=scan 2 1600000 ns/op\n",
		"round=1/keras/XOR200.txt":                    "BenchmarkXOR200 1 12900000000 ns/op\n",
		"round=1/tapegrad/FMAPeak.txt":                "BenchmarkFMAPeak-2 5 643432 ns/op 59.0 GFLOP/s\nBenchmarkFMAPeak-2 5 643432 ns/op 200 GFLOP/s\n",
		"round=1/tapegrad/MatMul_1024x1024x1024.txt":  "BenchmarkMatMul/1024x1024x1024-2 5 21474836 ns/op 100 GFLOP/s\n",
		"round=1/jax/TrainingMemory.txt":              "BenchmarkTrainingMemory 1 510000000 peak-B\n",
		"round=1/tapegrad/TrainingMemory.txt":         "BenchmarkTrainingMemory 1 204000000 peak-B\n",
		"round=1/numpy/Million_sum.txt.partial":       "BenchmarkMillion/sum 1 1 ns/op\n",
		"round=1/numpy/Million_gelu.txt":              "",
		"round=1/tapegrad/Million_copy.txt":           "BenchmarkMillion/copy-2 1 419430.4 ns/op\n",
		"round=1/numpy/Million_copy.txt":              "BenchmarkMillion/copy 1 209715.2 ns/op\n",
		"round=1/tapegrad/AutoencoderStep_batch=8.md": "BenchmarkAutoencoderStep/batch=8 1 1 ns/op\n",
	} {
		if err := writeWhole(filepath.Join(folder, name), text); err != nil {
			t.Fatal(err)
		}
	}
	r, err := readResults(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := `| benchmark | tapegrad | jax | jax scan | keras | numpy | rate of tapegrad | goal |
|---|---|---|---|---|---|---|---|
| TrainingMemory | 204 / 204 | 510 / 510 (× 2.50) | – | – | – |  | 250 MB |
| XOR200 | 0.800 / 0.900 | 3.30 / 3.30 (× 4.12) | 1.60 / 1.60 (× 2.00) | 12900 / 12900 (× 16125.00) | – |  | 1 ms, 3 × JAX |
| FMAPeak | 59.0 / 130 | – | – | – | – |  |  |
| MatMul/1024x1024x1024 | 21.5 / 21.5 | – | – | – | – | 100.0 GFLOP/s, 50 % | 85 % of the peak |
| Million/copy | 0.419 / 0.419 | – | – | – | 0.210 / 0.210 (× 0.50) | 20.0 GB/s |  |
`
	if diff := cmp.Diff(want, markdown(table(r))); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	lines := strings.Split(text(table(r)), "\n")
	if i, j := strings.Index(lines[0], "goal"), strings.Index(lines[1], "250 MB"); i < 0 || i != len([]rune(lines[1][:j])) {
		t.Errorf("the columns of the text do not stand below each other:\n%s", text(table(r)))
	}
}

func TestReadComplainsOfNumbers(t *testing.T) {
	err := make(results).read(strings.NewReader("BenchmarkXOR200 1 fast ns/op\n"), "jax")
	if err == nil || !strings.Contains(err.Error(), "fast") {
		t.Errorf("got the error %v", err)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{1, 2, 7}); got != 2 {
		t.Errorf("of three: %v", got)
	}
	if got := median([]float64{1, 2, 4, 7}); got != 3 {
		t.Errorf("of four: %v", got)
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
	if err := w.report(make(results), &out); err == nil || !strings.Contains(err.Error(), "nothing is measured") {
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
