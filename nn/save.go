package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data/safetensors"
	"github.com/tapegrad/tapegrad/optim"
)

// What a saved model has beside its parameters. No path in a net has a slash.
const (
	statePrefix = "optimizer/" // of the names of the optimizer's state

	versionKey   = "tapegrad.version"   // of what is described at Save
	exampleKey   = "tapegrad.example"   // the shape of one example, as a JSON array
	optimizerKey = "tapegrad.optimizer" // the optimizer's type

	version = "1"
)

// Save writes the model to a file that [Model.Load] reads, in the safetensors format, which Python's package of that name reads too.
// Who reads the path at any moment finds what was there before or all that is new, but on Windows: see
// [safetensors.File.WriteFile].
//
// The file has every parameter, frozen ones too, under its own name, such as "0.weight": that is its path in the net that built it, so
// the names of an encoder that was built in an autoencoder begin with "0.". A compiled model's [optim.Stateful] optimizer adds its state,
// with "optimizer/" before the names, such as "optimizer/0.weight.momentum". The metadata has the version of all this, the shape of
// one example, and the optimizer's type. The loss, the metrics and the optimizer's settings belong to the program and are not saved,
// nor is what an [optim.Plateau] has seen and an [optim.Accumulator] has added up.
//
// The averages of an [optim.EMA], or any net without what goes on training it, are saved by another Model of the Net that has no
// optimizer, while they are in the place of the parameters:
//
//	ema.Swap()
//	defer ema.Swap()
//	averages := &nn.Model{Net: model.Net}
//	err := averages.Build(tensor.Shape{784}, 0) // makes nothing that there is
//	err = averages.Save(path)
//
// The error says that the net is not built, or that its shape of examples is not known because it was built as a part of another
// (Build remembers it, and changes nothing that is built), that a parameter's name begins with "optimizer/", that two parameters
// have one name, or why the file cannot be written.
func (m *Model) Save(path string) error {
	err := try(func() error {
		file, err := m.file()
		if err != nil {
			return err
		}
		return file.WriteFile(path)
	})
	if err != nil {
		return fmt.Errorf("nn: Save: %w", err)
	}
	return nil
}

// Load reads a file that [Model.Save] wrote, or any other in the safetensors format, into the model's parameters. What was computed
// from their old values ends, so nobody may use the model meanwhile.
//
// A net that is not built is built for the file's shape of examples, in the file's dtype if the model has none; a file from elsewhere,
// which gives no shape, needs a net that is built already. The parameters of both sides must have the same names, shapes
// and dtypes. Names are compared as they are, or without the path that all of a side have in common if more fit so: an encoder that was
// built and saved as a part of an autoencoder is loaded into one of its own, and the reverse. Linear's weights are (in, out): those of
// PyTorch, which are (out, in), are transposed before they are saved there.
//
// The optimizer's state is restored if the model is compiled with a [optim.Stateful] optimizer and the file is from one that was, so
// that training goes on as if it had not been interrupted; but Fit begins its random streams anew, so that each part of a training has
// a seed of its own. To load only the parameters, Load before Compile.
//
// The error names the path and says why the file cannot be read, or lists all parameters that are missing, left over, or of another shape
// or dtype. Nothing is changed then, but that a net that was not built may be built.
func (m *Model) Load(path string) error {
	err := try(func() error {
		file, err := safetensors.ReadFile(path)
		if err != nil {
			return err
		}
		if err := m.load(file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("nn: Load: %w", err)
	}
	return nil
}

// file returns what Save writes.
func (m *Model) file() (*safetensors.File, error) {
	if m.Net == nil {
		return nil, errNoNet
	}
	params := m.params()
	if m.in == nil {
		if len(params) == 0 {
			return nil, errors.New("the net is not built: Fit the model or Build it first")
		}
		return nil, errors.New("the net was built as a part of another, and its shape of examples is not known: " +
			"Build the model for it, which changes nothing that is built already")
	}
	if _, err := m.build(&Builder{sealed: true}, m.in); err != nil {
		return nil, err
	}
	example, err := json.Marshal([]int(m.in))
	if err != nil {
		return nil, fmt.Errorf("the shape of an example: %w", err)
	}
	file := &safetensors.File{
		Tensors:  make(map[string]*tensor.Dense),
		Metadata: map[string]string{versionKey: version, exampleKey: string(example)},
	}
	for _, p := range params {
		if strings.HasPrefix(p.Name, statePrefix) {
			return nil, fmt.Errorf("parameter %s: names that begin with %s are the optimizer's: give it another", p.Name, statePrefix)
		}
		file.Tensors[p.Name] = p.Value().Dense()
	}
	if o, ok := m.optimizer.(optim.Stateful); ok {
		file.Metadata[optimizerKey] = typeName(o)
		for name, x := range o.State() {
			file.Tensors[statePrefix+name] = x.Dense()
		}
	}
	return file, nil
}

// typeName returns the type of an optimizer, such as "optim.SGD", and of what it wraps, such as "optim.EMA of optim.SGD".
func typeName(o optim.Optimizer) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", o), "*")
	if ema, ok := o.(*optim.EMA); ok {
		name += " of " + typeName(ema.Optimizer)
	}
	return name
}

// load takes over what Load has read.
func (m *Model) load(file *safetensors.File) (err error) {
	if m.Net == nil {
		return errNoNet
	}
	if v := file.Metadata[versionKey]; v != "" && v != version {
		return fmt.Errorf("it was written as version %s of saved models: want version %s, or a newer tapegrad", v, version)
	}
	before := m.in
	defer func() {
		if err != nil {
			m.in = before
		}
	}()
	s := newSaved(file)
	if err := m.buildFor(s); err != nil {
		return err
	}
	fit, err := s.match(m.params())
	if err != nil {
		return err
	}
	if err := m.restore(s, fit); err != nil {
		return err
	}
	for p, x := range fit.values {
		if p.Value().IsSingle() {
			copy(autograd.Write[float32](p), x.Float32s())
		} else {
			copy(autograd.Write[float64](p), x.Float64s())
		}
	}
	return nil
}

// buildFor builds the net for the examples of a file, if it is not built.
func (m *Model) buildFor(s *saved) error {
	if m.in != nil {
		_, err := m.build(&Builder{sealed: true}, m.in)
		return err
	}
	text, ok := s.metadata[exampleKey]
	if !ok {
		if len(m.params()) == 0 {
			return errors.New("the net is not built, and the file does not give the shape of an example: Build the model first")
		}
		return nil // built as a part of another net
	}
	in, err := s.example(text)
	if err != nil {
		return fmt.Errorf("metadata %s: %w", exampleKey, err)
	}
	if m.Dtype == (tensor.Dtype{}) && len(m.params()) == 0 {
		m.Dtype = s.dtype()
		defer func() { m.Dtype = tensor.Dtype{} }()
	}
	room := s.room()
	err = try(func() error {
		_, err := m.build(&Builder{room: &room}, in)
		return err
	})
	if err != nil {
		return fmt.Errorf("building the net for examples of shape %v, which the file gives: %w", in, err)
	}
	return nil
}

// restore gives the optimizer its state, if the model has an optimizer and the file a state.
func (m *Model) restore(s *saved, fit *match) error {
	o, ok := m.optimizer.(optim.Stateful)
	kind, saved := s.metadata[optimizerKey]
	if !ok || !saved && len(s.state) == 0 {
		return nil
	}
	if saved && kind != typeName(o) {
		return fmt.Errorf("the file has the state of an %s, and the model is compiled with an %s: to load the parameters only, Load before Compile", kind, typeName(o))
	}
	state := make(optim.State, len(s.state))
	for name, x := range s.state {
		if !isFloat(x) {
			return fmt.Errorf("%s%s is %v: want float32 or float64", statePrefix, name, x.Dtype())
		}
		state[fit.paths.inModel(name)] = autograd.FromDense(x)
	}
	return o.Restore(m.params(), state)
}
