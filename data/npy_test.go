package data_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

var update = flag.Bool("update", false, "write testdata/go.npz, which testdata/npy.py checks")

func array[T any](values []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func upTo[T uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | float32 | float64](shape ...int) *tensor.Dense {
	values := make([]T, tensor.Shape(shape).TotalSize())
	for i := range values {
		values[i] = T(i)
	}
	return array(values, shape...)
}

// npySamples are what testdata/npy.py writes and wants.
func npySamples() map[string]*tensor.Dense {
	return map[string]*tensor.Dense{
		"|u1": upTo[uint8](2, 3), "|i1": upTo[int8](2, 3), "<u2": upTo[uint16](2, 3), "<i2": upTo[int16](2, 3),
		"<u4": upTo[uint32](2, 3), "<i4": upTo[int32](2, 3), "<u8": upTo[uint64](2, 3), "<i8": upTo[int64](2, 3),
		"<f4": upTo[float32](2, 3), "<f8": upTo[float64](2, 3),
		"bool":      array([]bool{true, false, true}, 3),
		"scalar":    array([]float64{-2.5}),
		"empty":     array([]float32{}, 2, 0, 3),
		"rank 3":    upTo[int16](1, 4, 3),
		"18 axes":   array([]int8{7}, slices.Repeat([]int{1}, 18)...),
		"folder/日本": array([]float32{float32(math.Inf(1)), float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32}, 3),
	}
}

// wantArray compares arrays; values that are NaN are the same.
func wantArray(t *testing.T, name string, got, want *tensor.Dense) {
	t.Helper()
	switch {
	case got == nil:
		t.Errorf("there is no array %q", name)
	case got.Dtype() != want.Dtype() || !slices.Equal(got.Shape(), want.Shape()):
		t.Errorf("array %q: %v %v, want %v %v", name, got.Dtype(), got.Shape(), want.Dtype(), want.Shape())
	case got.Size() > 0 && fmt.Sprint(got.Data()) != fmt.Sprint(want.Data()):
		t.Errorf("array %q: %v, want %v", name, got.Data(), want.Data())
	}
}

func wantArrays(t *testing.T, got, want map[string]*tensor.Dense) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d arrays, want %d", len(got), len(want))
	}
	for name, x := range want {
		wantArray(t, name, got[name], x)
	}
}

func npy(t testing.TB, x *tensor.Dense) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := data.WriteNPY(&out, x); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func npz(t testing.TB, arrays map[string]*tensor.Dense) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := data.WriteNPZ(&out, arrays); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestReadsWhatNumPyWrote(t *testing.T) {
	want := npySamples()
	file := readFile(t, "testdata/numpy_compressed.npz")
	got, err := data.ReadNPZ(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	want["zeros"] = array(make([]float64, 10_000), 100, 100)
	wantArrays(t, got, want)

	want = npySamples()
	for name, x := range map[string]*tensor.Dense{
		">u2": want["<u2"], ">i2": want["<i2"], ">u4": want["<u4"], ">i4": want["<i4"],
		">u8": want["<u8"], ">i8": want["<i8"], ">f4": want["<f4"], ">f8": want["<f8"],
		"version 1": want["<f8"], "version 2": want["<f8"], "version 3": want["<f8"],
		"fortran":      upTo[float64](2, 3, 4),
		"fortran bool": array([]bool{true, false, true, true, false, false}, 3, 2),
		"half":         array([]float32{1, -2.5, 65504, 0x1p-24, 0x1p-14, float32(math.Inf(1)), float32(math.NaN())}, 7),
		"big half":     array([]float32{1, -2.5}, 2),
	} {
		want[name] = x
	}
	file = readFile(t, "testdata/numpy.npz")
	if got, err = data.ReadNPZ(bytes.NewReader(file), int64(len(file))); err != nil {
		t.Fatal(err)
	}
	wantArrays(t, got, want)
}

// What we write is what NumPy writes, byte for byte: its own files say so here, and testdata/npy.py of ours.
func TestWritesWhatNumPyWrites(t *testing.T) {
	archive, err := zip.OpenReader("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	samples := npySamples()
	for name, x := range samples {
		member, err := archive.Open(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		want, err := io.ReadAll(member)
		if err != nil {
			t.Fatal(err)
		}
		if got := npy(t, x); !bytes.Equal(got, want) {
			t.Errorf("%s: wrote\n%q\nwant\n%q", name, got, want)
		}
	}
	const path = "testdata/go.npz"
	got := npz(t, samples)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, path); !bytes.Equal(got, want) {
		t.Errorf("wrote\n%q\nwant\n%q", got, want)
	}
}

func TestNPYRoundTrip(t *testing.T) {
	matrix := upTo[float32](2, 3)
	column, err := matrix.Slice(nil, tensor.S(1))
	if err != nil {
		t.Fatal(err)
	}
	turned := upTo[uint16](2, 3)
	if err := turned.T(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ x, want *tensor.Dense }{
		"column":      {column.(*tensor.Dense), array([]float32{1, 4}, 2)},
		"turned":      {turned, array([]uint16{0, 3, 1, 4, 2, 5}, 3, 2)},
		"int":         {array([]int{-1, 2}, 2), array([]int64{-1, 2}, 2)},
		"uint":        {array([]uint{1, math.MaxUint}, 2), array([]uint64{1, math.MaxUint}, 2)},
		"many pieces": {upTo[int32](3, 30_011), upTo[int32](3, 30_011)},
		"64 axes":     {upTo[int8](slices.Repeat([]int{1}, 64)...), upTo[int8](slices.Repeat([]int{1}, 64)...)},
		"huge axes":   {array([]int8{}, math.MaxInt/8, 0), array([]int8{}, math.MaxInt/8, 0)},
	} {
		got, err := data.ReadNPY(iotest.HalfReader(bytes.NewReader(npy(t, c.x))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantArray(t, name, got, c.want)
	}
	got, err := data.ReadNPZ(bytes.NewReader(npz(t, nil)), int64(len(npz(t, nil))))
	if err != nil || len(got) != 0 {
		t.Errorf("no arrays are read as %v, error %v", got, err)
	}
}

// Arrays that stand one after the other are read one after the other.
func TestReadNPYReadsNothingBehind(t *testing.T) {
	r := bytes.NewReader(append(npy(t, upTo[int32](2, 2)), npy(t, upTo[float64](1))...))
	for _, want := range []*tensor.Dense{upTo[int32](2, 2), upTo[float64](1)} {
		got, err := data.ReadNPY(r)
		if err != nil {
			t.Fatal(err)
		}
		wantArray(t, "next", got, want)
	}
	if _, err := data.ReadNPY(r); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last array: %v", err)
	}
}

// npyOf puts a file of version 1.0 together from a header, as it stands, and elements.
func npyOf(header string, elements ...byte) []byte {
	file := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(file, header...), elements...)
}

func TestReadNPYHeaders(t *testing.T) {
	want := array([]uint8{7, 8}, 2)
	for _, header := range []string{
		"{'descr':'|u1','fortran_order':False,'shape':(2,)}",
		"{\"shape\": (2, ), 'fortran_order': True, 'descr': '<u1', } \n",
		"{ 'descr' : '>u1' , 'fortran_order' : False , 'shape' : ( 2L , ) }",
	} {
		got, err := data.ReadNPY(bytes.NewReader(npyOf(header, 7, 8)))
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		wantArray(t, header, got, want)
	}
}

func TestReadNPYErrors(t *testing.T) {
	good := npy(t, upTo[float32](2, 2))
	with := func(descr, fortran, shape string) []byte {
		return npyOf("{'descr': "+descr+", 'fortran_order': "+fortran+", 'shape': "+shape+", }", 1, 2, 3, 4)
	}
	const u1, no = "'|u1'", "False"
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "there is no array: EOF"},
		{"another format", []byte("PK\x03\x04"), "byte 0: magic string 50 4b 03 04: want 93 4e 55 4d 50 59: this is not an NPY file"},
		{"cut magic string", good[:3], "byte 0: magic string and version: 3 of 8 bytes: unexpected EOF"},
		{"version", append([]byte("\x93NUMPY\x04\x00"), good[8:]...), "byte 6: version 4.0: want 1.0, 2.0 or 3.0"},
		{"minor version", append([]byte("\x93NUMPY\x01\x01"), good[8:]...), "byte 6: version 1.1"},
		{"cut length", good[:9], "byte 8: length of the header: 1 of 2 bytes"},
		{"long header", []byte("\x93NUMPY\x02\x00\x00\x00\x01\x00"), "byte 8: the header has 65536 bytes: want at most 65535"},
		{"cut header", good[:30], "byte 10: header: 20 of 118 bytes: unexpected EOF"},
		{"no header", npyOf(""), "byte 10: header: the header ends: want {"},
		{"no dictionary", npyOf("[1]"), `byte 10: header: found "[1]": want {`},
		{"not closed", npyOf("{'descr': '|u1'"), "byte 25: header: the header ends: want a comma or }"},
		{"no comma", npyOf("{'descr': '|u1' 'shape': ()}"), `byte 26: header: found "'shape': ()}": want a comma or }`},
		{"two commas", npyOf("{'descr': '|u1',, 'shape': ()}"), "want a text in quotes"},
		{"no colon", npyOf("{'descr' '|u1'}"), "want a colon"},
		{"expression", with("str('|u1')", no, "(4,)"), `found "str('|u1'), ": want a text in quotes`},
		{"twice", npyOf("{'descr': '|u1', 'descr': '|u1'}"), `the key "descr" is there a second time`},
		{"key not known", npyOf("{'order': 1}"), `the key "order" is not known`},
		{"key missing", npyOf("{'descr': '|u1', 'shape': ()}"), `the key "fortran_order" is missing`},
		{"behind", npyOf("{'descr': '|u1', 'fortran_order': False, 'shape': ()} + {}"), `byte 64: header: found "+ {}": want nothing but space`},
		{"open text", npyOf("{'descr"), "byte 11: header: a text has no end"},
		{"escape", npyOf(`{'desc\x72': '|u1'}`), "a backslash in it"},
		{"descr", with("'<c8'", no, "(4,)"), `byte 20: header: elements of type "<c8" are not read`},
		{"object", with("'|O'", no, "(4,)"), `elements of type "|O" are not read`},
		{"no order", with("'|f4'", no, "(4,)"), `elements of type "|f4" are not read`},
		{"native order", with("'=f4'", no, "(4,)"), `elements of type "=f4" are not read`},
		{"no type", with("''", no, "(4,)"), `elements of type "" are not read`},
		{"record", with("[('a', '<f4')]", no, "(4,)"), "want a text in quotes"},
		{"fortran_order", with(u1, "0", "(4,)"), `found "0, 'shape': ": want True or False`},
		{"shape is a list", with(u1, no, "[4]"), "want ("},
		{"shape is a number", with(u1, no, "(4)"), "(4) is a number: want (4,)"},
		{"negative", with(u1, no, "(-4,)"), `found "-4,), }": want a whole number`},
		{"fraction", with(u1, no, "(4.0,)"), `found ".0,), }": want a comma or )`},
		{"only a comma", with(u1, no, "(,)"), "want a whole number"},
		{"too large", with(u1, no, "(99999999999999999999,)"), "want a whole number that fits memory"},
		{"product overflows", with(u1, no, "(4294967296, 4294967296)"), "more elements than memory can hold"},
		{"product overflows to nothing", with(u1, no, "(0, 4294967296, 4294967296)"), "more elements than memory can hold"},
		{"65 axes", with(u1, no, "("+strings.Repeat("1, ", 65)+")"), "there are more than 64 axes"},
		{"cut elements", good[:len(good)-3], "byte 128: elements of shape (2, 2): 13 of 16 bytes: unexpected EOF"},
		{"no elements", good[:128], "byte 128: elements of shape (2, 2): 0 of 16 bytes: unexpected EOF"},
		{"bool", with("'|b1'", no, "(2, 2)"), "a bool is 2: want 0 or 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.ReadNPY(bytes.NewReader(c.file))
			wantError(t, err, "data: ReadNPY: ")
			wantError(t, err, c.want)
		})
	}
	broken := errors.New("the disk is gone")
	for _, n := range []int{0, 8, 10, 20, 130} {
		_, err := data.ReadNPY(io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes, error %v does not wrap the reader's", n, err)
		}
	}
}

func TestWriteNPYErrors(t *testing.T) {
	masked := upTo[float32](2)
	masked.ResetMask(true)
	for _, c := range []struct {
		x    *tensor.Dense
		want string
	}{
		{nil, "it is nil"},
		{new(tensor.Dense), "it has no dtype"},
		{array([]complex128{1}, 1), "it has dtype complex128"},
		{masked, "it is masked"},
		{upTo[int8](slices.Repeat([]int{1}, 65)...), "the array has 65 axes: want at most 64"},
	} {
		var out bytes.Buffer
		wantError(t, data.WriteNPY(&out, c.x), "data: WriteNPY: ")
		wantError(t, data.WriteNPY(&out, c.x), c.want)
		err := data.WriteNPZ(&out, map[string]*tensor.Dense{"a": upTo[int8](1), "b": c.x})
		wantError(t, err, `data: WriteNPZ: array "b": `)
		wantError(t, err, c.want)
		if out.Len() > 0 {
			t.Errorf("%s: %d bytes were written before the error", c.want, out.Len())
		}
	}
	for _, name := range []string{"", "a\xff"} {
		wantError(t, data.WriteNPZ(io.Discard, map[string]*tensor.Dense{name: upTo[int8](1)}), "want a name in UTF-8")
	}
	long := strings.Repeat("n", 1<<16)
	wantError(t, data.WriteNPZ(io.Discard, map[string]*tensor.Dense{long: upTo[int8](1)}), "zip: ")
	broken := errors.New("the disk is full")
	for _, err := range []error{
		data.WriteNPY(failing{broken}, upTo[int8](1)),
		data.WriteNPZ(failing{broken}, npySamples()),
	} {
		if !errors.Is(err, broken) {
			t.Errorf("error %v does not wrap the writer's", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A member is a file of an archive.
type member struct {
	name    string
	content []byte
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, m := range members {
		w, err := archive.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadNPZErrors(t *testing.T) {
	good := npy(t, upTo[float32](2, 2))
	wrongSum := npz(t, map[string]*tensor.Dense{"a": upTo[float32](2, 2)})
	wrongSum[bytes.Index(wrongSum, []byte("NUMPY"))+130] ^= 1 // an element
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "archive: zip: not a valid zip file"},
		{"another format", good, "archive: zip: not a valid zip file"},
		{"another file in it", zipOf(t, member{"a.npy", good}, member{"readme.txt", nil}), `"readme.txt" in the archive is not an NPY file`},
		{"twice", zipOf(t, member{"a.npy", good}, member{"a.npy", good}), `array "a" is there twice`},
		{"no array", zipOf(t, member{"a.npy", nil}), `array "a": unexpected EOF`},
		{"cut array", zipOf(t, member{"a.npy", good[:140]}), `array "a": byte 128: elements of shape (2, 2): 12 of 16 bytes: unexpected EOF`},
		{"more than an array", zipOf(t, member{"a.npy", append(slices.Clone(good), 0)}), `array "a": there is data after the elements of shape (2, 2)`},
		{"checksum", wrongSum, `array "a": after the elements of shape (2, 2): zip: checksum error`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.ReadNPZ(bytes.NewReader(c.file), int64(len(c.file)))
			wantError(t, err, "data: ReadNPZ: ")
			wantError(t, err, c.want)
		})
	}
}

func TestNPYTakesMemoryAsDataArrives(t *testing.T) {
	liar := npyOf("{'descr': '<f8', 'fortran_order': True, 'shape': (1048576, 131072)}", make([]byte, 1<<20)...)
	used := allocated(func() {
		_, err := data.ReadNPY(bytes.NewReader(liar))
		wantError(t, err, "1048576 of 1099511627776 bytes")
	})
	if used > 4<<20 {
		t.Errorf("a file of 1 MiB took %d bytes", used)
	}
}

// No member of this archive is a bomb, but all together are.
func TestReadNPZRefusesBombs(t *testing.T) {
	var members []member
	for i := range 12 {
		members = append(members, member{fmt.Sprintf("%d.npy", i), npy(t, array(make([]uint8, 4<<20), 4<<20))})
	}
	bomb := zipOf(t, members...)
	used := allocated(func() {
		_, err := data.ReadNPZ(bytes.NewReader(bomb), int64(len(bomb)))
		wantError(t, err, "decompress the file first")
	})
	// 16 MiB and 128 times the file, and as much again while slices grow.
	if limit := uint64(3 * (16<<20 + 128*len(bomb))); used > limit {
		t.Errorf("a file of %d bytes took %d", len(bomb), used)
	}
}

// Files that are cut anywhere are errors; with a bit turned they are errors or other values, never a panic.
func TestDamagedArrayFiles(t *testing.T) {
	arrays := map[string]*tensor.Dense{"a": upTo[float32](2, 2), "b": array([]bool{true}, 1)}
	for name, c := range map[string]struct {
		file []byte
		read func(file []byte) error
	}{
		"NPY": {npy(t, arrays["a"]), func(file []byte) error {
			_, err := data.ReadNPY(bytes.NewReader(file))
			return err
		}},
		"NPZ": {npz(t, arrays), func(file []byte) error {
			_, err := data.ReadNPZ(bytes.NewReader(file), int64(len(file)))
			return err
		}},
	} {
		for n := range c.file {
			if c.read(c.file[:n]) == nil {
				t.Errorf("%s: the first %d of %d bytes were read", name, n, len(c.file))
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		used := allocated(func() {
			for i := range 8 * len(c.file) {
				damaged := slices.Clone(c.file)
				damaged[i/8] ^= 1 << (i % 8)
				damaged[rng.IntN(len(damaged))] = byte(rng.Uint32())
				_ = c.read(damaged)
			}
		})
		if each := used / uint64(8*len(c.file)); each > 200<<10 {
			t.Errorf("%s: a file of %d bytes took %d on average", name, len(c.file), each)
		}
	}
}

// FuzzReadNPY asks that what is read, written and read again is the same.
func FuzzReadNPY(f *testing.F) {
	archive, err := zip.OpenReader("testdata/numpy.npz")
	if err != nil {
		f.Fatal(err)
	}
	defer archive.Close()
	for _, m := range archive.File {
		r, err := m.Open()
		if err != nil {
			f.Fatal(err)
		}
		file, err := io.ReadAll(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Add(npyOf("{'descr': '>u1', \"fortran_order\": True, 'shape': (1L, 2,)}", 1, 2))
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := data.ReadNPY(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := data.ReadNPY(bytes.NewReader(npy(t, x)))
		if err != nil {
			t.Fatalf("%q was read as %v %v and not again: %v", file, x.Dtype(), x.Shape(), err)
		}
		wantArray(t, "again", again, x)
	})
}
