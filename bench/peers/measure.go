package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// measure runs the rounds that are not there yet. A process that fails is reported, and tried again by the next run.
func (w *workshop) measure(ctx context.Context, log io.Writer) error {
	if err := w.noteLoad(); err != nil {
		return err
	}
	for round := range w.rounds {
		for _, b := range benchmarks() {
			if !w.only.MatchString(b.name) {
				continue
			}
			for _, s := range w.present {
				path := filepath.Join(w.results, fmt.Sprintf("round=%d", round+1), s.name, strings.ReplaceAll(b.name, "/", "_")+".txt")
				if _, err := os.Stat(path); err == nil || !b.has(s.name) {
					continue
				}
				fmt.Fprintf(log, "round %d of %d: %s, %s\n", round+1, w.rounds, b.name, s.name)
				text, err := w.process(ctx, s, b)
				if ctx.Err() != nil {
					return fmt.Errorf("interrupted; the same command goes on: %w", ctx.Err())
				}
				if err != nil {
					fmt.Fprintf(log, "%s failed: %v\n", s.name, err)
					continue
				}
				if err := writeWhole(path, text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// process runs one benchmark of a system in a process of its own, and returns its lines.
func (w *workshop) process(ctx context.Context, s system, b benchmark) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	command := append(append([]string{}, w.processors...), w.arguments(s, b)...)
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir = w.folder
	c.Env = os.Environ()
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		c.Env = append(c.Env, fmt.Sprintf("%s=%d", name, w.threads))
	}
	text, err := output(c)
	if err == nil && b.name == memory {
		if size := peakMemory(c.ProcessState); size > 0 {
			return fmt.Sprintf("Benchmark%s 1 %d %s\n", memory, size, inBytes), nil
		}
	}
	return text, err
}

// arguments returns the command line of a process.
func (w *workshop) arguments(s system, b benchmark) []string {
	switch {
	case s.name == ours && b.name == memory:
		return []string{w.path("mnist"), "-recipe", "report", "-epochs", "1", "-out", w.path("mnist-out")}
	case s.name == ours:
		pattern := "^Benchmark" + strings.ReplaceAll(b.name, "/", "$/^") + "$"
		return []string{
			w.path("tapegrad.test"), "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", w.duration.String(),
			"-test.count", strconv.Itoa(w.count), "-test.cpu", strconv.Itoa(w.threads),
		}
	}
	return []string{
		s.python, w.path("python", s.name+"_system.py"), "--images", w.images(), "--seconds", fmt.Sprint(w.duration.Seconds()),
		"--count", strconv.Itoa(w.count), "--threads", strconv.Itoa(w.threads), b.name,
	}
}

// noteLoad adds to a file when measuring began, and how busy the machine was.
func (w *workshop) noteLoad() error {
	f, err := os.OpenFile(filepath.Join(w.results, loadFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s: load %s\n", time.Now().UTC().Format(time.DateTime), load()); err != nil {
		return err
	}
	return f.Close()
}

// writeWhole writes a file such that it is whole or not there.
func writeWhole(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, []byte(text), 0o666); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
