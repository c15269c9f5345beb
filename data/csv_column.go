package data

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A column collects the values of one column of a table.
type column struct {
	name       string
	index      int         // among the columns of the file
	categories *categories // nil for numbers
	fill       *Filling    // nil: missing values are errors
	values     []float64   // numbers or positions among the categories
	missing    []int       // rows
}

// add takes a value, which may be missing.
func (c *column) add(text string, missing []string) error {
	if slices.Contains(missing, text) {
		if c.fill == nil {
			return fmt.Errorf("%.80q stands for a missing value: say what to Fill in, or leave the row or the column out", text)
		}
		c.missing = append(c.missing, len(c.values))
		c.values = append(c.values, 0)
		return nil
	}
	v, err := c.parse(text)
	if err != nil {
		return err
	}
	c.values = append(c.values, v)
	return nil
}

func (c *column) parse(text string) (float64, error) {
	if c.categories != nil {
		i, err := c.categories.position(text)
		return float64(i), err
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, fmt.Errorf("%.80q is not a finite number: name the column in Categories if it holds names", text)
	}
	return v, nil
}

// finish fills in what is missing, and puts categories in order.
func (c *column) finish() error {
	if c.fill != nil {
		v, err := c.filling()
		if err != nil {
			return fmt.Errorf("filling in missing values: %w", err)
		}
		for _, i := range c.missing {
			c.values[i] = v
		}
		c.fill.text = strconv.FormatFloat(v, 'g', -1, 64)
		if c.categories != nil {
			c.fill.text = c.categories.names[int(v)]
		}
		c.fill.kind = fillText
	}
	if c.categories == nil {
		return nil
	}
	if len(c.categories.names) > maxClass {
		return fmt.Errorf("it has %d categories and there may be %d: these are hardly categories", len(c.categories.names), maxClass)
	}
	if !c.categories.fixed {
		to := c.categories.sort()
		for i, v := range c.values {
			c.values[i] = float64(to[int(v)])
		}
	}
	return nil
}

// filling returns the value that takes the place of missing ones.
func (c *column) filling() (float64, error) {
	if c.fill.kind == fillText {
		return c.parse(c.fill.text)
	}
	if numbers := c.fill.kind != fillMode; numbers != (c.categories == nil) {
		return 0, errors.New("FillMean and FillMedian are for numbers, FillMode is for categories")
	}
	present := make([]float64, 0, len(c.values)-len(c.missing))
	missing := c.missing
	for i, v := range c.values {
		if len(missing) > 0 && missing[0] == i {
			missing = missing[1:]
			continue
		}
		present = append(present, v)
	}
	if len(present) == 0 {
		return 0, errors.New("all values are missing: give one by FillWith")
	}
	switch c.fill.kind {
	case fillMean:
		return finite(mean(present))
	case fillMedian:
		slices.Sort(present)
		middle := len(present) / 2
		return finite(mean(present[middle-(len(present)+1)%2 : middle+1]))
	}
	counts := make([]int, len(c.categories.names))
	for _, v := range present {
		counts[int(v)]++
	}
	best := 0
	for i, count := range counts {
		more := cmp.Compare(count, counts[best])
		if more > 0 || more == 0 && !c.categories.fixed && c.categories.names[i] < c.categories.names[best] {
			best = i
		}
	}
	return float64(best), nil
}

func finite(v float64) (float64, error) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, errors.New("the mean overflows: give a number by FillWith")
	}
	return v, nil
}

// mean returns the mean of values, exactly their value if all are equal.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += (v - values[0]) / float64(len(values)) // which does not overflow before the mean does
	}
	return values[0] + sum
}

// width is the number of columns of X.
func (c *column) width() int {
	if c.categories == nil || len(c.categories.names) == 2 {
		return 1
	}
	return len(c.categories.names)
}

func (c *column) expandedNames() []string {
	if c.categories == nil {
		return []string{c.name}
	}
	names := c.categories.names
	if len(names) == 2 {
		names = names[1:]
	}
	var expanded []string
	for _, name := range names {
		expanded = append(expanded, c.name+"="+name)
	}
	return expanded
}

// expand writes the column to the first of rows of the given length.
func (c *column) expand(rows []float64, length int) {
	for i, v := range c.values {
		row := rows[i*length:]
		if c.categories == nil || len(c.categories.names) == 2 {
			row[0] = v
		} else {
			row[int(v)] = 1
		}
	}
}

// categories are the names of a column.
type categories struct {
	names     []string
	positions map[string]int
	fixed     bool // no other name may come
}

func newCategories(known []string) (*categories, error) {
	c := &categories{positions: make(map[string]int)}
	for _, name := range known {
		if _, ok := c.positions[name]; ok {
			return nil, fmt.Errorf("%.80q occurs twice", name)
		}
		c.insert(name)
	}
	c.fixed = len(known) > 0
	return c, nil
}

func (c *categories) insert(name string) {
	name = strings.Clone(name) // which is part of a whole record
	c.positions[name] = len(c.names)
	c.names = append(c.names, name)
}

func (c *categories) position(name string) (int, error) {
	i, ok := c.positions[name]
	if !ok {
		if c.fixed {
			return 0, fmt.Errorf("%.80q is none of the categories %s", name, listed(c.names))
		}
		i = len(c.names)
		c.insert(name)
	}
	return i, nil
}

// sort puts the names in order, and returns the new position of each.
func (c *categories) sort() []int {
	old := c.positions
	c.names = slices.Sorted(maps.Keys(old))
	to := make([]int, len(c.names))
	c.positions = nil
	for i, name := range c.names {
		to[old[name]] = i
	}
	return to
}

// listed quotes names for an error, the first of them if they are many.
func listed(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%.80q and %d more", names[:most], len(names)-most)
	}
	return fmt.Sprintf("%.80q", names)
}
