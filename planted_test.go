package tapegrad_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/gradcheck"
	"github.com/tapegrad/tapegrad/ops"
)

// TestPlantedRules plants wrong rules in every edge of every operation, and the operation's own samples must catch each: it is the
// test of TestGradCheck.
func TestPlantedRules(t *testing.T) {
	left := make(map[string]bool) // of harmless
	for plant := range harmless {
		left[plant] = true
	}
	for _, e := range ops.Catalog() {
		for plant := range plantsOf(e) {
			delete(left, plant)
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			t.Logf("%d plants", len(plantsOf(e)))
			complain(t, plantComplaints(e, harmless))
		})
	}
	for _, plant := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s is listed as harmless, but there is no such plant", plant)
	}
}

// harmless are the plants that change nothing, each with its proof. One that is caught all the same fails the test, and so does one that
// is not made any more.
var harmless = map[string]string{
	"Exp/0/arguments swapped":        "the rule is g·y, and the product commutes",
	"Div/1/arguments swapped":        "the rule is -g·y/b, and the product g·y commutes",
	"Pow/1/arguments swapped":        "the rule is g·y·ln a, and the product g·y commutes",
	"atan2Slope/1/arguments swapped": "the rule is -2g·y·b/(a²+b²), and the product g·y commutes",
}

// TestPlantedRulesBites holds weak samples against the plants.
func TestPlantedRulesBites(t *testing.T) {
	double := &autograd.Op{Name: "double"}
	f := func(x ...*autograd.Tensor) *autograd.Tensor {
		return double.Record(ops.Scale(x[0].Detach(), 2), autograd.Wrt(x[0], func(_, g *autograd.Tensor) *autograd.Tensor { return ops.Scale(g, 2) }))
	}
	weak := ops.Entry{Name: "double", Op: double, Samples: func() []ops.Sample {
		return []ops.Sample{{Name: "times nothing", Inputs: []*autograd.Tensor{autograd.FromSlice([]float64{1, 2}, 2)}, F: func(x ...*autograd.Tensor) *autograd.Tensor {
			return ops.Scale(f(x...), 0)
		}}}
	}}
	strong := ops.Entry{Name: "double", Op: double, Samples: func() []ops.Sample {
		return []ops.Sample{{Name: "vector", Inputs: []*autograd.Tensor{autograd.FromSlice([]float64{1, 2}, 2)}, F: f}}
	}}
	wantComplaints(t, plantComplaints(strong, nil))
	wantComplaints(t, plantComplaints(strong, map[string]string{"double/0/sign": "no proof"}), `double/0/sign is listed as harmless ("no proof"), and sample "vector" catches it`)
	wantComplaints(t, plantComplaints(weak, nil),
		"double/0/cotangent out of order: no sample catches it",
		"double/0/cut 0: no sample catches it",
		"double/0/detached: no sample catches it",
		"double/0/factor: no sample catches it",
		"double/0/one element: no sample catches it",
		"double/0/sign: no sample catches it")
}

// plantComplaints makes every plant in an operation and complains of those that no sample catches.
func plantComplaints(e ops.Entry, harmless map[string]string) []string {
	var complaints []string
	samples := e.Samples()
	plants := plantsOf(e)
	for _, name := range slices.Sorted(maps.Keys(plants)) {
		p := plants[name]
		proof, known := harmless[name]
		by, made, err := p.caughtBy(e.Op, samples)
		switch {
		case err != nil:
			complaints = append(complaints, fmt.Sprintf("%s spoils the check itself: %v", name, err))
		case by != "" && known:
			complaints = append(complaints, fmt.Sprintf("%s is listed as harmless (%q), and sample %q catches it", name, proof, by))
		case by == "" && made && !known:
			complaints = append(complaints, fmt.Sprintf("%s: no sample catches it", name))
		}
	}
	return complaints
}

// A plant is a wrong rule for one edge of an operation: made by a blunder, or by cutting an edge that the rule records.
type plant struct {
	input   int
	order   int // of the derivatives that it makes wrong
	blunder blunder
	cut     int
}

// plantsOf returns the plants for all edges of an operation that its samples reach.
func plantsOf(e ops.Entry) map[string]plant {
	plants := make(map[string]plant)
	for input, inner := range edgesOf(e) {
		for _, b := range blunders {
			plants[fmt.Sprintf("%s/%d/%s", e.Name, input, b.name)] = plant{input: input, order: b.order, blunder: b}
		}
		for i := range inner {
			plants[fmt.Sprintf("%s/%d/cut %d", e.Name, input, i)] = plant{input: input, order: 2, cut: i}
		}
	}
	return plants
}

// edgesOf returns, for each edge of an operation that its samples reach, how many edges the rule records at most when it is
// recorded itself.
func edgesOf(e ops.Entry) map[int]int {
	edges := make(map[int]int)
	if e.Op == nil {
		return edges
	}
	for _, s := range e.Samples() {
		tape := autograd.NewTape()
		inside, count := false, 0
		tape.Wrap = func(op *autograd.Op, input int, rule autograd.Rule) autograd.Rule {
			if inside {
				count++
			}
			if op != e.Op || inside {
				return rule
			}
			return func(y, g *autograd.Tensor) *autograd.Tensor {
				inside, count = true, 0
				x := rule(y, g)
				inside = false
				edges[input] = max(edges[input], count)
				return x
			}
		}
		gradientGraph(tape, s)
	}
	return edges
}

// gradientGraph computes a sample and records its gradient, as a function of the cotangent too.
func gradientGraph(tape *autograd.Tape, s ops.Sample) (x, gradients []*autograd.Tensor) {
	for _, input := range s.Inputs {
		x = append(x, tape.Var(input))
	}
	y := s.F(x...)
	if !y.IsRecorded() {
		return x, nil
	}
	x = append(x, tape.Var(y.Clone()))
	return x, tape.VJPGraph(y, x[len(x)-1], x...)
}

// caughtBy returns the name of the first sample that catches the plant, or "" if none does. made says whether the wrong rule ran
// at all: not every sample has, say, a sum that can be left out. Order 1 is tried on all samples first, being quicker.
func (p plant) caughtBy(op *autograd.Op, samples []ops.Sample) (name string, made bool, err error) {
	for order := p.order; order <= 2; order++ {
		for _, s := range samples {
			config := gradcheck.Config{Order: order, Tape: func() *autograd.Tape {
				tape := autograd.NewTape()
				if p.blunder.rule != nil {
					tape.Wrap = p.blunderer(op, &made)
				} else {
					tape.Wrap = p.cutter(op, &made)
				}
				return tape
			}}
			err := config.Check(s.F, s.Inputs...)
			report := new(gradcheck.Error)
			if errors.As(err, &report) && (report.Verdict == gradcheck.WrongRule || report.Verdict == gradcheck.NotFinite) { // not a kink
				return s.Name, made, nil
			}
			if err != nil {
				return "", made, err
			}
		}
	}
	return "", made, nil
}

// blunderer makes the plant's blunder in the rule at stake.
func (p plant) blunderer(at *autograd.Op, made *bool) func(*autograd.Op, int, autograd.Rule) autograd.Rule {
	return func(op *autograd.Op, input int, rule autograd.Rule) autograd.Rule {
		if op != at || input != p.input {
			return rule
		}
		return func(y, g *autograd.Tensor) *autograd.Tensor {
			wrong := p.blunder.rule(rule, y, g)
			if wrong == nil {
				return rule(y, g)
			}
			*made = true
			return wrong
		}
	}
}

// cutter makes the rule at stake forget, when it is differentiated itself, one of the tensors that it computes with. The gradient
// is right, and a part of the gradient's gradient is missing.
func (p plant) cutter(at *autograd.Op, made *bool) func(*autograd.Op, int, autograd.Rule) autograd.Rule {
	inside, count := false, 0
	return func(op *autograd.Op, input int, rule autograd.Rule) autograd.Rule {
		switch {
		case inside && count == p.cut:
			count++
			*made = true
			return func(y, g *autograd.Tensor) *autograd.Tensor { return ops.Scale(rule(y, g), 0) }
		case inside:
			count++
		case op == at && input == p.input:
			return func(y, g *autograd.Tensor) *autograd.Tensor {
				inside, count = true, 0
				defer func() { inside = false }()
				return rule(y, g)
			}
		}
		return rule
	}
}

// A blunder is a way for a rule to be wrong.
type blunder struct {
	name  string
	order int // of the derivatives that it makes wrong

	// rule returns what the wrong rule would, and nil where this blunder cannot be made.
	rule func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor
}

var blunders = []blunder{
	{"sign", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		return ops.Neg(right(y, g))
	}},
	{"factor", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		return ops.Scale(right(y, g), 1.001)
	}},
	{"one element", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		x := right(y, g)
		if x.Size() == 0 {
			return nil
		}
		return ops.Mul(x, filled(x.Shape(), func(i int) float64 {
			if i == x.Size()-1 {
				return 1.001
			}
			return 1
		}))
	}},
	{"first term of a sum alone", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		if x := right(y, g); x.Size() == 0 || x.Size() >= g.Size() {
			return nil
		}
		axis := slices.IndexFunc(g.Shape(), func(d int) bool { return d > 1 })
		first := slices.Repeat([]int{1}, len(g.Shape()))
		first[axis] = g.Shape()[axis]
		return right(y, ops.Mul(g, filled(first, func(i int) float64 {
			if i == 0 {
				return 1
			}
			return 0
		})))
	}},
	{"cotangent out of order", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		n := g.Size()
		if n < 2 {
			return nil
		}
		flat := ops.Reshape(g, n)
		return right(y, ops.Reshape(ops.Concat(0, ops.Slice(flat, 0, 1, n), ops.Slice(flat, 0, 0, 1)), g.Shape()...))
	}},
	{"output for cotangent", 1, func(right autograd.Rule, y, _ *autograd.Tensor) *autograd.Tensor {
		return right(y, y)
	}},
	{"arguments swapped", 1, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		return right(g, y)
	}},
	{"detached", 2, func(right autograd.Rule, y, g *autograd.Tensor) *autograd.Tensor {
		return right(y, g).Detach()
	}},
}

// filled returns a constant whose element i, in row-major order, is value(i).
func filled(shape tensor.Shape, value func(i int) float64) *autograd.Tensor {
	values := autograd.Values[float64](autograd.Zeros(tensor.Float64, shape...))
	for i := range values {
		values[i] = value(i)
	}
	return autograd.FromSlice(values, shape...)
}
