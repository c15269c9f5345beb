// Package strided walks arrays whose elements are not adjacent in memory: transposes, slices, and broadcasts (stride 0).
//
// It has one primitive, [View.Gather], which copies a range of a view's elements, in row-major order, into dense memory. On
// it stand [Map1], [Map2] and [Map3]: elementwise kernels see dense slices only, and none has code of its own for views.
package strided

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/tapegrad/tapegrad/internal/pool"
)

// A View is an array of any layout over Data, whose first element is Data[0].
type View[T any] struct {
	Data    []T   // begins with the first element
	Shape   []int // lengths of the axes
	Strides []int // in elements, one for each axis; 0 repeats, none is negative
	Dense   bool  // row-major without gaps: the elements are Data[:Size()]
}

// Size returns the number of elements.
func (v View[T]) Size() int {
	n := 1
	for _, d := range v.Shape {
		n *= d
	}
	return n
}

// Gather copies the elements from, from+1, … of v's row-major order into dst and fills it.
func (v View[T]) Gather(dst []T, from int) {
	if v.Dense {
		copy(dst, v.Data[from:])
		return
	}
	if len(dst) == 0 {
		return
	}
	last := len(v.Shape) - 1
	if last < 0 {
		dst[0] = v.Data[0]
		return
	}
	var few [8]int // the index of the next element, on the stack for all ranks one meets
	index := append(few[:0], v.Shape...)
	offset := 0
	for axis, rest := last, from; axis >= 0; axis-- {
		index[axis] = rest % v.Shape[axis]
		rest /= v.Shape[axis]
		offset += index[axis] * v.Strides[axis]
	}
	for {
		run := min(v.Shape[last]-index[last], len(dst))
		copyRun(dst[:run], v.Data[offset:], v.Strides[last])
		if dst = dst[run:]; len(dst) == 0 {
			return
		}
		offset -= index[last] * v.Strides[last]
		index[last] = 0
		for axis := last - 1; axis >= 0; axis-- {
			index[axis]++
			offset += v.Strides[axis]
			if index[axis] < v.Shape[axis] {
				break
			}
			offset -= index[axis] * v.Strides[axis]
			index[axis] = 0
		}
	}
}

func copyRun[T any](dst, src []T, stride int) {
	switch stride {
	case 0:
		v := src[0]
		for i := range dst {
			dst[i] = v
		}
	case 1:
		copy(dst, src)
	default:
		for i, o := 0, 0; i < len(dst); i, o = i+1, o+stride {
			dst[i] = src[o]
		}
	}
}

// Strides returns the strides of a row-major array of the given shape.
func Strides(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for axis, d := range slices.Backward(shape) {
		strides[axis] = step
		step *= d
	}
	return strides
}

// Grain is the number of elements up to which a second thread costs more than it gives.
const Grain = 16384

const block = 1024 // elements gathered at a time: they stay in the first-level cache

// Map1 calls f on pieces of dst with the matching elements of x, in any order and from several goroutines.
func Map1[T any](dst []T, x View[T], f func(dst, x []T)) {
	if x.Dense && len(dst) <= Grain {
		f(dst, x.Data[:len(dst)])
		return
	}
	pool.For(len(dst), Grain, func(lo, hi int) {
		step, room := pieces[T](hi-lo, x.Dense)
		defer release(room)
		for from := lo; from < hi; from += step {
			to := min(from+step, hi)
			f(dst[from:to], x.piece(room, 0, from, to))
		}
	})
}

// Map2 calls f on pieces of dst with the matching elements of a and b, in any order and from several goroutines.
func Map2[T any](dst []T, a, b View[T], f func(dst, a, b []T)) {
	dense := a.Dense && b.Dense
	if dense && len(dst) <= Grain {
		f(dst, a.Data[:len(dst)], b.Data[:len(dst)])
		return
	}
	pool.For(len(dst), Grain, func(lo, hi int) {
		step, room := pieces[T](hi-lo, dense)
		defer release(room)
		for from := lo; from < hi; from += step {
			to := min(from+step, hi)
			f(dst[from:to], a.piece(room, 0, from, to), b.piece(room, 1, from, to))
		}
	})
}

// Map3 calls f on pieces of dst with the matching elements of a, b and c, in any order and from several goroutines.
func Map3[T any](dst []T, a, b, c View[T], f func(dst, a, b, c []T)) {
	dense := a.Dense && b.Dense && c.Dense
	if dense && len(dst) <= Grain {
		f(dst, a.Data[:len(dst)], b.Data[:len(dst)], c.Data[:len(dst)])
		return
	}
	pool.For(len(dst), Grain, func(lo, hi int) {
		step, room := pieces[T](hi-lo, dense)
		defer release(room)
		for from := lo; from < hi; from += step {
			to := min(from+step, hi)
			f(dst[from:to], a.piece(room, 0, from, to), b.piece(room, 1, from, to), c.piece(room, 2, from, to))
		}
	})
}

// A scratch is room to gather pieces of three views.
type scratch[T any] [3][block]T

// scratches keeps scratches between loops, for each size of element: most loops are far shorter than making one takes.
var scratches [2]sync.Pool

func poolFor[T any]() *sync.Pool {
	if unsafe.Sizeof(*new(T)) == 4 {
		return &scratches[0]
	}
	return &scratches[1]
}

// pieces returns how many of n elements a kernel is given at a time, and room to gather them: all n and none if nothing needs
// gathering.
func pieces[T any](n int, dense bool) (step int, room *scratch[T]) {
	if dense {
		return n, nil
	}
	room, ok := poolFor[T]().Get().(*scratch[T])
	if !ok {
		room = new(scratch[T])
	}
	return block, room
}

func release[T any](room *scratch[T]) {
	if room != nil {
		poolFor[T]().Put(room)
	}
}

// piece returns the elements [from, to) of v: the memory itself if v is dense, else a copy in the given part of the room.
func (v View[T]) piece(room *scratch[T], part, from, to int) []T {
	if v.Dense {
		return v.Data[from:to]
	}
	piece := room[part][:to-from]
	v.Gather(piece, from)
	return piece
}
