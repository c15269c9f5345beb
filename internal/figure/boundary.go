package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Boundary is the output of a classifier with two inputs over the unit square and
// a little around it, with the line on which it is undecided.
type Boundary struct {
	Title  string                     // "Decision boundary" if empty
	XLabel string                     // "first input" if empty
	YLabel string                     // "second input" if empty
	Output func(x, y float64) float64 // the probability of class 1 at (x, y); drawn as 0 below 0 and as 1 above 1
	Points []Point                    // the training points; none is allowed
}

// A Point is a training point of a [Boundary].
type Point struct {
	X, Y  float64 // in the unit square
	Class int     // 0 or 1
}

// The square that is shown, and the number of outputs along a side of it.
const (
	near, far = -0.15, 1.15
	cells     = 260
)

// Save draws the output into a PNG file 1200 pixels wide. The error says where
// the output is not finite, names a point outside the unit square or of a class
// other than 0 and 1, or says that there is no function or that the file cannot be
// written.
func (f Boundary) Save(path string) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("figure: Boundary: %w", err)
	}
	output, err := f.evaluate()
	if err != nil {
		return fmt.Errorf("figure: Boundary: %w", err)
	}
	p := newChart(cmp.Or(f.Title, "Decision boundary"), cmp.Or(f.XLabel, "first input"), cmp.Or(f.YLabel, "second input"))
	p.height, p.square = 1050, true
	p.Add(plotter.NewImage(output.image(), near, near, far, far))
	undecided := contour{field: output, level: 0.5, style: draw.LineStyle{Color: ink, Width: 2}}
	p.Add(undecided, unitSquare{}, points(f.Points))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = near, far, near, far
	p.Legend.Add("class 0", marker(0))
	p.Legend.Add("class 1", marker(1))
	p.Legend.Add("output 0.5", undecided)
	p.bar = &colourBar{"output", diverging, []string{"0", "0.5", "1"}}
	return save(path, p.draw())
}

func (f Boundary) check() error {
	if f.Output == nil {
		return errors.New("the Output is nil: give it the function to draw")
	}
	for i, p := range f.Points {
		if !inUnitSquare(p.X, p.Y) {
			return fmt.Errorf("point %d at (%v, %v) is not in the unit square", i, p.X, p.Y)
		}
		if p.Class != 0 && p.Class != 1 {
			return fmt.Errorf("point %d is of class %d, neither 0 nor 1", i, p.Class)
		}
	}
	return nil
}

func inUnitSquare(x, y float64) bool { return x >= 0 && x <= 1 && y >= 0 && y <= 1 }

// evaluate computes the output in the middle of each cell.
func (f Boundary) evaluate() (*field, error) {
	var z field
	for column := range cells {
		for row := range cells {
			x, y := z.X(column), z.Y(row)
			v := f.Output(x, y)
			if !curves.Drawable(v) {
				return nil, fmt.Errorf("the output at (%.3f, %.3f) is %v", x, y, v)
			}
			z[column][row] = v
		}
	}
	return &z, nil
}

// field is outputs on a grid, column by column from the left, from the bottom up.
type field [cells][cells]float64

func (z *field) Z(column, row int) float64 { return z[column][row] }
func (z *field) X(column int) float64      { return near + (far-near)*(float64(column)+0.5)/cells }
func (z *field) Y(row int) float64         { return z.X(row) }

func (z *field) image() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, cells, cells))
	for column := range cells {
		for row := range cells {
			img.SetNRGBA(column, cells-1-row, diverging.at(z[column][row]))
		}
	}
	return img
}

// unitSquare is the edge of the square in which the classifier was trained.
type unitSquare struct{}

func (unitSquare) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	corners := vg.Rectangle{Min: vg.Point{X: x(0), Y: y(0)}, Max: vg.Point{X: x(1), Y: y(1)}}.Path()
	c.SetLineStyle(draw.LineStyle{Color: color.NRGBA{A: 0x60}, Width: 0.75})
	c.Stroke(corners)
}

// points draws training points. Classes differ in shape as well as in colour.
type points []Point

func (f points) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, point := range f {
		marker(point.Class).draw(&c, vg.Point{X: x(point.X), Y: y(point.Y)}, 8)
	}
}

// marker is the sign of a class, a disc or a square with a white edge.
type marker int

func (m marker) Thumbnail(c *draw.Canvas) { m.draw(c, beside(c), 5) }

func (m marker) draw(c *draw.Canvas, at vg.Point, radius vg.Length) {
	var shape draw.GlyphDrawer = draw.CircleGlyph{}
	if m == 1 {
		shape = draw.BoxGlyph{}
	}
	for _, layer := range []draw.GlyphStyle{
		{Color: ink, Radius: radius, Shape: shape},
		{Color: color.White, Radius: radius * 0.88, Shape: shape},
		{Color: diverging[int(m)*(len(diverging)-1)], Radius: radius * 0.7, Shape: shape},
	} {
		c.DrawGlyph(layer, at)
	}
}
