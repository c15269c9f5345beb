package main

import (
	"context"
	"path/filepath"
	"strconv"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/nn"
)

// figures draws into a folder.
type figures struct{ folder string }

func (f figures) path(name string) string { return filepath.Join(f.folder, name) }

func (f figures) loss(h nn.History) error {
	return figure.Loss{
		Title:  "Autoencoder: mean squared error",
		YLabel: "Mean squared error",
		Series: []figure.Series{{Name: "training", Values: h.Loss()}, {Name: "validation", Values: h.ValidationLoss()}},
	}.Save(f.path("loss.png"))
}

// reconstructions takes images of 784 pixels one after the other.
func (f figures) reconstructions(name string, originals, made []float32) error {
	pictures := figure.Reconstructions{Error: true}
	var reconstructions [][]float32
	for i := 0; i < len(originals); i += 784 {
		pictures.Originals = append(pictures.Originals, originals[i:i+784])
		reconstructions = append(reconstructions, made[i:i+784])
	}
	pictures.Made = []figure.Made{{Images: reconstructions}}
	return pictures.Save(f.path(name))
}

// latent shows codes (n, k) along their first two principal components.
func (f figures) latent(codes *tensor.Dense, labels []int) error {
	n, k := codes.Shape()[0], min(2, codes.Shape()[1])
	projection, err := data.PCA{Components: k}.Fit(context.Background(), codes)
	if err != nil {
		return err
	}
	projected, err := projection.Apply(codes)
	if err != nil {
		return err
	}
	scatter := figure.Latent{Title: "Codes of the test images, along their first two principal components", Class: labels, X: make([]float64, n), Y: make([]float64, n)}
	for i := range n {
		scatter.X[i] = float64(projected.Float32s()[i*k])
		if k > 1 {
			scatter.Y[i] = float64(projected.Float32s()[i*k+1])
		}
	}
	return scatter.Save(f.path("latent.png"))
}

func (f figures) confusion(c *metric.Confusion[int]) error {
	digits := make([]string, len(c.Labels))
	for i, digit := range c.Labels {
		digits[i] = strconv.Itoa(digit)
	}
	return figure.Confusion{Title: "Digits read from the codes", Counts: c.Counts, Names: digits}.Save(f.path("confusion.png"))
}
