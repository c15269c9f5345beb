// Package graph draws what a tape recorded, as a Mermaid flowchart, which GitHub renders in Markdown, or in Graphviz's DOT.
//
//	g := graph.New(tape, graph.Options{Names: map[*autograd.Tensor]string{x: "x", loss: "loss"}})
//	err := g.WriteMermaid(os.Stdout)
//
// Every record is a node with the operation and the shape of its output; arrows go from inputs to outputs. The nodes of a layer
// stand together, layers within layers. Parameters have their names; what else is a leaf is called input unless Options names it.
// Constants are not on the tape and so not in the picture: record a batch with Tape.Var to see it. A recorded reverse pass stands
// in a group called gradient.
package graph

import (
	"fmt"
	"math"

	"github.com/tapegrad/tapegrad/autograd"
)

// Options say what is drawn. The zero Options draw every record without gradients.
type Options struct {
	// Names are what recorded tensors are called, leaves and outputs of operations alike.
	Names map[*autograd.Tensor]string

	// Params are gradients of parameters, and Gradients those of other recorded tensors, from Tape.Grad for example. Their nodes then
	// tell the shape and the Euclidean norm.
	Params    autograd.Grads
	Gradients map[*autograd.Tensor]*autograd.Tensor

	// Outputs, if there are any, leave out what none of these recorded tensors depends on.
	Outputs []*autograd.Tensor

	LeftToRight bool // draw in this direction; false is from top to bottom
}

// A Graph is what a tape had recorded when it was made. It keeps no tensors.
type Graph struct {
	leftToRight bool
	root        group
	edges       [][2]int // numbers of nodes
}

// A group is the nodes of a scope of the tape, in the order of the records.
type group struct {
	label string
	nodes []node
	parts []*group
}

type node struct {
	number int // on the tape
	kind   kind
	lines  []string
}

type kind int

const (
	operation kind = iota
	parameter
	frozen
	input
	gradient // an operation of a recorded reverse pass
	kinds
)

// String returns what the picture calls nodes of the kind.
func (k kind) String() string {
	return [kinds]string{"operation", "parameter", "frozen", "input", "gradient"}[k]
}

// New returns the graph of a tape, of a nil tape an empty one. It panics with an autograd.StaleError if a gradient in the options
// has ended: make the graph before the tape is Reset, and take gradients from Tape.Grad or from Gradients.Collect.
func New(tape *autograd.Tape, o Options) *Graph {
	var records []autograd.Node
	number := make(map[*autograd.Tensor]int)
	for n := range tape.Nodes() {
		number[n.Value] = len(records)
		records = append(records, n)
	}
	drawn := o.drawn(records, number)
	g := &Graph{leftToRight: o.LeftToRight}
	groups := map[*autograd.Scope]*group{nil: &g.root}
	for i, n := range records {
		if !drawn[i] {
			continue
		}
		in := groupOf(n.Scope, groups)
		in.nodes = append(in.nodes, o.node(i, n))
		for _, x := range n.Inputs {
			g.edges = append(g.edges, [2]int{number[x], i})
		}
	}
	return g
}

// drawn returns which records the options ask for.
func (o Options) drawn(records []autograd.Node, number map[*autograd.Tensor]int) []bool {
	drawn := make([]bool, len(records))
	for _, y := range o.Outputs {
		if i, ok := number[y]; ok {
			drawn[i] = true
		}
	}
	for i := len(records) - 1; i >= 0; i-- {
		drawn[i] = drawn[i] || len(o.Outputs) == 0
		for _, x := range records[i].Inputs {
			drawn[number[x]] = drawn[number[x]] || drawn[i]
		}
	}
	return drawn
}

// groupOf returns the group of a scope, which it makes if it is the first to ask.
func groupOf(s *autograd.Scope, groups map[*autograd.Scope]*group) *group {
	if g, ok := groups[s]; ok {
		return g
	}
	g := &group{label: s.String()}
	groups[s] = g
	outer := groupOf(s.Parent, groups)
	outer.parts = append(outer.parts, g)
	return g
}

func (o Options) node(number int, r autograd.Node) node {
	n := node{number: number}
	var what string
	g := o.Gradients[r.Value]
	switch {
	case r.Op != nil:
		what = r.Op.Name
		if inGradient(r.Scope) {
			n.kind = gradient
		}
	case r.Param != nil:
		what, n.kind = r.Param.Name, parameter
		if r.Param.Frozen {
			n.kind = frozen
		}
		if g == nil {
			g = o.Params.Of(r.Param)
		}
	default:
		what, n.kind = "input", input
	}
	name, named := o.Names[r.Value]
	switch {
	case named && r.Op != nil:
		what = name + " = " + what
	case named:
		what = name
	}
	n.lines = []string{what, fmt.Sprint(r.Value.Shape())}
	if g != nil {
		n.lines = append(n.lines, fmt.Sprintf("∂ %v, norm %.3g", g.Shape(), norm(g)))
	}
	return n
}

func inGradient(s *autograd.Scope) bool {
	for ; s != nil; s = s.Parent {
		if s.What == nil && s.Name == autograd.GradientScope {
			return true
		}
	}
	return false
}

// norm returns the Euclidean norm, which does not overflow where it is finite.
func norm(x *autograd.Tensor) float64 {
	sum := 0.0
	for _, v := range autograd.Values[float64](x) {
		sum = math.Hypot(sum, v)
	}
	return sum
}
