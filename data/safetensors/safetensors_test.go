package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/safetensors"
)

var update = flag.Bool("update", false, "write testdata/go.safetensors, which testdata/fixtures.py checks")

func dense[T any](values []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func counted[T uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | float32 | float64]() *tensor.Dense {
	return dense([]T{0, 1, 2, 3, 4, 5}, 2, 3)
}

// sample is what testdata/fixtures.py writes and wants.
func sample() *safetensors.File {
	return &safetensors.File{
		Metadata: map[string]string{"format": "pt", "note": "Grüße, 世界 <&>"},
		Tensors: map[string]*tensor.Dense{
			"u8": counted[uint8](), "i8": counted[int8](), "u16": counted[uint16](), "i16": counted[int16](), "u32": counted[uint32](),
			"i32": counted[int32](), "u64": counted[uint64](), "i64": counted[int64](), "f32": counted[float32](), "f64": counted[float64](),
			"bool":                       dense([]bool{true, false, true}, 3),
			"scalar":                     dense([]float64{-2.5}),
			"empty":                      dense([]float32{}, 2, 0, 3),
			"odd \"name\"\\ \n\u2028/日本": dense([]float32{float32(math.Inf(1)), float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32}, 3),
		},
	}
}

func encoded(t testing.TB, f *safetensors.File) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// wantSame compares what two files hold; values that are NaN are the same.
func wantSame(t *testing.T, got, want *safetensors.File) {
	t.Helper()
	if diff := cmp.Diff(want.Metadata, got.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if len(got.Tensors) != len(want.Tensors) {
		t.Errorf("%d tensors, want %d", len(got.Tensors), len(want.Tensors))
	}
	for name, w := range want.Tensors {
		g := got.Tensors[name]
		if g == nil {
			t.Errorf("there is no tensor %q", name)
			continue
		}
		if g.Dtype() != w.Dtype() || !slices.Equal(g.Shape(), w.Shape()) {
			t.Errorf("tensor %q: %v %v, want %v %v", name, g.Dtype(), g.Shape(), w.Dtype(), w.Shape())
			continue
		}
		if g.Size() > 0 && fmt.Sprint(g.Data()) != fmt.Sprint(w.Data()) {
			t.Errorf("tensor %q: %v, want %v", name, g.Data(), w.Data())
		}
	}
}

func TestReadsWhatPythonWrote(t *testing.T) {
	got, err := safetensors.ReadFile("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	want := sample()
	want.Tensors["f16"] = dense([]float32{1, -2.5, 65504, 0x1p-24, 0x1p-14, inf, nan}, 7)
	want.Tensors["bf16"] = dense([]float32{1, -2.5, 0x1.fep127, 0x1p-133, -inf, nan}, 6)
	wantSame(t, got, want)
}

// What we write does not change by itself; testdata/fixtures.py reads the file with Python's package.
func TestWritesWhatPythonReads(t *testing.T) {
	const path = "testdata/go.safetensors"
	got := encoded(t, sample())
	if *update {
		if err := sample().WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("wrote\n%q\nwant\n%q", got, want)
	}
	if header := binary.LittleEndian.Uint64(got); header%8 != 0 {
		t.Errorf("the data is not aligned: the header has %d bytes", header)
	}
}

func TestRoundTrip(t *testing.T) {
	for name, f := range map[string]*safetensors.File{
		"sample":       sample(),
		"nothing":      {},
		"only texts":   {Metadata: map[string]string{"": "", "a": "b"}},
		"without name": {Tensors: map[string]*tensor.Dense{"": dense([]float32{1}, 1)}},
		"many pieces":  {Tensors: map[string]*tensor.Dense{"long": dense(make([]float64, 30_011), 30_011), "a": dense([]bool{true}, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			file := encoded(t, f)
			got, err := safetensors.Read(iotest.HalfReader(bytes.NewReader(file)))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, got, f)
			if again := encoded(t, got); !bytes.Equal(again, file) {
				t.Errorf("%q was written again as %q", file, again)
			}
		})
	}
}

// Views are written as what they show, and Go's own sizes as 64 bits.
func TestWriteTakesAnyLayout(t *testing.T) {
	matrix := dense([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	column, err := matrix.Slice(nil, tensor.S(1))
	if err != nil {
		t.Fatal(err)
	}
	turned := dense([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := turned.T(); err != nil {
		t.Fatal(err)
	}
	file := encoded(t, &safetensors.File{Tensors: map[string]*tensor.Dense{
		"column": column.(*tensor.Dense), "turned": turned, "int": dense([]int{-1, 2}, 2), "uint": dense([]uint{1, 2}, 2),
	}})
	got, err := safetensors.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, got, &safetensors.File{Tensors: map[string]*tensor.Dense{
		"column": dense([]float32{2, 5}, 2), "turned": dense([]float32{1, 4, 2, 5, 3, 6}, 3, 2),
		"int": dense([]int64{-1, 2}, 2), "uint": dense([]uint64{1, 2}, 2),
	}})
}

func TestWriteErrors(t *testing.T) {
	masked := dense([]float32{1, 2}, 2)
	masked.ResetMask(true)
	repeating := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking(make([]float32, 12)))
	repeating.Strides()[0] = 0
	for _, c := range []struct {
		name, want string
		tensor     *tensor.Dense
		text       string
	}{
		{name: "a", tensor: nil, want: `tensor "a": it is nil`},
		{name: "a", tensor: new(tensor.Dense), want: `tensor "a": it has no dtype`},
		{name: "a", tensor: dense([]complex64{1}, 1), want: `tensor "a": it has dtype complex64`},
		{name: "a", tensor: dense([]string{"1"}, 1), want: `tensor "a": it has dtype string`},
		{name: "a", tensor: masked, want: `tensor "a": it is masked`},
		{name: "a", tensor: repeating, want: "it repeats values"},
		{name: "a", tensor: tensor.New(tensor.WithShape(slices.Repeat([]int{1}, 65)...), tensor.WithBacking([]float32{1})), want: "it has 65 axes: want at most 64"},
		{name: "__metadata__", tensor: counted[uint8](), want: "a tensor is called __metadata__"},
		{name: "a\xff", tensor: counted[uint8](), want: `tensor "a\xff": its name is not UTF-8`},
		{name: "a", tensor: counted[uint8](), text: "\xff", want: `metadata "key": "\xff" is not UTF-8`},
		{name: strings.Repeat("long", 25_000_000), tensor: counted[uint8](), want: "bytes: want at most 100000000"},
	} {
		f := &safetensors.File{Tensors: map[string]*tensor.Dense{c.name: c.tensor}, Metadata: map[string]string{"key": c.text}}
		var out bytes.Buffer
		wantError(t, f.Write(&out), "safetensors: Write: ", c.want)
		if out.Len() > 0 {
			t.Errorf("%s: %d bytes were written before the error", c.want, out.Len())
		}
	}
	broken := errors.New("the disk is full")
	if err := sample().Write(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the writer's", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	_, err := safetensors.ReadFile(path)
	wantError(t, err, "safetensors: ReadFile: ", path)
	for _, f := range []*safetensors.File{sample(), {}, sample()} {
		if err := f.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		got, err := safetensors.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, got, f)
	}
	bad := &safetensors.File{Tensors: map[string]*tensor.Dense{"a": nil}}
	wantError(t, bad.WriteFile(path), "safetensors: WriteFile "+path, "it is nil")
	if got, err := safetensors.ReadFile(path); err != nil {
		t.Errorf("a write that failed damaged what was there: %v", err)
	} else {
		wantSame(t, got, sample())
	}
	wantError(t, sample().WriteFile(filepath.Join(path, "within")), "safetensors: WriteFile: ")
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("%d files are left, want 1 (%v)", len(files), err)
	}
}

// A File is read by as many goroutines as one likes; the race detector looks on.
func TestConcurrentReaders(t *testing.T) {
	f, file := sample(), encoded(t, sample())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var out bytes.Buffer
			if err := f.Write(&out); err != nil || !bytes.Equal(out.Bytes(), file) {
				t.Errorf("wrote %q (%v)", out.Bytes(), err)
			}
			if _, err := safetensors.Read(bytes.NewReader(file)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// written puts a file together from a header, as it stands, and data.
func written(header string, data ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), data...)
}

func TestReadErrors(t *testing.T) {
	one := func(entry string) []byte { return written(`{"a":{`+entry+`}}`, 1, 2, 3, 4) }
	const f32 = `"dtype":"F32",`
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "length of the header: 0 of 8 bytes: unexpected EOF"},
		{"a header that is too long", binary.LittleEndian.AppendUint64(nil, 100_000_001), "100000001 bytes are more than the 100000000"},
		{"another format", []byte("\x93NUMPY\x01\x00v\x00{}"), "this is not a safetensors file"},
		{"cut header", written("{}")[:9], "header: 1 of 2 bytes: unexpected EOF"},
		{"no header", written(""), "it does not begin with {"},
		{"space first", written(" {}"), "it does not begin with {"},
		{"not UTF-8", written("{\"\xff\":1}"), "it is not UTF-8"},
		{"not closed", written(`{"a":{"dtype":"F32"`), `tensor "a": unexpected EOF`},
		{"not JSON", written(`{"a" 1}`), "invalid character '1' after object key"},
		{"text behind", written(`{}x`), "behind the header's end"},
		{"value behind", written(`{} 1`), "found 1 behind the header's end"},
		{"no object", written(`{"a":[]}`), `tensor "a": found [: want {`},
		{"deep", written(`{"a":` + strings.Repeat("[", 100_000)), "want {"},
		{"null", written(`{"a":null}`), `tensor "a": found <nil>: want {`},
		{"twice", written(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1), `the name "a" is there a second time`},
		{"twice, in other letters", written(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{}}`), `the name "a" is there a second time`},
		{"key twice", one(f32 + f32), `the name "dtype" is there a second time`},
		{"key not known", one(`"scale":1`), `tensor "a": the key "scale" is not known (before byte 13 of the header)`},
		{"metadata twice", written(`{"__metadata__":{"a":"","a":""}}`), `__metadata__: the name "a" is there a second time`},
		{"metadata of numbers", written(`{"__metadata__":{"a":1}}`), "__metadata__: found 1: want a text"},
		{"no dtype", one(`"shape":[1],"data_offsets":[0,4]`), `the key "dtype" is missing`},
		{"no shape", one(f32 + `"data_offsets":[0,4]`), `the key "shape" is missing`},
		{"no offsets", one(f32 + `"shape":[1]`), `the key "data_offsets" is missing`},
		{"dtype", one(`"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]`), `tensor "a": the dtype "F8_E4M3" cannot be held`},
		{"dtype number", one(`"dtype":4`), "found 4: want a text"},
		{"negative", one(f32 + `"shape":[-1]`), "found -1: want a whole number that is not negative"},
		{"fraction", one(f32 + `"shape":[1.0]`), "found 1.0: want a whole number"},
		{"exponent", one(f32 + `"shape":[1e0]`), "found 1e0: want a whole number"},
		{"too large a number", one(f32 + `"shape":[9223372036854775808]`), "found 9223372036854775808: want"},
		{"text for number", one(f32 + `"shape":["1"]`), "found 1: want a whole number"},
		{"nested shape", one(f32 + `"shape":[[1]]`), "found [: want a whole number"},
		{"product overflows", one(f32 + `"shape":[4294967296,4294967296],"data_offsets":[0,4]`), "more elements than memory can hold"},
		{"product overflows to nothing", one(f32 + `"shape":[0,4294967296,4294967296],"data_offsets":[0,0]`), "more elements than memory can hold"},
		{"many axes", one(f32 + `"shape":[1` + strings.Repeat(",1", 64) + `]`), `tensor "a": found more than 64 numbers`},
		{"three offsets", one(f32 + `"shape":[1],"data_offsets":[0,4,8]`), "found more than 2 numbers"},
		{"one offset", one(f32 + `"shape":[1],"data_offsets":[4]`), "data_offsets are [4]: want a beginning and an end"},
		{"end before beginning", one(f32 + `"shape":[1],"data_offsets":[4,0]`), "data_offsets are [4 0]: want"},
		{"offsets do not fit shape", one(f32 + `"shape":[2],"data_offsets":[0,4]`), "shape [2] needs 8 bytes, and data_offsets [0 4] hold 4"},
		{"gap at the beginning", written(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), `tensor "a" begins at byte 1 of the data and leaves a gap to the beginning`},
		{"gap", written(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3), `tensor "b" begins at byte 2 of the data and leaves a gap to tensor "a", which ends at byte 1`},
		{"overlap", written(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3), `tensor "b" begins at byte 1 of the data and overlaps tensor "a"`},
		{"the same place twice", written(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1, 2), `tensor "b" begins at byte 0 of the data and overlaps tensor "a"`},
		{"data missing", one(f32 + `"shape":[2],"data_offsets":[0,8]`), `tensor "a" at byte 0 of the data: elements of shape (2): 4 of 8 bytes`},
		{"data left over", one(`"dtype":"U8","shape":[3],"data_offsets":[0,3]`), "there is data after the 3 bytes that belong to tensors"},
		{"data of nothing", written("{}", 0), "there is data after the 0 bytes"},
		{"bool", one(`"dtype":"BOOL","shape":[4],"data_offsets":[0,4]`), `elements of shape (4) from byte 0: a bool is 2: want 0 or 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := safetensors.Read(bytes.NewReader(c.file))
			wantError(t, err, "safetensors: Read: ", c.want)
		})
	}
	broken := errors.New("the disk is gone")
	_, err := safetensors.Read(iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the reader's", err)
	}
}

// A file that is cut anywhere is an error; one with a bit turned is an error or other values, never a panic.
func TestDamagedFiles(t *testing.T) {
	file, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for n := range file {
		if _, err := safetensors.Read(bytes.NewReader(file[:n])); err == nil {
			t.Errorf("the first %d of %d bytes were read", n, len(file))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	used := allocated(func() {
		for i := range 8 * len(file) {
			damaged := slices.Clone(file)
			damaged[i/8] ^= 1 << (i % 8)
			damaged[rng.IntN(len(file))] = byte(rng.Uint32())
			if f, err := safetensors.Read(bytes.NewReader(damaged)); (f == nil) == (err == nil) {
				t.Fatalf("%q: %v and error %v", damaged, f, err)
			}
		}
	})
	if each := used / uint64(8*len(file)); each > 300<<10 {
		t.Errorf("a file of %d bytes took %d on average", len(file), each)
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

func TestMemoryIsTakenAsDataArrives(t *testing.T) {
	var many bytes.Buffer
	many.WriteString("{")
	for i := range 20_000 {
		fmt.Fprintf(&many, `"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`, i)
	}
	for name, c := range map[string]struct {
		file []byte
		most uint64
	}{
		"a header of 100 MB":      {binary.LittleEndian.AppendUint64(nil, 100_000_000), 1 << 20},
		"a tensor of 1 TB":        {written(`{"a":{"dtype":"F32","shape":[262144,1048576],"data_offsets":[0,1099511627776]}}`, make([]byte, 1<<20)...), 4 << 20},
		"an axis for every digit": {written(`{"a":{"dtype":"U8","shape":[1`+strings.Repeat(",1", 1<<19)+`],"data_offsets":[0,1]}}`, 1), 16 << 20},
		"tensors of nothing":      {written(strings.TrimSuffix(many.String(), ",") + "}"), 64 << 20},
	} {
		used := allocated(func() { _, _ = safetensors.Read(bytes.NewReader(c.file)) })
		if used > c.most {
			t.Errorf("%s: a file of %d bytes took %d", name, len(c.file), used)
		}
	}
}

func TestWriteFileTakesMemoryOnce(t *testing.T) {
	const n = 1 << 20
	f := &safetensors.File{Tensors: map[string]*tensor.Dense{"a": dense(make([]float32, n), n), "b": dense(make([]float32, n), n)}}
	path := filepath.Join(t.TempDir(), "file")
	used := allocated(func() {
		if err := f.WriteFile(path); err != nil {
			t.Fatal(err)
		}
	})
	if most := uint64(2*2*4*n + 1<<20); used > most { // twice, as the race detector makes of once
		t.Errorf("writing %d bytes took %d, want at most %d", 2*4*n, used, most)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want one that says %q", err, part)
		}
	}
}

// FuzzRead asks that what is read, written and read again is the same, and that what is written is what is written again.
func FuzzRead(f *testing.F) {
	for _, path := range []string{"testdata/python.safetensors", "testdata/go.safetensors"} {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := safetensors.Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		again := encoded(t, read)
		same, err := safetensors.Read(bytes.NewReader(again))
		if err != nil {
			t.Fatalf("%q was written as %q: %v", file, again, err)
		}
		if len(read.Metadata) == 0 {
			read.Metadata = nil // an empty object is not written
		}
		wantSame(t, same, read)
		if third := encoded(t, same); !bytes.Equal(third, again) {
			t.Errorf("%q was written again as %q", again, third)
		}
	})
}
