package graph

import (
	"bytes"
	"io"
	"strings"
	"unicode"
)

// WriteDOT writes the graph in the language of Graphviz: "dot -Tsvg" draws it. The error is that of w.
func (g *Graph) WriteDOT(w io.Writer) error {
	var d dot
	d.line(0, "digraph tape {")
	if g.leftToRight {
		d.line(1, "rankdir=LR")
	}
	d.line(1, `graph [fontname="Helvetica,Arial,sans-serif", fontsize=11, fontcolor="#475569", color="#94a3b8", style="rounded", labeljust=l, nodesep=0.25, ranksep=0.35]`)
	d.line(1, `node [fontname="Helvetica,Arial,sans-serif", fontsize=10, margin="0.12,0.06", height=0.3]`)
	d.line(1, `edge [color="#64748b", arrowsize=0.6]`)
	d.group(&g.root, 1)
	for _, e := range g.edges {
		d.line(1, "n%d -> n%d", e[0], e[1])
	}
	d.line(0, "}")
	return write(w, "DOT", &d.text)
}

var dotStyles = [kinds]string{
	operation: `shape=box, style="filled", fillcolor="#eef2f7", color="#64748b"`,
	parameter: `shape=box, style="rounded,filled", fillcolor="#fde9c8", color="#b45309"`,
	frozen:    `shape=box, style="rounded,filled,dashed", fillcolor="#f1f1f1", color="#8a8a8a"`,
	input:     `shape=ellipse, style="filled", fillcolor="#d5ecd9", color="#15803d"`,
	gradient:  `shape=box, style="filled", fillcolor="#ece4fb", color="#7c3aed"`,
}

type dot struct {
	text   bytes.Buffer
	groups int
}

func (d *dot) line(depth int, format string, args ...any) { indented(&d.text, depth, format, args...) }

func (d *dot) group(g *group, depth int) {
	for _, n := range g.nodes {
		lines := make([]string, len(n.lines))
		for i, l := range n.lines {
			lines[i] = dotText(l)
		}
		d.line(depth, `n%d [label="%s", %s]`, n.number, strings.Join(lines, `\n`), dotStyles[n.kind])
	}
	for _, part := range g.parts {
		d.line(depth, "subgraph cluster_%d {", d.groups)
		d.groups++
		d.line(depth+1, `label="%s"`, dotText(part.label))
		d.group(part, depth+1)
		d.line(depth, "}")
	}
}

// dotText is s within quotes, where Graphviz knows escapes that begin with a backslash and HTML's entities.
func dotText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case unicode.IsControl(r):
			b.WriteByte(' ')
		case r == '&':
			b.WriteString("&amp;")
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
