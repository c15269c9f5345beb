package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// report prints the tables, writes them to the folder as Markdown, and into a document if there is one.
func (w *workshop) report(r results, stdout io.Writer) error {
	goals := goalTables(r)
	if len(goals) == 0 {
		return fmt.Errorf("nothing is measured: no benchmark matches %q", w.only)
	}
	loads, err := os.ReadFile(filepath.Join(w.results, loadFile))
	if err != nil {
		return err
	}
	rounds, notes := roundsTables(r)
	machine, failed := w.describe(string(loads)), ""
	for i, note := range notes {
		failed += fmt.Sprintf("%d. %s\n", i+1, note)
	}
	const between = "In all forms, with the least and the greatest of the rounds:\n"
	page := strings.TrimRight(fmt.Sprintf("%s\n%s%s\n%s%s", machine, each(goals, markdown), between, each(rounds, markdown), failed), "\n") + "\n"
	path := w.path(fmt.Sprintf("table-threads=%d.md", w.threads))
	if err := os.WriteFile(path, []byte(page), 0o666); err != nil {
		return err
	}
	if w.document != "" {
		if err := insert(w.document, w.threads, page); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "%s\n%s%s\n%s%s\nas Markdown: %s\n", machine, each(goals, text), between, each(rounds, text), failed, path)
	return err
}

// describe says where, when, how and from which commit the tables were measured.
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
	begun := strings.Join(strings.Split(strings.TrimSpace(loads), "\n"), "; ")
	return said + fmt.Sprintf("Begun %s. Rounds: %d; each counts the best of %d measurements of %v or more. Medians of the rounds.\n",
		begun, w.rounds, w.count, w.duration)
}

// insert puts text between two comments of a document that name the threads, in the place of what is there.
func insert(path string, threads int, text string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := fmt.Sprintf("<!-- measured with %d threads -->\n", threads), fmt.Sprintf("<!-- end of %d threads -->\n", threads)
	before, rest, found := strings.Cut(string(document), begin)
	_, after, complete := strings.Cut(rest, end)
	if !found || !complete {
		return fmt.Errorf("%s has no lines %q and %q for the table to stand between", path, begin, end)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+text+"\n"+end+after), 0o666)
}
