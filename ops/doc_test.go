package ops

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestDocListsTheOperationsOfEachFile holds the table of the package comment against the files.
func TestDocListsTheOperationsOfEachFile(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]string)
	for line := range strings.Lines(string(doc)) {
		if file, names, ok := strings.Cut(strings.TrimPrefix(line, "//\t"), ".go "); ok && line[0] == '/' && line[2] == '\t' {
			listed[file+".go"] = strings.TrimSpace(names)
		}
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "catalog.go" {
			continue
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var exported []string
		for _, d := range syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() {
				exported = append(exported, f.Name.Name)
			}
		}
		if want := strings.Join(exported, ", "); listed[name] != want {
			t.Errorf("doc.go lists %q for %s, which has %q", listed[name], name, want)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("doc.go lists %s, and there is no such file", name)
	}
}
