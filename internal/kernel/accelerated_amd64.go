package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// accelerated returns the assembly paths that this machine can run, the fastest first.
func accelerated() []*path {
	var paths []*path
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX2 && x.HasFMA {
		paths = append(paths, &path{name: "avx512", f32: avx512Kernels(), f64: doubleKernels()})
	}
	if x.HasAVX2 && x.HasFMA {
		paths = append(paths, &path{name: "avx2", f32: avx2Kernels(), f64: doubleKernels()})
	}
	return paths
}

func avx2Kernels() kernels[float32] {
	tiles := tileSet{
		rows: 4, lanes: 8,
		columns: [tileVectors]tileColumn{
			{tile4x8AVX2Packing, []tile{{8, tile8x8AVX2, tile8x8AVX2Tail}, {4, tile4x8AVX2, tile4x8AVX2Tail}, {2, tile2x8AVX2Tail, tile2x8AVX2Tail}, {1, tile1x8AVX2Tail, tile1x8AVX2Tail}}},
			{tile4x16AVX2Packing, []tile{{4, tile4x16AVX2, tile4x16AVX2Tail}, {2, tile2x16AVX2Tail, tile2x16AVX2Tail}, {1, tile1x16AVX2Tail, tile1x16AVX2Tail}}},
			{tile4x24AVX2Packing, []tile{{4, tile4x24AVX2, tile4x24AVX2Tail}, {2, tile2x24AVX2Tail, tile2x24AVX2Tail}, {1, tile1x24AVX2Tail, tile1x24AVX2Tail}}},
		},
	}
	k := kernels[float32]{tiles.matrixKernels(), portableVector[float32](), portableActivation[float32](), portableUpdate[float32](), portableReduction[float32](), avx2Similarity()}
	k.dots, k.dotRows = (&dotSet{rows: 2, lanes: 8, tile: dots2x6AVX2, row: dots1x6AVX2}).dots, 6
	k.add, k.sub, k.mul, k.scale, k.addScaled = addAVX2, subAVX2, mulAVX2, scaleAVX2, addScaledAVX2
	k.relu, k.reluGrad, k.sigmoid, k.sigmoidGrad = reluAVX2, reluGradAVX2, sigmoidAVX2, sigmoidGradAVX2
	k.exp, k.log, k.tanh, k.softplus = expAVX2, logAVX2, tanhAVX2, softplusAVX2
	k.expm1, k.log1p, k.erf = expm1AVX2, log1pAVX2, erfAVX2
	k.shift, k.residual = shiftAVX2, residualAVX2
	k.logSigmoid, k.mulSigmoid, k.tanhGrad = logSigmoidAVX2, mulSigmoidAVX2, tanhGradAVX2
	k.elu, k.eluGrad, k.siluGrad = eluAVX2, eluGradAVX2, siluGradAVX2
	k.gelu, k.geluGrad, k.geluTanh, k.geluTanhGrad = geluAVX2, geluGradAVX2, geluTanhAVX2, geluTanhGradAVX2
	k.softmaxGrad = softmaxGradAVX2
	k.sgd, k.momentum, k.nesterov = sgdAVX2, momentumAVX2, nesterovAVX2
	k.adam, k.adagrad, k.approach = adamAVX2, adagradAVX2, approachAVX2
	k.rmsProp, k.rmsPropMomentum = rmsPropAVX2, rmsPropMomentumAVX2
	k.centered, k.centeredMomentum = centeredAVX2, centeredMomentumAVX2
	k.scaleBytes = wholeVectors(8, scaleBytesAVX2)
	k.sum, k.dot, k.max = sumAVX2, dotAVX2, fromVector(8, maxAVX2)
	k.columnSums = inBytes(columnSumsAVX2)
	return k
}

func avx512Kernels() kernels[float32] {
	tiles := tileSet{
		rows: 8, lanes: 16,
		columns: [tileVectors]tileColumn{
			{tile8x16AVX512Packing, []tile{{8, tile8x16AVX512, tile8x16AVX512Tail}, {4, tile4x16AVX512Tail, tile4x16AVX512Tail}, {1, tile1x16AVX512Tail, tile1x16AVX512Tail}}},
			{tile8x32AVX512Packing, []tile{{8, tile8x32AVX512, tile8x32AVX512Tail}, {4, tile4x32AVX512Tail, tile4x32AVX512Tail}, {1, tile1x32AVX512Tail, tile1x32AVX512Tail}}},
			{tile8x48AVX512Packing, []tile{{8, tile8x48AVX512, tile8x48AVX512Tail}, {4, tile4x48AVX512Tail, tile4x48AVX512Tail}, {1, tile1x48AVX512Tail, tile1x48AVX512Tail}}},
		},
	}
	k := kernels[float32]{tiles.matrixKernels(), portableVector[float32](), portableActivation[float32](), portableUpdate[float32](), portableReduction[float32](), avx512Similarity()}
	k.dots, k.dotRows = (&dotSet{rows: 4, lanes: 16, tile: dots4x6AVX512, row: dots1x6AVX512}).dots, 12
	k.add, k.sub, k.mul, k.scale, k.addScaled = addAVX512, subAVX512, mulAVX512, scaleAVX512, addScaledAVX512
	k.relu, k.reluGrad, k.sigmoid, k.sigmoidGrad = reluAVX512, reluGradAVX512, sigmoidAVX512, sigmoidGradAVX512
	k.exp, k.log, k.tanh, k.softplus = expAVX512, logAVX512, tanhAVX512, softplusAVX512
	k.expm1, k.log1p, k.erf = expm1AVX512, log1pAVX512, erfAVX512
	k.shift, k.residual = shiftAVX512, residualAVX512
	k.logSigmoid, k.mulSigmoid, k.tanhGrad = logSigmoidAVX512, mulSigmoidAVX512, tanhGradAVX512
	k.elu, k.eluGrad, k.siluGrad = eluAVX512, eluGradAVX512, siluGradAVX512
	k.gelu, k.geluGrad, k.geluTanh, k.geluTanhGrad = geluAVX512, geluGradAVX512, geluTanhAVX512, geluTanhGradAVX512
	k.softmaxGrad = softmaxGradAVX512
	k.sgd, k.momentum, k.nesterov = sgdAVX512, momentumAVX512, nesterovAVX512
	k.adam, k.adagrad, k.approach = adamAVX512, adagradAVX512, approachAVX512
	k.rmsProp, k.rmsPropMomentum = rmsPropAVX512, rmsPropMomentumAVX512
	k.centered, k.centeredMomentum = centeredAVX512, centeredMomentumAVX512
	k.scaleBytes = wholeVectors(16, scaleBytesAVX512)
	k.sum, k.dot, k.max = sumAVX512, dotAVX512, fromVector(16, maxAVX512)
	k.columnSums = inBytes(columnSumsAVX512)
	return k
}

// doubleKernels is those for float64, the same on every machine with AVX2.
func doubleKernels() kernels[float64] {
	k := portableKernels[float64]()
	k.add, k.sub, k.mul, k.scale, k.addScaled = addDoubleAVX2, subDoubleAVX2, mulDoubleAVX2, scaleDoubleAVX2, addScaledDoubleAVX2
	k.relu, k.sigmoid, k.sigmoidGrad = reluDoubleAVX2, sigmoidDoubleAVX2, sigmoidGradDoubleAVX2
	k.exp, k.tanh, k.tanhGrad = expDoubleAVX2, tanhDoubleAVX2, tanhGradDoubleAVX2
	k.shift, k.residual = shiftDoubleAVX2, residualDoubleAVX2
	k.mulSigmoid, k.siluGrad, k.geluTanh, k.geluTanhGrad = mulSigmoidDoubleAVX2, siluGradDoubleAVX2, geluTanhDoubleAVX2, geluTanhGradDoubleAVX2
	k.softmaxGrad = softmaxGradDoubleAVX2
	k.sum, k.dot = sumDoubleAVX2, dotDoubleAVX2
	k.columnSums = inBytes(columnSumsDoubleAVX2)
	k.similarityKernels = doubleSimilarity()
	return k
}

// tileFunc multiplies blocks tiles that lie below each other, as panel describes. Strides count bytes; depth and
// blocks are at least 1, and of the last vector of each row only tail lanes exist, 1 to all of them. The functions
// for whole vectors do not read tail; only those that pack write packed, and they multiply one tile.
type tileFunc func(a *float32, aRow, aCol uintptr, b *float32, bRow uintptr, c *float32, cRow uintptr,
	depth, blocks int, bias *float32, accumulate bool, tail int, packed *float32, scale float32)

// tileSet is the tiles of an instruction set, by the number of their vectors less one.
type tileSet struct {
	rows, lanes int
	columns     [tileVectors]tileColumn
}

// tileColumn is the tiles of one width: that of rows rows which packs, and the others from the highest to one row.
type tileColumn struct {
	packing tileFunc
	tiles   []tile
}

type tile struct {
	rows        int
	whole, tail tileFunc
}

func (s *tileSet) matrixKernels() matrixKernels[float32] {
	return matrixKernels[float32]{rows: s.rows, lanes: s.lanes, panel: s.panel, packs: true, scales: true, transpose: transposeSIMD}
}

// panel covers the rows with the highest tiles first.
func (s *tileSet) panel(p *panel[float32]) {
	last := (p.width - 1) / s.lanes
	tail := p.width - last*s.lanes
	column, row := &s.columns[last], 0
	if p.packed != nil {
		runTiles(p, column.packing, 0, 1, tail)
		p.b, p.bRow = p.packed, (last+1)*s.lanes
		row = s.rows
	}
	for i := range column.tiles {
		t := &column.tiles[i]
		if blocks := (p.rows - row) / t.rows; blocks > 0 {
			multiply := t.whole
			if tail < s.lanes {
				multiply = t.tail
			}
			runTiles(p, multiply, row, blocks, tail)
			row += blocks * t.rows
		}
	}
}

func runTiles(p *panel[float32], multiply tileFunc, row, blocks, tail int) {
	const size = unsafe.Sizeof(float32(0))
	multiply(&p.a[row*p.aRow], uintptr(p.aRow)*size, uintptr(p.aCol)*size, &p.b[0], uintptr(p.bRow)*size,
		&p.c[row*p.cRow], uintptr(p.cRow)*size, p.depth, blocks, unsafe.SliceData(p.bias), p.accumulate, tail,
		unsafe.SliceData(p.packed), p.scale)
}

// transposeSIMD covers what it can with blocks of 8x8.
func transposeSIMD(dst []float32, dstRow int, src []float32, srcRow, rows, cols int) {
	const size = unsafe.Sizeof(float32(0))
	i := 0
	if cols >= 8 {
		for ; i+8 <= rows; i += 8 {
			transpose8x8(&dst[i], uintptr(dstRow)*size, &src[i*srcRow], uintptr(srcRow)*size, cols/8)
		}
		if cols%8 != 0 {
			portableTranspose(dst[cols/8*8*dstRow:], dstRow, src[cols/8*8:], srcRow, i, cols%8)
		}
	}
	if i < rows {
		portableTranspose(dst[i:], dstRow, src[i*srcRow:], srcRow, rows-i, cols)
	}
}

// wholeVectors leaves the elements that do not fill a vector to the portable kernel.
func wholeVectors(lanes int, kernel func(dst []float32, src []uint8, scale float32)) func([]float32, []uint8, float32) {
	return func(dst []float32, src []uint8, scale float32) {
		whole := len(dst) / lanes * lanes
		kernel(dst[:whole], src[:whole], scale)
		scaleBytes(dst[whole:], src[whole:], scale)
	}
}

// fromVector leaves slices that do not fill a vector to the portable kernel.
func fromVector(lanes int, kernel func(x []float32) float32) func(x []float32) float32 {
	return func(x []float32) float32 {
		if len(x) < lanes {
			return largest(x)
		}
		return kernel(x)
	}
}

// inBytes is a kernel whose stride counts elements, for one that counts bytes.
func inBytes[T Float](kernel func(dst, x []T, rows int, stride uintptr)) func(dst, x []T, rows, stride int) {
	return func(dst, x []T, rows, stride int) {
		kernel(dst, x, rows, uintptr(stride)*unsafe.Sizeof(T(0)))
	}
}
