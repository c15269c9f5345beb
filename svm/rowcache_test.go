package svm

import "testing"

// The strides of fewer and fewer samples fill the budget a little more or less, and the memory must not be taken anew for that.
func TestRowCacheTakesItsMemoryOnce(t *testing.T) {
	c := rowCache[float32]{budget: 1 << 16}
	c.reset(1008)
	first := &c.values[0]
	for active := 1008; active > 100; active -= 16 {
		keep := make([]int32, active-16)
		for i := range keep {
			keep[i] = int32(i)
		}
		c.claim(active-1, -1)
		c.compact(keep, true)
		if &c.values[0] != first {
			t.Fatalf("compacted to %d samples, the cache lies in new memory", len(keep))
		}
	}
	if len(c.values) > c.budget {
		t.Errorf("the cache has %d values of a budget of %d", len(c.values), c.budget)
	}
}
