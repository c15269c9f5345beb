package optim

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
)

// ClipNorm bounds the 2-norm of all gradients together, taken as one vector, by maxNorm. As PyTorch's
// torch.nn.utils.clip_grad_norm_ it multiplies every gradient by
//
//	min(1, maxNorm / (norm + 1e-6))
//
// which is the rule of Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013,
// algorithm 1). Because the norm is known only at the end of the reverse pass, the first gradient is yielded after it, and all are
// kept until the tape is Reset.
//
// A gradient that holds a NaN makes all gradients NaN, and one that holds an infinity turns it into NaN and all finite values into
// 0, as in PyTorch: the loss of the next step tells. ClipNorm panics with an autograd.ValueError if maxNorm is negative or NaN.
func ClipNorm(gradients autograd.Gradients, maxNorm float64) autograd.Gradients {
	if !(maxNorm >= 0) {
		autograd.Fail("optim.ClipNorm", autograd.ValueError, nil, "the largest norm is %v: want a number that is not negative", maxNorm)
	}
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		kept := rowMajor(gradients).Collect()
		var squares float64
		for _, g := range kept.All() {
			squares += squaredNorm(g)
		}
		factor := math.Min(1, maxNorm/(math.Sqrt(squares)+1e-6)) // NaN if the norm is
		for p, g := range kept.All() {
			if factor != 1 {
				g = scaled(g, factor)
			}
			if !yield(p, g) {
				return
			}
		}
	}
}

// ClipValue bounds every element of every gradient by most: it becomes -most where it is less, and most where it is greater, as
// with PyTorch's torch.nn.utils.clip_grad_value_. NaN stays NaN. It panics with an autograd.ValueError if most is negative or NaN.
func ClipValue(gradients autograd.Gradients, most float64) autograd.Gradients {
	if !(most >= 0) {
		autograd.Fail("optim.ClipValue", autograd.ValueError, nil, "the largest value is %v: want a number that is not negative", most)
	}
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		for p, g := range rowMajor(gradients) {
			y := autograd.Empty(g.Shape(), g)
			if g.IsSingle() {
				clamp(autograd.Raw[float32](y), autograd.Raw[float32](g), float32(most))
			} else {
				clamp(autograd.Raw[float64](y), autograd.Raw[float64](g), most)
			}
			if !yield(p, y) {
				return
			}
		}
	}
}

func clamp[T kernel.Float](dst, x []T, most T) {
	for i, v := range x {
		dst[i] = min(max(v, -most), most)
	}
}

// rowMajor returns the stream with every gradient dense.
func rowMajor(gradients autograd.Gradients) autograd.Gradients {
	return func(yield func(*autograd.Param, *autograd.Tensor) bool) {
		for p, g := range gradients {
			if !yield(p, autograd.RowMajor(g)) {
				return
			}
		}
	}
}

// squaredNorm returns the sum of the squares of g. Their sum is formed in float64, so that no float32 gradient overflows.
func squaredNorm(g *autograd.Tensor) float64 {
	if g.IsSingle() {
		return kernel.SquaredNorm(autograd.Raw[float32](g))
	}
	return kernel.SquaredNorm(autograd.Raw[float64](g))
}

// scaled returns c g.
func scaled(g *autograd.Tensor, c float64) *autograd.Tensor {
	y := autograd.Empty(g.Shape(), g)
	if g.IsSingle() {
		kernel.Scale(autograd.Raw[float32](y), autograd.Raw[float32](g), float32(c))
	} else {
		kernel.Scale(autograd.Raw[float64](y), autograd.Raw[float64](g), c)
	}
	return y
}
