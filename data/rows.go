package data

import (
	"fmt"
	"slices"
	"sync"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// Rows are the examples of one array of a [Dataset], checked and laid out one
// after the other, from which [Gather] takes the ones it wants. They share the
// memory of the array if it is row-major already, so it must not be written
// meanwhile; else they are a copy. Any number of goroutines may gather at once.
type Rows struct {
	values any // []uint8, []float32 or []float64, n times width values
	n      int
	width  int
	shape  tensor.Shape // of the whole array, (n, …)
	dtype  tensor.Dtype
}

// NewRows prepares x, of shape (n, …), for [Gather]. The error says why x cannot
// serve as an array of a [Dataset]; see [Dataset.Validate].
func NewRows(x *tensor.Dense) (*Rows, error) {
	if err := check("the array", x); err != nil {
		return nil, err
	}
	return newRows(x), nil
}

// Len returns the number of examples n.
func (r *Rows) Len() int { return r.n }

// Width returns the number of values in one example.
func (r *Rows) Width() int { return r.width }

// Shape returns the shape of one example, (784) for an array of shape (n, 784)
// and () for one of shape (n). The caller may keep it.
func (r *Rows) Shape() tensor.Shape { return slices.Clone(r.shape[1:]) }

// Dtype returns the dtype in which the examples are stored: uint8, float32 or float64.
func (r *Rows) Dtype() tensor.Dtype { return r.dtype }

// Gather writes the examples of r with the given indices into dst one after the
// other, converted to T. Bytes become b · (1/255), which is within one unit in
// the last place of b/255 and exact at 0 and 1. It allocates nothing.
//
// The error names an index out of range, or says that dst does not have
// len(rows) * r.Width() values; nothing is written then.
func Gather[T float32 | float64](dst []T, r *Rows, rows []int) error {
	if len(dst) != len(rows)*r.width {
		return fmt.Errorf("data: Gather: %d examples of %d values do not fill a destination of %d values",
			len(rows), r.width, len(dst))
	}
	for i, row := range rows {
		if uint(row) >= uint(r.n) {
			return fmt.Errorf("data: Gather: index %d at position %d is out of range: there are %d examples", row, i, r.n)
		}
	}
	g, ok := gatherings.Get().(*gathering[T])
	if !ok { // none, or one of the other type
		g = new(gathering[T])
	}
	*g = gathering[T]{dst, r, rows}
	pool.Run(len(rows), max(1, gatherShare/r.width), g)
	*g = gathering[T]{}
	gatherings.Put(g)
	return nil
}

// gatherShare is the number of values that is worth a thread of its own. Rows lie anywhere in memory, so that a thread mostly waits
// for it, and two wait at the same time.
const gatherShare = 8192

// gathering is one call of Gather, shared by the threads that do it.
type gathering[T float32 | float64] struct {
	dst  []T
	from *Rows
	rows []int
}

var gatherings sync.Pool // of *gathering, so that Gather allocates nothing

// Do gathers the rows from lo to hi.
func (g *gathering[T]) Do(lo, hi int) {
	width := g.from.width
	dst, rows := g.dst[lo*width:hi*width], g.rows[lo:hi]
	switch src := g.from.values.(type) {
	case []uint8:
		gatherBytes(dst, src, width, rows)
	case []float32:
		gatherFloats(dst, src, width, rows)
	case []float64:
		gatherFloats(dst, src, width, rows)
	}
}

func gatherBytes[T float32 | float64](dst []T, src []uint8, width int, rows []int) {
	for i, row := range rows {
		kernel.ScaleBytes(dst[i*width:(i+1)*width], src[row*width:(row+1)*width], 1.0/255)
	}
}

func gatherFloats[T, S float32 | float64](dst []T, src []S, width int, rows []int) {
	if same, ok := any(src).([]T); ok {
		copyRows(dst, same, width, rows)
		return
	}
	for i, row := range rows {
		from := src[row*width : (row+1)*width]
		to := dst[i*width : (i+1)*width]
		for j, v := range from {
			to[j] = T(v)
		}
	}
}

func copyRows[T any](dst, src []T, width int, rows []int) {
	for i, row := range rows {
		copy(dst[i*width:(i+1)*width], src[row*width:(row+1)*width])
	}
}

// newRows is NewRows of an array that check has passed.
func newRows(x *tensor.Dense) *Rows {
	shape := slices.Clone(x.Shape())
	r := &Rows{n: shape[0], width: shape[1:].TotalSize(), shape: shape, dtype: x.Dtype()}
	switch r.dtype {
	case tensor.Uint8:
		r.values = arrayio.RowMajor(x.Uint8s(), shape, x.Strides())
	case tensor.Float32:
		r.values = arrayio.RowMajor(x.Float32s(), shape, x.Strides())
	case tensor.Float64:
		r.values = arrayio.RowMajor(x.Float64s(), shape, x.Strides())
	}
	return r
}

// batch returns the examples with the given indices as a new float array.
func (r *Rows) batch(rows []int) *tensor.Dense {
	if r.dtype == tensor.Float64 {
		return gathered[float64](r, rows)
	}
	return gathered[float32](r, rows)
}

func gathered[T float32 | float64](r *Rows, rows []int) *tensor.Dense {
	values := make([]T, len(rows)*r.width)
	if err := Gather(values, r, rows); err != nil {
		panic(err) // the indices come from this package
	}
	return dense(r, len(rows), values)
}

// take returns a copy of the examples with the given indices, of the same dtype.
func (r *Rows) take(rows []int) *tensor.Dense {
	switch src := r.values.(type) {
	case []uint8:
		return taken(r, src, rows)
	case []float32:
		return taken(r, src, rows)
	default:
		return taken(r, src.([]float64), rows)
	}
}

func taken[T any](r *Rows, src []T, rows []int) *tensor.Dense {
	values := make([]T, len(rows)*r.width)
	copyRows(values, src, r.width, rows)
	return dense(r, len(rows), values)
}

// first returns a view of the first n examples. Dense.Slice would drop the first
// axis of a slice of one example.
func (r *Rows) first(n int) *tensor.Dense {
	end := n * r.width
	switch src := r.values.(type) {
	case []uint8:
		return dense(r, n, src[:end:end])
	case []float32:
		return dense(r, n, src[:end:end])
	default:
		return dense(r, n, src.([]float64)[:end:end])
	}
}

// dense wraps n examples without copying them.
func dense[T any](r *Rows, n int, values []T) *tensor.Dense {
	shape := slices.Clone(r.shape)
	shape[0] = n
	return engine.Dense(values, shape...)
}

// check says why x, called name, cannot be an array of a Dataset.
func check(name string, x *tensor.Dense) error {
	if x == nil {
		return fmt.Errorf("data: %s is nil: give it a tensor of shape (n, …)", name)
	}
	if x.Dtype().Type == nil {
		return fmt.Errorf("data: %s is a tensor without a dtype: make it with tensor.New", name)
	}
	var values int
	switch x.Dtype() {
	case tensor.Uint8:
		values = len(x.Uint8s())
	case tensor.Float32:
		values = len(x.Float32s())
	case tensor.Float64:
		values = len(x.Float64s())
	default:
		return fmt.Errorf("data: %s has dtype %v: convert it to uint8, float32 or float64", name, x.Dtype())
	}
	shape := x.Shape()
	if len(shape) == 0 {
		return fmt.Errorf("data: %s is a scalar: its first axis must be the example", name)
	}
	if slices.Contains(shape, 0) {
		return fmt.Errorf("data: %s has shape %v: there is nothing in it", name, shape)
	}
	if x.IsMasked() {
		return fmt.Errorf("data: %s is masked: fill in the missing values first", name)
	}
	if err := arrayio.CheckLayout(shape, x.Strides(), values); err != nil {
		return fmt.Errorf("data: %s has shape %v and strides %v over %d values: %w", name, shape, x.Strides(), values, err)
	}
	return nil
}
