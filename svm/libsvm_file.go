package svm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A libsvmFile is what has been read of a model file.
type libsvmFile struct {
	lines        lines
	size         int // of the text
	head         map[string]headerLine
	end          int // the line that ends the header
	table        bool
	coefficients []float64
	starts       []int // of each vector in columns and values
	columns      []int32
	values       []float64
	serials      []int // of each vector among the training samples, where the kernel is precomputed
	width        int   // the last feature that is named, counted from 1
	widest       int   // the line that names it
}

// headerKeys are the words with which a line of the header begins.
var headerKeys = []string{
	"svm_type", "kernel_type", "degree", "gamma", "coef0", "nr_class", "total_sv", "rho", "label", "nr_sv", "probA", "probB", "prob_density_marks",
}

// header reads up to the support vectors.
func (f *libsvmFile) header() error {
	f.head = make(map[string]headerLine)
	for {
		text, ok := f.lines.next()
		if !ok {
			return fmt.Errorf("line %d: the file ends before the line SV: it is cut or no model of LIBSVM", f.lines.number)
		}
		text = strings.TrimSpace(text)
		key, values := text, ""
		if at := strings.IndexAny(text, " \t"); at >= 0 {
			key, values = text[:at], text[at:]
		}
		if key == "SV" {
			f.end = f.lines.number
			return nil
		}
		if key == "" {
			continue
		}
		if !slices.Contains(headerKeys, key) {
			return fmt.Errorf("line %d: %q is no word of a LIBSVM model's header", f.lines.number, shortened(key))
		}
		if first, twice := f.head[key]; twice {
			return fmt.Errorf("line %d: there is a second %s, the first is in line %d", f.lines.number, key, first.number)
		}
		f.head[key] = headerLine{key: key, values: strings.TrimSpace(values), number: f.lines.number}
	}
}

// need returns a line of the header that must be there.
func (f *libsvmFile) need(key string) (headerLine, error) {
	h, ok := f.head[key]
	if !ok {
		return h, fmt.Errorf("line %d: the header ends without %s", f.end, key)
	}
	return h, nil
}

// headerNumbers returns the n values of a line of the header that must be there.
func headerNumbers[T any](f *libsvmFile, key string, n int, parse func(string) (T, error)) ([]T, error) {
	h, err := f.need(key)
	if err != nil {
		return nil, err
	}
	return headerValues(h, n, parse)
}

// headerNumber is headerNumbers of a single value.
func headerNumber[T any](f *libsvmFile, key string, parse func(string) (T, error)) (value T, err error) {
	values, err := headerNumbers(f, key, 1, parse)
	if err == nil {
		value = values[0]
	}
	return value, err
}

// kernel returns the kernel that the header tells.
func (f *libsvmFile) kernel() (Kernel, error) {
	h, err := f.need("kernel_type")
	if err != nil {
		return nil, err
	}
	number := func(key string, parse func(string) (float64, error)) (v float64) {
		if err == nil {
			v, err = headerNumber(f, key, parse)
		}
		return v
	}
	switch h.values {
	case "linear":
		return Linear{}, nil
	case "rbf":
		gamma := number("gamma", parsePositive)
		return RBF{Gamma: Gamma(gamma)}, err
	case "polynomial":
		degree, gamma, coef0 := number("degree", parseDegree), number("gamma", parsePositive), number("coef0", parseFinite)
		return Polynomial{Degree: int(degree), Gamma: Gamma(gamma), Coef0: coef0}, err
	case "sigmoid":
		gamma, coef0 := number("gamma", parsePositive), number("coef0", parseFinite)
		return Sigmoid{Gamma: Gamma(gamma), Coef0: coef0}, err
	case "precomputed":
		return Precomputed{}, nil
	}
	return nil, fmt.Errorf("line %d: kernel_type %q is not known: it must be linear, polynomial, rbf, sigmoid or precomputed", h.number, shortened(h.values))
}

// A headerLine is a line of the header.
type headerLine struct {
	key, values string
	number      int
}

// headerValues returns the values of a line, of which there must be n.
func headerValues[T any](h headerLine, n int, parse func(string) (T, error)) ([]T, error) {
	var values []T
	for text := range strings.FieldsSeq(h.values) {
		v, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", h.number, h.key, err)
		}
		values = append(values, v)
	}
	if len(values) != n {
		return nil, fmt.Errorf("line %d: %s has %d values and needs %d", h.number, h.key, len(values), n)
	}
	return values, nil
}

// vectors reads the support vectors, the rest of the file: on each line the
// coefficients of a vector and its values that are not zero, as index:value with
// indices that count from 1 and ascend, or as 0:number where the kernel is
// precomputed.
func (f *libsvmFile) vectors(total, columns int) error {
	for s := range total {
		text, ok := f.lines.next()
		if !ok {
			return fmt.Errorf("line %d: the file ends after %d of %d support vectors", f.lines.number, s, total)
		}
		f.starts = append(f.starts, len(f.values))
		if err := f.vector(text, columns); err != nil {
			return fmt.Errorf("line %d: %w", f.lines.number, err)
		}
	}
	for {
		text, ok := f.lines.next()
		if !ok {
			return nil
		}
		if strings.TrimSpace(text) != "" {
			return fmt.Errorf("line %d: there is text after the %d support vectors", f.lines.number, total)
		}
	}
}

func (f *libsvmFile) vector(text string, columns int) error {
	at, last := 0, 0
	for field := range strings.FieldsSeq(text) {
		index, value, sparse := strings.Cut(field, ":")
		if sparse != (at >= columns) {
			return fmt.Errorf("field %d is %q: a support vector is %d coefficients and then values as index:value", at+1, shortened(field), columns)
		}
		at++
		if !sparse {
			v, err := parseFinite(field)
			if err != nil {
				return fmt.Errorf("coefficient %d: %w", at, err)
			}
			f.coefficients = append(f.coefficients, v)
			continue
		}
		column, err := parseCount(index)
		if err != nil {
			return fmt.Errorf("the index of %q: %w", shortened(field), err)
		}
		if f.table {
			serial, err := parseCount(value)
			if column != 0 || err != nil || serial == 0 || last != 0 {
				return fmt.Errorf("field %d is %q: a support vector of a precomputed kernel is one 0:number, of a training sample counted from 1", at, shortened(field))
			}
			last = serial
			f.serials = append(f.serials, serial-1)
			continue
		}
		if column <= last {
			return fmt.Errorf("feature %d comes after %d: indices count from 1 and ascend", column, last)
		}
		last = column
		v, err := parseFinite(value)
		if err != nil {
			return fmt.Errorf("feature %d: %w", column, err)
		}
		f.columns, f.values = append(f.columns, int32(column-1)), append(f.values, v)
	}
	if at < columns {
		return fmt.Errorf("there are %d coefficients, and %d classes need %d", at, columns+1, columns)
	}
	if f.table && last == 0 {
		return errors.New("there is no 0:number: a support vector of a precomputed kernel has that of a training sample")
	}
	if last > f.width {
		f.width, f.widest = last, f.lines.number
	}
	return nil
}

// lines are the lines of a text, counted from 1.
type lines struct {
	rest   string
	number int
}

func (l *lines) next() (text string, ok bool) {
	if l.rest == "" {
		return "", false
	}
	l.number++
	text, l.rest, _ = strings.Cut(l.rest, "\n")
	return text, true
}

func parseFinite(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is not a finite number", shortened(text))
	}
	return v, nil
}

func parsePositive(text string) (float64, error) {
	v, err := parseFinite(text)
	if err == nil && v <= 0 {
		err = fmt.Errorf("%q is not positive", shortened(text))
	}
	return v, err
}

func parseDegree(text string) (float64, error) {
	v, err := parseLabel(text)
	if err == nil && (v < 1 || v > maxDegree) {
		err = fmt.Errorf("%q is not a degree from 1 to %d", shortened(text), maxDegree)
	}
	return float64(v), err
}

func parseLabel(text string) (int, error) {
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number of 32 bits", shortened(text))
	}
	return int(v), nil
}

func parseCount(text string) (int, error) {
	v, err := parseLabel(text)
	if err == nil && v < 0 {
		err = fmt.Errorf("%q is negative", shortened(text))
	}
	return v, err
}

// shortened makes any text fit an error.
func shortened(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
