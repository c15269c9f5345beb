package main

import (
	"fmt"
	"slices"
)

// A benchmark is a row of the table.
type benchmark struct {
	name    string   // as in package bench; memory is that of examples/mnist
	peers   []string // the other systems that have it
	goals   []goal
	unit    string  // of the lines that processes print; "" is inNanos
	shown   scale   // how the table shows it; the zero value is milliseconds
	parts   float64 // operations that one run of it consists of and the table divides by; 0 is 1
	flops   float64 // operations on numbers in one run of it, 0 if they do not bound it
	traffic float64 // bytes that it must read and write, 0 if they do not bound it
	once    bool    // measured in the first round only
}

// A scale is the unit that a table shows.
type scale struct {
	name   string
	factor float64 // from what is printed to what is shown
}

const (
	memory     = "TrainingMemory"
	peak       = "FMAPeak"
	copying    = "Million/copy"
	inNanos    = "ns/op"
	inGFLOPS   = "GFLOP/s"
	inBytes    = "peak-B"
	inObjects  = "allocs/op"
	million    = 1024 * 1024
	chain      = 100 // operations of TapeTanh
	stepByStep = ""  // the plain form of a system

	fitOfFew   = "SVCFit/5000x32"
	fitOfAll   = "SVCFit/60000x32"
	testImages = 10000
)

// benchmarks are all rows, in the order of the tables.
func benchmarks() []benchmark { return slices.Concat(groups()...) }

// groups are the rows of each table.
func groups() [][]benchmark { return [][]benchmark{trainings(), products(), elements(), machines()} }

func trainings() (all []benchmark) {
	frameworks := []string{jax, torch, keras}
	for _, step := range []struct {
		name  string
		size  int
		peers []string
		goals []goal
	}{
		{"AutoencoderStep", 8, []string{jax, torch}, []goal{times(2, jax)}},
		{"AutoencoderStep", 32, frameworks, []goal{times(2, jax), times(5, torch), times(8, keras), ofLimit(1.4)}},
		{"AutoencoderStep", 128, []string{jax, torch}, []goal{times(1.5, jax)}},
		{"AutoencoderStep", 512, []string{jax, torch}, []goal{times(1.15, jax)}},
		{"AutoencoderMomentum", 64, []string{jax, torch}, []goal{times(1.8, jax)}},
		{"AutoencoderAdam", 64, []string{jax, torch}, []goal{times(1.8, jax)}},
	} {
		all = append(all, benchmark{
			name:  fmt.Sprintf("%s/batch=%d", step.name, step.size),
			peers: step.peers, goals: step.goals, flops: float64(step.size) * flopsOfRow(),
		})
	}
	return append(
		all,
		benchmark{name: "XOR200", peers: frameworks, goals: []goal{atMost(1), timesForm(3, column{jax, stepByStep})}},
		benchmark{
			name: "TapeTanh", peers: []string{jax, torch}, goals: []goal{atMost(150), objects(2)}, shown: scale{"ns", 1}, parts: chain,
		},
		benchmark{name: memory, peers: frameworks, goals: []goal{atMost(250)}, unit: inBytes, shown: scale{"MB", 1e-6}, once: true},
	)
}

func products() []benchmark {
	all := []benchmark{{name: peak, unit: inGFLOPS, shown: scale{inGFLOPS, 1}}}
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
			peers: []string{jax, torch, numpy}, goals: []goal{ofPeak(0.85)}, flops: 2 * float64(p.m) * float64(p.k) * float64(p.n),
		})
	}
	return all
}

func elements() (all []benchmark) {
	for _, name := range []string{"copy", "exp", "tanh", "sigmoid", "gelu", "softmax", "layernorm", "sum"} {
		b := benchmark{
			name: "Million/" + name, peers: []string{jax, torch, numpy}, goals: []goal{besideTheBest(1.2)}, traffic: 2 * 4 * million,
		}
		switch name {
		case "copy":
			b.goals = nil
		case "gelu":
			b.peers = []string{jax, torch} // NumPy has no error function
		case "sum":
			b.traffic = 4 * million
		}
		all = append(all, b)
	}
	return all
}

func machines() (all []benchmark) {
	peers, inSeconds := []string{scikitLearn, libsvm}, scale{"s", 1e-9}
	for _, n := range []int{5000, 10000, 20000, 40000} {
		all = append(all, benchmark{name: fmt.Sprintf("SVCFit/%dx32", n), peers: peers, shown: inSeconds})
	}
	return append(
		all,
		benchmark{
			name: fitOfAll, peers: peers, shown: inSeconds,
			goals: []goal{times(15, scikitLearn), growth(fitOfFew, libsvm)},
		},
		benchmark{name: "SVCFit/10000x784", peers: peers, shown: inSeconds, goals: []goal{times(5, scikitLearn)}},
		benchmark{
			name: "SVCPredict/10000x32", peers: peers, shown: inSeconds,
			goals: []goal{times(80, scikitLearn), same(testImages, scikitLearn), same(testImages, libsvm)},
		},
		benchmark{
			name: "SVCMemory/60000x32", peers: peers, unit: inBytes, shown: scale{"MB", 1e-6}, once: true,
			goals: []goal{times(3, scikitLearn)},
		},
	)
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

// scale returns how the table shows what processes print.
func (b benchmark) scale() scale {
	s := b.shown
	if s == (scale{}) {
		s = scale{"ms", 1e-6}
	}
	if b.parts > 0 {
		s.factor /= b.parts
	}
	return s
}

func (b benchmark) printed() string {
	if b.unit == "" {
		return inNanos
	}
	return b.unit
}
