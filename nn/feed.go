package nn

import (
	"errors"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
)

// examples is a data set ready to be put into the memory of a tape, batch by batch, in a model's dtype.
type examples struct {
	x, y *inputs // the same if the targets are the inputs
}

// inputs is one array of examples.
type inputs struct {
	rows  *data.Rows
	shape tensor.Shape     // (n, …) of a batch; n changes
	like  *autograd.Tensor // of the model's dtype
}

func (m *Model) examples(d *data.Dataset) (*examples, error) {
	if m.Net == nil {
		return nil, errNoNet
	}
	dtype, err := m.dtype()
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, errNoData
	}
	x, y, err := d.Rows()
	if err != nil {
		return nil, err
	}
	e := &examples{x: newInputs(x, dtype)}
	e.y = e.x
	if y != x {
		e.y = newInputs(y, dtype)
	}
	return e, nil
}

var errNoData = errors.New("there is no data set")

func newInputs(rows *data.Rows, dtype tensor.Dtype) *inputs {
	return &inputs{
		rows:  rows,
		shape: append(tensor.Shape{0}, rows.Shape()...),
		like:  autograd.Zeros(dtype),
	}
}

func (e *examples) len() int { return e.x.rows.Len() }

// gather returns the examples with the given indices as constants that end with the tape's Reset.
func (e *examples) gather(tape *autograd.Tape, rows []int) (x, y *autograd.Tensor) {
	x = e.x.gather(tape, rows)
	if e.y == e.x {
		return x, x
	}
	return x, e.y.gather(tape, rows)
}

func (in *inputs) gather(tape *autograd.Tape, rows []int) *autograd.Tensor {
	in.shape[0] = len(rows)
	x := autograd.Empty(in.shape, tape.Const(in.like))
	var err error
	if x.IsSingle() {
		err = data.Gather(autograd.Raw[float32](x), in.rows, rows)
	} else {
		err = data.Gather(autograd.Raw[float64](x), in.rows, rows)
	}
	if err != nil {
		panic(err) // the indices come from package data
	}
	return x
}
