package kernel

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// A Matrix is a view (Rows, Cols) of Data: element (i, j) is Data[i*RowStride+j*ColStride]. Strides count elements
// and are not negative; a stride of 0 repeats a row or a column, and exchanging the two transposes.
type Matrix[T Float] struct {
	Data                 []T
	Rows, Cols           int
	RowStride, ColStride int
}

// MatMul computes c = a·b + bias, or c += a·b, for a (m, k), b (k, n) and c (m, n).
//
// The operands may have any strides; c has column stride 1, rows that do not overlap, and nothing in common with the
// operands. The bias (n) is added to every row; nil is none, and with accumulate it must be nil. Where k is 0, c
// becomes the bias or zero, or stays as it is with accumulate. Each element is summed in the order of k, or in a few
// sums that are added at the end, in float32 for float32: the error is at most that of a plain loop.
func MatMul[T Float](c, a, b Matrix[T], bias []T, accumulate bool) {
	p := product[T]{c: c, a: a, b: b, bias: bias, accumulate: accumulate}
	if p.prepare() {
		p.compute()
	}
}

// AddProduct computes c += scale·(a·b) for matrices as MatMul takes them, with the bits of MatMul and AddScaled one after the other. Where the
// path's tiles can scale, a product of up to 1024 columns of a is never written to memory.
func AddProduct[T Float](c, a, b Matrix[T], scale T) {
	p := product[T]{c: c, a: a, b: b}
	if !p.prepare() || a.Cols == 0 || scale == 0 {
		return
	}
	if p.kernels.scales && a.Cols <= depthBlock && p.by == byTiles {
		p.scale = scale
		p.compute()
		return
	}
	room := productsRoom[T]().Get().(*[]T)
	*room = grown(*room, c.Rows*c.Cols)
	p.c = Matrix[T]{*room, c.Rows, c.Cols, c.Cols, 1}
	p.compute()
	for i := range c.Rows {
		AddScaled(c.Data[i*c.RowStride:][:c.Cols], (*room)[i*c.Cols:][:c.Cols], scale)
	}
	productsRoom[T]().Put(room)
}

// prepare checks the operands and chooses how to multiply them. It reports whether c has any elements.
func (p *product[T]) prepare() bool {
	p.check()
	if p.b.Cols == 1 {
		p.b.ColStride = 1
	}
	p.kernels = &kernelsOf[T]().matrixKernels
	p.choose()
	return p.c.Rows > 0 && p.c.Cols > 0
}

// compute computes the product on as many threads as pay.
func (p *product[T]) compute() {
	if p.c.Rows*p.c.Cols*p.a.Cols <= minShare {
		p.alone()
		return
	}
	shared := productsOf[T]().Get().(*product[T])
	*shared = *p
	shared.run()
	*shared = product[T]{}
	productsOf[T]().Put(shared)
}

func (p *product[T]) check() {
	a, b, c := &p.a, &p.b, &p.c
	switch {
	case a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols:
		panic(fmt.Sprintf("kernel.MatMul: (%d, %d) = (%d, %d) x (%d, %d)", c.Rows, c.Cols, a.Rows, a.Cols, b.Rows, b.Cols))
	case p.bias != nil && (len(p.bias) != c.Cols || p.accumulate):
		panic(fmt.Sprintf("kernel.MatMul: a bias of %d for %d columns, accumulate %v", len(p.bias), c.Cols, p.accumulate))
	case c.Cols > 1 && c.ColStride != 1 || c.Rows > 1 && c.RowStride < c.Cols:
		panic(fmt.Sprintf("kernel.MatMul: the result has strides (%d, %d)", c.RowStride, c.ColStride))
	}
	a.check("a")
	b.check("b")
	c.check("c")
}

// check panics where an element lies outside the data: the assembly does not look again.
func (m *Matrix[T]) check(name string) {
	if m.Rows < 0 || m.Cols < 0 || m.RowStride < 0 || m.ColStride < 0 {
		panic(fmt.Sprintf("kernel.MatMul: %s is (%d, %d) with strides (%d, %d)", name, m.Rows, m.Cols, m.RowStride, m.ColStride))
	}
	if m.Rows > 0 && m.Cols > 0 && (m.Rows-1)*m.RowStride+(m.Cols-1)*m.ColStride >= len(m.Data) {
		panic(fmt.Sprintf("kernel.MatMul: %s is (%d, %d) with strides (%d, %d) of %d elements",
			name, m.Rows, m.Cols, m.RowStride, m.ColStride, len(m.Data)))
	}
}

// block returns the rows [i, i+rows) and columns [j, j+cols), of which there is at least one each.
func (m *Matrix[T]) block(i, rows, j, cols int) Matrix[T] {
	return Matrix[T]{m.Data[i*m.RowStride+j*m.ColStride:], rows, cols, m.RowStride, m.ColStride}
}

func (m *Matrix[T]) transposed() Matrix[T] {
	return Matrix[T]{m.Data, m.Cols, m.Rows, m.ColStride, m.RowStride}
}

// product is one call of MatMul, shared by the threads that compute it.
type product[T Float] struct {
	kernels    *matrixKernels[T]
	c, a, b    Matrix[T]
	bias       []T
	accumulate bool
	scale      T    // not 0: the product times scale is added to c
	byColumns  bool // threads divide the columns of c, not its rows
	by         method
}

// method is a way to compute a product.
type method int

const (
	byTiles  method = iota
	mirrored        // as cᵀ = bᵀ·aᵀ
	byDots          // each element as a dot product, several at a time
)

// choose chooses the method by the whole product, not by the part of a thread: the ways add in different orders.
func (p *product[T]) choose() {
	k := p.kernels
	switch {
	case k.dots != nil && p.c.Rows <= k.dotRows && p.a.ColStride == 1 && p.b.RowStride == 1 && p.bias == nil && !p.accumulate:
		p.by = byDots
	case p.b.ColStride != 1 && p.c.Rows <= mirrorRows && p.c.Rows < p.c.Cols:
		p.by = mirrored
	default:
		p.by = byTiles
	}
}

const (
	// minShare is the least work in multiplications that is worth a second thread, about 1 µs.
	minShare = 50_000

	// mirrorRows is the most rows of c for which cᵀ = bᵀ·aᵀ is faster than c = a·b where b lies column by column.
	// A block of b must be transposed before it can be multiplied, and few rows do not pay for that; those of a few
	// rows are transposed sooner, with the result.
	mirrorRows = 128
)

func (p *product[T]) run() {
	p.byColumns = p.c.Cols > p.c.Rows
	n, across, unit := p.c.Rows, p.c.Cols, p.kernels.rows
	if p.byColumns {
		n, across, unit = p.c.Cols, p.c.Rows, p.kernels.lanes
	}
	grain := minShare / max(across*p.a.Cols, 1) / unit * unit
	pool.Run(n, max(grain, unit), p)
}

// Do computes the rows, or the columns, lo to hi of c.
func (p *product[T]) Do(lo, hi int) {
	rowLo, rows, colLo, cols := lo, hi-lo, 0, p.c.Cols
	if p.byColumns {
		rowLo, rows, colLo, cols = 0, p.c.Rows, lo, hi-lo
	}
	bias := p.bias
	if bias != nil {
		bias = bias[colLo : colLo+cols]
	}
	part := *p
	part.c, part.bias = p.c.block(rowLo, rows, colLo, cols), bias
	part.a, part.b = p.a.block(rowLo, rows, 0, p.a.Cols), p.b.block(0, p.b.Rows, colLo, cols)
	part.alone()
}

// alone computes a product on this thread.
func (p *product[T]) alone() {
	if p.a.Cols == 0 {
		fillRows(p.c, p.bias, p.accumulate)
		return
	}
	m := multipliersOf[T]().Get().(*multiplier[T])
	m.kernels = p.kernels
	m.panel.scale = p.scale
	switch p.by {
	case byDots:
		p.kernels.dots(p.c, p.a, p.b, &m.dots)
	case mirrored:
		m.multiplyMirrored(p.c, p.a, p.b, p.bias, p.accumulate)
	default:
		m.multiply(p.c, p.a, p.b, p.bias, p.accumulate)
	}
	m.panel = panel[T]{}
	multipliersOf[T]().Put(m)
}

func fillRows[T Float](c Matrix[T], bias []T, accumulate bool) {
	if accumulate {
		return
	}
	for i := range c.Rows {
		row := c.Data[i*c.RowStride:][:c.Cols]
		if bias != nil {
			copy(row, bias)
		} else {
			clear(row)
		}
	}
}

var (
	products32    = sync.Pool{New: func() any { return new(product[float32]) }}
	products64    = sync.Pool{New: func() any { return new(product[float64]) }}
	multipliers32 = sync.Pool{New: func() any { return new(multiplier[float32]) }}
	multipliers64 = sync.Pool{New: func() any { return new(multiplier[float64]) }}
	rooms32       = sync.Pool{New: func() any { return new([]float32) }}
	rooms64       = sync.Pool{New: func() any { return new([]float64) }}
)

func productsOf[T Float]() *sync.Pool    { return bySize[T](&products32, &products64) }
func productsRoom[T Float]() *sync.Pool  { return bySize[T](&rooms32, &rooms64) }
func multipliersOf[T Float]() *sync.Pool { return bySize[T](&multipliers32, &multipliers64) }

// bySize chooses the one for T of two values that do not mention T.
func bySize[T Float, V any](f32, f64 V) V {
	if unsafe.Sizeof(T(0)) == unsafe.Sizeof(float32(0)) {
		return f32
	}
	return f64
}
