package figure_test

import (
	"bytes"
	"errors"
	"image"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/internal/figure/figuretest"
)

// A figure draws itself into a file.
type savable interface{ Save(path string) error }

// falling returns the values of a curve that falls as a loss does.
func falling(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 0.01 + 0.05*math.Exp(-float64(i)/5)
	}
	return values
}

// strokes returns images of 6 x 6 pixels with one bright column each.
func strokes(n int, brightness float32) [][]float32 {
	images := make([][]float32, n)
	for i := range images {
		images[i] = make([]float32, 36)
		for y := range 6 {
			images[i][6*y+i%6] = brightness
		}
	}
	return images
}

// ring returns points around the origin, of all classes in turn.
func ring(n int) figure.Latent {
	var f figure.Latent
	for i := range n {
		sin, cos := math.Sincos(float64(i))
		f.X, f.Y, f.Class = append(f.X, cos), append(f.Y, sin), append(f.Class, i%10)
	}
	return f
}

func xor(x, y float64) float64 { return x + y - 2*x*y }

var corners = []figure.Point{{X: 0, Y: 0}, {X: 0, Y: 1, Class: 1}, {X: 1, Y: 0, Class: 1}, {X: 1, Y: 1}}

// sides decides by the first feature.
func sides(points [][2]float64) (classes []int, values [][]float64, err error) {
	for _, p := range points {
		v := 4 * (0.5 - p[0])
		classes, values = append(classes, map[bool]int{true: 0, false: 1}[v > 0]), append(values, []float64{v})
	}
	return classes, values, nil
}

// corners3 decides by the nearest of three places.
func corners3(points [][2]float64) (classes []int, values [][]float64, err error) {
	places := [][2]float64{{0, 0}, {1, 0}, {0.5, 1}}
	for _, p := range points {
		var far [3]float64
		nearest := 0
		for i, at := range places {
			far[i] = 3 * math.Hypot(p[0]-at[0], p[1]-at[1])
			if far[i] < far[nearest] {
				nearest = i
			}
		}
		classes, values = append(classes, nearest), append(values, []float64{far[1] - far[0], far[2] - far[0], far[2] - far[1]})
	}
	return classes, values, nil
}

var figureSamples = []figure.Sample{{X: 0.1, Y: 0.2, Support: true}, {X: 0.8, Y: 0.3, Class: 1}, {X: 1, Y: 1}}

func TestFigures(t *testing.T) {
	images := figure.Reconstructions{Originals: strokes(7, 1), Made: []figure.Made{{Images: strokes(7, 0.7)}}, Columns: 3, Error: true}
	onePixel := [][]float32{{1}}
	tests := []struct {
		name          string
		figure        savable
		width, height int // 0: the height follows from the data, and the width may be less
		panels        []image.Rectangle
	}{
		{"loss", figure.Loss{Series: []figure.Series{{"training", falling(40)}, {"validation", falling(30)}}}, 1200, 750, nil},
		{"logarithmic loss", figure.Loss{Log: true, Series: []figure.Series{{Values: falling(200)}}}, 1200, 750, nil},
		{"loss over decades", figure.Loss{Log: true, Series: []figure.Series{{Values: []float64{1e6, 1, 1e-9, 1e-8}}}}, 1200, 750, nil},
		{"widest logarithmic loss", figure.Loss{Log: true, Series: []figure.Series{{Values: []float64{1e300, 1e-300}}}}, 1200, 750, nil},
		{"loss of one epoch", figure.Loss{Series: []figure.Series{{"training", falling(1)}}}, 1200, 750, nil},
		{"logarithmic loss of one epoch", figure.Loss{Log: true, Series: []figure.Series{{"training", falling(1)}}}, 1200, 750, nil},
		{"constant loss", figure.Loss{Series: []figure.Series{{"training", []float64{0, 0, 0}}}}, 1200, 750, nil},
		{"enormous loss", figure.Loss{Series: []figure.Series{{"training", []float64{1e300, -1e300}}}}, 1200, 750, nil},
		{"tiny loss", figure.Loss{Series: []figure.Series{{"training", []float64{3e-300, 1e-300}}}}, 1200, 750, nil},
		{"narrow loss", figure.Loss{Series: []figure.Series{{"training", []float64{1, math.Nextafter(1, 2)}}}}, 1200, 750, nil},
		{"reconstructions", images, 1200, 0, images.Panels()},
		{"one pixel", figure.Reconstructions{Originals: onePixel, Made: []figure.Made{{Images: onePixel}}}, 1200, 0, []image.Rectangle{image.Rect(0, 0, 400, 100)}},
		// The left of the ring, where no name is written.
		{"latent space", ring(1000), 1200, 1050, []image.Rectangle{image.Rect(120, 300, 250, 700)}},
		{"one latent point", figure.Latent{X: []float64{0}, Y: []float64{0}, Class: []int{9}}, 1200, 1050, nil},
		{"confusion", figure.Confusion{Counts: [][]int{{9, 1, 0}, {2, 7, 1}, {0, 0, 0}}, Names: []string{"a", "b", "c"}}, 1200, 0, nil},
		{"boundary", figure.Boundary{Output: xor, Points: corners}, 1200, 0, nil},
		{"undecided", figure.Boundary{Output: func(x, y float64) float64 { return 0.5 }, Points: corners}, 1200, 0, nil},
		{"decided", figure.Boundary{Output: func(x, y float64) float64 { return 7 * x }}, 1200, 0, nil},
		{"margins", figure.Margins{Decide: sides, Names: []string{"left", "right"}, Samples: figureSamples}, 1200, 0, nil},
		{"margins of three", figure.Margins{Decide: corners3, Names: []string{"a", "b", "c"}, Samples: figureSamples}, 1200, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new", "folder", "figure.png")
			if err := test.figure.Save(path); err != nil {
				t.Fatal(err)
			}
			first := contents(t, path)
			picture, format, err := image.DecodeConfig(bytes.NewReader(first))
			if err != nil || format != "png" {
				t.Fatalf("decoded as %q: %v", format, err)
			}
			if test.height != 0 && (picture.Width != test.width || picture.Height != test.height) {
				t.Errorf("the picture is %d x %d", picture.Width, picture.Height)
			}
			if picture.Width > test.width || picture.Width < test.width/3 {
				t.Errorf("the picture is %d wide", picture.Width)
			}
			if err := figuretest.CheckNotBlank(path, test.panels...); err != nil {
				t.Error(err)
			}
			if err := test.figure.Save(path); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, contents(t, path)) {
				t.Error("the same data gave another picture")
			}
		})
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReconstructionsPixels looks up what is drawn where the panels are said to be.
func TestReconstructionsPixels(t *testing.T) {
	f := figure.Reconstructions{
		Originals: [][]float32{{0, 1}, {1, 0}},
		Made:      []figure.Made{{Images: [][]float32{{0, 0.5}, {2, -1}}}, {Name: "others", Images: [][]float32{{1, 1}, {0, 1}}}},
		Width:     2,
	}
	path := filepath.Join(t.TempDir(), "figure.png")
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	picture, _, err := image.Decode(bytes.NewReader(contents(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]uint32{{0, 255}, {0, 128}, {255, 255}, {255, 0}, {255, 0}, {0, 255}}
	panels := f.Panels()
	if len(panels) != len(want) {
		t.Fatalf("%d panels, want %d", len(panels), len(want))
	}
	for i, panel := range panels {
		middle := (panel.Min.Y + panel.Max.Y) / 2
		left, _, _, _ := picture.At(panel.Min.X, middle).RGBA()
		right, _, _, _ := picture.At(panel.Max.X-1, middle).RGBA()
		if got := [2]uint32{left >> 8, right >> 8}; got != want[i] {
			t.Errorf("panel %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestBadFigures(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	loss := func(log bool, values ...float64) savable {
		return figure.Loss{Log: log, Series: []figure.Series{{"training", values}}}
	}
	images := func(originals, reconstructions [][]float32) figure.Reconstructions {
		return figure.Reconstructions{Originals: originals, Made: []figure.Made{{Images: reconstructions}}}
	}
	margins := func(decide func([][2]float64) ([]int, [][]float64, error), samples ...figure.Sample) savable {
		return figure.Margins{Decide: decide, Names: []string{"a", "b"}, Samples: samples}
	}
	decided := func(class int, value float64) func([][2]float64) ([]int, [][]float64, error) {
		return func(points [][2]float64) ([]int, [][]float64, error) {
			return slices.Repeat([]int{class}, len(points)), slices.Repeat([][]float64{{value}}, len(points)), nil
		}
	}
	broken := strokes(2, 1)
	broken[1][5] = float32(nan)
	two := strokes(2, 1)
	tests := []struct {
		name   string
		figure savable
		want   string
	}{
		{"no series", figure.Loss{}, "there are no series"},
		{"many series", figure.Loss{Series: make([]figure.Series, 11)}, "11 series: more than 10"},
		{"empty series", loss(false), "series training is empty"},
		{"NaN", loss(false, 1, 2, nan), "series training: the value of epoch 3 is NaN"},
		{"infinite", loss(false, inf), "the value of epoch 1 is +Inf"},
		{"too large", loss(false, 1e305), "the value of epoch 1 is 1e+305"},
		{"zero on a logarithmic axis", loss(true, 1, 0), "the value of epoch 2 is 0, which a logarithmic axis"},

		{"no images", images(nil, nil), "there are no images"},
		{"nothing made", figure.Reconstructions{Originals: two}, "nothing was made of the originals"},
		{"numbers of images", images(two, two[:1]), "2 originals, and Reconstructions has 1 images"},
		{"empty image", images([][]float32{{}}, [][]float32{{}}), "the first original has no pixels"},
		{"size of an original", images([][]float32{{1}, {}}, [][]float32{{1}, {1}}), "original 1: it has 0 pixels, the first original has 1"},
		{"size of a reconstruction", images(two, [][]float32{two[0], {1}}), "image 1 of Reconstructions: it has 1 pixels, the first original has 36"},
		{"NaN in an image", images(two, broken), "image 1 of Reconstructions: pixel 5 is NaN"},
		{"no rectangle", figure.Reconstructions{Originals: two, Made: []figure.Made{{Images: two}}, Width: 5}, "36 pixels make no lines of 5"},
		{"too wide", figure.Reconstructions{Originals: two, Made: []figure.Made{{Images: two}}, Width: 37}, "36 pixels make no lines of 37"},
		{"negative width", figure.Reconstructions{Originals: two, Made: []figure.Made{{Images: two}}, Width: -1}, "width -1"},

		{"no points", figure.Latent{}, "there are no points"},
		{"lengths", figure.Latent{X: []float64{1, 2}, Y: []float64{1}, Class: []int{1}}, "have 2, 1 and 1 elements"},
		{"NaN in a point", figure.Latent{X: []float64{1, 2}, Y: []float64{1, nan}, Class: []int{0, 0}}, "point 1 is (2, NaN)"},
		{"class", figure.Latent{X: []float64{1}, Y: []float64{1}, Class: []int{10}}, "point 0 is of class 10"},
		{"latent names", figure.Latent{X: []float64{1}, Y: []float64{1}, Class: []int{2}, Names: []string{"a"}}, "1 names for 3 classes"},

		{"no classes", figure.Confusion{}, "there are no classes"},
		{"ragged", figure.Confusion{Counts: [][]int{{1, 2}, {3}}}, "row 1 has 1 counts for 2 classes"},
		{"negative", figure.Confusion{Counts: [][]int{{1, -2}, {3, 4}}}, "class 0 predicted as 1 is -2"},
		{"zeros", figure.Confusion{Counts: [][]int{{0}}}, "all counts are zero"},
		{"classes", figure.Confusion{Counts: make([][]int, 41)}, "41 classes: no more than 40"},
		{"names", figure.Confusion{Counts: [][]int{{1}}, Names: []string{}}, "0 names for 1 classes"},

		{"no function", figure.Boundary{}, "the Output is nil"},
		{"NaN output", figure.Boundary{Output: func(x, y float64) float64 { return nan }}, "the output at (-0.147, -0.147) is NaN"},
		{"point outside", figure.Boundary{Output: xor, Points: []figure.Point{{X: 0, Y: 2}}}, "point 0 at (0, 2) is not in the unit square"},
		{"NaN point", figure.Boundary{Output: xor, Points: []figure.Point{{X: nan}}}, "point 0 at (NaN, 0)"},
		{"nothing to decide", figure.Margins{}, "the Decide is nil"},
		{"one class", figure.Margins{Decide: sides, Names: []string{"a"}}, "there are 1 Names: give 2 to 10"},
		{"sample outside", margins(sides, figure.Sample{X: -1}), "sample 0 at (-1, 0) is not in the unit square"},
		{"class of a sample", margins(sides, figure.Sample{}, figure.Sample{Class: 2}), "sample 1 is of class 2: there are 2"},
		{"nothing decided", margins(func([][2]float64) ([]int, [][]float64, error) { return nil, nil, nil }), "0 classes and 0 rows of decision values for 67600 points"},
		{"no decision", margins(func([][2]float64) ([]int, [][]float64, error) { return nil, nil, errors.New("I cannot") }), "I cannot"},
		{"decided class", margins(decided(2, 0)), "the class at (-0.147, -0.147) is 2: there are 2"},
		{"decision values", margins(corners3), "there are 3 decision values at (-0.147, -0.147) for 1 pairs of classes"},
		{"NaN decided", margins(decided(0, nan)), "decision value 0 at (-0.147, -0.147) is NaN"},

		{"class of a point", figure.Boundary{Output: xor, Points: []figure.Point{{}, {Class: 2}}}, "point 1 is of class 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "new")
			err := test.figure.Save(filepath.Join(folder, "figure.png"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
			if _, err := os.Stat(folder); !os.IsNotExist(err) {
				t.Error("something was written")
			}
		})
	}
	if panels := images(nil, nil).Panels(); panels != nil {
		t.Errorf("no images have the panels %v", panels)
	}
}

func TestUnwritablePaths(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := figure.Loss{Series: []figure.Series{{"training", falling(3)}}}
	for _, path := range []string{
		filepath.Join(file, "figure.png"),         // its folder is a file
		filepath.Join(file, "deep", "figure.png"), // and so is the folder's
		folder, // it is a folder itself
	} {
		if err := f.Save(path); err == nil || !strings.Contains(err.Error(), "choose another folder") {
			t.Errorf("Save(%s): %v, want an error that says what to do", path, err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || string(contents(t, file)) != "precious" {
		t.Errorf("failed saves left %v", entries)
	}
}
