package ops

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of matrix products and of losses.

// matrices has operands that are views: each makes a matrix of its own shape out of an input.
var matrices = []arrangement{
	{"transposed", []int{3, 2}, func(x *Tensor) *Tensor { return Transpose(x) }},
	{"columns", []int{2, 5}, func(x *Tensor) *Tensor { return Slice(x, 1, 1, 4) }},
	{"rows", []int{4, 3}, func(x *Tensor) *Tensor { return Slice(x, 0, 1, 3) }},
	{"columns of a transpose", []int{5, 2}, func(x *Tensor) *Tensor { return Slice(Transpose(x), 1, 2, 5) }},
	{"stretched rows", []int{1, 3}, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"stretched columns", []int{2, 1}, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"stretched scalar", nil, func(x *Tensor) *Tensor { return BroadcastTo(x, 2, 3) }},
	{"reshaped", []int{6}, func(x *Tensor) *Tensor { return Reshape(x, 2, 3) }},
}

func matMulSamples() []Sample {
	var s sampler
	both := func(x ...*Tensor) *Tensor { return MatMul(x[0], x[1]) }
	for _, c := range [][2][]int{
		{{1, 1}, {1, 1}},
		{{2, 3}, {3, 4}},
		{{1, 3}, {3, 2}},
		{{2, 3}, {3, 1}},
		{{3, 1}, {1, 2}},
		{{5, 9}, {9, 7}},
		{{0, 3}, {3, 2}},
		{{2, 0}, {0, 3}},
		{{2, 3}, {3, 0}},
		{{2, 2, 3}, {3, 2}},
		{{2, 3}, {2, 3, 2}},
		{{2, 2, 3}, {2, 3, 2}},
		{{1, 2, 3}, {2, 3, 2}},
		{{2, 2, 3}, {1, 3, 2}},
		{{2, 1, 2, 2}, {3, 2, 1}},
		{{2, 1, 1, 2}, {1, 2, 2, 1}},
		{{1, 2, 1, 2, 2}, {2, 1, 2, 2}},
		{{0, 2, 3}, {3, 2}},
		{{0, 2, 3}, {1, 3, 2}},
		{{2, 2, 0}, {2, 0, 3}},
	} {
		s.add(fmt.Sprint(tensor.Shape(c[0]), " x ", tensor.Shape(c[1])), both, c[0], c[1])
	}
	for _, a := range matrices {
		s.add(a.name+" left", func(x ...*Tensor) *Tensor { return MatMul(a.view(x[0]), x[1]) }, a.shape, []int{3, 2})
		s.add(a.name+" right", func(x ...*Tensor) *Tensor { return MatMul(x[0], a.view(x[1])) }, []int{3, 2}, a.shape)
	}
	s.add("many, permuted", func(x ...*Tensor) *Tensor { return MatMul(Transpose(x[0], 1, 2, 0), Transpose(x[1], 2, 0, 1)) }, []int{3, 2, 2}, []int{3, 1, 2})
	s.add("many, stretched", func(x ...*Tensor) *Tensor { return MatMul(BroadcastTo(x[0], 2, 2, 3), x[1]) }, []int{2, 1, 3}, []int{2, 3, 1})
	s.add("many, no columns", func(x ...*Tensor) *Tensor { return MatMul(Slice(x[0], 2, 1, 1), Slice(x[1], 1, 2, 2)) }, []int{2, 2, 3}, []int{2, 3, 2})
	s.add("with itself", func(x ...*Tensor) *Tensor { return MatMul(x[0], x[0]) }, []int{3, 3})
	s.add("with its transpose", func(x ...*Tensor) *Tensor { return MatMul(x[0], Transpose(x[0])) }, []int{2, 3})
	s.add("three", func(x ...*Tensor) *Tensor { return MatMul(MatMul(x[0], x[1]), x[2]) }, []int{2, 3}, []int{3, 2}, []int{2, 2})
	return s.samples
}

func linearSamples() []Sample {
	var s sampler
	all := func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], x[2]) }
	for _, c := range [][2][]int{
		{{2, 3}, {3, 4}},
		{{1, 1}, {1, 1}},
		{{5, 9}, {9, 7}},
		{{3}, {3, 2}},
		{{2, 2, 3}, {3, 2}},
		{{2, 1, 2, 3}, {3, 1}},
		{{1, 2, 1, 2, 2}, {2, 2}},
		{{0, 3}, {3, 2}},
		{{2, 0}, {0, 3}},
		{{2, 3}, {3, 0}},
		{{0}, {0, 2}},
		{{0, 2, 3}, {3, 2}},
	} {
		name := fmt.Sprint(tensor.Shape(c[0]), " x ", tensor.Shape(c[1]))
		s.add(name, all, c[0], c[1], c[1][1:])
		s.add(name+", no bias", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], nil) }, c[0], c[1])
	}
	for _, a := range matrices {
		s.add(a.name+" examples", func(x ...*Tensor) *Tensor { return Linear(a.view(x[0]), x[1], x[2]) }, a.shape, []int{3, 2}, []int{2})
		s.add(a.name+" weights", func(x ...*Tensor) *Tensor { return Linear(x[0], a.view(x[1]), x[2]) }, []int{3, 2}, a.shape, []int{3})
	}
	s.add("stretched bias", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], BroadcastTo(x[2], 2)) }, []int{2, 3}, []int{3, 2}, nil)
	s.add("bias from a column", func(x ...*Tensor) *Tensor { return Linear(x[0], x[1], Reshape(Slice(x[2], 1, 1, 2), 2)) }, []int{2, 3}, []int{3, 2}, []int{2, 3})
	s.add("one tensor in all places", func(x ...*Tensor) *Tensor { return Linear(x[0], x[0], Reshape(Slice(x[0], 0, 0, 1), 2)) }, []int{2, 2})
	s.add("two layers", func(x ...*Tensor) *Tensor { return Linear(Tanh(Linear(x[0], x[1], x[2])), Transpose(x[1]), nil) }, []int{2, 3}, []int{3, 2}, []int{2})
	return s.samples
}

// dropoutSamples draw the same mask every time: else they would not be functions.
func dropoutSamples() []Sample {
	return append(unary(func(x *Tensor) *Tensor { return Dropout(x, 0.4, rand.New(rand.NewPCG(1, 2))) }, reals)(),
		Sample{"p = 0", func(x ...*Tensor) *Tensor { return Dropout(x[0], 0, nil) }, []*Tensor{draw(0, reals, 3)}},
		Sample{"p = 1", func(x ...*Tensor) *Tensor { return Dropout(x[0], 1, rand.New(rand.NewPCG(1, 2))) }, []*Tensor{draw(0, reals, 3)}})
}

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
			autograd.ShapeError, op + ": shapes differ: (32, 1) and (32)",
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
