package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/internal/figure/figuretest"
)

// The curved kernels tell most points of both problems; straight lines are there to see what they cannot do.
func TestRun(t *testing.T) {
	pattern := regexp.MustCompile(`accuracy +([0-9.]+)`)
	for kernel, least := range map[string]float64{"rbf": 0.95, "polynomial": 0.93, "linear": 0.8} {
		out := filepath.Join(t.TempDir(), "figures")
		var text bytes.Buffer
		if err := run(t.Context(), []string{"-kernel", kernel, "-out", out}, &text, &text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Two moons, 200 points", "Pinwheel, 200 points", kernel + ", C 10", "best", "support vectors", "upper moon", "third arm", "figures in " + out} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: the output has no %q:\n%s", kernel, want, text.String())
			}
		}
		found := pattern.FindAllStringSubmatch(text.String(), -1)
		if len(found) != len(problems) {
			t.Fatalf("%s: %d accuracies in:\n%s", kernel, len(found), text.String())
		}
		for i, f := range found {
			if accuracy, err := strconv.ParseFloat(f[1], 64); err != nil || accuracy < least {
				t.Errorf("%s, %s: accuracy %s, want at least %v", kernel, problems[i].title, f[1], least)
			}
		}
		for _, p := range problems {
			if err := figuretest.CheckNotBlank(filepath.Join(out, p.file)); err != nil {
				t.Error(err)
			}
		}
	}
}

// What is given is not searched for.
func TestGivenMachine(t *testing.T) {
	var text bytes.Buffer
	if err := run(t.Context(), []string{"-n", "40", "-noise", "0", "-c", "5", "-gamma", "20", "-out", t.TempDir()}, &text, &text); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "rbf, C 5, gamma 20"); n != len(problems) {
		t.Errorf("the machine is named %d times:\n%s", n, text.String())
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
		{[]string{"-n", "29"}, "-n is 29: want at least 30"},
		{[]string{"-n", "many"}, "invalid value"},
		{[]string{"-noise", "-1"}, "-noise is -1"},
		{[]string{"-noise", "NaN"}, "-noise is NaN"},
		{[]string{"-c", "-1"}, "-c is -1"},
		{[]string{"-gamma", "Inf"}, "-gamma is +Inf"},
		{[]string{"-kernel", "magic"}, `-kernel is "magic": want rbf, linear or polynomial`},
		{[]string{"5"}, `unexpected argument "5"`},
		{[]string{"-out", filepath.Join(file, "below")}, file},
	} {
		err := run(t.Context(), c.args, new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want one with %q", c.args, err, c.want)
		}
	}
	if err := run(t.Context(), []string{"-help"}, new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(canceled, []string{"-out", t.TempDir()}, new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that has ended", err)
	}
}
