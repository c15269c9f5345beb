//go:build !race

package nn_test

import (
	"testing"

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
	const most = 32
	if got := (allocations(300) - allocations(100)) / 200; got > most {
		t.Errorf("%v allocations an epoch, want at most %d", got, most)
	}
}
