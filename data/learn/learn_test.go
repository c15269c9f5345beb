package learn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/iris"
	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/svm"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/tapegrad/tapegrad/internal/pool.(*workers).worker"))
}

func flowers(t *testing.T) *data.Table {
	t.Helper()
	table, err := iris.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func scaled(last svm.SVC, steps ...learn.Step) learn.Pipeline[int] {
	return learn.Pipeline[int]{Steps: steps, Last: learn.Of(last)}
}

// The scores are those of scikit-learn 1.9.0, cross_val_score(make_pipeline(…), X, y, cv=5) on load_iris.
func TestScoresAreScikitLearns(t *testing.T) {
	table := flowers(t)
	folds, err := data.StratifiedKFold(table.Labels, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := learn.GridSearch[int]{
		Candidates: []learn.Candidate[int]{
			{Estimator: scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{}))},
			{Estimator: scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{}), learn.StepOf(data.PCA{Components: 2}))},
			{Estimator: scaled(svm.SVC{C: 10}, learn.StepOf(data.MinMaxScaling{}), learn.StepOf(data.PCA{Share: 0.9, Whiten: true}))},
		},
		Splits: folds.All(),
	}.Fit(t.Context(), table.X, table.Labels)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float64{
		{29. / 30, 29. / 30, 29. / 30, 28. / 30, 1},
		{26. / 30, 29. / 30, 26. / 30, 27. / 30, 29. / 30},
		{29. / 30, 29. / 30, 27. / 30, 28. / 30, 29. / 30},
	} {
		r := found.Results[i]
		if !slices.Equal(r.Scores, want) {
			t.Errorf("candidate %d scores %v, want %v", i, r.Scores, want)
		}
	}
	// numpy's mean and std of the first
	if r := found.Results[0]; found.Best != 0 || math.Abs(r.Mean-0.9666666666666668) > 1e-15 || math.Abs(r.Spread-0.02108185106778919) > 1e-15 {
		t.Errorf("candidate %d is the best; the first has %+v", found.Best, r)
	}
}

// The best of equals is the first, it was fitted to all samples, and all is the same on any number of processors.
func TestGridSearchIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	table := flowers(t)
	var want *learn.Found[int]
	for _, procs := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(procs)
		var candidates []learn.Candidate[int]
		for _, c := range []float64{1e-3, 3, 3, 0.1} {
			candidates = append(candidates, learn.Candidate[int]{Estimator: scaled(svm.SVC{C: c}, learn.StepOf(data.StandardScaling{}))})
		}
		done := 0
		found, err := learn.GridSearch[int]{
			Candidates: candidates, Folds: 7, Seed: 5,
			Progress: func(p learn.Progress) {
				if done++; p.Done != done || p.Total != 28 {
					t.Errorf("progress %+v, want %d of 28", p, done)
				}
			},
		}.Fit(t.Context(), table.X, table.Labels)
		if err != nil {
			t.Fatal(err)
		}
		if done != 28 || found.Best != 1 {
			t.Errorf("%d of 28 fits were told of, and %d is the best", done, found.Best)
		}
		alone, err := candidates[1].Estimator.Fit(t.Context(), table.X, table.Labels)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(coefficients(t, alone), coefficients(t, found)); diff != "" {
			t.Errorf("the best is not fitted to all samples (-want +got):\n%s", diff)
		}
		if want == nil {
			want = found
		}
		if diff := cmp.Diff(want.Results, found.Results); diff != "" {
			t.Errorf("%d processors (-want +got):\n%s", procs, diff)
		}
	}
}

func coefficients(t *testing.T, model any) []float64 {
	t.Helper()
	m, ok := learn.As[*svm.Model](model)
	if !ok {
		t.Fatalf("a %T has no svm.Model in it", model)
	}
	return m.DualCoefficients().Float64s()
}

// mean predicts the mean of what it was fitted to.
type mean struct{ fitted float64 }

func (mean) Fit(_ context.Context, _ *tensor.Dense, y []float64) (*mean, error) {
	m := &mean{}
	for _, v := range y {
		m.fitted += v / float64(len(y))
	}
	return m, nil
}

func (m *mean) Predict(x *tensor.Dense) ([]float64, error) {
	return slices.Repeat([]float64{m.fitted}, x.Shape()[0]), nil
}

func TestNumbersArePredictedToo(t *testing.T) {
	x, y := dense(make([]float32, 4), 4, 1), []float64{0, 2, 4, 6}
	splits := func(yield func(train, test []int) bool) { yield([]int{0, 1}, []int{2, 3}) }
	found, err := learn.GridSearch[float64]{Candidates: []learn.Candidate[float64]{{Estimator: learn.Of(mean{})}}, Splits: splits}.Fit(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{-16}; !slices.Equal(found.Results[0].Scores, want) { // 1 predicted for 4 and 6: 1 - (9+25)/2
		t.Errorf("scores %v, want %v", found.Results[0].Scores, want)
	}
	if p, err := found.Predict(x); err != nil || !slices.Equal(p, []float64{3, 3, 3, 3}) {
		t.Errorf("predictions %v, %v", p, err)
	}
	scores, err := learn.CrossValidate(t.Context(), learn.Of(mean{}), x, y, 2, 1)
	if err != nil || len(scores) != 2 {
		t.Errorf("scores %v, %v", scores, err)
	}
	m, ok := learn.As[*mean](found)
	if !ok || m.fitted != 3 {
		t.Errorf("the model is %v, %v", m, ok)
	}
	if _, ok := learn.As[*svm.Model](found); ok {
		t.Error("a mean is a support vector machine")
	}
}

// A search is an estimator, whose scores are not those by which it chose.
func TestNestedSearch(t *testing.T) {
	table := flowers(t)
	search := learn.GridSearch[int]{Folds: 3, Candidates: []learn.Candidate[int]{{Estimator: learn.Of(svm.SVC{})}, {Estimator: learn.Of(svm.SVC{C: 1e-4})}}}
	scores, err := learn.CrossValidate(t.Context(), learn.Of(search), table.X, table.Labels, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scores {
		if s < 0.9 {
			t.Errorf("scores %v", scores)
		}
	}
}

// Sparse samples are taken apart as dense ones are, and bytes and strided arrays pass through steps.
func TestOtherSamples(t *testing.T) {
	table := flowers(t)
	sparse, err := data.CSRFromDense(table.X)
	if err != nil {
		t.Fatal(err)
	}
	want, err := learn.CrossValidate(t.Context(), learn.Of(svm.SVC{}), table.X, table.Labels, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := learn.CrossValidate(t.Context(), learn.Of(svm.SVC{}), sparse, table.Labels, 5, 1); err != nil || !slices.Equal(got, want) {
		t.Errorf("sparse samples score %v, %v, want %v", got, err, want)
	}

	bytes, y := make([]uint8, 2*300), make([]int, 300)
	for i := range y {
		y[i] = i % 2
		bytes[i] = uint8(i%2*100 + i%7) // the first column of the transpose
	}
	x := dense(bytes, 2, 300)
	if err := x.T(); err != nil {
		t.Fatal(err)
	}
	scores, err := learn.CrossValidate(t.Context(), scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{})), x, y, 3, 1)
	if err != nil || !slices.Equal(scores, []float64{1, 1, 1}) {
		t.Errorf("transposed bytes score %v, %v", scores, err)
	}
}

// Steps learn from the samples of the fold alone.
func TestStepsDoNotSeeWhatIsTested(t *testing.T) {
	x, y := dense([]float64{0, 1, 1000, 1001}, 4, 1), []int{0, 1, 0, 1}
	var centers []float64
	watched := func(ctx context.Context, x *tensor.Dense) (learn.Transformer, error) {
		s, err := data.StandardScaling{}.Fit(ctx, x)
		centers = append(centers, s.Center[0])
		return s, err
	}
	splits := func(yield func(train, test []int) bool) { yield([]int{0, 1}, []int{2, 3}) }
	_, err := learn.GridSearch[int]{Candidates: []learn.Candidate[int]{{Estimator: scaled(svm.SVC{}, watched)}}, Splits: splits}.Fit(t.Context(), x, y)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0.5, 500.5}; !slices.Equal(centers, want) {
		t.Errorf("the scaler was centered at %v, want %v", centers, want)
	}
}

// fitter is an estimator made of a function.
type fitter func(ctx context.Context, y []int) error

func (f fitter) Fit(ctx context.Context, _ learn.Samples, y []int) (learn.Model[int], error) {
	return zero{}, f(ctx, y)
}

type zero struct{}

func (zero) Predict(x learn.Samples) ([]int, error) { return make([]int, x.Shape()[0]), nil }

// Whatever fails first by chance, the error is that of the first candidate in the first split in which one fails.
func TestTheSameErrorIsReported(t *testing.T) {
	x, y := dense(make([]float32, 40), 40, 1), slices.Repeat([]int{0, 1}, 20)
	fails := func(name string) learn.Candidate[int] {
		return learn.Candidate[int]{Name: name, Estimator: fitter(func(context.Context, []int) error { return errors.New("no") })}
	}
	works := learn.Candidate[int]{Estimator: fitter(func(context.Context, []int) error { runtime.Gosched(); return nil })}
	for range 50 {
		_, err := learn.GridSearch[int]{Candidates: []learn.Candidate[int]{works, fails("bad"), fails("worse")}}.Fit(t.Context(), x, y)
		if err == nil || err.Error() != `learn: GridSearch: candidate 1, "bad", split 0: no` {
			t.Fatal(err)
		}
	}
}

// Nothing begins after the context has ended, and what is under way is told.
func TestGridSearchStops(t *testing.T) {
	x, y := dense(make([]float32, 40), 40, 1), slices.Repeat([]int{0, 1}, 20)
	var fits atomic.Int64
	waits := fitter(func(ctx context.Context, _ []int) error {
		if fits.Add(1) <= 3 {
			return nil
		}
		<-ctx.Done()
		return fmt.Errorf("stopped: %w", ctx.Err())
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := learn.GridSearch[int]{
		Candidates: slices.Repeat([]learn.Candidate[int]{{Estimator: waits}}, 10),
		Progress: func(p learn.Progress) {
			if p.Done == 3 {
				cancel()
			}
		},
	}.Fit(ctx, x, y)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n, most := fits.Load(), int64(3+runtime.GOMAXPROCS(0)); n > most {
		t.Errorf("%d fits were begun, want at most %d", n, most)
	}
	table := flowers(t)
	if _, err := scaled(svm.SVC{}, learn.StepOf(data.PCA{})).Fit(ctx, table.X, table.Labels); !errors.Is(err, context.Canceled) {
		t.Errorf("a pipeline says %v", err)
	}
}

// slow is a model that ends its context as it predicts for the first time.
type slow struct {
	cancel func()
	seen   *int
}

func (s slow) Fit(context.Context, learn.Samples, []int) (learn.Model[int], error) { return s, nil }

func (s slow) Predict(x learn.Samples) ([]int, error) {
	s.cancel()
	*s.seen += x.Shape()[0]
	return zero{}.Predict(x)
}

func TestPredictionsStop(t *testing.T) {
	const n = 10000
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	_, err := learn.GridSearch[int]{
		Candidates: []learn.Candidate[int]{{Estimator: slow{cancel, &seen}}},
		Splits:     func(yield func(train, test []int) bool) { yield([]int{0}, slices.Repeat([]int{1}, n)) },
	}.Fit(ctx, dense(make([]float32, 2), 2, 1), []int{0, 1})
	if !errors.Is(err, context.Canceled) || seen == 0 || seen > n/10 {
		t.Errorf("error %v after %d predictions", err, seen)
	}
}

type transformer func(x *tensor.Dense) (*tensor.Dense, error)

func (f transformer) Apply(x *tensor.Dense) (*tensor.Dense, error) { return f(x) }

func TestErrors(t *testing.T) {
	x, y := dense([]float64{0, 1, 2, 3, 4, 5}, 6, 1), []int{0, 1, 0, 1, 0, 1}
	machine := learn.Of(svm.SVC{})
	sparse, err := data.CSRFromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	search := func(g learn.GridSearch[int], x learn.Samples, y []int) error {
		if g.Candidates == nil {
			g.Candidates = []learn.Candidate[int]{{Name: "it", Estimator: machine}}
		}
		_, err := g.Fit(t.Context(), x, y)
		return err
	}
	pipeline := func(p learn.Pipeline[int], x learn.Samples) error {
		m, err := p.Fit(t.Context(), x, y)
		if err == nil {
			_, err = m.Predict(sparse)
		}
		return err
	}
	step := func(f transformer) []learn.Step {
		return []learn.Step{func(context.Context, *tensor.Dense) (learn.Transformer, error) { return f, nil }}
	}
	splits := func(train, test []int) func(func([]int, []int) bool) {
		return func(yield func([]int, []int) bool) { yield(train, test) }
	}
	_, numbers := learn.Of(mean{}).Fit(t.Context(), sparse, make([]float64, 6))
	var nothing learn.GridSearch[int]
	_, empty := nothing.Fit(t.Context(), x, y)
	for want, err := range map[string]error{
		"GridSearch: there are no Candidates":               empty,
		`candidate 0, "a", has no Estimator`:                search(learn.GridSearch[int]{Candidates: []learn.Candidate[int]{{Name: "a"}}}, x, y),
		"x is nil":                                          search(learn.GridSearch[int]{}, nil, y),
		"x has 6 samples and y 5":                           search(learn.GridSearch[int]{}, x, y[:5]),
		"-1 folds":                                          search(learn.GridSearch[int]{Folds: -1}, x, y),
		"each of the 2 classes has fewer than 4":            search(learn.GridSearch[int]{Folds: 4}, x, y),
		"the Splits are empty":                              search(learn.GridSearch[int]{Splits: func(func([]int, []int) bool) {}}, x, y),
		"index 6 at position 0 is out of range":             search(learn.GridSearch[int]{Splits: splits([]int{0, 1}, []int{6})}, x, y),
		"split 0: data: TakeLabels: there are no indices":   search(learn.GridSearch[int]{Splits: splits(nil, []int{1})}, x, y),
		`candidate 0, "it", split 0: svm: fitting: all 2 l`: search(learn.GridSearch[int]{Splits: splits([]int{0, 2}, []int{1})}, x, y),
		"the score is NaN":                                  search(learn.GridSearch[int]{Folds: 2, Score: func(_, _ []int) (float64, error) { return math.NaN(), nil }}, x, y),
		"there is no Last estimator":                        pipeline(learn.Pipeline[int]{}, x),
		"step 0 is nil":                                     pipeline(learn.Pipeline[int]{Steps: []learn.Step{nil}, Last: machine}, x),
		"x is a *data.CSR: its steps take a *tensor.Dense":  pipeline(scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{})), sparse),
		"its steps take a":                                  pipeline(scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{})), x),
		"fitting step 1: data: PCA: 2 components":           pipeline(scaled(svm.SVC{}, learn.StepOf(data.StandardScaling{}), learn.StepOf(data.PCA{Components: 2})), x),
		"step 0: 6 samples became an array of shape (2, 1)": pipeline(learn.Pipeline[int]{Last: machine, Steps: step(func(x *tensor.Dense) (*tensor.Dense, error) {
			return data.TakeRows(x, []int{0, 1})
		})}, x),
		"step 0: no": pipeline(learn.Pipeline[int]{Last: machine, Steps: step(func(*tensor.Dense) (*tensor.Dense, error) {
			return nil, errors.New("no")
		})}, x),
		"x is a *data.CSR, and the model takes a *tensor.Dense": numbers,
		"Of was given no estimator": func() error {
			_, err := learn.Of[svm.Samples, int, *svm.Model](nil).Fit(t.Context(), x, y)
			return err
		}(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func dense[T any](values []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}
