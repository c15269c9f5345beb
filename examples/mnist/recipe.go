package main

import (
	"fmt"
	"strings"

	"github.com/tapegrad/tapegrad/optim"
)

// A recipe is how the autoencoder is trained to lower the mean squared error, and the support vector machine after it.
type recipe struct {
	name   string
	epochs int
	batch  int
	lr     float64
	says   string // what the optimizer is

	// optimizer returns a new one for a training of so many updates.
	optimizer func(lr float64, updates int) optim.Optimizer

	latentBias float64 // that the units of the code start with
	search     bool    // for C and gamma of the support vector machine; else they are 1 and svm.Scale
}

// The first recipe is the default.
var recipes = []recipe{
	{
		name: "best", epochs: 40, batch: 64, lr: 1e-3, says: "AdamW, weight decay 0.01, warm-up, then cosine",
		optimizer: func(lr float64, updates int) optim.Optimizer {
			const warmup = 500
			return &optim.AdamW{
				LR: lr, WeightDecay: 1e-2, Decays: optim.WeightsOnly,
				// A taste has fewer updates in all, and would never reach the learning rate.
				Schedule: optim.Warmup(max(1, min(warmup, updates/10)), optim.CosineDecay(updates, 0.01)),
			}
		},
		latentBias: 1, // alive for every image: a rectified unit that is 0 for all of them never learns
		search:     true,
	},
	{
		name: "momentum", epochs: 40, batch: 32, lr: 0.05, says: "SGD, momentum 0.9",
		optimizer: func(lr float64, _ int) optim.Optimizer { return &optim.SGD{LR: lr, Momentum: 0.9} },
	},
	{
		name: "report", epochs: 40, batch: 32, lr: 0.05, says: "SGD",
		optimizer: func(lr float64, _ int) optim.Optimizer { return &optim.SGD{LR: lr} },
	},
}

func recipeNamed(name string) (recipe, error) {
	for _, r := range recipes {
		if r.name == name {
			return r, nil
		}
	}
	return recipe{}, fmt.Errorf("there is no recipe %q: want %s", name, recipeNames())
}

func recipeNames() string {
	var names []string
	for _, r := range recipes {
		names = append(names, r.name)
	}
	return strings.Join(names, " or ")
}

func (r recipe) String() string {
	return fmt.Sprintf("%s (%s, learning rate %g, batch %d), epochs: %d", r.name, r.says, r.lr, r.batch, r.epochs)
}
