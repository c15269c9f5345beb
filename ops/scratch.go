package ops

import (
	"sync"
	"unsafe"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// borrow returns room for n elements, of any values, for a kernel that needs more than its operands and its result; giveBack takes it
// again. So a warm training step takes none of it from the heap.
func borrow[T kernel.Float](n int) *[]T {
	room, ok := rooms[T]().Get().(*[]T)
	if !ok {
		room = new([]T)
	}
	if cap(*room) < n {
		*room = make([]T, n)
	}
	*room = (*room)[:n]
	return room
}

func giveBack[T kernel.Float](room *[]T) { rooms[T]().Put(room) }

var rooms32, rooms64 sync.Pool

func rooms[T kernel.Float]() *sync.Pool {
	if unsafe.Sizeof(T(0)) == unsafe.Sizeof(float32(0)) {
		return &rooms32
	}
	return &rooms64
}
