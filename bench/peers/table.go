package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A table is rows of cells, the first of which is its head.
type table [][]string

// goalTables returns the tables that compare: our median, that of each other system in its best form with how many times ours it is,
// how near we come to what the machine can, and whether the goals are reached.
func goalTables(r results) []table {
	var others []string
	for _, c := range r.columns() {
		if c.system != ours && !slices.Contains(others, c.system) {
			others = append(others, c.system)
		}
	}
	head := []string{"work", titles[ours]}
	for _, system := range others {
		head = append(head, titles[system])
	}
	return tables(r, append(head, "of the machine's", "goal", "reached"), func(b benchmark) []string {
		row := []string{b.name + ", " + b.scale().name, ownCell(r, b)}
		for _, system := range others {
			row = append(row, bestCell(r, b, system))
		}
		goals, reached := verdict(r, b)
		return append(row, machineCell(r, b), goals, reached)
	})
}

// roundsTables returns the tables with all forms: the median of the rounds, their least and their greatest value. What failed is a dash
// with the number of a note.
func roundsTables(r results) (all []table, notes []string) {
	columns := r.columns()
	head := []string{"work"}
	for _, c := range columns {
		head = append(head, c.title())
	}
	all = tables(r, head, func(b benchmark) []string {
		row := []string{b.name + ", " + b.scale().name}
		for _, c := range columns {
			cell := missing
			if s, ok := r.of(b, c); ok {
				factor := b.scale().factor
				cell = fmt.Sprintf("%s (%s to %s)", digits(factor*s.median), digits(factor*s.least), digits(factor*s.most))
			}
			if reason := r.failures[place{b.name, c, ""}]; reason != "" {
				notes = append(notes, fmt.Sprintf("%s, %s: %s.", c.title(), b.name, strings.TrimSuffix(reason, ".")))
				cell += fmt.Sprintf(" [note %d]", len(notes))
			}
			row = append(row, cell)
		}
		return row
	})
	return all, notes
}

// tables returns a table for each group of benchmarks of which any is measured, without the columns that say nothing there: a page has no
// room for all systems side by side.
func tables(r results, head []string, row func(benchmark) []string) (all []table) {
	for _, group := range groups() {
		t := table{head}
		for _, b := range group {
			if r.measured(b) {
				t = append(t, row(b))
			}
		}
		if len(t) > 1 {
			all = append(all, t.withoutEmptyColumns())
		}
	}
	return all
}

func (t table) withoutEmptyColumns() table {
	narrow := make(table, len(t))
	for column := range t[0] {
		empty := true
		for _, row := range t[1:] {
			empty = empty && (row[column] == "" || row[column] == missing)
		}
		if empty {
			continue
		}
		for i, row := range t {
			narrow[i] = append(narrow[i], row[column])
		}
	}
	return narrow
}

// missing is the text of a cell without a value.
const missing = "–"

func ownCell(r results, b benchmark) string {
	own, ok := r.of(b, column{system: ours})
	if !ok {
		return missing
	}
	return digits(b.scale().factor * own.median)
}

func bestCell(r results, b benchmark, system string) string {
	best, ok := r.best(b, system)
	if !ok {
		return missing
	}
	other, _ := r.of(b, best)
	said := digits(b.scale().factor * other.median)
	if best.form != stepByStep {
		said += " " + best.form
	}
	if r.has(b, column{system: ours}) {
		said += fmt.Sprintf(" (× %s)", digits(r.ratio(b, best)))
	}
	return said
}

// machineCell returns how near ours comes to what the machine can do.
func machineCell(r results, b benchmark) string {
	part, ok := partOfPeak(r, b)
	switch own, _ := r.of(b, column{system: ours}); {
	case b.flops > 0 && ok:
		return fmt.Sprintf("%.0f %% of the peak, × %.2f of %s ms", 100*part, 1/part, digits(1e-6*own.median*part))
	case b.traffic > 0 && own.median > 0:
		return fmt.Sprintf("%.1f GB/s", b.traffic/own.median)
	}
	return ""
}

// verdict returns the goals of a benchmark, and whether they are reached, with what was measured of those that are not.
func verdict(r results, b benchmark) (goals, reached string) {
	var asked, short []string
	known := 0
	for _, g := range b.goals {
		asked = append(asked, g.says(fmt.Sprintf("%s%g", g.sign(), g.bound), b))
		value, good, ok := g.judge(r, b)
		switch {
		case !ok:
			continue
		case !good:
			short = append(short, g.says(digits(value), b))
		}
		known++
	}
	switch {
	case short != nil:
		reached = "no: " + strings.Join(short, "; ")
	case len(asked) == 0:
	case known < len(asked):
		reached = missing
	default:
		reached = "yes"
	}
	return strings.Join(asked, "; "), reached
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
		fmt.Fprintf(&out, "| %s |\n", unbroken(strings.Join(row, " | ")))
		if i == 0 {
			out.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return out.String()
}

// torn are the places where a number stands apart from what belongs to it, a sign or the other end of a range.
var torn = []*regexp.Regexp{
	regexp.MustCompile(`[×≥≤] \S`), regexp.MustCompile(`\d [×%]`), regexp.MustCompile(`\d to \d`),
}

// unbroken returns text that a browser does not break in such places. It breaks narrow columns wherever there is an ordinary space, and a
// row becomes as high as its most broken cell.
func unbroken(text string) string {
	for _, place := range torn {
		text = place.ReplaceAllStringFunc(text, func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") })
	}
	return text
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

// each writes tables in one of the two forms, with an empty line after each.
func each(tables []table, write func(rows [][]string) string) string {
	var out strings.Builder
	for _, t := range tables {
		out.WriteString(write(t) + "\n")
	}
	return out.String()
}
