package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	stddraw "image/draw"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Reconstructions is images above what an autoencoder, or several, made of them,
// in as many blocks as it takes.
type Reconstructions struct {
	Title string // "Originals and reconstructions" if empty
	// Originals are images, each line by line, 0 for black and 1 for white; what is
	// below or above is drawn as these. So are those that were made of them.
	Originals [][]float32
	Made      []Made
	Width     int  // pixels in a line of an image; 0: images are square
	Columns   int  // images side by side; 10 if 0, and no more than there are
	Error     bool // adds the absolute differences, on a scale of their own
}

// Made is what one autoencoder made of the originals: as many images, in their order.
type Made struct {
	Name   string      // "Reconstructions" if empty
	Images [][]float32 // of the size of the originals
}

// Save draws the images into a PNG file, up to 1200 pixels wide unless the images
// themselves need more. The error names an image of another size than the first or
// a pixel that is not finite, or says that there are no images, that originals and
// reconstructions differ in number, that the size makes no rectangle, or that the
// file cannot be written.
func (f Reconstructions) Save(path string) error {
	l, err := f.layout()
	if err != nil {
		return fmt.Errorf("figure: Reconstructions: %w", err)
	}
	canvas := newCanvas(l.picture.X, l.picture.Y)
	c := draw.New(canvas)
	write := func(s string, style text.Style, x, y int) {
		c.FillText(style, vg.Point{X: vg.Length(x) * pixel, Y: vg.Length(l.picture.Y-y) * pixel}, s)
	}
	title := textStyle(14, true)
	title.XAlign, title.YAlign = text.XCenter, text.YCenter
	write(cmp.Or(f.Title, "Originals and reconstructions"), title, l.picture.X/2, titleHeight/2)
	caption := textStyle(11, false)
	caption.XAlign, caption.YAlign = text.XRight, text.YCenter

	lines := f.lines()
	for i := range f.Originals {
		for k, line := range lines {
			at := l.panel(i, k)
			stddraw.Draw(canvas.Image(), at, l.enlarged(line.pixels(i), line.colours), image.Point{}, stddraw.Src)
			if i%l.columns == 0 {
				write(line.caption, caption, at.Min.X-captionGap, (at.Min.Y+at.Max.Y)/2)
			}
		}
	}
	return save(path, canvas)
}

// Panels returns the places of the images in the picture, column by column from
// the first original to its reconstruction to the next original, for tests that
// look whether something is drawn there. It is nil where Save returns an error.
func (f Reconstructions) Panels() []image.Rectangle {
	l, err := f.layout()
	if err != nil {
		return nil
	}
	var panels []image.Rectangle
	for i := range f.Originals {
		for k := range f.lines() {
			panels = append(panels, l.panel(i, k))
		}
	}
	return panels
}

// A line is one of the images that belong together.
type line struct {
	caption string
	colours scale
	pixels  func(i int) []float32
}

func (f Reconstructions) lines() []line {
	lines := []line{{"Originals", greys, func(i int) []float32 { return f.Originals[i] }}}
	for _, made := range f.Made {
		lines = append(lines, line{made.name(), greys, func(i int) []float32 { return made.Images[i] }})
		if f.Error {
			lines = append(lines, line{"Absolute error", heat, func(i int) []float32 {
				gap := make([]float32, len(f.Originals[i]))
				for p, v := range f.Originals[i] {
					gap[p] = float32(math.Abs(float64(v - made.Images[i][p])))
				}
				return gap
			}})
		}
	}
	return lines
}

func (m Made) name() string { return cmp.Or(m.Name, "Reconstructions") }

// Distances in the picture, in pixels.
const (
	titleHeight  = 84
	captionWidth = 210
	captionGap   = 16
	columnGap    = 8
	lineGap      = 6
	blockGap     = 30
	edge         = 30
)

// layout says where the images go.
type layout struct {
	size    image.Point // of an image, in its own pixels
	zoom    int         // pixels of the picture for one of an image, in both directions
	columns int
	lines   int // in a block
	picture image.Point
}

// layout checks the images and places them.
func (f Reconstructions) layout() (layout, error) {
	if err := f.check(); err != nil {
		return layout{}, err
	}
	l := layout{columns: min(cmp.Or(f.Columns, 10), len(f.Originals)), lines: len(f.lines())}
	l.size.X = cmp.Or(f.Width, int(math.Sqrt(float64(len(f.Originals[0])))))
	l.size.Y = len(f.Originals[0]) / l.size.X
	if l.size.X*l.size.Y != len(f.Originals[0]) {
		return layout{}, fmt.Errorf("%d pixels make no lines of %d: set Width", len(f.Originals[0]), l.size.X)
	}
	room := width - captionWidth - edge + columnGap
	l.zoom = min(max(room/l.columns-columnGap, l.size.X)/l.size.X, max(240/l.size.Y, 1))
	blocks := (len(f.Originals) + l.columns - 1) / l.columns
	last := l.panel(blocks*l.columns-1, l.lines-1)
	l.picture = last.Max.Add(image.Pt(edge, edge))
	return l, nil
}

func (f Reconstructions) check() error {
	if len(f.Originals) == 0 {
		return errors.New("there are no images")
	}
	if len(f.Made) == 0 {
		return errors.New("nothing was made of the originals")
	}
	for _, made := range f.Made {
		if len(f.Originals) != len(made.Images) {
			return fmt.Errorf("%d originals, and %s has %d images: they must be equally many", len(f.Originals), made.name(), len(made.Images))
		}
	}
	if f.Width < 0 || f.Columns < 0 {
		return fmt.Errorf("width %d and %d columns: neither can be negative", f.Width, f.Columns)
	}
	size := len(f.Originals[0])
	if size == 0 {
		return errors.New("the first original has no pixels")
	}
	for i := range f.Originals {
		if err := checkPixels(f.Originals[i], size); err != nil {
			return fmt.Errorf("original %d: %w", i, err)
		}
		for _, made := range f.Made {
			if err := checkPixels(made.Images[i], size); err != nil {
				return fmt.Errorf("image %d of %s: %w", i, made.name(), err)
			}
		}
	}
	return nil
}

func checkPixels(pixels []float32, size int) error {
	if len(pixels) != size {
		return fmt.Errorf("it has %d pixels, the first original has %d", len(pixels), size)
	}
	for p, v := range pixels {
		if !curves.Drawable(float64(v)) {
			return fmt.Errorf("pixel %d is %v", p, v)
		}
	}
	return nil
}

// panel returns the place of image i in a line of its block.
func (l layout) panel(i, line int) image.Rectangle {
	w, h := l.size.X*l.zoom, l.size.Y*l.zoom
	block := l.lines*(h+lineGap) - lineGap + blockGap
	x := captionWidth + i%l.columns*(w+columnGap)
	y := titleHeight + i/l.columns*block + line*(h+lineGap)
	return image.Rect(x, y, x+w, y+h)
}

// enlarged returns an image of the size of a panel.
func (l layout) enlarged(pixels []float32, colours scale) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, l.size.X*l.zoom, l.size.Y*l.zoom))
	for y := range l.size.Y * l.zoom {
		for x := range l.size.X * l.zoom {
			img.SetNRGBA(x, y, colours.at(float64(pixels[y/l.zoom*l.size.X+x/l.zoom])))
		}
	}
	return img
}
