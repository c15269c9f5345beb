// Package doctest compiles and runs the Go blocks of Markdown documents, and compares what they print with what the documents show.
//
// What a document shows is ordinary Markdown:
//
//   - A block fenced as go that begins with a package clause is a program by itself.
//   - All other Go blocks of a document are pieces of one program, in their order. Imports and declarations go to its top level,
//     statements to its main function. It is what a reader gets who copies them, so a piece that declares a variable again is an error.
//   - A block fenced as text that is the next block after a Go block is what that block prints, and a Go block that prints has one.
//     One fenced as mermaid is so too: a drawing that a program made.
//   - A Go block that begins with a comment such as // ops/hypot.go and an empty line is a file of this module, in a version that a later
//     block may replace; the last version is what the module has. A block fenced as console with one line that begins with $ go test
//     runs with these files in their places, and the text block after it shows what is printed: lines in their order, of which others
//     may be left out.
//   - A line <!-- full: -images 60000 --> says with which arguments the program of pieces does at length what it does in short
//     without any. [Full] runs it so.
//
// No Go block is left out. Text that is not output is fenced otherwise, as console for example.
//
// Printed and shown text agree if they are equal but for spaces at the ends of lines, and for the last digit of numbers that are
// written with a decimal point or an exponent, which may differ by one: processors round sums and products in different
// ways. All other digits and all whole numbers are compared exactly.
package doctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// A Document is a Markdown file with Go blocks.
type Document struct {
	Path   string   // of the file
	Blocks []*Block // in the order of the text
	Full   []string // the arguments for a full run of the program of pieces; nil if there is none

	absolute    string // its path, for the compiler
	lines       []string
	files       []file // all versions, in the order of the text
	commands    []*command
	moduleFiles map[string]string // what the module has in the place of files, by path
}

// A Block is a fenced block of Go, with the output that the document shows after it.
type Block struct {
	Line    int    // of the first line of code in the document, from 1
	Code    string // with a newline at the end
	Shows   bool   // whether an output block follows
	Shown   string // what is in it, without the last newline and without spaces at the ends of lines
	Printed string // what Run saw, in the same form

	outputStart, outputEnd int // the lines of the output block, from 0, without its fences
}

// Load reads a document. The error of a malformed one names the line: a fence that is not closed, or a Go block that is indented or
// has more than "go" after its fence, and so would not be found.
func Load(path string) (*Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	d := &Document{Path: path, absolute: absolute, lines: strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")}
	if err := d.findBlocks(); err != nil {
		return nil, err
	}
	return d, nil
}

// Stale returns a report of the blocks that printed something other than the document shows, or that gofmt would write in another
// way, in the form of diffs; "" if there are none. Run comes first.
func (d *Document) Stale() string {
	var report strings.Builder
	for _, b := range d.Blocks {
		if source, err := formatted(b.Code); err == nil && source != b.Code {
			fmt.Fprintf(&report, "%s:%d: gofmt would write the block so (-shown +formatted):\n%s\n", d.Path, b.Line, difference(b.Code, source))
		}
		switch {
		case !b.Shows && b.Printed != "":
			fmt.Fprintf(&report, "%s:%d: the block prints, and no text block follows to show it:\n%s\n", d.Path, b.Line, b.Printed)
		case !agree(b.Shown, b.Printed):
			fmt.Fprintf(&report, "%s:%d: the block prints something else than the document shows (-shown +printed):\n%s\n",
				d.Path, b.Line, difference(b.Shown, b.Printed))
		}
	}
	return report.String() + d.staleFiles()
}

func difference(a, b string) string { return cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")) }

// Rewrite writes the document with what is stale made right: with what its blocks printed, in new output blocks where there are
// none, and with the code as gofmt writes it. Run comes first.
func (d *Document) Rewrite() error {
	var lines []string
	next := 0
	replace := func(start, end int, text string) {
		lines = append(lines, d.lines[next:start]...)
		if text != "" {
			lines = append(lines, strings.Split(text, "\n")...)
		}
		next = end
	}
	for _, b := range d.Blocks {
		start := b.Line - 1
		end := start + strings.Count(b.Code, "\n")
		if source, err := formatted(b.Code); err == nil && source != b.Code {
			replace(start, end, strings.TrimSuffix(source, "\n"))
		}
		switch {
		case b.Shows && !agree(b.Shown, b.Printed):
			replace(b.outputStart, b.outputEnd, b.Printed)
		case !b.Shows && b.Printed != "":
			kind := "text"
			if strings.HasPrefix(b.Printed, "flowchart ") {
				kind = "mermaid"
			}
			replace(end+1, end+1, "\n"+fence+kind+"\n"+b.Printed+"\n"+fence)
		}
	}
	if next == 0 {
		return nil
	}
	replace(len(d.lines), len(d.lines), "")
	if err := os.WriteFile(d.Path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		return fmt.Errorf("rewriting a document: %w", err)
	}
	return nil
}

const fence = "```"

var lineEnds = regexp.MustCompile(`[ \t]+(\n|$)`)

// asOutput returns text as outputs are compared.
func asOutput(text string) string {
	return lineEnds.ReplaceAllString(strings.TrimSuffix(text, "\n"), "$1")
}

func (d *Document) findBlocks() error {
	var last *Block   // a Go block whose output may come next
	var test *command // a go test whose output may come next
	for i := 0; i < len(d.lines); i++ {
		if arguments, ok := strings.CutPrefix(d.lines[i], "<!-- full: "); ok {
			d.Full = strings.Fields(strings.TrimSuffix(arguments, "-->"))
		}
		unindented := strings.TrimLeft(d.lines[i], " \t>")
		if !strings.HasPrefix(unindented, fence) {
			continue
		}
		info := strings.TrimLeft(unindented, "`")
		ticks := unindented[:len(unindented)-len(info)]
		if strings.HasPrefix(strings.ToLower(info), "go") && d.lines[i] != fence+"go" {
			return fmt.Errorf("%s:%d: a Go block begins with %q alone at the start of a line, not %q", d.Path, i+1, fence+"go", d.lines[i])
		}
		end := i + 1
		for end < len(d.lines) && strings.TrimLeft(d.lines[end], " \t>") != ticks {
			end++
		}
		if end == len(d.lines) {
			return fmt.Errorf("%s:%d: the fence is not closed", d.Path, i+1)
		}
		content := strings.Join(d.lines[i+1:end], "\n")
		tested := test
		test = nil
		switch {
		case info == "go":
			if f, ok := fileOf(i+2, content+"\n"); ok {
				d.files = append(d.files, f)
				last = nil
				break
			}
			last = &Block{Line: i + 2, Code: content + "\n"}
			d.Blocks = append(d.Blocks, last)
		case (info == "text" || info == "mermaid") && last != nil:
			last.Shows, last.Shown = true, asOutput(content)
			last.outputStart, last.outputEnd = i+1, end
			last = nil
		case info == "text" && tested != nil:
			tested.shown = asOutput(content)
			d.commands = append(d.commands, tested)
		case info == "console" && len(d.files) > 0 && strings.HasPrefix(content, goTest) && end == i+2:
			last = nil
			arguments := strings.Fields(strings.ReplaceAll(strings.TrimPrefix(content, goTest), "'", ""))
			test = &command{line: i + 2, arguments: arguments, files: slices.Clone(d.files)}
		default:
			last = nil
		}
		i = end
	}
	return nil
}
