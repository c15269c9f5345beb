// The program fits the problems of libsvm.json and prints their models as
// WriteLIBSVM writes them, an array of texts in JSON. make_libsvm.py runs it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/svm"
)

func main() {
	var problems []struct {
		Kernel string
		Gamma  float64
		C      float64
		X      [][]float64
		Y      []int
	}
	if err := json.NewDecoder(os.Stdin).Decode(&problems); err != nil {
		log.Fatal(err)
	}
	var models []string
	for _, p := range problems {
		x := tensor.New(tensor.WithShape(len(p.X), len(p.X[0])), tensor.WithBacking(slices.Concat(p.X...)))
		c := svm.SVC{C: p.C, Kernel: svm.Linear{}}
		if p.Kernel == "rbf" {
			c.Kernel = svm.RBF{Gamma: svm.Gamma(p.Gamma)}
		}
		m, err := c.Fit(context.Background(), x, p.Y)
		if err != nil {
			log.Fatal(err)
		}
		var text strings.Builder
		if err := m.WriteLIBSVM(&text); err != nil {
			log.Fatal(err)
		}
		models = append(models, text.String())
	}
	if err := json.NewEncoder(os.Stdout).Encode(models); err != nil {
		log.Fatal(err)
	}
}
