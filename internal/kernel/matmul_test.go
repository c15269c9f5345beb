package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// layout is a way for a matrix to lie in memory.
type layout int

const (
	rowMajor layout = iota
	wideRows
	colMajor
	tallCols
	strided
	repeatedRow
	repeatedCol
	layouts
)

// guard is a value that no kernel may read (it would spoil the result) or overwrite.
const guard = -1e30

// guarded returns n random elements at any alignment, between guard values.
func guarded[T Float](r *rand.Rand, n int) (all, x []T) {
	before := 1 + r.IntN(17)
	all = make([]T, before+n+33)
	for i := range all {
		all[i] = guard
	}
	x = all[before : before+n : before+n]
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return all, x
}

func randomMatrix[T Float](r *rand.Rand, rows, cols int, l layout) Matrix[T] {
	m := Matrix[T]{Rows: rows, Cols: cols}
	switch l {
	case rowMajor:
		m.RowStride, m.ColStride = cols, 1
	case wideRows:
		m.RowStride, m.ColStride = cols+1+r.IntN(20), 1
	case colMajor:
		m.RowStride, m.ColStride = 1, rows
	case tallCols:
		m.RowStride, m.ColStride = 1, rows+1+r.IntN(20)
	case strided:
		m.RowStride, m.ColStride = 3*cols+2, 3
	case repeatedRow:
		m.RowStride, m.ColStride = 0, 1
	case repeatedCol:
		m.RowStride, m.ColStride = 1, 0
	}
	n := 0
	if rows > 0 && cols > 0 {
		n = (rows-1)*m.RowStride + (cols-1)*m.ColStride + 1
	}
	_, m.Data = guarded[T](r, n)
	return m
}

// plainProduct returns what MatMul must, and the sum of the magnitudes of all that is added.
func plainProduct[T Float](c, a, b Matrix[T], bias []T, accumulate bool) (want, magnitude []float64) {
	for i := range c.Rows {
		for j := range c.Cols {
			var s float64
			if accumulate {
				s = float64(c.Data[i*c.RowStride+j])
			} else if bias != nil {
				s = float64(bias[j])
			}
			m := math.Abs(s)
			for k := range a.Cols {
				v := float64(a.Data[i*a.RowStride+k*a.ColStride]) * float64(b.Data[k*b.RowStride+j*b.ColStride])
				s += v
				m += math.Abs(v)
			}
			want, magnitude = append(want, s), append(magnitude, m)
		}
	}
	return want, magnitude
}

func checkAgainstPlain[T Float](t *testing.T, r *rand.Rand, m, k, n int, la, lb layout, bias, accumulate bool) {
	t.Helper()
	a, b := randomMatrix[T](r, m, k, la), randomMatrix[T](r, k, n, lb)
	cStride := n + r.IntN(2)*r.IntN(20)
	all, data := guarded[T](r, max(0, (m-1)*cStride+n))
	c := Matrix[T]{data, m, n, cStride, 1}
	var biases []T
	if bias {
		_, biases = guarded[T](r, n)
	}
	before := slices.Clone(all)
	want, magnitude := plainProduct(c, a, b, biases, accumulate)

	MatMul(c, a, b, biases, accumulate)

	at := fmt.Sprintf("(%d, %d, %d), layouts %d and %d, bias %v, accumulate %v, %T", m, k, n, la, lb, bias, accumulate, T(0))
	ulp := math.Nextafter(1, 2) - 1
	if unsafe.Sizeof(T(0)) == 4 {
		ulp = 1.0 / (1 << 23)
	}
	origin := len(all) - 33 - len(data)
	for i := range m {
		for j := range n {
			got := float64(data[i*cStride+j])
			// k roundings of at most half a unit of a partial sum, and as many in the float64 sum
			if bound := float64(k+2) * ulp * magnitude[i*n+j]; math.Abs(got-want[i*n+j]) > bound {
				t.Fatalf("%s: c[%d, %d] = %v, want %v ± %v", at, i, j, got, want[i*n+j], bound)
			}
			before[origin+i*cStride+j] = data[i*cStride+j]
		}
	}
	if !slices.Equal(all, before) {
		t.Fatalf("%s: wrote outside of c", at)
	}
}

func TestMatMulAgainstPlainLoops(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 1000 {
			m, k, n := r.IntN(40), r.IntN(40), r.IntN(120)
			la, lb := layout(r.IntN(int(layouts))), layout(r.IntN(int(layouts)))
			accumulate := r.IntN(3) == 0
			bias := !accumulate && r.IntN(2) == 0
			checkAgainstPlain[float32](t, r, m, k, n, la, lb, bias, accumulate)
			checkAgainstPlain[float64](t, r, m, k, n, la, lb, bias, accumulate)
		}
	})
}

// Few rows by columns that lie in memory one after the other: products of dot products.
func TestMatMulOfFewRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for range 1000 {
			m, k, n := 1+r.IntN(14), 1+r.IntN(100), 1+r.IntN(40)
			la := []layout{rowMajor, wideRows, repeatedRow}[r.IntN(3)]
			lb := []layout{colMajor, tallCols, repeatedCol}[r.IntN(3)]
			checkAgainstPlain[float32](t, r, m, k, n, la, lb, false, false)
		}
		checkAgainstPlain[float32](t, r, 7, 5000, 131, rowMajor, colMajor, false, false)
	})
}

// Shapes beyond every block size: of k, of rows, packed, mirrored and divided over threads.
func TestMatMulOfManyBlocks(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, s := range [][3]int{{32, 300, 70}, {3, 600, 531}, {130, 259, 33}, {300, 20, 131}, {531, 33, 3}, {1, 1000, 1}, {127, 40, 300}, {200, 1100, 50}, {9, 1030, 1100}, {40, 300, 256}, {80, 300, 256}} {
			for _, l := range [][2]layout{{rowMajor, rowMajor}, {colMajor, wideRows}, {rowMajor, colMajor}, {strided, tallCols}} {
				mode := r.IntN(3)
				checkAgainstPlain[float32](t, r, s[0], s[1], s[2], l[0], l[1], mode == 1, mode == 2)
				checkAgainstPlain[float64](t, r, s[0], s[1], s[2], l[0], l[1], mode == 1, mode == 2)
			}
		}
	})
}

func TestMatMulSameBitsOnAnyNumberOfProcessors(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	onEachPath(t, func(t *testing.T) {
		for _, s := range [][3]int{{32, 784, 512}, {512, 32, 784}, {33, 100, 301}, {301, 517, 30}, {8, 300, 401}, {3, 1000, 65}, {2, 50_000, 2}} {
			for _, lb := range []layout{rowMajor, colMajor} {
				r := rand.New(rand.NewPCG(5, 6))
				a, b := randomMatrix[float32](r, s[0], s[1], rowMajor), randomMatrix[float32](r, s[1], s[2], lb)
				var want []float32
				for _, procs := range []int{1, 2, 3, 7} {
					runtime.GOMAXPROCS(procs)
					c := Matrix[float32]{make([]float32, s[0]*s[2]), s[0], s[2], s[2], 1}
					MatMul(c, a, b, nil, false)
					if want == nil {
						want = c.Data
					} else if !slices.Equal(c.Data, want) {
						t.Errorf("%v, layout %d: other bits on %d processors than on one", s, lb, procs)
					}
				}
			}
		}
	})
}

func TestMatMulSpreadsNaNAndInf(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
			a, b := randomMatrix[float32](r, 9, 30, rowMajor), randomMatrix[float32](r, 30, 50, rowMajor)
			a.Data[3*30+17] = bad
			clear(b.Data[17*50+20 : 17*50+23]) // Inf·0 is NaN
			byColumns := Matrix[float32]{make([]float32, 30*50), 30, 50, 1, 30}
			portableTranspose(byColumns.Data, 30, b.Data, 50, 30, 50)
			for _, b := range []Matrix[float32]{b, byColumns} {
				c := Matrix[float32]{make([]float32, 9*50), 9, 50, 50, 1}
				MatMul(c, a, b, nil, false)
				for i, v := range c.Data {
					finite := !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
					if finite != (i/50 != 3) {
						t.Errorf("%v at (3, 17): c[%d, %d] = %v", bad, i/50, i%50, v)
					}
					if i/50 == 3 && i%50 >= 20 && i%50 < 23 && v == v {
						t.Errorf("%v·0: c[%d, %d] = %v, want NaN", bad, i/50, i%50, v)
					}
				}
			}
		}
	})
}

func TestMatMulRejectsWrongArguments(t *testing.T) {
	ok := func() Matrix[float64] { return Matrix[float64]{make([]float64, 6), 2, 3, 3, 1} }
	square := func() Matrix[float64] { return Matrix[float64]{make([]float64, 9), 3, 3, 3, 1} }
	for name, call := range map[string]func(){
		"inner dimensions":  func() { MatMul(ok(), ok(), ok(), nil, false) },
		"result dimensions": func() { MatMul(square(), ok(), square(), nil, false) },
		"bias":              func() { MatMul(ok(), ok(), square(), make([]float64, 2), false) },
		"bias, accumulate":  func() { MatMul(ok(), ok(), square(), make([]float64, 3), true) },
		"short data": func() {
			a := ok()
			a.Data = a.Data[:5]
			MatMul(ok(), a, square(), nil, false)
		},
		"negative stride": func() {
			b := square()
			b.RowStride = -3
			MatMul(ok(), ok(), b, nil, false)
		},
		"strided result": func() {
			c := Matrix[float64]{make([]float64, 12), 2, 3, 6, 2}
			MatMul(c, ok(), square(), nil, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			call()
		})
	}
}

// AddProduct has the bits of MatMul and AddScaled, wherever the elements lie and on every path.
func TestAddProduct(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testAddProduct[float32](t)
		testAddProduct[float64](t)
	})
}

func testAddProduct[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		m, k, n := r.IntN(40), r.IntN(60), r.IntN(120)
		if r.IntN(10) == 0 {
			m, k, n = 64+r.IntN(200), []int{1, 511, 512, 513, 700}[r.IntN(5)], 64+r.IntN(200)
		}
		a, b := randomMatrix[T](r, m, k, layout(r.IntN(int(layouts)))), randomMatrix[T](r, k, n, layout(r.IntN(int(layouts))))
		c := randomMatrix[T](r, m, n, []layout{rowMajor, wideRows}[r.IntN(2)])
		scale := []T{-0.05, 1, 3, 0}[r.IntN(4)]
		want := slices.Clone(c.Data)
		sum := Matrix[T]{make([]T, m*n), m, n, n, 1}
		MatMul(sum, a, b, nil, false)
		for i := range m {
			AddScaled(want[i*c.RowStride:][:n], sum.Data[i*n:][:n], scale)
		}
		AddProduct(c, a, b, scale)
		if !slices.Equal(c.Data, want) {
			t.Fatalf("(%d, %d) x (%d, %d) scaled by %v differs from the product and the sum", m, k, k, n, scale)
		}
	}
}
