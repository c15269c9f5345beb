package pool

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/tapegrad/tapegrad/internal/pool.(*workers).worker"))
}

// withProcessors runs the test body under each GOMAXPROCS, and puts the old one back.
func withProcessors(t *testing.T, body func(t *testing.T)) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	for _, n := range []int{1, 2, 4, 3, 80, 1} {
		runtime.GOMAXPROCS(n)
		t.Run(fmt.Sprint("procs=", n), body)
	}
}

// shareAgain ends the time in which callers work alone, for tests that want two threads in a region.
func shareAgain() {
	shared.busy.Lock()
	shared.aloneUntil = 0
	shared.busy.Unlock()
}

// visits counts the calls for each index, and remembers where ranges began.
type visits struct {
	count  []atomic.Int32
	ranges atomic.Int32
	grain  int
	crooks atomic.Int32
}

func (v *visits) Do(lo, hi int) {
	v.ranges.Add(1)
	if lo%v.grain != 0 || lo >= hi || (hi%v.grain != 0 && hi != len(v.count)) {
		v.crooks.Add(1)
	}
	for i := lo; i < hi; i++ {
		v.count[i].Add(1)
	}
}

func (v *visits) check(t *testing.T) {
	t.Helper()
	for i := range v.count {
		if c := v.count[i].Load(); c != 1 {
			t.Errorf("n=%d grain=%d: index %d visited %d times", len(v.count), v.grain, i, c)
			return
		}
	}
	if c := v.crooks.Load(); c != 0 {
		t.Errorf("n=%d grain=%d: %d ranges do not begin and end at multiples of the grain", len(v.count), v.grain, c)
	}
}

func TestEveryIndexOnce(t *testing.T) {
	withProcessors(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 3, 7, 64, 65, 1000, 4097} {
			for _, grain := range []int{1, 2, 3, 64, 5000} {
				v := &visits{count: make([]atomic.Int32, n), grain: grain}
				Run(n, grain, v)
				v.check(t)
				most := min((n+grain-1)/grain, runtime.GOMAXPROCS(0), maxThreads)
				if got := int(v.ranges.Load()); got > most {
					t.Errorf("n=%d grain=%d: %d ranges on %d processors, at most %d wanted", n, grain, got, runtime.GOMAXPROCS(0), most)
				}
			}
		}
	})
}

func TestNegativeSizesAndGrains(t *testing.T) {
	Run(-1, 1, function(func(lo, hi int) { t.Errorf("called for [%d, %d) of an empty loop", lo, hi) }))
	v := &visits{count: make([]atomic.Int32, 9), grain: 1}
	Run(9, -3, v)
	v.check(t)
}

// Two threads must meet inside one region: a pool that runs everything on the caller would never end this test.
func TestRunsInParallel(t *testing.T) {
	old := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(old)
	for range 100 {
		shareAgain()
		var arrived sync.WaitGroup
		met := make(chan struct{})
		arrived.Add(1)
		For(2, 1, func(lo, hi int) {
			if lo == 0 && hi == 1 {
				arrived.Wait() // the worker has begun
				close(met)
				return
			}
			arrived.Done()
			<-met
		})
	}
}

func TestNestedRegionsRunOnTheirGoroutine(t *testing.T) {
	withProcessors(t, func(t *testing.T) {
		var inner, outer atomic.Int32
		For(100, 1, func(lo, hi int) {
			outer.Add(int32(hi - lo))
			calls := 0
			For(50, 1, func(lo, hi int) {
				calls++ // a data race if another goroutine came here
				inner.Add(int32(hi - lo))
			})
			if runtime.GOMAXPROCS(0) > 1 && calls != 1 {
				t.Errorf("a nested region was cut into %d ranges", calls)
			}
		})
		if outer.Load() != 100 {
			t.Errorf("%d of 100 outer indices", outer.Load())
		}
		if n := inner.Load(); n == 0 || n%50 != 0 {
			t.Errorf("%d inner indices, a multiple of 50 wanted", n)
		}
	})
}

func TestManyCallersAtOnce(t *testing.T) {
	withProcessors(t, func(t *testing.T) {
		var callers sync.WaitGroup
		for c := range 8 {
			callers.Go(func() {
				for i := range 200 {
					v := &visits{count: make([]atomic.Int32, 10+c+i), grain: 1 + c}
					Run(len(v.count), v.grain, v)
					v.check(t)
				}
			})
		}
		callers.Wait()
	})
}

func TestProcessorsChangeWhileRegionsRun(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v := &visits{count: make([]atomic.Int32, 100), grain: 3}
				Run(100, 3, v)
				v.check(t)
			}
		})
	}
	for i := range 60 {
		runtime.GOMAXPROCS(1 + i%4)
	}
	close(stop)
	callers.Wait()
}

func TestPanicReachesTheCaller(t *testing.T) {
	withProcessors(t, func(t *testing.T) {
		for bad := range 8 {
			var ended atomic.Int32
			want := errors.New("bad index")
			got := catch(func() {
				For(8, 1, func(lo, hi int) {
					defer ended.Add(1)
					if lo <= bad && bad < hi {
						panic(want)
					}
				})
			})
			if got != want {
				t.Fatalf("index %d: recovered %v, want %v", bad, got, want)
			}
			v := &visits{count: make([]atomic.Int32, 100), grain: 1}
			Run(100, 1, v)
			v.check(t)
		}
		got := catch(func() { For(8, 1, func(lo, hi int) { panic(lo) }) })
		if got != 0 {
			t.Errorf("all ranges panicked: recovered that of the range at %v, want 0", got)
		}
	})
}

func catch(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// Waiting threads must let the collector stop them; a stalled one would make this test take minutes.
func TestCollectionsWhileThreadsWait(t *testing.T) {
	withProcessors(t, func(t *testing.T) {
		v := &visits{count: make([]atomic.Int32, 64), grain: 1}
		for range 30 {
			Run(64, 1, v)
			runtime.GC()
		}
	})
}

func BenchmarkRegion(b *testing.B) {
	empty := function(func(lo, hi int) {})
	b.ReportAllocs()
	for b.Loop() {
		Run(2, 1, empty)
	}
}

// laggard is a task of two parts, of which the second takes some milliseconds more, as that of a thread which the
// operating system stopped.
type laggard struct{ begun atomic.Bool }

func (l *laggard) Do(lo, hi int) {
	if hi-lo == 2 {
		return
	}
	if lo == 0 {
		for !l.begun.Load() {
			runtime.Gosched()
		}
		return
	}
	l.begun.Store(true)
	for start := time.Now(); time.Since(start) < 3*time.Millisecond; {
	}
}

type whole struct{ calls atomic.Int64 }

func (w *whole) Do(lo, hi int) { w.calls.Add(1) }

func TestCallersWorkAloneWhereThreadsAreStopped(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for range 100 { // this test may itself be stopped
		Run(2, 1, new(laggard))
		var w whole
		Run(2, 1, &w)
		if w.calls.Load() == 1 {
			for w.calls.Load() == 1 { // and that passes
				w.calls.Store(0)
				Run(2, 1, &w)
			}
			return
		}
	}
	t.Error("a region is shared each time after one that waited for milliseconds")
}
