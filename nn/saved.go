package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data/safetensors"
)

// saved is a file that is being loaded: parameters, and the optimizer's state, by the names that they had.
type saved struct {
	params, state map[string]*tensor.Dense
	metadata      map[string]string
}

func newSaved(file *safetensors.File) *saved {
	s := &saved{params: make(map[string]*tensor.Dense), state: make(map[string]*tensor.Dense), metadata: file.Metadata}
	for name, x := range file.Tensors {
		if of, ok := strings.CutPrefix(name, statePrefix); ok {
			s.state[of] = x
		} else {
			s.params[name] = x
		}
	}
	return s
}

// dtype returns that of the parameters if they are floats of one dtype, else the zero dtype.
func (s *saved) dtype() (dtype tensor.Dtype) {
	for _, x := range s.params {
		if !isFloat(x) || dtype != (tensor.Dtype{}) && dtype != x.Dtype() {
			return tensor.Dtype{}
		}
		dtype = x.Dtype()
	}
	return dtype
}

func isFloat(x *tensor.Dense) bool { return x.Dtype() == tensor.Float32 || x.Dtype() == tensor.Float64 }

// generous is the number of elements that a net and an example may have whatever the file has: what the file says of the shape of an
// example is not to be believed when it would take memory out of all proportion.
const generous = 1 << 22

// room returns how many elements the parameters may have that are built for the file.
func (s *saved) room() int {
	n := generous
	for _, x := range s.params {
		n += 2 * x.Size()
	}
	return n
}

// example returns the shape of an example that a text gives.
func (s *saved) example(text string) (in tensor.Shape, err error) {
	var lengths []int
	if err := json.Unmarshal([]byte(text), &lengths); err != nil || lengths == nil {
		return nil, fmt.Errorf("%q: want the lengths of the axes, such as [784]", text)
	}
	room := s.room()
	for _, d := range lengths {
		if d < 0 || d > room {
			return nil, fmt.Errorf("%q: want lengths that are not negative and fit the parameters", text)
		}
		room /= max(d, 1)
	}
	return append(tensor.Shape{}, lengths...), nil // not nil, which would mean unknown
}

// A match is which tensor of a file belongs to which parameter.
type match struct {
	values map[*autograd.Param]*tensor.Dense
	paths  paths
}

// match finds the tensor of each parameter, or lists what does not fit.
func (s *saved) match(params []*autograd.Param) (*match, error) {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	m := &match{values: make(map[*autograd.Param]*tensor.Dense, len(params))}
	m.paths = pathsOf(names, s.params)
	left := maps.Clone(s.params)
	var wrong []error
	for i, p := range params {
		name := m.paths.inFile(p.Name)
		x := s.params[name]
		delete(left, name)
		switch w := p.Value(); {
		case slices.Contains(names[:i], p.Name):
			if !slices.Contains(params[:i], p) {
				wrong = append(wrong, fmt.Errorf("two parameters are named %s", p.Name))
			}
		case x == nil:
			wrong = append(wrong, fmt.Errorf("%s: want %v %v, and the file has nothing of that name", p.Name, w.Shape(), w.Dtype()))
		case !slices.Equal(w.Shape(), x.Shape()) || w.Dtype() != x.Dtype():
			wrong = append(wrong, fmt.Errorf("%s: want %v %v, and the file has %v %v%s", p.Name, w.Shape(), w.Dtype(), x.Shape(), x.Dtype(), hint(w.Shape(), x.Shape())))
		}
		m.values[p] = x
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		x := left[name]
		wrong = append(wrong, fmt.Errorf("%s: the model has no such parameter, and the file has %v %v", name, x.Shape(), x.Dtype()))
	}
	if wrong != nil {
		return nil, fmt.Errorf("the file does not fit the model:\n%w", errors.Join(wrong...))
	}
	return m, nil
}

func hint(want, have tensor.Shape) string {
	if len(want) == 2 && len(have) == 2 && want[0] == have[1] && want[1] == have[0] {
		return ", the transpose, as PyTorch keeps it"
	}
	return ""
}

// paths are what the names of a side begin with and is left out when they are compared.
type paths struct{ model, file string }

// pathsOf returns those that make most names fit.
func pathsOf(model []string, file map[string]*tensor.Dense) paths {
	relative := paths{commonPath(model), commonPath(slices.Collect(maps.Keys(file)))}
	if relative.fitting(model, file) > (paths{}).fitting(model, file) {
		return relative
	}
	return paths{}
}

func (p paths) fitting(model []string, file map[string]*tensor.Dense) (n int) {
	for _, name := range model {
		if file[p.inFile(name)] != nil {
			n++
		}
	}
	return n
}

// inFile returns what a parameter of the model is called in the file.
func (p paths) inFile(name string) string { return p.file + strings.TrimPrefix(name, p.model) }

// inModel returns what begins with the file's path as it is called in the model, and anything else as it is.
func (p paths) inModel(name string) string {
	if rest, ok := strings.CutPrefix(name, p.file); ok {
		return p.model + rest
	}
	return name
}

// commonPath returns what all names begin with, up to a dot.
func commonPath(names []string) string {
	if len(names) == 0 {
		return ""
	}
	common := names[0]
	for _, name := range names[1:] {
		n := 0
		for n < min(len(common), len(name)) && common[n] == name[n] {
			n++
		}
		common = common[:n]
	}
	return common[:strings.LastIndex(common, ".")+1]
}
