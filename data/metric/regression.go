package metric

import (
	"errors"
	"fmt"
	"math"
)

// MeanSquaredError returns the mean of the squared differences. The error says that
// truth and predicted are not equally many, or none, or names the position of a
// number that is not finite.
func MeanSquaredError(truth, predicted []float64) (float64, error) {
	if err := checkNumbers(truth, predicted); err != nil {
		return 0, fmt.Errorf("metric: MeanSquaredError: %w", err)
	}
	return squares(truth, func(i int) float64 { return predicted[i] }) / float64(len(truth)), nil
}

// MeanAbsoluteError returns the mean of the absolute differences. The error is that
// of [MeanSquaredError].
func MeanAbsoluteError(truth, predicted []float64) (float64, error) {
	if err := checkNumbers(truth, predicted); err != nil {
		return 0, fmt.Errorf("metric: MeanAbsoluteError: %w", err)
	}
	sum := 0.0
	for i, v := range truth {
		sum += math.Abs(v - predicted[i])
	}
	return sum / float64(len(truth)), nil
}

// R2 returns the coefficient of determination R²,
//
//	1 - Σᵢ (truthᵢ - predictedᵢ)² / Σᵢ (truthᵢ - mean)²
//
// which is 1 for predictions that are right, 0 for the mean of the truth, and below 0
// for worse ones. Where the truth is one number throughout, it is 1 if all predictions
// are right and else 0, as in scikit-learn. The error is that of [MeanSquaredError], or
// says that there is one example only, for which it means nothing.
func R2(truth, predicted []float64) (float64, error) {
	if err := checkNumbers(truth, predicted); err != nil {
		return 0, fmt.Errorf("metric: R2: %w", err)
	}
	n := float64(len(truth))
	if n == 1 {
		return 0, errors.New("metric: R2: one example has no variance to explain: give two or more")
	}
	mean := truth[0]
	for _, v := range truth {
		mean += (v - truth[0]) / n // equal ones have exactly their mean
	}
	wrong := squares(truth, func(i int) float64 { return predicted[i] })
	all := squares(truth, func(int) float64 { return mean })
	switch {
	case wrong == 0:
		return 1, nil
	case all == 0:
		return 0, nil
	}
	return 1 - wrong/all, nil
}

// squares returns the sum of the squared differences.
func squares(truth []float64, of func(i int) float64) float64 {
	sum := 0.0
	for i, v := range truth {
		sum += (v - of(i)) * (v - of(i))
	}
	return sum
}

func checkNumbers(truth, predicted []float64) error {
	if err := checkLengths(len(truth), len(predicted)); err != nil {
		return err
	}
	for i, v := range truth {
		if !finite(v) || !finite(predicted[i]) {
			return fmt.Errorf("example %d is %v and predicted as %v: both must be finite", i, v, predicted[i])
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
