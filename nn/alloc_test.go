//go:build !race

package nn_test

import (
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// An epoch of one batch makes its part of the history, the order of the examples, and two small objects an operation. Under the race
// detector it makes more, for that lets scratch memory go.
func TestEpochsAllocateLittle(t *testing.T) {
	allocations := func(epochs int) float64 {
		return testing.AllocsPerRun(5, func() {
			model := xorModel()
			compile(t, model, ops.MSE, &optim.SGD{LR: 0.9}, nn.Accuracy)
			if _, err := model.Fit(t.Context(), xor(), nn.FitConfig{Epochs: epochs, BatchSize: 4}); err != nil {
				t.Fatal(err)
			}
		})
	}
	const most = 25
	if got := (allocations(300) - allocations(100)) / 200; got > most {
		t.Errorf("%v allocations an epoch, want at most %d", got, most)
	}
}

// A warm training step takes all its tensors' memory from the tape, and two small objects an operation, such as a rule and what it
// captured, from the heap.
func TestWarmStepAllocatesLittle(t *testing.T) {
	const batch, width = 8, 512
	net := nn.Sequential{&nn.Linear{Out: width}, nn.Tanh{}, &nn.Linear{Out: width}, nn.Sigmoid{}}
	if _, err := net.Build(new(nn.Builder), tensor.Shape{width}); err != nil {
		t.Fatal(err)
	}
	tape, optimizer := autograd.NewTape(), &optim.SGD{LR: 0.1}
	x := autograd.Full(0.5, tensor.Float32, batch, width)
	operations := 0
	step := func() {
		defer tape.Reset()
		loss := ops.MSE(net.Forward(nn.Pass{Tape: tape, Train: true}, tape.Const(x)), x)
		if operations == 0 {
			for n := range tape.Nodes() {
				if n.Op != nil {
					operations++
				}
			}
		}
		optim.Step(optimizer, tape.Backward(loss))
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection takes scratch memory away
	const steps = 64
	step()
	var taken []uint64
	for range steps {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		step()
		runtime.ReadMemStats(&after)
		taken = append(taken, after.TotalAlloc-before.TotalAlloc)
	}
	slices.Sort(taken)
	const smallest = batch * width * 4                 // bytes of the activations; the weights are larger
	if median := taken[steps/2]; median > smallest/2 { // now and then a kernel moves to a processor without scratch memory
		t.Errorf("%d bytes in a step, want no tensor of %d", median, smallest)
	}
	most := float64(2 * operations)
	if objects := testing.AllocsPerRun(steps, step); objects > most {
		t.Errorf("%v objects in a step of %d operations, want at most %v", objects, operations, most)
	}
}
