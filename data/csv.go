package data

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// CSV reads tables of comma-separated values. The columns hold numbers but for
// those that are named in Categories. Its zero value reads a table of numbers
// under a line of column names, all of them features.
//
//	table, err := data.CSV{Targets: []string{"price"}}.Read(file)
type CSV struct {
	// Features are the columns of X, in this order; nil means all columns that are
	// not Targets.
	Features []string
	// Targets are the columns of Y; nil means that there is no Y. A target of
	// categories stands alone.
	Targets []string
	// Categories are the columns that hold names of categories instead of numbers,
	// with the names in order; any other name is an error then. An empty list means
	// the names that occur, sorted. The Categories of the table that is trained on
	// serve to read the one that is tested on.
	Categories map[string][]string
	// Missing are the texts that stand for a missing value, without the space around
	// them; nil means "", "?", "NA", "N/A", "NaN", "nan", "NULL" and "null".
	Missing []string
	// Fill says, for each column, what takes the place of missing values. Those of
	// other columns are errors.
	Fill map[string]Filling
	// NoHeader says that the first line holds values: the columns are then named "0",
	// "1" and so on. Else the first line has the names, also if they look like numbers.
	NoHeader bool
	// Comma separates values; 0 means ','.
	Comma rune
	// Comment begins a line that is passed over; 0 means that there are none.
	Comment rune
}

// A Table is what [CSV.Read] makes of a file: a data set with names.
type Table struct {
	// X is of shape (n, d), float64. Y is of shape (n, k) for k targets of numbers,
	// float64; the labels of a target of categories are of shape (n), float32, as of
	// [Labels].
	Dataset
	// Features names the d columns of X. A feature of numbers is one column; one of
	// two categories is one column, 1 for the second of them, which is named as in
	// "heating=gas"; any other is a column so named for each category, 1 where it is
	// that and else 0.
	Features []string
	// Targets names the columns of Y.
	Targets []string
	// Labels has the category of each example as a position in Categories, if the
	// target is of categories; else it is nil.
	Labels []int
	// Categories has the names of the categories of each column that was read.
	Categories map[string][]string
	// Fill has what took the place of missing values in each column for which CSV.Fill
	// says something, as numbers and names: means of the table that is trained on
	// serve to read the one that is tested on.
	Fill map[string]Filling
}

// A Filling says what takes the place of missing values in a column of a [CSV].
type Filling struct {
	kind fillKind
	text string
}

type fillKind uint8

const (
	fillText fillKind = iota
	fillMean
	fillMedian
	fillMode
)

var (
	// FillMean is the mean of the numbers of the column that are not missing.
	FillMean = Filling{kind: fillMean}
	// FillMedian is their median: the middle one, or the mean of the two in the middle.
	FillMedian = Filling{kind: fillMedian}
	// FillMode is the most frequent category of the column, the first in order among
	// equals.
	FillMode = Filling{kind: fillMode}
)

// FillWith is a number or a category, as it would stand in the file. The category
// counts as one that occurs.
func FillWith(text string) Filling { return Filling{text: text} }

// Read reads a table to the end of r. Values may be quoted as in RFC 4180, and
// space around them does not count; empty lines are passed over.
//
// The error names the line and the column and quotes what stands there, up to 80
// letters of it. It says which column is not in the file or not what the settings
// say, which line has another number of values, where a value is missing, not a
// finite number or none of the categories, or that there are no rows or no
// features. A feature of so many categories that their columns would take out of
// all proportion more memory than the file is an error as well.
func (c CSV) Read(r io.Reader) (*Table, error) {
	table, err := c.read(r)
	if err != nil {
		return nil, fmt.Errorf("data: CSV: %w", err)
	}
	return table, nil
}

var defaultMissing = []string{"", "?", "NA", "N/A", "NaN", "nan", "NULL", "null"}

func (c CSV) read(r io.Reader) (*Table, error) {
	if c.Missing == nil {
		c.Missing = defaultMissing
	}
	counted := &counter{r: r}
	records := c.records(counted)
	record, err := records.Read()
	if err == io.EOF {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(record))
	for i, text := range record {
		names[i] = strings.Clone(strings.TrimSpace(text))
		if c.NoHeader {
			names[i] = strconv.Itoa(i)
		}
	}
	features, targets, err := c.columns(names)
	if err != nil {
		return nil, err
	}
	columns := slices.Concat(features, targets)
	if !c.NoHeader {
		record, err = records.Read()
	}
	n := 0
	for ; err == nil; record, err = records.Read() {
		line, _ := records.FieldPos(0)
		if len(record) != len(names) {
			return nil, fmt.Errorf("line %d has %d values and the table has %d columns", line, len(record), len(names))
		}
		for _, column := range columns {
			if err := column.add(strings.TrimSpace(record[column.index]), c.Missing); err != nil {
				line, _ := records.FieldPos(column.index)
				return nil, fmt.Errorf("line %d, column %.80q: %w", line, column.name, err)
			}
		}
		n++
	}
	if err != io.EOF {
		return nil, err
	}
	if n == 0 {
		return nil, errors.New("there are no rows below the names of the columns")
	}
	for _, column := range columns {
		if err := column.finish(); err != nil {
			return nil, fmt.Errorf("column %.80q: %w", column.name, err)
		}
	}
	return newTable(features, targets, n, counted.n)
}

// records returns the reader of the file's records, which are checked for their
// length here: the package csv does not tell what it should be.
func (c CSV) records(r io.Reader) *csv.Reader {
	buffered := bufio.NewReader(r)
	// An error will come again when the first record is read.
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		buffered.Discard(3)
	}
	records := csv.NewReader(buffered)
	if c.Comma != 0 {
		records.Comma = c.Comma
	}
	records.Comment = c.Comment
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	return records
}

// columns finds the columns that the settings name.
func (c CSV) columns(names []string) (features, targets []*column, err error) {
	for i, name := range names {
		if slices.Index(names, name) < i {
			return nil, nil, fmt.Errorf("two columns are named %.80q: give each its own name", name)
		}
	}
	var chosen []string
	find := func(name, setting string) (int, error) {
		i := slices.Index(names, name)
		if i < 0 {
			return 0, fmt.Errorf("the column %.80q of %s is not in the file, which has %s", name, setting, listed(names))
		}
		return i, nil
	}
	choose := func(wanted []string, setting string) ([]*column, error) {
		var columns []*column
		for _, name := range wanted {
			i, err := find(name, setting)
			if err != nil {
				return nil, err
			}
			if slices.Contains(chosen, name) {
				return nil, fmt.Errorf("the column %.80q of %s is chosen already", name, setting)
			}
			chosen = append(chosen, name)
			column := &column{name: name, index: i}
			if known, ok := c.Categories[name]; ok {
				if column.categories, err = newCategories(known); err != nil {
					return nil, fmt.Errorf("the Categories of column %.80q: %w", name, err)
				}
			}
			if fill, ok := c.Fill[name]; ok {
				column.fill = &fill
			}
			columns = append(columns, column)
		}
		return columns, nil
	}
	if targets, err = choose(c.Targets, "Targets"); err != nil {
		return nil, nil, err
	}
	wanted := c.Features
	if wanted == nil {
		wanted = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(c.Targets, name) })
	}
	if features, err = choose(wanted, "Features"); err != nil {
		return nil, nil, err
	}
	if len(features) == 0 {
		return nil, nil, fmt.Errorf("there are no features: the columns are %s and the targets %s", listed(names), listed(c.Targets))
	}
	for _, target := range targets {
		if target.categories != nil && len(targets) > 1 {
			return nil, nil, fmt.Errorf("the target %.80q is of categories and not the only one: read the others as another table", target.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Categories)) {
		if _, err := find(name, "Categories"); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fill)) {
		if _, err := find(name, "Fill"); err != nil {
			return nil, nil, err
		}
	}
	return features, targets, nil
}

// newTable makes a table of columns of n values each, which were read from a
// number of bytes.
func newTable(features, targets []*column, n int, bytes int64) (*Table, error) {
	t := &Table{Categories: make(map[string][]string), Fill: make(map[string]Filling)}
	for _, column := range slices.Concat(features, targets) {
		if column.categories != nil {
			t.Categories[column.name] = column.categories.names
		}
		if column.fill != nil {
			t.Fill[column.name] = *column.fill
		}
	}
	for _, feature := range features {
		t.Features = append(t.Features, feature.expandedNames()...)
	}
	d := len(t.Features)
	if limit := (smallTable + maxTable*bytes) / 8 / int64(n); int64(d) > limit && d > len(features) {
		widest := slices.MaxFunc(features, func(a, b *column) int { return cmp.Compare(a.width(), b.width()) })
		return nil, fmt.Errorf("column %.80q: it has %d categories, for which there would be as many columns: leave it out of Features",
			widest.name, widest.width())
	}
	x, at := make([]float64, n*d), 0
	for _, feature := range features {
		feature.expand(x[at:], d)
		at += feature.width()
	}
	t.X = engine.Dense(x, n, d)
	if len(targets) == 0 {
		return t, nil
	}
	if only := targets[0]; only.categories != nil {
		t.Targets = []string{only.name}
		t.Labels = make([]int, n)
		for i, v := range only.values {
			t.Labels[i] = int(v)
		}
		var err error
		t.Y, err = Labels(t.Labels)
		return t, err
	}
	y := make([]float64, n*len(targets))
	for i, target := range targets {
		t.Targets = append(t.Targets, target.name)
		target.expand(y[i:], len(targets))
	}
	t.Y = engine.Dense(y, n, len(targets))
	return t, nil
}

const (
	// maxTable is how many bytes of numbers a byte of a file may become: "1," are 8
	// as a float64, and one name of four letters makes for that in thirty categories.
	// A file may always have smallTable.
	maxTable   = 64
	smallTable = 1 << 20
)
