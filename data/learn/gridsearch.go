package learn

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"text/tabwriter"
)

// A Candidate is one of the estimators among which a [GridSearch] chooses: a point of
// the grid.
type Candidate[Y Target] struct {
	Name      string       // in the table and in errors
	Estimator Estimator[Y] // what is fitted and judged
}

// A GridSearch fits candidates to parts of the samples, lets them predict the rest, and
// fits the one that does so best to all samples.
type GridSearch[Y Target] struct {
	// Candidates are what to choose from, at least one.
	Candidates []Candidate[Y]
	// Folds is into how many parts the samples are divided, each of which is tested
	// once; 0 means 5. They are drawn, and stratified by class labels.
	Folds int
	Seed  uint64 // draws the folds
	// Splits, if not nil, are taken instead: the indices of samples to train on and of
	// others to test, which may for example be a single part that is held out, or what
	// [data.Folds.All] returns.
	Splits iter.Seq2[[]int, []int]
	// Score judges predictions, higher is better; nil means the accuracy of class
	// labels, metric.Accuracy, and R² of numbers, metric.R2. It may be called by several
	// goroutines at once.
	Score func(truth, predicted []Y) (float64, error)
	// Progress, if not nil, is told of each score, one at a time, in the order in which
	// they come. Ending the context from here ends the search.
	Progress func(Progress)
}

// Progress tells of a candidate that was fitted and judged.
type Progress struct {
	Candidate   int     // its place among the candidates
	Name        string  // of the candidate
	Split       int     // on which it was judged
	Score       float64 // what it reached there
	Done, Total int     // fits
}

// Fit judges all candidates and fits the best one to all samples x (n, …) and y (n); the
// first of equals is the best.
//
// It runs as many fits at the same time as GOMAXPROCS says, each of which works on one
// thread then, since that uses all processors better than fits one after the other that
// share each loop; the last fit has them all. The memory is that of so many fits, and of
// copies of the samples for as many folds. The result does not depend on the number of
// processors.
//
// The error names the candidate and the split and says what kept it from being fitted or
// judged; or it says that there are no candidates, that x and y do not fit each other, or
// what is wrong with the folds. When ctx ends Fit stops as soon as the estimators do and
// returns its error, wrapped.
func (g GridSearch[Y]) Fit(ctx context.Context, x Samples, y []Y) (*Found[Y], error) {
	scores, err := g.validate(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("learn: GridSearch: %w", err)
	}
	found := &Found[Y]{}
	for i, c := range g.Candidates {
		r := newResult(c.Name, scores[i])
		if i > 0 && r.Mean > found.Results[found.Best].Mean {
			found.Best = i
		}
		found.Results = append(found.Results, r)
	}
	best := g.Candidates[found.Best]
	if found.Model, err = best.Estimator.Fit(ctx, x, y); err != nil {
		return nil, fmt.Errorf("learn: GridSearch: fitting the best candidate, %q, to all samples: %w", best.Name, err)
	}
	return found, nil
}

// A Result is how a candidate did.
type Result struct {
	Name   string    // of the candidate
	Scores []float64 // by split
	Mean   float64   // of the scores
	Spread float64   // the standard deviation of the scores, with divisor n
}

func newResult(name string, scores []float64) Result {
	r := Result{Name: name, Scores: scores}
	for _, s := range scores {
		r.Mean += s
	}
	r.Mean /= float64(len(scores))
	squares := 0.0
	for _, s := range scores {
		squares += (s - r.Mean) * (s - r.Mean)
	}
	r.Spread = math.Sqrt(squares / float64(len(scores)))
	return r
}

// Found is what a [GridSearch] has found: the best model, and how all candidates did.
type Found[Y Target] struct {
	Results []Result // by candidate
	Best    int      // the place of the best one
	Model   Model[Y] // the best one, fitted to all samples; see As
}

// Predict returns what the best model predicts.
func (f *Found[Y]) Predict(x Samples) ([]Y, error) { return f.Model.Predict(x) }

func (f *Found[Y]) inner() any { return f.Model }

// String returns a table of all results, which says what is the best.
func (f *Found[Y]) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "candidate\tmean\tspread")
	for i, r := range f.Results {
		fmt.Fprintf(w, "%s\t%.4f\t%.4f", r.Name, r.Mean, r.Spread)
		if i == f.Best {
			fmt.Fprint(w, "\tbest")
		}
		fmt.Fprintln(w)
	}
	w.Flush() // a strings.Builder takes all
	return text.String()
}
