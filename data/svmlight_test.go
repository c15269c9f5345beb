package data_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// same compares all of two matrices and their labels.
func same(a *data.CSR, y []float64, b *data.CSR, z []float64) error {
	starts, indices := a.Layout()
	otherStarts, otherIndices := b.Layout()
	switch {
	case !slices.Equal(a.Shape(), b.Shape()):
		return fmt.Errorf("shapes %v and %v", a.Shape(), b.Shape())
	case !slices.Equal(y, z):
		return fmt.Errorf("labels %v and %v", y, z)
	case !slices.Equal(starts, otherStarts) || !slices.Equal(indices, otherIndices):
		return fmt.Errorf("starts %v and %v, indices %v and %v", starts, otherStarts, indices, otherIndices)
	case !slices.Equal(a.Float64s(), b.Float64s()) || !slices.Equal(a.Float32s(), b.Float32s()):
		return fmt.Errorf("values %v %v and %v %v", a.Float64s(), a.Float32s(), b.Float64s(), b.Float32s())
	}
	return nil
}

// The files of svmlight.json, which testdata/make_svmlight.py explains.
func TestSVMLightAsScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/svmlight.json")
	if err != nil {
		t.Fatal(err)
	}
	type contents struct {
		Shape   [2]int
		Y, Data []float64
		Indices []int32
		Indptr  []int
	}
	var vectors struct {
		Read []struct {
			Name, File string
			Base       data.IndexBase
			Features   int
			Dtype      string
			contents
		}
		Written []struct {
			Base data.IndexBase
			File string
			contents
		}
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Read) < 12 || len(vectors.Written) < 3 {
		t.Fatalf("%d files to read and %d to write", len(vectors.Read), len(vectors.Written))
	}
	single := func(values []float64) []float32 {
		out := make([]float32, len(values))
		for i, v := range values {
			out[i] = float32(v)
		}
		return out
	}
	for _, c := range vectors.Read {
		t.Run(c.Name, func(t *testing.T) {
			reader := data.SVMLight{Features: c.Features, Base: c.Base}
			want := newCSR(t, c.Shape[1], c.Indptr, c.Indices, c.Data)
			if c.Dtype == "float32" {
				reader.Dtype = tensor.Float32
				want = newCSR(t, c.Shape[1], c.Indptr, c.Indices, single(c.Data))
			}
			x, y, err := reader.Read(strings.NewReader(c.File))
			if err != nil {
				t.Fatal(err)
			}
			if err := same(x, y, want, c.Y); err != nil {
				t.Error(err)
			}
		})
	}
	for i, c := range vectors.Written {
		var file strings.Builder
		x := newCSR(t, c.Shape[1], c.Indptr, c.Indices, c.Data)
		if err := (data.SVMLight{Base: c.Base}).Write(&file, x, c.Y); err != nil {
			t.Fatal(err)
		}
		if file.String() != c.File {
			t.Errorf("file %d is now %q, which scikit-learn has not read; it read %q", i, file.String(), c.File)
		}
	}
}

func TestSVMLightRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 100 {
		n, d := 1+rng.IntN(5), 1+rng.IntN(40)
		double, single := make([]float64, n*d), make([]float32, n*d)
		for i := range double {
			if rng.IntN(4) == 0 {
				// Any bits that are a finite number.
				for double[i] = math.NaN(); double[i]-double[i] != 0; {
					double[i] = math.Float64frombits(rng.Uint64())
				}
				for single[i] = float32(math.NaN()); single[i]-single[i] != 0; {
					single[i] = math.Float32frombits(rng.Uint32())
				}
			}
		}
		y := make([]float64, n)
		for i := range y {
			y[i] = []float64{rng.NormFloat64(), float64(rng.IntN(10)), -1, 1e300}[rng.IntN(4)]
		}
		for _, x := range []*tensor.Dense{
			tensor.New(tensor.WithShape(n, d), tensor.WithBacking(double)),
			tensor.New(tensor.WithShape(n, d), tensor.WithBacking(single)),
		} {
			for _, base := range []data.IndexBase{data.OneBased, data.ZeroBased} {
				format := data.SVMLight{Base: base, Dtype: x.Dtype()}
				var file strings.Builder
				if err := format.Write(&file, x, y); err != nil {
					t.Fatal(err)
				}
				got, labels, err := format.Read(iotest.HalfReader(strings.NewReader(file.String())))
				if err != nil {
					t.Fatal(err)
				}
				back, err := got.Dense()
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(labels, y) || !slices.Equal(back.Shape(), x.Shape()) || fmt.Sprint(back.Data()) != fmt.Sprint(x.Data()) {
					t.Fatalf("round %d: %v %v became %v %v by\n%s", round, x.Data(), y, back.Data(), labels, file.String())
				}
			}
		}
	}
}

// Lines may be longer than any buffer.
func TestSVMLightLongLines(t *testing.T) {
	var file strings.Builder
	for _, label := range []string{"1", "-1", "1"} {
		file.WriteString(label)
		for j := range 50_000 {
			file.WriteString(" " + strconv.Itoa(j+1) + ":" + strconv.Itoa(j))
		}
		file.WriteString("\n")
	}
	x, y, err := data.ReadSVMLight(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	if x.Stored() != 150_000 || !slices.Equal(y, []float64{1, -1, 1}) || !slices.Equal(x.Shape(), tensor.Shape{3, 50_000}) {
		t.Errorf("%d values, labels %v, shape %v", x.Stored(), y, x.Shape())
	}
	for at, v := range x.Float64s() {
		if v != float64(at%50_000) {
			t.Fatalf("value %d is %v", at, v)
		}
	}
}

func TestBadSVMLight(t *testing.T) {
	for name, test := range map[string]struct {
		format data.SVMLight
		file   string
		want   string
	}{
		"empty":             {file: "", want: "no examples"},
		"comments":          {file: "# 1 1:2\n\n \t\n", want: "no examples"},
		"no features":       {file: "1\n2\n", want: "no line names a feature"},
		"label":             {file: "1 1:2\nfirst 1:2\n", want: `line 2, column 1: label: "first" is not a finite number`},
		"label after space": {file: "1 1:2\n  x 1:2\n", want: `line 2, column 3: label`},
		"label NaN":         {file: "nan 1:2\n", want: `line 1, column 1: label: "nan"`},
		"several labels":    {file: "1,2 1:2\n", want: `line 1, column 1: label: "1,2" looks like several labels`},
		"no label":          {file: "1:2 2:3\n", want: `line 1, column 1: label: "1:2"`},
		"no colon":          {file: "1 1:2 3\n", want: `line 1, column 7: "3" is no index:value`},
		"no index":          {file: "1 1:2 :3\n", want: `line 1, column 7: the index ""`},
		"space":             {file: "1 1: 2\n", want: `line 1, column 5: feature 1: ""`},
		"value":             {file: "1 1:2 2:x\n", want: `line 1, column 9: feature 2: "x"`},
		"two colons":        {file: "1 1:2:3\n", want: `line 1, column 5: feature 1: "2:3"`},
		"infinity":          {file: "1 1:2\n\n1 1:-inf\n", want: `line 3, column 5: feature 1: "-inf"`},
		"overflow":          {file: "1 1:1e999\n", want: `line 1, column 5: feature 1: "1e999" is not a finite number of float64`},
		"float32 overflow":  {format: data.SVMLight{Dtype: tensor.Float32}, file: "1 1:1e39\n", want: `"1e39" is not a finite number of float32`},
		"zero":              {file: "1 0:1\n", want: "line 1, column 3: the index is 0 and features count from 1"},
		"negative":          {file: "1 -1:1\n", want: `line 1, column 3: the index "-1"`},
		"fraction":          {file: "1 1.5:1\n", want: `line 1, column 3: the index "1.5"`},
		"large":             {file: "1 2147483648:1\n", want: `line 1, column 3: the index "2147483648" is not a whole number from 1 to 2147483647`},
		"huge":              {file: "1 99999999999999999999999999:1\n", want: `line 1, column 3: the index "9999`},
		"large from zero":   {format: data.SVMLight{Base: data.ZeroBased}, file: "1 2147483647:1\n", want: "from 0 to 2147483646"},
		"twice":             {file: "1 2:1 2:3\n", want: "line 1, column 7: the feature 2 occurs twice"},
		"descending":        {file: "1 2:1 1:3\n", want: "line 1, column 7: the feature 1 comes after 2"},
		"beyond":            {format: data.SVMLight{Features: 3}, file: "1 3:1\n1 1:1 4:3 # \n", want: "line 2, column 7: the feature 4 is one of 4 and the Features is 3"},
		"beyond from zero":  {format: data.SVMLight{Features: 3, Base: data.DetectBase}, file: "1 0:1\n1 3:3\n", want: "line 2, column 3: the feature 3 is one of 4"},
		"qid":               {file: "1 qid:x 1:1\n", want: `line 1, column 7: qid: "x"`},
		"qid later":         {file: "1 1:1 qid:2\n", want: `line 1, column 7: the index "qid"`},
		"Features":          {format: data.SVMLight{Features: -1}, file: "1 1:1\n", want: "Features is -1"},
		"Base":              {format: data.SVMLight{Base: 9}, file: "1 1:1\n", want: "Base is 9"},
		"Dtype":             {format: data.SVMLight{Dtype: tensor.Int}, file: "1 1:1\n", want: "Dtype is int"},
		"binary":            {file: "\x00\xff:\n", want: `line 1, column 1: label: "\x00\xff:"`},
	} {
		t.Run(name, func(t *testing.T) {
			x, y, err := test.format.Read(strings.NewReader(test.file))
			if err == nil || x != nil || y != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "data: reading svmlight: ") {
				t.Errorf("%v, %v, error %v; want one with %q", x, y, err, test.want)
			}
		})
	}
	broken := errors.New("the disk is on fire")
	if _, _, err := data.ReadSVMLight(io.MultiReader(strings.NewReader("1 1:2\n1 1"), iotest.ErrReader(broken))); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want the reader's in line 2", err)
	}
}

func TestSVMLightBadWriting(t *testing.T) {
	x := newCSR(t, 2, []int{0, 1}, []int32{0}, []float64{1})
	for name, test := range map[string]struct {
		format data.SVMLight
		x      data.Matrix
		y      []float64
		want   string
	}{
		"nil":      {x: nil, y: []float64{1}, want: "x is <nil>"},
		"nil CSR":  {x: (*data.CSR)(nil), y: []float64{1}, want: "x is <nil> of type *data.CSR"},
		"nil x":    {x: (*tensor.Dense)(nil), y: []float64{1}, want: "x is nil"},
		"other":    {x: tensor.NewDense(tensor.Int, tensor.Shape{1, 1}), y: []float64{1}, want: "x has dtype int"},
		"labels":   {x: x, y: nil, want: "1 rows and y has 0 labels"},
		"label":    {x: x, y: []float64{math.Inf(1)}, want: "label 0 is +Inf"},
		"infinite": {x: newCSR(t, 9, []int{0, 0, 1}, []int32{7}, []float32{float32(math.Inf(-1))}), y: []float64{1, 2}, want: "x is -Inf at row 1, column 7"},
		"base":     {format: data.SVMLight{Base: data.DetectBase}, x: x, y: []float64{1}, want: "Base is 2"},
	} {
		t.Run(name, func(t *testing.T) {
			var file strings.Builder
			err := test.format.Write(&file, test.x, test.y)
			if err == nil || file.Len() > 0 || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "data: ") != 1 {
				t.Errorf("%q, error %v; want one with %q", file.String(), err, test.want)
			}
		})
	}
	broken := errors.New("the disk is full")
	if err := data.WriteSVMLight(failing{broken}, x, []float64{1}); !errors.Is(err, broken) {
		t.Errorf("error %v, want the writer's", err)
	}
}

// An index costs nothing, and text little.
func TestSVMLightMemory(t *testing.T) {
	for name, file := range map[string]string{
		"labels":   strings.Repeat("1\n", 500_000) + "1 1:1\n",
		"values":   strings.Repeat("1 1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9\n", 30_000),
		"features": "1 2147483647:1\n",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, _, err := data.ReadSVMLight(strings.NewReader(file))
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		runtime.KeepAlive(x)
		// All that was allocated, including what was outgrown: slices grow by a quarter.
		if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<18+50*len(file)); used > limit {
			t.Errorf("%s: %d bytes for a file of %d", name, used, len(file))
		}
	}
}

func FuzzReadSVMLight(f *testing.F) {
	f.Add([]byte("# c\n+1 1:0.5 3:-1e-3 # x\r\n-1 qid:3 2:7"), uint8(0), 0)
	f.Add([]byte("1.5 0:1 2:3\n2 1:0"), uint8(2), 9)
	f.Add([]byte("1,2 0:1\n"), uint8(1), 1)
	f.Fuzz(func(t *testing.T, file []byte, base uint8, features int) {
		for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			format := data.SVMLight{Base: data.IndexBase(base), Features: features, Dtype: dtype}
			x, y, err := format.Read(bytes.NewReader(file))
			if err != nil {
				continue
			}
			starts, indices := x.Layout()
			if dtype == tensor.Float32 {
				_, err = data.NewCSR(x.Shape()[1], starts, indices, x.Float32s())
			} else {
				_, err = data.NewCSR(x.Shape()[1], starts, indices, x.Float64s())
			}
			if err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := data.WriteSVMLight(&text, x, y); err != nil {
				t.Fatal(err)
			}
			again, labels, err := data.SVMLight{Features: x.Shape()[1], Dtype: dtype}.Read(&text)
			if err != nil {
				t.Fatal(err)
			}
			// An example may have got a zero for the last feature.
			if again.Stored() == x.Stored() {
				if err := same(again, labels, x, y); err != nil {
					t.Fatal(err)
				}
			} else if again.Stored() != x.Stored()+1 || !slices.Equal(labels, y) {
				t.Fatalf("%d values became %d, labels %v became %v", x.Stored(), again.Stored(), y, labels)
			}
		}
	})
}
