package autograd

// Live returns how many pieces of memory the tape has given out.
func (t *Tape) Live() int { return len(t.arena.live) }
