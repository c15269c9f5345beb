package learn

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// CrossValidate returns for each fold what an estimator scores on it after it was fitted
// to all others: the accuracy of class labels, or R² of numbers. The folds, 5 if folds is
// 0, are drawn by the seed and stratified by class labels.
//
// It is a [GridSearch] with one candidate and without the last fit, and says there how it
// uses the processors, what the errors are and how it ends with ctx.
func CrossValidate[Y Target](ctx context.Context, e Estimator[Y], x Samples, y []Y, folds int, seed uint64) ([]float64, error) {
	search := GridSearch[Y]{Candidates: []Candidate[Y]{{Estimator: e}}, Folds: folds, Seed: seed}
	scores, err := search.validate(ctx, x, y)
	if err != nil {
		return nil, fmt.Errorf("learn: CrossValidate: %w", err)
	}
	return scores[0], nil
}

// validate returns the scores of each candidate in each split.
func (g GridSearch[Y]) validate(ctx context.Context, x Samples, y []Y) (scores [][]float64, err error) {
	if err := g.check(x, y); err != nil {
		return nil, err
	}
	splits := g.Splits
	if splits == nil {
		if splits, err = drawn(y, g.Folds, g.Seed); err != nil {
			return nil, err
		}
	}
	v := &validation[Y]{GridSearch: g, x: x, y: y, scores: make([][]float64, len(g.Candidates))}
	for train, test := range splits {
		v.splits = append(v.splits, &split[Y]{train: train, test: test})
	}
	if len(v.splits) == 0 {
		return nil, errors.New("the Splits are empty: give at least one")
	}
	for i := range v.scores {
		v.scores[i] = make([]float64, len(v.splits))
	}
	return v.scores, v.run(ctx)
}

func (g GridSearch[Y]) check(x Samples, y []Y) error {
	if len(g.Candidates) == 0 {
		return errors.New("there are no Candidates")
	}
	for i, c := range g.Candidates {
		if c.Estimator == nil {
			return fmt.Errorf("candidate %d, %q, has no Estimator", i, c.Name)
		}
	}
	return checkSamples(x, y)
}

// drawn returns the folds that are taken if none are given.
func drawn[Y Target](y []Y, k int, seed uint64) (iter.Seq2[[]int, []int], error) {
	if k == 0 {
		k = 5
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	var folds *data.Folds
	var err error
	if labels, ok := any(y).([]int); ok {
		folds, err = data.StratifiedKFold(labels, k, rng)
	} else {
		folds, err = data.KFold(len(y), k, rng)
	}
	if err != nil {
		return nil, err
	}
	return folds.All(), nil
}

// A validation is the work of all candidates on all splits.
type validation[Y Target] struct {
	GridSearch[Y]
	x      Samples
	y      []Y
	splits []*split[Y]
	scores [][]float64

	mutex    sync.Mutex
	begun    []bool          // of each task, a candidate on a split; those of a split have successive numbers
	took     []time.Duration // what each candidate took, once that is known
	done     int
	firstBad int   // the lowest task that failed, or the number of tasks
	err      error // its error
}

// A split is samples to train on and others to test, of which copies are made when the
// first candidate wants them, and forgotten after the last.
type split[Y Target] struct {
	train, test []int
	sync.Mutex
	used           int
	trainX, testX  Samples
	trainY, testY  []Y
	preparationErr error
}

// run does all tasks, as many at the same time as there are processors.
//
// Which of several failing tasks fails first is a matter of chance. But all with lower
// numbers than one that failed are still done, so that the lowest is always the same.
func (v *validation[Y]) run(ctx context.Context) error {
	tasks := len(v.splits) * len(v.Candidates)
	v.begun, v.took, v.firstBad = make([]bool, tasks), make([]time.Duration, len(v.Candidates)), tasks
	threads := min(runtime.GOMAXPROCS(0), tasks)
	step := func() (more bool) {
		task, more := v.begin()
		if more && ctx.Err() == nil {
			v.do(ctx, task)
		}
		return more && ctx.Err() == nil
	}
	for more := true; more; {
		alone := false
		pool.For(threads, 1, func(lo, hi int) {
			if hi-lo == threads { // nobody helps now, but perhaps with the next task
				alone, more = true, step()
				return
			}
			for step() {
			}
		})
		more = more && alone
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.err
}

// begin returns the next task, if there is one: of the first split that has any, the one
// whose candidate took longest on another split, so that no long one is left for the end.
func (v *validation[Y]) begin() (task int, ok bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	task = -1
	for next, begun := range v.begun[:v.firstBad] {
		if task >= 0 && next/len(v.Candidates) > task/len(v.Candidates) {
			break
		}
		if !begun && (task < 0 || v.took[next%len(v.Candidates)] > v.took[task%len(v.Candidates)]) {
			task = next
		}
	}
	if task < 0 {
		return 0, false
	}
	v.begun[task] = true
	return task, true
}

func (v *validation[Y]) do(ctx context.Context, task int) {
	s, c := task/len(v.Candidates), task%len(v.Candidates)
	start := time.Now()
	score, err := v.score(ctx, v.splits[s], v.Candidates[c].Estimator)
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.took[c] = time.Since(start)
	if err != nil {
		if task < v.firstBad {
			v.firstBad, v.err = task, fmt.Errorf("candidate %d, %q, split %d: %w", c, v.Candidates[c].Name, s, err)
		}
		return
	}
	v.scores[c][s] = score
	v.done++
	if v.Progress != nil {
		v.Progress(Progress{Candidate: c, Name: v.Candidates[c].Name, Split: s, Score: score, Done: v.done, Total: len(v.splits) * len(v.Candidates)})
	}
}

// score fits an estimator to what a split trains on and judges what it predicts for the
// rest.
func (v *validation[Y]) score(ctx context.Context, s *split[Y], e Estimator[Y]) (float64, error) {
	trainX, testX, trainY, testY, err := s.prepare(v.x, v.y)
	if err != nil {
		return 0, err
	}
	defer s.release(len(v.Candidates))
	model, err := e.Fit(ctx, trainX, trainY)
	if err != nil {
		return 0, err
	}
	predicted, err := predictWithin(ctx, model, testX)
	if err != nil {
		return 0, err
	}
	score := v.Score
	if score == nil {
		score = usualScore[Y]()
	}
	value, err := score(testY, predicted)
	if err == nil && math.IsNaN(value) {
		err = errors.New("the score is NaN")
	}
	return value, err
}

func (s *split[Y]) prepare(x Samples, y []Y) (trainX, testX Samples, trainY, testY []Y, err error) {
	s.Lock()
	defer s.Unlock()
	if s.trainX == nil && s.preparationErr == nil {
		s.preparationErr = s.take(x, y)
	}
	return s.trainX, s.testX, s.trainY, s.testY, s.preparationErr
}

func (s *split[Y]) take(x Samples, y []Y) (err error) {
	if s.trainY, err = data.TakeLabels(y, s.train); err != nil {
		return err
	}
	if s.testY, err = data.TakeLabels(y, s.test); err != nil {
		return err
	}
	if s.testX, err = takeSamples(x, s.test); err != nil {
		return err
	}
	s.trainX, err = takeSamples(x, s.train)
	return err
}

// release forgets the copies when all candidates have had them.
func (s *split[Y]) release(candidates int) {
	s.Lock()
	defer s.Unlock()
	if s.used++; s.used == candidates {
		s.trainX, s.testX, s.trainY, s.testY = nil, nil, nil, nil
	}
}

// usualScore is the accuracy for labels and R² for numbers.
func usualScore[Y Target]() func(truth, predicted []Y) (float64, error) {
	if f, ok := any(metric.Accuracy[int]).(func(truth, predicted []Y) (float64, error)); ok {
		return f
	}
	return any(metric.R2).(func(truth, predicted []Y) (float64, error))
}
