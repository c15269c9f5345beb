package bench

// fmaLoop returns the loop for a set of kernels, and how many operations each of its rounds does.
func fmaLoop(path string) (loop func(rounds int, x float32), operations int) {
	switch path {
	case "avx512":
		return fmaAVX512, 2 * 16 * 12
	case "avx2":
		return fmaAVX2, 2 * 8 * 12
	}
	return nil, 0
}

// fmaAVX2 and fmaAVX512 add x² to twelve registers, whose chains do not depend on each other, in each of rounds: more than the
// latency of an instruction times how many begin in a cycle.

//go:noescape
func fmaAVX2(rounds int, x float32)

//go:noescape
func fmaAVX512(rounds int, x float32)
