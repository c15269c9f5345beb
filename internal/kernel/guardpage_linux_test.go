package kernel

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n float32 values that touch a page which must not be accessed: just behind them, or just before.
func fenced(t *testing.T, n int, behind bool) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	inner := (4*n + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	for _, fence := range [][]byte{mem[:page], mem[page+inner:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if behind {
		at += inner - 4*n
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&mem[at])), n)[:n:n]
}

// A kernel that reaches over an end of its slices dies here.
func TestKernelsStayWithinTheirPages(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, behind := range []bool{true, false} {
			t.Run(fmt.Sprint("fence behind=", behind), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 1))
				for range 60 {
					fencedProduct(t, r.IntN(70)+1, r.IntN(40)+1, r.IntN(90)+1, r.IntN(4), behind)
					fencedProduct(t, r.IntN(12)+1, r.IntN(60)+1, r.IntN(30)+1, 2, behind)
				}
				for range 60 {
					fencedSimilarities[float32](t, r.IntN(20)+1, r.IntN(40)+1, behind)
					fencedSimilarities[float64](t, r.IntN(20)+1, r.IntN(40)+1, behind)
				}
				for n := 1; n < 80; n += 3 {
					var five [5][]float32
					for i := range five {
						five[i] = fenced(t, n, behind)
					}
					for i := range updateReferences {
						updateReferences[i].f32(five, [8]float32{1, 1, 1})
					}
					x := five[:3]
					for i := range references {
						references[i].f32(x[0], x[1], x[2], [3]float32{1, 1, 1})
					}
					_, _, _ = Sum(x[0]), Dot(x[1], x[2]), Max(x[0])
					bytes := fenced(t, n, behind)
					ScaleBytes(x[0], unsafe.Slice((*uint8)(unsafe.Pointer(&bytes[n-(n+3)/4])), n), 1)
				}
			})
		}
	})
}

func fencedProduct(t *testing.T, m, k, n, form int, behind bool) {
	t.Helper()
	a := Matrix[float32]{fenced(t, m*k, behind), m, k, k, 1}
	b := Matrix[float32]{fenced(t, k*n, behind), k, n, n, 1}
	if form&1 != 0 {
		a.RowStride, a.ColStride = 1, m
	}
	if form&2 != 0 {
		b.RowStride, b.ColStride = 1, k
	}
	c := Matrix[float32]{fenced(t, m*n, behind), m, n, n, 1}
	MatMul(c, a, b, fenced(t, n, behind), false)
	MatMul(c, a, b, nil, true)
	MatMul(c, a, b, nil, false)
}

// fencedOf is fenced for any type.
func fencedOf[T any](t *testing.T, n int, behind bool) []T {
	t.Helper()
	values := fenced(t, (n*int(unsafe.Sizeof(*new(T)))+3)/4, behind)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(values))), n)[:n:n]
}

func fencedSimilarities[T Float](t *testing.T, blocks, depth int, behind bool) {
	t.Helper()
	n := blocks * BlockLanes
	packed, offsets, row := fencedOf[T](t, n*depth, behind), fencedOf[T](t, n, behind), fencedOf[T](t, n, behind)
	z, zOffsets := fencedOf[T](t, blocks*depth, behind), fencedOf[T](t, blocks, behind)
	for _, powers := range []bool{false, true} {
		Similarities(row, packed, offsets, z[len(z)-depth:], 1, powers)
		SimilaritiesOfBlock(row, packed[:BlockLanes*depth], offsets[n-BlockLanes:], z, zOffsets, powers)
	}
	columns := WeightColumns * (1 + depth%8)
	WeightedSums(fencedOf[float64](t, columns*BlockLanes, behind), row, fencedOf[float64](t, blocks*columns, behind))
	d := Descent[T]{
		Rise: fencedOf[uint16](t, 2*blocks, behind)[:blocks], Fall: fencedOf[uint16](t, 2*blocks, behind)[blocks:],
		Below: fencedOf[uint16](t, 2*blocks, behind)[blocks:], Above: fencedOf[uint16](t, 2*blocks, behind)[blocks:],
	}
	for _, kink := range []float64{0, 1} {
		d.Kink = kink
		gradient := fencedOf[float64](t, n, behind)
		d.Step(gradient, row, row, 1)
		d.Second(gradient, row, row, 1, 1)
		d.Second(gradient, row, fencedOf[T](t, BlockLanes, behind), 1, 1)
	}
}
