package nn_test

import (
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

func TestBranchesShapesAndValues(t *testing.T) {
	x := tensorOf([]float64{1, 2, 3, 4, 5, 6}, 1, 2, 3)
	for _, c := range []struct {
		name  string
		layer nn.Layer
		want  []float64
		shape []int
	}{
		{"Residual", nn.Residual{Layer: nn.Lambda(ops.Square)}, []float64{2, 6, 12, 20, 30, 42}, []int{2, 3}},
		{"Features", nn.Features{From: 1, To: 2}, []float64{2, 5}, []int{2, 1}},
		{"Features to the end", nn.Features{From: 1}, []float64{2, 3, 5, 6}, []int{2, 2}},
		{"all Features", nn.Features{}, []float64{1, 2, 3, 4, 5, 6}, []int{2, 3}},
		{"Concat", nn.Concat{nn.Features{From: 2}, nn.Sequential{}}, []float64{3, 1, 2, 3, 6, 4, 5, 6}, []int{2, 4}},
		{"Concat of one", nn.Concat{nn.ReLU{}}, []float64{1, 2, 3, 4, 5, 6}, []int{2, 3}},
		{"Sum", nn.Sum{nn.Sequential{}, nn.Lambda(ops.Square), nn.Sequential{}}, []float64{3, 8, 15, 24, 35, 48}, []int{2, 3}},
		{"Sum of one", nn.Sum{nn.Lambda(ops.Square)}, []float64{1, 4, 9, 16, 25, 36}, []int{2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := c.layer.Build(&nn.Builder{Dtype: tensor.Float64}, tensor.Shape{2, 3})
			if err != nil {
				t.Fatal(err)
			}
			wantShape(t, out, c.shape...)
			y := c.layer.Forward(nn.Pass{}, x)
			wantShape(t, y.Shape(), append([]int{1}, c.shape...)...)
			wantClose(t, "values", autograd.Values[float64](y), c.want)
		})
	}
}

// Parameters of branches are called by index, those of a Residual as without it, and a shared one is listed once.
func TestBranchesNameTheirParts(t *testing.T) {
	shared := &nn.Linear{Out: 2, NoBias: true}
	net := nn.Sequential{
		nn.Concat{shared, nn.Sequential{&nn.Linear{Out: 3}}, shared},
		nn.Residual{Layer: &nn.Linear{Out: 7, NoBias: true}},
		nn.Sum{},
	}
	_, err := net.Build(new(nn.Builder), tensor.Shape{4})
	wantError(t, err, "layer 2: nn.Sum: there are no layers")
	wantNames(t, net, "0.0.weight", "0.1.0.weight", "0.1.0.bias", "1.weight")
}

// What a layer of a branch records is in the scope of its index.
func TestBranchesHaveScopes(t *testing.T) {
	net := built(t, nn.Sequential{nn.Concat{nn.Tanh{}, nn.Sequential{nn.Sigmoid{}}}, nn.Sum{nn.Sequential{}, nn.ReLU{}}}, 2)
	tape := autograd.NewTape()
	net.Forward(nn.Pass{Tape: tape}, tape.Var(tensorOf([]float64{1, 2}, 1, 2)))
	paths := make(map[string]string)
	for n := range tape.Nodes() {
		if n.Op != nil && n.Scope != nil {
			paths[n.Op.Name] = n.Scope.Path()
		}
	}
	for op, want := range map[string]string{"tanh": "0.0", "sigmoid": "0.1.0", "concat": "0", "relu": "1.1", "add": "1"} {
		if paths[op] != want {
			t.Errorf("%s is in scope %q, want %q", op, paths[op], want)
		}
	}
}

func TestBranchesThatCannotBeBuilt(t *testing.T) {
	wide := nn.Lambda(func(x *autograd.Tensor) *autograd.Tensor { return ops.Concat(-1, x, x) })
	deep := nn.Lambda(func(x *autograd.Tensor) *autograd.Tensor { return ops.Concat(1, x, x) })
	column := nn.Lambda(func(x *autograd.Tensor) *autograd.Tensor { return ops.Sum(x, 1) })
	for _, c := range []struct {
		layer nn.Layer
		says  string
	}{
		{nn.Residual{}, "nn.Residual: the layer is nil"},
		{nn.Residual{Layer: wide}, "nn.Residual: nn.Lambda turns examples of shape (2, 3) into (2, 6): want the same shape, to add them up"},
		{nn.Residual{Layer: &nn.Linear{Out: 1}}, "nn.Residual: nn.Linear: an example has shape (2, 3)"},
		{nn.Concat{}, "nn.Concat: there are no layers"},
		{nn.Concat{nn.ReLU{}, nil}, "nn.Concat: layer 1 is nil"},
		{nn.Concat{nn.ReLU{}, &nn.Linear{Out: 1}}, "nn.Concat: layer 1: nn.Linear: an example has shape (2, 3)"},
		{nn.Concat{wide, nn.ReLU{}, deep}, "nn.Concat: layer 0 makes outputs of shape (2, 6) and layer 2 (4, 3): want equal shapes but for the last axis"},
		{nn.Concat{wide, column}, "nn.Concat: layer 0 makes outputs of shape (2, 6) and layer 1 (3)"},
		{nn.Sum{nn.ReLU{}, wide}, "nn.Sum: layer 0 makes outputs of shape (2, 3) and layer 1 (2, 6): want the same shape, to add them up"},
		{nn.Sum{nil}, "nn.Sum: layer 0 is nil"},
		{nn.Features{From: -1}, "nn.Features: From -1 to 3 of examples of shape (2, 3): want 0 <= From < To <= 3"},
		{nn.Features{From: 1, To: 4}, "nn.Features: From 1 to 4 of examples of shape (2, 3)"},
		{nn.Features{From: 2, To: 2}, "nn.Features: From 2 to 2 of"},
		{nn.Features{From: 3}, "nn.Features: From 3 to 3 of"},
	} {
		_, err := c.layer.Build(new(nn.Builder), tensor.Shape{2, 3})
		wantError(t, err, c.says)
	}
	_, err := nn.Features{}.Build(nil, tensor.Shape{})
	wantError(t, err, "nn.Features: an example has shape (): want an axis of features")
	_, err = nn.Concat{nn.ReLU{}}.Build(new(nn.Builder), tensor.Shape{})
	wantError(t, err, "nn.Concat: outputs of shape () have no axis to lie side by side along")

	x := tensorOf([]float64{1}, 1, 1)
	for says, l := range map[string]nn.Layer{
		"nn.Concat: layer 1 (nn_test.user) returned nil": nn.Concat{nn.ReLU{}, user{forward: returnsNil}},
		"nn.Sum: layer 0 (nn_test.user) returned nil":    nn.Sum{user{forward: returnsNil}},
		"nn.Residual: nn_test.user returned nil":         nn.Residual{Layer: user{forward: returnsNil}},
	} {
		wantError(t, autograd.Try(func() { l.Forward(nn.Pass{}, x) }), says)
	}
}
