package graph_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/graph"
	"github.com/tapegrad/tapegrad/ops"
)

// The same drawing for Graphviz: pipe it to dot -Tsvg.
func ExampleGraph_WriteDOT() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	loss := ops.Sum(ops.Square(x))
	g := graph.New(tape, graph.Options{Names: map[*autograd.Tensor]string{x: "x", loss: "loss"}})
	var drawing strings.Builder // or a file
	if err := g.WriteDOT(&drawing); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(drawing.String()) {
		if strings.Contains(line, "->") {
			fmt.Print(line)
		}
	}
	// Output:
	// n0 -> n1
	//   n1 -> n2
}
