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

// title returns the head of the column.
func (c column) title() string { return strings.TrimSpace(titles[c.system] + " " + c.form) }

// results has what all processes measured and what they failed in.
type results struct {
	rounds      map[place][]float64 // the best of each round
	failures    map[place]string    // of the failures, the last one's reason; the unit is ""
	predictions map[place]string    // a digit for each, of the last round; the unit is ""
}

// A place is where values belong.
type place struct {
	benchmark string
	column    column
	unit      string
}

// A summary tells of one value in each round.
type summary struct{ least, median, most float64 }

func newResults() results {
	return results{make(map[place][]float64), make(map[place]string), make(map[place]string)}
}

// readResults reads what is in the folder of a workshop's results.
func readResults(folder string) (results, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "round=*", "*", "*.txt"))
	if err != nil {
		return results{}, err
	}
	slices.Sort(paths)
	r := newResults()
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return results{}, err
		}
		err = r.read(f, filepath.Base(filepath.Dir(path)))
		f.Close()
		if err != nil {
			return results{}, fmt.Errorf("%s: %w", path, err)
		}
	}
	return r, nil
}

// A process prints lines in the format of Go's benchmarks. Before each form of a benchmark that takes long or may fail it prints "Trying"
// and the name; what a process failed in stands in its file as "Failed", a name and a reason. "Predicted", a name and digits say what a
// classifier made of the test images; Go's benchmarks indent what they log.
const (
	benchmarkLine = "Benchmark"
	tryingLine    = "Trying "
	failedLine    = "Failed "
	predictedLine = "Predicted "
)

// processorsOfName is what Go's benchmarks append to their names.
var processorsOfName = regexp.MustCompile(`-\d+$`)

// read adds what one process measured: of each of its values the best.
func (r results) read(from io.Reader, system string) error {
	values := make(map[place][]float64)
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if failure, ok := strings.CutPrefix(lines.Text(), failedLine); ok {
			name, reason, _ := strings.Cut(failure, " ")
			name, form := splitForm(name)
			r.failures[place{name, column{system, form}, ""}] = reason
			continue
		}
		if _, said, ok := strings.Cut(lines.Text(), predictedLine); ok {
			name, digits, _ := strings.Cut(said, " ")
			r.predictions[place{name, column{system: system}, ""}] = digits
			continue
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], benchmarkLine) {
			continue
		}
		name, form := splitForm(processorsOfName.ReplaceAllString(strings.TrimPrefix(fields[0], benchmarkLine), ""))
		for i := 2; i < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("line %q: %w", lines.Text(), err)
			}
			p := place{name, column{system, form}, fields[i+1]}
			values[p] = append(values[p], value)
		}
	}
	for p, all := range values {
		best := slices.Min(all)
		if p.unit == inGFLOPS {
			best = slices.Max(all)
		}
		r.rounds[p] = append(r.rounds[p], best)
	}
	return lines.Err()
}

// splitForm parts a name such as "XOR200/form=scan".
func splitForm(full string) (name, form string) {
	name, form, _ = strings.Cut(full, "/form=")
	return name, form
}

// summary returns the least, the median and the greatest of the rounds.
func (r results) summary(benchmark string, c column, unit string) (s summary, ok bool) {
	values := slices.Sorted(slices.Values(r.rounds[place{benchmark, c, unit}]))
	n := len(values)
	if n == 0 {
		return summary{}, false
	}
	return summary{values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}, true
}

// of returns the summary of what a row of the table is about.
func (r results) of(b benchmark, c column) (summary, bool) { return r.summary(b.name, c, b.printed()) }

func (r results) has(b benchmark, c column) bool {
	_, ok := r.of(b, c)
	return ok
}

// ratio returns how many times the median of ours a median of another is.
func (r results) ratio(b benchmark, c column) float64 {
	own, _ := r.of(b, column{system: ours})
	other, _ := r.of(b, c)
	return other.median / own.median
}

// best returns the form of a system that has the least median.
func (r results) best(b benchmark, system string) (best column, ok bool) {
	for _, c := range r.columns() {
		if c.system != system || !r.has(b, c) {
			continue
		}
		one, _ := r.of(b, c)
		if least, _ := r.of(b, best); !ok || one.median < least.median {
			best, ok = c, true
		}
	}
	return best, ok
}

// measured reports whether anything is known of a benchmark.
func (r results) measured(b benchmark) bool {
	return slices.ContainsFunc(r.columns(), func(c column) bool { return r.has(b, c) || r.failures[place{b.name, c, ""}] != "" })
}

// columns returns those that have values or failures: ours, then the others in their order, each with its plain form first.
func (r results) columns() []column {
	var columns []column
	add := func(c column) {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	for p := range r.rounds {
		add(p.column)
	}
	for p := range r.failures {
		add(p.column)
	}
	order := systemNames()
	slices.SortFunc(columns, func(a, b column) int {
		if a.system != b.system {
			return slices.Index(order, a.system) - slices.Index(order, b.system)
		}
		return strings.Compare(a.form, b.form)
	})
	return columns
}
