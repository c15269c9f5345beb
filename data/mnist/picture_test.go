package mnist_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tapegrad/tapegrad/data/mnist"
)

// drawing returns an image of the database as a person would have drawn it: enlarged, dark on light, somewhere on a larger sheet.
func drawing(pixels []uint8, zoom int, paper, ink uint8) *image.Gray {
	const margin = 30
	img := image.NewGray(image.Rect(-3, 5, -3+28*zoom+3*margin, 5+28*zoom+margin))
	for i := range img.Pix {
		img.Pix[i] = paper
	}
	for y := range 28 * zoom {
		for x := range 28 * zoom {
			v := float64(pixels[y/zoom*28+x/zoom]) / 255
			img.SetGray(img.Rect.Min.X+2*margin+x, img.Rect.Min.Y+margin+y, color.Gray{Y: uint8(math.Round(float64(paper)*(1-v) + float64(ink)*v))})
		}
	}
	return img
}

func read(t *testing.T, encoded []byte) []uint8 {
	t.Helper()
	x, err := mnist.ReadPicture(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if s := x.Shape(); !slices.Equal(s, []int{1, 784}) {
		t.Fatalf("the shape is %v, want (1, 784)", s)
	}
	return x.Uint8s()
}

func asPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The images of the database, drawn in another way, come back as they are: their digits fill 20 pixels around their centre of mass
// already.
func TestReadPictureGivesBackTheDatabase(t *testing.T) {
	test, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	const images = 200
	for _, c := range []struct {
		name  string
		paper uint8
		ink   uint8
	}{
		{"dark on light", 250, 20},
		{"light on dark", 10, 230},
	} {
		t.Run(c.name, func(t *testing.T) {
			far := 0
			for i := range images {
				want := test.Images.Uint8s()[i*784 : (i+1)*784]
				got := read(t, asPNG(t, drawing(want, 5, c.paper, c.ink)))
				if meanGap(got, want) > 20 {
					far++
				}
			}
			// The centre of a few lies within rounding of the border between two pixels.
			if far > images/50 {
				t.Errorf("%d of %d images are not what they were", far, images)
			}
		})
	}
}

// Photographs have noise, and paper that is lighter on one side than on the other.
func TestReadPictureOfPhotographs(t *testing.T) {
	test, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	const images = 40
	for _, c := range []struct {
		name         string
		noise, shade float64
	}{
		{"noise", 15, 0},
		{"shade", 0, 80},
		{"both", 10, 60},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		far := 0
		for i := range images {
			want := test.Images.Uint8s()[i*784 : (i+1)*784]
			img := drawing(want, 12, 220, 40)
			for at, v := range img.Pix {
				lamp := c.shade * float64(at%img.Stride) / float64(img.Stride)
				img.Pix[at] = uint8(min(255, max(0, float64(v)-lamp+c.noise*rng.NormFloat64())))
			}
			var file bytes.Buffer
			if err := jpeg.Encode(&file, img, nil); err != nil {
				t.Fatal(err)
			}
			if meanGap(read(t, file.Bytes()), want) > 20 {
				far++
			}
		}
		if far > images/20 {
			t.Errorf("%s: %d of %d images are not what they were", c.name, far, images)
		}
	}
}

// Of a drawing that fills its picture more than half may be ink.
func TestReadPictureOfMuchInk(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 60, 100))
	for i := range img.Pix {
		x, y := i%60, i/60
		if x < 4 || x >= 56 || y < 4 || y >= 96 {
			img.Pix[i] = 255
		}
	}
	ink := 0
	for _, v := range read(t, asPNG(t, img)) {
		if v == 255 {
			ink++
		}
	}
	if ink != 11*20 { // of 52 x 92
		t.Errorf("%d pixels are ink, want %d", ink, 11*20)
	}
}

// The memory of a large picture is that of its pixels, not of numbers for them.
func TestReadPictureMemory(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 2000, 2000))
	for i := range img.Pix {
		img.Pix[i] = 255
		if i/2000 > 500 && i/2000 < 1500 && i%2000 < 500 && i%2000 > 100 {
			img.Pix[i] = 0
		}
	}
	file := asPNG(t, img)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read(t, file)
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 2*2000*2000 {
		t.Errorf("a grey picture of four million pixels took %d bytes", taken)
	}
}

func meanGap(a, b []uint8) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a))
}

func TestReadPictureTakesTheDatabasesOwn(t *testing.T) {
	test, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	want := test.Images.Uint8s()[:784]
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	copy(img.Pix, want)
	if got := read(t, asPNG(t, img)); !slices.Equal(got, want) {
		t.Error("a picture in the form of the database was changed")
	}
}

// Position, size and shades of a drawing make no difference, nor do the format of the file and transparent ground.
func TestReadPictureNormalizes(t *testing.T) {
	bar := func(size, x, y, w, h int, ground, ink color.Color) *image.RGBA {
		img := image.NewRGBA(image.Rect(0, 0, size, size))
		for py := range size {
			for px := range size {
				c := ground
				if px >= x && px < x+w && py >= y && py < y+h {
					c = ink
				}
				img.Set(px, py, c)
			}
		}
		return img
	}
	want := make([]uint8, 784) // a bar of 5 x 20 pixels in the middle
	for y := 4; y < 24; y++ {
		for x := range 5 {
			want[y*28+12+x] = 255
		}
	}
	for name, img := range map[string]image.Image{
		"small":       bar(60, 7, 3, 10, 40, color.White, color.Black),
		"large":       bar(500, 300, 40, 100, 400, color.White, color.Black),
		"grey":        bar(100, 50, 50, 10, 40, color.Gray{Y: 200}, color.Gray{Y: 90}),
		"on black":    bar(100, 1, 1, 10, 40, color.Black, color.White),
		"coloured":    bar(100, 9, 9, 10, 40, color.White, color.RGBA{B: 200, A: 255}),
		"transparent": bar(100, 20, 30, 10, 40, color.Transparent, color.Black),
	} {
		if got := read(t, asPNG(t, img)); !slices.Equal(got, want) {
			t.Errorf("%s: the bar became %v", name, got)
		}
	}
	img := bar(200, 100, 50, 10, 40, color.White, color.Black)
	var asGIF, asJPEG bytes.Buffer
	if err := gif.Encode(&asGIF, img, nil); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, asGIF.Bytes()); !slices.Equal(got, want) {
		t.Errorf("GIF: the bar became %v", got)
	}
	if gap := meanGap(read(t, asJPEG.Bytes()), want); gap > 6 {
		t.Errorf("JPEG: the bar is off by %v", gap)
	}
}

func TestReadPictureOfWhatIsNone(t *testing.T) {
	paper := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range paper.Pix {
		paper.Pix[i] = uint8(220 + i%20) // not quite white
	}
	whole := asPNG(t, paper)
	bomb := bytes.Clone(whole)
	copy(bomb[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 pixels wide and high, in the file's header
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "it is no PNG, JPEG or GIF file"},
		{"text", []byte("a digit"), "it is no PNG, JPEG or GIF file"},
		{"half a file", whole[:len(whole)/2], "the file is damaged"},
		{"paper", whole, "it is of one shade: draw a digit on it"},
		{"a promise of more", withChecksum(bomb), "it has 65536 x 65536 pixels: want at most 4194304 in all"},
	} {
		x, err := mnist.ReadPicture(bytes.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v and error %v, want one with %q", c.name, x, err, c.want)
		}
	}
}

// An error of the reader is that error, wherever it comes.
func TestReadPictureFromABrokenReader(t *testing.T) {
	broken := errors.New("broken")
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	img.Pix[400] = 255
	whole := asPNG(t, img)
	for n := range whole[:len(whole)-12] { // the mark of the end is not needed
		_, err := mnist.ReadPicture(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Fatalf("after %d of %d bytes: error %v", n, len(whole), err)
		}
	}
}

// withChecksum mends the checksum of a PNG file's header.
func withChecksum(file []byte) []byte {
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}
