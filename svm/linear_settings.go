package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// linearSettings are what linear machines have in common.
type linearSettings struct {
	c, bias       float64
	noBias        bool
	sampleWeights []float64
	tolerance     float64
	maxIter       int
}

const (
	defaultLinearTolerance = 1e-4
	defaultEpochs          = 1000
)

// withDefaults fills in what is zero and checks the rest.
func (s linearSettings) withDefaults() (linearSettings, error) {
	if s.c == 0 {
		s.c = 1
	}
	if s.bias == 0 {
		s.bias = 1
	}
	if s.tolerance == 0 {
		s.tolerance = defaultLinearTolerance
	}
	if s.maxIter == 0 {
		s.maxIter = defaultEpochs
	}
	switch {
	case !(s.c > 0) || math.IsInf(s.c, 1) || math.IsInf(1/s.c, 1):
		return s, fmt.Errorf("the C is %v: give a positive, finite number, or 0 for 1", s.c)
	case !(s.bias > 0) || math.IsInf(s.bias, 1):
		return s, fmt.Errorf("the Bias is %v: give a positive, finite number, or 0 for 1, or set NoBias", s.bias)
	case !(s.tolerance > 0) || math.IsInf(s.tolerance, 1):
		return s, fmt.Errorf("the Tolerance is %v: give a positive, finite number, or 0 for %v", s.tolerance, defaultLinearTolerance)
	case s.maxIter < 0:
		return s, fmt.Errorf("the MaxIter is %d: give a positive number, or 0 for %d", s.maxIter, defaultEpochs)
	}
	if s.noBias {
		s.bias = 0
	}
	return s, nil
}

// prepare checks the samples and their weights, and reads the samples.
func (s linearSettings) prepare(ctx context.Context, x *matrix) (rows linearRows, squares []float64, err error) {
	if err := s.checkSampleWeights(x.rows); err != nil {
		return nil, nil, err
	}
	if err := x.checkFinite(ctx); err != nil {
		return nil, nil, err
	}
	return newLinearRows(ctx, x, s.bias)
}

func (s linearSettings) checkSampleWeights(rows int) error {
	if s.sampleWeights == nil {
		return nil
	}
	if len(s.sampleWeights) != rows {
		return fmt.Errorf("x has %d rows and there are %d SampleWeights: give one for each row", rows, len(s.sampleWeights))
	}
	counted := false
	for i, w := range s.sampleWeights {
		if !(w >= 0) || math.IsInf(s.c*w, 1) || w > 0 && math.IsInf(1/(s.c*w), 1) {
			return fmt.Errorf("the sample weight of row %d is %v: give 0 or a positive number with which C, which is %v, is positive and finite", i, w, s.c)
		}
		counted = counted || w > 0
	}
	if !counted {
		return errors.New("all SampleWeights are 0: no sample counts")
	}
	return nil
}

// price is that of a unit of loss of a sample.
func (s linearSettings) price(i int) float64 {
	if s.sampleWeights == nil {
		return s.c
	}
	return s.c * s.sampleWeights[i]
}
