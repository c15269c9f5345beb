package ops

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of losses.

// lossSamples returns the samples of a loss of predictions and targets of one shape.
func lossSamples(loss func(pred, target *Tensor) *Tensor, predictions, targets domain) func() []Sample {
	return func() []Sample {
		both := func(x ...*Tensor) *Tensor { return loss(x[0], x[1]) }
		var samples []Sample
		for i, shape := range shapes {
			if product(shape) > 0 { // the mean of nothing is not a number
				inputs := []*Tensor{draw(uint64(i), predictions, shape...), draw(uint64(50+i), targets, shape...)}
				samples = append(samples, Sample{fmt.Sprint("shape ", shape), both, inputs})
			}
		}
		for i, a := range arrangements() {
			shape := a.view(autograd.Zeros(tensor.Float64, a.shape...)).Shape()
			samples = append(samples,
				Sample{
					a.name + " predictions",
					func(x ...*Tensor) *Tensor { return loss(a.view(x[0]), x[1]) },
					[]*Tensor{draw(uint64(100+i), predictions, a.shape...), draw(uint64(150+i), targets, shape...)},
				},
				Sample{
					a.name + " targets",
					func(x ...*Tensor) *Tensor { return loss(x[0], a.view(x[1])) },
					[]*Tensor{draw(uint64(200+i), predictions, shape...), draw(uint64(250+i), targets, a.shape...)},
				})
		}
		return append(samples,
			Sample{
				"labels for targets",
				func(x ...*Tensor) *Tensor { return loss(x[0], autograd.Labels([]int{1, 0, 1})) },
				[]*Tensor{draw(300, predictions, 3)},
			},
			Sample{
				"times its inputs",
				func(x ...*Tensor) *Tensor { return Mul(Mul(loss(x[0], x[1]), x[0]), x[1]) },
				[]*Tensor{draw(301, predictions, 3), draw(302, targets, 3)},
			},
			Sample{
				"its own targets",
				func(x ...*Tensor) *Tensor { return loss(x[0], Mul(x[0], x[0])) },
				[]*Tensor{draw(303, between(0.1, 0.9), 3)},
			})
	}
}

// lossErrors returns the misuses that every loss of two tensors of one shape must answer.
func lossErrors(op string, loss func(pred, target *Tensor) *Tensor) []Misuse {
	return []Misuse{
		{
			"a column and a vector",
			func() { loss(draw(0, reals, 32, 1), draw(1, reals, 32)) },
			autograd.ShapeError, op + ": shapes differ: (32, 1) and (32): reshape the targets to (32, 1)",
		},
		{"a scalar target", func() { loss(draw(0, reals, 2, 3), draw(1, reals)) }, autograd.ShapeError, op + ": shapes differ: (2, 3) and ()"},
		{"other sizes", func() { loss(draw(0, reals, 2, 3), draw(1, reals, 3, 2)) }, autograd.ShapeError, op + ": shapes differ: (2, 3) and (3, 2)"},
		{
			"two dtypes",
			func() { loss(draw(0, reals, 2), autograd.FromSlice([]float32{1, 2}, 2)) },
			autograd.DtypeError, op + ": dtypes differ: float64 (2) and float32 (2)",
		},
	}
}

func meanSquareSamples() []Sample {
	var s sampler
	for _, shape := range shapes {
		if product(shape) > 0 { // the mean of nothing is not a number
			s.addOne(fmt.Sprint(shape), meanSquare, shape...)
			s.addOne(fmt.Sprint(shape, " times its input"), func(x *Tensor) *Tensor { return Mul(meanSquare(x), x) }, shape...)
		}
	}
	for _, a := range arrangements() {
		s.addOne(a.name, func(x *Tensor) *Tensor { return meanSquare(a.view(x)) }, a.shape...)
	}
	return s.samples
}

func scaleBySamples() []Sample {
	var s sampler
	both := func(x ...*Tensor) *Tensor { return scaleBy(x[0], x[1]) }
	for _, shape := range shapes {
		s.add(fmt.Sprint(shape), both, nil, shape)
	}
	for _, a := range arrangements() {
		s.add(a.name, func(x ...*Tensor) *Tensor { return scaleBy(x[0], a.view(x[1])) }, nil, a.shape)
	}
	s.add("squared", func(x ...*Tensor) *Tensor { return Square(scaleBy(x[0], x[1])) }, nil, []int{3})
	s.addOne("by its own element", func(x *Tensor) *Tensor { return scaleBy(Reshape(Slice(x, 0, 1, 2)), x) }, 3)
	return s.samples
}

// classesOf returns n labels of k classes, of which some come twice.
func classesOf(n, k int) []int {
	class := make([]int, n)
	for i := range class {
		class[i] = i * i % k
	}
	return class
}

var classified = [][2]int{{1, 1}, {1, 2}, {1, 5}, {2, 1}, {2, 2}, {2, 3}, {3, 2}, {3, 4}, {4, 3}, {5, 10}, {10, 3}}

func crossEntropySamples() []Sample {
	var s sampler
	for _, c := range classified {
		labels := autograd.Labels(classesOf(c[0], c[1]))
		s.addOne(fmt.Sprint(c), func(x *Tensor) *Tensor { return CrossEntropy(x, labels) }, c[:]...)
		s.addOne(fmt.Sprint(c, ", softmax of it"), func(x *Tensor) *Tensor { return CrossEntropy(Softmax(x, 1), labels) }, c[:]...)
		s.addOne(fmt.Sprint(c, ", times its logits"), func(x *Tensor) *Tensor { return Mul(CrossEntropy(x, labels), x) }, c[:]...)
	}
	for _, a := range matrices {
		s.addOne(a.name, func(x *Tensor) *Tensor { return CrossEntropy(a.view(x), autograd.Labels([]int{2, 0})) }, a.shape...)
	}
	return s.samples
}
