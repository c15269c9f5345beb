package main

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// A problem is points in the plane, of two or three classes.
type problem struct {
	title   string
	file    string // of the figure
	classes []string
	// draw draws a point of a class, which strays by a multiple of the usual.
	draw func(class int, stray float64, rng *rand.Rand) (x, y float64)
}

var problems = []problem{
	{
		title: "Two moons", file: "moons.png", classes: []string{"upper moon", "lower moon"},
		draw: func(class int, stray float64, rng *rand.Rand) (x, y float64) {
			sin, cos := math.Sincos(math.Pi * rng.Float64())
			if class == 1 {
				sin, cos = 0.5-sin, 1-cos
			}
			const usual = 0.18
			return cos + usual*stray*rng.NormFloat64(), sin + usual*stray*rng.NormFloat64()
		},
	},
	{
		title: "Pinwheel", file: "pinwheel.png", classes: []string{"first arm", "second arm", "third arm"},
		draw: func(class int, stray float64, rng *rand.Rand) (x, y float64) {
			const usual = 0.2
			radius := math.Sqrt(0.02 + 0.98*rng.Float64())
			sin, cos := math.Sincos(2*math.Pi*float64(class)/3 + 2.4*radius + usual*stray*rng.NormFloat64()/radius)
			return radius * cos, radius * sin
		},
	},
}

// points returns n points with their classes in turn, to fit to, and as many to test with. The features of the first
// go from 0 to 1.
func (p problem) points(n int, stray float64, seed uint64) (train, test set, err error) {
	rng := rand.New(rand.NewPCG(seed, 0))
	train, test = p.drawn(n, stray, rng), p.drawn(n, stray, rng)
	scaler, err := data.NewMinMaxScaler(train.x)
	if err != nil {
		return set{}, set{}, err
	}
	if train.x, err = scaler.Apply(train.x); err != nil {
		return set{}, set{}, err
	}
	test.x, err = scaler.Apply(test.x)
	return train, test, err
}

// named returns the names of classes.
func (p problem) named(class []int) []string {
	names := make([]string, len(class))
	for i, c := range class {
		names[i] = p.classes[c]
	}
	return names
}

// A set is points (n, 2) and their classes.
type set struct {
	x     *tensor.Dense
	class []int
}

func (p problem) drawn(n int, stray float64, rng *rand.Rand) set {
	values, class := make([]float64, 0, 2*n), make([]int, n)
	for i := range n {
		class[i] = i % len(p.classes)
		x, y := p.draw(class[i], stray, rng)
		values = append(values, x, y)
	}
	return set{tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(values)), class}
}
