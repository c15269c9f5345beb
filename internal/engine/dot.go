package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// Dot is package tensor's Dot: the product with a scalar, of vectors (a scalar), of a vector and a matrix, of matrices, or, for
// a higher rank, over the last axis of x and the one before the last of y. Unlike that of tensor.StdEng it does not transpose y
// meanwhile, so that several goroutines may use y at once.
func (e Engine) Dot(x, y tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	both := allFloats(x, y)
	if both == nil {
		if err := wantRowMajor("Dot", x, y); err != nil {
			return nil, err
		}
		return e.StdEng.Dot(x, y, opts...)
	}
	a, b := both[0], both[1]
	switch {
	case a.IsScalar() && !b.IsScalar():
		return e.MulScalar(b, a, false, opts...)
	case b.IsScalar():
		return e.MulScalar(a, b, true, opts...)
	case a.IsMatrix() && b.IsMatrix() && !a.IsVector() && !b.IsVector():
		return e.matrixDot(a, b, opts)
	}
	p, ok := placeOf(opts, nil, a.Dtype())
	switch {
	case !ok:
		return nil, fmt.Errorf("Dot: the array given for the result is not a Dense of %v without a mask", a.Dtype())
	case a.Dims() > 2 || b.Dims() > 2:
		return e.contract(p, a, b)
	case a.Dtype() == tensor.Float32:
		return vectorDot[float32](p, a, b)
	}
	return vectorDot[float64](p, a, b)
}

// contract is Dot of a higher rank, for which tensor.StdEng arranges copies and then asks for a product of matrices. It heeds no
// strides, and of the options only tensor.WithReuse.
func (e Engine) contract(p place, a, b *tensor.Dense) (tensor.Tensor, error) {
	c, err := e.StdEng.Dot(own(a), own(b))
	if err != nil {
		return nil, err
	}
	d := floats(c)
	switch {
	case d == nil:
		return nil, fmt.Errorf("Dot: of shapes %v and %v package tensor makes a %T of shape %v", a.Shape(), b.Shape(), c, c.Shape())
	case d.Dtype() == tensor.Float32:
		return moved[float32](p, d)
	}
	return moved[float64](p, d)
}

func moved[T kernel.Float](p place, d *tensor.Dense) (tensor.Tensor, error) {
	x := viewOf[T](d)
	return put("Dot", p, x.Shape, func(dst []T) { x.Gather(dst, 0) }, x)
}

// matrixDot leaves the options to Dense.MatMul, as does every user of it: a nil result must not become a Tensor.
func (Engine) matrixDot(a, b *tensor.Dense, opts []tensor.FuncOpt) (tensor.Tensor, error) {
	c, err := a.MatMul(b, opts...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// vectorDot is Dot where at least one argument is a vector and the other a vector or a matrix.
func vectorDot[T kernel.Float](p place, a, b *tensor.Dense) (tensor.Tensor, error) {
	var left, right kernel.Matrix[T]
	var shape []int
	switch {
	case a.IsVector() && b.IsVector():
		left, right = transposed(columnOf[T](a)), columnOf[T](b)
	case a.IsVector():
		left, right = transposed(columnOf[T](a)), matrixOf[T](b)
		shape = []int{right.Cols}
	default:
		left, right = matrixOf[T](a), columnOf[T](b)
		shape = []int{left.Rows}
	}
	if left.Cols != right.Rows {
		return nil, fmt.Errorf("Dot: shapes %v and %v do not fit", a.Shape(), b.Shape())
	}
	return put("Dot", p, shape, func(dst []T) { multiply(dst, left, right) }, viewOf[T](a), viewOf[T](b))
}

// Diag returns the diagonal of a matrix, or a matrix with a vector's elements on its diagonal. It is tensor.StdEng's, which is right for row-major arrays.
func (e Engine) Diag(t tensor.Tensor) (tensor.Tensor, error) {
	if d := floats(t); d != nil {
		t = own(d)
	}
	return e.StdEng.Diag(t)
}

// SVD returns the singular values of a matrix, and with uv its singular vectors. It is tensor.StdEng's, which is right for row-major arrays.
func (e Engine) SVD(a tensor.Tensor, uv, full bool) (s, u, v tensor.Tensor, err error) {
	if d := floats(a); d != nil {
		a = own(d)
	}
	return e.StdEng.SVD(a, uv, full)
}

// own returns d, or the same elements as a row-major array of their own if it is a view or a transpose.
func own(d *tensor.Dense) *tensor.Dense {
	if isRowMajor(d.Shape(), d.Strides()) && !d.IsMaterializable() && d.DataOrder().IsRowMajor() {
		return d
	}
	if d.Dtype() == tensor.Float32 {
		return Dense(viewOf[float32](d).rowMajor(), d.Shape()...)
	}
	return Dense(viewOf[float64](d).rowMajor(), d.Shape()...)
}
