package svm

// A rowCache keeps kernel rows over the active positions, as many as its budget
// allows and at least the two that a step needs. It replaces by second chance.
type rowCache[T float] struct {
	budget     int // values
	values     []T
	stride     int
	slots      int
	owner      []int32 // the position whose row each slot in use holds
	referenced []bool
	hand       int
	slot       []int32 // of each active position, -1 without one
}

// reset empties the cache for rows over a number of active samples.
func (c *rowCache[T]) reset(active int) {
	c.slot = c.slot[:0]
	for range active {
		c.slot = append(c.slot, -1)
	}
	c.owner, c.referenced, c.hand = c.owner[:0], c.referenced[:0], 0
	c.resize(active)
}

func (c *rowCache[T]) resize(active int) {
	c.stride = active
	c.slots = min(max(c.budget/c.stride, 2), max(active, 2))
	if need := c.slots * c.stride; need > len(c.values) {
		// Other strides fill the budget a little more or less: it is taken whole, and once, if it is going to be filled.
		values := make([]T, max(need, min(c.budget, active*c.stride)))
		copy(values, c.values)
		c.values = values
	}
}

func (c *rowCache[T]) at(slot int32) []T {
	return c.values[int(slot)*c.stride : (int(slot)+1)*c.stride]
}

// find returns the row of an active sample, if it is there.
func (c *rowCache[T]) find(sample int) ([]T, bool) {
	slot := c.slot[sample]
	if slot < 0 {
		return nil, false
	}
	c.referenced[slot] = true
	return c.at(slot), true
}

// claim makes room for the row of an active sample, whose values the caller
// writes; the row of pinned stays.
func (c *rowCache[T]) claim(sample, pinned int) []T {
	var slot int32
	if len(c.owner) < c.slots {
		slot = int32(len(c.owner))
		c.owner = append(c.owner, int32(sample))
		c.referenced = append(c.referenced, true)
	} else {
		for {
			c.hand = (c.hand + 1) % c.slots
			if int(c.owner[c.hand]) == pinned {
				continue
			}
			if !c.referenced[c.hand] {
				break
			}
			c.referenced[c.hand] = false
		}
		slot = int32(c.hand)
		c.slot[c.owner[slot]] = -1
		c.owner[slot], c.referenced[slot] = int32(sample), true
	}
	c.slot[sample] = slot
	return c.at(slot)
}

// compact keeps of the active positions only those listed, in ascending order and none before its new place; -1 stands for one that
// belongs to no variable. Of the rows it keeps the values at those positions if keepRows is set, and none otherwise.
func (c *rowCache[T]) compact(keep []int32, keepRows bool) {
	if !keepRows {
		c.reset(len(keep))
		return
	}
	stride := c.stride
	index := make([]int32, len(c.slot))
	for i := range index {
		index[i] = -1
	}
	for to, from := range keep {
		if from >= 0 {
			index[from] = int32(to)
		}
	}
	c.resize(len(keep))
	c.slot = c.slot[:len(keep)]
	for i := range c.slot {
		c.slot[i] = -1
	}
	kept := int32(0)
	for slot, owner := range c.owner {
		sample := index[owner]
		if sample < 0 || int(kept) == c.slots {
			continue
		}
		row := c.values[slot*stride : (slot+1)*stride]
		// The target never lies behind the source, so that it overwrites only what was
		// moved already.
		target := c.at(kept)
		for to, from := range keep {
			if from >= 0 {
				target[to] = row[from]
			} else {
				target[to] = 0
			}
		}
		c.owner[kept], c.referenced[kept] = sample, c.referenced[slot]
		c.slot[sample] = kept
		kept++
	}
	c.owner, c.referenced, c.hand = c.owner[:kept], c.referenced[:kept], 0
}
