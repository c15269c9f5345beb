package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Margins is what a support vector machine with two inputs makes of the unit square and
// a little around it: the region of each class, which is the deeper in colour the
// farther the boundary is, up to the margin; boundaries, margins, the training samples
// and, with a ring around them, the support vectors.
type Margins struct {
	Title  string // "Support vectors and margins" if empty
	XLabel string // "first feature" if empty
	YLabel string // "second feature" if empty
	// Decide returns the class of each point, 0 to k-1, and decision values for each of
	// the pairs of classes (0, 1), (0, 2), …, (1, 2), …, positive ones for the first of
	// the pair.
	Decide  func(points [][2]float64) (classes []int, values [][]float64, err error)
	Samples []Sample // none is allowed
	Names   []string // of the k classes, 2 to 10
}

// A Sample is one that a machine was fitted to.
type Sample struct {
	X, Y    float64 // in the unit square
	Class   int     // 0 to k-1
	Support bool    // it is a support vector
}

// Save draws the regions into a PNG file 1200 pixels wide. The error is that of Decide, or
// says what it returned that cannot be drawn, names a sample outside the unit square or
// without a class, or says that there is no function, that there are too few or too many
// names, or that the file cannot be written.
func (f Margins) Save(path string) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("figure: Margins: %w", err)
	}
	r, err := f.regions()
	if err != nil {
		return fmt.Errorf("figure: Margins: %w", err)
	}
	p := newChart(cmp.Or(f.Title, "Support vectors and margins"), cmp.Or(f.XLabel, "first feature"), cmp.Or(f.YLabel, "second feature"))
	p.height, p.square = 1050, true
	p.Add(plotter.NewImage(r.image(), near, near, far, far))
	boundary := border{r, draw.LineStyle{Color: ink, Width: 1.75}}
	margin := contour{&r.certainty, 1, draw.LineStyle{Color: ink, Width: 0.9, Dashes: []vg.Length{5, 3.5}}}
	p.Add(margin, boundary, samples(f.Samples))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = near, far, near, far
	for class, name := range f.Names {
		p.Legend.Add(name, glyph{class: class})
	}
	p.Legend.Add("support vector", glyph{class: -1, support: true})
	p.Legend.Add("boundary", boundary)
	p.Legend.Add("margin", margin)
	return save(path, p.draw())
}

func (f Margins) check() error {
	if f.Decide == nil {
		return errors.New("the Decide is nil: give it the function to draw")
	}
	if k := len(f.Names); k < 2 || k > len(classColours) {
		return fmt.Errorf("there are %d Names: give 2 to %d, one for each class", k, len(classColours))
	}
	for i, s := range f.Samples {
		if !inUnitSquare(s.X, s.Y) {
			return fmt.Errorf("sample %d at (%v, %v) is not in the unit square", i, s.X, s.Y)
		}
		if s.Class < 0 || s.Class >= len(f.Names) {
			return fmt.Errorf("sample %d is of class %d: there are %d", i, s.Class, len(f.Names))
		}
	}
	return nil
}

// classPairs lists the pairs of k classes.
func classPairs(k int) (pairs [][2]int) {
	for a := range k {
		for b := a + 1; b < k; b++ {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	return pairs
}

// regions is what is decided in the middle of each cell.
type regions struct {
	class  [cells][cells]int
	values []field // of each pair
	pairs  [][2]int
	// certainty is the least of the decision values of the class against another one: 0
	// at a boundary, 1 at the margin.
	certainty field
}

func (f Margins) regions() (*regions, error) {
	r := &regions{pairs: classPairs(len(f.Names))}
	r.values = make([]field, len(r.pairs))
	points := make([][2]float64, 0, cells*cells)
	for column := range cells {
		for row := range cells {
			points = append(points, [2]float64{r.values[0].X(column), r.values[0].Y(row)})
		}
	}
	classes, values, err := f.Decide(points)
	if err != nil {
		return nil, err
	}
	if len(classes) != len(points) || len(values) != len(points) {
		return nil, fmt.Errorf("%d classes and %d rows of decision values for %d points: return one for each", len(classes), len(values), len(points))
	}
	for i, class := range classes {
		at := points[i]
		if class < 0 || class >= len(f.Names) {
			return nil, fmt.Errorf("the class at (%.3f, %.3f) is %d: there are %d", at[0], at[1], class, len(f.Names))
		}
		r.class[i/cells][i%cells] = class
		if len(values[i]) != len(r.pairs) {
			return nil, fmt.Errorf("there are %d decision values at (%.3f, %.3f) for %d pairs of classes", len(values[i]), at[0], at[1], len(r.pairs))
		}
		for p, v := range values[i] {
			if !curves.Drawable(v) {
				return nil, fmt.Errorf("decision value %d at (%.3f, %.3f) is %v", p, at[0], at[1], v)
			}
			r.values[p][i/cells][i%cells] = v
		}
		r.certainty[i/cells][i%cells] = r.least(class, values[i])
	}
	return r, nil
}

// least returns the least of the decision values of a class against another one.
func (r *regions) least(class int, values []float64) float64 {
	least := math.Inf(1)
	for p, pair := range r.pairs {
		switch class {
		case pair[0]:
			least = min(least, values[p])
		case pair[1]:
			least = min(least, -values[p])
		}
	}
	return least
}

func (r *regions) image() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, cells, cells))
	for column := range cells {
		for row := range cells {
			const palest, deepest = 0.1, 0.42
			colours := scale{{R: 0xff, G: 0xff, B: 0xff, A: 0xff}, classColours[r.class[column][row]]}
			img.SetNRGBA(column, cells-1-row, colours.at(palest+(deepest-palest)*min(max(r.certainty[column][row], 0), 1)))
		}
	}
	return img
}

// samples draws the samples, the support vectors above the others.
type samples []Sample

func (f samples) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, support := range []bool{false, true} {
		for _, s := range f {
			if s.Support == support {
				glyph{s.Class, support}.draw(&c, vg.Point{X: x(s.X), Y: y(s.Y)})
			}
		}
	}
}

// glyph is the sign of a sample of a class, or of none if that is negative.
type glyph struct {
	class   int
	support bool
}

func (g glyph) Thumbnail(c *draw.Canvas) { g.draw(c, beside(c)) }

func (g glyph) draw(c *draw.Canvas, at vg.Point) {
	const radius = 3.4
	if g.support {
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: radius + 3, Shape: draw.CircleGlyph{}}, at)
		c.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: radius + 2, Shape: draw.CircleGlyph{}}, at)
	}
	if g.class < 0 {
		return
	}
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	shape := shapes[g.class%len(shapes)]
	c.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: radius + 0.8, Shape: shape}, at)
	c.DrawGlyph(draw.GlyphStyle{Color: classColours[g.class], Radius: radius, Shape: shape}, at)
}
