package data

import (
	"fmt"
	"iter"
	"runtime"
)

// Prefetch returns an iterator over the batches of another, which a goroutine
// makes while those before are used, up to depth of them in advance. Order and
// numbers stay the same:
//
//	for i, batch := range data.Prefetch(train.Batches(32, rng), 2) {
//
// Each iteration starts a goroutine and waits for its end, also on break: it then
// takes as long as the batch in the making. What batches uses, an rng above all,
// must not be used by others meanwhile, and each batch must be memory of its own,
// as those of [Dataset.Batches] are. A panic in batches is raised again in the loop
// when it comes to the batch that is missing.
//
// Prefetch panics if depth is less than 1.
func Prefetch(batches iter.Seq2[int, Batch], depth int) iter.Seq2[int, Batch] {
	if depth < 1 {
		panic(fmt.Errorf("data: Prefetch: depth %d: it must be at least 1", depth))
	}
	return func(yield func(int, Batch) bool) {
		p := &prefetcher{
			ready: make(chan numbered, depth-1), // one more is in the hands of the goroutine
			stop:  make(chan struct{}),
		}
		go p.run(batches)
		defer p.wait()
		for b := range p.ready {
			if !yield(b.number, b.batch) {
				return
			}
		}
		if p.ended == byPanic {
			panic(p.cause)
		}
		if p.ended == byExit {
			runtime.Goexit() // as the caller would have, had it made the batch itself
		}
	}
}

// A prefetcher makes batches in a goroutine.
type prefetcher struct {
	ready chan numbered
	stop  chan struct{}
	// How the goroutine ended: to be read once ready is closed.
	ended ending
	cause any // of a panic
}

type numbered struct {
	number int
	batch  Batch
}

type ending uint8

const (
	byExit ending = iota // by runtime.Goexit, which leaves no other trace
	byReturn
	byPanic
)

func (p *prefetcher) run(batches iter.Seq2[int, Batch]) {
	defer close(p.ready)
	defer func() {
		if cause := recover(); cause != nil {
			p.ended, p.cause = byPanic, cause
		}
	}()
	for i, b := range batches {
		select {
		case p.ready <- numbered{i, b}:
		case <-p.stop:
			p.ended = byReturn
			return
		}
	}
	p.ended = byReturn
}

// wait ends the goroutine.
func (p *prefetcher) wait() {
	close(p.stop)
	for range p.ready {
	}
}
