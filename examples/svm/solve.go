package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/svm"
)

// solve finds the best machine for a problem, tries it and draws it.
func (s *settings) solve(ctx context.Context, p problem) error {
	train, test, err := p.points(s.n, s.noise, s.seed)
	if err != nil {
		return err
	}
	candidates := s.candidates()
	found, err := learn.GridSearch[int]{Candidates: candidates, Seed: s.seed}.Fit(ctx, train.x, train.class)
	if err != nil {
		return err
	}
	predicted, err := found.Predict(test.x)
	if err != nil {
		return err
	}
	confusion, err := metric.NewConfusion(p.named(test.class), p.named(predicted))
	if err != nil {
		return err
	}
	machine, ok := learn.As[*svm.Model](found)
	if !ok {
		return errors.New("what was found is no support vector machine") // cannot be: all candidates are
	}
	support, _ := machine.SupportVectors()
	best := candidates[found.Best].Name
	fmt.Fprintf(s.out, "%s, %d points, cross-validated:\n\n%v\n", p.title, s.n, found)
	fmt.Fprintf(s.out, "with %d support vectors, and %d points that had no part in it:\n\n%v\n", len(support), s.n, confusion)

	drawing := figure.Margins{
		Title: fmt.Sprintf("%s: %s, %d support vectors", p.title, best, len(support)),
		Names: p.classes,
		Decide: func(points [][2]float64) ([]int, [][]float64, error) {
			return decide(machine, points)
		},
	}
	values := train.x.Float64s()
	for i, class := range train.class {
		drawing.Samples = append(drawing.Samples, figure.Sample{X: values[2*i], Y: values[2*i+1], Class: class})
	}
	for _, i := range support {
		drawing.Samples[i].Support = true
	}
	return drawing.Save(filepath.Join(s.folder, p.file))
}

// decide returns the class of each point and its decision values.
func decide(machine *svm.Model, points [][2]float64) (classes []int, decisions [][]float64, err error) {
	values := make([]float64, 0, 2*len(points))
	for _, p := range points {
		values = append(values, p[0], p[1])
	}
	x := tensor.New(tensor.WithShape(len(points), 2), tensor.WithBacking(values))
	if classes, err = machine.Predict(x); err != nil {
		return nil, nil, err
	}
	d, err := machine.Decision(x)
	if err != nil {
		return nil, nil, err
	}
	pairs := d.Shape()[1]
	for i := range points {
		decisions = append(decisions, d.Float64s()[i*pairs:(i+1)*pairs])
	}
	return classes, decisions, nil
}
