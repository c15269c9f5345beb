package kernel

import (
	"fmt"
	"unsafe"
)

// BlockLanes is the number of samples in a packed block. A block of samples of d features is stored as (d, BlockLanes), so
// that a feature of another sample meets the same feature of all of them at once.
const BlockLanes = 16

// WeightColumns is what the number of columns of [WeightedSums] is a multiple of.
const WeightColumns = 3

// Similarities compares the sample z with those of packed blocks, on the calling goroutine:
//
//	out[i] = z·xᵢ - (offset + offsets[i])
//
// or, if powers is set, 2 to the power of that, of which what is above 0 counts as 0. Then the RBF kernel of equal samples is exactly
// 1 if their offsets are half of what Similarities computes for the product of a sample with itself.
//
// The product is summed in the order of the features and in the precision of T, each lane by itself, so that all functions of this
// file give it the same bits. A power of float32 has an error of at most 2 units in the last place of the exact power, one of float64 of at
// most 2; where it is below the normal numbers it is 0.
func Similarities[T Float](out, blocks, offsets, z []T, offset T, powers bool) {
	if len(z) == 0 || len(out)%BlockLanes != 0 || len(offsets) != len(out) || len(blocks) != len(out)*len(z) {
		panic(fmt.Sprintf("kernel.Similarities: %d values of %d packed ones of samples of %d features with %d offsets", len(out), len(blocks), len(z), len(offsets)))
	}
	k := &kernelsOf[T]().similarityKernels
	if powers {
		k.powers(out, blocks, offsets, z, offset)
	} else {
		k.products(out, blocks, offsets, z, offset)
	}
}

// SimilaritiesOfBlock is Similarities for several samples z (m, d) and one block: out is (m, BlockLanes).
func SimilaritiesOfBlock[T Float](out, block, offsets, z, zOffsets []T, powers bool) {
	rows := len(zOffsets)
	if rows == 0 {
		return
	}
	depth := len(block) / BlockLanes
	if depth == 0 || len(block)%BlockLanes != 0 || len(out) != rows*BlockLanes || len(offsets) != BlockLanes || len(z) != rows*depth {
		panic(fmt.Sprintf("kernel.SimilaritiesOfBlock: %d values of a block of %d with %d offsets and %d of %d samples", len(out), len(block), len(offsets), len(z), rows))
	}
	k := &kernelsOf[T]().similarityKernels
	if powers {
		k.powersOfBlock(out, block, offsets, z, zOffsets)
	} else {
		k.productsOfBlock(out, block, offsets, z, zOffsets)
	}
}

// WeightedSums adds to sums (k, BlockLanes), in float64 and in the order of the rows, the rows of similarities (m, BlockLanes) times
// weights (m, k); k is a multiple of WeightColumns.
func WeightedSums[T Float](sums []float64, similarities []T, weights []float64) {
	rows, columns := len(similarities)/BlockLanes, len(sums)/BlockLanes
	if columns%WeightColumns != 0 || len(sums)%BlockLanes != 0 || len(similarities)%BlockLanes != 0 || len(weights) != rows*columns {
		panic(fmt.Sprintf("kernel.WeightedSums: %d sums of %d values with %d weights", len(sums), len(similarities), len(weights)))
	}
	if rows > 0 {
		kernelsOf[T]().weightedSums(sums, similarities, weights)
	}
}

// similarityKernels is the kernels of a path that support vector machines stand on. Of the slices of descent only whole blocks are given.
type similarityKernels[T Float] struct {
	products, powers               func(out, blocks, offsets, z []T, offset T)
	productsOfBlock, powersOfBlock func(out, block, offsets, z, zOffsets []T)
	weightedSums                   func(sums []float64, similarities []T, weights []float64)
	gradientStep                   func(d *Descent[T], gradient []float64, up, down []T, t float64) (at int, top, bottom float64)
	secondOrder                    func(d *Descent[T], gradient []float64, row, diagonal []T, own, top float64) (at int)
}

// rowsOfBlock is a kernel that compares groups of samples, each of as many as its name says, with a block.
type rowsOfBlock[T Float] func(out, block, offsets, z, zOffsets *T, depth, groups int)

// inGroups is the kernel that takes several samples at a time, and single ones where some are left.
func inGroups[T Float](rows int, several, single rowsOfBlock[T]) func(out, block, offsets, z, zOffsets []T) {
	return func(out, block, offsets, z, zOffsets []T) {
		depth := len(block) / BlockLanes
		groups := len(zOffsets) / rows
		if groups > 0 {
			several(&out[0], &block[0], &offsets[0], &z[0], &zOffsets[0], depth, groups)
		}
		if done := groups * rows; done < len(zOffsets) {
			single(&out[done*BlockLanes], &block[0], &offsets[0], &z[done*depth], &zOffsets[done], depth, len(zOffsets)-done)
		}
	}
}

// sumKernel is a kernel that adds to as many columns of sums as its name says.
type sumKernel[T Float] func(sums *float64, similarities *T, weights *float64, rows int, stride uintptr)

// inColumns is the kernel that covers any number of columns with kernels of WeightColumns, twice as many and so on.
func inColumns[T Float](kernels ...sumKernel[T]) func(sums []float64, similarities []T, weights []float64) {
	return func(sums []float64, similarities []T, weights []float64) {
		columns, rows := len(sums)/BlockLanes, len(similarities)/BlockLanes
		for done := 0; done < columns; {
			use := min((columns-done)/WeightColumns, len(kernels))
			kernels[use-1](&sums[done*BlockLanes], &similarities[0], &weights[done], rows, uintptr(columns)*unsafe.Sizeof(weights[0]))
			done += use * WeightColumns
		}
	}
}
