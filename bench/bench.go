// Package bench measures the work that tapegrad is for: training steps, small networks, single operations, matrix products and
// support vector machines. From the root of the module
//
//	go test -bench . ./bench
//	go test -bench ./bench
//
// run the same bodies; the second is a pattern that the root's BenchmarkAll answers to.
//
// Each benchmark checks, outside the timer, that what it timed was right: that a loss fell, that a gradient or an accuracy is
// what it must be. The times are of the machine that they are measured on; compare ratios within one run.
package bench

import (
	"math"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// A Benchmark is a body with the name that it runs under, without the prefix "Benchmark". The parts of a name are separated
// by slashes, as those of sub-benchmarks are.
type Benchmark struct {
	Name string
	Body func(b *testing.B)
}

// All returns every benchmark, those of a name's first part together.
func All() []Benchmark {
	return []Benchmark{
		{"AutoencoderStep/batch=8", autoencoderStep(8, sgd)},
		{"AutoencoderStep/batch=32", autoencoderStep(32, sgd)},
		{"AutoencoderStep/batch=128", autoencoderStep(128, sgd)},
		{"AutoencoderStep/batch=512", autoencoderStep(512, sgd)},
		{"AutoencoderMomentum/batch=64", autoencoderStep(64, momentum)},
		{"AutoencoderAdam/batch=64", autoencoderStep(64, adam)},
		{"XOR200", xor200},
		{"TapeTanh", tapeTanh},
		{"MatMul/32x784x512", matMul(32, 784, 512, rowRow)},
		{"MatMul/128x784x512", matMul(128, 784, 512, rowRow)},
		{"MatMul/512x784x512", matMul(512, 784, 512, rowRow)},
		{"MatMul/1024x1024x1024", matMul(1024, 1024, 1024, rowRow)},
		{"MatMul/2048x2048x2048", matMul(2048, 2048, 2048, rowRow)},
		{"MatMulNT/32x512x784", matMul(32, 512, 784, rowColumn)},
		{"MatMulNT/128x512x784", matMul(128, 512, 784, rowColumn)},
		{"MatMulNT/1024x1024x1024", matMul(1024, 1024, 1024, rowColumn)},
		{"MatMulTN/784x32x512", matMul(784, 32, 512, columnRow)},
		{"MatMulTN/784x128x512", matMul(784, 128, 512, columnRow)},
		{"MatMulTN/1024x1024x1024", matMul(1024, 1024, 1024, columnRow)},
		{"FMAPeak", fmaPeak},
		{"Million/copy", copyMillion},
		{"Million/exp", million(ops.Exp, each(math.Exp))},
		{"Million/tanh", million(ops.Tanh, each(math.Tanh))},
		{"Million/sigmoid", million(ops.Sigmoid, each(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }))},
		{"Million/gelu", million(ops.GELU, each(func(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }))},
		{"Million/softmax", million(func(x *autograd.Tensor) *autograd.Tensor { return ops.Softmax(x, -1) }, softmax)},
		{"Million/layernorm", million(func(x *autograd.Tensor) *autograd.Tensor { return ops.LayerNorm(x, nil, nil, 1e-5) }, layerNorm)},
		{"Million/sum", million(func(x *autograd.Tensor) *autograd.Tensor { return ops.Sum(x) }, sum)},
		{"SVCFit/5000x32", svcFit(5000)},
		{"SVCFit/10000x32", svcFit(10000)},
		{"SVCFit/20000x32", svcFit(20000)},
		{"SVCFit/40000x32", svcFit(40000)},
		{"SVCFit/60000x32", svcFit(60000)},
		{"SVCFit/10000x784", svcFitImages(10000)},
		{"SVCPredict/10000x32", svcPredict},
		{"SVCMemory/60000x32", svcMemory},
	}
}
