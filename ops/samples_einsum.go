package ops

import "fmt"

// einsumSamples has every kind of letter: of one operand and of several, kept and summed, repeated, and dots.
func einsumSamples() []Sample {
	var s sampler
	for _, c := range []struct {
		spec   string
		shapes [][]int
	}{
		{"", [][]int{{}}},
		{"i", [][]int{{3}}},
		{"ij->ij", [][]int{{2, 3}}},
		{"ba", [][]int{{2, 3}}},
		{"ij->", [][]int{{2, 3}}},
		{"ijk->k", [][]int{{2, 3, 2}}},
		{"ijk->kj", [][]int{{2, 3, 2}}},
		{"ii", [][]int{{3, 3}}},
		{"ii->i", [][]int{{3, 3}}},
		{"iji->ij", [][]int{{2, 3, 2}}},
		{"iii->i", [][]int{{2, 2, 2}}},
		{"iijj->ij", [][]int{{2, 2, 3, 3}}},
		{"i...->...", [][]int{{2, 3, 2}}},
		{"...ii->...i", [][]int{{2, 3, 3}}},
		{"i,i", [][]int{{3}, {3}}},
		{"i,i->i", [][]int{{3}, {3}}},
		{"i,j->ij", [][]int{{2}, {3}}},
		{"i,j->ji", [][]int{{2}, {3}}},
		{"i,j->", [][]int{{2}, {3}}},
		{"ij,j", [][]int{{2, 3}, {3}}},
		{"j,ij", [][]int{{3}, {2, 3}}},
		{"ij,jk", [][]int{{2, 3}, {3, 2}}},
		{"ij,kj->ik", [][]int{{2, 3}, {2, 3}}},
		{"ij,jk->ki", [][]int{{2, 3}, {3, 2}}},
		{"ij,ij->i", [][]int{{2, 3}, {2, 3}}},
		{"ij,ji->", [][]int{{2, 3}, {3, 2}}},
		{"bij,bjk->bik", [][]int{{2, 2, 3}, {2, 3, 2}}},
		{"ijb,kbj->bki", [][]int{{2, 3, 2}, {2, 2, 3}}},
		{"ijk,jkl->il", [][]int{{2, 3, 2}, {3, 2, 2}}},
		{"ijk,kjl->li", [][]int{{2, 3, 2}, {2, 3, 2}}},
		{"ij,kl->ik", [][]int{{2, 3}, {2, 2}}},
		{"iij,jk->ik", [][]int{{2, 2, 3}, {3, 2}}},
		{",ij", [][]int{{}, {2, 3}}},
		{"ij,->ji", [][]int{{2, 3}, {}}},
		{"...ij,...jk->...ik", [][]int{{2, 1, 2, 3}, {3, 3, 2}}},
		{"...ij,jk", [][]int{{2, 2, 3}, {3, 2}}},
		{"i...,...j->...ij", [][]int{{2, 3}, {1, 2}}},
		{"ij,jk", [][]int{{2, 1}, {3, 2}}},
		{"ij,ij->ij", [][]int{{2, 1}, {1, 3}}},
		{"i,ij,j", [][]int{{2}, {2, 3}, {3}}},
		{"ij,jk,kl->il", [][]int{{2, 3}, {3, 2}, {2, 2}}},
		{"i,i,i->i", [][]int{{3}, {3}, {3}}},
		{"ij,ik,il->jkl", [][]int{{2, 2}, {2, 3}, {2, 2}}},
		{"ij,jk", [][]int{{2, 0}, {0, 3}}},
		{"ij,jk", [][]int{{0, 2}, {2, 3}}},
	} {
		s.add(fmt.Sprint(c.spec, " of ", c.shapes), func(x ...*Tensor) *Tensor { return Einsum(c.spec, x...) }, c.shapes...)
	}
	for _, a := range matrices {
		s.add(a.name, func(x ...*Tensor) *Tensor { return Einsum("ij,kj->ik", a.view(x[0]), x[1]) }, a.shape, []int{2, 3})
	}
	s.add("with itself", func(x ...*Tensor) *Tensor { return Einsum("ij,jk,ki", x[0], x[0], x[0]) }, []int{2, 2})
	return s.samples
}
