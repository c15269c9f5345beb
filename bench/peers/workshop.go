package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tapegrad/tapegrad/bench"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// The names of the systems. The others are compared with ours.
const (
	ours  = "tapegrad"
	jax   = "jax"
	torch = "torch"
	keras = "keras"
	numpy = "numpy"

	scikitLearn = "sklearn"
	libsvm      = "libsvm"
)

// titles are the names that tables show.
var titles = map[string]string{
	ours: "tapegrad", jax: "JAX", torch: "PyTorch", keras: "Keras", numpy: "NumPy", scikitLearn: "scikit-learn", libsvm: "LIBSVM",
}

func systemNames() []string { return []string{ours, jax, torch, keras, numpy, scikitLearn, libsvm} }

//go:embed python
var scripts embed.FS

// A workshop is the folder with all that is needed to measure.
type workshop struct {
	settings
	processors []string // a command that binds another to the first processors, or nothing
	present    []system
	absent     []string // names of the systems that are left out
	results    string   // folder for what is measured with these settings
}

// A system is one that can be measured.
type system struct {
	name, version string
	python        string // its interpreter; "" for ours
}

// prepare makes or completes the workshop. Progress goes to log.
func prepare(ctx context.Context, s settings, log io.Writer) (*workshop, error) {
	folder, err := filepath.Abs(s.folder)
	if err != nil {
		return nil, err
	}
	s.folder = folder
	w := &workshop{settings: s, results: filepath.Join(folder, fmt.Sprintf("threads=%d", s.threads))}
	if err := os.MkdirAll(w.results, 0o777); err != nil {
		return nil, err
	}
	if w.processors, err = bindTo(s.threads); err != nil {
		return nil, err
	}
	if err := w.writeScripts(); err != nil {
		return nil, fmt.Errorf("writing the programs in Python: %w", err)
	}
	if err := w.writeImages(); err != nil {
		return nil, fmt.Errorf("writing the images: %w", err)
	}
	if err := bench.WriteCodes(w.codes()); err != nil {
		return nil, fmt.Errorf("writing the codes: %w", err)
	}
	for _, name := range s.systems {
		fmt.Fprintf(log, "preparing %s\n", name)
		found, err := w.system(ctx, name)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && name == ours:
			return nil, err
		case err != nil:
			fmt.Fprintf(log, "%s is left out: %v\n", name, err)
			w.absent = append(w.absent, name)
		default:
			w.present = append(w.present, found)
		}
	}
	return w, w.checkSettings()
}

func (w *workshop) path(elements ...string) string {
	return filepath.Join(append([]string{w.folder}, elements...)...)
}

func (w *workshop) images() string { return w.path("train-images.bytes") }

func (w *workshop) codes() string { return w.path("codes.bytes") }

func (w *workshop) writeScripts() error {
	entries, err := scripts.ReadDir("python")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.path("python"), 0o777); err != nil {
		return err
	}
	for _, e := range entries {
		text, err := scripts.ReadFile("python/" + e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(w.path("python", e.Name()), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

func (w *workshop) writeImages() error {
	train, err := mnist.Train()
	if err != nil {
		return err
	}
	return os.WriteFile(w.images(), train.Images.Data().([]uint8), 0o666)
}

// system installs or builds what is missing of one system.
func (w *workshop) system(ctx context.Context, name string) (system, error) {
	if name == ours {
		for program, args := range map[string][]string{
			"tapegrad.test": {"test", "-c", "-trimpath", "-o", w.path("tapegrad.test"), "github.com/tapegrad/tapegrad/bench"},
			"mnist":         {"build", "-trimpath", "-buildvcs=false", "-o", w.path("mnist"), "github.com/tapegrad/tapegrad/examples/mnist"},
		} {
			if _, err := output(exec.CommandContext(ctx, "go", args...)); err != nil {
				return system{}, fmt.Errorf("building %s: %w", program, err)
			}
		}
		return system{name: ours, version: fmt.Sprintf("%s with kernels %s, %s", ours, kernel.Path(), runtime.Version())}, nil
	}
	s := system{name: name, python: w.interpreter}
	if s.python == "" {
		s.python = interpreterOf(w.path("environments", name))
		if err := w.install(ctx, s); err != nil {
			return system{}, err
		}
	}
	version, err := output(exec.CommandContext(ctx, s.python, w.path("python", name+"_system.py"), "--version"))
	if err != nil {
		return system{}, err
	}
	s.version = strings.TrimSpace(version)
	return s, nil
}

// interpreterOf returns the Python of an environment.
func interpreterOf(environment string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(environment, "Scripts", "python.exe")
	}
	return filepath.Join(environment, "bin", "python")
}

// install makes the environment of a system. What is installed already costs pip a moment.
func (w *workshop) install(ctx context.Context, s system) error {
	if _, err := os.Stat(s.python); err != nil {
		if _, err := output(exec.CommandContext(ctx, w.python, "-m", "venv", w.path("environments", s.name))); err != nil {
			return fmt.Errorf("making an environment: %w", err)
		}
	}
	_, err := output(exec.CommandContext(ctx, s.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--requirement", w.path("python", "requirements-"+s.name+".txt")))
	return err
}

// checkSettings refuses to mix what was measured under different conditions.
func (w *workshop) checkSettings() error {
	hash := sha256.New()
	for _, name := range []string{"tapegrad.test", "mnist"} {
		program, err := os.ReadFile(w.path(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // it is not there if only others were ever measured
			return err
		}
		hash.Write(program)
	}
	conditions := fmt.Appendf(nil, "time %v, count %d, our programs %x\n", w.duration, w.count, hash.Sum(nil)[:8])
	path := filepath.Join(w.results, "conditions.txt")
	before, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(path, conditions, 0o666)
	case err != nil:
		return err
	case !bytes.Equal(before, conditions):
		return fmt.Errorf("%s has measurements of other conditions (%s, now %s): remove it, or name another folder",
			w.results, bytes.TrimSpace(before), bytes.TrimSpace(conditions))
	}
	return nil
}

// output runs a command and returns what it prints, also if it fails. The error ends with the last line that the command complained with.
func output(c *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) { // that one means success, but one that it started still runs
		return stdout.String(), fmt.Errorf("%s: %w: %s", filepath.Base(c.Path), err, lastLine(stderr.String()))
	}
	return stdout.String(), nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
