package main

import (
	"fmt"
	"slices"
)

// A benchmark is a row of the table.
type benchmark struct {
	name    string   // as in package bench; memory is that of examples/mnist
	unit    string   // of what its lines say; the empty one is nanoseconds
	peers   []string // the other systems that have it
	goal    string
	flops   float64 // operations on numbers in one run of it, 0 if they do not bound it
	traffic float64 // bytes that it must read and write
}

const (
	memory   = "TrainingMemory"
	peak     = "FMAPeak"
	inNanos  = "ns/op"
	inGFLOPS = "GFLOP/s"
	inBytes  = "peak-B"
)

// benchmarks are all rows, in the order of the table.
func benchmarks() []benchmark {
	var all []benchmark
	frameworks, arrays := []string{"jax", "torch", "keras"}, []string{"jax", "torch", "numpy"}
	for _, step := range []struct {
		name string
		size int
		goal string
	}{
		{"AutoencoderStep", 8, "2 × JAX"},
		{"AutoencoderStep", 32, "2 × JAX, 5 × PyTorch, 8 × Keras, 71 % of the peak"},
		{"AutoencoderStep", 128, "1.5 × JAX"},
		{"AutoencoderStep", 512, "1.15 × JAX"},
		{"AutoencoderMomentum", 64, "1.8 × JAX"},
		{"AutoencoderAdam", 64, "1.8 × JAX"},
	} {
		all = append(all, benchmark{
			name:  fmt.Sprintf("%s/batch=%d", step.name, step.size),
			peers: frameworks, goal: step.goal, flops: float64(step.size) * flopsOfRow(),
		})
	}
	all = append(
		all,
		benchmark{name: memory, unit: inBytes, peers: frameworks, goal: "250 MB"},
		benchmark{name: "XOR200", peers: frameworks, goal: "1 ms, 3 × JAX"},
		benchmark{name: "TapeTanh", peers: []string{"jax", "torch"}, goal: "0.03 ms"},
		benchmark{name: peak, unit: inGFLOPS},
	)
	for _, p := range []struct {
		family  string
		m, k, n int
	}{
		{"MatMul", 32, 784, 512},
		{"MatMul", 128, 784, 512},
		{"MatMul", 512, 784, 512},
		{"MatMul", 1024, 1024, 1024},
		{"MatMul", 2048, 2048, 2048},
		{"MatMulNT", 32, 512, 784},
		{"MatMulNT", 128, 512, 784},
		{"MatMulNT", 1024, 1024, 1024},
		{"MatMulTN", 784, 32, 512},
		{"MatMulTN", 784, 128, 512},
		{"MatMulTN", 1024, 1024, 1024},
	} {
		all = append(all, benchmark{
			name:  fmt.Sprintf("%s/%dx%dx%d", p.family, p.m, p.k, p.n),
			peers: arrays, goal: "85 % of the peak", flops: 2 * float64(p.m) * float64(p.k) * float64(p.n),
		})
	}
	const million = 1024 * 1024
	for _, name := range []string{"copy", "exp", "tanh", "sigmoid", "gelu", "softmax", "layernorm", "sum"} {
		b := benchmark{name: "Million/" + name, peers: arrays, goal: "copy, or 0.83 × the best", traffic: 2 * 4 * million}
		switch name {
		case "copy":
			b.goal = ""
		case "gelu":
			b.peers = []string{"jax", "torch"}
		case "sum":
			b.traffic = 4 * million
		}
		all = append(all, b)
	}
	return all
}

// flopsOfRow returns the operations that a training step of the autoencoder does for each image: a product forward, and one each for
// the gradients of the weights and of the layer's input, which nobody asks for in the first.
func flopsOfRow() float64 {
	widths := []float64{784, 512, 256, 128, 64, 32, 64, 128, 256, 512, 784}
	total := 0.0
	for i, n := range widths[1:] {
		products := 3.0
		if i == 0 {
			products = 2
		}
		total += products * 2 * widths[i] * n
	}
	return total
}

// has reports whether a system has the benchmark.
func (b benchmark) has(system string) bool { return system == ours || slices.Contains(b.peers, system) }
