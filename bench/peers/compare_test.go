package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/internal/figure/figuretest"
)

func TestParseCompare(t *testing.T) {
	c, err := parseCompare([]string{"-folder", "f", "-only", "^best", "-systems", "tapegrad,keras", "-seeds", "2", "-epochs", "3", "-limit", "2000", "-threads", "1", "-untimed"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if c.folder != "f" || !slices.Equal(c.systems, []string{"tapegrad", "keras"}) || c.seeds != 2 || c.epochs != 3 || c.images != 2000 || c.threads != 1 || !c.untimed || !c.only.MatchString("best_keras_seed=1") {
		t.Errorf("got %+v", c)
	}
	for _, wrong := range []struct {
		args []string
		want string
	}{
		{nil, "-folder is missing"},
		{[]string{"-folder", "f", "best"}, `unexpected argument "best"`},
		{[]string{"-folder", "f", "-systems", "numpy"}, `"numpy": there are tapegrad, torch, keras, jax`},
		{[]string{"-folder", "f", "-seeds", "0"}, "must be positive"},
		{[]string{"-folder", "f", "-limit", "10"}, "want at least 600"},
		{[]string{"-folder", "f", "-threads", "100000"}, "-threads is 100000"},
	} {
		if _, err := parseCompare(wrong.args, io.Discard); err == nil || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("%q: got the error %v, want one that says %q", wrong.args, err, wrong.want)
		}
	}
}

// The example of -help is the name of a part.
func TestHelpNamesAPart(t *testing.T) {
	var help bytes.Buffer
	if _, err := parseCompare([]string{"-help"}, &help); err == nil {
		t.Error("-help is no error, and would begin the comparison")
	}
	if name := (part{recipe: "best", system: jax, seed: 2, latent: 32}).String(); !strings.Contains(help.String(), "such as "+name+" ") {
		t.Errorf("no example %s in\n%s", name, help.String())
	}
}

// small is a comparison on few images, in a folder of its own.
func small(t *testing.T, seeds int) *comparison {
	t.Helper()
	c, err := parseCompare([]string{"-folder", t.TempDir(), "-seeds", fmt.Sprint(seeds), "-epochs", "2", "-limit", "600", "-threads", "1"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	return c
}

// The systems get the same weights and the same order, other seeds others, and each part a name of its own.
func TestPartsAndTheirArrays(t *testing.T) {
	c := small(t, 2)
	names := make(map[string]bool)
	for _, p := range c.parts() {
		if names[p.String()] {
			t.Errorf("there are two parts called %v", p)
		}
		names[p.String()] = true
	}
	if want := 2*3*4 + 2*4 + 2*(4+2); len(names) != want {
		t.Errorf("there are %d parts, want %d", len(names), want)
	}
	if c.seeds = 5; len(c.parts()) != 5*3*4+2*4+3*(4+2) {
		t.Errorf("with five seeds there are %d parts", len(c.parts()))
	}
	arrays := func(p part) map[string]*tensor.Dense {
		a, err := c.arrays(p)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	one := arrays(part{recipe: "best", system: ours, seed: 1, latent: 32})
	other, again := arrays(part{recipe: "best", system: torch, seed: 1, latent: 32}), arrays(part{recipe: "report", system: jax, seed: 2, latent: 32})
	for name, x := range one {
		if !x.Eq(other[name]) {
			t.Errorf("two systems get another %s", name)
		}
		if differs := name == "order" || name == "b4" || name[0] == 'w'; differs == x.Eq(again[name]) {
			t.Errorf("%s of two seeds and recipes: equal %v", name, !differs)
		}
	}
	if shape := one["order"].Shape(); !slices.Equal(shape, []int{2, 600}) {
		t.Errorf("the order has shape %v", shape)
	}
}

// Our program trains on what it is given, and says what python/compare.py says.
func TestTrainOurs(t *testing.T) {
	c := small(t, 1)
	for _, p := range []part{
		{recipe: "report", system: ours, seed: 1, latent: 32},
		{recipe: "best", system: ours, seed: 1, latent: 8, variant: tuning},
		{recipe: "best", system: ours, seed: 1, latent: 32, variant: denoising},
	} {
		arrays, err := c.arrays(p)
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		input := filepath.Join(folder, "input.npz")
		if err := writeArrays(input, arrays); err != nil {
			t.Fatal(err)
		}
		if err := trainOurs(t.Context(), append(p.arguments(), "--arrays", input, "--out", folder)); err != nil {
			t.Fatal(err)
		}
		var m measurement
		if err := readJSON(filepath.Join(folder, "said.json"), &m); err != nil {
			t.Fatal(err)
		}
		if len(m.Epochs) != 2 || !(m.Epochs[1].Loss < m.Epochs[0].Loss) || m.Peak < 1e6 || m.First == 0 || m.Noisy == 0 {
			t.Errorf("%v: it said %+v", p, m.said)
		}
		if tuned := p.variant == tuning; tuned != (m.Tuned > 0.2) || tuned != (m.Frozen > 0) {
			t.Errorf("%v: accuracies %v and %v", p, m.Frozen, m.Tuned)
		}
		result, err := readArrays(filepath.Join(folder, "arrays.npz"))
		if err != nil {
			t.Fatal(err)
		}
		if shape := result["codes_train"].Shape(); !slices.Equal(shape, []int{600, p.latent}) {
			t.Errorf("%v: codes of shape %v", p, shape)
		}
		if gap := meanSquare(result["made"].Float32s(), c.test.Images.Uint8s()) - m.Epochs[1].Validation; math.Abs(gap) > 1e-6 {
			t.Errorf("%v: the reconstructions have another error than the validation, by %v", p, gap)
		}
		if noised := result["noised"]; (noised != nil) != (p.variant == denoising) {
			t.Errorf("%v: noisy images are written: %v", p, noised != nil)
		} else if noised != nil {
			if near, far := meanSquare(result["cleaned"].Float32s(), c.test.Images.Uint8s()), meanSquare(noised.Float32s(), c.test.Images.Uint8s()); near != m.Noisy || far < 0.03 {
				t.Errorf("%v: errors of cleaned images %v and %v, of noisy ones %v", p, near, m.Noisy, far)
			}
		}
	}
	if err := trainOurs(t.Context(), []string{"--arrays", "nothing.npz"}); err == nil {
		t.Error("no error without arrays")
	}
}

func TestJudging(t *testing.T) {
	if got := gradientEnergy(func(k int) float64 { return float64(k % side % 2) }); got != side*(side-1) {
		t.Errorf("the gradient energy of stripes is %v", got)
	}
	if got := living(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{0, 1, 0, 0, 0, 2}))); got != 2 {
		t.Errorf("%d units live, want 2", got)
	}
	if got := meanSquare([]float32{0, 1}, []uint8{255, 255}); got != 0.5 {
		t.Errorf("mean square %v", got)
	}
	m := &measurement{said: said{Epochs: []epoch{{Loss: 1}, {Loss: 1.5}, {Loss: 0.5}}}}
	if got := rise(m); got != 50 {
		t.Errorf("the loss rose by %v %%", got)
	}
}

// Every program says what a user writes of it.
func TestLinesWritten(t *testing.T) {
	for _, system := range frameworks() {
		if n, err := linesWritten(system); err != nil || n < 20 || n > 80 {
			t.Errorf("%s: %d lines, error %v", system, n, err)
		}
	}
	if _, err := linesWritten("theano"); err == nil {
		t.Error("no error for a system that is not there")
	}
}

func TestNotMeasured(t *testing.T) {
	for _, c := range []struct {
		absent int
		want   string
	}{
		{0, ""},
		{2, "Not measured: part, part.\n\n"},
		{7, "<details>\n<summary>Not measured: 7 of 9 parts</summary>\n\npart, part, part, part, part, part, part.\n\n</details>\n\n"},
	} {
		if said := notMeasured(slices.Repeat([]string{"part"}, c.absent), 9); said != c.want {
			t.Errorf("%d are absent: got %q, want %q", c.absent, said, c.want)
		}
	}
}

// The document has every table and every figure, and says that it is a trial.
func TestComparisonPage(t *testing.T) {
	c := small(t, 2)
	if err := c.write(io.Discard); err == nil || !strings.Contains(err.Error(), "nothing is measured") {
		t.Errorf("without measurements the error is %v", err)
	}
	digits, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	image := digits.Images.Uint8s()[:side*side]
	for i, p := range c.parts() {
		m := &measurement{
			said: said{
				First: 1, Epochs: []epoch{{0.2, 0.21, 3}, {0.1, 0.11, 3}}, Peak: 5e6, Stepped: 100 + i, Frozen: 0.8, Tuned: 0.95, Noisy: 0.07,
			},
			Commit: "commit abc", Time: "now", Seconds: 7, Error: 0.11, Sharpness: 0.5, Living: 30, Accuracy: 0.9, TheirAccuracy: 0.9,
			Originals: slices.Repeat([][]byte{image}, 10), Made: slices.Repeat([][]byte{image}, 10),
			Noised: slices.Repeat([][]byte{image}, 10), Cleaned: slices.Repeat([][]byte{image}, 10),
		}
		if p.system == ours {
			m.Peak /= 2
		}
		if p.recipe == "best" && p.seed == 2 {
			m.Untimed, m.Seconds, m.Peak = true, 1e6, 1e15
		}
		if err := writeJSON(c.file(p), m); err != nil {
			t.Fatal(err)
		}
	}
	c.document = filepath.Join(t.TempDir(), "comparison.md")
	var printed bytes.Buffer
	if err := c.write(&printed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.document)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"This is a trial", "600 training images, 2 epochs, seeds: 2", "## Recipe report", "## Recipe momentum", "## Recipe best", "| training loss after epoch 1 | 0.2000 |", "| tapegrad | PyTorch | Keras | JAX |",
		"| validation loss | 0.1100 |", "spread of the seeds: reached", "First in time: not reached", "First in memory: reached", "| 9 |",
		"beside others with seed 2; times", "educational value", "development time", "| 64 |", "## Denoising", "from such a machine to a trained model, recipe report | 14 |",
		`<img src="images/comparison-best.png" width="640" alt="Training and validation loss`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the document has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "000000") {
		t.Errorf("a time or a size that does not count is shown:\n%s", text)
	}
	if strings.Contains(string(text), "Not measured") || strings.Contains(string(text), missing+" |") {
		t.Errorf("something is missing:\n%s", text)
	}
	for _, name := range []string{"comparison-best.png", "comparison-reconstructions-momentum.png", "comparison-denoising.png"} {
		if err := figuretest.CheckNotBlank(filepath.Join(filepath.Dir(c.document), "images", name)); err != nil {
			t.Error(err)
		}
	}
}
