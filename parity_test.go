package tapegrad_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/ops"
)

// The tests called TestParity… compare with PyTorch: every operation, layer and optimizer on random draws, and a training. This file
// reads what the scripts in internal/parity made of them, and says how they are held against each other.

// A parityCase is a draw: what PyTorch was asked for, and its numbers.
type parityCase struct {
	F         string     // the operation, or
	Layer     *layerSpec // a layer, or
	Optimizer string     // an optimizer, or
	Training  string     // a recipe

	Arguments []any          `json:"a"` // of the operation: numbers, and strings
	Train     bool           // the layer is trained
	Options   map[string]any // of the optimizer
	Network   string         // that is trained
	Widths    []int          // of its layers

	Shapes  [][]int `json:"x"` // of the operands
	Results [][]int `json:"y"`
	Fixed   []int   // the operands that are not differentiated

	Relative bool // even small numbers have all digits
	Second   bool // there are second gradients, the last of which is the cotangent's

	operands, results, gradients, seconds [][]float64
}

// parityVectors are the cases of internal/parity/vectors.npz, whose form vectors.py describes.
var parityVectors = sync.OnceValues(func() ([]*parityCase, error) {
	text, err := os.Open("internal/parity/vectors.npz")
	if err != nil {
		return nil, err
	}
	defer text.Close()
	stat, err := text.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := data.ReadNPZ(text, stat.Size())
	if err != nil {
		return nil, err
	}
	var cases []*parityCase
	if err := json.Unmarshal(arrays["index"].Uint8s(), &cases); err != nil {
		return nil, err
	}
	values := arrays["values"].Float64s()
	take := func(shape []int) (part []float64, err error) {
		n := tensor.Shape(shape).TotalSize()
		if n > len(values) {
			return nil, fmt.Errorf("%d values are missing", n-len(values))
		}
		part, values = values[:n], values[n:]
		return part, nil
	}
	for _, c := range cases {
		differentiated := slices.Clone(c.Shapes)
		for _, i := range slices.Backward(c.Fixed) {
			differentiated = slices.Delete(differentiated, i, i+1)
		}
		if c.F == "" && c.Layer == nil {
			differentiated = nil
		}
		for _, group := range []struct {
			to     *[][]float64
			shapes [][]int
			there  bool
		}{
			{&c.operands, c.Shapes, true},
			{&c.results, c.Results, true},
			{&c.gradients, differentiated, true},
			{&c.seconds, slices.Concat(differentiated, c.Results[:1]), c.Second},
		} {
			if !group.there {
				continue
			}
			for _, shape := range group.shapes {
				part, err := take(shape)
				if err != nil {
					return nil, err
				}
				*group.to = append(*group.to, part)
			}
		}
	}
	if len(values) > 0 {
		return nil, fmt.Errorf("%d values are left over", len(values))
	}
	return cases, nil
})

func mustReadParity(t *testing.T) []*parityCase {
	t.Helper()
	cases, err := parityVectors()
	if err != nil {
		t.Fatalf("internal/parity/vectors.npz: %v", err)
	}
	return cases
}

// String names a case in complaints.
func (c *parityCase) String() string {
	return fmt.Sprintf("%s%s%v%v of shapes %v", c.F, c.Optimizer, c.Layer, c.Arguments, c.Shapes)
}

// number returns an argument, which may be written as a string if JSON has no number for it.
func (c *parityCase) number(i int) float64 {
	switch v := c.Arguments[i].(type) {
	case float64:
		return v
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f
		}
	}
	panic(fmt.Sprintf("argument %d of %v is no number", i, c))
}

func (c *parityCase) text(i int) string { return c.Arguments[i].(string) }

// ints returns the arguments from number i on.
func (c *parityCase) ints(i int) []int {
	var all []int
	for k := i; k < len(c.Arguments); k++ {
		all = append(all, int(c.number(k)))
	}
	return all
}

// A closeness says how near two numbers must be.
type closeness struct {
	double, single float64 // the greatest relative difference in float64, and in float32

	// floor is the magnitude below which the difference is not relative to the number. Where elements are sums of what cancels, their
	// rounding is relative to what was added, of which the largest element in the same role tells: summed takes it for the floor.
	floor  float64
	summed bool
}

// A comparison of a case in one dtype.
type comparison struct {
	t    *testing.T
	name string
	closeness
	dtype tensor.Dtype
}

// wants complains unless there are tensors of the shapes and values that PyTorch has in float64.
func (c comparison) wants(what string, got []*autograd.Tensor, shapes [][]int, values [][]float64) {
	c.t.Helper()
	tolerance, floor := c.double, c.floor
	if c.dtype == tensor.Float32 {
		tolerance = c.single
	}
	if c.summed {
		for _, v := range slices.Concat(values...) {
			if math.Abs(v) <= math.MaxFloat64 {
				floor = max(floor, math.Abs(v))
			}
		}
	}
	for i, x := range got {
		if !slices.Equal(x.Shape(), shapes[i]) || x.Dtype() != c.dtype {
			c.t.Errorf("%s: %s %d is of shape %v and of %v, want %v and %v", c.name, what, i, x.Shape(), x.Dtype(), shapes[i], c.dtype)
			continue
		}
		for k, v := range autograd.Values[float64](x) {
			want := values[i][k]
			if c.dtype == tensor.Float32 {
				want = float64(float32(want)) // which may be infinite, or 0
			}
			same := v == want || v != v && want != want
			if gap := math.Abs(v-want) / max(floor, math.Abs(want)); !same && !(gap <= tolerance) {
				c.t.Errorf("%s, %v: element %d of %s %d is %v, PyTorch has %v: a gap of %.2g", c.name, c.dtype, k, what, i, v, want, gap)
				break
			}
		}
	}
}

// tensorOf returns values in a dtype; they are exact in both.
func tensorOf(dtype tensor.Dtype, values []float64, shape ...int) *autograd.Tensor {
	if dtype == tensor.Float64 {
		return autograd.FromSlice(slices.Clone(values), shape...)
	}
	return autograd.FromSlice(autograd.Values[float32](autograd.FromSlice(slices.Clone(values), shape...)), shape...)
}

// cotangentOf returns 1, 2, 3, … in the form of y.
func cotangentOf(y *autograd.Tensor) *autograd.Tensor {
	values := make([]float64, y.Size())
	for i := range values {
		values[i] = float64(i + 1)
	}
	return tensorOf(y.Dtype(), values, y.Shape()...)
}

// weightedSum returns the sum of the elements of all gradients with the weights that vectors.py says.
func weightedSum(gradients []*autograd.Tensor) *autograd.Tensor {
	var total *autograd.Tensor
	for _, g := range gradients {
		weights := make([]float64, g.Size())
		for i := range weights {
			weights[i] = float64(7*i%5) - 1.5
		}
		sum := ops.Sum(ops.Mul(g, tensorOf(g.Dtype(), weights, g.Shape()...)))
		if total == nil {
			total = sum
		} else {
			total = ops.Add(total, sum)
		}
	}
	return total
}

// onEveryPath runs a test on every set of kernels that the machine has.
func onEveryPath(t *testing.T, body func(t *testing.T)) {
	old := kernel.Path()
	defer func() {
		if err := kernel.Use(old); err != nil {
			t.Fatal(err)
		}
	}()
	for _, name := range kernel.Paths() {
		if err := kernel.Use(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, body)
	}
}

// inBothDtypes runs a test for float64 and for float32.
func inBothDtypes(body func(dtype tensor.Dtype)) {
	body(tensor.Float64)
	body(tensor.Float32)
}
