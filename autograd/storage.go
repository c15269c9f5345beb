package autograd

import (
	"math"
	"math/bits"
	"unsafe"
)

// A storage is memory with a generation. A tensor over it is valid while the two agree on the generation, which ends when the
// memory gets other contents: by Tape.Reset, by the recycling of a cotangent, by the writing of a parameter.
type storage struct {
	data   unsafe.Pointer // of the first element
	length int
	single bool // float32, else float64

	gen   uint32
	param *Param // whose value it is, or nil

	owner    *arena // nil: the Go heap
	number   int32  // what the owner calls it by
	position int32  // its index among the owner's live ones
	next     int32  // the number of the next one in the owner's free list, while it is in there
	class    int32  // which of the owner's free lists it returns to
	holders  int32  // how many cotangents lie in it, counted during a reverse pass

	promise promise // how its contents will be computed, if they are not there yet
}

func storageOf[T float32 | float64](data []T) *storage {
	return &storage{data: unsafe.Pointer(unsafe.SliceData(data)), length: len(data), single: unsafe.Sizeof(T(0)) == 4}
}

func newStorage(single bool, n int) *storage {
	if single {
		return storageOf(make([]float32, n))
	}
	return storageOf(make([]float64, n))
}

func (s *storage) len() int { return s.length }

// elements returns the memory as a slice. T is the storage's own type; callers have looked.
func elements[T float32 | float64](s *storage) []T { return unsafe.Slice((*T)(s.data), s.length) }

func (s *storage) at(i int) float64 {
	if s.single {
		return float64(elements[float32](s)[i])
	}
	return elements[float64](s)[i]
}

// An arena is the memory of one tape. It keeps what it once took from the heap, sorted by size, and so a training loop that
// resets its tape takes nothing more after the first step.
//
// It calls its storages by numbers: a list of pointers would cost a write barrier for each that comes or goes while the garbage
// collector runs, which in a program of small operations is often.
type arena struct {
	storages []*storage        // all that there are, by their numbers; there is no number 0
	free     [2][classes]int32 // the first of each list, by dtype and size, or 0
	live     []int32
}

const (
	classes   = 4 * bits.UintSize
	alignment = 64 // a cache line and the widest vector register, in bytes
)

// sizeClass returns the class that n elements belong to and the capacity of its members: four classes for each power of two,
// so that little more than a quarter of the memory is wasted.
func sizeClass(n int) (class, capacity int) {
	if n <= 4 {
		return 0, 4
	}
	shift := bits.Len(uint(n-1)) - 3
	quarter := (n - 1) >> shift // 4, 5, 6 or 7: the leading three bits of n-1
	return 4*shift + quarter, (quarter + 1) << shift
}

// get returns a storage of n elements with arbitrary contents.
func (a *arena) get(single bool, n int) *storage {
	class, capacity := sizeClass(n)
	free := a.list(single, class)
	if *free == 0 {
		a.add(single, class, capacity)
	}
	s := a.storages[*free]
	*free = s.next
	s.length = n
	s.holders = 0
	s.position = int32(len(a.live))
	a.live = append(a.live, s.number)
	return s
}

func (a *arena) list(single bool, class int) *int32 {
	if single {
		return &a.free[1][class]
	}
	return &a.free[0][class]
}

// add takes a storage from the heap and puts it into its free list, which is empty.
func (a *arena) add(single bool, class, capacity int) {
	if len(a.storages) == 0 {
		a.storages = append(a.storages, nil)
	}
	s := alignedStorage(single, capacity)
	s.owner, s.class, s.number = a, int32(class), int32(len(a.storages))
	a.storages = append(a.storages, s)
	*a.list(single, class) = s.number
}

// isLive reports whether s, which is a's, was not put back.
func (a *arena) isLive(s *storage) bool {
	return int(s.position) < len(a.live) && a.live[s.position] == s.number
}

// liveAt returns the live storage at a position.
func (a *arena) liveAt(position int) *storage { return a.storages[a.live[position]] }

func alignedStorage(single bool, n int) *storage {
	if single {
		return storageOf(aligned[float32](n))
	}
	return storageOf(aligned[float64](n))
}

func aligned[T float32 | float64](n int) []T {
	size := int(unsafe.Sizeof(T(0)))
	data := make([]T, n+alignment/size)
	skip := (alignment - int(uintptr(unsafe.Pointer(unsafe.SliceData(data)))%alignment)) % alignment / size
	return data[skip : skip+n]
}

// put takes s back and ends its generation.
func (a *arena) put(s *storage, poison bool) {
	s.gen++
	last := a.live[len(a.live)-1]
	a.live[s.position] = last
	a.storages[last].position = s.position
	a.live = a.live[:len(a.live)-1]
	free := a.list(s.single, int(s.class))
	s.next, *free = *free, s.number
	if poison {
		s.poison()
	}
}

func (s *storage) poison() {
	if s.single {
		fillWith(elements[float32](s), float32(math.NaN()))
	} else {
		fillWith(elements[float64](s), math.NaN())
	}
}
