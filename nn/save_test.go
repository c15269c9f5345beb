package nn_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/safetensors"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func denseAutoencoder() (net, encoder nn.Sequential) {
	encoder = nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 2}}
	return nn.Sequential{encoder, nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 3}}}, encoder
}

// examples are 10 random ones of shape (3), as their own targets.
func examples() *data.Dataset {
	rng := rand.New(rand.NewPCG(3, 4))
	values := make([]float64, 30)
	for i := range values {
		values[i] = rng.Float64()
	}
	return &data.Dataset{X: dense(values, 10, 3)}
}

func fit(t *testing.T, m *nn.Model, d *data.Dataset, epochs int) {
	t.Helper()
	if _, err := m.Fit(t.Context(), d, nn.FitConfig{Epochs: epochs, BatchSize: 4, KeepOrder: true, Seed: 5}); err != nil {
		t.Fatal(err)
	}
}

// parameterValues returns the values of all parameters.
func parameterValues(m *nn.Model) (values []float64) {
	for _, p := range m.Net.Params() {
		values = append(values, autograd.Values[float64](p.Value())...)
	}
	return values
}

func save(t *testing.T, m *nn.Model) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, m *nn.Model, path string) {
	t.Helper()
	if err := m.Load(path); err != nil {
		t.Fatal(err)
	}
}

// write writes a file as a program would that knows nothing of models.
func write(t *testing.T, f *safetensors.File) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model.safetensors")
	if err := f.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Training that is saved and loaded half way gives the bits of one that is not, in both dtypes.
func TestTrainingGoesOnAfterLoad(t *testing.T) {
	half := optim.StepDecay(3, 0.5)
	for name, optimizer := range map[string]func() optim.Optimizer{
		"SGD":          func() optim.Optimizer { return &optim.SGD{LR: 0.1, Schedule: half} },
		"SGD momentum": func() optim.Optimizer { return &optim.SGD{LR: 0.1, Momentum: 0.9, Schedule: half} },
		"Adam":         func() optim.Optimizer { return &optim.Adam{LR: 0.01, Schedule: half} },
		"AdamW":        func() optim.Optimizer { return &optim.AdamW{LR: 0.01, Schedule: half} },
		"RMSProp":      func() optim.Optimizer { return &optim.RMSProp{LR: 0.01, Momentum: 0.9, Schedule: half} },
		"Adagrad":      func() optim.Optimizer { return &optim.Adagrad{LR: 0.1, Schedule: half} },
	} {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			t.Run(name+" "+dtype.String(), func(t *testing.T) {
				model := func(dtype tensor.Dtype) *nn.Model {
					net, _ := denseAutoencoder()
					m := &nn.Model{Net: net, Dtype: dtype}
					compile(t, m, ops.MSE, optimizer())
					return m
				}
				whole := model(dtype)
				fit(t, whole, examples(), 2)
				path := save(t, whole)
				fit(t, whole, examples(), 2)

				resumed := model(tensor.Dtype{})
				load(t, resumed, path)
				fit(t, resumed, examples(), 2)
				if !slices.Equal(parameterValues(resumed), parameterValues(whole)) {
					t.Errorf("parameters after loading are\n%v, without it\n%v", parameterValues(resumed), parameterValues(whole))
				}
				if got := resumed.Net.Params()[0].Value().Dtype(); got != dtype {
					t.Errorf("the loaded model is %v, want %v", got, dtype)
				}

				parameters := model(tensor.Dtype{}) // without the state
				net, _ := denseAutoencoder()
				only := &nn.Model{Net: net}
				load(t, only, path)
				load(t, parameters, save(t, only))
				fit(t, parameters, examples(), 2)
				if slices.Equal(parameterValues(parameters), parameterValues(whole)) {
					t.Error("the state of the optimizer makes no difference: the test proves nothing")
				}
			})
		}
	}
}

// A file is the same each time it is written, and says what it should.
func TestSavedFile(t *testing.T) {
	net, _ := denseAutoencoder()
	m := &nn.Model{Net: net}
	compile(t, m, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
	fit(t, m, examples(), 1)
	net.Params()[1].Frozen = true
	path := save(t, m)
	again := save(t, m)
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second) {
		t.Error("two files of the same model differ")
	}
	file, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"tapegrad.version": "1", "tapegrad.example": "[3]", "tapegrad.optimizer": "optim.SGD"} {
		if got := file.Metadata[key]; got != want {
			t.Errorf("metadata %s is %q, want %q", key, got, want)
		}
	}
	for _, p := range net.Params() {
		for _, name := range []string{p.Name, "optimizer/" + p.Name + ".momentum"} {
			if x := file.Tensors[name]; x == nil || !slices.Equal(x.Shape(), p.Value().Shape()) {
				t.Errorf("tensor %s is %v, want shape %v", name, x, p.Value().Shape())
			}
		}
	}
	if want := 3 * len(net.Params()); len(file.Tensors) != want { // each with its momentum and its count
		t.Errorf("%d tensors, want %d", len(file.Tensors), want)
	}
}

// An encoder that was trained in an autoencoder is saved as a model of its own and loaded into a fresh one, and back.
func TestSaveAPartOfANet(t *testing.T) {
	net, encoder := denseAutoencoder()
	whole := &nn.Model{Net: net}
	compile(t, whole, ops.MSE, &optim.SGD{LR: 0.1})
	fit(t, whole, examples(), 1)
	part := &nn.Model{Net: encoder}
	err := part.Save(filepath.Join(t.TempDir(), "model"))
	wantSaid(t, err, "nn: Save: the net was built as a part of another", "Build the model")
	if err := part.Build(tensor.Shape{3}, 0); err != nil {
		t.Fatal(err)
	}
	path := save(t, part)
	_, freshEncoder := denseAutoencoder()
	fresh := &nn.Model{Net: freshEncoder}
	load(t, fresh, path)
	if got := freshEncoder.Params()[0].Name; got != "0.weight" {
		t.Errorf("the first parameter of the fresh encoder is called %s", got)
	}
	want, err := part.Predict(t.Context(), examples().X)
	if err != nil {
		t.Fatal(err)
	}
	got, err := fresh.Predict(t.Context(), examples().X)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Float32s(), want.Float32s()) {
		t.Errorf("the loaded encoder predicts %v, want %v", got, want)
	}

	before := parameterValues(part)
	for _, p := range freshEncoder.Params() {
		w := autograd.Write[float32](p)
		for i := range w {
			w[i]++
		}
	}
	back := save(t, fresh)
	load(t, part, back)
	for i, v := range parameterValues(part) {
		if v == before[i] {
			t.Fatalf("value %d of the autoencoder's encoder is still %v", i, v)
		}
	}
	load(t, &nn.Model{Net: encoder}, back) // its shape of examples is not known
}

// A state goes along with parameters whose path is another.
func TestStateOfAPart(t *testing.T) {
	net, encoder := denseAutoencoder()
	if err := (&nn.Model{Net: net}).Build(tensor.Shape{3}, 1); err != nil {
		t.Fatal(err)
	}
	codes := &data.Dataset{X: examples().X, Y: dense(make([]float64, 20), 10, 2)}
	part := &nn.Model{Net: encoder}
	compile(t, part, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
	fit(t, part, codes, 1)
	path := save(t, part)
	fit(t, part, codes, 1)
	_, freshEncoder := denseAutoencoder()
	fresh := &nn.Model{Net: freshEncoder}
	compile(t, fresh, ops.MSE, &optim.SGD{LR: 0.1, Momentum: 0.9})
	load(t, fresh, path)
	fit(t, fresh, codes, 1)
	if !slices.Equal(parameterValues(fresh), parameterValues(part)) {
		t.Errorf("parameters after loading are\n%v, without it\n%v", parameterValues(fresh), parameterValues(part))
	}
}

func TestLoadListsWhatDiffers(t *testing.T) {
	net := nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 2}}
	m := &nn.Model{Net: net}
	sgd := &optim.SGD{LR: 0.1, Momentum: 0.9}
	compile(t, m, ops.MSE, sgd)
	fit(t, m, &data.Dataset{X: examples().X, Y: dense(make([]float64, 20), 10, 2)}, 1)
	before, state := parameterValues(m), sgd.State()
	path := write(t, &safetensors.File{Tensors: map[string]*tensor.Dense{
		"0.weight":  dense(make([]float32, 12), 4, 3),
		"0.bias":    dense(make([]float64, 4), 4),
		"2.bias":    dense(make([]float32, 2), 2),
		"2.running": dense([]int64{1}),
		"a \"b\"\n": dense([]float32{1}),
	}})
	err := m.Load(path)
	wantSaid(t, err, "nn: Load: "+path+": the file does not fit the model:",
		"\n0.weight: want (3, 4) float32, and the file has (4, 3) float32, the transpose, as PyTorch keeps it",
		"\n0.bias: want (4) float32, and the file has (4) float64",
		"\n2.weight: want (4, 2) float32, and the file has nothing of that name",
		"\n2.running: the model has no such parameter, and the file has () int64",
		"\na \"b\"\n: the model has no such parameter, and the file has () float32")
	if err != nil && strings.Contains(err.Error(), "2.bias") {
		t.Errorf("%v complains about what fits", err)
	}
	if !slices.Equal(parameterValues(m), before) || len(sgd.State()) != len(state) {
		t.Error("a file that does not fit changed the model")
	}
}

func TestLoadErrors(t *testing.T) {
	linear := func() nn.Sequential { return nn.Sequential{&nn.Linear{Out: 2}} }
	good := func() *safetensors.File {
		return &safetensors.File{
			Tensors:  map[string]*tensor.Dense{"0.weight": dense(make([]float32, 6), 3, 2), "0.bias": dense(make([]float32, 2), 2)},
			Metadata: map[string]string{"tapegrad.version": "1", "tapegrad.example": "[3]"},
		}
	}
	load(t, &nn.Model{Net: linear()}, write(t, good()))
	momentum := &optim.SGD{LR: 0.1, Momentum: 0.9}
	for _, c := range []struct {
		name   string
		model  *nn.Model
		change func(f *safetensors.File)
		want   string
	}{
		{"no net", &nn.Model{}, func(*safetensors.File) {}, "the model has no Net"},
		{"newer", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.version"] = "2" }, "version 2 of saved models: want version 1"},
		{"no shape", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata = nil }, "the net is not built, and the file does not give the shape of an example: Build the model first"},
		{"shape no JSON", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "(3)" }, `metadata tapegrad.example: "(3)": want the lengths`},
		{"shape null", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "null" }, `"null": want the lengths`},
		{"negative shape", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "[-3]" }, "want lengths that are not negative"},
		{"immense shape", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "[3000,3000,1000]" }, "fit the parameters"},
		{"immense parameter", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "[4000000]" }, "parameter 0.weight of shape (4000000, 2) makes the net far larger than the file"},
		{"shape of two axes", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "[3,1]" }, "building the net for examples of shape (3, 1), which the file gives: layer 0: nn.Linear"},
		{"another shape", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Metadata["tapegrad.example"] = "[4]" }, "0.weight: want (4, 2) float32, and the file has (3, 2) float32"},
		{"dtype", &nn.Model{Net: linear(), Dtype: tensor.Float64}, func(*safetensors.File) {}, "0.bias: want (2) float64, and the file has (2) float32"},
		{"whole numbers", &nn.Model{Net: linear()}, func(f *safetensors.File) { f.Tensors["0.bias"] = dense(make([]int32, 2), 2) }, "0.bias: want (2) float32, and the file has (2) int32"},
		{"two of one name", &nn.Model{Net: twins(t)}, func(f *safetensors.File) { f.Metadata = nil }, "two parameters are named weight"},
		{"another optimizer", compiled(t, linear(), momentum), func(f *safetensors.File) { f.Metadata["tapegrad.optimizer"] = "optim.Other" }, "the state of an optim.Other, and the model is compiled with an optim.SGD: to load the parameters only, Load before Compile"},
		{"another within", compiled(t, linear(), &optim.EMA{Optimizer: momentum}), func(f *safetensors.File) { f.Metadata["tapegrad.optimizer"] = "optim.EMA of optim.AdamW" }, "the state of an optim.EMA of optim.AdamW, and the model is compiled with an optim.EMA of optim.SGD"},
		{"state left over", compiled(t, linear(), momentum), func(f *safetensors.File) { f.Tensors["optimizer/1.weight.updates"] = dense([]float64{1}) }, "1.weight.updates belongs to none"},
		{"state of numbers", compiled(t, linear(), momentum), func(f *safetensors.File) { f.Tensors["optimizer/0.weight.updates"] = dense([]int64{1}) }, "optimizer/0.weight.updates is int64: want float32 or float64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := good()
			c.change(file)
			wantSaid(t, c.model.Load(write(t, file)), "nn: Load: ", c.want)
		})
	}
	missing := filepath.Join(t.TempDir(), "missing")
	wantSaid(t, (&nn.Model{Net: linear()}).Load(missing), "nn: Load: safetensors: ReadFile: ", missing)
}

func compiled(t *testing.T, net nn.Layer, o optim.Optimizer) *nn.Model {
	t.Helper()
	m := &nn.Model{Net: net}
	compile(t, m, ops.MSE, o)
	return m
}

// What two long names have in common is found in one walk along them.
func TestLoadLongNames(t *testing.T) {
	const n = 1 << 20
	path := write(t, &safetensors.File{Tensors: map[string]*tensor.Dense{
		strings.Repeat("a", n) + "b" + strings.Repeat("a", n): dense([]float32{1}, 1),
		strings.Repeat("a", n) + "c" + strings.Repeat("a", n): dense([]float32{1}, 1),
	}})
	wantSaid(t, compiled(t, frozen(t), new(optim.SGD)).Load(path), "weight: want (2, 1) float32, and the file has nothing of that name")
}

// twins returns a net of two layers that were built apart, so that their parameters have the same names.
func twins(t *testing.T) nn.Layer {
	t.Helper()
	net := nn.Sequential{&nn.Linear{Out: 3, NoBias: true}, &nn.Linear{Out: 3, NoBias: true}}
	for _, l := range net {
		if _, err := l.Build(new(nn.Builder), tensor.Shape{3}); err != nil {
			t.Fatal(err)
		}
	}
	return net
}

func TestSaveErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	linear := &nn.Linear{Out: 2}
	wantSaid(t, new(nn.Model).Save(path), "nn: Save: the model has no Net")
	m := &nn.Model{Net: linear}
	wantSaid(t, m.Save(path), "nn: Save: the net is not built: Fit the model or Build it first")
	if err := m.Build(tensor.Shape{3}, 0); err != nil {
		t.Fatal(err)
	}
	linear.W.Name = "optimizer/weight"
	wantSaid(t, m.Save(path), "parameter optimizer/weight: names that begin with optimizer/ are the optimizer's")
	linear.W.Name = "weight\xff"
	wantSaid(t, m.Save(path), "its name is not UTF-8")
	linear.W.Name = "bias"
	wantSaid(t, m.Save(path), "two parameters are named bias")
	linear.W.Name = "weight"
	m.Net = nn.Sequential{linear, &nn.Linear{Out: 1}}
	wantSaid(t, m.Save(path), "the net has no parameter 1.weight yet")
	if _, err := os.Stat(path); err == nil {
		t.Error("an error left a file")
	}
}

// A model that another optimizer trained is loaded before it is compiled with a new one; and one that is trained on has nobody's state left.
func TestLoadLeavesOrReplacesTheState(t *testing.T) {
	m := compiled(t, nn.Sequential{&nn.Linear{Out: 3}}, &optim.SGD{LR: 0.1, Momentum: 0.9})
	if err := m.Build(tensor.Shape{3}, 0); err != nil {
		t.Fatal(err)
	}
	fresh := save(t, m) // before any update: its state is empty
	fit(t, m, examples(), 1)
	trained := save(t, m)

	sgd := &optim.SGD{LR: 0.1, Momentum: 0.9}
	other := compiled(t, nn.Sequential{&nn.Linear{Out: 3}}, sgd)
	load(t, other, trained)
	if len(sgd.State()) == 0 {
		t.Error("the state was not restored")
	}
	load(t, other, fresh)
	if state := sgd.State(); len(state) != 0 {
		t.Errorf("the state of a model that was never trained is %v", state)
	}
	uncompiled := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 3}}}
	load(t, uncompiled, trained)
	load(t, compiled(t, nn.Sequential{&nn.Linear{Out: 3}}, stateless{}), trained)
	load(t, other, trained)
	load(t, other, save(t, uncompiled))
	if len(sgd.State()) == 0 {
		t.Error("a file without a state ended the optimizer's")
	}
}

// stateless is an optimizer that remembers nothing.
type stateless struct{}

func (stateless) Update(*autograd.Param, *autograd.Tensor) {}

// A damaged file is an error or loads other values; it never panics and changes nothing when it is an error.
func TestLoadDamagedFiles(t *testing.T) {
	m := compiled(t, nn.Sequential{&nn.Linear{Out: 3}}, &optim.SGD{LR: 0.1, Momentum: 0.9})
	fit(t, m, examples(), 1)
	path := save(t, m)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged")
	try := func(contents []byte) error {
		if err := os.WriteFile(damaged, contents, 0o600); err != nil {
			t.Fatal(err)
		}
		before := parameterValues(m)
		err := m.Load(damaged)
		if err != nil && !slices.Equal(parameterValues(m), before) {
			t.Fatalf("%q gave the error %v and changed the model", contents, err)
		}
		return err
	}
	for n := range file {
		if try(file[:n]) == nil {
			t.Errorf("the first %d of %d bytes were loaded", n, len(file))
		}
	}
	for i := range file {
		turned := slices.Clone(file)
		turned[i] ^= 1 << (i % 7)
		_ = try(turned)
		fresh := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 3}}}
		_ = fresh.Load(damaged)
	}
	load(t, m, path)
}

// Frozen parameters, and those without elements, are saved and loaded as others are.
func TestSaveFrozenAndEmptyParameters(t *testing.T) {
	build := func() (*nn.Model, *odd) {
		l := new(odd)
		return &nn.Model{Net: nn.Sequential{l, &nn.Linear{Out: 1}}}, l
	}
	from, mask := build()
	if err := from.Build(tensor.Shape{2}, 7); err != nil {
		t.Fatal(err)
	}
	copy(autograd.Write[float32](mask.params[0]), []float32{0, 1})
	autograd.Write[float32](mask.params[2])[0] = -3
	to, loaded := build()
	load(t, to, save(t, from))
	if got := autograd.Values[float64](loaded.params[0].Value()); !slices.Equal(got, []float64{0, 1}) {
		t.Errorf("the frozen mask is %v", got)
	}
	if got := loaded.params[2].Value().Item(); got != -3 {
		t.Errorf("the scalar is %v", got)
	}
	if !slices.Equal(parameterValues(to), parameterValues(from)) {
		t.Errorf("loaded %v, want %v", parameterValues(to), parameterValues(from))
	}
}

// odd multiplies by a frozen mask, and has a parameter without elements and a scalar.
type odd struct{ params []*autograd.Param }

func (l *odd) Build(b *nn.Builder, in tensor.Shape) (tensor.Shape, error) {
	if l.params == nil {
		l.params = []*autograd.Param{b.Param("mask", nn.Zeros, in...), b.Param("empty", nn.Zeros, 0, 3), b.Param("scale", nn.Zeros)}
		l.params[0].Frozen = true
	}
	return in, nil
}

func (l *odd) Forward(p nn.Pass, x *autograd.Tensor) *autograd.Tensor {
	return ops.Mul(x, ops.Mul(p.Tape.Param(l.params[0]), p.Tape.Param(l.params[2])))
}

func (l *odd) Params() []*autograd.Param { return l.params }

// wantSaid wants an error that says all parts.
func wantSaid(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		wantError(t, err, part)
	}
}
