package bench

import (
	"runtime"
	"testing"

	"github.com/tapegrad/tapegrad/internal/kernel"
	"github.com/tapegrad/tapegrad/internal/pool"
)

// fmaPeak measures how many operations on float32 the processor does when it does nothing but multiply and add in registers, with
// the instruction set of the kernels that run: the bound of a matrix product. The metric GFLOP/s is for all GOMAXPROCS threads
// together. There is no check, for nothing comes out.
func fmaPeak(b *testing.B) {
	const rounds = 100_000 // of a loop without a point where the scheduler may interrupt it, some 300 µs
	multiplyAdd, operations := fmaLoop(kernel.Path())
	if multiplyAdd == nil {
		b.Logf("no loop for the kernels %s", kernel.Path())
		for b.Loop() {
			continue
		}
		return
	}
	threads := runtime.GOMAXPROCS(0)
	for b.Loop() {
		pool.For(threads, 1, func(lo, hi int) {
			for range hi - lo {
				multiplyAdd(rounds, 0.5)
			}
		})
	}
	total := float64(operations) * rounds * float64(threads) * float64(b.N)
	b.ReportMetric(total/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}
