package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/examples/digits/classifier"
)

func TestRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "model", "of digits")
	var text bytes.Buffer
	if err := run(t.Context(), []string{"-limit", "1200", "-epochs", "3", "-out", out}, &text, &text); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, "model.safetensors")
	for _, want := range []string{"epoch 3/3", "test accuracy 0.8", "on 200 images", "model in " + path} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the output has no %q:\n%s", want, text.String())
		}
	}
	model, err := classifier.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	test, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	if test, err = test.Limit(200); err != nil {
		t.Fatal(err)
	}
	y, err := model.Predict(t.Context(), test.Images)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, digit := range test.Labels {
		if y.Float32s()[i*10+digit] > 0.5 {
			right++
		}
	}
	if right < 140 {
		t.Errorf("the model that was loaded is sure of %d of 200 digits", right)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := t.TempDir()
	if err := run(ctx, []string{"-limit", "600", "-out", out}, new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "no model was saved") {
		t.Errorf("got error %v, want that it was cancelled, and what that means", err)
	}
	if entries, _ := os.ReadDir(out); len(entries) > 0 {
		t.Errorf("a training that was interrupted left %v", entries)
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
		{[]string{"-epochs", "0"}, "-epochs is 0: want at least 1"},
		{[]string{"-limit", "5"}, "-limit is 5: want at least 100"},
		{[]string{"-seed", "x"}, "invalid value"},
		{[]string{"more"}, `unexpected argument "more"`},
		{[]string{"-out", filepath.Join(file, "below")}, "choose another with -out"},
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
