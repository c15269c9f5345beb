package optim_test

import (
	"fmt"

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
