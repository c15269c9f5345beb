package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A border draws where the class changes.
type border struct {
	*regions
	style draw.LineStyle
}

// Plot goes over the triangles of a [contour]. Where three classes meet in one, lines run
// to its middle.
func (b border) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	place := func(at [2]int) vg.Point {
		return vg.Point{X: x(b.certainty.X(at[0])), Y: y(b.certainty.Y(at[1]))}
	}
	var segments []segment
	for column := range cells - 1 {
		for row := range cells - 1 {
			for _, third := range [][2]int{{column + 1, row}, {column, row + 1}} {
				corners := [3][2]int{{column, row}, third, {column + 1, row + 1}}
				var ends []vg.Point
				for i, from := range corners {
					to := corners[(i+1)%3]
					if t, changes := b.change(from, to); changes {
						start := place(from)
						ends = append(ends, start.Add(place(to).Sub(start).Scale(vg.Length(t))))
					}
				}
				switch len(ends) {
				case 2:
					segments = append(segments, segment{ends[0], ends[1]})
				case 3:
					middle := ends[0].Add(ends[1]).Add(ends[2]).Scale(1.0 / 3)
					segments = append(segments, segment{ends[0], middle}, segment{ends[1], middle}, segment{ends[2], middle})
				}
			}
		}
	}
	c.SetLineStyle(b.style)
	c.Stroke(joined(segments))
}

// change tells how far it is from one cell to a neighbouring one, as a share of the way,
// to where the class changes: where the decision value of the two classes is 0 or, if it
// has one sign in both cells, that of another pair, whose vote decides.
func (b border) change(from, to [2]int) (share float64, changes bool) {
	first, second := b.class[from[0]][from[1]], b.class[to[0]][to[1]]
	if first == second {
		return 0, false
	}
	share = 0.5
	for p, pair := range b.pairs {
		here, there := b.values[p][from[0]][from[1]], b.values[p][to[0]][to[1]]
		if (here > 0) == (there > 0) {
			continue
		}
		share = here / (here - there)
		if pair == [2]int{min(first, second), max(first, second)} {
			break
		}
	}
	return share, true
}

func (b border) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(b.style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}
