package svm

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestProblemReset fails if anything of a problem is left in the one that takes its memory.
func TestProblemReset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 40)
		first := newProblem(size.Draw(t, "first"))
		for k := range first.ids {
			first.ids[k], first.linear[k], first.lowest[k], first.highest[k] = k+1, 2, -3, 4
		}
		first.start, first.split, first.kink = make([]float64, len(first.ids)), 0, 5
		next := size.Draw(t, "next")
		first.reset(next)
		if want := newProblem(next); !reflect.DeepEqual(first, want) {
			t.Errorf("a reset problem is %+v and a new one %+v", first, want)
		}
	})
}
