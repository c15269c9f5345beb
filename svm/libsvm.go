package svm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tapegrad/tapegrad/internal/engine"
)

// WriteLIBSVM writes m as a model file of LIBSVM, which svm-predict and
// svm_load_model read. Numbers are as short as they can be and still be read as
// the same float64 (LIBSVM itself writes support vectors with eight digits only).
// The file does not hold the indices of the support vectors nor the report.
//
// It returns the writer's error, or an error that names a label which does not
// fit the 32 bits of LIBSVM's labels.
func (m *Model) WriteLIBSVM(w io.Writer) error {
	if err := m.writeLIBSVM(w); err != nil {
		return fmt.Errorf("svm: writing a LIBSVM model: %w", err)
	}
	return nil
}

// ReadLIBSVM is LIBSVMReader{}.Read(r): the plain case, in which the support
// vectors name all features.
func ReadLIBSVM(r io.Reader) (*Model, error) { return LIBSVMReader{}.Read(r) }

// A LIBSVMReader reads model files of LIBSVM. Its zero value is ready for use.
type LIBSVMReader struct {
	// Features is the number of features d of a sample; 0 means the last that a
	// support vector names. LIBSVM's files leave zeros out, so that features which are
	// zero in all support vectors (the last pixels of an image) are not to be seen in
	// them. Files of [Model.WriteLIBSVM] always name the last.
	Features int
}

// Read reads a model of svm_type c_svc and kernel_type linear or rbf to the end
// of r. What the file says of probabilities is passed over.
//
// A model that [Model.WriteLIBSVM] wrote decides as it did before, to the bit, if
// it was fitted with a Tolerance of 1e-3 or more. For a smaller one a fitted model
// may use kernel values of higher precision than the one that was read, whose
// decision values then differ by up to some 1e-6 for each support vector. The
// classes keep the order of the file, as in LIBSVM's voting.
//
// The error names the line and says what is wrong with it. Support vectors are
// laid out with their zeros, and refused if that takes out of all proportion more
// memory than the file.
func (l LIBSVMReader) Read(r io.Reader) (*Model, error) {
	m, err := l.read(r)
	if err != nil {
		return nil, fmt.Errorf("svm: reading a LIBSVM model: %w", err)
	}
	return m, nil
}

func (m *Model) writeLIBSVM(w io.Writer) error {
	for _, label := range m.classes {
		if label != int(int32(label)) {
			return fmt.Errorf("label %d is beyond LIBSVM's 32 bits: number the classes from 0", label)
		}
	}
	vectors, err := m.support()
	if err != nil {
		return err
	}
	line := []byte("svm_type c_svc\n")
	switch m.kernel.(type) {
	case Linear:
		line = append(line, "kernel_type linear\n"...)
	case RBF:
		line = append(appendNumbers(append(line, "kernel_type rbf\ngamma"...), m.Gamma()), '\n')
	default:
		return fmt.Errorf("the kernel is a %T: only models of svm.Linear and svm.RBF can be written", m.kernel)
	}
	line = fmt.Appendf(line, "nr_class %d\ntotal_sv %d\nrho", len(m.classes), vectors.rows)
	line = append(appendNumbers(line, m.rho...), "\nlabel"...)
	for _, label := range m.classes {
		line = fmt.Appendf(line, " %d", label)
	}
	line = append(line, "\nnr_sv"...)
	for _, count := range m.counts {
		line = fmt.Appendf(line, " %d", count)
	}
	line = append(line, "\nSV\n"...)

	buffered := bufio.NewWriter(w) // it keeps the first error for Flush
	buffered.Write(line)
	row, columns := make([]float64, vectors.cols), len(m.classes)-1
	for s := range vectors.rows {
		vectors.row(s, row)
		line = appendNumbers(line[:0], m.coefficients[s*columns:(s+1)*columns]...)
		for j, v := range row {
			// The last feature tells how many there are.
			if v != 0 || s == 0 && j == len(row)-1 {
				line = append(line, ' ')
				line = strconv.AppendInt(line, int64(j+1), 10)
				line = append(line, ':')
				line = strconv.AppendFloat(line, v, 'g', -1, 64)
			}
		}
		line = append(line, '\n')
		buffered.Write(line[1:]) // without the space before the first number
	}
	return buffered.Flush()
}

func appendNumbers(line []byte, numbers ...float64) []byte {
	for _, v := range numbers {
		line = strconv.AppendFloat(append(line, ' '), v, 'g', -1, 64)
	}
	return line
}

const (
	// maxExpansion is how many bytes of dense numbers a byte of a file may become:
	// some 25 bytes of text are 8 as a float64, which leaves room for vectors of 99
	// zeros in a hundred. A file may always have smallExpansion.
	maxExpansion   = 32
	smallExpansion = 1 << 20
)

func (l LIBSVMReader) read(r io.Reader) (*Model, error) {
	if l.Features < 0 {
		return nil, fmt.Errorf("the Features is %d: give the number of features of a sample, or 0 for what the file names", l.Features)
	}
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return nil, err
	}
	f := &libsvmFile{lines: lines{rest: text.String()}}
	m, total, err := f.header()
	if err != nil {
		return nil, err
	}
	if err := f.vectors(total, len(m.classes)-1); err != nil {
		return nil, err
	}
	m.coefficients = f.coefficients
	m.features = l.Features
	if f.width > l.Features {
		if l.Features > 0 {
			return nil, fmt.Errorf("line %d names feature %d and the Features is %d: give a number that is not less", f.widest, f.width, l.Features)
		}
		m.features = f.width
	}
	if m.features == 0 {
		return nil, errors.New("the support vectors name no feature: give the number of Features")
	}
	longest := total
	if m.kernel == (Linear{}) {
		longest = max(total, len(m.pairs)) // of weights
	}
	if limit := (smallExpansion + maxExpansion*text.Len()) / 8 / longest; m.features > limit {
		return nil, fmt.Errorf("%d features (line %d names the last) of %d support vectors and %d pairs of classes are too many for a file of %d bytes: vectors that are nearly all zeros are not supported",
			m.features, f.widest, total, len(m.pairs), text.Len())
	}
	values := make([]float64, total*m.features)
	for s, start := range f.starts {
		end := len(f.entries)
		if s+1 < total {
			end = f.starts[s+1]
		}
		for _, e := range f.entries[start:end] {
			values[s*m.features+e.column] = e.value
		}
	}
	m.vectors = engine.Dense(values, total, m.features)
	if err := m.complete(context.Background(), nil, defaultTolerance); err != nil {
		return nil, fmt.Errorf("the support vectors: %w", err)
	}
	return m, nil
}

// A libsvmFile is what has been read of a model file.
type libsvmFile struct {
	lines        lines
	coefficients []float64
	entries      []entry
	starts       []int // of each vector in entries
	width        int   // the last feature that is named, counted from 1
	widest       int   // the line that names it
}

// An entry is a value of a sparse vector.
type entry struct {
	column int
	value  float64
}

// The words with which a line of the header begins: those that must be there, and
// those of other models or about probabilities.
var (
	neededKeys = []string{"svm_type", "kernel_type", "nr_class", "total_sv", "rho", "label", "nr_sv"}
	otherKeys  = []string{"gamma", "degree", "coef0", "probA", "probB", "prob_density_marks"}
)

// header reads up to the support vectors, and returns a model of what it says and
// the number of support vectors.
func (f *libsvmFile) header() (m *Model, total int, err error) {
	found := make(map[string]headerLine)
	for {
		text, ok := f.lines.next()
		if !ok {
			return nil, 0, fmt.Errorf("line %d: the file ends before the line SV: it is cut or no model of LIBSVM", f.lines.number)
		}
		text = strings.TrimSpace(text)
		key, values := text, ""
		if at := strings.IndexAny(text, " \t"); at >= 0 {
			key, values = text[:at], text[at:]
		}
		if key == "SV" {
			break
		}
		if key == "" {
			continue
		}
		if !slices.Contains(neededKeys, key) && !slices.Contains(otherKeys, key) {
			return nil, 0, fmt.Errorf("line %d: %q is no word of a LIBSVM model's header", f.lines.number, shortened(key))
		}
		if first, twice := found[key]; twice {
			return nil, 0, fmt.Errorf("line %d: there is a second %s, the first is in line %d", f.lines.number, key, first.number)
		}
		found[key] = headerLine{key: key, values: strings.TrimSpace(values), number: f.lines.number}
	}
	for _, key := range neededKeys {
		if _, ok := found[key]; !ok {
			return nil, 0, fmt.Errorf("line %d: the header ends without %s", f.lines.number, key)
		}
	}
	if h := found["svm_type"]; h.values != "c_svc" {
		return nil, 0, fmt.Errorf("line %d: svm_type %q is not supported: it must be c_svc", h.number, shortened(h.values))
	}
	m = new(Model)
	switch h := found["kernel_type"]; h.values {
	case "linear":
		m.kernel = Linear{}
	case "rbf":
		gamma, ok := found["gamma"]
		if !ok {
			return nil, 0, fmt.Errorf("line %d: the header ends without gamma", f.lines.number)
		}
		values, err := headerValues(gamma, 1, parsePositive)
		if err != nil {
			return nil, 0, err
		}
		m.kernel = RBF{Gamma: Gamma(values[0])}
	default:
		return nil, 0, fmt.Errorf("line %d: kernel_type %q is not supported: it must be linear or rbf", h.number, shortened(h.values))
	}
	classes, err := headerValues(found["nr_class"], 1, parseCount)
	if err != nil {
		return nil, 0, err
	}
	k := classes[0]
	if k < 2 || k > maxClasses {
		return nil, 0, fmt.Errorf("line %d: nr_class is %d: it must be between 2 and %d", found["nr_class"].number, k, maxClasses)
	}
	totals, err := headerValues(found["total_sv"], 1, parseCount)
	if err != nil {
		return nil, 0, err
	}
	if m.rho, err = headerValues(found["rho"], k*(k-1)/2, parseFinite); err != nil {
		return nil, 0, err
	}
	if m.classes, err = headerValues(found["label"], k, parseLabel); err != nil {
		return nil, 0, err
	}
	if m.counts, err = headerValues(found["nr_sv"], k, parseCount); err != nil {
		return nil, 0, err
	}
	seen := make(map[int]bool)
	for _, label := range m.classes {
		if seen[label] {
			return nil, 0, fmt.Errorf("line %d: label %d occurs twice", found["label"].number, label)
		}
		seen[label] = true
	}
	for _, count := range m.counts {
		total += count // at most 1000 numbers of 32 bits
	}
	if total != totals[0] || total == 0 {
		return nil, 0, fmt.Errorf("line %d: nr_sv sums to %d and total_sv is %d: they must be equal and not 0", found["nr_sv"].number, total, totals[0])
	}
	m.pairs, m.columns, m.balanced = pairs(k), k-1, true
	m.outputs = pairOutputs(m.pairs)
	return m, total, nil
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
// indices that count from 1 and ascend.
func (f *libsvmFile) vectors(total, columns int) error {
	for s := range total {
		text, ok := f.lines.next()
		if !ok {
			return fmt.Errorf("line %d: the file ends after %d of %d support vectors", f.lines.number, s, total)
		}
		f.starts = append(f.starts, len(f.entries))
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
		if column <= last {
			return fmt.Errorf("feature %d comes after %d: indices count from 1 and ascend", column, last)
		}
		last = column
		v, err := parseFinite(value)
		if err != nil {
			return fmt.Errorf("feature %d: %w", column, err)
		}
		f.entries = append(f.entries, entry{column: column - 1, value: v})
	}
	if at < columns {
		return fmt.Errorf("there are %d coefficients, and %d classes need %d", at, columns+1, columns)
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
