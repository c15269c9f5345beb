// Package tapegrad is the root of an automatic differentiation engine in pure Go, with the neural networks and optimizers that
// stand on it, and the data sets and support vector machines beside it. It exports nothing itself: it is where the documentation begins, and where the
// tests live that range over everything.
//
// A tape records operations as they happen. A reverse pass over it gives the gradient of any composition, to any order:
//
//	tape := autograd.NewTape()
//	x := tape.Var(autograd.Scalar(0.5))
//	y := ops.Tanh(x)
//	dy := tape.GradGraph(y, x)[0]  // 0.78645, recorded itself
//	ddy := tape.Grad(dy, x)[0]     // -0.72686
//
// and a network is trained by it in a few lines:
//
//	model := &nn.Model{Net: nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}}
//	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}); err != nil { … }
//	history, err := model.Fit(ctx, points, nn.FitConfig{Epochs: 200, BatchSize: 4})
//
// # Packages
//
//   - [github.com/tapegrad/tapegrad/autograd] has tensors, the tape, and the reverse pass. It is small, and meant to be read.
//   - [github.com/tapegrad/tapegrad/autograd/diff] turns a function into its derivative.
//   - [github.com/tapegrad/tapegrad/autograd/gradcheck] compares derivatives with central differences.
//   - [github.com/tapegrad/tapegrad/autograd/graph] draws tapes.
//   - [github.com/tapegrad/tapegrad/ops] has the differentiable operations, a file for each family.
//   - [github.com/tapegrad/tapegrad/nn] has layers, and models that are trained, judged and used.
//   - [github.com/tapegrad/tapegrad/optim] has optimizers, schedules, and what treats gradients on the way.
//   - [github.com/tapegrad/tapegrad/data] has data sets, batches and readers. In its folders, mnist, iris and housing embed real data,
//     metric judges predictions, learn joins scalings and models and chooses among them, and safetensors reads and writes files of tensors.
//   - [github.com/tapegrad/tapegrad/svm] has support vector machines.
//
// # What is promised
//
// The gradient is right: each operation, layer and loss is compared with central differences, at first and second order, by
//
//	go test -run GradCheck -v
//
// and none can be added without. The tests plant wrong rules in every operation, and see that they are caught.
//
// It is fast, without cgo: kernels for AVX-512 and AVX2 with portable Go behind them. The same seed gives the same bits on any
// number of processors.
//
// It can be read: whoever knows the chain rule and some Go understands package autograd in one sitting, and adds an operation in one
// file.
package tapegrad
