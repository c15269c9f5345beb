package graph

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// WriteMermaid writes the graph as a Mermaid flowchart. In Markdown it belongs into a code block of the language mermaid. GitHub
// draws flowcharts of up to 500 arrows and 50,000 characters; larger tapes are for [Graph.WriteDOT].
// The error is that of w.
func (g *Graph) WriteMermaid(w io.Writer) error {
	m := mermaid{members: make(map[kind][]string)}
	direction := "TB"
	if g.leftToRight {
		direction = "LR"
	}
	m.line(0, "flowchart %s", direction)
	m.group(&g.root, 1)
	for _, e := range g.edges {
		m.line(1, "n%d --> n%d", e[0], e[1])
	}
	for k := range kinds {
		if len(m.members[k]) > 0 {
			m.line(1, "classDef %s %s", k, mermaidStyles[k])
			m.line(1, "class %s %s", strings.Join(m.members[k], ","), k)
		}
	}
	if len(m.groups) > 0 {
		m.line(1, "classDef group fill:none,stroke:#94a3b8")
		m.line(1, "class %s group", strings.Join(m.groups, ","))
	}
	return write(w, "Mermaid", &m.text)
}

// Colours are given for text, area and line, and so are the same on light and dark pages.
var mermaidStyles = [kinds]string{
	operation: "fill:#eef2f7,stroke:#64748b,color:#0f172a",
	parameter: "fill:#fde9c8,stroke:#b45309,color:#451a03",
	frozen:    "fill:#f1f1f1,stroke:#8a8a8a,color:#333333,stroke-dasharray:4 3",
	input:     "fill:#d5ecd9,stroke:#15803d,color:#052e16",
	gradient:  "fill:#ece4fb,stroke:#7c3aed,color:#2e1065",
}

// mermaidShapes are what stands around a label.
var mermaidShapes = [kinds][2]string{
	operation: {"[", "]"}, parameter: {"([", "])"}, frozen: {"([", "])"}, input: {"[/", "/]"}, gradient: {"[", "]"},
}

type mermaid struct {
	text    bytes.Buffer
	groups  []string          // the identifiers of groups
	members map[kind][]string // the identifiers of each kind's nodes
}

func (m *mermaid) line(depth int, format string, args ...any) {
	indented(&m.text, depth, format, args...)
}

func (m *mermaid) group(g *group, depth int) {
	for _, n := range g.nodes {
		id := fmt.Sprintf("n%d", n.number)
		lines := make([]string, len(n.lines))
		for i, l := range n.lines {
			lines[i] = mermaidText(l)
		}
		shape := mermaidShapes[n.kind]
		m.line(depth, `%s%s"%s"%s`, id, shape[0], strings.Join(lines, "<br>"), shape[1])
		m.members[n.kind] = append(m.members[n.kind], id)
	}
	for _, part := range g.parts {
		id := fmt.Sprintf("g%d", len(m.groups))
		m.line(depth, `subgraph %s["%s"]`, id, mermaidText(part.label))
		m.groups = append(m.groups, id)
		m.group(part, depth+1)
		m.line(depth, "end")
	}
}

// mermaidText writes characters that may mean something to Mermaid, to its Markdown or to HTML by their numbers.
func mermaidText(s string) string {
	if s == "" { // which is no label to Mermaid
		return "#160;"
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString("<br>")
		case unicode.IsControl(r):
			b.WriteByte(' ')
		case r == '\\': // with a space of no width behind it: Mermaid takes \n for a new line even if it is written by its numbers
			b.WriteString("#92;#8203;")
		case r >= 0x80, unicode.IsLetter(r), unicode.IsDigit(r), r == '(', i > 0 && strings.ContainsRune(" ),=", r),
			i > 0 && r == '.' && !strings.HasPrefix(s[i:], ". "):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// indented writes a line.
func indented(b *bytes.Buffer, depth int, format string, args ...any) {
	b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(b, format, args...)
	b.WriteByte('\n')
}

// write writes a text that is done.
func write(w io.Writer, what string, text *bytes.Buffer) error {
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("graph: writing %s: %w", what, err)
	}
	return nil
}
