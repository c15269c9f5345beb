package doctest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tapegrad/tapegrad/internal/doctest"
)

func load(t *testing.T, path string) *doctest.Document {
	t.Helper()
	d, err := doctest.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRunDocuments(t *testing.T) {
	good, stale := load(t, "testdata/good.md"), load(t, "testdata/stale.md")
	if err := doctest.Run(t.Context(), good, stale); err != nil {
		t.Fatal(err)
	}
	if report := good.Stale(); report != "" {
		t.Errorf("a document that is right is reported:\n%s", report)
	}
	report := stale.Stale()
	for _, want := range []string{
		"testdata/stale.md:4:", `"the sum is 5"`, `"the sum is 4"`, // a changed line
		"testdata/stale.md:16:", "0.23", "0.25", // a last digit that differs by two
		"testdata/stale.md:24: the block prints, and no text block follows to show it:\nnobody shows this\n",
		"testdata/stale.md:34:", `"ghost"`, // shown, not printed
		"testdata/stale.md:44: gofmt would write", "a, b int", // declarations and statements
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(report)
	}
}

// A full run has the arguments that the document says, and leaves its files.
func TestFull(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "full")
	output, err := doctest.Full(t.Context(), load(t, "testdata/good.md"), folder)
	if err != nil {
		t.Fatal(err)
	}
	want := "25\n25 -\n6.000 7\na string\n" + strings.Repeat("flowchart LR\n", 3)
	if diff := cmp.Diff(want, output); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if drawn, err := os.ReadFile(filepath.Join(folder, "drawn.txt")); err != nil || string(drawn) != "a string" {
		t.Errorf("the file holds %q, error %v", drawn, err)
	}
	if _, err := doctest.Full(t.Context(), load(t, "testdata/stale.md"), filepath.Join(t.TempDir(), "full")); err == nil {
		t.Error("a document that asks for no full run has one")
	}
}

func TestRewrite(t *testing.T) {
	stale := load(t, "testdata/stale.md")
	if err := doctest.Run(t.Context(), stale); err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile("testdata/stale.md")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "document.md")
	stale.Path = path
	if err := stale.Rewrite(); err != nil {
		t.Fatal(err)
	}
	rewritten, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"the sum is 5", "the sum is 4", "0.23", "0.25", "ghost\n", "",
		"shows this\")\n```\n", "shows this\")\n```\n\n```text\nnobody shows this\n```\n",
		"flowchart LR\")\n```\n", "flowchart LR\")\n```\n\n```mermaid\nflowchart LR\n```\n",
		"{ a,b int }", "{ a, b int }", "  _ = pair", "_ = pair",
	).Replace(string(original))
	if diff := cmp.Diff(want, string(rewritten)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Each of these documents is wrong; the error names the line at which it is.
func TestBadDocuments(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"does not compile", "text\n\n```go\nx := 1 + nothing\n_ = x\n```\n", "document.md:4:10: undefined: nothing"},
		{"declared and not used", "```go\nx := 1\n```\n", "document.md:2:1: declared and not used: x"},
		{"declares again", "```go\nx := 1\n```\n```go\nx := 2\n_ = x\n```\n", "document.md:5:3: no new variables on left side of :="},
		{"panics", "```go\nvar zero int\n\n_ = 1 / zero\n```\n", "document.md:4"},
		{"ends early", "```go\nreturn\n```\n```go\n_ = 2\n```\n", "line 2 ended before its last block"},
		{"exits", "```go\nimport \"os\"\n\nos.Exit(3)\n```\n", "exit status 3"},
		{"syntax of a program", "```go\npackage main\n\nfunc main() {\n```\n", "in the Go block at line 2"},
		{"not a main package", "```go\npackage other\n\nfunc main() {}\n```\n", "document.md:2: want package main, not other"},
		{"no main function", "```go\npackage main\n```\n", "document.md:2: the program has no main function"},
		{"internal package", "```go\nimport \"github.com/tapegrad/tapegrad/internal/pool\"\n```\n", "cannot import github.com/tapegrad/tapegrad/internal/pool"},
		{"open fence", "a\n```go\n_ = 1\n", "document.md:2: the fence is not closed"},
		{"indented", "- a list\n\n  ```go\n  _ = 1\n  ```\n", "document.md:3: a Go block begins with"},
		{"decorated", "```go ignore\n_ = 1\n```\n", "document.md:1: a Go block begins with"},
		{"no blocks", "text\n", "there is no Go block"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "document.md")
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			d, err := doctest.Load(path)
			if err == nil {
				err = doctest.Run(t.Context(), d)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
		})
	}
}
