// Package pool divides loops among the processors: it is the one pool of worker goroutines of this module.
//
// A training step has some forty parallel regions of 5 to 50 µs each, so a region must cost well under a
// microsecond. Starting a goroutine or waking one through a channel costs 5 to 60 µs; the workers therefore spin for
// up to a millisecond between regions and only then sleep. They are never stopped: they are the goroutines that a
// leak check of this module must know, and all of them run the function worker of this package.
//
// Two threads that wait for each other need both processors at once. Where other programs, goroutines or the garbage
// collector want them too, one is stopped in the middle of its part while the other burns the time; the caller
// notices this and works alone for a while, which is sooner done.
//
// A region's division depends on the number of processors. Who calls divides by outputs, so that each output is
// computed whole by one call of Do and has the same bits under any division; a reduction over a long axis is cut into
// blocks of a fixed size, each of which is one output, and the blocks' results are combined in a fixed order.
package pool

import (
	"math"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Task is the body of a parallel loop. A pointer to a struct that is used again makes a region that allocates
// nothing.
type Task interface {
	// Do handles the indices lo <= i < hi. Calls for disjoint ranges run at the same time.
	// It may call Run, which then runs on the same goroutine, but not runtime.Goexit.
	Do(lo, hi int)
}

// Run calls task.Do for ranges that together are [0, n), and returns when all are done. Ranges begin at multiples of
// grain, the least work worth a thread of its own: where n <= grain, where GOMAXPROCS is 1, where another region is
// under way (of another goroutine, or around this call), and for some milliseconds after a region that waited long for
// a thread that had been stopped, the caller does everything in one call of Do. A grain below 1 counts as 1. At most 64
// threads share a region.
//
// A panic in any range is raised again, with the same value, on the calling goroutine, after all ranges have ended.
// Where several panic, the one of the lowest range is raised.
func Run(n, grain int, task Task) {
	if n <= 0 {
		return
	}
	grain = max(grain, 1)
	blocks := 1 + (n-1)/grain
	if blocks == 1 {
		task.Do(0, n)
		return
	}
	parts := min(blocks, runtime.GOMAXPROCS(0), maxThreads)
	if parts == 1 || !shared.begin() {
		task.Do(0, n)
		return
	}
	shared.run(region{task: task, n: n, grain: grain, blocks: blocks, parts: parts})
}

// For is Run with a function as the body; the closure is usually an allocation.
func For(n, grain int, body func(lo, hi int)) {
	Run(n, grain, function(body))
}

type function func(lo, hi int)

func (f function) Do(lo, hi int) { f(lo, hi) }

const (
	maxThreads = 64 // one bit each in the masks below
	spinTime   = time.Millisecond

	// A caller that waits longer than longWait, and twice as long as it worked, waits for a thread that was stopped: the
	// operating system gives the processor to others for some milliseconds at a time. It works alone for leastAlone; if
	// the same happens again soon afterwards, for twice as long as before, up to mostAlone.
	longWait   = 200 * time.Microsecond
	leastAlone = 4 * time.Millisecond
	mostAlone  = 128 * time.Millisecond
)

var epoch = time.Now()

// now is a time that never goes back.
func now() time.Duration { return time.Since(epoch) }

// region is one parallel loop: blocks of grain indices, shared out in parts of neighbouring blocks.
type region struct {
	task          Task
	n, grain      int
	blocks, parts int
}

func (r *region) bounds(part int) (lo, hi int) {
	lo = part * r.blocks / r.parts * r.grain
	hi = (part + 1) * r.blocks / r.parts * r.grain
	return lo, min(hi, r.n)
}

// workers holds the region under way. Each word that threads wait on has a cache line of its own.
type workers struct {
	busy    sync.Mutex // held by the goroutine whose region is under way
	region  region     // written before unclaimed is set, read only by who has claimed a part
	started int        // workers exist for the parts 1 to started

	// Guarded by busy:
	aloneUntil time.Duration // callers work alone until then
	alone      time.Duration // for how long they did the last time

	_         [64]byte
	unclaimed atomic.Uint64 // the parts that nobody has begun; clearing a bit claims the part
	_         [64]byte
	pending   atomic.Int64 // the parts that have not ended
	_         [64]byte
	asleep    atomic.Uint64 // the workers that sleep, or are about to
	_         [64]byte
	wake      [maxThreads]chan struct{}

	failure struct {
		sync.Mutex
		part  int
		value any
	}
}

var shared workers

// begin takes hold of busy, unless the caller is to work alone.
func (w *workers) begin() bool {
	if !w.busy.TryLock() {
		return false
	}
	if w.aloneUntil > 0 && now() < w.aloneUntil {
		w.busy.Unlock()
		return false
	}
	return true
}

// run is called with busy held, and releases it.
func (w *workers) run(r region) {
	for w.started < r.parts-1 {
		w.started++
		w.wake[w.started] = make(chan struct{}, 1)
		go w.worker(w.started)
	}
	began := now()
	w.region = r
	others := ^uint64(0) >> (64 - r.parts) &^ 1
	w.pending.Store(int64(r.parts))
	w.unclaimed.Store(others)
	for m := w.asleep.Load() & others; m != 0; m &= m - 1 {
		w.rouse(bits.TrailingZeros64(m))
	}

	w.do(0)
	for { // what no worker has begun by now is done sooner here
		part, ok := w.claim(0)
		if !ok {
			break
		}
		w.do(part)
	}
	_, waited := w.await(func() bool { return w.pending.Load() == 0 }, math.MaxInt64)
	if waited > longWait {
		w.slowedDown(waited, now()-began-waited)
	}

	w.region.task = nil
	value := w.failure.value
	w.failure.value = nil
	w.busy.Unlock()
	if value != nil {
		panic(value)
	}
}

// slowedDown keeps the next callers alone if this one waited for a thread that had been stopped.
func (w *workers) slowedDown(waited, worked time.Duration) {
	if waited < 2*worked {
		return
	}
	end := now()
	if end-w.aloneUntil < w.alone {
		w.alone = min(2*w.alone, mostAlone)
	} else {
		w.alone = leastAlone
	}
	w.aloneUntil = end + w.alone
}

// claim takes a part that nobody has begun, the preferred one if it is there: a thread that meets the same rows of a
// matrix in each region has them in its cache.
func (w *workers) claim(preferred int) (part int, ok bool) {
	for {
		m := w.unclaimed.Load()
		if m == 0 {
			return 0, false
		}
		part = preferred
		if m>>part&1 == 0 {
			part = bits.TrailingZeros64(m)
		}
		if w.unclaimed.CompareAndSwap(m, m&^(1<<part)) {
			return part, true
		}
	}
}

// do runs a claimed part and keeps its panic for the caller of Run.
func (w *workers) do(part int) {
	defer func() {
		if value := recover(); value != nil {
			w.failure.Lock()
			if w.failure.value == nil || part < w.failure.part {
				w.failure.part, w.failure.value = part, value
			}
			w.failure.Unlock()
		}
		w.pending.Add(-1) // from here on the region may end, and its fields change
	}()
	w.region.task.Do(w.region.bounds(part))
}

func (w *workers) worker(number int) {
	ready := func() bool { return w.unclaimed.Load() != 0 }
	for {
		if seen, _ := w.await(ready, spinTime); !seen {
			w.sleep(number)
		}
		if part, ok := w.claim(number); ok {
			w.do(part)
		}
	}
}

func (w *workers) sleep(number int) {
	w.asleep.Or(1 << number)
	if w.unclaimed.Load() != 0 { // set before the caller could see this worker asleep
		w.asleep.And(^(uint64(1) << number))
		return
	}
	<-w.wake[number]
}

// rouse wakes a sleeping worker. One that changed its mind in between finds the token at its next sleep and looks
// once for nothing.
func (w *workers) rouse(number int) {
	bit := uint64(1) << number
	if w.asleep.And(^bit)&bit == 0 {
		return
	}
	select {
	case w.wake[number] <- struct{}{}:
	default:
	}
}

// await spins until ready, or until about limit has passed; it reports whether ready was seen, and after how long, or
// 0 where it did not look at the clock. Now and then it lets other goroutines run: the one that is waited for may be
// among them.
func (w *workers) await(ready func() bool, limit time.Duration) (seen bool, waited time.Duration) {
	const roundsPerLook = 1024 // some 5 to 50 µs
	var start time.Duration
	for round := 1; !ready(); round++ {
		relax()
		if round%roundsPerLook != 0 {
			continue
		}
		if round == roundsPerLook {
			start = now()
		} else if waited = now() - start; waited > limit {
			return false, waited
		}
		runtime.Gosched()
	}
	return true, waited
}

// relax is not inlined because the runtime stops a goroutine in a function's prologue: nearly all of a waiting
// thread's time passes in assembly, where the signal that preempts is refused, and a garbage collection that waits
// for such a thread stalls the program for a tenth of a second and more.
//
//go:noinline
func relax() { pause() }
