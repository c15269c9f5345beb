package optim_test

import (
	"fmt"
	"log"
	"math"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// bowl is a loss that is least where w is (3, -1), and ten times as steep in one direction as in the other.
func bowl(tape *autograd.Tape, w *autograd.Param) *autograd.Tensor {
	gap := ops.Sub(tape.Param(w), autograd.FromSlice([]float64{3, -1}, 2))
	return ops.Sum(ops.Mul(autograd.FromSlice([]float64{1, 10}, 2), ops.Square(gap)))
}

// descend takes steps from the origin and returns where it arrives.
func descend(optimizer optim.Optimizer, steps int) *autograd.Tensor {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2))
	tape := autograd.NewTape()
	for range steps {
		optim.Step(optimizer, tape.Backward(bowl(tape, w)))
		tape.Reset()
	}
	return w.Value()
}

// Optimizers are interchangeable; their settings are fields.
func Example() {
	for _, optimizer := range []optim.Optimizer{
		&optim.SGD{LR: 0.04},
		&optim.SGD{LR: 0.04, Momentum: 0.5},
		&optim.Adam{LR: 0.1},
	} {
		fmt.Printf("%.2f\n", descend(optimizer, 300))
	}
	// Output:
	// [ 3.00 -1.00]
	// [ 3.00 -1.00]
	// [ 3.00 -1.00]
}

// Momentum carries the steps on; Nesterov looks where it carries them.
func ExampleSGD() {
	fmt.Printf("%.4f\n", descend(&optim.SGD{LR: 0.01, Momentum: 0.9, Nesterov: true}, 200))
	// Output: [ 3.0000 -1.0000]
}

// A schedule says which part of the learning rate counts for a parameter's update t.
func ExampleWarmup() {
	schedule := optim.Warmup(4, optim.CosineDecay(12, 0.1))
	for t := range 12 {
		fmt.Printf("%d: %.2f\n", t, schedule(t))
	}
	fmt.Printf("%.2f\n", descend(&optim.SGD{LR: 0.05, Schedule: schedule}, 12))
	// Output:
	// 0: 0.25
	// 1: 0.49
	// 2: 0.70
	// 3: 0.87
	// 4: 0.78
	// 5: 0.67
	// 6: 0.55
	// 7: 0.43
	// 8: 0.33
	// 9: 0.23
	// 10: 0.16
	// 11: 0.12
	// [ 1.31 -1.00]
}

// Gradients are treated on their way to the optimizer, here so that their common norm is at most 1.
func ExampleClipNorm() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2))
	tape := autograd.NewTape()
	for _, g := range optim.ClipNorm(tape.Backward(bowl(tape, w)), 1) {
		fmt.Printf("%.4f\n", g)
	}
	// Output: [-0.2873  0.9578]
}

// The learning rate falls to a tenth when the loss has stopped to fall.
func ExamplePlateau() {
	plateau := &optim.Plateau{Patience: 1}
	for _, loss := range []float64{5, 4, 4, 4, 4} {
		plateau.Observe(loss)
		fmt.Println(loss, plateau.Schedule(0))
	}
	// Output:
	// 5 1
	// 4 1
	// 4 1
	// 4 0.1
	// 4 0.1
}

// Two passes make one update, with the average of their gradients.
func ExampleAccumulator() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2))
	tape := autograd.NewTape()
	several := &optim.Accumulator{Every: 2}
	for range 4 {
		optim.Step(&optim.SGD{LR: 0.01}, several.Add(tape.Backward(bowl(tape, w))))
		tape.Reset()
		fmt.Printf("%.4f\n", w.Value())
	}
	// Output:
	// [0.0000 0.0000]
	// [ 0.0600 -0.2000]
	// [ 0.0600 -0.2000]
	// [ 0.1188 -0.3600]
}

// The average of the weights takes the place of the last ones where the model is judged or saved.
func ExampleEMA() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2))
	tape := autograd.NewTape()
	ema := &optim.EMA{Optimizer: &optim.SGD{LR: 0.099}, Decay: 0.8} // nearly too large: the steps overshoot
	for range 30 {
		optim.Step(ema, tape.Backward(bowl(tape, w)))
		tape.Reset()
	}
	fmt.Printf("%.2f\n", w.Value())
	ema.Swap()
	fmt.Printf("%.2f\n", w.Value())
	ema.Swap() // before training goes on
	// Output:
	// [ 3.00 -0.45]
	// [ 2.97 -0.94]
}

// Step updates every parameter that a loss depends on, but for those that are frozen.
func ExampleStep() {
	slope, intercept := autograd.NewParam("slope", autograd.Scalar(1)), autograd.NewParam("intercept", autograd.Scalar(1))
	intercept.Frozen = true
	x, y := autograd.FromSlice([]float64{1, 2, 3}, 3), autograd.FromSlice([]float64{3, 5, 7}, 3)
	sgd := &optim.SGD{LR: 0.1}
	tape := autograd.NewTape()
	for range 50 {
		line := ops.Add(ops.Mul(tape.Param(slope), x), tape.Param(intercept))
		optim.Step(sgd, tape.Backward(ops.MSE(line, y)))
		tape.Reset()
	}
	fmt.Printf("%.4f %.4f\n", slope.Value(), intercept.Value())
	// Output: 2.0000 1.0000
}

// The first step of Adam is as long in every direction, however steep it is there.
func ExampleAdam() {
	for steps := range 4 {
		fmt.Printf("%.3f\n", descend(&optim.Adam{LR: 0.1}, steps))
	}
	// Output:
	// [0.000 0.000]
	// [ 0.100 -0.100]
	// [ 0.200 -0.200]
	// [ 0.300 -0.298]
}

// Weights decay towards 0, by LR times WeightDecay of themselves at each update; biases, which have one axis, do not here.
func ExampleAdamW() {
	weight := autograd.NewParam("weight", autograd.Ones(tensor.Float64, 2, 2))
	bias := autograd.NewParam("bias", autograd.Ones(tensor.Float64, 2))
	adam := &optim.AdamW{LR: 0.1, WeightDecay: 0.5, Decays: optim.WeightsOnly}
	for _, p := range []*autograd.Param{weight, bias} {
		adam.Update(p, autograd.Zeros(tensor.Float64, p.Value().Shape()...)) // a gradient of 0: nothing but the decay
		fmt.Println(p.Name, p.Value())
	}
	// Output:
	// weight [[0.95 0.95]
	//  [0.95 0.95]]
	// bias [1 1]
}

// Each element's step is divided by how large its gradients have been, so that no direction is steep any more.
func ExampleRMSProp() {
	fmt.Printf("%.2f\n", descend(&optim.RMSProp{LR: 0.05}, 300))
	// Output: [ 3.00 -1.00]
}

// Adagrad's steps become shorter by themselves, so that its learning rate may be large.
func ExampleAdagrad() {
	fmt.Printf("%.4f\n", descend(&optim.Adagrad{LR: 1}, 300))
	// Output: [ 3.0000 -1.0000]
}

// A schedule is a function of the number of the update, so that one of one's own is written at once.
func ExampleSchedule() {
	inverseRoot := func(t int) float64 { return 1 / math.Sqrt(float64(t+1)) }
	for _, schedule := range []optim.Schedule{
		optim.StepDecay(100, 0.5),
		optim.CosineDecay(200, 0),
		optim.LinearDecay(200, 0),
		inverseRoot,
	} {
		fmt.Printf("%.2f %.2f %.2f\n", schedule(0), schedule(100), schedule(200))
	}
	fmt.Printf("%.2f\n", descend(&optim.SGD{LR: 0.08, Schedule: inverseRoot}, 200))
	// Output:
	// 1.00 0.50 0.25
	// 1.00 0.50 0.00
	// 1.00 0.50 0.00
	// 1.00 0.10 0.07
	// [ 2.96 -1.00]
}

// The learning rate rises to its greatest value and falls to nearly nothing, in one cycle over the whole training.
func ExampleOneCycle() {
	cycle := optim.OneCycle{Updates: 100}
	for _, t := range []int{0, 15, 29, 60, 99} {
		fmt.Printf("%d: %.3g\n", t, cycle.Schedule(t))
	}
	fmt.Printf("%.2f\n", descend(&optim.SGD{LR: 0.09, Schedule: cycle.Schedule}, cycle.Updates))
	// Output:
	// 0: 0.04
	// 15: 0.546
	// 29: 1
	// 60: 0.589
	// 99: 4e-06
	// [ 3.00 -1.00]
}

// Each element of each gradient by itself is kept within bounds, which ClipNorm does to all together.
func ExampleClipValue() {
	w := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2))
	tape := autograd.NewTape()
	for _, g := range optim.ClipValue(tape.Backward(bowl(tape, w)), 10) {
		fmt.Println(g)
	}
	// Output: [-6 10]
}

// A training that goes on elsewhere takes along what its optimizer remembers, here the momentum.
func ExampleStateful() {
	train := func(w *autograd.Param, optimizer optim.Optimizer, steps int) {
		tape := autograd.NewTape()
		for range steps {
			optim.Step(optimizer, tape.Backward(bowl(tape, w)))
			tape.Reset()
		}
	}
	w, sgd := autograd.NewParam("w", autograd.FromSlice([]float64{0, 0}, 2)), &optim.SGD{LR: 0.01, Momentum: 0.9}
	train(w, sgd, 10)

	elsewhere, again := autograd.NewParam("w", w.Value()), &optim.SGD{LR: 0.01, Momentum: 0.9}
	if err := again.Restore([]*autograd.Param{elsewhere}, sgd.State()); err != nil {
		log.Fatal(err)
	}
	train(w, sgd, 10)
	train(elsewhere, again, 10)
	fmt.Printf("%.6f\n%.6f\n", w.Value(), elsewhere.Value())
	// Output:
	// [ 3.812014 -1.349253]
	// [ 3.812014 -1.349253]
}

// An optimizer of one's own has one method. This one takes steps of one length, and only the signs from the gradient.
func ExampleOptimizer() {
	fmt.Printf("%.2f\n", descend(signs{length: 0.125}, 30))
	// Output: [ 3.00 -1.00]
}

// signs is the optimizer of [ExampleOptimizer].
type signs struct{ length float64 }

func (o signs) Update(p *autograd.Param, g *autograd.Tensor) {
	slopes := autograd.Values[float64](g)
	values := autograd.Write[float64](p)
	for i, slope := range slopes {
		switch {
		case slope > 0:
			values[i] -= o.length
		case slope < 0:
			values[i] += o.length
		}
	}
}
