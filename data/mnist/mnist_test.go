package mnist

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gorgonia.org/tensor"
)

func TestSets(t *testing.T) {
	tests := []struct {
		name   string
		load   func() (*Set, error)
		n      int
		first  []int // the first ten labels
		counts []int // how often each digit occurs
		ink    float64
		sum    uint32
	}{
		// The counts are those that the literature gives, the mean and the checksums
		// (of the pixels) were computed from the files with Python's gzip and zlib.
		{
			"Train", Train, 60_000,
			[]int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4},
			[]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			0.1307, 0xf3639b56,
		},
		{
			"Test", Test, 10_000,
			[]int{7, 2, 1, 0, 4, 1, 4, 9, 5, 9},
			[]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
			0.1325, 0xe4ca5f57,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := test.load()
			if err != nil {
				t.Fatal(err)
			}
			if want := (tensor.Shape{test.n, 784}); !slices.Equal(s.Images.Shape(), want) || s.Images.Dtype() != tensor.Uint8 {
				t.Errorf("Images is %v of shape %v, want uint8 of %v", s.Images.Dtype(), s.Images.Shape(), want)
			}
			if !slices.Equal(s.Labels[:10], test.first) {
				t.Errorf("the first labels are %v, want %v", s.Labels[:10], test.first)
			}
			counts := make([]int, Classes)
			for _, label := range s.Labels {
				counts[label]++
			}
			if !slices.Equal(counts, test.counts) {
				t.Errorf("there are %v of each digit, want %v", counts, test.counts)
			}
			var ink int
			for _, pixel := range s.Images.Uint8s() {
				ink += int(pixel)
			}
			if mean := float64(ink) / float64(255*784*test.n); mean < test.ink-5e-5 || mean > test.ink+5e-5 {
				t.Errorf("the mean of the pixels is %v, want %v", mean, test.ink)
			}
			if sum := crc32.ChecksumIEEE(s.Images.Uint8s()); sum != test.sum {
				t.Errorf("the checksum of the pixels is %#x, want %#x", sum, test.sum)
			}
		})
	}
}

func TestCallersCannotDisturbEachOther(t *testing.T) {
	mine, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	clear(mine.Images.Uint8s())
	clear(mine.Labels)
	theirs, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(theirs.Images.Uint8s(), func(p uint8) bool { return p != 0 }) {
		t.Error("one caller wiped the images of another")
	}
	if theirs.Labels[0] != 7 {
		t.Error("one caller wiped the labels of another")
	}
}

// A training program has the images in memory, and nothing beside them.
func TestSetsAreInMemoryOnce(t *testing.T) {
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	s, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	pixels := uint64(len(s.Images.Uint8s()))
	if taken := live() - before; taken > pixels+pixels/4 {
		t.Errorf("%d bytes of images keep %d bytes", pixels, taken)
	}
	runtime.KeepAlive(s)
}

func TestLimit(t *testing.T) {
	s, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 100, 20_000} {
		part, err := s.Limit(n)
		if err != nil {
			t.Fatal(err)
		}
		want := min(n, 10_000)
		if !slices.Equal(part.Images.Shape(), tensor.Shape{want, Pixels}) || len(part.Labels) != want {
			t.Errorf("Limit(%d) has images of shape %v and %d labels", n, part.Images.Shape(), len(part.Labels))
		}
		if !bytes.Equal(part.Images.Uint8s(), s.Images.Uint8s()[:want*Pixels]) || !slices.Equal(part.Labels, s.Labels[:want]) {
			t.Errorf("Limit(%d) is not the first images", n)
		}
		if want < len(s.Labels) { // what is appended must not overwrite the whole set's
			next := s.Labels[want]
			_ = append(part.Labels, next+1)
			if s.Labels[want] != next {
				t.Errorf("Limit(%d) hands out more than its labels", n)
			}
		}
	}
	if _, err := s.Limit(0); err == nil || !strings.Contains(err.Error(), "Limit: 0 examples") {
		t.Errorf("Limit(0): %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	file := func(axes []int, elements ...byte) *fstest.MapFile {
		header := []byte{0, 0, 8, byte(len(axes))}
		for _, n := range axes {
			header = binary.BigEndian.AppendUint32(header, uint32(n))
		}
		return &fstest.MapFile{Data: append(header, elements...)}
	}
	const images, labels = "few-images-idx3-ubyte.gz", "few-labels-idx1-ubyte.gz"
	twoImages := file([]int{2, Side, Side}, make([]byte, 2*Pixels)...)
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string // nothing: no error
	}{
		{"whole", fstest.MapFS{images: twoImages, labels: file([]int{2}, 0, 9)}, ""},
		{"no images", fstest.MapFS{labels: file([]int{2}, 0, 9)}, images},
		{"no labels", fstest.MapFS{images: twoImages}, labels},
		{"another size", fstest.MapFS{images: file([]int{2, 1, 1}, 0, 0), labels: file([]int{2}, 0, 9)}, "holds uint8 of shape (2, 1, 1), not bytes of shape (2, 28, 28)"},
		{"another magic number", fstest.MapFS{images: twoImages, labels: file([]int{2, 1}, 0, 9)}, labels + ": holds uint8 of shape (2, 1)"},
		{"another number", fstest.MapFS{images: twoImages, labels: file([]int{3}, 0, 9, 1)}, "not bytes of shape (2)"},
		{"label", fstest.MapFS{images: twoImages, labels: file([]int{2}, 0, 10)}, labels + ": label 10 at index 1 is not a digit"},
		{"not IDX", fstest.MapFS{images: &fstest.MapFile{Data: []byte("<html>")}}, images + ": data: ReadIDX: magic number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := decode(test.files, "few", 2)
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}
