package doctest

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// A program is a package made of blocks. It is not a main package but one named program, whose entry point is the function
// Main, so that one binary can hold several.
type program struct {
	document *Document
	blocks   []*Block
	pieces   bool // put together of the blocks, else the only block is the program
	source   string
	imports  []string // paths
}

// separator is what a program of several pieces prints after each.
const separator = "\x00"

// programs assembles the blocks of a document.
func (d *Document) programs() ([]*program, error) {
	var all []*program
	var pieces []*Block
	for _, b := range d.Blocks {
		if _, err := parser.ParseFile(token.NewFileSet(), "", b.Code, parser.PackageClauseOnly); err != nil {
			pieces = append(pieces, b)
			continue
		}
		p, err := d.whole(b)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if len(pieces) > 0 {
		p, err := d.assemble(pieces)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	for _, p := range all {
		if i := slices.IndexFunc(p.imports, func(path string) bool { return strings.Contains(path+"/", "/internal/") }); i >= 0 {
			return nil, fmt.Errorf("%s: a reader's program cannot import %s", d.Path, p.imports[i])
		}
	}
	return all, nil
}

// whole makes a program of a block that is a complete one: its main function becomes Main.
func (d *Document) whole(b *Block) (*program, error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, "", b.Code, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s: in the Go block at line %d: %w", d.Path, b.Line, err)
	}
	if f.Name.Name != "main" {
		return nil, fmt.Errorf("%s:%d: want package main, not %s", d.Path, b.Line, f.Name.Name)
	}
	p := &program{document: d, blocks: []*Block{b}}
	for _, i := range f.Imports {
		p.imports = append(p.imports, importPath(i))
	}
	for _, decl := range f.Decls {
		if main, ok := decl.(*ast.FuncDecl); ok && main.Recv == nil && main.Name.Name == "main" {
			name, function := files.Position(f.Name.Pos()).Offset, files.Position(main.Name.Pos()).Offset
			p.source = d.line(b, 0) + b.Code[:name] + "program" + b.Code[name+len(f.Name.Name):function] + "Main" + b.Code[function+len("main"):]
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s:%d: the program has no main function", d.Path, b.Line)
}

// assemble makes one program of several pieces.
func (d *Document) assemble(pieces []*Block) (*program, error) {
	p := &program{document: d, blocks: pieces, pieces: true}
	var imports, declarations, statements strings.Builder
	seen := make(map[string]bool)
	for _, b := range pieces {
		for _, c := range chunks(b.Code) {
			text := d.line(b, c.start) + b.Code[c.start:c.end] + "\n"
			if c.declaration == nil {
				statements.WriteString(text)
				continue
			}
			if len(c.declaration.Imports) == 0 {
				declarations.WriteString(text)
			}
			for _, i := range c.declaration.Imports {
				spec := i.Path.Value
				if i.Name != nil {
					spec = i.Name.Name + " " + spec
				}
				if !seen[spec] { // a piece may import again what an earlier one has
					seen[spec] = true
					p.imports = append(p.imports, importPath(i))
					fmt.Fprintf(&imports, "%simport %s\n", d.line(b, c.start), spec)
				}
			}
		}
		fmt.Fprintf(&statements, "doctestOS.Stdout.WriteString(%q)\n", separator)
	}
	p.source = "package program\n" +
		"import doctestOS \"os\"\n" + imports.String() + declarations.String() +
		"func Main() {\n" + statements.String() + "}\n"
	return p, nil
}

// formatted returns code as gofmt writes it. Declarations and statements, which gofmt does not take together, are formatted apart.
func formatted(code string) (string, error) {
	if source, err := format.Source([]byte(code)); err == nil {
		return string(source), nil
	}
	var whole strings.Builder
	all := chunks(code)
	for len(all) > 0 {
		n := 1
		for n < len(all) && (all[n].declaration == nil) == (all[0].declaration == nil) {
			n++
		}
		source, err := format.Source([]byte(code[all[0].start:all[n-1].end]))
		if err != nil {
			return "", err
		}
		whole.Write(source)
		all = all[n:]
	}
	return whole.String(), nil
}

func importPath(i *ast.ImportSpec) string { return strings.Trim(i.Path.Value, "`\"") }

// line returns a directive that makes the compiler, and the stack of a panic, name the place in the document.
func (d *Document) line(b *Block, offset int) string {
	return fmt.Sprintf("//line %s:%d:1\n", d.absolute, b.Line+strings.Count(b.Code[:offset], "\n"))
}

// A chunk is a part of a piece with the comments before it.
type chunk struct {
	start, end  int
	declaration *ast.File // which holds it alone; nil for a statement, or for something wrong that the compiler will explain
}

// chunks cuts code where the language puts a semicolon at the end of a line, outside of all brackets.
func chunks(code string) []chunk {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var all []chunk
	depth, start := 0, 0
	cut := func(end int) {
		c := chunk{start: start, end: end}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[start:end], parser.SkipObjectResolution)
		if err == nil {
			c.declaration = f
		}
		all = append(all, c)
		start = end
	}
	for {
		pos, tok, literal := s.Scan()
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.SEMICOLON:
			if depth == 0 && literal == "\n" {
				end := file.Offset(pos)
				cut(end + strings.IndexByte(code[end:], '\n') + 1) // past a comment on the line
			}
		case token.EOF:
			cut(len(code))
			return all
		}
	}
}
