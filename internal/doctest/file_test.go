package doctest

import (
	"strings"
	"testing"
)

func TestFilesAndCommands(t *testing.T) {
	d, err := Load("testdata/file.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if len(d.commands) != 2 || len(d.files) != 2 || len(d.Blocks) != 1 {
		t.Fatalf("%d commands, %d files, %d other blocks", len(d.commands), len(d.files), len(d.Blocks))
	}
	if report := d.Stale(); report != "" {
		t.Errorf("a document that is right is reported:\n%s", report)
	}
	d.commands[0].shown = "--- FAIL: TestTwice (0.00s)\nok\n"
	d.commands[1].shown = "FAIL"
	d.files[1].code += "\n\n\n"
	report := d.Stale()
	for _, want := range []string{
		"file.md:14: the command does not print, after the lines before it,\nok\n", "Twice(1) is 1", // what it does print
		"file.md:35: the command does not print, after the lines before it,\nFAIL\n",
		"file.md:27: gofmt would write the file so", "file.md:27: the module has another internal/doctest/testdata/double/double.go",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestMissingLines(t *testing.T) {
	const printed = "a_test.go:7: gap 0.12345678, 3 of 4\nb\nok 0.25s"
	for _, c := range []struct{ shown, want string }{
		{printed, ""},
		{"a_test.go:9: gap 0.12345699, 3 of 4\n...\nok 1.50s", ""}, // what is not exact differs
		{"ok 0.25s\nb", "b"}, // another order
		{"a_test.go:7: gap 0.12355678, 3 of 4", "a_test.go:7: gap 0.12355678, 3 of 4"},
		{"a_test.go:7: gap 0.12345678, 2 of 4", "a_test.go:7: gap 0.12345678, 2 of 4"},
		{"c", "c"},
	} {
		if got := (&command{shown: c.shown, printed: printed}).missing(); got != c.want {
			t.Errorf("%q: missing %q, want %q", c.shown, got, c.want)
		}
	}
}
