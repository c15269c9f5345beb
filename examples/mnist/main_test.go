package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/internal/figure/figuretest"
	"github.com/tapegrad/tapegrad/optim"
)

var small = []string{"-limit", "600", "-epochs", "2"}

func TestRun(t *testing.T) {
	for _, r := range recipes {
		out := filepath.Join(t.TempDir(), "figures")
		var text bytes.Buffer
		if err := run(t.Context(), append(small, "-recipe", r.name, "-out", out), &text, &text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"recipe " + r.name, "600 training and 100 test images", "epoch 1/2", "epoch 2/2", "latent units are dead",
			"mean squared error 0.", "support vectors", "test accuracy 0.", "model in " + out, "figures in " + out, "report in " + out,
		} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("recipe %s: the output has no %q:\n%s", r.name, want, text.String())
			}
		}
		for _, name := range []string{"loss.png", "reconstructions.png", "latent.png", "confusion.png"} {
			if err := figuretest.CheckNotBlank(filepath.Join(out, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	var text bytes.Buffer
	if err := run(t.Context(), append(small, "-recipe", "momentum", "-compare", "-latent", "20", "-out", t.TempDir()), &text, &text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`20 principal components have [67]\d\.\d %`, `pixels +784 `, `principal components +20 .* 0\.\d{4} +0\.\d{4}\n`, `codes +20 `} {
		if !regexp.MustCompile(want).Match(text.Bytes()) {
			t.Errorf("the output has no %q:\n%s", want, text.String())
		}
	}
}

// What was saved in one process reads pictures in another.
func TestPredict(t *testing.T) {
	out := filepath.Join(t.TempDir(), "model")
	var text bytes.Buffer
	if err := run(t.Context(), append(small, "-recipe", "momentum", "-out", out), &text, &text); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "prediction.png")
	text.Reset()
	if err := run(t.Context(), []string{"predict", "-model", out, "-out", picture, "digit.png"}, &text, &text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"digit.png shows a ", "mean squared error of 0.", "figure in " + picture} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the output has no %q:\n%s", want, text.String())
		}
	}
	if err := figuretest.CheckNotBlank(picture); err != nil {
		t.Error(err)
	}

	if err := os.Truncate(filepath.Join(out, decoderFile), 1000); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "name one picture of a digit"},
		{[]string{"a.png", "b.png"}, "name one picture of a digit"},
		{[]string{"-model", t.TempDir(), "digit.png"}, "run examples/mnist first"},
		{[]string{"-model", out, "digit.png"}, decoderFile},
	} {
		err := run(t.Context(), append([]string{"predict"}, c.args...), new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("predict %q: got error %v, want one with %q", c.args, err, c.want)
		}
	}
}

// The halves of the autoencoder that were saved and loaded, and the machine, say what they said before.
func TestBundle(t *testing.T) {
	s, err := parse(append(small, "-out", t.TempDir(), "-latent", "7"), new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	s.recipe.search = false
	e, err := newExperiment(s, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := loadBundle(s.out)
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.autoencoder.Predict(t.Context(), e.test.Images)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		image := tensor.New(tensor.WithShape(1, 784), tensor.WithBacking(e.test.Images.Uint8s()[i*784:(i+1)*784]))
		r, err := b.read(t.Context(), image)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.again, want.Float32s()[i*784:(i+1)*784]) {
			t.Errorf("image %d has another reconstruction after loading", i)
		}
	}
}

// The search takes what reads the held-out images best.
func TestSearch(t *testing.T) {
	e := &experiment{w: new(bytes.Buffer), settings: settings{latent: 1}, train: &mnist.Set{}}
	var values []float32
	for i := range 120 {
		values = append(values, float32(i%10))
		e.train.Labels = append(e.train.Labels, i%10)
	}
	best, machine, err := e.search(t.Context(), tensor.New(tensor.WithShape(120, 1), tensor.WithBacking(values)))
	if err != nil {
		t.Fatal(err)
	}
	if text := e.w.(*bytes.Buffer).String(); strings.Count(text, "accuracy") != 9 || !strings.Contains(text, "accuracy 1.0000 on 20 held-out") {
		t.Errorf("the search said\n%s", text)
	}
	if best.C == 0 || machine == nil {
		t.Error("the search chose nothing")
	}
}

// The warm-up of the default recipe takes 500 updates, but a short training gets over it as well.
func TestWarmUp(t *testing.T) {
	for _, c := range []struct{ updates, warmup int }{{37_520, 500}, {64, 6}, {2, 1}} {
		schedule := recipes[0].optimizer(1, c.updates).(*optim.AdamW).Schedule
		highest, at := 0.0, 0
		for i := range c.updates {
			if v := schedule(i); v > highest {
				highest, at = v, i
			}
		}
		if at != c.warmup-1 || highest < 0.98 {
			t.Errorf("of %d updates the one with the greatest learning rate, %v of what it was to be, is number %d, want %d",
				c.updates, highest, at, c.warmup-1)
		}
	}
}

// An interrupter interrupts the program when it has said something.
type interrupter struct {
	bytes.Buffer
	words     string
	interrupt func()
}

func (w *interrupter) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.words) {
		w.interrupt()
	}
	return n, err
}

func TestInterrupt(t *testing.T) {
	for _, c := range []struct {
		after string
		err   string
		says  []string
		files []string
	}{
		{"training and", "stopped before the first epoch was over", nil, nil},
		{"epoch 1/2", "", []string{"stopped after 1 of 2 epochs", "latent units", "left out", "figures in"}, []string{"loss.png", "latent.png", "reconstructions.png"}},
		{"latent units", "", []string{"trained in", "the support vector machine was not fitted", "figures in"}, []string{"loss.png", "latent.png", "reconstructions.png"}},
	} {
		t.Run(c.after, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			text := &interrupter{words: c.after, interrupt: cancel}
			out := t.TempDir()
			err := run(ctx, append(small, "-out", out), text, text)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got error %v, want %q", err, c.err)
			}
			for _, want := range c.says {
				if !strings.Contains(text.String(), want) {
					t.Errorf("the output has no %q:\n%s", want, text.String())
				}
			}
			entries, err := os.ReadDir(out)
			if err != nil {
				t.Fatal(err)
			}
			want := len(c.files)
			if want > 0 {
				want++ // the report
			}
			if len(entries) != want {
				t.Errorf("the folder has %v, want %q and the report", entries, c.files)
			}
			for _, name := range c.files {
				if err := figuretest.CheckNotBlank(filepath.Join(out, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-recipe", "cake"}, `there is no recipe "cake": want best or momentum or report`},
		{[]string{"-epochs", "0"}, "-epochs is 0: want at least 1"},
		{[]string{"-lr", "-1"}, "-lr is -1: want a positive, finite number"},
		{[]string{"-lr", "NaN"}, "-lr is NaN: want a positive, finite number"},
		{[]string{"-lr", "Inf"}, "-lr is +Inf: want a positive, finite number"},
		{[]string{"-latent", "0"}, "-latent is 0: want at least 1"},
		{[]string{"-limit", "5"}, "-limit is 5: want at least 100"},
		{[]string{"-seed", "x"}, "invalid value"},
		{[]string{"more"}, `unexpected argument "more"`},
		{[]string{"-out", filepath.Join(file, "below")}, "choose another folder"},
		{[]string{"-lr", "1e9", "-limit", "600", "-out", t.TempDir()}, "lower the learning rate"},
	} {
		err := run(t.Context(), c.args, new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want one with %q", c.args, err, c.want)
		}
	}
	if err := run(t.Context(), []string{"-help"}, new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
}

func TestDead(t *testing.T) {
	codes := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{0, 1, 0, 0, 0, 2}))
	if n := dead(codes); n != 1 {
		t.Errorf("got %d dead units, want 1", n)
	}
}
