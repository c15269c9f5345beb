package ops

import (
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// This file makes the samples of operations along the last axis, of choices, products and normalizations.

// rowSamples is unary for functions of rows, which a scalar does not have.
func rowSamples(f func(x *Tensor) *Tensor) func() []Sample {
	return func() []Sample {
		return slices.DeleteFunc(unary(f, reals)(), func(s Sample) bool { return s.Name == fmt.Sprint("shape ", tensor.Shape{}) })
	}
}

// A normalization is LayerNorm or BatchNorm.
type normalization = func(x, gain, bias *Tensor, eps float64) *Tensor

// normSamples has shapes of at least the given rank. The variances of some are 0.
func normSamples(f normalization, rank int) func() []Sample {
	return func() []Sample {
		var s sampler
		for _, shape := range shapes {
			if len(shape) < rank {
				continue
			}
			k := shape[len(shape)-1]
			s.add(fmt.Sprint(shape), func(x ...*Tensor) *Tensor { return f(x[0], x[1], x[2], 0.1) }, shape, []int{k}, []int{k})
			s.add(fmt.Sprint(shape, ", no bias"), func(x ...*Tensor) *Tensor { return f(x[0], x[1], nil, 0.1) }, shape, []int{k})
			s.add(fmt.Sprint(shape, ", no gain"), func(x ...*Tensor) *Tensor { return f(x[0], nil, x[1], 0.1) }, shape, []int{k})
		}
		for _, a := range arrangements() {
			s.addOne(a.name, func(x *Tensor) *Tensor { return f(a.view(x), nil, nil, 0.1) }, a.shape...)
		}
		s.addOne("times its input", func(x *Tensor) *Tensor { return Mul(x, f(x, nil, nil, 0.1)) }, 3, 2)
		s.addOne("its own gain", func(x *Tensor) *Tensor { return f(x, Sum(x, 0), nil, 0.1) }, 3, 2)
		s.addOne("eps = 0", func(x *Tensor) *Tensor { return f(x, nil, nil, 0) }, 3, 4)
		s.add("a stretched gain", func(x ...*Tensor) *Tensor { return f(x[0], BroadcastTo(x[1], 3), nil, 1) }, []int{2, 3}, nil)
		return s.samples
	}
}

// badNorm returns the misuses that both must answer.
func badNorm(op string, f normalization) []Misuse {
	x := func() *Tensor { return draw(0, reals, 2, 3) }
	return []Misuse{
		{"a gain of another length", func() { f(x(), draw(1, reals, 2), nil, 1) }, autograd.ShapeError, op + ": want a gain of shape (3) for (2, 3), given (2)"},
		{"a bias of another length", func() { f(x(), nil, draw(1, reals, 1), 1) }, autograd.ShapeError, op + ": want a bias of shape (3) for (2, 3), given (1)"},
		{"a gain for each row", func() { f(x(), draw(1, reals, 2, 3), nil, 1) }, autograd.ShapeError, "want a gain of shape (3) for (2, 3), given (2, 3)"},
		{"a negative eps", func() { f(x(), nil, nil, -1) }, autograd.ValueError, op + ": want a finite eps of at least 0, given -1"},
		{"eps NaN", func() { f(x(), nil, nil, math.NaN()) }, autograd.ValueError, "want a finite eps of at least 0, given NaN"},
		{"eps infinite", func() { f(x(), nil, nil, math.Inf(1)) }, autograd.ValueError, "want a finite eps of at least 0, given +Inf"},
		{
			"two dtypes",
			func() { f(x(), nil, autograd.FromSlice([]float32{1, 2, 3}, 3), 1) },
			autograd.DtypeError, op + ": dtypes differ: float64 (2, 3) and float32 (3)",
		},
	}
}

// prodSamples has one, two and three factors of 0: the derivative of the product, and then the derivative's own, are all that is
// left of it.
func prodSamples() []Sample {
	var samples []Sample
	for _, values := range [][]float64{{0}, {2, 0}, {0, 0}, {3, 0, 2}, {0, -1.5, 0}, {0, 0, 0}, {1, 0, 2, 0, 3}, {0, 0.5, 0, 0, 2, 2}} {
		samples = append(samples,
			Sample{
				fmt.Sprint(values),
				func(x ...*Tensor) *Tensor { return Prod(x[0]) },
				[]*Tensor{autograd.FromSlice(values, len(values))},
			},
			Sample{
				fmt.Sprint(values, ", times its input"),
				func(x ...*Tensor) *Tensor { return Mul(Prod(x[0]), x[0]) },
				[]*Tensor{autograd.FromSlice(values, len(values))},
			})
	}
	return samples
}

// choiceSamples has every axis that ArgMax and ArgMin can choose along.
func choiceSamples(f func(x *Tensor, axis int) *Tensor) func() []Sample {
	return func() []Sample {
		s := sampler{input: apart}
		for _, shape := range shapes {
			for axis, d := range shape {
				if d > 0 {
					s.add(fmt.Sprint(shape, " along ", axis), func(x ...*Tensor) *Tensor { return f(x[0], axis) }, shape)
				}
			}
		}
		for _, a := range arrangements() {
			s.add(a.name, func(x ...*Tensor) *Tensor { return f(a.view(x[0]), -1) }, a.shape)
		}
		return s.samples
	}
}

// badChoice returns the misuses that both must answer.
func badChoice(op string, f func(x *Tensor, axis int) *Tensor) []Misuse {
	return append(badAxis(op, f),
		Misuse{
			"nothing to choose from",
			func() { f(draw(0, reals, 2, 0), 1) },
			autograd.ShapeError, op + ": shape (2, 0) has no elements along axes [1]",
		},
		Misuse{
			"more than float32 can count",
			func() { f(BroadcastTo(autograd.FromSlice([]float32{1}), 1<<24+2), 0) },
			autograd.ShapeError, op + ": float32 counts to 16777216 only, and axis 0 of shape (16777218) is longer",
		})
}
