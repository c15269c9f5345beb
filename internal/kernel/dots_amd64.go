package kernel

import "unsafe"

// dotsFunc multiplies rows of a by rows of b: blocks tiles of c beside each other, each of dotColumns columns. k runs over
// steps whole vectors and the tail lanes of one more. Strides count bytes; blocks is at least 1.
type dotsFunc func(a *float32, aRow uintptr, b *float32, bRow uintptr, c *float32, cRow uintptr, steps, tail, blocks int)

// dotBlock is how many elements of b stay in a first- or second-level cache while the rows of a pass.
const dotBlock = 16 * 1024

// dotSet is the kernels of an instruction set for products in which each element is a dot product.
type dotSet struct {
	rows, lanes int
	tile        dotsFunc // of rows rows
	row         dotsFunc // of one
}

// dots computes c = a·b for a that lies in memory by rows and b by columns. Where rows or columns do not fill the last
// tile it overlaps the one before, whose elements are computed again, with the same bits. It may spoil free.
func (s *dotSet) dots(c, a, b Matrix[float32], free *[dotColumns]float32) {
	group := max(dotBlock/a.Cols/dotColumns, 1)
	whole := c.Cols / dotColumns
	for block := 0; block < whole; block += group {
		s.columns(c, a, b, block*dotColumns, min(group, whole-block))
	}
	switch rest := c.Cols - whole*dotColumns; {
	case rest == 0:
	case whole > 0:
		s.columns(c, a, b, c.Cols-dotColumns, 1)
	default:
		for j := range rest {
			s.column(c, a, b, j, free)
		}
	}
}

// columns computes blocks tiles in each tile of rows, from column j on.
func (s *dotSet) columns(c, a, b Matrix[float32], j, blocks int) {
	multiply, rows := s.tile, s.rows
	if c.Rows < rows {
		multiply, rows = s.row, 1
	}
	for i := 0; i < c.Rows; i += rows {
		i := min(i, c.Rows-rows)
		s.run(multiply, a, i, b, j, b.ColStride, c.Data[i*c.RowStride+j:], c.RowStride, blocks)
	}
}

// column computes column j alone, as a tile whose columns are all the same.
func (s *dotSet) column(c, a, b Matrix[float32], j int, tile *[dotColumns]float32) {
	for i := range c.Rows {
		s.run(s.row, a, i, b, j, 0, tile[:], dotColumns, 1)
		c.Data[i*c.RowStride+j] = tile[0]
	}
}

func (s *dotSet) run(multiply dotsFunc, a Matrix[float32], i int, b Matrix[float32], j, bRow int, c []float32, cRow, blocks int) {
	const size = unsafe.Sizeof(float32(0))
	multiply(&a.Data[i*a.RowStride], uintptr(a.RowStride)*size, &b.Data[j*b.ColStride], uintptr(bRow)*size,
		&c[0], uintptr(cRow)*size, a.Cols/s.lanes, a.Cols%s.lanes, blocks)
}
