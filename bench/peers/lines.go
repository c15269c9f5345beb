package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed train.go
var ourProgram embed.FS

// linesWritten returns how many lines a user of a system writes: those of its program between two comments, without empty ones and those that
// hold nothing but a comment.
func linesWritten(system string) (int, error) {
	text, err := scripts.ReadFile("python/compare_" + system + ".py")
	if system == ours {
		text, err = ourProgram.ReadFile("train.go")
	}
	if err != nil {
		return 0, err
	}
	_, rest, begun := strings.Cut(string(text), " Begin of what a user writes.\n")
	part, _, ended := strings.Cut(rest, " End of what a user writes.")
	if !begun || !ended {
		return 0, fmt.Errorf("the program of %s does not say what a user writes", system)
	}
	n := 0
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n, nil
}

// covered builds this program such that it counts which lines run, of what a reader of a training step meets.
func (c *comparison) covered(ctx context.Context) (string, error) {
	const module = "github.com/tapegrad/tapegrad/"
	var packages []string
	for _, folder := range []string{"autograd/...", "ops", "nn", "optim", "data", "internal/kernel", "internal/pool", "internal/strided", "bench/peers"} {
		packages = append(packages, module+folder)
	}
	program := c.path("covered")
	_, err := output(exec.CommandContext(ctx, "go", "build", "-cover", "-covermode=atomic", "-coverpkg="+strings.Join(packages, ","), "-o", program, module+"bench/peers"))
	return program, err
}

// linesCovered counts the different lines of Go that ran between clearing and writing the counters that are in a folder.
func linesCovered(ctx context.Context, folder string) (int, error) {
	profile := filepath.Join(folder, "profile.txt")
	if _, err := output(exec.CommandContext(ctx, "go", "tool", "covdata", "textfmt", "-i="+folder, "-o="+profile)); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return 0, err
	}
	type line struct {
		file   string
		number int
	}
	ran := make(map[line]bool)
	for entry := range bytes.Lines(text) {
		file, place, found := strings.Cut(strings.TrimSpace(string(entry)), ":")
		var from, to, column, statements, count int
		if strings.Contains(file, "/bench/") {
			continue // is covered because Go wants a program to be
		}
		if n, _ := fmt.Sscanf(place, "%d.%d,%d.%d %d %d", &from, &column, &to, &column, &statements, &count); !found || n < 6 || count == 0 {
			continue // the first line, and what did not run
		}
		for number := from; number <= to; number++ {
			ran[line{file, number}] = true
		}
	}
	return len(ran), nil
}
