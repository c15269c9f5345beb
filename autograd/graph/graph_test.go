package graph_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/graph"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

type Tensor = autograd.Tensor

// network is a small net with nested layers and a frozen parameter, and with a recorded gradient if asked.
func network(t *testing.T, recorded bool) *graph.Graph {
	t.Helper()
	last := &nn.Linear{Out: 1, NoBias: true}
	net := nn.Sequential{nn.Sequential{&nn.Linear{Out: 2}, nn.Tanh{}}, last}
	if _, err := net.Build(&nn.Builder{Dtype: tensor.Float64}, tensor.Shape{3}); err != nil {
		t.Fatal(err)
	}
	last.W.Frozen = true
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{0.5, -1, 2}, 1, 3))
	y := ops.Sum(net.Forward(nn.Pass{Tape: tape}, x))
	o := graph.Options{Names: map[*Tensor]string{x: "x", y: "y"}, Params: tape.Backward(y).Collect()}
	if recorded {
		o.LeftToRight = true
		tape.GradGraph(y, x)
	}
	return graph.New(tape, o)
}

// awkward has names that mean something to Mermaid, Markdown, HTML or DOT.
func awkward() *graph.Graph {
	tape := autograd.NewTape()
	sum := tape.Var(autograd.Scalar(0))
	names := map[*Tensor]string{sum: "end"}
	for _, name := range awkwardNames {
		mark := tape.Enter(name, nil)
		p := tape.Param(autograd.NewParam(name, autograd.Scalar(1)))
		sum = ops.Add(sum, p)
		names[sum] = name
		tape.Leave(mark)
	}
	return graph.New(tape, graph.Options{Names: names})
}

var awkwardNames = []string{
	`say "no"`, "[a](b){c}|d|", "two\nlines", "über ∂ 層", "end", "1. first", "- item", "a & b &lt; <b>", `back\slash\n`, "`code` **bold**", "#35; %% ;", "tab\tbell\a", "",
}

func written(t *testing.T, write func(w io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func graphs(t *testing.T) map[string]*graph.Graph {
	return map[string]*graph.Graph{"network": network(t, false), "gradient": network(t, true), "awkward": awkward(), "empty": graph.New(nil, graph.Options{})}
}

// The texts are as they were when the pictures were looked at. After a change: go test -run Golden with UPDATE_GOLDEN=1, render, look.
func TestGolden(t *testing.T) {
	for name, g := range graphs(t) {
		for suffix, write := range map[string]func(w io.Writer) error{".mmd": g.WriteMermaid, ".dot": g.WriteDOT} {
			path := filepath.Join("testdata", name+suffix)
			got := written(t, write)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
			if again := written(t, write); again != got {
				t.Errorf("%s is another text the second time", path)
			}
		}
	}
}

// A drawing is what a reader of either language finds in a text.
type drawing struct {
	Nodes  map[string]string   // labels by identifier, escaped
	Groups map[string][]string // labels of the groups around each node, outermost first
	Edges  []string
}

var languages = []struct {
	name                   string
	first, node, group, up *regexp.Regexp
	edge, other            *regexp.Regexp
	lines                  string // what separates the lines of a label
	write                  func(*graph.Graph) func(io.Writer) error
}{
	{
		"Mermaid",
		regexp.MustCompile(`^flowchart (TB|LR)$`),
		regexp.MustCompile(`^(n\d+)(?:\[|\(\[|\[/)"([^"]*)"(?:\]|\]\)|/\])$`),
		regexp.MustCompile(`^subgraph g\d+\["([^"]*)"\]$`),
		regexp.MustCompile(`^end$`),
		regexp.MustCompile(`^(n\d+) --> (n\d+)$`),
		regexp.MustCompile(`^(classDef \w+ [-\w:#, ]+|class [ng]\d+(,[ng]\d+)* \w+)$`),
		"<br>",
		func(g *graph.Graph) func(io.Writer) error { return g.WriteMermaid },
	},
	{
		"DOT",
		regexp.MustCompile(`^digraph tape \{$`),
		regexp.MustCompile(`^(n\d+) \[label="((?:[^"\\]|\\.)*)", shape=\w+, style="[\w,]+", fillcolor="#\w+", color="#\w+"\]$`),
		regexp.MustCompile(`^subgraph cluster_\d+ \{ label="((?:[^"\\]|\\.)*)"$`),
		regexp.MustCompile(`^\}$`),
		regexp.MustCompile(`^(n\d+) -> (n\d+)$`),
		regexp.MustCompile(`^(rankdir=LR|(graph|node|edge) \[.*\])$`),
		`\n`,
		func(g *graph.Graph) func(io.Writer) error { return g.WriteDOT },
	},
}

// Both texts follow their grammar, and say the same.
func TestStructure(t *testing.T) {
	for name, g := range graphs(t) {
		var drawings []drawing
		for _, l := range languages {
			text := regexp.MustCompile(`(subgraph cluster_\d+ \{)\n\s*`).ReplaceAllString(written(t, l.write(g)), "$1 ")
			d := drawing{Nodes: make(map[string]string), Groups: make(map[string][]string)}
			var open []string
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if !l.first.MatchString(lines[0]) {
				t.Fatalf("%s of %s begins with %q", l.name, name, lines[0])
			}
			depth := 1
			for i, line := range lines[1:] {
				last := i == len(lines)-2
				line = strings.TrimLeft(line, " ")
				switch node, edge, group := l.node.FindStringSubmatch(line), l.edge.FindStringSubmatch(line), l.group.FindStringSubmatch(line); {
				case node != nil:
					if _, ok := d.Nodes[node[1]]; ok {
						t.Errorf("%s of %s has %s twice", l.name, name, node[1])
					}
					d.Nodes[node[1]] = fmt.Sprint(strings.Count(node[2], l.lines))
					d.Groups[node[1]] = slices.Clone(open)
				case edge != nil:
					for _, end := range edge[1:] {
						if _, ok := d.Nodes[end]; !ok {
							t.Errorf("%s of %s has an arrow at %s, which is not declared before", l.name, name, end)
						}
					}
					d.Edges = append(d.Edges, edge[1]+edge[2])
				case group != nil:
					open = append(open, fmt.Sprint(len(d.Groups), " "))
					depth++
				case l.up.MatchString(line):
					depth--
					if depth == 0 && l.name == "DOT" && last {
						break
					}
					if len(open) == 0 {
						t.Fatalf("%s of %s ends a group that did not begin", l.name, name)
					}
					open = open[:len(open)-1]
				case !l.other.MatchString(line):
					t.Errorf("%s of %s has the line %q", l.name, name, line)
				}
			}
			if len(open) > 0 || l.name == "DOT" && depth != 0 {
				t.Errorf("%s of %s leaves a group open", l.name, name)
			}
			drawings = append(drawings, d)
		}
		if diff := cmp.Diff(drawings[0], drawings[1]); diff != "" && name != "awkward" { // there labels have other numbers of lines
			t.Errorf("%s: Mermaid and DOT differ (-Mermaid +DOT):\n%s", name, diff)
		}
	}
}

func TestGroupsAreLayers(t *testing.T) {
	text := written(t, network(t, false).WriteMermaid)
	for _, want := range []string{
		"  subgraph g0[\"0 Sequential\"]\n    subgraph g1[\"0.0 Linear\"]\n",
		"subgraph g2[\"0.1 Tanh\"]\n      n4[\"tanh<br>(1, 2)\"]\n",
		`(["0.0.weight<br>(3, 2)<br>∂ (3, 2), norm `,
		`(["1.weight<br>(2, 1)"])`, // frozen: without a gradient
		"classDef frozen",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the graph has no %q:\n%s", want, text)
		}
	}
	if text := written(t, network(t, true).WriteMermaid); !strings.Contains(text, `["gradient"]`) || !strings.Contains(text, "classDef gradient") {
		t.Errorf("a recorded pass is not shown as one:\n%s", text)
	}
}

func TestOutputsLeaveTheRestOut(t *testing.T) {
	tape := autograd.NewTape()
	x, z := tape.Var(autograd.Scalar(3)), tape.Var(autograd.Scalar(4))
	y := ops.Sin(x)
	ops.Cos(y)
	ops.Exp(z)
	text := written(t, graph.New(tape, graph.Options{Outputs: []*Tensor{y}}).WriteMermaid)
	if !strings.Contains(text, "sin") || !strings.Contains(text, "n0[/") || strings.Contains(text, "cos") || strings.Contains(text, "exp") || strings.Contains(text, "n1[/") {
		t.Errorf("drawn are more or less than what y depends on:\n%s", text)
	}
	if text := written(t, graph.New(tape, graph.Options{Outputs: []*Tensor{autograd.Scalar(1)}}).WriteMermaid); text != "flowchart TB\n" {
		t.Errorf("of an output that is not recorded something is drawn:\n%s", text)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterErrors(t *testing.T) {
	g := awkward()
	if err := g.WriteMermaid(full{}); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "graph: writing Mermaid") {
		t.Errorf("Mermaid: %v", err)
	}
	if err := g.WriteDOT(full{}); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "graph: writing DOT") {
		t.Errorf("DOT: %v", err)
	}
}

func TestEndedGradient(t *testing.T) {
	tape := autograd.NewTape()
	p := autograd.NewParam("p", autograd.Scalar(2))
	y := ops.Square(tape.Param(p))
	var ended *Tensor
	for _, g := range tape.Backward(y) {
		ended = g
	}
	err := autograd.Try(func() { graph.New(tape, graph.Options{Gradients: map[*Tensor]*Tensor{y: ended}}) })
	var e *autograd.Error
	if !errors.As(err, &e) || e.Kind != autograd.StaleError {
		t.Errorf("a gradient that ended: %v", err)
	}
}
