package tapegrad_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// A whole training has the same bits on any number of processors, on every run, and beside another training, with which it has to
// share the workers.
func TestTrainingHasTheSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	onEachKernelPath(t, func(t *testing.T) {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			t.Run(dtype.String(), func(t *testing.T) {
				runtime.GOMAXPROCS(1)
				want := trained(dtype)
				for _, x := range want {
					if math.IsNaN(x.value) || math.IsInf(x.value, 0) {
						t.Fatalf("%v: nothing can be compared", x)
					}
				}
				for _, procs := range []int{2, 3, 4, 8} {
					runtime.GOMAXPROCS(procs)
					results := [][]traced{trained(dtype)}
					if procs == 4 {
						results = append(results, trainedAtOnce(dtype, 2)...)
					}
					for _, got := range results {
						if i := firstDifference(got, want); i >= 0 {
							t.Errorf("on %d processors %v, on one %v", procs, got[i], want[i])
						}
					}
				}
			})
		}
	})
}

// onEachKernelPath runs the test body with every set of kernels that the machine has.
func onEachKernelPath(t *testing.T, body func(t *testing.T)) {
	old := kernel.Path()
	defer func() {
		if err := kernel.Use(old); err != nil {
			t.Fatal(err)
		}
	}()
	for _, path := range kernel.Paths() {
		if err := kernel.Use(path); err != nil {
			t.Fatal(err)
		}
		t.Run(path, body)
	}
}

// A traced value is the loss of a step, or an element of a parameter when the training is over.
type traced struct {
	of    string
	index int
	value float64
}

func (x traced) String() string { return fmt.Sprintf("%s[%d] = %v", x.of, x.index, x.value) }

func firstDifference(a, b []traced) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

func trainedAtOnce(dtype tensor.Dtype, n int) [][]traced {
	results := make([][]traced, n)
	var trainings sync.WaitGroup
	for i := range results {
		trainings.Go(func() { results[i] = trained(dtype) })
	}
	trainings.Wait()
	return results
}

// trained trains a net of the autoencoder's widths and odd ones, with both normalizations, on batches of many sizes: its losses in
// their order, and then its parameters.
func trained(dtype tensor.Dtype) []traced {
	const features, classes = 784, 10
	net := nn.Sequential{
		&nn.Linear{Out: 512},
		nn.ReLU{},
		&nn.LayerNorm{},
		&nn.Linear{Out: 256}, &nn.BatchNorm{},
		nn.Tanh{},
		&nn.Linear{Out: 33, NoBias: true},
		nn.GELU{},
		&nn.Linear{Out: 97},
		nn.Sigmoid{},
		nn.Dropout{P: 0.2},
		&nn.Linear{Out: classes},
	}
	streams := nn.NewStreams(7)
	if _, err := net.Build(&nn.Builder{Rand: streams.Init, Dtype: dtype}, tensor.Shape{features}); err != nil {
		panic(err)
	}
	optimizers := []optim.Optimizer{&optim.SGD{LR: 0.05, Momentum: 0.9, WeightDecay: 1e-4}, &optim.Adam{LR: 1e-3}}
	both := optimizerOf{}
	for i, p := range net.Params() {
		both[p] = optimizers[i/4%2] // by turns for the layers, so that each has large weights and small biases
	}
	tape, digits := autograd.NewTape(), rand.New(rand.NewPCG(7, 7))
	var trace []traced
	for step, size := range []int{8, 128, 1, 33, 8} {
		x, labels := batch(digits, dtype, size, features, classes)
		p := nn.Pass{Tape: tape, Train: size > 1, Rand: streams.Noise} // one example has no variance, and takes the running ones
		logits := net.Forward(p, tape.Const(x))
		loss := ops.Add(ops.CrossEntropy(logits, labels), reductionsOf(logits))
		optim.Step(both, optim.ClipNorm(tape.Backward(loss), 0.01))
		trace = append(trace, traced{"loss", step, loss.Item()})
		tape.Reset()
	}
	for _, p := range net.Params() {
		for i, v := range autograd.Values[float64](p.Value()) {
			trace = append(trace, traced{p.Name, i, v})
		}
	}
	return trace
}

// reductionsOf returns a scalar that depends on x by every way to reduce over many elements.
func reductionsOf(x *autograd.Tensor) *autograd.Tensor {
	probabilities := ops.Softmax(x, -1)
	scatter := ops.MatMul(ops.Transpose(x), x)
	terms := []*autograd.Tensor{
		ops.Mean(ops.Norm(probabilities, -1)),
		ops.Mean(ops.Max(probabilities, 0)),
		ops.Mean(ops.Var(x, -1)),
		ops.LogSumExp(x),
		ops.MSE(probabilities, ops.Exp(ops.LogSoftmax(x, 0))),
		ops.Mean(ops.CumSum(ops.LogSoftmax(x, 0), 0)),
		ops.Norm(scatter),
	}
	return ops.Scale(ops.Sum(ops.Stack(0, terms...)), 1e-2)
}

func batch(r *rand.Rand, dtype tensor.Dtype, n, features, classes int) (x, labels *autograd.Tensor) {
	values, class := make([]float64, n*features), make([]int, n)
	for i := range values {
		values[i] = r.Float64()
	}
	for i := range class {
		class[i] = r.IntN(classes)
	}
	if dtype == tensor.Float64 {
		return autograd.FromSlice(values, n, features), autograd.Labels(class)
	}
	single := make([]float32, len(values))
	for i, v := range values {
		single[i] = float32(v)
	}
	return autograd.FromSlice(single, n, features), autograd.Labels(class)
}

// optimizerOf updates each parameter by an optimizer of its own.
type optimizerOf map[*autograd.Param]optim.Optimizer

func (o optimizerOf) Update(p *autograd.Param, g *autograd.Tensor) { o[p].Update(p, g) }
