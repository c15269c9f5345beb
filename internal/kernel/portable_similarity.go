package kernel

import "math"

func portableSimilarity[T Float]() similarityKernels[T] {
	return similarityKernels[T]{
		products: products[T], powers: powers[T],
		productsOfBlock: productsOfBlock[T], powersOfBlock: powersOfBlock[T],
		weightedSums: weightedSums[T], gradientStep: gradientStep[T], secondOrder: secondOrder[T],
	}
}

func products[T Float](out, blocks, offsets, z []T, offset T) {
	size := BlockLanes * len(z)
	for b := range len(out) / BlockLanes {
		productsWithBlock((*[BlockLanes]T)(out[b*BlockLanes:]), blocks[b*size:(b+1)*size], (*[BlockLanes]T)(offsets[b*BlockLanes:]), z, offset)
	}
}

func powers[T Float](out, blocks, offsets, z []T, offset T) {
	products(out, blocks, offsets, z, offset)
	powersOfTwo(out)
}

func productsOfBlock[T Float](out, block, offsets, z, zOffsets []T) {
	depth := len(block) / BlockLanes
	for r, offset := range zOffsets {
		productsWithBlock((*[BlockLanes]T)(out[r*BlockLanes:]), block, (*[BlockLanes]T)(offsets), z[r*depth:(r+1)*depth], offset)
	}
}

func powersOfBlock[T Float](out, block, offsets, z, zOffsets []T) {
	productsOfBlock(out, block, offsets, z, zOffsets)
	powersOfTwo(out)
}

// productsWithBlock keeps eight sums in registers.
func productsWithBlock[T Float](out *[BlockLanes]T, block []T, offsets *[BlockLanes]T, z []T, offset T) {
	var a0, a1, a2, a3, a4, a5, a6, a7 T
	block = block[:BlockLanes*len(z)]
	for d, q := range z {
		x := (*[BlockLanes]T)(block[d*BlockLanes:])
		a0 += q * x[0]
		a1 += q * x[1]
		a2 += q * x[2]
		a3 += q * x[3]
		a4 += q * x[4]
		a5 += q * x[5]
		a6 += q * x[6]
		a7 += q * x[7]
	}
	out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7] = a0, a1, a2, a3, a4, a5, a6, a7
	a0, a1, a2, a3, a4, a5, a6, a7 = 0, 0, 0, 0, 0, 0, 0, 0
	for d, q := range z {
		x := (*[BlockLanes]T)(block[d*BlockLanes:])
		a0 += q * x[8]
		a1 += q * x[9]
		a2 += q * x[10]
		a3 += q * x[11]
		a4 += q * x[12]
		a5 += q * x[13]
		a6 += q * x[14]
		a7 += q * x[15]
	}
	out[8], out[9], out[10], out[11], out[12], out[13], out[14], out[15] = a0, a1, a2, a3, a4, a5, a6, a7
	for l, o := range offsets {
		out[l] -= offset + o
	}
}

// powersOfTwo replaces exponents by powers of two; those above 0 count as 0.
func powersOfTwo[T Float](x []T) {
	switch x := any(x).(type) {
	case []float32:
		for i, v := range x {
			x[i] = powerOfTwo(min(v, 0))
		}
	case []float64:
		for i, v := range x {
			if v < -1022 {
				x[i] = 0
			} else {
				x[i] = math.Exp2(min(v, 0))
			}
		}
	}
}

// powerOfTwo is 2^x for x <= 0; below the normal numbers it is 0.
//
// It is 2ⁿ·2ᶠ with the integer n nearest to x. The polynomial has the least relative error (2.0e-9) of its degree over |f| <= ½ among
// those that are 1 at 0.
func powerOfTwo(x float32) float32 {
	if x < -126 {
		return 0
	}
	// Adding 1.5·2²³ leaves no bits for a fraction.
	const shift = 3 << 22
	n := (x + shift) - shift
	f := x - n
	p := float32(1.53533621e-4)
	p = p*f + 1.33988746e-3
	p = p*f + 9.61843736e-3
	p = p*f + 5.55033247e-2
	p = p*f + 2.40226479e-1
	p = p*f + 6.93147203e-1
	p = p*f + 1
	return math.Float32frombits(uint32(int32(n)+127)<<23) * p
}

func weightedSums[T Float](sums []float64, similarities []T, weights []float64) {
	columns := len(sums) / BlockLanes
	var wide [BlockLanes]float64
	for r := range len(similarities) / BlockLanes {
		for l, v := range (*[BlockLanes]T)(similarities[r*BlockLanes:]) {
			wide[l] = float64(v)
		}
		for c, w := range weights[r*columns : (r+1)*columns] {
			if w == 0 { // of a column that only fills up, or of a sample that serves few
				continue
			}
			sum := (*[BlockLanes]float64)(sums[c*BlockLanes:])
			for l, v := range wide {
				sum[l] += w * v
			}
		}
	}
}

func gradientStep[T Float](d *Descent[T], gradient []float64, up, down []T, t float64) (at int, top, bottom float64) {
	at, top, bottom = -1, negativeInfinity, math.Inf(1)
	up, down = up[:len(gradient)], down[:len(gradient)]
	for k, g := range gradient {
		g -= t * (float64(up[k]) - float64(down[k]))
		gradient[k] = g
		b, bit := k/BlockLanes, uint16(1)<<(k%BlockLanes)
		high, low := g, g
		if d.Kink != 0 {
			high, low = d.kinked(g, d.Below[b]&bit != 0, d.Above[b]&bit != 0)
		}
		if high > top && d.Rise[b]&bit != 0 {
			at, top = k, high
		}
		if low < bottom && d.Fall[b]&bit != 0 {
			bottom = low
		}
	}
	return at, top, bottom
}

// kinked returns a gradient for rising and one for falling.
func (d *Descent[T]) kinked(g float64, below, above bool) (high, low float64) {
	high, low = g-d.Kink, g+d.Kink
	if below {
		high = g + d.Kink
	}
	if above {
		low = g - d.Kink
	}
	return high, low
}

func secondOrder[T Float](d *Descent[T], gradient []float64, row, diagonal []T, own, top float64) int {
	const smallestCurvature = 1e-12
	best := -1
	// The fraction square/curvature of the best; comparing by products saves a division for each sample.
	bestSquare, bestCurvature := 0.0, 1.0
	row = row[:len(gradient)]
	mask := -1
	if len(diagonal) == BlockLanes {
		mask = BlockLanes - 1
	}
	for k, g := range gradient {
		b, bit := k/BlockLanes, uint16(1)<<(k%BlockLanes)
		if d.Kink != 0 {
			_, g = d.kinked(g, false, d.Above[b]&bit != 0)
		}
		gap := top - g
		if gap <= 0 || d.Fall[b]&bit == 0 {
			continue
		}
		curvature := max(own+float64(diagonal[k&mask])-2*float64(row[k]), smallestCurvature)
		if square := gap * gap; square*bestCurvature > bestSquare*curvature {
			best, bestSquare, bestCurvature = k, square, curvature
		}
	}
	return best
}
