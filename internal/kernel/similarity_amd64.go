package kernel

import "unsafe"

func avx2Similarity() similarityKernels[float32] {
	return similarityKernels[float32]{
		products: productsAVX2, powers: powersAVX2,
		productsOfBlock: inGroups(6, products6RowsAVX2, products1RowsAVX2), powersOfBlock: inGroups(6, powers6RowsAVX2, powers1RowsAVX2),
		weightedSums: inColumns(weightedSums3AVX2, weightedSums6AVX2),
		gradientStep: inLanes(4, gradientStepAVX2, gradientStepKinkedAVX2),
		secondOrder:  secondInLanes(4, secondOrderAVX2, secondOrderKinkedAVX2),
	}
}

func avx512Similarity() similarityKernels[float32] {
	return similarityKernels[float32]{
		products: productsAVX512, powers: powersAVX512,
		productsOfBlock: inGroups(12, products12RowsAVX512, products1RowsAVX512), powersOfBlock: inGroups(12, powers12RowsAVX512, powers1RowsAVX512),
		weightedSums: inColumns(weightedSums3AVX512, weightedSums6AVX512, weightedSums9AVX512, weightedSums12AVX512),
		gradientStep: inLanes(8, gradientStepAVX512, gradientStepKinkedAVX512),
		secondOrder:  secondInLanes(8, secondOrderAVX512, secondOrderKinkedAVX512),
	}
}

func doubleSimilarity() similarityKernels[float64] {
	return similarityKernels[float64]{
		products: productsDoubleAVX2, powers: powersDoubleAVX2,
		productsOfBlock: inGroups(3, products3RowsDoubleAVX2, products1RowsDoubleAVX2), powersOfBlock: inGroups(3, powers3RowsDoubleAVX2, powers1RowsDoubleAVX2),
		weightedSums: inColumns(weightedSums3DoubleAVX2, weightedSums6DoubleAVX2),
		gradientStep: inLanes(4, gradientStepDoubleAVX2, gradientStepKinkedDoubleAVX2),
		secondOrder:  secondInLanes(4, secondOrderDoubleAVX2, secondOrderKinkedDoubleAVX2),
	}
}

type (
	stepKernel[T Float]         func(gradient []float64, up, down *T, t float64, rise, fall *uint16, top *float64, at *int64, bottom *float64)
	kinkedStepKernel[T Float]   func(gradient []float64, up, down *T, t float64, rise, fall, below, above *uint16, epsilon float64, top *float64, at *int64, bottom *float64)
	secondKernel[T Float]       func(gradient []float64, row, diagonal *T, diagonalStep uintptr, own, top float64, fall *uint16, gain *float64, at *int64)
	kinkedSecondKernel[T Float] func(gradient []float64, row, diagonal *T, diagonalStep uintptr, own, top float64, fall, above *uint16, epsilon float64, gain *float64, at *int64)
)

// inLanes is the kernel that joins what the given ones find in each lane.
func inLanes[T Float](lanes int, plain stepKernel[T], kinked kinkedStepKernel[T]) func(d *Descent[T], gradient []float64, up, down []T, t float64) (at int, top, bottom float64) {
	return func(d *Descent[T], gradient []float64, up, down []T, t float64) (at int, top, bottom float64) {
		r := &d.lanes
		if d.Kink == 0 {
			plain(gradient, &up[0], &down[0], t, &d.Rise[0], &d.Fall[0], &r.best[0], &r.at[0], &r.bottom[0])
		} else {
			kinked(gradient, &up[0], &down[0], t, &d.Rise[0], &d.Fall[0], &d.Below[0], &d.Above[0], d.Kink, &r.best[0], &r.at[0], &r.bottom[0])
		}
		at, top = r.choose(lanes, negativeInfinity)
		return at, top, r.least(lanes)
	}
}

func secondInLanes[T Float](lanes int, plain secondKernel[T], kinked kinkedSecondKernel[T]) func(d *Descent[T], gradient []float64, row, diagonal []T, own, top float64) int {
	return func(d *Descent[T], gradient []float64, row, diagonal []T, own, top float64) int {
		r := &d.lanes
		step := BlockLanes * unsafe.Sizeof(T(0))
		if len(diagonal) == BlockLanes {
			step = 0
		}
		if d.Kink == 0 {
			plain(gradient, &row[0], &diagonal[0], step, own, top, &d.Fall[0], &r.best[0], &r.at[0])
		} else {
			kinked(gradient, &row[0], &diagonal[0], step, own, top, &d.Fall[0], &d.Above[0], d.Kink, &r.best[0], &r.at[0])
		}
		at, _ := r.choose(lanes, 0)
		return at
	}
}
