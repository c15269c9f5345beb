package engine

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// MatMul writes a·b, for a (m, k) and b (k, n), to c (m, n). The error says what of the shapes or of c does not fit: package
// tensor has dropped the strides of a view or transpose that was given by tensor.WithReuse before it asks the engine.
func (e Engine) MatMul(a, b, c tensor.Tensor) error {
	all := allFloats(a, b, c)
	switch {
	case all == nil:
		if err := wantRowMajor("MatMul", a, b, c); err != nil {
			return err
		}
		return e.StdEng.MatMul(a, b, c)
	case a.Dtype() == tensor.Float32:
		return product("MatMul", all[2], matrixOf[float32](all[0]), matrixOf[float32](all[1]))
	}
	return product("MatMul", all[2], matrixOf[float64](all[0]), matrixOf[float64](all[1]))
}

// MatVecMul writes a·x, for a (m, k) and a vector x of k, to y (m). Its errors are those of MatMul.
func (e Engine) MatVecMul(a, x, y tensor.Tensor) error {
	all := allFloats(a, x, y)
	switch {
	case all == nil:
		if err := wantRowMajor("MatVecMul", a, x, y); err != nil {
			return err
		}
		return e.StdEng.MatVecMul(a, x, y)
	case a.Dtype() == tensor.Float32:
		return product("MatVecMul", all[2], matrixOf[float32](all[0]), columnOf[float32](all[1]))
	}
	return product("MatVecMul", all[2], matrixOf[float64](all[0]), columnOf[float64](all[1]))
}

// Outer writes the products of the elements of vectors a (m) and b (n) to c (m, n). Its errors are those of MatMul. Package
// tensor zeroes the memory of c before it asks.
func (e Engine) Outer(a, b, c tensor.Tensor) error {
	all := allFloats(a, b, c)
	switch {
	case all == nil:
		if err := wantRowMajor("Outer", a, b, c); err != nil {
			return err
		}
		return e.StdEng.Outer(a, b, c)
	case a.Dtype() == tensor.Float32:
		return product("Outer", all[2], columnOf[float32](all[0]), transposed(columnOf[float32](all[1])))
	}
	return product("Outer", all[2], columnOf[float64](all[0]), transposed(columnOf[float64](all[1])))
}

// Inner returns the sum of the products of two vectors' elements, a float32 or a float64. The error says that they differ in
// length.
func (e Engine) Inner(a, b tensor.Tensor) (any, error) {
	both := allFloats(a, b)
	switch {
	case both == nil:
		if err := wantRowMajor("Inner", a, b); err != nil {
			return nil, err
		}
		return e.StdEng.Inner(a, b)
	case both[0].Shape().TotalSize() != both[1].Shape().TotalSize():
		return nil, fmt.Errorf("Inner: vectors of shape %v and %v differ in length", a.Shape(), b.Shape())
	case a.Dtype() == tensor.Float32:
		return kernel.Dot(viewOf[float32](both[0]).rowMajor(), viewOf[float32](both[1]).rowMajor()), nil
	}
	return kernel.Dot(viewOf[float64](both[0]).rowMajor(), viewOf[float64](both[1]).rowMajor()), nil
}

// product writes a·b to c.
func product[T kernel.Float](name string, c *tensor.Dense, a, b kernel.Matrix[T]) error {
	if order := c.DataOrder(); order.IsNotContiguous() || order.IsTransposed() {
		return fmt.Errorf("%s: the array given for the result, of shape %v, is a view or a transpose: package tensor drops its strides; give one of its own",
			name, c.Shape())
	}
	v := viewOf[T](c)
	if a.Cols != b.Rows || v.Size() != a.Rows*b.Cols {
		return fmt.Errorf("%s: a product (%d, %d) x (%d, %d) for an array of shape %v", name, a.Rows, a.Cols, b.Rows, b.Cols, c.Shape())
	}
	if !v.isDistinct() {
		return fmt.Errorf("%s: the array given for the result, of shape %v, has strides %v: several elements lie in one place",
			name, c.Shape(), c.Strides())
	}
	if v.Dense && apart(v, a) && apart(v, b) {
		multiply(v.Data, a, b)
		return nil
	}
	values := make([]T, v.Size())
	multiply(values, a, b)
	v.scatter(values, false)
	return nil
}

// apart reports whether v shares no memory with m.
func apart[T kernel.Float](v view[T], m kernel.Matrix[T]) bool {
	x := view[T]{}
	x.Data = m.Data
	return !v.disturbs(x)
}

// multiply writes a·b to c in row-major order.
func multiply[T kernel.Float](c []T, a, b kernel.Matrix[T]) {
	kernel.MatMul(kernel.Matrix[T]{Data: c, Rows: a.Rows, Cols: b.Cols, RowStride: b.Cols, ColStride: 1}, a, b, nil, false)
}

func matrixOf[T kernel.Float](d *tensor.Dense) kernel.Matrix[T] {
	v := viewOf[T](d)
	return kernel.Matrix[T]{Data: v.Data, Rows: v.Shape[0], Cols: v.Shape[1], RowStride: v.Strides[0], ColStride: v.Strides[1]}
}

// columnOf returns a vector, of shape (n), (n, 1) or (1, n), as a matrix (n, 1).
func columnOf[T kernel.Float](d *tensor.Dense) kernel.Matrix[T] {
	v := viewOf[T](d)
	m := kernel.Matrix[T]{Data: v.Data, Rows: v.Size(), Cols: 1, ColStride: 1}
	for axis, n := range v.Shape {
		if n > 1 {
			m.RowStride = v.Strides[axis]
		}
	}
	return m
}

func transposed[T kernel.Float](m kernel.Matrix[T]) kernel.Matrix[T] {
	return kernel.Matrix[T]{Data: m.Data, Rows: m.Cols, Cols: m.Rows, RowStride: m.ColStride, ColStride: m.RowStride}
}

// wantRowMajor returns an error for operands with which tensor.StdEng makes wrong products: its BLAS takes a slice's lengths for
// its strides, and mixes the orders of rows and columns up.
func wantRowMajor(name string, xs ...tensor.Tensor) error {
	for _, x := range xs {
		if order := x.DataOrder(); order.IsNotContiguous() || order.IsColMajor() {
			return fmt.Errorf("%s: an operand of dtype %v and shape %v is %v: materialize it, for package tensor makes a wrong product of it",
				name, x.Dtype(), x.Shape(), order)
		}
	}
	return nil
}
