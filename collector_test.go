package tapegrad_test

import (
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"gorgonia.org/tensor"
)

// A collector that runs all the time finds nothing wrong with what kernels keep in their registers and structs, such as a pointer that
// has advanced past the end of an array, and takes nothing away that is in use: the weights are those of a calm training.
func TestTrainingUnderGarbage(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	onEachKernelPath(t, func(t *testing.T) {
		want := trained(tensor.Float32)
		defer debug.SetGCPercent(debug.SetGCPercent(5))
		stop := litter()
		defer stop()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := trained(tensor.Float32)
		runtime.ReadMemStats(&after)
		if i := firstDifference(got, want); i >= 0 {
			t.Errorf("amid garbage %v, else %v", got[i], want[i])
		}
		if n := after.NumGC - before.NumGC; n < 3 {
			t.Errorf("%d collections: too few to find anything", n)
		}
	})
}

// litter makes garbage, of pointers too, until stop is called.
func litter() (stop func()) {
	var litterer sync.WaitGroup
	done := make(chan struct{})
	litterer.Go(func() {
		var kept [64]*[]*int
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				list := make([]*int, 1+i%500)
				for k := range list {
					list[k] = new(i)
				}
				kept[i%len(kept)] = &list
			}
		}
	})
	return func() {
		close(done)
		litterer.Wait()
	}
}
