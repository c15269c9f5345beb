package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns the paths of the documents that people read on GitHub.
func pages(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "../*.md", "../data/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 16 {
		t.Fatalf("only %d pages are found: %q", len(paths), paths)
	}
	return paths
}

// Every fence says what is in it, for the colours. Every image says in words what it shows, for those who do not see it, and one that is
// sharper than GitHub's page is wide says how wide it is meant.
func TestFencesAndImages(t *testing.T) {
	languages := []string{"go", "text", "console", "math", "mermaid"}
	image := regexp.MustCompile(`!\[|<img`)
	described := regexp.MustCompile(`!\[[^\[\]]+\]\(\S+\)|<img src="\S+" width="\d+" alt="[^"]+">`)
	for _, path := range pages(t) {
		open := false
		for i, line := range strings.Split(read(t, path), "\n") {
			language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
			if open = open != fence; open && fence && !slices.Contains(languages, language) {
				t.Errorf("%s:%d: a fence for %q; those here are for %q", path, i+1, language, languages)
			}
			if !open && len(image.FindAllString(line, -1)) != len(described.FindAllString(line, -1)) {
				t.Errorf("%s:%d: an image that is neither ![words](target) nor <img src=\"target\" width=\"640\" alt=\"words\">", path, i+1)
			}
		}
	}
}

// A row of a table belongs to a table: below its head and the line of dashes, without an empty line between, and with as many cells.
// GitHub shows a row that stands alone as text with bars, and leaves cells out that are too many.
func TestTables(t *testing.T) {
	dashes := regexp.MustCompile(`^\|( *:?-+:? *\|)+$`)
	cells := func(line string) int { return strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") }
	for _, path := range pages(t) {
		lines := strings.Split(withoutCode(read(t, path)), "\n")
		for i, head := 0, ""; i < len(lines); i++ {
			switch line := lines[i]; {
			case !strings.HasPrefix(line, "|"):
				head = ""
			case head == "" && (i+1 == len(lines) || !dashes.MatchString(lines[i+1])):
				t.Errorf("%s: the row %q is in no table", path, line)
			case head == "":
				head = line
			case cells(line) != cells(head):
				t.Errorf("%s: %d cells in the row %q, and %d in the head %q", path, cells(line)-1, line, cells(head)-1, head)
			}
		}
	}
}
