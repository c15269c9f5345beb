package graph_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/graph"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// GitHub draws what stands in a code block of the language mermaid.
func ExampleGraph_WriteMermaid() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.Scalar(3))
	y := ops.Sin(ops.Mul(x, x))
	g := graph.New(tape, graph.Options{
		Names:     map[*autograd.Tensor]string{x: "x", y: "y"},
		Gradients: map[*autograd.Tensor]*autograd.Tensor{x: tape.Grad(y, x)[0]},
	})
	if err := g.WriteMermaid(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// flowchart TB
	//   n0[/"x<br>()<br>∂ (), norm 5.47"/]
	//   n1["mul<br>()"]
	//   n2["y = sin<br>()"]
	//   n0 --> n1
	//   n0 --> n1
	//   n1 --> n2
	//   classDef operation fill:#eef2f7,stroke:#64748b,color:#0f172a
	//   class n1,n2 operation
	//   classDef input fill:#d5ecd9,stroke:#15803d,color:#052e16
	//   class n0 input
}

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

// What a net records stands layer by layer in the drawing, under the place and the type of each layer.
func ExampleNew() {
	net := nn.Sequential{nn.Sequential{&nn.Linear{Out: 3}, nn.Tanh{}}, &nn.Linear{Out: 1}}
	if _, err := net.Build(&nn.Builder{}, tensor.Shape{2}); err != nil {
		log.Fatal(err)
	}
	tape := autograd.NewTape()
	net.Forward(nn.Pass{Tape: tape}, autograd.FromSlice([]float32{0, 1}, 1, 2))
	var drawing strings.Builder
	if err := graph.New(tape, graph.Options{LeftToRight: true}).WriteMermaid(&drawing); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(drawing.String()) {
		if strings.Contains(line, "subgraph") || strings.Contains(line, "flowchart") {
			fmt.Print(line)
		}
	}
	// Output:
	// flowchart LR
	//   subgraph g0["0 Sequential"]
	//     subgraph g1["0.0 Linear"]
	//     subgraph g2["0.1 Tanh"]
	//   subgraph g3["1 Linear"]
}

// With their gradients, parameters tell where learning is lost: here behind a sigmoid of a large number, which is nearly flat. What the
// outputs do not depend on is left out.
func ExampleOptions() {
	first := autograd.NewParam("first", autograd.Scalar(8))
	second := autograd.NewParam("second", autograd.Scalar(1))
	tape := autograd.NewTape()
	y := ops.Mul(ops.Sigmoid(tape.Param(first)), tape.Param(second))
	ops.Exp(y) // for something else
	var drawing strings.Builder
	g := graph.New(tape, graph.Options{Outputs: []*autograd.Tensor{y}, Params: tape.Backward(y).Collect()})
	if err := g.WriteMermaid(&drawing); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(drawing.String()) {
		if strings.Contains(line, "[") { // a node
			fmt.Print(line)
		}
	}
	// Output:
	// n0(["first<br>()<br>∂ (), norm 0.000335"])
	//   n1["sigmoid<br>()"]
	//   n2(["second<br>()<br>∂ (), norm 1"])
	//   n3["mul<br>()"]
}
