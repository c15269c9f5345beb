package tapegrad_test

import (
	"flag"
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// Training the whole network in float64 takes a quarter of a minute. Without the flag it is a narrower one, by the same recipes.
var fullParity = flag.Bool("full", false, "compare the training of the whole autoencoder with PyTorch's, too")

// TestParityTraining trains the autoencoder of examples/mnist on real images for 200 steps of each of its recipes. From the same
// weights on the same batches the loss is PyTorch's, to 1e-10 of it in float64.
//
// How far it may be in float32 follows from float64. Computed in float32, a product of n factors is the exact one of weights that are
// each changed by about √n·u at most, u = 2⁻²⁴ (Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis", SIAM Journal on
// Scientific Computing 41, 2019), and so is an update, with n = 1. The vectors tell what changes of u do to the loss if all the
// first weights have one: D(t) at step t. Each step makes changes as large as √n times that, which are as good as independent, so that after
// t steps they add up to √n·√t·max D, the maximum being over the steps so far.
func TestParityTraining(t *testing.T) {
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range mustReadParity(t) {
		if c.Training == "" || c.Network == "full" && !*fullParity {
			continue
		}
		t.Run(c.Training+" "+c.Network, func(t *testing.T) {
			want, changed := c.results[0], c.results[1]
			t.Run("float64", func(t *testing.T) {
				worst := 0.0
				for step, loss := range lossesOfTraining(t, c, train, tensor.Float64) {
					gap := math.Abs(loss-want[step]) / want[step]
					if !(gap <= 1e-10) {
						t.Fatalf("step %d: the loss is %v, PyTorch has %v: a gap of %.2g", step, loss, want[step], gap)
					}
					worst = max(worst, gap)
				}
				t.Logf("the greatest gap to PyTorch is %.2g of the loss", worst)
			})
			onEveryPath(t, func(t *testing.T) {
				most, worst, at := 0.0, 0.0, 0.0
				for step, loss := range lossesOfTraining(t, c, train, tensor.Float32) {
					most = max(most, math.Abs(changed[step]-want[step]), want[step]*0x1p-24)
					gap, bound := math.Abs(loss-want[step]), math.Sqrt(784*float64(step+1))*most
					if !(gap <= bound) {
						t.Fatalf("step %d: the loss is %v in float32, PyTorch has %v in float64: a gap of %.2g, want at most %.2g", step, loss, want[step], gap, bound)
					}
					if gap/bound > worst {
						worst, at = gap/bound, gap/want[step]
					}
				}
				t.Logf("the greatest part of the bound is %.2g, where the gap is %.2g of the loss", worst, at)
			})
		})
	}
}

// lossesOfTraining trains by the recipe of a case, and returns the loss of each step.
func lossesOfTraining(t *testing.T, c *parityCase, train *mnist.Set, dtype tensor.Dtype) []float64 {
	t.Helper()
	batch, bias := 32, 0.0
	var optimizer optim.Optimizer
	switch c.Training {
	case "report":
		optimizer = &optim.SGD{LR: 0.05}
	case "momentum":
		optimizer = &optim.SGD{LR: 0.05, Momentum: 0.9}
	case "best":
		batch, bias = 64, 1
		updates := 40 * ((60000 + batch - 1) / batch)
		optimizer = &optim.AdamW{
			LR: 1e-3, WeightDecay: 0.01, Decays: optim.WeightsOnly, Schedule: optim.Warmup(500, optim.CosineDecay(updates, 0.01)),
		}
	}
	net := parityAutoencoder(t, c.Widths, bias, dtype)
	tape := autograd.NewTape()
	var losses []float64
	for step := range c.Results[0][0] {
		x := parityImages(train, step*batch, batch, dtype)
		loss := ops.MSE(net.Forward(nn.Pass{Tape: tape, Train: true}, x), x)
		losses = append(losses, loss.Item())
		optim.Step(optimizer, tape.Backward(loss))
		tape.Reset()
	}
	return losses
}

// parityAutoencoder returns the network of internal/parity/training.py, with its weights.
func parityAutoencoder(t *testing.T, widths []int, latentBias float64, dtype tensor.Dtype) nn.Sequential {
	t.Helper()
	var net nn.Sequential
	for i, width := range widths[1:] {
		net = append(net, &nn.Linear{Out: width})
		if i+2 < len(widths) {
			net = append(net, nn.ReLU{})
		}
	}
	net = append(net, nn.Sigmoid{})
	if _, err := net.Build(&nn.Builder{Dtype: dtype}, tensor.Shape{widths[0]}); err != nil {
		t.Fatal(err)
	}
	for i, p := range net.Params() {
		shape, layer := p.Value().Shape(), i/2
		values := make([]float64, shape.TotalSize())
		switch {
		case len(shape) == 2:
			limit := math.Sqrt(6 / float64(shape[0]+shape[1]))
			for k := range values {
				uniform := float64(splitmix(layer+1, k)>>11) * 0x1p-53
				values[k] = float64(float32((2*uniform - 1) * limit))
			}
		case layer == 4:
			for k := range values {
				values[k] = latentBias
			}
		}
		write(p, tensorOf(dtype, values, shape...))
	}
	return net
}

// parityImages returns n images from number from on, in the order that training.py has.
func parityImages(train *mnist.Set, from, n int, dtype tensor.Dtype) *autograd.Tensor {
	const size = 784
	values, pixels := make([]float64, n*size), train.Images.Uint8s()
	for i := range n {
		row := int(splitmix(0, from+i) % 60000)
		for k, pixel := range pixels[row*size : (row+1)*size] {
			values[i*size+k] = float64(float32(pixel) / 255)
		}
	}
	return tensorOf(dtype, values, n, size)
}

// splitmix returns number i of a stream, as training.py does.
func splitmix(stream, i int) uint64 {
	z := (uint64(stream)<<40 + uint64(i)) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
