//go:build !race

package kernel

import (
	"runtime"
	"sync"
	"testing"
)

// Under the race detector sync.Pool drops what it is given, at random.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		const n = 200
		x, y, z := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		m := func(data []float32) Matrix[float32] { return Matrix[float32]{data, n, n, n, 1} }
		for name, call := range map[string]func(){
			"MatMul":            func() { MatMul(m(x), m(y), m(z), nil, false) },
			"MatMul transposed": func() { b := m(z); MatMul(m(x), m(y), b.transposed(), nil, false) },
			"MatMul, few rows": func() {
				MatMul(Matrix[float32]{x, 2, 3, 3, 1}, Matrix[float32]{y, 2, n, n, 1}, Matrix[float32]{z, n, 3, 1, n}, nil, false)
			},
			"Add":       func() { Add(x, y, z) },
			"Tanh":      func() { Tanh(x, y) },
			"short Exp": func() { Exp(x[:10], y[:10]) },
			"Adam":      func() { Adam(x, y, z, z, AdamStep[float32]{Eps: 1}) },
			"Sum":       func() { Sum(x) },
			"Max":       func() { Max(x) },
			"Dot":       func() { Dot(x, y) },
		} {
			parallel := sync.OnceFunc(func() { runtime.GOMAXPROCS(2) }) // AllocsPerRun sets it to 1, and puts the old one back
			if a := testing.AllocsPerRun(20, func() { parallel(); call() }); a != 0 {
				t.Errorf("%s: %v allocations", name, a)
			}
		}
	})
}
