package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// installAnew measures what it takes to have a system on a machine that has Go, or Python, and nothing else.
func (c *comparison) installAnew(ctx context.Context, system string) (*measurement, error) {
	folder, err := os.MkdirTemp(c.folder, "fresh")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	began := time.Now()
	if system == ours {
		build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(folder, "peers"), "github.com/tapegrad/tapegrad/bench/peers")
		build.Env = append(os.Environ(), "GOCACHE="+filepath.Join(folder, "cache"), "GOMODCACHE="+filepath.Join(folder, "modules"), "GOFLAGS=-modcacherw")
		_, err = output(build)
	} else {
		environment := filepath.Join(folder, "environment")
		_, err = output(exec.CommandContext(ctx, c.python, "-m", "venv", environment))
		if err == nil {
			_, err = output(exec.CommandContext(ctx, interpreterOf(environment), "-m", "pip", "install", "--quiet", "--no-cache-dir",
				"--disable-pip-version-check", "--requirement", c.path("python", "requirements-"+system+".txt")))
		}
	}
	if err != nil {
		return nil, errors.Join(errors.New("installing it anew"), err)
	}
	return &measurement{Seconds: time.Since(began).Seconds()}, nil
}
