package doctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A file is a version of a file of this module, as a document has it.
type file struct {
	path string // in the module, with slashes
	line int    // of the first line of code
	code string
}

var fileName = regexp.MustCompile(`^// (\S+\.go)\n\n`)

// fileOf returns the file that a Go block is, if it is one.
func fileOf(line int, code string) (f file, ok bool) {
	name := fileName.FindStringSubmatch(code)
	if name == nil {
		return file{}, false
	}
	return file{path: name[1], line: line + 2, code: strings.TrimPrefix(code, name[0])}, true
}

// A command is a go test that a document shows, with the versions of files that it has shown by then.
type command struct {
	line      int
	arguments []string
	files     []file
	shown     string
	printed   string
}

const goTest = "$ go test "

// run runs the command in the root of the module as if its files were the document's. That it fails may be what the document shows.
func (c *command) run(ctx context.Context, path string) error {
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "doctest")
	if err != nil {
		return fmt.Errorf("making a folder to test in: %w", err)
	}
	defer os.RemoveAll(folder)
	overlay := overlay{make(map[string]string)}
	for i, f := range c.files {
		if err := overlay.add(filepath.Join(root, f.path), filepath.Join(folder, fmt.Sprint(i, ".go")), f.code); err != nil {
			return err
		}
	}
	name, err := overlay.write(folder)
	if err != nil {
		return err
	}
	test := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-overlay", name}, c.arguments...)...)
	test.Dir = root
	output, err := test.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("%s:%d: %w", path, c.line, err)
	}
	c.printed = asOutput(string(output))
	return nil
}

var (
	duration  = regexp.MustCompile(`\d+\.\d+s`)
	fraction  = regexp.MustCompile(`(\.\d{6})\d+`)
	testsLine = regexp.MustCompile(`_test\.go:\d+`)
)

// exact returns a line without what differs from run to run (durations), from machine to machine (digits after the sixth of
// fractions) and with changes elsewhere (lines in the source of tests).
func exact(line string) string {
	line = duration.ReplaceAllString(line, "0s")
	line = fraction.ReplaceAllString(line, "$1")
	return testsLine.ReplaceAllString(line, "_test.go")
}

// missing returns the first line that is shown and was not printed after those before it, where they are exact; "" if there is
// none. A line of three dots stands for any lines.
func (c *command) missing() string {
	printed := strings.Split(c.printed, "\n")
	for _, line := range strings.Split(c.shown, "\n") {
		if strings.TrimSpace(line) == "..." {
			continue
		}
		for len(printed) > 0 && !agree(exact(line), exact(printed[0])) {
			printed = printed[1:]
		}
		if len(printed) == 0 {
			return line
		}
		printed = printed[1:]
	}
	return ""
}

// staleFiles reports the commands that print something else, and files whose last version is not the module's.
func (d *Document) staleFiles() string {
	var report strings.Builder
	for _, c := range d.commands {
		if line := c.missing(); line != "" {
			fmt.Fprintf(&report, "%s:%d: the command does not print, after the lines before it,\n%s\nIt prints\n%s\n", d.Path, c.line, line, c.printed)
		}
	}
	last := make(map[string]file)
	for _, f := range d.files {
		last[f.path] = f
		if source, err := formatted(f.code); err == nil && source != f.code {
			fmt.Fprintf(&report, "%s:%d: gofmt would write the file so (-shown +formatted):\n%s\n", d.Path, f.line, difference(f.code, source))
		}
	}
	for path, f := range last {
		if code := d.moduleFiles[path]; code != f.code {
			fmt.Fprintf(&report, "%s:%d: the module has another %s (-shown +module):\n%s\n", d.Path, f.line, path, difference(f.code, code))
		}
	}
	return report.String()
}

// readFiles reads from the module those files that the document has.
func (d *Document) readFiles(ctx context.Context) error {
	d.moduleFiles = make(map[string]string)
	for _, f := range d.files {
		root, err := moduleRoot(ctx)
		if err != nil {
			return err
		}
		code, err := os.ReadFile(filepath.Join(root, f.path))
		if err != nil {
			return fmt.Errorf("%s:%d: %w", d.Path, f.line, err)
		}
		d.moduleFiles[f.path] = strings.ReplaceAll(string(code), "\r\n", "\n")
	}
	return nil
}

// An overlay is what go's flag -overlay reads: files that stand for others.
type overlay struct{ Replace map[string]string }

// add lets a file with the given code stand for another one, which need not exist.
func (o overlay) add(original, file, code string) error {
	o.Replace[original] = file
	return os.WriteFile(file, []byte(code), 0o644)
}

// write writes the overlay for the go command, and returns the name of the file.
func (o overlay) write(folder string) (name string, err error) {
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	name = filepath.Join(folder, "overlay.json")
	return name, os.WriteFile(name, text, 0o644)
}

func moduleRoot(ctx context.Context) (string, error) {
	goMod, err := goCommand(ctx, "env", "GOMOD")
	return filepath.Dir(strings.TrimSpace(goMod)), err
}
