package kernel

import "math"

func portableReduction[T Float]() reductionKernels[T] {
	return reductionKernels[T]{sum: sum[T], dot: dot[T], max: largest[T], columnSums: columnSums[T]}
}

// sum has four sums under way, for an addition takes as long as four can begin in.
func sum[T Float](x, _ []T) float64 {
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4; x = x[4:] {
		s0 += float64(x[0])
		s1 += float64(x[1])
		s2 += float64(x[2])
		s3 += float64(x[3])
	}
	for _, v := range x {
		s0 += float64(v)
	}
	return (s0 + s1) + (s2 + s3)
}

func dot[T Float](a, b []T) float64 {
	var s0, s1, s2, s3 float64
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		b := b[:4]
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
	}
	for i, v := range a {
		s0 += float64(v) * float64(b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func largest[T Float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		if !(v <= m) { // true for NaN
			m = v
			if v != v {
				break
			}
		}
	}
	return m
}

func columnSums[T Float](dst, x []T, rows, stride int) {
	copy(dst, x)
	for i := 1; i < rows; i++ {
		for j, v := range x[i*stride:][:len(dst)] {
			dst[j] += v
		}
	}
}
