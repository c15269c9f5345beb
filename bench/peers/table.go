package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// report prints the table and writes it to the folder as Markdown.
func (w *workshop) report(r results, stdout io.Writer) error {
	rows := table(r)
	if len(rows) == 1 {
		return fmt.Errorf("nothing is measured: no benchmark matches %q, or all failed", w.only)
	}
	loads, err := os.ReadFile(filepath.Join(w.results, loadFile))
	if err != nil {
		return err
	}
	machine := w.describe(string(loads))
	path := w.path(fmt.Sprintf("table-threads=%d.md", w.threads))
	if err := os.WriteFile(path, []byte(machine+"\n"+markdown(rows)), 0o666); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s\n%s\nas Markdown: %s\n", machine, text(rows), path)
	return err
}

// describe says where and how the table was measured.
func (w *workshop) describe(loads string) string {
	var versions []string
	for _, s := range w.present {
		versions = append(versions, s.version)
	}
	said := fmt.Sprintf("%s, %d processors, %s/%s; threads: %d. %s.\n", processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		w.threads, strings.Join(versions, "; "))
	if w.absent != nil {
		said += "Left out, for they are not there: " + strings.Join(w.absent, ", ") + ".\n"
	}
	if w.processors == nil {
		said += "There is no taskset: systems without a setting for it used as many threads as they chose.\n"
	}
	return said + "Load when measuring began: " + strings.Join(strings.Split(strings.TrimSpace(loads), "\n"), "; ") +
		".\nMinimum / median, and how many times the minimum of tapegrad; ms, MB or GFLOP/s.\n"
}

// table returns the rows of the table, the first of which is its head. What nobody has measured is not in it.
func table(r results) [][]string {
	columns := columnsOf(r)
	head := []string{"benchmark"}
	for _, c := range columns {
		head = append(head, strings.TrimSpace(c.system+" "+c.form))
	}
	rows := [][]string{append(head, "rate of "+ours, "goal")}
	for _, b := range benchmarks() {
		if r[b.name] == nil {
			continue
		}
		row := []string{b.name}
		for _, c := range columns {
			row = append(row, cell(r, b, c))
		}
		rows = append(rows, append(row, rate(r, b), b.goal))
	}
	return rows
}

// columnsOf returns the columns that have values: ours, then the others in their order, each with its plain form first.
func columnsOf(r results) []column {
	var columns []column
	for _, cells := range r {
		for c := range cells {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
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

// cell returns the text for a benchmark of a system.
func cell(r results, b benchmark, c column) string {
	values := r.values(b, c)
	if len(values) == 0 {
		return "–"
	}
	scale := 1e-6 // ns to ms, bytes to MB
	if b.unit == inGFLOPS {
		scale = 1
	}
	said := fmt.Sprintf("%s / %s", digits(scale*values[0]), digits(scale*median(values)))
	if own := r.values(b, column{system: ours}); c.system != ours && len(own) > 0 {
		said += fmt.Sprintf(" (× %.2f)", values[0]/own[0])
	}
	return said
}

// rate returns what our minimum comes to in operations or bytes a second, the former also as a part of the measured peak.
func rate(r results, b benchmark) string {
	own := r.values(b, column{system: ours})
	switch {
	case len(own) == 0:
		return ""
	case b.traffic > 0:
		return fmt.Sprintf("%.1f GB/s", b.traffic/own[0])
	case b.flops > 0:
		said := fmt.Sprintf("%.1f GFLOP/s", b.flops/own[0])
		if bound := r.values(benchmark{name: peak, unit: inGFLOPS}, column{system: ours}); len(bound) > 0 {
			said += fmt.Sprintf(", %.0f %%", 100*b.flops/own[0]/bound[len(bound)-1])
		}
		return said
	}
	return ""
}

// digits formats a number with three digits that count.
func digits(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	case x >= 0.1:
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.4f", x)
}

// markdown returns the table for a document.
func markdown(rows [][]string) string {
	var out strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			out.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return out.String()
}

// text returns the table for a terminal.
func text(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
		}
	}
	var out strings.Builder
	for _, row := range rows {
		line := ""
		for i, s := range row {
			line += s + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(s)+2)
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return out.String()
}
