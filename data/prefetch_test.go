package data_test

import (
	"errors"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// poolWorkers are never stopped: see package pool.
var poolWorkers = goleak.IgnoreAnyFunction("github.com/tapegrad/tapegrad/internal/pool.(*workers).worker")

func TestPrefetchKeepsOrder(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	rapid.Check(t, func(t *rapid.T) {
		n, size := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "size")
		depth, seed := rapid.IntRange(1, 5).Draw(t, "depth"), rapid.Uint64().Draw(t, "seed")
		stop := rapid.IntRange(0, 40).Draw(t, "stop")
		d := numbered(n)
		batches := d.Batches(size, rand.New(rand.NewPCG(seed, 0)))
		ahead := data.Prefetch(d.Batches(size, rand.New(rand.NewPCG(seed, 0))), depth)
		for range 2 { // epochs, the second in an order of its own
			if want, got := collect(batches, stop), collect(ahead, stop); !slices.Equal(got, want) {
				t.Fatalf("batches %v, want %v", got, want)
			}
		}
	})
}

// collect returns the numbers and the targets of the batches before one number,
// where it breaks off.
func collect(batches iter.Seq2[int, data.Batch], stop int) (seen []float64) {
	for i, b := range batches {
		if i == stop {
			break
		}
		seen = append(append(seen, float64(i)), b.Y.Float64s()...)
	}
	return seen
}

// Bytes become fractions in the goroutine that prefetches.
func TestPrefetchScalesBytes(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	d := &data.Dataset{X: dense([]uint8{0, 51, 255, 102}, 4, 1)}
	var got []float32
	for _, b := range data.Prefetch(d.Batches(3, nil), 2) {
		if b.X != b.Y {
			t.Error("Y is not X")
		}
		got = append(got, b.X.Float32s()...)
	}
	if want := []float32{0, 51 * (float32(1) / 255), 1, 102 * (float32(1) / 255)}; !slices.Equal(got, want) {
		t.Errorf("bytes became %v, want %v", got, want)
	}
}

// As many batches as depth says are made in advance, and no more.
func TestPrefetchDepth(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	for depth := 1; depth < 4; depth++ {
		var made atomic.Int32
		allMade := make(chan struct{})
		source := func(yield func(int, data.Batch) bool) {
			for i := range 10 {
				// The first is taken away at once; depth more wait.
				if made.Add(1) == int32(depth)+1 {
					close(allMade)
				}
				if !yield(i, data.Batch{}) {
					return
				}
			}
		}
		for i := range data.Prefetch(source, depth) {
			if i == 0 {
				<-allMade
				for range 100 {
					runtime.Gosched() // a chance to make too many
				}
				if got := made.Load(); got != int32(depth)+1 {
					t.Errorf("depth %d: %d batches are made while the first is used", depth, got)
				}
			}
		}
	}
}

var errSource = errors.New("the source is broken")

// endingBatches yields some batches and then panics or exits.
func endingBatches(good int, end func()) iter.Seq2[int, data.Batch] {
	return func(yield func(int, data.Batch) bool) {
		for i := range good {
			if !yield(i, data.Batch{}) {
				return
			}
		}
		end()
	}
}

func TestPrefetchRaisesPanics(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	seen := 0
	func() {
		defer func() {
			if got := recover(); got != errSource {
				t.Errorf("recovered %v, want the source's own %v", got, errSource)
			}
		}()
		for range data.Prefetch(endingBatches(3, func() { panic(errSource) }), 2) {
			seen++
		}
		t.Error("the loop ended as if there were no more batches")
	}()
	if seen != 3 {
		t.Errorf("%d batches before the panic, want 3", seen)
	}
	// Who breaks off before it comes does not see it.
	for range data.Prefetch(endingBatches(1, func() { panic(errSource) }), 5) {
		break
	}
}

func TestPrefetchPassesOnGoexit(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	seen, ended := 0, make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- returned }()
		for range data.Prefetch(endingBatches(2, runtime.Goexit), 1) {
			seen++
		}
		returned = true
	}()
	if returned := <-ended; returned || seen != 2 {
		t.Errorf("after %d batches the loop returned (%v) from a source that exited", seen, returned)
	}
}

func TestPrefetchEndsWithItsConsumer(t *testing.T) {
	defer goleak.VerifyNone(t, poolWorkers)
	func() {
		defer func() {
			if got := recover(); got != errSource {
				t.Errorf("recovered %v", got)
			}
		}()
		for range data.Prefetch(numbered(100).Batches(1, nil), 3) {
			panic(errSource)
		}
	}()
	// After the loop the source is at rest: its rng is free again.
	for range 20 {
		var resting atomic.Bool
		source := func(yield func(int, data.Batch) bool) {
			defer resting.Store(true)
			for i := 0; yield(i, data.Batch{}); i++ {
				for range 10 {
					runtime.Gosched()
				}
			}
		}
		for range data.Prefetch(source, 2) {
			break
		}
		if !resting.Load() {
			t.Error("the source still makes batches after the loop")
		}
	}
	wantPanic(t, func() { data.Prefetch(numbered(1).Batches(1, nil), 0) }, "depth 0: it must be at least 1")
}
