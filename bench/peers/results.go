package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A column is a system in one of its forms.
type column struct{ system, form string }

// results has the values of all processes, by benchmark, column and unit.
type results map[string]map[column]map[string][]float64

// readResults reads what is in the folder of a workshop's results.
func readResults(folder string) (results, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "round=*", "*", "*.txt"))
	if err != nil {
		return nil, err
	}
	r := make(results)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		err = r.read(f, filepath.Base(filepath.Dir(path)))
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return r, nil
}

// processorsOfName is what Go's benchmarks append to their names.
var processorsOfName = regexp.MustCompile(`-\d+$`)

// read adds the lines of one process, in the format of Go's benchmarks; other lines are passed over.
func (r results) read(from io.Reader, system string) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := processorsOfName.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		name, form, _ := strings.Cut(name, "/form=")
		for i := 2; i < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("line %q: %w", lines.Text(), err)
			}
			r.add(name, column{system, form}, fields[i+1], value)
		}
	}
	return lines.Err()
}

func (r results) add(name string, c column, unit string, value float64) {
	if r[name] == nil {
		r[name] = make(map[column]map[string][]float64)
	}
	if r[name][c] == nil {
		r[name][c] = make(map[string][]float64)
	}
	r[name][c][unit] = append(r[name][c][unit], value)
}

// values returns those of a cell of the table in ascending order.
func (r results) values(b benchmark, c column) []float64 {
	unit := b.unit
	if unit == "" {
		unit = inNanos
	}
	return slices.Sorted(slices.Values(r[b.name][c][unit]))
}

// median returns the middle of ascending values, of which there must be some.
func median(ascending []float64) float64 {
	n := len(ascending)
	return (ascending[(n-1)/2] + ascending[n/2]) / 2
}
