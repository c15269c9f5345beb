package ops

import (
	"slices"
	"strings"
	"testing"
)

// TestPyTorchArranging compares operations that move elements with testdata/arrange.json, in which every number is whole.
func TestPyTorchArranging(t *testing.T) {
	pytorchFile{name: "arrange.json", function: arrangeFunction}.check(t)
}

// arrangeFunction returns the operation that testdata/arrange.py calls name, with the arguments that follow.
func arrangeFunction(t *testing.T, name string) func(x []*Tensor) *Tensor {
	t.Helper()
	name, rest, _ := strings.Cut(name, " ")
	var arguments []int
	for _, v := range numbers(t, rest) {
		arguments = append(arguments, int(v))
	}
	of := map[string]func(x *Tensor) *Tensor{
		"squeeze":    func(x *Tensor) *Tensor { return Squeeze(x, arguments...) },
		"unsqueeze":  func(x *Tensor) *Tensor { return Unsqueeze(x, arguments[0]) },
		"split":      func(x *Tensor) *Tensor { return Split(x, arguments[1], arguments[2:]...)[arguments[0]] },
		"flip":       func(x *Tensor) *Tensor { return Flip(x, arguments...) },
		"roll":       func(x *Tensor) *Tensor { return Roll(x, arguments[0], arguments[1]) },
		"tile":       func(x *Tensor) *Tensor { return Tile(x, arguments...) },
		"take":       func(x *Tensor) *Tensor { return Take(x, arguments[0], arguments[1:]) },
		"takealong":  func(x *Tensor) *Tensor { return TakeAlong(x, arguments[0], arguments[1:]) },
		"scatteradd": func(x *Tensor) *Tensor { return ScatterAdd(x, arguments[0], arguments[2:], arguments[1]) },
		"triu":       func(x *Tensor) *Tensor { return Triu(x, arguments[0]) },
		"tril":       func(x *Tensor) *Tensor { return Tril(x, arguments[0]) },
		"diag":       func(x *Tensor) *Tensor { return Diag(x, arguments[0]) },
		"pad": func(x *Tensor) *Tensor {
			var widths [][2]int
			for w := range slices.Chunk(arguments[1:], 2) {
				widths = append(widths, [2]int(w))
			}
			return Pad(x, float64(arguments[0]), widths...)
		},
	}
	if name == "stack" {
		return func(x []*Tensor) *Tensor { return Stack(arguments[0], x...) }
	}
	f, ok := of[name]
	if !ok {
		t.Fatalf("no function for %q", name)
	}
	return func(x []*Tensor) *Tensor { return f(x[0]) }
}
