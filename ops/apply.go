package ops

import (
	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/strided"
)

// Tensor is short for autograd.Tensor, which every function here takes and returns.
type Tensor = autograd.Tensor

// The functions of this file apply a kernel, given for both dtypes, to every element of views of any layout. Kernels see dense
// slices, pieces of the arrays, and are called from several goroutines.

// map1 returns f(x), elementwise.
func map1(x *Tensor, f32 func(dst, x []float32), f64 func(dst, x []float64)) *Tensor {
	y := autograd.Empty(x.Shape(), x)
	if x.IsSingle() {
		apply1(y, x, f32)
	} else {
		apply1(y, x, f64)
	}
	return y
}

// map2 returns f(a, b), elementwise, for tensors of one shape and dtype.
func map2(a, b *Tensor, f32 func(dst, a, b []float32), f64 func(dst, a, b []float64)) *Tensor {
	y := autograd.Empty(a.Shape(), a, b)
	if a.IsSingle() {
		apply2(y, a, b, f32)
	} else {
		apply2(y, a, b, f64)
	}
	return y
}

// map3 returns f(a, b, c), elementwise, for tensors of one shape and dtype.
func map3(a, b, c *Tensor, f32 func(dst, a, b, c []float32), f64 func(dst, a, b, c []float64)) *Tensor {
	y := autograd.Empty(a.Shape(), a, b, c)
	if a.IsSingle() {
		strided.Map3(autograd.Raw[float32](y), view[float32](a), view[float32](b), view[float32](c), f32)
	} else {
		strided.Map3(autograd.Raw[float64](y), view[float64](a), view[float64](b), view[float64](c), f64)
	}
	return y
}

// apply1 and apply2 write f of views to y. In a small net most are dense and short, and then making a View to walk costs more than
// the walk.
func apply1[T float32 | float64](y, x *Tensor, f func(dst, x []T)) {
	if y.Size() <= strided.Grain && x.IsDense() {
		f(autograd.Raw[T](y), autograd.Raw[T](x))
		return
	}
	strided.Map1(autograd.Raw[T](y), view[T](x), f)
}

func apply2[T float32 | float64](y, a, b *Tensor, f func(dst, a, b []T)) {
	if y.Size() <= strided.Grain && a.IsDense() && b.IsDense() {
		f(autograd.Raw[T](y), autograd.Raw[T](a), autograd.Raw[T](b))
		return
	}
	strided.Map2(autograd.Raw[T](y), view[T](a), view[T](b), f)
}

func view[T float32 | float64](x *Tensor) strided.View[T] {
	return strided.View[T]{Data: autograd.Raw[T](x), Shape: x.Shape(), Strides: x.Strides(), Dense: x.IsDense()}
}
