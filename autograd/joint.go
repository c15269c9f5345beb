package autograd

// A joint computes the cotangents of several inputs of a node together, where computing each alone would repeat the work. Each
// input has an edge as usual. The first one whose rule a pass calls computes those of all inputs that the pass wants, and the
// others take theirs.
type joint struct {
	inputs []*Tensor
	rule   func(y, g *Tensor, wanted []bool) []*Tensor // for the wanted inputs, each a tensor of its own

	pass    uint64 // that results are of
	g       *Tensor
	results []*Tensor // that were not taken yet
}

// edges returns the edges of j's inputs.
func (j *joint) edges() []Edge {
	edges := make([]Edge, len(j.inputs))
	for k, x := range j.inputs {
		edges[k] = Edge{x, func(y, g *Tensor) *Tensor { return j.cotangent(k, y, g) }}
	}
	return edges
}

func (j *joint) cotangent(k int, y, g *Tensor) *Tensor {
	p := j.inputs[k].tape.running
	if j.results == nil || j.pass != p.number || j.g != g || j.results[k] == nil {
		wanted := make([]bool, len(j.inputs))
		for i, x := range j.inputs {
			wanted[i] = x.node != unrecorded && p.visits[x.node].wanted
		}
		results := j.rule(y, g, wanted)
		j.pass, j.g, j.results = p.number, g, results
	}
	r := j.results[k]
	j.results[k] = nil
	return r
}
