// Command asm writes the assembly of package kernel, for AVX2 with FMA and for AVX-512 from the same templates.
// After a change here, in this folder:
//
//	go run . -out ../simd_amd64.s -stubs ../simd_amd64.go -pkg kernel
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	for _, s := range []simd{avx2, avx512} {
		s.tiles()
		s.dots(s.rows / 2)
		s.dots(1)
		s.elementwise(operations)
		s.elementwise(elementary)
		s.elementwise(singleElementary)
		s.elementwise(activations)
		s.elementwise(singleActivations)
		s.updates()
		s.scaleBytes()
		s.sums()
		s.columnSums()
		s.largest()
		s.similarities()
		s.descents()
	}
	avx2Double.elementwise(operations)
	avx2Double.elementwise(elementary)
	avx2Double.elementwise(activations)
	avx2Double.sums()
	avx2Double.columnSums()
	avx2Double.similarities()
	avx2Double.descents()
	transpose8x8()
	Generate()
}
