package main

import "fmt"

// A part of the comparison is one training in one process.
type part struct {
	recipe, system string
	seed           int
	latent         int
	variant        string // "", or what is tried beside the comparison of systems
}

// What is tried beside it, with our system and the recipe best.
const (
	widths    = "widths"    // of the code
	tuning    = "tuning"    // frozen codes against an encoder that learns with the classifier
	denoising = "denoising" // images with noise are trained on
	stepping  = "stepping"  // one step, in which lines are counted
	fresh     = "fresh"     // nothing is trained: what an empty machine needs is fetched and built
)

const (
	noiseDeviation = 0.3
	tuningEpochs   = 10
	variantSeeds   = 3
)

func recipes() []string { return []string{"report", "momentum", "best"} }

// String is the name of a part, and of its file.
func (p part) String() string {
	switch p.variant {
	case "":
		return fmt.Sprintf("%s_%s_seed=%d", p.recipe, p.system, p.seed)
	case stepping, fresh:
		return fmt.Sprintf("%s_%s", p.variant, p.system)
	}
	return fmt.Sprintf("%s_latent=%d_%s_seed=%d", p.variant, p.latent, p.system, p.seed)
}

// judgedTwice reports whether scikit-learn's support vector machine reads the codes too, to see that it comes to what ours does. It takes
// as long as some trainings, so one seed has to do.
func (p part) judgedTwice() bool { return p.variant == "" && p.seed == 1 }

// parts returns all parts: the systems take turns, so that what changes on a machine in an hour changes for all.
func (c *comparison) parts() []part {
	var all []part
	for seed := 1; seed <= c.seeds; seed++ {
		for _, recipe := range recipes() {
			for i := range c.systems {
				all = append(all, part{recipe: recipe, system: c.systems[(i+seed)%len(c.systems)], seed: seed, latent: 32})
			}
		}
	}
	for _, system := range c.systems {
		for _, variant := range []string{stepping, fresh} {
			all = append(all, part{recipe: "report", system: system, seed: 1, latent: 32, variant: variant})
		}
	}
	for seed := 1; seed <= min(c.seeds, variantSeeds); seed++ {
		for _, latent := range []int{2, 8, 16, 64} { // 32 is the comparison's
			all = append(all, part{recipe: "best", system: ours, seed: seed, latent: latent, variant: widths})
		}
		for _, variant := range []string{tuning, denoising} {
			all = append(all, part{recipe: "best", system: ours, seed: seed, latent: 32, variant: variant})
		}
	}
	return all
}

// epochs returns how long a part trains if the comparison does so for n epochs.
func (p part) epochs(n int) int {
	if p.variant == stepping {
		return 1
	}
	return n
}

// arguments returns what its process is told.
func (p part) arguments() []string {
	batch := "32"
	if p.recipe == "best" {
		batch = "64"
	}
	arguments := []string{"--recipe", p.recipe, "--batch", batch}
	switch p.variant {
	case tuning:
		arguments = append(arguments, "--tune", fmt.Sprint(tuningEpochs))
	case denoising:
		arguments = append(arguments, "--noise", fmt.Sprint(noiseDeviation))
	case stepping:
		arguments = append(arguments, "--count-lines")
	}
	return arguments
}
