package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// idx writes an IDX file: the type code, the lengths of the axes, and the elements.
func idx(t testing.TB, code byte, axes []int, elements any) []byte {
	t.Helper()
	file := []byte{0, 0, code, byte(len(axes))}
	for _, n := range axes {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	file, err := binary.Append(file, binary.BigEndian, elements)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func zipped(t testing.TB, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var codes = map[tensor.Dtype]byte{
	tensor.Uint8: 0x08, tensor.Int8: 0x09, tensor.Int16: 0x0B,
	tensor.Int32: 0x0C, tensor.Float32: 0x0D, tensor.Float64: 0x0E,
}

func TestReadIDX(t *testing.T) {
	// Enough elements for several pieces, the last of them partial.
	const n = 30_011
	long := make([]int32, 3*n)
	for i := range long {
		long[i] = int32(i * 65_537)
	}
	tests := []struct {
		axes     []int
		elements any
	}{
		{[]int{2, 3}, []uint8{1, 2, 3, 4, 5, 255}},
		{[]int{3}, []int8{-128, 0, 127}},
		{[]int{1, 2, 1}, []int16{-32768, 513}},
		{[]int{1}, []int32{-7}},
		{[]int{2}, []float32{-0.5, math.MaxFloat32}},
		{[]int{2, 1}, []float64{math.Pi, math.Inf(-1)}},
		{[]int{3, n}, long},
		{slices.Repeat([]int{1}, 255), []uint8{9}},
	}
	for _, test := range tests {
		want := tensor.New(tensor.WithShape(test.axes...), tensor.WithBacking(test.elements))
		plain := idx(t, codes[want.Dtype()], test.axes, test.elements)
		for name, r := range map[string]io.Reader{
			"plain":        bytes.NewReader(plain),
			"gzip":         bytes.NewReader(zipped(t, plain)),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(plain)),
		} {
			got, err := data.ReadIDX(r)
			if err != nil {
				t.Errorf("%v %v, %s: %v", want.Dtype(), test.axes, name, err)
				continue
			}
			if got.Dtype() != want.Dtype() || !slices.Equal(got.Shape(), want.Shape()) {
				t.Errorf("%v %v, %s: read as %v %v", want.Dtype(), test.axes, name, got.Dtype(), got.Shape())
			}
			if diff := cmp.Diff(want.Data(), got.Data()); diff != "" {
				t.Errorf("%v %v, %s (-want +got):\n%s", want.Dtype(), test.axes, name, diff)
			}
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	good := idx(t, 0x0D, []int{2, 2}, []float32{1, 2, 3, 4})
	packed := zipped(t, good)
	damaged := slices.Clone(packed)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	huge := []byte{0, 0, 0x0E, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "magic number: 0 of 4 bytes: unexpected EOF"},
		{"cut magic number", good[:3], "magic number: 3 of 4 bytes"},
		{"another format", []byte("PNG image"), "magic number 50 4e 47 20 does not begin with two zero bytes"},
		{"element type", idx(t, 0x0A, []int{1}, []uint8{1}), "element type 0x0a is not one of"},
		{"no axes", []byte{0, 0, 8, 0, 7}, "the header has no axes"},
		{"cut lengths", good[:10], "lengths of 2 axes: 6 of 8 bytes"},
		{"axis of length 0", idx(t, 8, []int{3, 0}, []uint8{}), "axis 1 has length 0"},
		{"product overflows", huge, "axis 1 of length 4294967295 makes more elements than memory can hold"},
		{"cut elements", good[:len(good)-3], "elements of shape (2, 2): 13 of 16 bytes: unexpected EOF"},
		{"no elements", good[:12], "elements of shape (2, 2): 0 of 16 bytes"},
		{"one byte more", append(slices.Clone(good), 0), "there is data after the elements of shape (2, 2)"},
		{"cut gzip header", packed[:5], "gzip header: "},
		{"cut gzip stream", packed[:len(packed)-9], "unexpected EOF"},
		{"damaged gzip stream", damaged, "after the elements of shape (2, 2): gzip: invalid checksum"},
		{"garbage after gzip", append(slices.Clone(packed), "garbage"...), "after the elements of shape (2, 2): "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := data.ReadIDX(bytes.NewReader(test.file))
			wantError(t, err, "data: ReadIDX: ")
			wantError(t, err, test.want)
		})
	}
	broken := errors.New("the disk is gone")
	_, err := data.ReadIDX(io.MultiReader(bytes.NewReader(good[:14]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the reader's", err)
	}
}

// allocated returns how many bytes f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReadIDXTakesMemoryAsDataArrives(t *testing.T) {
	// A header of 64 GiB before a megabyte of data.
	liar := idx(t, 0x08, []int{1 << 20, 1 << 16}, make([]uint8, 1<<20))
	used := allocated(func() {
		_, err := data.ReadIDX(bytes.NewReader(liar))
		wantError(t, err, "1048576 of 68719476736 bytes")
	})
	if used > 4<<20 {
		t.Errorf("a file of 1 MiB took %d bytes", used)
	}
}

func TestReadIDXRefusesBombs(t *testing.T) {
	bomb := zipped(t, idx(t, 0x08, []int{64 << 20}, make([]uint8, 64<<20)))
	used := allocated(func() {
		_, err := data.ReadIDX(bytes.NewReader(bomb))
		wantError(t, err, "decompress the file first")
	})
	// 16 MiB and 128 times the file, and as much again while the slice grows.
	if limit := uint64(3 * (16<<20 + 128*len(bomb))); used > limit {
		t.Errorf("a file of %d bytes took %d", len(bomb), used)
	}
}

// FuzzReadIDX asks that what is read, written again, is the file.
func FuzzReadIDX(f *testing.F) {
	plain := idx(f, 0x0B, []int{2, 3}, []int16{1, -2, 3, -4, 5, -6})
	f.Add(plain)
	f.Add(plain[:9])
	f.Add(zipped(f, plain))
	f.Add(idx(f, 0x08, []int{2, 1}, []uint8{7, 8}))
	f.Add(idx(f, 0x09, []int{2}, []int8{-7, 8}))
	f.Add(idx(f, 0x0C, []int{1}, []int32{-1 << 31}))
	f.Add(idx(f, 0x0D, []int{1, 1}, []float32{1.5}))
	f.Add(idx(f, 0x0E, []int{1}, []float64{math.Inf(1)}))
	f.Add(idx(f, 0x08, []int{math.MaxUint32, math.MaxUint32}, []uint8{1}))
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := data.ReadIDX(bytes.NewReader(file))
		if err != nil {
			return
		}
		if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
			r, err := gzip.NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if file, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if again := idx(t, codes[x.Dtype()], x.Shape(), x.Data()); !bytes.Equal(again, file) {
			t.Errorf("% x was read as % x", file, again)
		}
	})
}
