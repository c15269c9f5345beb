package kernel

// matrixKernels is the part of MatMul that a path provides.
type matrixKernels[T Float] struct {
	rows  int // a tile of c has this many rows
	lanes int // and a multiple of lanes columns, up to tileVectors times
	panel func(p *panel[T])

	// packs says that panel copies b itself where it is told to.
	packs bool

	// scales says that panel heeds the scale.
	scales bool

	// transpose writes src (rows, cols), with rows srcRow apart, to dst (cols, rows), with rows dstRow apart.
	transpose func(dst []T, dstRow int, src []T, srcRow, rows, cols int)

	// dots computes c = a·b where a lies in memory by rows and b by columns; it may spoil free. It is the fastest way for
	// at most dotRows rows, and may be nil.
	dots    func(c, a, b Matrix[T], free *[dotColumns]T)
	dotRows int
}

// tileVectors is the width of a tile in vectors: 4 rows of 3 vectors of 8, and 8 rows of 3 of 16, fill the registers
// of AVX2 and AVX-512.
const tileVectors = 3

// dotColumns is how many columns of c are computed at a time where each element is a dot product.
const dotColumns = 6

// panel is a column of tiles: c = init + a·b for c (rows, width), a (rows, depth) and b (depth, width), where init is
// c itself if accumulate, else the bias (width) in each row, else zero. Strides count elements. Where packed is not
// empty, b is copied there, its rows as wide as whole vectors; then there is at least one tile of rows.
type panel[T Float] struct {
	rows, width, depth int
	a                  []T
	aRow, aCol         int
	b                  []T
	bRow               int
	packed             []T
	c                  []T
	cRow               int
	bias               []T
	accumulate         bool
	scale              T // not 0: c += scale·(a·b), where the product starts from zero
}

// multiplier is the working memory with which one thread multiplies.
type multiplier[T Float] struct {
	kernels *matrixKernels[T]
	panel   panel[T]
	left    []T // a block of a
	packed  []T // a block of b, panel after panel
	mirror  []T // a block of cᵀ
	dots    [dotColumns]T
}

const (
	depthBlock  = 1024        // of k: a panel of b streams from a second-level cache, and c is read and written seldom
	leftBlock   = 64 * 1024   // elements of a that stay in a second-level cache while the panels of b pass
	packedBlock = 1024 * 1024 // elements of b, for a third-level cache; at least one panel
	mirrorBlock = 32 * 1024   // elements of cᵀ, for a second-level cache; at least mirrorRows rows

	// packedTiles is the least number of tiles below each other that pay for a copy of b.
	packedTiles = 9

	// copiedDepth is the least depth, and copiedAcross the least number of columns of c, that pay for a copy of a.
	copiedDepth  = 64
	copiedAcross = 192
)

// multiply computes c = a·b + bias or c += a·b on this thread.
func (m *multiplier[T]) multiply(c, a, b Matrix[T], bias []T, accumulate bool) {
	packs := b.ColStride != 1 || a.Rows >= packedTiles*m.kernels.rows
	copies := copiesLeft(a, c.Cols)
	p := &m.panel
	p.cRow = c.RowStride
	for k := 0; k < a.Cols; k += depthBlock {
		p.depth = min(depthBlock, a.Cols-k)
		p.accumulate = accumulate || k > 0
		rowBlock := rowBlock(p.depth)
		colBlock := (packedBlock/p.depth/m.kernels.fullWidth() + 1) * m.kernels.fullWidth()
		for j := 0; j < c.Cols; j += colBlock {
			cols := min(colBlock, c.Cols-j)
			if packs {
				m.packed = grown(m.packed, p.depth*m.kernels.padded(cols))
			}
			for i := 0; i < a.Rows; i += rowBlock {
				p.rows = min(rowBlock, a.Rows-i)
				m.takeLeft(a.block(i, p.rows, k, p.depth), copies)
				for q := 0; q < cols; q += p.width {
					p.width = m.kernels.width(cols - q)
					m.takeRight(b.block(k, p.depth, j+q, p.width), packs, i == 0, q)
					if bias != nil {
						p.bias = bias[j+q : j+q+p.width]
					}
					p.c = c.Data[i*c.RowStride+j+q:]
					m.kernels.panel(p)
				}
			}
		}
	}
}

// rowBlock returns how many rows of c pass with the same block of a. More than 192 of them lie in more pages of memory
// than the processor knows the places of at once; where little is added to each element, c itself is what takes the
// time, and is written faster in short and wide blocks.
func rowBlock(depth int) int {
	if depth < 16 {
		return 64
	}
	return min(max(leftBlock/depth, 64), 192) / 64 * 64
}

// copiesLeft reports whether it pays to copy a before it is multiplied by so many columns: where its rows lie a
// multiple of 1 KiB apart they fall on few sets of a cache and push each other out, and where they do not lie in
// memory as rows, each element has a line of its own.
func copiesLeft[T Float](a Matrix[T], columns int) bool {
	return columns >= copiedAcross && (a.RowStride%256 == 0 || a.ColStride != 1 && a.Cols >= copiedDepth)
}

// takeLeft gives the panel its block of a.
func (m *multiplier[T]) takeLeft(a Matrix[T], copied bool) {
	p := &m.panel
	p.a, p.aRow, p.aCol = a.Data, a.RowStride, a.ColStride
	if copied {
		apart := a.Cols/16*16 + 16 // the next line
		if apart%256 == 0 {
			apart += 16
		}
		m.left = grown(m.left, a.Rows*apart)
		m.copyRows(m.left, apart, a)
		p.a, p.aRow, p.aCol = m.left, apart, 1
	}
}

// takeRight gives the panel its block of b, which begins at column q of those that are packed. It is packed when it
// is fresh, and is found there later.
func (m *multiplier[T]) takeRight(b Matrix[T], packs, fresh bool, q int) {
	p := &m.panel
	p.b, p.bRow, p.packed = b.Data, b.RowStride, nil
	if !packs {
		return
	}
	packed, width := m.packed[b.Rows*q:], m.kernels.padded(b.Cols)
	if fresh && b.ColStride == 1 && m.kernels.packs {
		p.packed = packed
		return
	}
	if fresh {
		m.copyRows(packed, width, b)
	}
	p.b, p.bRow = packed, width
}

func (k *matrixKernels[T]) fullWidth() int { return tileVectors * k.lanes }

// padded returns the width rounded up to whole vectors.
func (k *matrixKernels[T]) padded(width int) int { return (width + k.lanes - 1) / k.lanes * k.lanes }

// width returns how many of the columns that are left the next panel takes. Tiles of one vector leave most of the
// multipliers idle, so a rest of just above three vectors is divided into two and two.
func (k *matrixKernels[T]) width(left int) int {
	switch full := k.fullWidth(); {
	case left <= full:
		return left
	case left <= full+k.lanes:
		return full - k.lanes
	default:
		return full
	}
}

// copyRows copies src to rows that lie apart elements from each other.
func (m *multiplier[T]) copyRows(dst []T, apart int, src Matrix[T]) {
	switch {
	case src.ColStride == 1:
		for i := range src.Rows {
			copy(dst[i*apart:], src.Data[i*src.RowStride:][:src.Cols])
		}
	case src.RowStride == 1:
		m.kernels.transpose(dst, apart, src.Data, src.ColStride, src.Cols, src.Rows)
	default:
		for i := range src.Rows {
			for j := range src.Cols {
				dst[i*apart+j] = src.Data[i*src.RowStride+j*src.ColStride]
			}
		}
	}
}

// multiplyMirrored is multiply by way of cᵀ = bᵀ·aᵀ, for c of few rows.
func (m *multiplier[T]) multiplyMirrored(c, a, b Matrix[T], bias []T, accumulate bool) {
	rows := c.Rows
	block := max(mirrorBlock/rows, mirrorRows)
	for j := 0; j < c.Cols; j += block {
		cols := min(block, c.Cols-j)
		m.mirror = grown(m.mirror, cols*rows)
		mirror := Matrix[T]{m.mirror, cols, rows, rows, 1}
		if accumulate {
			m.kernels.transpose(m.mirror, rows, c.Data[j:], c.RowStride, rows, cols)
		} else if bias != nil {
			for q, v := range bias[j : j+cols] {
				row := m.mirror[q*rows:][:rows]
				for i := range row {
					row[i] = v
				}
			}
		}
		bt := b.block(0, b.Rows, j, cols)
		m.multiply(mirror, bt.transposed(), a.transposed(), nil, accumulate || bias != nil)
		m.kernels.transpose(c.Data[j:], c.RowStride, m.mirror, rows, cols, rows)
	}
}

// grown returns a slice of n elements of any value, x where it is large enough.
func grown[T Float](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
