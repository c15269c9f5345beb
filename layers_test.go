package tapegrad_test

import (
	"go/ast"
	"go/types"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/autograd/gradcheck"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
)

// layerCases has every layer, which TestEveryLayerIsChecked holds. Examples are of shape in.
var layerCases = []struct {
	name  string
	layer func() nn.Layer
	in    tensor.Shape
}{
	{"Linear", func() nn.Layer { return &nn.Linear{Out: 2} }, tensor.Shape{3}},
	{"Linear without bias", func() nn.Layer { return &nn.Linear{Out: 2, NoBias: true} }, tensor.Shape{3}},
	{"ReLU", func() nn.Layer { return nn.ReLU{} }, tensor.Shape{3}},
	{"LeakyReLU", func() nn.Layer { return nn.LeakyReLU{} }, tensor.Shape{3}},
	{"LeakyReLU with slope", func() nn.Layer { return nn.LeakyReLU{Slope: 0.2} }, tensor.Shape{3}},
	{"Sigmoid", func() nn.Layer { return nn.Sigmoid{} }, tensor.Shape{3}},
	{"Tanh", func() nn.Layer { return nn.Tanh{} }, tensor.Shape{3}},
	{"Softmax", func() nn.Layer { return nn.Softmax{} }, tensor.Shape{3}},
	{"ELU", func() nn.Layer { return nn.ELU{} }, tensor.Shape{3}},
	{"ELU with alpha", func() nn.Layer { return nn.ELU{Alpha: 0.3} }, tensor.Shape{3}},
	{"GELU", func() nn.Layer { return nn.GELU{} }, tensor.Shape{3}},
	{"GELU by tanh", func() nn.Layer { return nn.GELU{Tanh: true} }, tensor.Shape{3}},
	{"SiLU", func() nn.Layer { return nn.SiLU{} }, tensor.Shape{3}},
	{"LogSigmoid", func() nn.Layer { return nn.LogSigmoid{} }, tensor.Shape{3}},
	{"LogSoftmax", func() nn.Layer { return nn.LogSoftmax{} }, tensor.Shape{3}},
	{"Softplus", func() nn.Layer { return nn.Softplus{} }, tensor.Shape{3}},
	{"Dropout", func() nn.Layer { return nn.Dropout{P: 0.4} }, tensor.Shape{2, 3}},
	{"Flatten", func() nn.Layer { return nn.Flatten{} }, tensor.Shape{2, 3}},
	{"Lambda", func() nn.Layer { return nn.Lambda(ops.Square) }, tensor.Shape{3}},
	{"Sequential", func() nn.Layer {
		encoder := nn.Sequential{nn.Flatten{}, &nn.Linear{Out: 2, BiasInit: nn.GlorotUniform}, nn.Tanh{}}
		return nn.Sequential{encoder, &nn.Linear{Out: 3}, nn.Sigmoid{}}
	}, tensor.Shape{2, 2}},
	{"Residual", func() nn.Layer { return nn.Residual{Layer: &nn.Linear{Out: 3}} }, tensor.Shape{3}},
	{"Checkpoint", func() nn.Layer {
		return nn.Checkpoint{Layer: nn.Sequential{&nn.Linear{Out: 3}, nn.Tanh{}, nn.Dropout{P: 0.4}, &nn.BatchNorm{Eps: 0.1}}}
	}, tensor.Shape{3}},
	{"Features", func() nn.Layer { return nn.Features{From: 1, To: 3} }, tensor.Shape{2, 4}},
	{"Concat", func() nn.Layer { return nn.Concat{nn.Tanh{}, &nn.Linear{Out: 2}} }, tensor.Shape{3}},
	{"Sum", func() nn.Layer { return nn.Sum{nn.Tanh{}, &nn.Linear{Out: 3}, nn.Sigmoid{}} }, tensor.Shape{3}},
	{"LayerNorm", func() nn.Layer { return &nn.LayerNorm{} }, tensor.Shape{4}},
	{"LayerNorm of two axes", func() nn.Layer { return &nn.LayerNorm{Eps: 0.1} }, tensor.Shape{2, 3}},
	{"BatchNorm", func() nn.Layer { return &nn.BatchNorm{Eps: 0.1} }, tensor.Shape{2, 3}},
	{"BatchNorm in inference", func() nn.Layer { return inference{&nn.BatchNorm{}} }, tensor.Shape{2, 3}},
	{"Sequential with a layer twice", func() nn.Layer {
		shared := &nn.Linear{Out: 3}
		return nn.Sequential{shared, nn.Tanh{}, shared}
	}, tensor.Shape{3}},
}

// inference is a layer as it behaves when it is not trained. Built, it has seen a batch, as running statistics want.
type inference struct{ nn.Layer }

func (i inference) Build(b *nn.Builder, in tensor.Shape) (tensor.Shape, error) {
	out, err := i.Layer.Build(b, in)
	if err == nil {
		i.Layer.Forward(nn.Pass{Train: true}, smooth(9, append([]int{4}, in...)...))
	}
	return out, err
}

func (i inference) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	p.Train = false
	return i.Layer.Forward(p, x)
}

type lossCase struct {
	name   string
	loss   nn.Loss
	target *autograd.Tensor
}

// lossCases has every loss, which TestEveryLossIsChecked holds. Predictions are of shape (4, 3).
var lossCases = []lossCase{
	{"MSE", ops.MSE, smooth(7, 4, 3)},
	{"BCEWithLogits", ops.BCEWithLogits, autograd.FromSlice([]float64{0, 1, 1, 0.25, 0, 1, 1, 0, 0, 0.5, 1, 0}, 4, 3)},
	{"CrossEntropy", ops.CrossEntropy, autograd.Labels([]int{2, 0, 1, 1})},
	{"MAE", ops.MAE, smooth(9, 4, 3)},
	{"Huber", ops.Huber(0.7), smooth(10, 4, 3)},
	{"BCE", func(pred, target *autograd.Tensor) *autograd.Tensor {
		return ops.BCE(ops.Sigmoid(pred), target)
	}, autograd.FromSlice([]float64{0, 1, 1, 0.25, 0, 1, 1, 0, 0, 0.5, 1, 0}, 4, 3)},
	{"KL", func(pred, target *autograd.Tensor) *autograd.Tensor {
		return ops.KL(ops.LogSoftmax(pred, 1), target)
	}, autograd.FromSlice([]float64{0, 1, 0, 0.25, 0.25, 0.5, 0.5, 0.5, 0, 0.1, 0.2, 0.7}, 4, 3)},
}

// checkLayer checks a layer by its input and its parameters.
func checkLayer(t *testing.T, layer nn.Layer, in tensor.Shape) {
	buildLayer(t, layer, in)
	report, err := gradcheck.Config{Order: 2}.Compare(func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
		noise := rand.New(rand.NewPCG(1, 2)) // the same at each call
		return layer.Forward(nn.Pass{Tape: tape, Train: true, Rand: noise}, x[0])
	}, layer.Params(), smooth(3, append([]int{2}, in...)...))
	if err != nil {
		t.Error(err)
	}
	t.Log(report)
}

// checkLoss checks a loss by the input and the parameters of a layer before it.
func checkLoss(t *testing.T, loss nn.Loss, target *autograd.Tensor) {
	layer := &nn.Linear{Out: 3}
	buildLayer(t, layer, tensor.Shape{2})
	report, err := gradcheck.Config{Order: 2}.Compare(func(tape *autograd.Tape, x ...*autograd.Tensor) *autograd.Tensor {
		return loss(layer.Forward(nn.Pass{Tape: tape}, x[0]), target)
	}, layer.Params(), smooth(4, 4, 2))
	if err != nil {
		t.Error(err)
	}
	t.Log(report)
}

// checkSmallNetwork is the exercise of many a course: one Linear layer with MSE, steps of 1e-5, no difference above 1e-6.
func checkSmallNetwork(t *testing.T) {
	layer := &nn.Linear{Out: 2}
	buildLayer(t, layer, tensor.Shape{3})
	x, target := smooth(5, 4, 3), smooth(6, 4, 2)
	config := gradcheck.Config{Eps: 1e-5, AbsTol: 1e-6, RelTol: math.SmallestNonzeroFloat64}
	report, err := config.Compare(func(tape *autograd.Tape, _ ...*autograd.Tensor) *autograd.Tensor {
		return ops.MSE(layer.Forward(nn.Pass{Tape: tape}, x), target)
	}, layer.Params())
	if err != nil {
		t.Error(err)
	}
	if report.Compared != 3*2+2 {
		t.Errorf("compared %d derivatives, want those by the 3·2 weights and the 2 biases", report.Compared)
	}
	t.Log(report)
}

func buildLayer(t *testing.T, layer nn.Layer, in tensor.Shape) {
	t.Helper()
	b := &nn.Builder{Rand: rand.New(rand.NewPCG(8, 0)), Dtype: tensor.Float64}
	if _, err := layer.Build(b, in); err != nil {
		t.Fatal(err)
	}
}

// smooth returns values between 0.2 and 1.2 in magnitude: away from kinks at 0.
func smooth(seed uint64, shape ...int) *autograd.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	return filled(shape, func(int) float64 { return (0.2 + r.Float64()) * float64(1-2*r.IntN(2)) })
}

// Every exported type of package nn that is a layer is in the table, so that TestGradCheck checks it.
func TestEveryLayerIsChecked(t *testing.T) {
	var checked []string
	for _, c := range layerCases {
		layer := reflect.TypeOf(c.layer())
		if layer.Kind() == reflect.Pointer {
			layer = layer.Elem()
		}
		checked = append(checked, layer.Name())
	}
	layers := layersOf(mustReadThisModule(t).packages["nn"])
	if !slices.Contains(layers, "Linear") {
		t.Fatalf("the source of package nn seems to have no layers but %v", layers)
	}
	for _, name := range layers {
		if !slices.Contains(checked, name) {
			t.Errorf("nn.%s is a layer: add it to layerCases", name)
		}
	}
}

// Every loss of package ops is in the table.
func TestEveryLossIsChecked(t *testing.T) {
	losses := lossesOf(mustReadThisModule(t).packages["ops"])
	if !slices.Contains(losses, "MSE") {
		t.Fatalf("the source of package ops seems to have no losses but %v", losses)
	}
	for _, name := range losses {
		if !slices.ContainsFunc(lossCases, func(c lossCase) bool { return c.name == name }) {
			t.Errorf("ops.%s is a loss: add it to lossCases", name)
		}
	}
}

func TestFindsLayersAndLosses(t *testing.T) {
	m, err := readModule(fstest.MapFS{
		"nn/n.go": {Data: []byte(`package nn
import "gorgonia.org/tensor"
type Layer interface {
	Build(in tensor.Shape) error
	Forward(x int) int
}
type ByValue struct{}
func (ByValue) Build(in tensor.Shape) error { return nil }
func (ByValue) Forward(x int) int { return x }
type ByPointer struct{ ByValue }
func (*ByPointer) Forward(x int) int { return x }
type Func func()
func (Func) Build(in tensor.Shape) error { return nil }
func (Func) Forward(x int) int { return x }
type hidden struct{ ByValue }
type Other struct{}
func (Other) Forward(x int) int { return x }
`)},
		"ops/o.go": {Data: []byte(`package ops
type Tensor struct{}
func L1(pred, target *Tensor) *Tensor { return nil }
func NLL(logits *Tensor, labels *Tensor) *Tensor { return nil }
func Add(a, b *Tensor) *Tensor { return nil }
func None() {}
func l2(pred, target *Tensor) *Tensor { return nil }
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := layersOf(m.packages["nn"]), []string{"ByPointer", "ByValue", "Func"}; !slices.Equal(got, want) {
		t.Errorf("the layers are %v, want %v", got, want)
	}
	if got, want := lossesOf(m.packages["ops"]), []string{"L1", "NLL"}; !slices.Equal(got, want) {
		t.Errorf("the losses are %v, want %v", got, want)
	}
}

// layersOf returns the exported types of package nn that implement Layer.
func layersOf(s *source) []string { return implementationsOf(s, "Layer") }

// implementationsOf returns the exported types that implement an interface of their package, themselves or their pointers.
func implementationsOf(s *source, name string) []string {
	var names []string
	scope := s.types.Scope()
	wanted := scope.Lookup(name).Type().Underlying().(*types.Interface)
	for _, name := range scope.Names() {
		t, ok := scope.Lookup(name).(*types.TypeName)
		if ok && t.Exported() && !types.IsInterface(t.Type()) && types.Implements(types.NewPointer(t.Type()), wanted) {
			names = append(names, name)
		}
	}
	return names
}

// lossesOf returns the exported functions whose last parameter is called target or labels.
func lossesOf(s *source) []string {
	var names []string
	for _, file := range s.matched {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || len(f.Type.Params.List) == 0 {
				continue
			}
			last := f.Type.Params.List[len(f.Type.Params.List)-1].Names
			if len(last) > 0 && slices.Contains([]string{"target", "labels"}, last[len(last)-1].Name) {
				names = append(names, f.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
