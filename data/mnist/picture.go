package mnist

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // the formats that ReadPicture knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
	"slices"

	"gorgonia.org/tensor"
)

// mostPixels bounds the memory that a picture takes, however small its file is.
const mostPixels = 4 << 20

// ReadPicture reads a picture of one digit, as a person draws it, and makes it
// look as those of the database do: shape (1, 784), dtype uint8, light ink on dark
// ground. It knows PNG, JPEG and GIF.
//
// What is transparent counts as white. A large picture is made smaller first, which
// takes away most of the noise of a photograph. The ground is the shade of the four
// sides, which may be lighter on one than on the one across from it, as paper is under
// a lamp; most of the edge must be ground. The ink is stretched to the full range, cut
// out, scaled so that the longer side takes 20 pixels, and put into the 28 by 28 pixels
// with its centre of mass in the middle: what LeCun, Bottou, Bengio and Haffner describe
// in "Gradient-Based Learning Applied to Document Recognition" (Proceedings of the IEEE,
// 1998, section III.A). A picture of 28 by 28 pixels on dark ground is taken as one
// of the database already.
//
// The error is r's, or says that the file is not such a picture, that it has more than four
// million pixels, or that nothing is drawn on it. The memory is some eight bytes a
// pixel at most; the time of a JPEG file, which may go over its pixels as often as it
// likes, is bounded by r alone: its error ends the reading.
func ReadPicture(r io.Reader) (*tensor.Dense, error) {
	img, err := decodePicture(r)
	if err != nil {
		return nil, fmt.Errorf("mnist: ReadPicture: %w", err)
	}
	p := greyscale(img)
	dark := !p.lightGround()
	if dark && img.Bounds().Dx() == Side && img.Bounds().Dy() == Side {
		return flat(bytesOf(p.shade)), nil
	}
	if !dark {
		for i, v := range p.shade {
			p.shade[i] = 255 - v
		}
	}
	if err := p.stretch(); err != nil {
		return nil, fmt.Errorf("mnist: ReadPicture: %w", err)
	}
	return flat(bytesOf(p.box().scaled(20).centred().shade)), nil
}

// decodePicture looks at the size before it makes room for the pixels.
func decodePicture(r io.Reader) (image.Image, error) {
	var head bytes.Buffer
	from := &remembering{r: r}
	config, _, err := image.DecodeConfig(io.TeeReader(from, &head))
	if err != nil && from.err != nil {
		return nil, fmt.Errorf("reading the file: %w", from.err)
	}
	if err != nil {
		return nil, fmt.Errorf("it is no PNG, JPEG or GIF file: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return nil, fmt.Errorf("it has %d x %d pixels: want at most %d in all", config.Width, config.Height, mostPixels)
	}
	img, _, err := image.Decode(io.MultiReader(&head, from))
	if err != nil && from.err != nil {
		return nil, fmt.Errorf("reading the file: %w", from.err)
	}
	if err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", err)
	}
	return img, nil
}

// A remembering reader keeps an error that is not the end, which package image takes for a fault of the format.
type remembering struct {
	r   io.Reader
	err error
}

func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// A plane is a picture in shades from 0 to 255, line by line.
type plane struct {
	width, height int
	shade         []float64
}

func newPlane(width, height int) plane {
	return plane{width, height, make([]float64, width*height)}
}

// greyscale returns the brightness of a picture on white ground. A picture of more
// than 256 pixels along a side becomes one of means over squares of its pixels.
func greyscale(img image.Image) plane {
	const longest = 256
	at := img.Bounds()
	side := (max(at.Dx(), at.Dy()) + longest - 1) / longest // of a square
	p := newPlane((at.Dx()+side-1)/side, (at.Dy()+side-1)/side)
	strip := image.NewRGBA(image.Rect(0, 0, at.Dx(), min(side, at.Dy()))) // a line of squares
	for y := range p.height {
		top := at.Min.Y + y*side
		height := min(side, at.Max.Y-top)
		draw.Draw(strip, strip.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Rect, img, image.Pt(at.Min.X, top), draw.Over)
		line := p.shade[y*p.width : (y+1)*p.width]
		for row := range height {
			pixels := strip.Pix[row*strip.Stride:]
			for x := range at.Dx() {
				line[x/side] += 0.299*float64(pixels[4*x]) + 0.587*float64(pixels[4*x+1]) + 0.114*float64(pixels[4*x+2])
			}
		}
		for x := range line {
			line[x] /= float64(height * min(side, at.Dx()-x*side))
		}
	}
	return p
}

// sides returns the shades at the edge: the left, the right, the top and the bottom.
func (p plane) sides() [4][]float64 {
	var sides [4][]float64
	for y := range p.height {
		line := p.shade[y*p.width : (y+1)*p.width]
		sides[0] = append(sides[0], line[0])
		sides[1] = append(sides[1], line[p.width-1])
	}
	sides[2] = slices.Clone(p.shade[:p.width])
	sides[3] = slices.Clone(p.shade[(p.height-1)*p.width:])
	return sides
}

// lightGround reports whether most of the edge is lighter than middle grey.
func (p plane) lightGround() bool {
	const middle = 127.5
	light, all := 0, 0
	for _, side := range p.sides() {
		for _, v := range side {
			all++
			if v > middle {
				light++
			}
		}
	}
	return 2*light > all
}

// stretch moves the ground to 0 and the strongest ink to 255.
func (p plane) stretch() error {
	const least = 32 // of 255: paper and noise differ by less
	sides := p.sides()
	ground := median(slices.Concat(sides[:]...))
	contrast := slices.Max(p.shade) - ground
	// The slope of the ground from side to side, unless it is the ink that makes the difference.
	slope := func(from, to []float64, n int) float64 {
		gap := median(to) - median(from)
		if n < 2 || math.Abs(gap) > contrast/2 {
			return 0
		}
		return gap / float64(n-1)
	}
	across, down := slope(sides[0], sides[1], p.width), slope(sides[2], sides[3], p.height)
	middleX, middleY := float64(p.width-1)/2, float64(p.height-1)/2
	for i := range p.shade {
		x, y := float64(i%p.width), float64(i/p.width)
		p.shade[i] = max(0, p.shade[i]-ground-across*(x-middleX)-down*(y-middleY))
	}
	ink := slices.Max(p.shade)
	if ink < least {
		return errors.New("it is of one shade: draw a digit on it")
	}
	for i, v := range p.shade {
		p.shade[i] = v * 255 / ink
	}
	return nil
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// box cuts out what is drawn.
func (p plane) box() plane {
	const drawn = 64 // of 255: less may be the noise of a scan
	left, top, right, bottom := p.width, p.height, 0, 0
	for i, v := range p.shade {
		if v < drawn {
			continue
		}
		x, y := i%p.width, i/p.width
		left, right = min(left, x), max(right, x+1)
		top, bottom = min(top, y), max(bottom, y+1)
	}
	cut := newPlane(right-left, bottom-top)
	for y := range cut.height {
		copy(cut.shade[y*cut.width:(y+1)*cut.width], p.shade[(top+y)*p.width+left:])
	}
	return cut
}

// scaled makes the longer side so many pixels long. The shade of a pixel is the mean
// over the area that it covers, for shrinking and for enlarging.
func (p plane) scaled(longer int) plane {
	factor := float64(longer) / float64(max(p.width, p.height))
	length := func(n int) int { return max(1, int(math.Round(float64(n)*factor))) }
	wide := newPlane(length(p.width), p.height)
	for y := range p.height {
		for x := range wide.width {
			wide.shade[y*wide.width+x] = meanOver(p.shade[y*p.width:], 1, p.width, x, wide.width)
		}
	}
	s := newPlane(wide.width, length(p.height))
	for y := range s.height {
		for x := range s.width {
			s.shade[y*s.width+x] = meanOver(wide.shade[x:], wide.width, wide.height, y, s.height)
		}
	}
	return s
}

// meanOver returns the mean over the i-th of equal parts of a line of n shades, which
// stand stride apart.
func meanOver(line []float64, stride, n, i, parts int) float64 {
	from, to := float64(i)*float64(n)/float64(parts), float64(i+1)*float64(n)/float64(parts)
	sum := 0.0
	for k := int(from); k < n && float64(k) < to; k++ {
		covered := min(to, float64(k+1)) - max(from, float64(k))
		sum += covered * line[k*stride]
	}
	return sum / (to - from)
}

// centred puts a drawing into a picture of the database's size, its centre of mass in
// the middle, as far as it stays inside: in the pixel right of and below the exact middle,
// where the images of the database have it.
func (p plane) centred() plane {
	var mass, x, y float64
	for i, v := range p.shade {
		mass += v
		x += v * (float64(i%p.width) + 0.5)
		y += v * (float64(i/p.width) + 0.5)
	}
	shift := func(centre float64, size int) int {
		return min(max(int(math.Ceil(Side/2-centre)), 0), Side-size)
	}
	left, top := shift(x/mass, p.width), shift(y/mass, p.height)
	c := newPlane(Side, Side)
	for row := range p.height {
		copy(c.shade[(top+row)*Side+left:], p.shade[row*p.width:(row+1)*p.width])
	}
	return c
}

func bytesOf(shade []float64) []uint8 {
	b := make([]uint8, len(shade))
	for i, v := range shade {
		b[i] = uint8(math.Round(v))
	}
	return b
}
