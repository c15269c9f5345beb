package autograd

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"golang.org/x/exp/constraints"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/engine"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// A Tensor is an immutable array of float32 or float64 values and, once recorded, a place on a [Tape].
//
// Many tensors may share one memory: transposes, slices and broadcasts are views. What a tape made ends with [Tape.Reset], and
// what was made from a parameter's value ends when the parameter is written; using such a tensor afterwards panics with an
// [*Error] that says what ended it.
type Tensor struct {
	layout  *layout  // shape and strides, shared with other tensors of the same form
	storage *storage // the memory, shared with views
	tape    *Tape    // where it is recorded, or whose memory it is in; nil for a tensor on the heap
	offset  int      // of the first element in the storage
	gen     uint32   // the storage's generation that the tensor was made in
	epoch   uint32   // the tape's epoch that the tensor was made in
	node    int32    // its place on the tape, or unrecorded
	weak    bool     // a constant that takes the dtype of what it meets: see Scalar
}

const unrecorded = -1

// FromSlice returns a tensor of the given shape over data in row-major order. It takes data over: the caller does not write it
// afterwards (data of a named float type is copied). No shape at all makes a scalar of one value. It panics with a [ShapeError]
// if the shape does not hold exactly len(data) values.
func FromSlice[T constraints.Float](data []T, shape ...int) *Tensor {
	l := newLayout("autograd.FromSlice", shape)
	if l.size != len(data) {
		panic(&Error{
			Op: "autograd.FromSlice", Kind: ShapeError, Shapes: []tensor.Shape{l.shape},
			Message: fmt.Sprintf("shape %v holds %d values, given %d", l.shape, l.size, len(data)),
		})
	}
	switch d := any(data).(type) {
	case []float32:
		return fromStorage(storageOf(d), l)
	case []float64:
		return fromStorage(storageOf(d), l)
	}
	if unsafe.Sizeof(T(0)) == 4 {
		return fromStorage(storageOf(convert[float32](data)), l)
	}
	return fromStorage(storageOf(convert[float64](data)), l)
}

// Scalar returns a tensor of shape () and dtype float64. As a constant it takes the dtype of what it meets, so that
// Mul(x, Scalar(2)) works whatever the dtype of x; what is computed from it alone is an ordinary float64 tensor.
func Scalar(v float64) *Tensor {
	x := FromSlice([]float64{v})
	x.weak = true
	return x
}

// Labels returns class labels as a tensor (n) of whole numbers, so that a loss is a function of two tensors. As a constant it
// takes the dtype of what it meets; class numbers are exact in float32 below 2²⁴.
func Labels(class []int) *Tensor {
	x := FromSlice(convert[float64](class), len(class))
	x.weak = true
	return x
}

// Zeros returns a tensor filled with 0. It panics with a [DtypeError] unless dtype is tensor.Float32 or tensor.Float64.
func Zeros(dtype tensor.Dtype, shape ...int) *Tensor { return Full(0, dtype, shape...) }

// Ones returns a tensor filled with 1. It panics with a [DtypeError] unless dtype is tensor.Float32 or tensor.Float64.
func Ones(dtype tensor.Dtype, shape ...int) *Tensor { return Full(1, dtype, shape...) }

// Full returns a tensor filled with v. It panics with a [DtypeError] unless dtype is tensor.Float32 or tensor.Float64.
func Full(v float64, dtype tensor.Dtype, shape ...int) *Tensor {
	l := newLayout("autograd.Full", shape)
	x := fromStorage(newStorage(isSingle("autograd.Full", dtype), l.size), l)
	x.fill(v)
	return x
}

// FromDense returns a tensor over the values of d, which it takes over: the caller does not write d afterwards. Views of any
// strides are taken as they are. It panics with a [DtypeError] unless d holds float32 or float64, and with a [ValueError] if d is
// masked or its strides reach outside its memory.
func FromDense(d *tensor.Dense) *Tensor {
	const op = "autograd.FromDense"
	if d == nil || d.Dtype() == (tensor.Dtype{}) {
		panic(&Error{Op: op, Kind: ValueError, Message: "the Dense is nil or was not made by tensor.New"})
	}
	if len(d.Mask()) > 0 { // IsMasked also says so of an empty Dense
		panic(&Error{Op: op, Kind: ValueError, Message: "the Dense is masked: fill or drop the masked values first"})
	}
	l := newLayout(op, d.Shape())
	s := newStorage(isSingle(op, d.Dtype()), 0)
	if l.size > 0 { // Data panics on an empty Dense
		switch data := d.Data().(type) {
		case []float32:
			s = storageOf(data)
		case []float64:
			s = storageOf(data)
		case float32: // gorgonia unwraps scalars
			s = storageOf([]float32{data})
		case float64:
			s = storageOf([]float64{data})
		}
	}
	if strides := d.Strides(); len(strides) == len(l.shape) && !slices.Equal(strides, l.strides) {
		l = stridedLayout(l.shape, slices.Clone(strides))
	}
	if !l.within(0, s.len()) {
		panic(&Error{
			Op: op, Kind: ValueError, Shapes: []tensor.Shape{l.shape},
			Message: fmt.Sprintf("shape %v with strides %v reaches outside the %d values of the Dense", l.shape, l.strides, s.len()),
		})
	}
	return fromStorage(s, l)
}

// Shape returns the lengths of the axes. It is shared: the caller does not modify it, and clones it before giving it to
// functions of package tensor, some of which take over the Shape that they are passed.
func (x *Tensor) Shape() tensor.Shape { return x.layout.shape }

// Dtype returns tensor.Float32 or tensor.Float64.
func (x *Tensor) Dtype() tensor.Dtype {
	if x.storage.single {
		return tensor.Float32
	}
	return tensor.Float64
}

// Size returns the number of elements.
func (x *Tensor) Size() int { return x.layout.size }

// Item returns the value of a tensor of one element, whatever its rank. It panics with a [ShapeError] if there are more or none.
func (x *Tensor) Item() float64 {
	if x.Size() != 1 {
		Fail("autograd.Item", ShapeError, []*Tensor{x}, "want a tensor of one element, given shape %v", x.Shape())
	}
	x.check()
	return x.storage.at(x.offset)
}

// At returns the element at the given index, one number for each axis. It panics with a [ValueError] if the index is outside
// the shape or has another number of axes.
func (x *Tensor) At(index ...int) float64 {
	x.check()
	if len(index) != len(x.layout.shape) {
		Fail("autograd.At", ValueError, []*Tensor{x}, "want %d indices for shape %v, given %d", len(x.layout.shape), x.Shape(), len(index))
	}
	offset := x.offset
	for axis, i := range index {
		if i < 0 || i >= x.layout.shape[axis] {
			Fail("autograd.At", ValueError, []*Tensor{x}, "index %v is outside shape %v", slices.Clone(index), x.Shape())
		}
		offset += i * x.layout.strides[axis]
	}
	return x.storage.at(offset)
}

// Dense returns a copy of the values as a row-major Dense of package tensor, and what package tensor computes with it is computed by
// this module's kernels.
//
// That is Add, Sub, Mul, Div and FMA, MatMul, MatVecMul, Inner, Outer and Dot, Sum, Max and Min, Exp, Log, Tanh, Sqrt, Abs, Neg,
// Square and Dense.Apply, also with tensor.WithReuse, tensor.WithIncr and tensor.UseUnsafe. For float32 and float64 without a
// mask they are right for any views, which package tensor's own are not, and their results carry the kernels on. An array that
// package tensor reads (gob, npy) or makes by another function (Concat, SoftMax, Gt) has package tensor's own engine, and
// the left operand's decides.
func (x *Tensor) Dense() *tensor.Dense {
	if x.storage.single {
		return engine.Dense(Values[float32](x), x.Shape()...)
	}
	return engine.Dense(Values[float64](x), x.Shape()...)
}

// Values returns a copy of the elements in row-major order, converted to T.
func Values[T constraints.Float](x *Tensor) []T {
	x.check()
	if x.storage.single {
		return valuesAs[T](view[float32](x))
	}
	return valuesAs[T](view[float64](x))
}

func valuesAs[T constraints.Float, E float32 | float64](v strided.View[E]) []T {
	if _, same := any(v.Data).([]T); !same && v.Dense {
		return convert[T](v.Data)
	}
	values := make([]E, v.Size())
	v.Gather(values, 0)
	if same, ok := any(values).([]T); ok {
		return same
	}
	return convert[T](values)
}

// Detach returns the same values, unrecorded: a constant to whatever is computed from it. It shares x's memory and ends with
// [Tape.Reset] as x does.
func (x *Tensor) Detach() *Tensor {
	x.check()
	y := x.header()
	*y = *x
	y.node = unrecorded
	return y
}

// Clone returns a copy that is unrecorded, on the heap, and outlives everything.
func (x *Tensor) Clone() *Tensor {
	x.check()
	l := x.layout.rowMajor()
	y := fromStorage(newStorage(x.storage.single, l.size), l)
	y.copyFrom(x)
	y.weak = x.weak
	return y
}

// fromStorage returns a heap tensor over all of s.
func fromStorage(s *storage, l *layout) *Tensor {
	return &Tensor{layout: l, storage: s, gen: s.gen, node: unrecorded}
}

// header returns room for a tensor that belongs where x does.
func (x *Tensor) header() *Tensor {
	if x.tape != nil {
		return x.tape.header()
	}
	return new(Tensor)
}

// headers are tensors to fill in. They are made several at a time, which costs a quarter of making each alone, and are never
// reused: so a stale tensor keeps saying that it is.
type headers struct {
	made []Tensor
	used int
}

// next returns one, of n that are made at once if there is none left.
func (h *headers) next(n int) *Tensor {
	if h.used == len(h.made) {
		h.made, h.used = make([]Tensor, n), 0
	}
	h.used++
	return &h.made[h.used-1]
}

// check panics if what x was made from has ended.
func (x *Tensor) check() {
	if x == nil || x.ended() {
		x.stale()
	}
}

// ended reports whether what x was made from has ended. It is inlined where operations come by, and check is not.
func (x *Tensor) ended() bool {
	return x.gen != x.storage.gen || x.tape != nil && x.epoch != x.tape.epoch
}

// stale keeps the promise of a tensor that is not computed yet, and panics for any other.
func (x *Tensor) stale() {
	if x == nil {
		Fail("autograd", ValueError, nil, "a tensor is nil")
	}
	if x.promised() != nil {
		x.keepPromise()
		return
	}
	Fail("autograd", StaleError, []*Tensor{x}, "a tensor of shape %v was used after %s", x.Shape(), x.ending())
}

// ending says what ended a stale tensor.
func (x *Tensor) ending() string {
	switch {
	case x.storage.param != nil && x.gen != x.storage.gen:
		return "parameter " + x.storage.param.Name + " was written"
	case x.tape != nil && x.epoch != x.tape.epoch:
		return "its tape was Reset"
	case x.tape == nil || x.storage.owner != &x.tape.arena:
		return "the tape whose memory it lies in was Reset or went on"
	}
	return "the loop over the gradients went on (Keep or Collect keeps one)"
}

// copyFrom and fill write a tensor that is still being made: row-major, the only holder of its memory.
func (x *Tensor) copyFrom(from *Tensor) {
	if x.storage.single {
		view[float32](from).Gather(Raw[float32](x), 0)
	} else {
		view[float64](from).Gather(Raw[float64](x), 0)
	}
}

func (x *Tensor) fill(v float64) {
	if x.storage.single {
		fillWith(Raw[float32](x), float32(v))
	} else {
		fillWith(Raw[float64](x), v)
	}
}

func fillWith[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

func convert[T constraints.Float, E constraints.Float | constraints.Integer](values []E) []T {
	converted := make([]T, len(values))
	for i, v := range values {
		converted[i] = T(v)
	}
	return converted
}

// isSingle reports whether dtype is float32, and panics if it is neither float32 nor float64.
func isSingle(op string, dtype tensor.Dtype) bool {
	switch dtype {
	case tensor.Float32:
		return true
	case tensor.Float64:
		return false
	}
	given := "no dtype"
	if dtype.Type != nil {
		given = dtype.String()
	}
	panic(&Error{Op: op, Kind: DtypeError, Message: "want float32 or float64 values, given " + given})
}

// A layout is a shape and strides. It never changes, so that tensors of the same form share one.
type layout struct {
	shape   tensor.Shape
	strides []int // in elements; 0 repeats an element along the axis
	size    int
	dense   bool // row-major without gaps
}

// scalarLayout is that of the most common shape.
var scalarLayout = &layout{shape: tensor.Shape{}, strides: []int{}, size: 1, dense: true}

// newLayout returns the row-major layout of shape, which it copies.
func newLayout(op string, shape []int) *layout {
	if len(shape) == 0 {
		return scalarLayout
	}
	return &layout{shape: slices.Clone(shape), strides: strided.Strides(shape), size: sizeOf(op, shape), dense: true}
}

// stridedLayout takes shape and strides over.
func stridedLayout(shape tensor.Shape, strides []int) *layout {
	l := &layout{shape: shape, strides: strides, size: sizeOf("autograd.View", shape)}
	l.dense = l.size <= 1 || isRowMajor(shape, strides)
	return l
}

// isRowMajor ignores the strides of axes of length 1, which no element depends on.
func isRowMajor(shape, strides []int) bool {
	step := 1
	for axis, d := range slices.Backward(shape) {
		if d != 1 && strides[axis] != step {
			return false
		}
		step *= d
	}
	return true
}

// has reports whether the shape is l's: mostly it is the very same slice.
func (l *layout) has(shape []int) bool {
	return len(l.shape) == len(shape) && (unsafe.SliceData(l.shape) == unsafe.SliceData(shape) || slices.Equal(l.shape, shape))
}

func (l *layout) rowMajor() *layout {
	if l.dense {
		return l
	}
	return &layout{shape: l.shape, strides: strided.Strides(l.shape), size: l.size, dense: true}
}

// within reports whether every element lies in a memory of n elements, the first at offset.
func (l *layout) within(offset, n int) bool {
	if l.size == 0 {
		return offset >= 0 && offset <= n
	}
	last := offset
	for axis, d := range l.shape {
		stride := l.strides[axis]
		if stride < 0 || d > 1 && stride > (n-last)/(d-1) { // the second before it overflows
			return false
		}
		last += (d - 1) * stride
	}
	return offset >= 0 && last < n
}

func sizeOf(op string, shape []int) int {
	const limit = math.MaxInt / 8 // elements of 8 bytes
	size := 1
	for _, d := range shape {
		if d < 0 {
			panic(&Error{Op: op, Kind: ShapeError, Message: fmt.Sprintf("shape %v has a negative length", tensor.Shape(shape).Clone())})
		}
		if d > 0 && size > limit/d {
			panic(&Error{Op: op, Kind: ShapeError, Message: fmt.Sprintf("shape %v holds more elements than memory can", tensor.Shape(shape).Clone())})
		}
		size *= d
	}
	return size
}
