package svm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/tapegrad/tapegrad/data"
)

// ReadLIBSVM is LIBSVMReader{}.Read(r): the plain case, in which the support
// vectors name all features.
func ReadLIBSVM(r io.Reader) (*Model, error) { return LIBSVMReader{}.Read(r) }

// A LIBSVMReader reads model files of LIBSVM. Its zero value is ready for use.
type LIBSVMReader struct {
	// Features is the number of features d of a sample, or of training samples where the
	// kernel is precomputed; 0 means the last that a support vector names. LIBSVM's
	// files leave zeros out, so that features which are zero in all support vectors (the
	// last pixels of an image) are not to be seen in them. Files of [Model.WriteLIBSVM]
	// always name the last, but for a [Precomputed] kernel.
	Features int
}

// Read reads a classifier, a model of svm_type c_svc or nu_svc with any of LIBSVM's
// kernels, to the end of r. What the file says of probabilities is passed over;
// [LIBSVMReader.ReadCalibrated] wants it.
//
// A model that [Model.WriteLIBSVM] wrote decides as it did before, to the bit, if
// it was fitted with a Tolerance of 1e-3 or more. For a smaller one a fitted model
// may use kernel values of higher precision than the one that was read, whose
// decision values then differ by up to some 1e-6 for each support vector. The
// classes keep the order of the file, as in LIBSVM's voting.
//
// The error names the line and says what is wrong with it. Memory is a small
// multiple of the text: support vectors that are nearly all zeros are kept as a CSR.
func (l LIBSVMReader) Read(r io.Reader) (*Model, error) {
	m, _, err := l.classifier(r)
	if err != nil {
		return nil, reading(err)
	}
	return m, nil
}

// ReadCalibrated reads a classifier with probabilities, as LIBSVM writes it if it was
// trained with -b 1. It returns the errors of [LIBSVMReader.Read], or says that the
// file has no probA and probB.
func (l LIBSVMReader) ReadCalibrated(r io.Reader) (*Calibrated, error) {
	c, err := l.calibrated(r)
	return c, reading(err)
}

// ReadOneClass reads a model of svm_type one_class. It returns the errors of
// [LIBSVMReader.Read].
func (l LIBSVMReader) ReadOneClass(r io.Reader) (*OneClassModel, error) {
	m, _, err := l.single(r, false, "one_class")
	if err != nil {
		return nil, reading(err)
	}
	return &OneClassModel{machine: *m}, nil
}

// ReadRegression reads a model of svm_type epsilon_svr or nu_svr. Its Epsilon is 0, as
// the file does not tell it, and so is its report. It returns the errors of
// [LIBSVMReader.Read].
func (l LIBSVMReader) ReadRegression(r io.Reader) (*RegressionModel, error) {
	m, svmType, err := l.single(r, true, "epsilon_svr", "nu_svr")
	if err != nil {
		return nil, reading(err)
	}
	m.nu = svmType == "nu_svr"
	return &RegressionModel{machine: *m}, nil
}

func reading(err error) error {
	if err != nil {
		err = fmt.Errorf("svm: reading a LIBSVM model: %w", err)
	}
	return err
}

// readers says which method reads the models of a type.
var readers = map[string]string{
	"c_svc": "Read", "nu_svc": "Read", "one_class": "ReadOneClass", "epsilon_svr": "ReadRegression", "nu_svr": "ReadRegression",
}

// open reads the header of a file of one of some types.
func (l LIBSVMReader) open(r io.Reader, types ...string) (f *libsvmFile, svmType string, err error) {
	if l.Features < 0 {
		return nil, "", fmt.Errorf("the Features is %d: give the number of features of a sample, or 0 for what the file names", l.Features)
	}
	if l.Features > math.MaxInt32 {
		return nil, "", fmt.Errorf("the Features is %d: give a number up to %d", l.Features, math.MaxInt32)
	}
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return nil, "", err
	}
	f = &libsvmFile{lines: lines{rest: text.String()}, size: text.Len()}
	if err := f.header(); err != nil {
		return nil, "", err
	}
	h, err := f.need("svm_type")
	if err != nil || slices.Contains(types, h.values) {
		return f, h.values, err
	}
	if reader := readers[h.values]; reader != "" {
		return nil, "", fmt.Errorf("line %d: svm_type is %s: read it by LIBSVMReader.%s", h.number, h.values, reader)
	}
	return nil, "", fmt.Errorf("line %d: svm_type %q is not known: it must be %s", h.number, shortened(h.values), strings.Join(types, " or "))
}

func (l LIBSVMReader) calibrated(r io.Reader) (*Calibrated, error) {
	m, f, err := l.classifier(r)
	if err != nil {
		return nil, err
	}
	a, err := headerNumbers(f, "probA", len(m.pairs), parseFinite)
	if err != nil {
		return nil, err
	}
	b, err := headerNumbers(f, "probB", len(m.pairs), parseFinite)
	if err != nil {
		return nil, err
	}
	sigmoids := make([]PlattSigmoid, len(a))
	for p := range sigmoids {
		sigmoids[p] = PlattSigmoid{A: a[p], B: b[p]}
	}
	return m.Calibrated(sigmoids)
}

func (l LIBSVMReader) classifier(r io.Reader) (*Model, *libsvmFile, error) {
	f, svmType, err := l.open(r, "c_svc", "nu_svc")
	if err != nil {
		return nil, nil, err
	}
	k, err := headerNumber(f, "nr_class", parseCount)
	if err != nil {
		return nil, nil, err
	}
	if k < 2 || k > maxClasses {
		return nil, nil, fmt.Errorf("line %d: nr_class is %d: it must be between 2 and %d", f.head["nr_class"].number, k, maxClasses)
	}
	m := &Model{pairs: pairs(k)}
	m.columns, m.balanced, m.nu = k-1, true, svmType == "nu_svc"
	m.outputs = pairOutputs(m.pairs)
	if m.classes, err = headerNumbers(f, "label", k, parseLabel); err != nil {
		return nil, nil, err
	}
	seen := make(map[int]bool)
	for _, label := range m.classes {
		if seen[label] {
			return nil, nil, fmt.Errorf("line %d: label %d occurs twice", f.head["label"].number, label)
		}
		seen[label] = true
	}
	if m.counts, err = headerNumbers(f, "nr_sv", k, parseCount); err != nil {
		return nil, nil, err
	}
	total, err := headerNumber(f, "total_sv", parseCount)
	if err != nil {
		return nil, nil, err
	}
	sum := 0
	for _, count := range m.counts {
		sum += count // at most 1000 numbers of 32 bits
	}
	if sum != total || total == 0 {
		return nil, nil, fmt.Errorf("line %d: nr_sv sums to %d and total_sv is %d: they must be equal and not 0", f.head["nr_sv"].number, sum, total)
	}
	if err := l.finish(&m.machine, f, total); err != nil {
		return nil, nil, err
	}
	return m, f, nil
}

// single reads a machine with one output.
func (l LIBSVMReader) single(r io.Reader, balanced bool, types ...string) (*machine, string, error) {
	f, svmType, err := l.open(r, types...)
	if err != nil {
		return nil, "", err
	}
	total, err := headerNumber(f, "total_sv", parseCount)
	if err != nil {
		return nil, "", err
	}
	m := &machine{columns: 1, outputs: single, balanced: balanced, counts: []int{total}}
	return m, svmType, l.finish(m, f, total)
}

const (
	// maxExpansion is how many bytes of weights a byte of a file may become, and a file
	// may always have smallExpansion.
	maxExpansion   = 32
	smallExpansion = 1 << 20
)

// finish reads what all machines have, of total support vectors.
func (l LIBSVMReader) finish(m *machine, f *libsvmFile, total int) (err error) {
	if m.kernel, err = f.kernel(); err != nil {
		return err
	}
	if m.rho, err = headerNumbers(f, "rho", len(m.outputs), parseFinite); err != nil {
		return err
	}
	_, f.table = m.kernel.(Precomputed)
	if err := f.vectors(total, m.columns); err != nil {
		return err
	}
	m.coefficients = f.coefficients
	m.features = l.Features
	if f.width > l.Features {
		if l.Features > 0 {
			return fmt.Errorf("line %d names feature %d and the Features is %d: give a number that is not less", f.widest, f.width, l.Features)
		}
		m.features = f.width
	}
	if m.features == 0 {
		return errors.New("the support vectors name no feature: give the number of Features")
	}
	switch {
	case f.table:
		m.indices = f.serials
	case total > 0:
		x, err := data.NewCSR(m.features, append(f.starts, len(f.values)), f.columns, f.values)
		if err != nil {
			return err
		}
		m.setVectors(newSparseMatrix(x))
		if limit := (smallExpansion + maxExpansion*f.size) / 8 / len(m.outputs); m.sparse == nil && m.kernel == (Linear{}) && m.features > limit {
			return fmt.Errorf("%d features (line %d names the last) of %d pairs of classes are too many for a file of %d bytes",
				m.features, f.widest, len(m.outputs), f.size)
		}
	}
	if err := m.complete(context.Background(), nil, defaultTolerance); err != nil {
		return fmt.Errorf("the support vectors: %w", err)
	}
	return nil
}
