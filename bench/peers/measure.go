package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tapegrad/tapegrad/internal/footprint"
)

// measure runs the rounds that are not there yet. What fails is noted, and a form that fails is not tried in the rounds that follow.
func (w *workshop) measure(ctx context.Context, log io.Writer) error {
	if err := w.noteLoad(ctx); err != nil {
		return err
	}
	failed := make(map[system][]string) // names of benchmarks in their forms
	for round := range w.rounds {
		for _, b := range benchmarks() {
			if !w.only.MatchString(b.name) || b.once && round > 0 {
				continue
			}
			for i := range w.present {
				s := w.present[(i+round)%len(w.present)]
				path := filepath.Join(w.results, fmt.Sprintf("round=%d", round+1), s.name, strings.ReplaceAll(b.name, "/", "_")+".txt")
				if _, err := os.Stat(path); err == nil || !b.has(s.name) {
					continue
				}
				fmt.Fprintf(log, "round %d of %d: %s, %s\n", round+1, w.rounds, b.name, s.name)
				text, err := w.process(ctx, s, b, failed[s])
				if ctx.Err() != nil {
					return fmt.Errorf("interrupted; the same command goes on: %w", ctx.Err())
				}
				if err != nil {
					form := lastTried(text, b)
					failed[s] = append(failed[s], form)
					text += fmt.Sprintf("%s%s %v\n", failedLine, form, err)
					fmt.Fprintf(log, "%s failed in %s: %v\n", s.name, form, err)
				}
				if err := writeWhole(path, text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// lastTried returns which form of a benchmark a process was at when it ended.
func lastTried(text string, b benchmark) string {
	full := b.name
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), tryingLine); ok {
			full = name
		}
	}
	return full
}

// process runs one benchmark of a system in a process of its own, without the forms that failed before. It returns what the process
// printed, also if it failed.
func (w *workshop) process(ctx context.Context, s system, b benchmark, failed []string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	command := append(append([]string{}, w.processors...), w.arguments(s, b, failed)...)
	c := exec.CommandContext(limited, command[0], command[1:]...)
	c.WaitDelay = 5 * time.Second // for those that it started and that hold its output
	c.Dir = w.folder
	c.Env = append(os.Environ(), "TORCHINDUCTOR_CACHE_DIR="+w.path("inductor"))
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		c.Env = append(c.Env, fmt.Sprintf("%s=%d", name, w.threads))
	}
	run := output
	if s.name == ours && b.name == memory {
		run = peakOfTraining
	}
	text, err := run(c)
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("it was not done after %v", w.limit)
	}
	return text, err
}

// arguments returns the command line of a process.
func (w *workshop) arguments(s system, b benchmark, failed []string) []string {
	switch {
	case s.name == ours && b.name == memory:
		return []string{w.path("mnist"), "-recipe", "report", "-epochs", "1", "-out", w.path("mnist-out")}
	case s.name == ours:
		pattern := "^Benchmark" + strings.ReplaceAll(b.name, "/", "$/^") + "$"
		duration, count := w.duration.String(), w.count
		if b.unit == inBytes { // what follows may need more
			duration, count = "1x", 1
		}
		return []string{
			w.path("tapegrad.test"), "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", duration,
			"-test.count", strconv.Itoa(count), "-test.cpu", strconv.Itoa(w.threads), "-test.benchmem", "-codes", w.codes(),
		}
	}
	return []string{
		s.python, w.path("python", s.name+"_system.py"), "--images", w.images(), "--codes", w.codes(), "--seconds", fmt.Sprint(w.duration.Seconds()),
		"--count", strconv.Itoa(w.count), "--threads", strconv.Itoa(w.threads), "--skip", strings.Join(failed, ","), b.name,
	}
}

// peakOfTraining runs examples/mnist up to the line that says that the autoencoder is trained, and returns the most memory that it had
// in use until then, as a line of a benchmark. The others say this of themselves, after the same training.
func peakOfTraining(c *exec.Cmd) (string, error) {
	var complaint bytes.Buffer
	c.Stderr = &complaint
	printed, err := c.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := c.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "trained in ") {
			size, err := footprint.Peak(c.Process.Pid)
			c.Process.Kill() // what follows is the support vector machine
			c.Wait()         // with the error that it was killed
			return fmt.Sprintf("%s%s 1 %d %s\n", benchmarkLine, memory, size, inBytes), err
		}
	}
	if err := c.Wait(); err != nil {
		return "", fmt.Errorf("%w: %s", err, lastLine(complaint.String()))
	}
	return "", errors.New("it did not say that it was trained")
}

// noteLoad adds to a file when measuring began, what was measured, and how busy the machine was.
func (w *workshop) noteLoad(ctx context.Context) error {
	f, err := os.OpenFile(filepath.Join(w.results, loadFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s, %s, load %s\n", now(), commit(ctx), load()); err != nil {
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
