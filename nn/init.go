package nn

import (
	"math"
	"math/rand/v2"

	"github.com/tapegrad/tapegrad/autograd"
)

// An Init gives a new parameter its first values, in row-major order. The same rng state gives the same values, and for float32
// parameters those values rounded.
//
// The initializers of this package that depend on fans take a shape (in, out) as fanIn = in and fanOut = out; leading axes, as
// of a convolution's kernel, multiply both, and a shape (n) has both n.
type Init func(rng *rand.Rand, shape ...int) []float64

// GlorotUniform draws from the uniform distribution on [-a, a) with
//
//	a = √(6 / (fanIn + fanOut))
//
// so that for tanh and the like neither activations nor gradients grow or shrink from layer to layer. Glorot and Bengio,
// "Understanding the difficulty of training deep feedforward neural networks" (AISTATS 2010), equation 16.
func GlorotUniform(rng *rand.Rand, shape ...int) []float64 {
	fanIn, fanOut := fans(shape)
	return uniform(rng, math.Sqrt(6/(fanIn+fanOut)), shape)
}

// GlorotNormal draws from the normal distribution, not truncated, of mean 0 and standard deviation
//
//	σ = √(2 / (fanIn + fanOut))
//
// the variance of [GlorotUniform] (equation 12 of the same paper).
func GlorotNormal(rng *rand.Rand, shape ...int) []float64 {
	fanIn, fanOut := fans(shape)
	return normal(rng, math.Sqrt(2/(fanIn+fanOut)), shape)
}

// HeUniform draws from the uniform distribution on [-a, a) with
//
//	a = √(6 / fanIn)
//
// the variance of [HeNormal].
func HeUniform(rng *rand.Rand, shape ...int) []float64 {
	fanIn, _ := fans(shape)
	return uniform(rng, math.Sqrt(6/fanIn), shape)
}

// HeNormal draws from the normal distribution, not truncated, of mean 0 and standard deviation
//
//	σ = √(2 / fanIn)
//
// which keeps the size of activations behind ReLU, half of which are 0. He, Zhang, Ren and Sun, "Delving Deep into Rectifiers:
// Surpassing Human-Level Performance on ImageNet Classification" (ICCV 2015), equation 10.
func HeNormal(rng *rand.Rand, shape ...int) []float64 {
	fanIn, _ := fans(shape)
	return normal(rng, math.Sqrt(2/fanIn), shape)
}

// Zeros gives 0 everywhere.
func Zeros(_ *rand.Rand, shape ...int) []float64 { return make([]float64, size(shape)) }

// Constant returns the initializer that gives v everywhere.
func Constant(v float64) Init {
	return func(_ *rand.Rand, shape ...int) []float64 {
		return fill(shape, func() float64 { return v })
	}
}

// Uniform returns the initializer that draws from the uniform distribution on [-a, a). It panics with an autograd.ValueError if a
// is negative or not finite.
func Uniform(a float64) Init {
	wantFactor("nn.Uniform", "a", a)
	return func(rng *rand.Rand, shape ...int) []float64 { return uniform(rng, a, shape) }
}

// Normal returns the initializer that draws from the normal distribution of mean 0 and standard deviation sigma. It panics with an
// autograd.ValueError if sigma is negative or not finite.
func Normal(sigma float64) Init {
	wantFactor("nn.Normal", "sigma", sigma)
	return func(rng *rand.Rand, shape ...int) []float64 { return normal(rng, sigma, shape) }
}

// TruncatedNormal returns the initializer that draws from the normal distribution of mean 0 and standard deviation sigma, and draws
// again what lies more than 2·sigma from the mean, as Keras's TruncatedNormal does. What is lost by that is not corrected: the values
// have a standard deviation of 0.8796·sigma. It panics with an autograd.ValueError if sigma is negative or not finite.
func TruncatedNormal(sigma float64) Init {
	wantFactor("nn.TruncatedNormal", "sigma", sigma)
	return func(rng *rand.Rand, shape ...int) []float64 {
		return fill(shape, func() float64 {
			for {
				if z := rng.NormFloat64(); math.Abs(z) <= 2 {
					return sigma * z
				}
			}
		})
	}
}

func wantFactor(op, name string, v float64) {
	if !isFactor(v) {
		autograd.Fail(op, autograd.ValueError, nil, "%s is %v: want a finite number that is not negative", name, v)
	}
}

func uniform(rng *rand.Rand, a float64, shape []int) []float64 {
	return fill(shape, func() float64 { return a * (2*rng.Float64() - 1) })
}

func normal(rng *rand.Rand, sigma float64, shape []int) []float64 {
	return fill(shape, func() float64 { return sigma * rng.NormFloat64() })
}

func fill(shape []int, next func() float64) []float64 {
	values := make([]float64, size(shape))
	for i := range values {
		values[i] = next()
	}
	return values
}

// fans returns the numbers of inputs and outputs that a weight connects.
func fans(shape []int) (fanIn, fanOut float64) {
	switch n := len(shape); n {
	case 0:
		return 1, 1
	case 1:
		return float64(shape[0]), float64(shape[0])
	default:
		field := float64(size(shape[:n-2]))
		return field * float64(shape[n-2]), field * float64(shape[n-1])
	}
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
