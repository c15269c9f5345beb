package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A contour draws where a field crosses a level. (The contours of gonum/plot come
// out differently from run to run where two of them meet.)
type contour struct {
	*field
	level float64
	style draw.LineStyle
}

// Plot cuts each square of neighbouring values into two triangles, in which linear
// interpolation leaves no doubt how the line runs.
func (z contour) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := func(column, row int) corner {
		return corner{vg.Point{X: x(z.X(column)), Y: y(z.Y(row))}, z.Z(column, row) - z.level}
	}
	var crossings []segment
	for column := range cells - 1 {
		for row := range cells - 1 {
			low, high := at(column, row), at(column+1, row+1)
			for _, third := range []corner{at(column+1, row), at(column, row+1)} {
				crossings = appendCrossing(crossings, [3]corner{low, third, high})
			}
		}
	}
	c.SetLineStyle(z.style)
	c.Stroke(joined(crossings))
}

func (z contour) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(z.style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// A corner of a triangle, with the height of the field above the level.
type corner struct {
	vg.Point
	height float64
}

// A segment is a straight part of a line.
type segment [2]vg.Point

// appendCrossing appends the line on which a triangle has the height 0, if it does.
func appendCrossing(crossings []segment, triangle [3]corner) []segment {
	var ends []vg.Point
	for i, a := range triangle {
		b := triangle[(i+1)%3]
		if (a.height >= 0) != (b.height >= 0) {
			t := vg.Length(a.height / (a.height - b.height))
			ends = append(ends, a.Add(b.Sub(a.Point).Scale(t)))
		}
	}
	if len(ends) == 2 {
		crossings = append(crossings, segment{ends[0], ends[1]})
	}
	return crossings
}

// joined returns a path of the segments in which those that meet follow each other, so
// that dashes run on from one to the next.
func joined(segments []segment) vg.Path {
	// Triangles compute their common points each in its own way.
	type place [2]int64
	of := func(p vg.Point) place {
		const fine = 1e4
		return place{int64(math.Round(float64(p.X) * fine)), int64(math.Round(float64(p.Y) * fine))}
	}
	meeting := make(map[place][]int)
	for i, s := range segments {
		for _, end := range s {
			meeting[of(end)] = append(meeting[of(end)], i)
		}
	}
	used := make([]bool, len(segments))
	// follow returns the points of the line that goes on from a point.
	follow := func(from vg.Point) (line []vg.Point) {
		for {
			next := -1
			for _, i := range meeting[of(from)] {
				if !used[i] {
					next = i
					break
				}
			}
			if next < 0 {
				return line
			}
			used[next] = true
			s := segments[next]
			if of(s[0]) == of(from) {
				from = s[1]
			} else {
				from = s[0]
			}
			line = append(line, from)
		}
	}
	var path vg.Path
	for i, s := range segments {
		if used[i] {
			continue
		}
		used[i] = true
		back := follow(s[0])
		for k := len(back) - 1; k >= 0; k-- {
			appendPoint(&path, back[k], k == len(back)-1)
		}
		appendPoint(&path, s[0], len(back) == 0)
		appendPoint(&path, s[1], false)
		for _, p := range follow(s[1]) {
			appendPoint(&path, p, false)
		}
	}
	return path
}

func appendPoint(path *vg.Path, p vg.Point, first bool) {
	if first {
		path.Move(p)
	} else {
		path.Line(p)
	}
}
