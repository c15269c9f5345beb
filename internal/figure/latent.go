package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Latent is points of a latent space in two dimensions, coloured by class. The
// name of each class is written at the median of its points as well.
type Latent struct {
	Title  string    // "Latent space" if empty
	XLabel string    // "First component" if empty
	YLabel string    // "Second component" if empty
	X, Y   []float64 // the coordinates, one of each for each point
	Class  []int     // 0 to 9, one for each point
	Names  []string  // the names of the classes; their numbers if nil
}

// Save draws the points into a PNG file of 1200 x 1050 pixels. The error names the
// point whose coordinates are not finite or whose class is out of range, or says
// that there are no points, that X, Y and Class differ in length, that names are
// missing, or that the file cannot be written.
func (f Latent) Save(path string) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("figure: Latent: %w", err)
	}
	names, err := classNames(f.Names, slices.Max(f.Class)+1)
	if err != nil {
		return fmt.Errorf("figure: Latent: %w", err)
	}
	p := newChart(cmp.Or(f.Title, "Latent space"), cmp.Or(f.XLabel, "First component"), cmp.Or(f.YLabel, "Second component"))
	p.height = 1050
	p.addGrid()
	p.Add(cloud{f})
	p.Add(f.medians(names)...)
	for class, name := range names {
		if slices.Contains(f.Class, class) {
			p.Legend.Add(name, disc{classColours[class]})
		}
	}
	p.X.Min, p.X.Max = curves.Widened(slices.Min(f.X), slices.Max(f.X), 0.03)
	p.Y.Min, p.Y.Max = curves.Widened(slices.Min(f.Y), slices.Max(f.Y), 0.03)
	return save(path, p.draw())
}

func (f Latent) check() error {
	if len(f.X) == 0 {
		return errors.New("there are no points")
	}
	if len(f.Y) != len(f.X) || len(f.Class) != len(f.X) {
		return fmt.Errorf("X, Y and Class have %d, %d and %d elements: they must be equally many", len(f.X), len(f.Y), len(f.Class))
	}
	for i, class := range f.Class {
		if !curves.Drawable(f.X[i]) || !curves.Drawable(f.Y[i]) {
			return fmt.Errorf("point %d is (%v, %v)", i, f.X[i], f.Y[i])
		}
		if class < 0 || class >= len(classColours) {
			return fmt.Errorf("point %d is of class %d: there are colours for 0 to %d", i, class, len(classColours)-1)
		}
	}
	return nil
}

// medians returns the name of each class at the median of its points.
func (f Latent) medians(names []string) []plot.Plotter {
	var labels []plot.Plotter
	for class, name := range names {
		var x, y []float64
		for i, c := range f.Class {
			if c == class {
				x, y = append(x, f.X[i]), append(y, f.Y[i])
			}
		}
		if len(x) > 0 {
			labels = append(labels, label{median(x), median(y), name})
		}
	}
	return labels
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// cloud draws the points in their order, so that no class lies on top of the
// others. Many are small and pale, few are large and clear.
type cloud struct{ Latent }

func (f cloud) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	few := math.Sqrt(500 / max(float64(len(f.X)), 500)) // 1 for up to 500 points
	style := draw.GlyphStyle{Radius: vg.Length(max(3*few, 1.3)), Shape: draw.CircleGlyph{}}
	alpha := uint8(255 * max(0.8*few, 0.4))
	for i, class := range f.Class {
		colour := classColours[class]
		colour.A = alpha
		style.Color = colour
		c.DrawGlyph(style, vg.Point{X: x(f.X[i]), Y: y(f.Y[i])})
	}
}

// label is bold text with a white edge, so that it can be read over points.
type label struct {
	x, y float64
	text string
}

func (l label) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := textStyle(15, true)
	style.XAlign, style.YAlign = text.XCenter, text.YCenter
	edge := style
	edge.Color = color.White
	at := vg.Point{X: x(l.x), Y: y(l.y)}
	const directions = 16
	for i := range directions {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / directions)
		c.FillText(edge, at.Add(vg.Point{X: vg.Length(1.5 * cos), Y: vg.Length(1.5 * sin)}), l.text)
	}
	c.FillText(style, at, l.text)
}

// disc is the entry of a class in a legend.
type disc struct{ colour color.NRGBA }

func (d disc) Thumbnail(c *draw.Canvas) {
	c.DrawGlyph(draw.GlyphStyle{Color: d.colour, Radius: 4.5, Shape: draw.CircleGlyph{}}, beside(c))
}

// beside returns the point of an entry of a legend that is level with the middle of
// its capitals and digits.
func beside(c *draw.Canvas) vg.Point { return c.Center().Add(vg.Point{Y: 1}) }
