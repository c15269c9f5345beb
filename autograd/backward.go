package autograd

import "slices"

// Grad returns the gradient of y, which has one element, with respect to each of xs, in their shapes: zeros where y does not
// depend on x. They live until the tape is Reset, and may be views. They are not recorded: to differentiate them again, take GradGraph.
//
// It panics with a [ShapeError] if y has more elements or none; with a [TapeError] if y or an x is not recorded on this tape, or
// in the middle of a reverse pass; and with a [StaleError] if a parameter that y depends on was written since.
func (t *Tape) Grad(y *Tensor, xs ...*Tensor) []*Tensor {
	const op = "autograd.Grad"
	t.wantScalar(op, y)
	return t.gradients(op, y, nil, xs, false)
}

// VJP returns the product of the cotangent, of the shape of y, with the Jacobian of y with respect to each of xs, in their
// shapes: the gradient of the sum of y·cotangent. It panics as Grad does, and with a [ShapeError] or [DtypeError] if the
// cotangent is not of the shape and dtype of y.
func (t *Tape) VJP(y, cotangent *Tensor, xs ...*Tensor) []*Tensor {
	return t.gradients("autograd.VJP", y, cotangent, xs, false)
}

// GradGraph is Grad whose work is recorded, and so are its results: differentiate them again.
func (t *Tape) GradGraph(y *Tensor, xs ...*Tensor) []*Tensor {
	const op = "autograd.GradGraph"
	t.wantScalar(op, y)
	return t.gradients(op, y, nil, xs, true)
}

// VJPGraph is VJP whose work is recorded, and so are its results: differentiate them again, with respect to the cotangent too.
func (t *Tape) VJPGraph(y, cotangent *Tensor, xs ...*Tensor) []*Tensor {
	return t.gradients("autograd.VJPGraph", y, cotangent, xs, true)
}

// Backward returns the gradients of the loss, which has one element, with respect to every parameter that it depends on and
// that is not frozen, as a stream: the reverse pass runs while the caller ranges over it. See [Gradients].
//
// It panics as Grad does, at the call.
func (t *Tape) Backward(loss *Tensor) Gradients {
	const op = "autograd.Backward"
	t.wantScalar(op, loss)
	t.wantReady(op, "the loss", loss)
	started := false
	return func(yield func(*Param, *Tensor) bool) {
		if started {
			Fail(op, TapeError, nil, "the stream was used already: Collect keeps its gradients, Backward starts another")
		}
		started = true
		t.wantReady(op, "the loss", loss) // still
		p := t.newPass(op, loss, false)
		defer p.end()
		p.yield = yield
		for i := range p.visits {
			n := &t.nodes[i]
			p.visits[i].target = n.param != nil && !n.param.Frozen
		}
		p.run(p.seed(nil))
	}
}

// gradients is Grad, VJP and their recorded forms.
func (t *Tape) gradients(op string, y, cotangent *Tensor, xs []*Tensor, graph bool) []*Tensor {
	t.wantReady(op, "the output", y)
	for _, x := range xs {
		t.wantRecorded(op, "an input", x, "it must be what Var or Param returned, or computed from that")
	}
	p := t.newPass(op, y, graph)
	defer p.end()
	for _, x := range xs {
		if int(x.node) < len(p.visits) { // else it is younger than y
			p.visits[x.node].target = true
		}
	}
	p.run(p.seed(cotangent))

	gradients := make([]*Tensor, len(xs))
	for k, x := range xs {
		var g *Tensor
		if int(x.node) < len(p.visits) {
			g = p.visits[x.node].cotangent
		}
		if g == nil {
			g = Empty(x.Shape(), x)
			g.fill(0)
		} else {
			Keep(g)
		}
		switch {
		case graph && g.node == unrecorded: // it depends on nothing: a leaf, so that its own gradient is zero and not an error
			g = t.Var(g)
		case !graph && g.node != unrecorded: // a rule returned what it captured, or the cotangent that was given
			g = g.Detach()
		}
		gradients[k] = g
	}
	return gradients
}

func (t *Tape) wantScalar(op string, y *Tensor) {
	y.check()
	if y.Size() != 1 {
		Fail(op, ShapeError, []*Tensor{y}, "want a scalar, given shape %v: take a Sum or a Mean, or use VJP", y.Shape())
	}
}

// wantRecorded panics, saying how a tensor is recorded, unless x is.
func (t *Tape) wantRecorded(op, what string, x *Tensor, how string) {
	x.check()
	switch {
	case x.node == unrecorded:
		Fail(op, TapeError, []*Tensor{x}, "%s of shape %v is not recorded: %s", what, x.Shape(), how)
	case x.tape != t:
		Fail(op, TapeError, []*Tensor{x}, "%s of shape %v is recorded on another tape", what, x.Shape())
	}
}

// wantReady panics unless a pass can start from y: no other one is running, y is recorded here, and no parameter that it depends
// on was written since.
func (t *Tape) wantReady(op, what string, y *Tensor) {
	t.idle(op)
	t.wantRecorded(op, what, y, "it does not depend on any Var or Param of the tape; a gradient that is to be differentiated comes from GradGraph or VJPGraph")
	nodes := t.nodes[:y.node+1]
	if !slices.ContainsFunc(nodes, node.isOld) {
		return
	}
	reached := make([]bool, len(nodes))
	reached[y.node] = true
	for i, n := range slices.Backward(nodes) {
		if reached[i] && n.isOld() {
			failOld(op, n)
		}
		for _, e := range t.edges[n.firstEdge:n.lastEdge] {
			reached[e.x.node] = reached[e.x.node] || reached[i]
		}
	}
}

// isOld reports whether n is the leaf of a parameter that was written since.
func (n node) isOld() bool { return n.param != nil && n.y.gen != n.y.storage.gen }

func failOld(op string, leaf node) {
	Fail(op, StaleError, []*Tensor{leaf.y}, "the output depends on parameter %s of shape %v as it was before parameter %s was written: "+
		"compute the output again, or Collect all gradients before writing", leaf.param.Name, leaf.y.Shape(), leaf.param.Name)
}

// A pass is one walk over the records from the end. It carries the cotangent of each node back to the inputs of the node.
//
// Memory: a cotangent may be a fresh tensor, a view of another cotangent, or something that the rule captured. So the pass
// counts, for each storage, in how many cotangents it lies (holders). What was allocated during the pass (its position among the
// arena's live storages is at least base) it writes in place if only one cotangent holds it, and gives back when none does.
type pass struct {
	tape   *Tape
	op     string // who asked, for complaints
	root   *Tensor
	graph  bool // the work is recorded, in a scope of its own; nothing is recycled
	scope  int
	base   int    // how many storages were live before the pass
	outer  *pass  // the one whose rule began this one, or nil
	number uint64 // no other pass over the tape has the same
	yield  func(*Param, *Tensor) bool

	visits   []visit // one for each node
	released []int32 // the numbers of storages to be swept
}

// A visit is what a pass knows of a node.
type visit struct {
	cotangent *Tensor // nil until a use of the node has been passed, and again after the node, unless it is a target
	firstUse  int32   // the first node that uses it; 0 for none: the first record of a tape is a leaf and uses nothing
	target    bool    // its cotangent was asked for
	wanted    bool    // it is a target or depends on one, and so its cotangent is worth computing
}

func (t *Tape) newPass(op string, root *Tensor, graph bool) *pass {
	n := int(root.node) + 1
	p := t.ended
	t.ended = nil // a pass within a rule makes its own
	if p == nil {
		p = new(pass)
	}
	*p = pass{
		tape: t, op: op, root: root, graph: graph, base: len(t.arena.live), outer: t.running, number: t.passes,
		visits:   slices.Grow(p.visits[:0], n)[:n], // all zero: see end
		released: p.released,
	}
	if graph {
		p.scope = t.Enter(GradientScope, nil)
	}
	t.passing = !graph
	t.running = p
	t.passes++
	return p
}

// end gives back what an interrupted pass still held, and lets the tape record again.
func (p *pass) end() {
	for i := range p.visits {
		if g := p.visits[i].cotangent; g != nil {
			p.drop(g)
		}
	}
	p.sweep(len(p.tape.arena.live))
	clear(p.visits)
	p.tape.passing = false
	p.tape.running = p.outer
	p.tape.Leave(p.scope)
	p.tape.ended = p
	p.root, p.yield = nil, nil // so that what they captured can be collected
}

// seed returns the cotangent of the root: the given one, or 1.
func (p *pass) seed(cotangent *Tensor) *Tensor {
	y := p.root
	if cotangent == nil {
		cotangent = Empty(y.Shape(), y)
		cotangent.fill(1)
	} else {
		cotangent.check()
		if cotangent.node != unrecorded && cotangent.tape != p.tape {
			Fail(p.op, TapeError, []*Tensor{cotangent}, "the cotangent is recorded on another tape: Detach it first")
		}
		cotangent, _ = Unify(p.op, cotangent, y)
		if cotangent.tape == nil { // what a rule makes of it alone is to lie in the tape's memory too
			cotangent = p.tape.Const(cotangent)
		}
		if !slices.Equal(cotangent.Shape(), y.Shape()) {
			Fail(p.op, ShapeError, []*Tensor{y, cotangent}, "the output has shape %v, the cotangent %v", y.Shape(), cotangent.Shape())
		}
	}
	return cotangent
}

// want marks the nodes between the targets and the root.
func (p *pass) want() {
	for i := range p.visits {
		n, v := &p.tape.nodes[i], &p.visits[i]
		v.wanted = v.target
		for k := n.firstEdge; k < n.lastEdge; k++ {
			input := &p.visits[p.tape.edges[k].x.node]
			v.wanted = v.wanted || input.wanted
			if input.firstUse == 0 {
				input.firstUse = int32(i)
			}
		}
	}
}

// run is the reverse pass, once the targets are marked.
func (p *pass) run(seed *Tensor) {
	p.want()
	last := int(p.root.node)
	if !p.visits[last].wanted {
		return
	}
	p.hold(seed)
	p.visits[last].cotangent = seed
	for i := last; i >= 0; i-- {
		n := p.tape.nodes[i] // a copy: a recorded pass appends
		if g := p.visits[i].cotangent; g != nil && n.op != nil {
			p.step(i, n, g)
		}
		if p.yield != nil && !p.deliver(i, n) {
			return
		}
	}
}

// step hands the cotangent g of node i on to the node's inputs.
func (p *pass) step(i int, n node, g *Tensor) {
	mark := len(p.tape.arena.live)
	for k := n.firstEdge; k < n.lastEdge; k++ {
		e := p.tape.edges[k]
		if p.visits[e.x.node].wanted {
			p.accumulate(e.x, p.checked(n, e.x, e.rule(n.y, g)))
		}
	}
	if v := &p.visits[i]; !v.target {
		v.cotangent = nil
		p.release(g)
	}
	p.sweep(mark)
}

// checked returns what a rule gave for input x if it can be x's cotangent.
func (p *pass) checked(n node, x, r *Tensor) *Tensor {
	if r == nil {
		Fail(n.op.Name, ValueError, []*Tensor{x}, "the rule returned nil for an input of shape %v", x.Shape())
	}
	if r.layout != x.layout && !slices.Equal(r.Shape(), x.Shape()) {
		Fail(n.op.Name, ShapeError, []*Tensor{x, r}, "the rule returned shape %v for an input of shape %v", r.Shape(), x.Shape())
	}
	if r.storage.single != x.storage.single {
		Fail(n.op.Name, DtypeError, []*Tensor{x, r}, "the rule returned %v for an input of %v", r.Dtype(), x.Dtype())
	}
	if r.node != unrecorded && r.tape != p.tape {
		Fail(n.op.Name, TapeError, []*Tensor{x, r}, "the rule returned a tensor that is recorded on another tape")
	}
	if r.promised() == nil { // which would keep it
		r.check()
	}
	if !p.graph && r.storage.param != nil { // the parameter may be written before its neighbour's gradient is read
		value := r
		r = Empty(value.Shape(), value, p.root)
		r.copyFrom(value)
	}
	return r
}

// accumulate adds r to the cotangent of x.
func (p *pass) accumulate(x, r *Tensor) {
	slot := &p.visits[x.node].cotangent
	p.hold(r)
	switch a := *slot; {
	case a == nil:
		*slot = r
	case p.graph:
		*slot = Add(a, r)
	case p.owns(a) && a.storage.holders == 1 && a.layout.dense:
		add(a, a, r)
		*slot = p.renewed(a)
		p.release(r)
	default:
		sum := Empty(a.Shape(), x, a, r)
		add(sum, a, r)
		p.hold(sum)
		*slot = sum
		p.release(a)
		p.release(r)
	}
}

// renewed returns a tensor for the new contents of a's memory, and ends a: a gradient that was yielded and not kept may have
// shared this memory, and whoever still holds it must not see it change.
func (p *pass) renewed(a *Tensor) *Tensor {
	a.storage.gen++
	y := p.tape.header()
	*y = *a
	y.gen = a.storage.gen
	return y
}

// deliver yields the gradients that are final now: those of the parameters that node i was the first to use, since no earlier
// node can add to them, and i's own if it is a parameter. It reports whether the caller wants more.
func (p *pass) deliver(i int, n node) bool {
	if p.visits[i].target && !p.deliverOne(int32(i)) {
		return false
	}
	for k := n.firstEdge; k < n.lastEdge; k++ {
		j := p.tape.edges[k].x.node
		if v := &p.visits[j]; v.target && v.firstUse == int32(i) && !p.deliverOne(j) {
			return false
		}
	}
	return true
}

func (p *pass) deliverOne(leaf int32) bool {
	slot := &p.visits[leaf].cotangent
	g := *slot
	if g == nil {
		return true
	}
	n := p.tape.nodes[leaf]
	if n.isOld() { // written in the body of the loop, before its turn
		failOld(p.op, n)
	}
	if row := RowMajor(g); row != g {
		p.hold(row)
		p.release(g)
		g = row
	}
	*slot = g
	more := p.yield(n.param, g)
	*slot = nil
	p.drop(g)
	p.sweep(len(p.tape.arena.live))
	return more
}

// Keep keeps a gradient that an adapter of a stream wants to hold beyond the body of the loop: its memory is not recycled until
// the tape is Reset.
func Keep(g *Tensor) {
	g.check()
	if g.storage.owner != nil {
		g.storage.holders++
	}
}

func (p *pass) owns(x *Tensor) bool {
	return x.storage.owner == &p.tape.arena && int(x.storage.position) >= p.base
}

func (p *pass) hold(x *Tensor) {
	if p.owns(x) {
		x.storage.holders++
	}
}

func (p *pass) release(x *Tensor) {
	if !p.owns(x) {
		return
	}
	x.storage.holders--
	if x.storage.holders == 0 {
		p.released = append(p.released, x.storage.number)
	}
}

// drop releases a cotangent that nobody reads any more.
func (p *pass) drop(x *Tensor) {
	if x.promised() != nil {
		x.endPromise()
	}
	p.release(x)
}

// sweep gives back what was released, and what a node's rules allocated since mark and did not return.
func (p *pass) sweep(mark int) {
	arena := &p.tape.arena
	if !p.graph && !p.tape.NoRecycle {
		for k := len(arena.live) - 1; k >= mark; k-- {
			if s := arena.liveAt(k); s.holders == 0 {
				arena.put(s, p.tape.Poison)
			}
		}
		for _, number := range p.released {
			if s := arena.storages[number]; s.holders == 0 && arena.isLive(s) {
				arena.put(s, p.tape.Poison)
			}
		}
	}
	p.released = p.released[:0]
}
