// The program fits the problems of libsvm_types.json and prints their models as
// WriteLIBSVM writes them, an array of texts in JSON. make_libsvm_types.py runs it.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/svm"
)

type problem struct {
	Type, Kernel string
	Probability  bool
	X            [][]float64
	Y            []float64
}

type model interface{ WriteLIBSVM(w io.Writer) error }

func (p problem) fit() (model, error) {
	ctx := context.Background()
	x := tensor.New(tensor.WithShape(len(p.X), len(p.X[0])), tensor.WithBacking(slices.Concat(p.X...)))
	kernel := map[string]svm.Kernel{
		"linear": svm.Linear{}, "rbf": svm.RBF{Gamma: svm.Gamma(0.3)}, "precomputed": svm.Precomputed{},
		"polynomial": svm.Polynomial{Degree: 2, Gamma: svm.Gamma(0.3), Coef0: 0.5}, "sigmoid": svm.Sigmoid{Gamma: svm.Gamma(0.3), Coef0: 0.5},
	}[p.Kernel]
	var labels []int
	for _, v := range p.Y {
		labels = append(labels, int(v))
	}
	var classifier svm.Classifier = svm.SVC{Kernel: kernel}
	switch p.Type {
	case "one_class":
		return svm.OneClass{Nu: 0.4, Kernel: kernel}.Fit(ctx, x)
	case "epsilon_svr":
		return svm.SVR{Epsilon: 0.1, Kernel: kernel}.Fit(ctx, x, p.Y)
	case "nu_svr":
		return svm.NuSVR{Nu: 0.4, Kernel: kernel}.Fit(ctx, x, p.Y)
	case "nu_svc":
		classifier = svm.NuSVC{Nu: 0.6, Kernel: kernel}
	}
	if p.Probability {
		return svm.Platt{}.Fit(ctx, classifier, x, labels)
	}
	return classifier.Fit(ctx, x, labels)
}

func main() {
	var problems []problem
	if err := json.NewDecoder(os.Stdin).Decode(&problems); err != nil {
		log.Fatal(err)
	}
	var models []string
	for _, p := range problems {
		m, err := p.fit()
		if err != nil {
			log.Fatalf("%s, %s: %v", p.Type, p.Kernel, err)
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
