package mnist

import (
	"bytes"
	"errors"
	"fmt"
	"image"
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
// The ground is the shade that most pixels at the edge have, give or take; what is
// transparent counts as white. The ink is stretched to the full range, cut out, scaled
// so that the longer side takes 20 pixels, and put into the 28 by 28 pixels with its
// centre of mass in the middle: what LeCun, Bottou, Bengio and Haffner describe in
// "Gradient-Based Learning Applied to Document Recognition" (Proceedings of the IEEE,
// 1998, section III.A). A picture of 28 by 28 pixels on dark ground is taken as one
// of the database already.
//
// The error says that the file is not such a picture, that it has more than four
// million pixels, or that nothing is drawn on it.
func ReadPicture(r io.Reader) (*tensor.Dense, error) {
	img, err := decodePicture(r)
	if err != nil {
		return nil, fmt.Errorf("mnist: ReadPicture: %w", err)
	}
	p := greyscale(img)
	dark := !p.lightGround()
	if dark && p.width == Side && p.height == Side {
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
	config, _, err := image.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, fmt.Errorf("it is no PNG, JPEG or GIF file: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostPixels/config.Height {
		return nil, fmt.Errorf("it has %d x %d pixels: want at most %d in all", config.Width, config.Height, mostPixels)
	}
	img, _, err := image.Decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", err)
	}
	return img, nil
}

// A plane is a picture in shades from 0 to 255, line by line.
type plane struct {
	width, height int
	shade         []float64
}

func newPlane(width, height int) plane {
	return plane{width, height, make([]float64, width*height)}
}

// greyscale returns the brightness of a picture on white ground.
func greyscale(img image.Image) plane {
	at := img.Bounds()
	p := newPlane(at.Dx(), at.Dy())
	for y := range p.height {
		for x := range p.width {
			r, g, b, a := img.At(at.Min.X+x, at.Min.Y+y).RGBA() // multiplied by the opacity
			light := 0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)
			p.shade[y*p.width+x] = (light + float64(0xffff-a)) / 257
		}
	}
	return p
}

// lightGround reports whether most of the edge is lighter than middle grey.
func (p plane) lightGround() bool {
	const middle = 127.5
	light, all := 0, 0
	count := func(x, y int) {
		all++
		if p.shade[y*p.width+x] > middle {
			light++
		}
	}
	for x := range p.width {
		count(x, 0)
		count(x, p.height-1)
	}
	for y := range p.height {
		count(0, y)
		count(p.width-1, y)
	}
	return 2*light > all
}

// stretch moves the ground to 0 and the strongest ink to 255. The ground is the
// median: less than half of a drawing is ink.
func (p plane) stretch() error {
	const least = 32 // of 255: paper and noise differ by less
	sorted := slices.Sorted(slices.Values(p.shade))
	ground, ink := sorted[len(sorted)/2], sorted[len(sorted)-1]
	if ink-ground < least {
		return errors.New("it is of one shade: draw a digit on it")
	}
	for i, v := range p.shade {
		p.shade[i] = max(0, v-ground) * 255 / (ink - ground)
	}
	return nil
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
