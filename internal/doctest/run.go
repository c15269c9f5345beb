package doctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Run runs the commands of the documents. It compiles all their programs into one binary, in one build because linking is what takes long, runs the programs
// one after another, each in an empty folder of its own, and sets what each block printed. The error of code that does not compile, or
// of a program that fails, names the line of the document.
func Run(ctx context.Context, documents ...*Document) error {
	var programs []*program
	for _, d := range documents {
		more, err := d.programs()
		if err != nil {
			return err
		}
		if err := d.readFiles(ctx); err != nil {
			return err
		}
		for _, c := range d.commands {
			if err := c.run(ctx, d.Path); err != nil {
				return err
			}
		}
		programs = append(programs, more...)
	}
	if len(programs) == 0 {
		return errors.New("doctest: there is no Go block in any of the documents")
	}
	folder, err := os.MkdirTemp("", "doctest")
	if err != nil {
		return fmt.Errorf("making a folder to build in: %w", err)
	}
	defer os.RemoveAll(folder)
	binary, err := build(ctx, folder, programs)
	if err != nil {
		return err
	}
	for i, p := range programs {
		output, err := p.run(ctx, binary, i, filepath.Join(folder, "run"+strconv.Itoa(i)))
		if err != nil {
			return err
		}
		if err := p.printed(output); err != nil {
			return err
		}
	}
	return dependOnSources(ctx, programs)
}

// Full runs the program of a document that has pieces and asks for a full run, with the arguments that the document says, and
// returns what it prints. The files that it writes are in the folder then, which must not exist before.
func Full(ctx context.Context, d *Document, folder string) (output string, err error) {
	if d.Full == nil {
		return "", fmt.Errorf("%s: the document asks for no full run", d.Path)
	}
	programs, err := d.programs()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(programs, func(p *program) bool { return p.pieces })
	if i < 0 {
		return "", fmt.Errorf("%s: a full run is one of a program of pieces, and there is none", d.Path)
	}
	scratch, err := os.MkdirTemp("", "doctest")
	if err != nil {
		return "", fmt.Errorf("making a folder to build in: %w", err)
	}
	defer os.RemoveAll(scratch)
	binary, err := build(ctx, scratch, programs[i:i+1])
	if err != nil {
		return "", err
	}
	output, err = programs[i].run(ctx, binary, 0, folder, d.Full...)
	return asOutput(strings.ReplaceAll(output, separator, "")) + "\n", err
}

// build compiles the programs as packages of this module, so that they can import its packages. They are not written there:
// go's overlay shows them to the compiler in a folder that does not exist.
func build(ctx context.Context, folder string, programs []*program) (binary string, err error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return "", err
	}
	const packages = "internal/doctest/programs"
	overlay := overlay{make(map[string]string)}
	add := func(name, source string) error {
		return overlay.add(filepath.Join(root, packages, name), filepath.Join(folder, strings.ReplaceAll(name, "/", "_")), source)
	}

	module, err := goCommand(ctx, "list", "-m")
	if err != nil {
		return "", err
	}
	var imports, table strings.Builder
	for i, p := range programs {
		name := "p" + strconv.Itoa(i)
		fmt.Fprintf(&imports, "import %s %q\n", name, strings.TrimSpace(module)+"/"+packages+"/"+name)
		fmt.Fprintf(&table, "%s.Main,", name)
		if err := add(name+"/program.go", p.source); err != nil {
			return "", err
		}
	}
	source := "package main\nimport (\"os\"; \"strconv\")\n" + imports.String() +
		"func main() { i, _ := strconv.Atoi(os.Getenv(\"" + choice + "\")); []func(){" + table.String() + "}[i]() }\n"
	if err := add("main.go", source); err != nil {
		return "", err
	}

	overlayFile, err := overlay.write(folder)
	if err != nil {
		return "", err
	}
	binary = filepath.Join(folder, "programs.exe") // the suffix is for Windows
	_, err = goCommand(ctx, "build", "-overlay", overlayFile, "-o", binary, filepath.Join(root, packages))
	return binary, err
}

// choice is the environment variable that says which of its programs a binary runs. The arguments are the program's own.
const choice = "DOCTEST_PROGRAM"

func (p *program) run(ctx context.Context, binary string, index int, folder string, arguments ...string) (output string, err error) {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, binary, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), choice+"="+strconv.Itoa(index))
	var failure bytes.Buffer
	command.Stderr = &failure
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: running the program that begins at line %d: %w\n%s%s", p.document.Path, p.blocks[0].Line, err, text, &failure)
	}
	return string(text), nil
}

// printed gives each block its part of the output.
func (p *program) printed(output string) error {
	parts := strings.Split(output, separator)
	if len(parts) < len(p.blocks) {
		return fmt.Errorf("%s: the program that begins at line %d ended before its last block", p.document.Path, p.blocks[0].Line)
	}
	for i, b := range p.blocks {
		b.Printed = asOutput(parts[i])
	}
	return nil
}

// dependOnSources makes go test forget that a test of documents passed once a package that they use changes. It sees what the
// test itself opens, but not what a compiler that the test starts does.
func dependOnSources(ctx context.Context, programs []*program) error {
	arguments := []string{"list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}"}
	for _, p := range programs {
		arguments = append(arguments, p.imports...)
	}
	slices.Sort(arguments[4:])
	folders, err := goCommand(ctx, append(arguments[:4], slices.Compact(arguments[4:])...)...)
	if err != nil {
		return err
	}
	for _, folder := range strings.FieldsFunc(folders, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if _, err := os.ReadDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// goCommand returns what the go command prints. Its error holds the complaint.
func goCommand(ctx context.Context, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", arguments[0], err, &complaint)
	}
	return string(output), nil
}
