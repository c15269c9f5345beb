package kernel

import (
	"runtime"
	"unsafe"
)

// manyRegisters tells the processors with 32 floating-point registers, which hold the sums of a tile of 4x4 and what is multiplied,
// from those with 16, which hold those of 2x3: the compiler makes all products of a step before it adds the first.
const manyRegisters = runtime.GOARCH == "arm64" || runtime.GOARCH == "loong64" || runtime.GOARCH == "ppc64le" || runtime.GOARCH == "riscv64"

func portableMatrix[T Float]() matrixKernels[T] {
	if manyRegisters {
		return wideTiles[T]()
	}
	return narrowTiles[T]()
}

func wideTiles[T Float]() matrixKernels[T]   { return portableTiles(4, 4, tile4x4[T], tile1x4[T]) }
func narrowTiles[T Float]() matrixKernels[T] { return portableTiles(2, 3, tile2x3[T], tile1x3[T]) }

// portableTiles goes by tiles of the given rows and columns, by tiles of one row below them, and by single elements beside them.
func portableTiles[T Float](rows, columns int, tile, oneRow portableTile[T]) matrixKernels[T] {
	return matrixKernels[T]{
		rows: rows, lanes: columns, transpose: portableTranspose[T],
		panel: func(p *panel[T]) {
			i0, j0 := p.rows/rows*rows, p.width/columns*columns
			for j := 0; j < j0; j += columns {
				for i := 0; i < i0; i += rows {
					tile(p, i, j)
				}
				for i := i0; i < p.rows; i++ {
					oneRow(p, i, j)
				}
			}
			for j := j0; j < p.width; j++ {
				for i := range p.rows {
					tile1x1(p, i, j)
				}
			}
		},
	}
}

// A portableTile computes the tile of a panel that begins at row i and column j. Each element is summed in the order of k, whichever
// tile it lies in.
//
// Tiles read through pointers: MatMul has held the matrices against their memory, and a check of each element takes as long as its
// multiplication. Offsets are added to the first element of the memory, so that no pointer ever points past its end.
type portableTile[T Float] func(p *panel[T], i, j int)

func tile4x4[T Float](p *panel[T], i, j int) {
	s00, s01, s02, s03 := p.start(i, j), p.start(i, j+1), p.start(i, j+2), p.start(i, j+3)
	s10, s11, s12, s13 := p.start(i+1, j), p.start(i+1, j+1), p.start(i+1, j+2), p.start(i+1, j+3)
	s20, s21, s22, s23 := p.start(i+2, j), p.start(i+2, j+1), p.start(i+2, j+2), p.start(i+2, j+3)
	s30, s31, s32, s33 := p.start(i+3, j), p.start(i+3, j+1), p.start(i+3, j+2), p.start(i+3, j+3)
	a0, a1, a2, a3 := p.left(i), p.left(i+1), p.left(i+2), p.left(i+3)
	b, aStep, bStep := p.right(j), p.leftStep(), p.rightStep()
	var at, bt uintptr
	for range p.depth {
		x := (*[4]T)(unsafe.Add(b, bt))
		b0, b1, b2, b3 := x[0], x[1], x[2], x[3]
		v := *(*T)(unsafe.Add(a0, at))
		s00 += v * b0
		s01 += v * b1
		s02 += v * b2
		s03 += v * b3
		v = *(*T)(unsafe.Add(a1, at))
		s10 += v * b0
		s11 += v * b1
		s12 += v * b2
		s13 += v * b3
		v = *(*T)(unsafe.Add(a2, at))
		s20 += v * b0
		s21 += v * b1
		s22 += v * b2
		s23 += v * b3
		v = *(*T)(unsafe.Add(a3, at))
		s30 += v * b0
		s31 += v * b1
		s32 += v * b2
		s33 += v * b3
		at, bt = at+aStep, bt+bStep
	}
	c := p.c[i*p.cRow+j:][:4]
	c[0], c[1], c[2], c[3] = s00, s01, s02, s03
	c = p.c[(i+1)*p.cRow+j:][:4]
	c[0], c[1], c[2], c[3] = s10, s11, s12, s13
	c = p.c[(i+2)*p.cRow+j:][:4]
	c[0], c[1], c[2], c[3] = s20, s21, s22, s23
	c = p.c[(i+3)*p.cRow+j:][:4]
	c[0], c[1], c[2], c[3] = s30, s31, s32, s33
}

func tile1x4[T Float](p *panel[T], i, j int) {
	s0, s1, s2, s3 := p.start(i, j), p.start(i, j+1), p.start(i, j+2), p.start(i, j+3)
	a, b, aStep, bStep := p.left(i), p.right(j), p.leftStep(), p.rightStep()
	var at, bt uintptr
	for range p.depth {
		v, x := *(*T)(unsafe.Add(a, at)), (*[4]T)(unsafe.Add(b, bt))
		s0 += v * x[0]
		s1 += v * x[1]
		s2 += v * x[2]
		s3 += v * x[3]
		at, bt = at+aStep, bt+bStep
	}
	c := p.c[i*p.cRow+j:][:4]
	c[0], c[1], c[2], c[3] = s0, s1, s2, s3
}

func tile2x3[T Float](p *panel[T], i, j int) {
	s00, s01, s02 := p.start(i, j), p.start(i, j+1), p.start(i, j+2)
	s10, s11, s12 := p.start(i+1, j), p.start(i+1, j+1), p.start(i+1, j+2)
	a0, a1 := p.left(i), p.left(i+1)
	b, aStep, bStep := p.right(j), p.leftStep(), p.rightStep()
	var at, bt uintptr
	for range p.depth {
		x := (*[3]T)(unsafe.Add(b, bt))
		b0, b1, b2 := x[0], x[1], x[2]
		v := *(*T)(unsafe.Add(a0, at))
		s00 += v * b0
		s01 += v * b1
		s02 += v * b2
		v = *(*T)(unsafe.Add(a1, at))
		s10 += v * b0
		s11 += v * b1
		s12 += v * b2
		at, bt = at+aStep, bt+bStep
	}
	c := p.c[i*p.cRow+j:][:3]
	c[0], c[1], c[2] = s00, s01, s02
	c = p.c[(i+1)*p.cRow+j:][:3]
	c[0], c[1], c[2] = s10, s11, s12
}

func tile1x3[T Float](p *panel[T], i, j int) {
	s0, s1, s2 := p.start(i, j), p.start(i, j+1), p.start(i, j+2)
	a, b, aStep, bStep := p.left(i), p.right(j), p.leftStep(), p.rightStep()
	var at, bt uintptr
	for range p.depth {
		v, x := *(*T)(unsafe.Add(a, at)), (*[3]T)(unsafe.Add(b, bt))
		s0 += v * x[0]
		s1 += v * x[1]
		s2 += v * x[2]
		at, bt = at+aStep, bt+bStep
	}
	c := p.c[i*p.cRow+j:][:3]
	c[0], c[1], c[2] = s0, s1, s2
}

func tile1x1[T Float](p *panel[T], i, j int) {
	s, a, b, aStep, bStep := p.start(i, j), p.left(i), p.right(j), p.leftStep(), p.rightStep()
	var at, bt uintptr
	for range p.depth {
		s += *(*T)(unsafe.Add(a, at)) * *(*T)(unsafe.Add(b, bt))
		at, bt = at+aStep, bt+bStep
	}
	p.c[i*p.cRow+j] = s
}

// start returns what the sum of an element of c begins with.
func (p *panel[T]) start(i, j int) T {
	switch {
	case p.accumulate:
		return p.c[i*p.cRow+j]
	case p.bias != nil:
		return p.bias[j]
	}
	return 0
}

// left returns where row i of a begins, and right where column j of b does; the next element of each is a step further.
func (p *panel[T]) left(i int) unsafe.Pointer  { return unsafe.Pointer(&p.a[i*p.aRow]) }
func (p *panel[T]) right(j int) unsafe.Pointer { return unsafe.Pointer(&p.b[j]) }
func (p *panel[T]) leftStep() uintptr          { return uintptr(p.aCol) * unsafe.Sizeof(T(0)) }
func (p *panel[T]) rightStep() uintptr         { return uintptr(p.bRow) * unsafe.Sizeof(T(0)) }

// portableTranspose goes by columns of eight, so that the lines that it writes stay in the cache until they are full.
func portableTranspose[T Float](dst []T, dstRow int, src []T, srcRow, rows, cols int) {
	for i0 := 0; i0 < rows; i0 += 8 {
		i1 := min(i0+8, rows)
		for j := range cols {
			for i := i0; i < i1; i++ {
				dst[j*dstRow+i] = src[i*srcRow+j]
			}
		}
	}
}
