package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A link is [words](target), an image ![words](target) or <img src="target" …>.
var link = regexp.MustCompile(`(?:\]\(|<img src=")([^()\s"]+)[)"]`)

// Links between files lead somewhere, also those to headings, and every figure and transcript is shown by some document.
func TestLinks(t *testing.T) {
	linked := make(map[string]bool)
	for _, path := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(withoutCode(read(t, path)), -1) {
			target, heading, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := path
			if target != "" {
				file = filepath.Join(filepath.Dir(path), target)
			}
			linked[absolute(t, file)] = true
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which is not there", path, match[1])
			} else if heading != "" && !hasHeading(read(t, file), heading) {
				t.Errorf("%s links to %s, and %s has no such heading", path, match[1], file)
			}
		}
	}
	for _, folder := range []string{"images", "transcripts"} {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !linked[absolute(t, file)] {
				t.Errorf("no document shows or links to %s", file)
			}
		}
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

var code = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")

func withoutCode(text string) string { return code.ReplaceAllString(text, "") }

// hasHeading reports whether a heading has the anchor that GitHub gives it: lower case, without punctuation, with hyphens for spaces.
func hasHeading(text, anchor string) bool {
	for _, line := range strings.Split(withoutCode(text), "\n") {
		title := strings.TrimLeft(line, "#")
		if title == line {
			continue
		}
		title = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		if strings.ReplaceAll(title, " ", "-") == anchor {
			return true
		}
	}
	return false
}
