package svm

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// The features that occur are those of a sort of all columns, however many runs they are sorted in.
func TestDistinct(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, c := range []struct {
		length int
		limit  int32
	}{{0, 1}, {1, 1}, {1000, 10}, {sortAtOnce, 1 << 30}, {sortAtOnce + 1, 1 << 30}, {7*sortAtOnce + 3, 1 << 30}, {5 * sortAtOnce, 100}} {
		columns := make([]int32, c.length)
		for i := range columns {
			columns[i] = rng.Int32N(c.limit)
		}
		want := slices.Clone(columns)
		slices.Sort(want)
		want = slices.Compact(want)
		if got, err := distinct(t.Context(), columns); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d columns below %d: got %d, want %d; error %v", c.length, c.limit, len(got), len(want), err)
		}
	}
}

// Neither sorting nor merging goes on after the context has ended.
func TestDistinctCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	columns := make([]int32, 3*sortAtOnce)
	for i := range columns {
		columns[i] = int32(i)
	}
	if got, err := distinct(ctx, columns); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("got %d columns and the error %v", len(got), err)
	}
	if got, err := union(ctx, columns[:1], columns[1:]); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("got a union of %d columns and the error %v", len(got), err)
	}
}
