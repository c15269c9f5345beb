package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// loadFile has a line for each time that measuring began.
const loadFile = "load.txt"

// processor returns the name of the processor.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// now returns the time as the notes have it.
func now() string { return time.Now().UTC().Format("2006-01-02 15:04 UTC") }

// commit returns which commit of the repository is checked out, and whether it was changed since.
func commit(ctx context.Context) string {
	text, err := output(exec.CommandContext(ctx, "git", "describe", "--always", "--dirty=, changed", "--abbrev=12", "--exclude=*"))
	if err != nil {
		return "commit unknown"
	}
	return "commit " + strings.TrimSpace(text)
}

// load returns the mean number of processes that ran in the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// bindTo returns the beginning of a command line that lets what follows run on n processors only, which keeps a system to as many
// threads that has no setting for it. Where there is no taskset it is empty.
func bindTo(n int) ([]string, error) {
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		return nil, nil
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, nil
	}
	for line := range strings.Lines(string(status)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			processors, err := firstOf(strings.TrimSpace(list), n)
			if err != nil {
				return nil, err
			}
			return []string{taskset, "--cpu-list", processors}, nil
		}
	}
	return nil, nil
}

// firstOf returns the first n of a list of processors such as "0-3,8".
func firstOf(list string, n int) (string, error) {
	var numbers []string
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := strconv.Atoi(from)
		if err != nil {
			return "", fmt.Errorf("list of processors %q: %w", list, err)
		}
		high, err := strconv.Atoi(to)
		if err != nil {
			return "", fmt.Errorf("list of processors %q: %w", list, err)
		}
		for i := low; i <= high && len(numbers) < n; i++ {
			numbers = append(numbers, strconv.Itoa(i))
		}
	}
	if len(numbers) < n {
		return "", fmt.Errorf("%d threads need as many processors: this process may use %s", n, list)
	}
	return strings.Join(numbers, ","), nil
}
