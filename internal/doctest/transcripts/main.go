// Command transcripts runs at length what the tests of the documents run in short, and writes what comes out: the outputs into
// docs/transcripts, the figures into docs/images. It is run at the root of the module.
//
//	go run ./internal/doctest/transcripts                  # everything, which takes minutes
//	go run ./internal/doctest/transcripts 4-an-autoencoder # some, by name
//
// What there is are the documents that ask for a full run, by the names of their files, and the examples xor and mnist.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tapegrad/tapegrad/internal/doctest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "transcripts:", err)
		os.Exit(1)
	}
}

// A source is what makes a transcript and figures.
type source struct {
	name    string
	prefix  string // of the names of its figures in docs/images
	command string // as a reader types it
	run     func(ctx context.Context, folder string) (output string, err error)
}

func run(ctx context.Context, names []string) error {
	sources, err := documents()
	if err != nil {
		return err
	}
	sources = append(sources, example("xor"), example("mnist"))
	for _, name := range names {
		if !slices.ContainsFunc(sources, func(s source) bool { return s.name == name }) {
			return fmt.Errorf("there is no transcript called %q", name)
		}
	}
	for _, s := range sources {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		fmt.Println(s.name)
		if err := s.write(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func documents() ([]source, error) {
	paths, err := filepath.Glob("docs/*.md")
	if err != nil {
		return nil, err
	}
	var sources []source
	for _, path := range paths {
		d, err := doctest.Load(path)
		if err != nil {
			return nil, err
		}
		if d.Full == nil {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		number, _, _ := strings.Cut(name, "-")
		sources = append(sources, source{
			name: name, prefix: number + "-", command: "go run . " + strings.Join(d.Full, " "),
			run: func(ctx context.Context, folder string) (string, error) { return doctest.Full(ctx, d, folder) },
		})
	}
	return sources, nil
}

// example runs a program of the folder examples as it is without flags.
func example(name string) source {
	return source{
		name: name, prefix: name + "-", command: "go run ./examples/" + name,
		run: func(ctx context.Context, folder string) (string, error) {
			if err := os.Mkdir(folder, 0o755); err != nil {
				return "", err
			}
			binary := filepath.Join(folder, name+".exe")
			if text, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./examples/"+name).CombinedOutput(); err != nil {
				return "", fmt.Errorf("%w\n%s", err, text)
			}
			command := exec.CommandContext(ctx, binary)
			command.Dir = folder
			text, err := command.CombinedOutput()
			if err != nil {
				return "", fmt.Errorf("%w\n%s", err, text)
			}
			return string(text), nil
		},
	}
}

func (s source) write(ctx context.Context) error {
	scratch, err := os.MkdirTemp("", "transcripts")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	folder := filepath.Join(scratch, "run")
	output, err := s.run(ctx, folder)
	if err != nil {
		return err
	}
	if err := os.WriteFile("docs/transcripts/"+s.name+".txt", []byte("$ "+s.command+"\n"+output), 0o644); err != nil {
		return err
	}
	for _, pattern := range []string{"*.png", "*-out/*.png"} {
		figures, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return err
		}
		for _, figure := range figures {
			picture, err := os.ReadFile(figure)
			if err != nil {
				return err
			}
			if err := os.WriteFile("docs/images/"+s.prefix+filepath.Base(figure), picture, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
