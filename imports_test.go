package tapegrad_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// A room is a folder with the folders in it that are not rooms themselves. mayImport has the rooms of the module, and for each the other
// rooms that it may import: imports go one way.
var mayImport = map[string][]string{
	".":                  {},
	"internal":           {},
	"autograd":           {"internal"},
	"autograd/gradcheck": {"internal", "autograd"},
	"ops":                {"internal", "autograd"},
	"optim":              {"internal", "autograd"},
	"autograd/diff":      {"internal", "autograd", "ops"},
	"autograd/graph":     {"internal", "autograd"},
	"data":               {"internal"},
	"data/iris":          {"internal", "data"},
	"data/housing":       {"internal", "data"},
	"data/mnist":         {"internal", "data"},
	"data/safetensors":   {"internal"},
	"nn":                 {"internal", "autograd", "ops", "optim", "data", "data/safetensors"},
	"svm":                {"internal", "data"},
	"bench":              anything,
	"examples":           anything,
	"docs":               anything,
}

// anything is what programs and benchmarks may import.
var anything []string

// Who imports one of these folders gets nothing from outside the module but the standard library and the light packages.
var (
	libraries = []string{".", "autograd", "ops", "optim", "data", "nn", "svm"}
	light     = []string{
		"gorgonia.org/tensor",
		"go4.org/unsafe/assume-no-moving-gc",
		"golang.org/x/exp/constraints",
		"golang.org/x/sys/cpu",
		"github.com/jedib0t/go-pretty/v6",
		"github.com/google/renameio/v2/maybe",
	}
)

// Imports go one way, what is heavy stays out of the libraries, and so does package testing.
func TestImports(t *testing.T) {
	complain(t, importComplaints(mustReadThisModule(t)))
}

func TestImportsBites(t *testing.T) {
	file := func(pkg string, imports ...string) *fstest.MapFile {
		text := "package " + pkg + "\n"
		for _, i := range imports {
			text += fmt.Sprintf("import _ %q\n", i)
		}
		return &fstest.MapFile{Data: []byte(text)}
	}
	m, err := readModule(fstest.MapFS{
		"doc.go":                         file("tapegrad"),
		"autograd/a.go":                  file("autograd", "fmt", "gorgonia.org/tensor", modulePath+"/internal/kernel"),
		"autograd/b_windows.go":          file("autograd", modulePath+"/ops"),
		"autograd/gradcheck/g.go":        file("gradcheck", modulePath+"/autograd", modulePath+"/ops", "testing"),
		"data/d.go":                      file("data", modulePath+"/data/mnist", modulePath+"/autograd"),
		"data/mnist/m.go":                file("mnist"),
		"examples/xor/main.go":           file("main", modulePath+"/nn", "gonum.org/v1/plot", modulePath+"/internal/figure"),
		"internal/figure/f.go":           file("figure", "gonum.org/v1/plot"),
		"internal/kernel/k.go":           file("kernel", "golang.org/x/sys/cpu"),
		"internal/kernel/_asm/go.mod":    {Data: []byte("module asm")},
		"internal/kernel/_asm/k.go":      file("main", modulePath+"/nn"),
		"nn/n.go":                        file("nn", modulePath+"/internal/figure", modulePath+"/ops", modulePath+"/data/mnist"),
		"ops/o.go":                       file("ops", modulePath+"/autograd"),
		"ops/o_test.go":                  file("ops", modulePath+"/nn", "testing"),
		"peers/p.go":                     file("peers"),
		"bench/peers/nested/go.mod":      {Data: []byte("module nested")},
		"bench/peers/nested/anything.go": file("main", "github.com/heavy/thing"),
	})
	if err != nil {
		t.Fatal(err)
	}
	wantComplaints(t, importComplaints(m),
		"peers: the design has no such folder",
		"autograd imports ops",
		"autograd/gradcheck imports ops",
		"data imports autograd",
		"data imports data/mnist",
		"nn imports data/mnist",
		"autograd/gradcheck brings in testing",
		"nn brings in gonum.org/v1/plot by way of internal/figure",
	)
}

func importComplaints(m *module) []string {
	var complaints []string
	tops := make(map[string]bool) // of packages: what a program has written, such as mnist-out, is not the module's
	for _, s := range m.sorted() {
		top, _, _ := strings.Cut(s.folder, "/")
		if _, ok := mayImport[top]; !ok && !tops[top] {
			complaints = append(complaints, top+": the design has no such folder at the top")
		}
		tops[top] = true
	}
	for _, s := range m.sorted() {
		from := roomOf(s.folder)
		for _, i := range s.imports() {
			to := folderOf(i)
			if to == "" || mayImport[from] == nil || roomOf(to) == from || slices.Contains(mayImport[from], roomOf(to)) {
				continue
			}
			complaints = append(complaints, fmt.Sprintf("%s imports %s: imports go one way, and %s is above it or beside it", s.folder, to, to))
		}
	}
	for _, s := range m.sorted() {
		if first, _, _ := strings.Cut(s.folder, "/"); !slices.Contains(libraries, first) {
			continue
		}
		m.visit(s, nil, func(by *source, i string) {
			if isHeavy(i) {
				complaints = append(complaints, fmt.Sprintf("%s brings in %s by way of %s: libraries stay light", s.folder, i, by.folder))
			}
		})
	}
	return complaints
}

// visit calls see for what s imports from outside the module, and for what the packages of the module that s imports do.
func (m *module) visit(s *source, seen []string, see func(by *source, importPath string)) []string {
	if slices.Contains(seen, s.folder) {
		return seen
	}
	seen = append(seen, s.folder)
	for _, i := range s.imports() {
		if to := folderOf(i); to == "" {
			see(s, i)
		} else if m.packages[to] != nil {
			seen = m.visit(m.packages[to], seen, see)
		}
	}
	return seen
}

func isHeavy(importPath string) bool {
	if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
		return importPath == "testing" || strings.HasPrefix(importPath, "testing/")
	}
	return !slices.ContainsFunc(light, func(l string) bool { return isWithin(importPath, l) })
}

// roomOf returns the room that a folder belongs to.
func roomOf(folder string) string {
	for f := folder; f != "."; f = path.Dir(f) {
		if _, ok := mayImport[f]; ok {
			return f
		}
	}
	return "."
}

// isWithin reports whether a folder is another or lies in it.
func isWithin(folder, in string) bool { return folder == in || strings.HasPrefix(folder, in+"/") }
