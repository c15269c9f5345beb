package pool

import (
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
)

// Workers are started when there are more processors than before, and no goroutine is for any other reason.
func TestRegionsStartNoGoroutines(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	runtime.GC() // starts goroutines of the runtime's own
	region := func() { For(4, 1, func(lo, hi int) {}) }
	region()
	before := goroutinesCreated()
	for range 1000 {
		region()
	}
	if n := goroutinesCreated() - before; n != 0 {
		t.Errorf("1000 regions started %d goroutines", n)
	}
}

func goroutinesCreated() uint64 {
	sample := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Workers without work come to wait for a channel, where they cost nothing, and from there the next region has them. A pool that spins
// for ever, or wakes nobody, would never end this test.
func TestWorkersParkAndWake(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for range 3 {
		shareAgain()
		var both sync.WaitGroup
		both.Add(2)
		For(2, 1, func(lo, hi int) {
			both.Done()
			both.Wait() // for the worker
		})
		for working() > 0 {
			runtime.Gosched()
		}
	}
}

// working returns how many workers do not wait for a channel.
func working() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		header, _, _ := strings.Cut(stack, "\n")
		if strings.Contains(stack, "pool.(*workers).worker(") && !strings.Contains(header, "[chan receive") {
			n++
		}
	}
	return n
}
