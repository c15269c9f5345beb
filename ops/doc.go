// Package ops is the differentiable operations.
//
// Each is a function of tensors; names and meanings follow NumPy and PyTorch. Operations on two tensors broadcast as NumPy does: shapes
// are aligned at their last axes, and an axis of length 1 stretches. Negative axes count from the end. Reductions take the axes
// to reduce, none meaning all, and drop them; [KeepDims] leaves them with length 1.
//
//	h := ops.Tanh(ops.Linear(x, w, b))                    // (n, k)
//	p := ops.Div(h, ops.KeepDims(ops.Sum)(h, 1))          // rows that sum to 1
//
// A wrong shape, dtype or argument panics with an [*autograd.Error] that names the operation and says what was given and what
// was wanted. Unless its doc comment says otherwise an operation takes float32 and float64, but not mixed: it panics with an
// autograd.DtypeError, except that a constant made by autograd.Scalar or autograd.Labels takes the dtype of what it meets.
//
// # The files
//
// A file holds a family. From what acts on single elements, over what moves and combines them, to what networks are made of:
//
//	arithmetic.go        Neg, Scale, Add, Sub, Mul, Div
//	power.go             Abs, Square, Sqrt, Rsqrt, Reciprocal, PowScalar, Pow
//	elementary.go        Exp, Expm1, Log, Log1p, Sinh, Cosh, Erf
//	trigonometry.go      Sin, Cos, Tan, Asin, Acos, Atan, Atan2
//	hypot.go             Hypot
//	comparison.go        Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual
//	selection.go         Clamp, Maximum, Minimum, Where
//	activation.go        Tanh, Sigmoid, Softplus, LogSigmoid, ReLU, LeakyReLU, ELU
//	gelu.go              GELU, GELUTanh, SiLU
//
//	broadcast.go         BroadcastTo, SumTo
//	shape.go             Reshape, Flatten, Squeeze, Unsqueeze, Transpose
//	slicing.go           Slice, Split, Concat, Stack, Pad
//	arrange.go           Flip, Roll, Tile
//	index.go             Take, ScatterAdd, TakeAlong
//	triangle.go          Triu, Tril, Diag
//
//	reduction.go         KeepDims, Sum, Mean, Max, Min, Prod, LogSumExp
//	moments.go           Var, Std, Norm
//	argmax.go            ArgMax, ArgMin
//	cumulative.go        CumSum
//	matmul.go            MatMul, Linear, Dot, Outer
//	einsum.go            Einsum
//
//	softmax.go           Softmax, LogSoftmax
//	normalization.go     LayerNorm, BatchNorm
//	dropout.go           Dropout
//	loss.go              MSE, MAE, Huber
//	loss_probability.go  BCE, BCEWithLogits, KL, CrossEntropy
//
// Besides, apply.go, rows.go and columns.go apply a kernel to elements, rows and columns, and samples.go and its like make what
// the tests differentiate.
//
// # Reading an operation
//
// In every file an operation keeps together: its doc comment, its function, the rule for each input (an [autograd.Edge] in the
// call of Record), and its entry in the [Catalog] with samples. A rule is written in the operations themselves, so that it can
// be differentiated again. Where a first-order pass must be fast the rule is an operation of its own, such as tanhGrad, with its
// own rule and samples. What is composed of other operations, such as BCEWithLogits, has no rule at all.
//
// To add an operation, imitate one: the tests at the root of the module find it, check its rules on its samples against central
// differences in both orders, and fail if anything is missing.
package ops
