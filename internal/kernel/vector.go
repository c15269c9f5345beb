package kernel

import (
	"fmt"
	"sync"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// Add computes dst[i] = a[i] + b[i].
func Add[T Float](dst, a, b []T) {
	kernelsOf[T]().add.run("Add", cheap, dst, a, b, 0, 0, 0)
}

// Sub computes dst[i] = a[i] - b[i].
func Sub[T Float](dst, a, b []T) {
	kernelsOf[T]().sub.run("Sub", cheap, dst, a, b, 0, 0, 0)
}

// Mul computes dst[i] = a[i]·b[i].
func Mul[T Float](dst, a, b []T) {
	kernelsOf[T]().mul.run("Mul", cheap, dst, a, b, 0, 0, 0)
}

// Div computes dst[i] = a[i]/b[i].
func Div[T Float](dst, a, b []T) {
	kernelsOf[T]().div.run("Div", cheap, dst, a, b, 0, 0, 0)
}

// Scale computes dst[i] = c·x[i].
func Scale[T Float](dst, x []T, c T) {
	kernelsOf[T]().scale.run("Scale", cheap, dst, x, x, c, 0, 0)
}

// AddScaled computes dst[i] += c·x[i].
func AddScaled[T Float](dst, x []T, c T) {
	kernelsOf[T]().addScaled.run("AddScaled", cheap, dst, x, x, c, 0, 0)
}

// Shift computes dst[i] = x[i] + c.
func Shift[T Float](dst, x []T, c T) {
	kernelsOf[T]().shift.run("Shift", cheap, dst, x, x, c, 0, 0)
}

// Residual computes dst[i] = factor·(a[i] - mean - slope·b[i]).
func Residual[T Float](dst, a, b []T, mean, slope, factor T) {
	kernelsOf[T]().residual.run("Residual", cheap, dst, a, b, mean, slope, factor)
}

// ReLU computes dst[i] = max(x[i], 0); NaN stays NaN.
func ReLU[T Float](dst, x []T) {
	kernelsOf[T]().relu.run("ReLU", cheap, dst, x, x, 0, 0, 0)
}

// ReLUGrad computes dst[i] = grad[i] where x[i] > 0 or is NaN, else 0. For x one may give ReLU's argument or its
// result.
func ReLUGrad[T Float](dst, grad, x []T) {
	kernelsOf[T]().reluGrad.run("ReLUGrad", cheap, dst, grad, x, 0, 0, 0)
}

// Sigmoid computes dst[i] = 1/(1+e^-x[i]). The error is at most 2.5 units in the last place, for float32 over the
// whole range, subnormal results included.
func Sigmoid[T Float](dst, x []T) {
	kernelsOf[T]().sigmoid.run("Sigmoid", moderate, dst, x, x, 0, 0, 0)
}

// SigmoidGrad computes dst[i] = grad[i]·y[i]·(1-y[i]), y being Sigmoid's result.
func SigmoidGrad[T Float](dst, grad, y []T) {
	kernelsOf[T]().sigmoidGrad.run("SigmoidGrad", cheap, dst, grad, y, 0, 0, 0)
}

// Sqrt computes dst[i] = √x[i].
func Sqrt[T Float](dst, x []T) {
	kernelsOf[T]().sqrt.run("Sqrt", moderate, dst, x, x, 0, 0, 0)
}

// Exp computes dst[i] = e^x[i]. The error for float32 is at most 1 unit in the last place over the whole range, subnormal results
// included, for float64 at most 1.5.
func Exp[T Float](dst, x []T) {
	kernelsOf[T]().exp.run("Exp", moderate, dst, x, x, 0, 0, 0)
}

// Log computes the natural logarithm, dst[i] = ln x[i]. The error for float32 is at most 1 unit in the last place over the
// whole range, subnormal arguments included.
func Log[T Float](dst, x []T) {
	kernelsOf[T]().log.run("Log", moderate, dst, x, x, 0, 0, 0)
}

// Tanh computes dst[i] = tanh x[i]. It is odd, ±1 for large x, and x for tiny x. The error for float32 is at most 2.5 units in the
// last place over the whole range, for float64 at most 3.
func Tanh[T Float](dst, x []T) {
	kernelsOf[T]().tanh.run("Tanh", moderate, dst, x, x, 0, 0, 0)
}

// Sin computes dst[i] = sin x[i], x in radians.
func Sin[T Float](dst, x []T) {
	kernelsOf[T]().sin.run("Sin", costly, dst, x, x, 0, 0, 0)
}

// Cos computes dst[i] = cos x[i], x in radians.
func Cos[T Float](dst, x []T) {
	kernelsOf[T]().cos.run("Cos", costly, dst, x, x, 0, 0, 0)
}

// Softplus computes dst[i] = ln(1+e^x[i]), without overflow. The error for float32 is at most 2 units in the last place over the
// whole range, subnormal results included.
func Softplus[T Float](dst, x []T) {
	kernelsOf[T]().softplus.run("Softplus", moderate, dst, x, x, 0, 0, 0)
}

// ScaleBytes computes dst[i] = scale·src[i], on the calling goroutine.
func ScaleBytes[T Float](dst []T, src []uint8, scale T) {
	if len(dst) != len(src) {
		panic(fmt.Sprintf("kernel.ScaleBytes: %d values from %d bytes", len(dst), len(src)))
	}
	kernelsOf[T]().scaleBytes(dst, src, scale)
}

// vector is an element-wise kernel. All have this signature, so that one loop divides them all: element i of dst
// depends on element i of the operands and on the scalars p, q and r, in the order in
// which the exported function takes them. What a kernel does not need is zero, or an operand a second time.
type vector[T Float] func(dst, a, b []T, p, q, r T)

// vectorKernels is the element-wise functions of a path.
type vectorKernels[T Float] struct {
	add, sub, mul, div, scale, addScaled     vector[T]
	relu, reluGrad, sigmoid, sigmoidGrad     vector[T]
	sqrt, exp, log, tanh, sin, cos, softplus vector[T]
	scaleBytes                               func(dst []T, src []uint8, scale T)
	elementaryKernels[T]
}

// The least number of elements worth a second thread, for what an element costs.
const (
	cheap    = 8192
	moderate = 2048
	costly   = 256
)

func (f vector[T]) run(name string, grain int, dst, a, b []T, p, q, r T) {
	if len(a) != len(dst) || len(b) != len(dst) {
		panic(fmt.Sprintf("kernel.%s: slices of %d, %d and %d elements", name, len(dst), len(a), len(b)))
	}
	if len(dst) <= grain {
		f(dst, a, b, p, q, r)
		return
	}
	l := loopsOf[T]().Get().(*loop[T])
	*l = loop[T]{f, dst, a, b, p, q, r}
	pool.Run(len(dst), grain, l)
	*l = loop[T]{}
	loopsOf[T]().Put(l)
}

// loop is one call of a vector kernel, shared by the threads that run it.
type loop[T Float] struct {
	kernel    vector[T]
	dst, a, b []T
	p, q, r   T
}

func (l *loop[T]) Do(lo, hi int) {
	l.kernel(l.dst[lo:hi], l.a[lo:hi], l.b[lo:hi], l.p, l.q, l.r)
}

var (
	loops32 = sync.Pool{New: func() any { return new(loop[float32]) }}
	loops64 = sync.Pool{New: func() any { return new(loop[float64]) }}
)

func loopsOf[T Float]() *sync.Pool { return bySize[T](&loops32, &loops64) }
