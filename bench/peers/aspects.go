package main

import (
	"fmt"

	"github.com/tapegrad/tapegrad/internal/figure"
)

// levels say on which level a user writes the training.
var levels = map[string]string{
	ours:  "layers and Fit, or a loop over a stream of gradients; one language down to kernels in assembly",
	torch: "layers and a loop; the engine is C++ below Python",
	keras: "layers and fit; a graph of TensorFlow, in C++, below Python",
	jax:   "functions and a loop; compiled by XLA, in C++, below Python",
}

// aspects are what reports of courses compare.
func (p *page) aspects() error {
	p.printf("## Aspects\n\nWhat reports of courses compare, and what stands for it here.\n\n")
	rows := [][]string{p.head("aspect")}
	add := func(title string, cell func(system string) (string, error)) error {
		row := []string{title}
		for _, system := range p.systems {
			text, err := cell(system)
			if err != nil {
				return err
			}
			row = append(row, text)
		}
		rows = append(rows, row)
		return nil
	}
	of := func(recipe string, column int) func(system string) (string, error) {
		return func(system string) (string, error) {
			return across(p.trained(recipe, system), columns[column].of), nil
		}
	}
	alone := func(variant, system string) *measurement {
		return p.measured[part{system: system, variant: variant}.String()]
	}
	for _, a := range []struct {
		title string
		cell  func(system string) (string, error)
	}{
		{"implementation level: how it is written", func(system string) (string, error) { return levels[system], nil }},
		{"training stability: largest rise of the training loss between epochs, recipe momentum, %", of("momentum", 2)},
		{"training stability: from the least to the greatest validation loss of the seeds, % of their median, recipe momentum", func(system string) (string, error) {
			s, ok := spreadOf(p.trained("momentum", system), columns[1].of)
			if !ok {
				return missing, nil
			}
			return number(100 * (s[2] - s[0]) / s[1]), nil
		}},
		{"reconstruction quality: validation loss, recipe best", of("best", 1)},
		{"SVM accuracy: our machine on the codes of recipe best, %", of("best", 5)},
		{"educational value: different lines of Go or Python that a reader steps through in the first training step", func(system string) (string, error) {
			if m := alone(stepping, system); m != nil {
				return fmt.Sprint(m.Stepped), nil
			}
			return missing, nil
		}},
		{"development time: lines that a user writes", func(system string) (string, error) {
			n, err := linesWritten(system)
			return fmt.Sprint(n), err
		}},
		{"seconds to install it on a machine that has Go, or Python, and nothing downloaded", func(system string) (string, error) {
			if m := alone(fresh, system); m != nil {
				return number(m.Seconds), nil
			}
			return missing, nil
		}},
		{"seconds from such a machine to a trained model, recipe report", func(system string) (string, error) {
			m := alone(fresh, system)
			s, ok := spreadOf(p.trained("report", system), columns[8].of)
			if m == nil || !ok {
				return missing, nil
			}
			return number(m.Seconds + s[1]), nil
		}},
	} {
		if err := add(a.title, a.cell); err != nil {
			return err
		}
	}
	p.table(rows)
	p.printf("The lines that a user writes are those of bench/peers/train.go and bench/peers/python/compare_*.py between two comments. The lines of a step are, " +
		"for Python, those that its tracing reports, which do not see what is below Python; for Go those of the packages autograd, ops, nn, optim, data and internal that one " +
		"step and building the network cover, which is all there is but the assembly.\n\n")
	return nil
}

// variants are what was tried with our system alone.
func (p *page) variants() error {
	p.printf("## Widths of the code\n\nWhat follows was tried in tapegrad alone, by the recipe best and with %d seeds. The row of 32 is that of the comparison.\n\n", min(p.seeds, variantSeeds))
	rows := [][]string{{"numbers in a code", "validation loss", "sharpness, %", "living units", "test accuracy, %"}}
	for _, latent := range []int{2, 8, 16, 32, 64} {
		all := p.of(part{recipe: "best", system: ours, latent: latent, variant: widths})
		if latent == 32 {
			all = p.trained("best", ours)
		}
		row := []string{fmt.Sprint(latent)}
		for _, column := range []int{1, 3, 4, 5} {
			row = append(row, across(all, columns[column].of))
		}
		rows = append(rows, row)
	}
	p.table(rows)

	tuned := p.of(part{recipe: "best", system: ours, latent: 32, variant: tuning})
	p.printf("## Frozen codes and fine-tuning\n\nA layer of ten scores on the codes, trained for %d epochs: on codes that stay as they are, or together with the encoder.\n\n", tuningEpochs)
	p.table([][]string{
		{"", "test accuracy, %"},
		{"a layer on frozen codes", across(tuned, func(m *measurement) float64 { return 100 * m.Frozen })},
		{"a support vector machine on frozen codes", across(tuned, columns[5].of)},
		{"the layer and the encoder, end to end", across(tuned, func(m *measurement) float64 { return 100 * m.Tuned })},
	})

	denoised := p.of(part{recipe: "best", system: ours, latent: 32, variant: denoising})
	p.printf("## Denoising\n\nNoise with a standard deviation of %g was added to the images that the encoder saw, and the images without it were the target.\n\n", noiseDeviation)
	p.table([][]string{
		{"trained on", "error on clean test images", "error on noisy ones", "test accuracy on codes of clean images, %"},
		{
			"noisy images", across(denoised, columns[1].of), across(denoised, func(m *measurement) float64 { return m.Noisy }),
			across(denoised, columns[5].of),
		},
		{
			"clean images", across(p.trained("best", ours), columns[1].of),
			across(p.trained("best", ours), func(m *measurement) float64 { return m.Noisy }), across(p.trained("best", ours), columns[5].of),
		},
	})
	if len(denoised) == 0 {
		return nil
	}
	first := denoised[0]
	return p.picture(figure.Reconstructions{
		Title:     "Trained on noisy images",
		Originals: fromBytes(first.Originals),
		Made:      []figure.Made{{Name: "With noise", Images: fromBytes(first.Noised)}, {Name: "What is made of it", Images: fromBytes(first.Cleaned)}},
	}, "comparison-denoising.png", "Ten digits, the same with noise, and what the network that was trained on noisy images makes of those")
}
