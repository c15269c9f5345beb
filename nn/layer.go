package nn

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// A Layer is a differentiable function with parameters.
//
// The same layer may occur several times in a net: its parameters are shared then, and Build is called for each place.
type Layer interface {
	// Build makes the parameters for examples of shape in, without the axis of the batch, and returns the shape of one output.
	// On a layer that is built already it makes nothing: the same shape again is fine, one that does not fit the parameters
	// is an error.
	Build(b *Builder, in tensor.Shape) (out tensor.Shape, err error)

	// Forward computes the output for a batch x of shape (n, in…). A parameter w takes part as p.Tape.Param(w).
	Forward(p Pass, x *autograd.Tensor) *autograd.Tensor

	// Params returns the parameters, each once, none before Build. What is kept but not trained, such as running statistics, is
	// a frozen parameter too: see Builder.Fixed.
	Params() []*autograd.Param
}

// A Pass is one trip of a batch through a net. The zero Pass is inference: nothing is recorded, nothing is random, and nothing is
// added to a loss.
type Pass struct {
	Tape      *autograd.Tape // records the parameters; nil records nothing
	Train     bool           // layers such as Dropout behave as in training
	Rand      *rand.Rand     // what those that draw in training draw from
	Penalties *Penalties     // collects what layers add to the loss; nil drops it

	// again says that this trip was made before and is repeated, as a reverse pass does that recomputes instead of keeping: what a
	// trip leaves behind besides its result, such as running statistics and penalties, is not left a second time.
	again bool
}

// A Builder makes the parameters of layers. The zero Builder makes float32 parameters from the random numbers of seed 0.
type Builder struct {
	Rand  *rand.Rand   // what initializers draw from; nil means NewStreams(0).Init
	Dtype tensor.Dtype // tensor.Float32 or tensor.Float64; zero means tensor.Float32

	path   string
	names  map[string]bool // taken
	sealed bool            // everything must be built already
	room   *int            // how many elements may still be made; nil sets no limit
}

// Param makes a parameter called name within the layer that is being built, such as "weight". Its full name is the layer's path
// and the name. It panics with an autograd.ValueError if that name is taken, and with an autograd.ShapeError if init gives
// another number of values than shape holds, or an axis is negative.
func (b *Builder) Param(name string, init Init, shape ...int) *autograd.Param {
	const op = "nn.Builder.Param"
	b.prepare()
	path := b.path + name
	if b.sealed {
		autograd.Fail(op, autograd.ValueError, nil, "the net has no parameter %s yet: Fit the model or Build it first", path)
	}
	if b.names[path] {
		autograd.Fail(op, autograd.ValueError, nil, "there is a parameter %s already: give each parameter of a layer a name of its own", path)
	}
	if hasNegative(shape) {
		autograd.Fail(op, autograd.ShapeError, nil, "parameter %s of shape %v: want no axis below 0", path, tensor.Shape(shape))
	}
	if b.room != nil {
		if *b.room -= size(shape); *b.room < 0 {
			autograd.Fail(op, autograd.ValueError, nil, "parameter %s of shape %v makes the net far larger than the file that it is built for", path, tensor.Shape(shape))
		}
	}
	b.names[path] = true
	values := init(b.Rand, shape...)
	if b.Dtype == tensor.Float64 {
		return autograd.NewParam(path, autograd.FromSlice(values, shape...))
	}
	single := make([]float32, len(values))
	for i, v := range values {
		single[i] = float32(v)
	}
	return autograd.NewParam(path, autograd.FromSlice(single, shape...))
}

// Fixed is Param for what a layer keeps but does not train, such as running statistics or a mask: the parameter is frozen, and
// [Unfreeze] leaves it so.
func (b *Builder) Fixed(name string, init Init, shape ...int) *autograd.Param {
	p := b.Param(name, init, shape...)
	p.Frozen, p.Fixed = true, true
	return p
}

// Within returns the Builder for a part called name of the layer that is being built: the parameter "weight" made with it is
// called "name.weight" within the layer. A layer made of layers builds each with one of these.
func (b *Builder) Within(name string) *Builder {
	b.prepare()
	part := *b
	part.path = fmt.Sprintf("%s%s.", b.path, name)
	return &part
}

// buildLayer builds a layer, which may be a user's, and checks the shape that it promises.
func buildLayer(l Layer, b *Builder, in tensor.Shape) (out tensor.Shape, err error) {
	if out, err = l.Build(b, in); err == nil && hasNegative(out) {
		return nil, fmt.Errorf("the Build of %T promised outputs of shape %v: want no axis below 0", l, out)
	}
	return out, err
}

func hasNegative(shape []int) bool {
	return slices.ContainsFunc(shape, func(d int) bool { return d < 0 })
}

// prepare makes a zero Builder usable, before parts share what it has.
func (b *Builder) prepare() {
	if b.Rand == nil {
		b.Rand = NewStreams(0).Init
	}
	if b.names == nil {
		b.names = make(map[string]bool)
	}
	if b.Dtype == (tensor.Dtype{}) {
		b.Dtype = tensor.Float32
	}
	if b.Dtype != tensor.Float32 && b.Dtype != tensor.Float64 {
		autograd.Fail("nn.Builder", autograd.DtypeError, nil, "want float32 or float64 parameters, given %v", b.Dtype)
	}
}

// Streams are the sources of randomness of one training. Each purpose has its own, so that more epochs, another batch size or
// one Dropout more leaves the others as they are.
type Streams struct {
	Init    *rand.Rand // initial parameters
	Shuffle *rand.Rand // the order of the examples, epoch after epoch
	Noise   *rand.Rand // what layers draw in training
	Split   *rand.Rand // which examples are held out for validation
}

// NewStreams returns the streams that belong to a seed, at their beginnings.
func NewStreams(seed uint64) Streams {
	stream := func(number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }
	return Streams{Init: stream(0), Shuffle: stream(1), Noise: stream(2), Split: stream(3)}
}
