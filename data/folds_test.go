package data_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// parts returns the fold that tests each example, and complains unless each fold
// trains on all others.
func parts(t rapid.TB, f *data.Folds, n int) []int {
	t.Helper()
	part := slices.Repeat([]int{-1}, n)
	i := 0
	for train, test := range f.All() {
		if len(train)+len(test) != n || !slices.IsSorted(train) || !slices.IsSorted(test) {
			t.Fatalf("fold %d trains on %v and tests %v", i, train, test)
		}
		for _, row := range test {
			if part[row] != -1 || slices.Contains(train, row) {
				t.Fatalf("example %d is tested in fold %d, and in %d or trained on", row, i, part[row])
			}
			part[row] = i
		}
		i++
	}
	if i != f.Len() || slices.Contains(part, -1) {
		t.Fatalf("%d of %d folds: %v", i, f.Len(), part)
	}
	return part
}

func TestFoldsAreScikitLearns(t *testing.T) {
	vectors, err := sklearn()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Folds {
		plain, err := data.KFold(len(v.Y), v.K, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := parts(t, plain, len(v.Y)); !slices.Equal(got, v.Plain) {
			t.Errorf("%d folds of %d: %v, want %v", v.K, len(v.Y), got, v.Plain)
		}
		stratified, err := data.StratifiedKFold(v.Y, v.K, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := parts(t, stratified, len(v.Y)); !slices.Equal(got, v.Stratified) {
			t.Errorf("%d stratified folds of %v: %v, want %v", v.K, v.Y, got, v.Stratified)
		}
	}
}

// Drawn folds have the sizes of those in order, of each class too; the seed decides
// which they are.
func TestDrawnFolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "k")
		labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 3*k, 60).Draw(t, "labels")
		n, seed := len(labels), rapid.Uint64().Draw(t, "seed")
		for _, stratified := range []bool{false, true} {
			fold := func(rng *rand.Rand) []int {
				f, err := data.KFold(n, k, rng)
				if stratified {
					f, err = data.StratifiedKFold(labels, k, rng)
				}
				if err != nil {
					t.Fatal(err)
				}
				return parts(t, f, n)
			}
			count := func(part []int) map[any]int {
				sizes := make(map[any]int)
				for i, p := range part {
					sizes[p]++
					if stratified {
						sizes[[2]any{p, labels[i]}]++
					}
				}
				return sizes
			}
			drawn := fold(rand.New(rand.NewPCG(seed, 0)))
			if !mapsEqual(count(drawn), count(fold(nil))) {
				t.Fatalf("stratified %v: drawn %v", stratified, drawn)
			}
			if again := fold(rand.New(rand.NewPCG(seed, 0))); !slices.Equal(drawn, again) {
				t.Fatalf("the same seed gives %v and %v", drawn, again)
			}
		}
	})
}

func mapsEqual(a, b map[any]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func TestSeedsDrawOtherFolds(t *testing.T) {
	labels := make([]int, 40)
	one, err := data.StratifiedKFold(labels, 4, rand.New(rand.NewPCG(1, 0)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := data.StratifiedKFold(labels, 4, rand.New(rand.NewPCG(2, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(parts(t, one, 40), parts(t, other, 40)) {
		t.Error("two seeds draw the same folds")
	}
}

func TestFoldErrors(t *testing.T) {
	_, err := data.KFold(5, 1, nil)
	wantError(t, err, "KFold: 1 folds: there must be at least 2")
	_, err = data.KFold(5, 6, nil)
	wantError(t, err, "KFold: 5 examples in 6 folds")
	_, err = data.StratifiedKFold([]int{1, 2, 1}, -1, nil)
	wantError(t, err, "StratifiedKFold: -1 folds")
	_, err = data.StratifiedKFold([]int(nil), 2, nil)
	wantError(t, err, "StratifiedKFold: 0 examples in 2 folds")
	_, err = data.StratifiedKFold([]int{1, 2, 1, 2}, 3, nil)
	wantError(t, err, "each of the 2 classes has fewer than 3 examples")
	_, err = data.StratifiedKFold([]float64{math.NaN(), math.NaN()}, 2, nil)
	wantError(t, err, "each of the 2 classes has fewer than 2 examples")
	f, err := data.KFold(4, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range f.All() {
		break // ends the iteration
	}
	for _, i := range []int{-1, 2} {
		wantPanic(t, func() { f.Fold(i) }, "there are 2")
	}
}
