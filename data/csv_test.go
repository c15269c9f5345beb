package data_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

const houses = `area,heating,city,price,sold
120.5,gas,Bern,1e3, yes
80,oil,"Basel, city",750.25,no
 95 ,gas,Chur,800,no
`

func read(t testing.TB, c data.CSV, text string) *data.Table {
	t.Helper()
	table, err := c.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// summary is a table without tensors, which cmp cannot look into.
type summary struct {
	X, Y              any
	XShape, YShape    tensor.Shape
	Features, Targets []string
	Labels            []int
	Categories        map[string][]string
}

func summarize(t *data.Table) summary {
	s := summary{X: t.X.Data(), XShape: t.X.Shape(), Features: t.Features, Targets: t.Targets, Labels: t.Labels, Categories: t.Categories}
	if t.Y != nil {
		s.Y, s.YShape = t.Y.Data(), t.Y.Shape()
	}
	return s
}

func TestReadCSV(t *testing.T) {
	cities := []string{"Basel, city", "Bern", "Chur"}
	none := map[string][]string{}
	tests := []struct {
		name string
		c    data.CSV
		text string
		want summary
	}{
		{
			"numbers",
			data.CSV{},
			"a,b\n1,2\n-3e2,0x1p-1\n",
			summary{X: []float64{1, 2, -300, 0.5}, XShape: tensor.Shape{2, 2}, Features: []string{"a", "b"}, Categories: none},
		},
		{
			"a target of numbers",
			data.CSV{Targets: []string{"price"}, Categories: map[string][]string{"heating": nil, "city": nil, "sold": nil}},
			houses,
			summary{
				X:      []float64{120.5, 0, 0, 1, 0, 1, 80, 1, 1, 0, 0, 0, 95, 0, 0, 0, 1, 0},
				XShape: tensor.Shape{3, 6}, Features: []string{"area", "heating=oil", "city=Basel, city", "city=Bern", "city=Chur", "sold=yes"},
				Y: []float64{1000, 750.25, 800}, YShape: tensor.Shape{3, 1}, Targets: []string{"price"},
				Categories: map[string][]string{"heating": {"gas", "oil"}, "city": cities, "sold": {"no", "yes"}},
			},
		},
		{
			"a target of categories",
			data.CSV{Features: []string{"price", "area"}, Targets: []string{"city"}, Categories: map[string][]string{"city": nil, "sold": nil}},
			houses,
			summary{
				X: []float64{1000, 120.5, 750.25, 80, 800, 95}, XShape: tensor.Shape{3, 2}, Features: []string{"price", "area"},
				Y: []float32{1, 0, 2}, YShape: tensor.Shape{3}, Targets: []string{"city"}, Labels: []int{1, 0, 2},
				Categories: map[string][]string{"city": cities},
			},
		},
		{
			"categories in an order",
			data.CSV{Features: []string{"heating"}, Targets: []string{"sold"}, Categories: map[string][]string{"heating": {"wood", "oil", "gas"}, "sold": {"yes", "no"}}},
			houses,
			summary{
				X: []float64{0, 0, 1, 0, 1, 0, 0, 0, 1}, XShape: tensor.Shape{3, 3}, Features: []string{"heating=wood", "heating=oil", "heating=gas"},
				Y: []float32{0, 1, 1}, YShape: tensor.Shape{3}, Targets: []string{"sold"}, Labels: []int{0, 1, 1},
				Categories: map[string][]string{"heating": {"wood", "oil", "gas"}, "sold": {"yes", "no"}},
			},
		},
		{
			"one category",
			data.CSV{Categories: map[string][]string{"a": nil}},
			"a\nx\nx\n",
			summary{X: []float64{1, 1}, XShape: tensor.Shape{2, 1}, Features: []string{"a=x"}, Categories: map[string][]string{"a": {"x"}}},
		},
		{
			"several targets",
			data.CSV{Targets: []string{"c", "a"}},
			"a,b,c\n1,2,3\n4,5,6\n",
			summary{
				X: []float64{2, 5}, XShape: tensor.Shape{2, 1}, Features: []string{"b"},
				Y: []float64{3, 1, 6, 4}, YShape: tensor.Shape{2, 2}, Targets: []string{"c", "a"}, Categories: none,
			},
		},
		{
			"no header",
			data.CSV{NoHeader: true, Targets: []string{"1"}, Comma: ';', Comment: '#'},
			"# a remark\n1;2;3\n\n4;5;6",
			summary{
				X: []float64{1, 3, 4, 6}, XShape: tensor.Shape{2, 2}, Features: []string{"0", "2"},
				Y: []float64{2, 5}, YShape: tensor.Shape{2, 1}, Targets: []string{"1"}, Categories: none,
			},
		},
		{
			"a byte order mark",
			data.CSV{},
			"\ufeffa\r\n1\r\n",
			summary{X: []float64{1}, XShape: tensor.Shape{1, 1}, Features: []string{"a"}, Categories: none},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table := read(t, test.c, test.text)
			if diff := cmp.Diff(test.want, summarize(table)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := table.Validate(); err != nil {
				t.Error(err)
			}
			byBytes, err := test.c.Read(iotest.OneByteReader(strings.NewReader(test.text)))
			if err != nil || !cmp.Equal(summarize(byBytes), test.want) {
				t.Errorf("byte by byte: %v", err)
			}
		})
	}
}

func TestMissingValues(t *testing.T) {
	const text = "a,b,c\n1,10,x\nNA,,y\n3,20,y\n8, ? ,\n"
	c := data.CSV{
		Categories: map[string][]string{"c": nil},
		Fill:       map[string]data.Filling{"a": data.FillMean, "b": data.FillMedian, "c": data.FillMode},
	}
	train := read(t, c, text)
	if diff := cmp.Diff([]float64{1, 10, 0, 4, 15, 1, 3, 20, 1, 8, 15, 1}, train.X.Float64s()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := map[string]data.Filling{"a": data.FillWith("4"), "b": data.FillWith("15"), "c": data.FillWith("y")}
	if diff := cmp.Diff(want, train.Fill, cmp.AllowUnexported(data.Filling{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Another table takes the place of missing values from the first one.
	test := read(t, data.CSV{Categories: train.Categories, Fill: train.Fill}, "a,b,c\nnan,null,N/A\n100,100,x\n")
	if diff := cmp.Diff([]float64{4, 15, 1, 100, 100, 0}, test.X.Float64s()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	medianOfThree := read(t, data.CSV{Fill: map[string]data.Filling{"a": data.FillMedian}}, "a\n5\n-1\n?\n9\n")
	if got := medianOfThree.X.Float64s()[2]; got != 5 {
		t.Errorf("the median of 5, -1 and 9 is %v", got)
	}
	// Of two equally frequent categories the first in order wins, learned or given.
	mode := data.CSV{Categories: map[string][]string{"a": nil}, Targets: []string{"a"}, Fill: map[string]data.Filling{"a": data.FillMode}}
	tie := "a,b\nz,1\nk,1\n?,1\n"
	if got := read(t, mode, tie); got.Labels[2] != 0 || got.Categories["a"][0] != "k" {
		t.Errorf("mode %v of %v", got.Labels, got.Categories)
	}
	mode.Categories["a"] = []string{"z", "k"}
	if got := read(t, mode, tie); !slices.Equal(got.Labels, []int{0, 1, 0}) {
		t.Errorf("mode %v", got.Labels)
	}
	own := read(t, data.CSV{
		Categories: map[string][]string{"c": nil}, Features: []string{"c"}, Missing: []string{"-"},
		Fill: map[string]data.Filling{"c": data.FillWith("unknown")},
	}, "c\nNA\n-\nz\n")
	if diff := cmp.Diff([]string{"c=NA", "c=unknown", "c=z"}, own.Features); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, own.X.Float64s()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBadTables(t *testing.T) {
	fill := func(column string, f data.Filling) map[string]data.Filling { return map[string]data.Filling{column: f} }
	city := map[string][]string{"city": nil}
	tests := []struct {
		name string
		c    data.CSV
		text string
		want string
	}{
		{"empty", data.CSV{}, "", "the file is empty"},
		{"header alone", data.CSV{}, "a,b\n", "there are no rows"},
		{"text", data.CSV{}, "a,b\n1,2\n\n3,four\n", `line 4, column "b": "four" is not a finite number: name the column in Categories`},
		{"infinity", data.CSV{}, "a\ninf\n", `line 2, column "a": "inf" is not a finite number`},
		{"overflow", data.CSV{}, "a\n1e400\n", `"1e400" is not a finite number`},
		{"missing", data.CSV{}, "a,b\n1,\n", `line 2, column "b": "" stands for a missing value: say what to Fill in`},
		{"not a number", data.CSV{}, "a,b\n1,NaN\n", `"NaN" stands for a missing value`},
		{"not a number that is not missing", data.CSV{Missing: []string{"-"}}, "a,b\n1,NaN\n", `"NaN" is not a finite number`},
		{"missing category", data.CSV{Categories: city}, "city\n?\n", `"?" stands for a missing value`},
		{"short line", data.CSV{}, "a,b\n1\n", "line 2 has 1 values and the table has 2 columns"},
		{"long line", data.CSV{NoHeader: true}, "1,2\n\n3,4,5\n", "line 3 has 3 values"},
		{"quotes", data.CSV{}, "a\n\"1\n", "line 2"},
		{"after many lines", data.CSV{}, "a,b\n\"1\n\",2\n3,x\n", `line 4, column "b"`},
		{"equal names", data.CSV{}, "a,b, a\n1,2,3\n", `two columns are named "a"`},
		{"unknown feature", data.CSV{Features: []string{"c"}}, "a,b\n1,2\n", `the column "c" of Features is not in the file, which has ["a" "b"]`},
		{"unknown target", data.CSV{Targets: []string{"c"}}, "a,b\n1,2\n", `the column "c" of Targets`},
		{"unknown category column", data.CSV{Categories: city}, "a,b\n1,2\n", `the column "city" of Categories`},
		{"unknown column to fill", data.CSV{Fill: fill("c", data.FillMean)}, "a,b\n1,2\n", `the column "c" of Fill`},
		{"feature and target", data.CSV{Features: []string{"a"}, Targets: []string{"a"}}, "a,b\n1,2\n", `the column "a" of Features is chosen already`},
		{"twice a feature", data.CSV{Features: []string{"a", "a"}}, "a,b\n1,2\n", `the column "a" of Features is chosen already`},
		{"no features", data.CSV{Targets: []string{"a"}}, "a\n1\n", "there are no features"},
		{"two targets of categories", data.CSV{Targets: []string{"a", "city"}, Categories: city}, "a,b,city\n1,2,x\n", `the target "city" is of categories and not the only one`},
		{"unknown category", data.CSV{Categories: map[string][]string{"city": {"Bern", "Chur"}}}, "city\nBern\nGenf\n", `line 3, column "city": "Genf" is none of the categories ["Bern" "Chur"]`},
		{"equal categories", data.CSV{Categories: map[string][]string{"city": {"Bern", "Bern"}}}, "city\nBern\n", `the Categories of column "city": "Bern" occurs twice`},
		{"mean of categories", data.CSV{Categories: city, Fill: fill("city", data.FillMean)}, "city\nBern\n", `column "city": filling in missing values: FillMean and FillMedian are for numbers`},
		{"mode of numbers", data.CSV{Fill: fill("a", data.FillMode)}, "a\n1\n", "FillMode is for categories"},
		{"all missing", data.CSV{Fill: fill("a", data.FillMedian)}, "a\n?\n", "all values are missing"},
		{"text for a number", data.CSV{Fill: fill("a", data.FillWith("x"))}, "a\n1\n", `filling in missing values: "x" is not a finite number`},
		{"mean overflows", data.CSV{Fill: fill("a", data.FillMean)}, "a\n1e308\n-1.7e308\n?\n", "the mean overflows"},
		{"comma", data.CSV{Comma: '\n'}, "a\n1\n", "invalid field or comment delimiter"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table, err := test.c.Read(strings.NewReader(test.text))
			wantError(t, err, "data: CSV: ")
			wantError(t, err, test.want)
			if table != nil {
				t.Error("there is a table all the same")
			}
		})
	}
	broken := errors.New("the disk is gone")
	_, err := data.CSV{}.Read(io.MultiReader(strings.NewReader("a\n1\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the reader's", err)
	}
}

func TestManyNamesInErrors(t *testing.T) {
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprint("c", i))
	}
	_, err := data.CSV{Features: []string{"x"}}.Read(strings.NewReader(strings.Join(names, ",")))
	wantError(t, err, `"c19"] and 5 more`)
}

// A column in which every value is another category would become a square.
func TestCategoriesTakeLittleMemory(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,a\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "%d,1\n", i)
	}
	c := data.CSV{Categories: map[string][]string{"id": nil}}
	used := allocated(func() {
		_, err := c.Read(strings.NewReader(text.String()))
		wantError(t, err, `column "id": it has 10000 categories, for which there would be as many columns`)
	})
	if limit := uint64(1<<20 + 64*text.Len()); used > limit {
		t.Errorf("a file of %d bytes took %d", text.Len(), used)
	}
	c.Targets = []string{"id"} // labels are one column
	if got := read(t, c, text.String()).Labels[9_999]; got != 9_999 {
		t.Errorf("the last label is %d", got)
	}
}

// Whatever is written by encoding/csv comes back.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 8).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "d")
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		header := []string{"class"}
		for j := range d {
			header = append(header, fmt.Sprint("x", j))
		}
		write := func(record []string) {
			if err := w.Write(record); err != nil {
				t.Fatal(err)
			}
		}
		write(header)
		var x []float64
		var classes []string
		for range n {
			class := rapid.StringMatching(`[a-z",\n]{0,3}[a-z]`).Draw(t, "class")
			class = strings.TrimSpace(class)
			classes = append(classes, class)
			record := []string{class}
			for range d {
				v := rapid.Float64().Filter(func(v float64) bool { return !math.IsInf(v, 0) && !math.IsNaN(v) }).Draw(t, "x")
				x = append(x, v)
				record = append(record, strconv.FormatFloat(v, 'g', -1, 64))
			}
			write(record)
		}
		w.Flush()
		c := data.CSV{Targets: []string{"class"}, Categories: map[string][]string{"class": nil}, Missing: []string{}}
		table, err := c.Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		names := table.Categories["class"]
		if !slices.Equal(table.X.Float64s(), x) || !slices.IsSorted(names) {
			t.Fatalf("read %v and categories %q", table.X, names)
		}
		for i, class := range classes {
			if got := names[table.Labels[i]]; got != class {
				t.Fatalf("row %d is of %q, was %q", i, got, class)
			}
		}
	})
}

// FuzzCSV asks that a table which is read is whole.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(houses), "price", "city", true)
	f.Add([]byte(houses), "city", "city", false)
	f.Add([]byte("a,b\n1,?\n,2\n"), "a", "b", true)
	f.Add([]byte("\ufeff\"a\n\",b\n1,2"), "b", "b", false)
	f.Fuzz(func(t *testing.T, file []byte, target, categories string, filled bool) {
		c := data.CSV{Targets: []string{target}, Categories: map[string][]string{categories: nil}}
		if filled {
			c.Fill = map[string]data.Filling{target: data.FillMean, categories: data.FillMode}
		}
		table, err := c.Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		if err := table.Validate(); err != nil {
			t.Error(err)
		}
		if d := table.X.Shape()[1]; d != len(table.Features) {
			t.Errorf("%d columns and the names %q", d, table.Features)
		}
		for _, v := range table.X.Float64s() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("X holds %v", v)
			}
		}
		for _, label := range table.Labels {
			if label < 0 || label >= len(table.Categories[target]) {
				t.Errorf("label %d of the categories %q", label, table.Categories[target])
			}
		}
		again, err := data.CSV{Targets: c.Targets, Categories: table.Categories, Fill: table.Fill}.Read(bytes.NewReader(file))
		if err != nil || !cmp.Equal(summarize(again), summarize(table)) {
			t.Errorf("with its own categories the table is another: %v", err)
		}
	})
}

// What stands in a file may be long; what is said about it is not.
func TestCSVErrorsAreShort(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, text := range []string{"a,b\n1," + long, long + "\n1\n2,3", long + "\nx", long + "," + long + "\n", "a\n" + long} {
		table, err := data.CSV{Categories: map[string][]string{"a": {long}}, Targets: []string{"b"}}.Read(strings.NewReader(text))
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("%.20s…: got %v and an error of %d bytes", text, table, len(fmt.Sprint(err)))
		}
		if _, err := (data.CSV{}).Read(strings.NewReader(text)); err == nil || len(err.Error()) > 1000 {
			t.Errorf("%.20s…: an error of %d bytes", text, len(fmt.Sprint(err)))
		}
	}
}
