// Package figure draws the PNG pictures that the examples write: curves of a
// loss, images beside their reconstructions, a latent space, a confusion matrix,
// the decision boundary of a network with two inputs, and the margins of a support
// vector machine with two.
//
// A figure is a struct of data and, optionally, words; its Save method draws it.
// The pictures are 1200 pixels wide or a little less, and the same data gives the
// same bytes. Data that cannot be drawn (nothing, a NaN, ragged rows) is an error
// that says where, and then no file is touched. The folder of the file is made if
// it is missing; the file is replaced in one step, so that nobody meets half of one
// (but on Windows, which cannot do that).
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgimg"
)

// width is the width of a picture in pixels: sharp where GitHub shows it, some
// 830 pixels wide, on a screen of double density.
const width = 1200

// pixel is the length of a pixel: at 144 to the inch, the letters of the usual
// ten points are twenty pixels high.
const (
	dpi   = 144
	pixel = vg.Inch / dpi
)

// newCanvas returns a white canvas.
func newCanvas(width, height int) *vgimg.Canvas {
	return vgimg.NewWith(vgimg.UseWH(vg.Length(width)*pixel, vg.Length(height)*pixel), vgimg.UseDPI(dpi))
}

// blueprint returns a canvas of the same kind without pixels, to measure on.
func blueprint(width, height int) draw.Canvas {
	return draw.NewCanvas(new(recorder.Canvas), vg.Length(width)*pixel, vg.Length(height)*pixel)
}

// save writes the picture. A file in the way or a folder without permission is
// the user's to mend, so the error says how.
func save(path string, canvas *vgimg.Canvas) error {
	var picture bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&picture); err != nil {
		return fmt.Errorf("figure: encoding %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("figure: cannot make the folder of %s: %w; choose another folder", path, err)
	}
	if err := maybe.WriteFile(path, picture.Bytes(), 0o644); err != nil {
		return fmt.Errorf("figure: cannot write %s: %w; choose another folder or make this one writable", path, err)
	}
	return nil
}

// A chart is a plot with a column for its key at the right.
type chart struct {
	*plot.Plot
	height int        // in pixels, at most
	square bool       // the axes are equally long
	bar    *colourBar // what stands in the key below the legend
}

// newChart returns a plot in the style of this package.
func newChart(title, xLabel, yLabel string) chart {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle = textStyle(14, true)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	p.Title.Padding = 14
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(12, false)
		axis.Label.TextStyle.Color = ink
		axis.Label.Padding = 6
		axis.Tick.Label.Font = sans(10, false)
		axis.Tick.Label.Color = ink
		axis.Tick.Marker = evenTicks{}
		axis.LineStyle = draw.LineStyle{Color: frame, Width: 0.75}
		axis.Tick.LineStyle = axis.LineStyle
		axis.Tick.Length = 5
		axis.Padding = 0
	}
	p.Legend.TextStyle = textStyle(11, false)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = 4
	p.Legend.ThumbnailWidth = 18
	return chart{Plot: p, height: 750}
}

// addGrid adds grid lines under what is added later.
func (p chart) addGrid() {
	lines := plotter.NewGrid()
	lines.Vertical = draw.LineStyle{Color: grid, Width: pixel}
	lines.Horizontal = lines.Vertical
	p.Add(lines)
}

// draw draws the chart, its legend and its colour bar.
func (p chart) draw() *vgimg.Canvas {
	const margin = 12
	// Plot.Draw would put the legend over the data.
	legend := p.Legend
	p.Legend = plot.NewLegend()
	keyWidth := legend.Rectangle(blueprint(width, p.height)).Size().X
	if p.bar != nil {
		keyWidth = max(keyWidth, p.bar.size().X)
	}
	body := func(c draw.Canvas) draw.Canvas {
		return draw.Crop(c, margin, -margin-keyWidth-margin, margin, -margin)
	}
	height := p.height
	if p.square {
		data := p.DataCanvas(body(blueprint(width, height))).Size()
		height -= int((data.Y - data.X) / pixel)
	}
	canvas := newCanvas(width, height)
	area := body(draw.New(canvas))
	p.Draw(area)

	key := p.DataCanvas(area)
	key.Min.X, key.Max.X = key.Max.X+margin, key.Max.X+margin+keyWidth
	legend.Draw(key)
	if p.bar != nil {
		p.bar.draw(key)
	}
	return canvas
}

func textStyle(size font.Length, bold bool) text.Style {
	return text.Style{Color: ink, Font: sans(size, bold), Handler: plot.DefaultTextHandler}
}

func sans(size font.Length, bold bool) font.Font {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return f
}

// The colours of what is not data. The grid is so light that figuretest takes a
// chart with nothing in it for blank.
var (
	ink   = color.NRGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}
	frame = color.NRGBA{R: 0x88, G: 0x88, B: 0x88, A: 0xff}
	grid  = color.NRGBA{R: 0xec, G: 0xec, B: 0xec, A: 0xff}
)
