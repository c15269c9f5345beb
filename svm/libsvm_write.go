package svm

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// WriteLIBSVM writes m as a model file of LIBSVM, which svm-predict and
// svm_load_model read. Numbers are as short as they can be and still be read as
// the same float64 (LIBSVM itself writes support vectors with eight digits only).
// The file does not hold the indices of the support vectors, but for a [Precomputed]
// kernel, nor the report.
//
// It returns the writer's error, or an error that names a label which does not
// fit the 32 bits of LIBSVM's labels, or says that the kernel is a [KernelFunc],
// which no file can hold.
func (m *Model) WriteLIBSVM(w io.Writer) error { return m.write(w, m.head()) }

// WriteLIBSVM writes the model as [Model.WriteLIBSVM] does, with its sigmoids as
// probA and probB: svm-predict -b 1 tells probabilities by them.
func (c *Calibrated) WriteLIBSVM(w io.Writer) error {
	h := c.head()
	h.sigmoids = c.sigmoids
	return c.write(w, h)
}

// WriteLIBSVM writes m as [Model.WriteLIBSVM] does, as a file of svm_type one_class.
func (m *OneClassModel) WriteLIBSVM(w io.Writer) error {
	return m.write(w, libsvmHead{svmType: "one_class"})
}

// WriteLIBSVM writes m as [Model.WriteLIBSVM] does, as a file of svm_type epsilon_svr
// or nu_svr. The file does not hold Epsilon.
func (m *RegressionModel) WriteLIBSVM(w io.Writer) error {
	if m.nu {
		return m.write(w, libsvmHead{svmType: "nu_svr"})
	}
	return m.write(w, libsvmHead{svmType: "epsilon_svr"})
}

// A libsvmHead is what the header of a file tells beside what all machines have.
type libsvmHead struct {
	svmType  string
	labels   []int // of a classifier
	sigmoids []PlattSigmoid
}

func (m *Model) head() libsvmHead {
	if m.nu {
		return libsvmHead{svmType: "nu_svc", labels: m.classes}
	}
	return libsvmHead{svmType: "c_svc", labels: m.classes}
}

func (m *machine) write(w io.Writer, h libsvmHead) error {
	if err := m.writeLIBSVM(w, h); err != nil {
		return fmt.Errorf("svm: writing a LIBSVM model: %w", err)
	}
	return nil
}

func (m *machine) writeLIBSVM(w io.Writer, h libsvmHead) error {
	line := fmt.Appendf(nil, "svm_type %s\nkernel_type ", h.svmType)
	line, err := appendKernel(line, m.kernel)
	if err != nil {
		return err
	}
	total, classes := len(m.coefficients)/m.columns, 2
	if h.labels != nil {
		classes = len(h.labels)
	}
	line = fmt.Appendf(line, "nr_class %d\ntotal_sv %d\nrho", classes, total)
	line = append(appendNumbers(line, m.rho...), '\n')
	if h.labels != nil {
		line = append(line, "label"...)
		for _, label := range h.labels {
			if label != int(int32(label)) {
				return fmt.Errorf("label %d is beyond LIBSVM's 32 bits: number the classes from 0", label)
			}
			line = fmt.Appendf(line, " %d", label)
		}
		line = append(line, '\n')
	}
	if h.sigmoids != nil {
		line = append(line, "probA"...)
		for _, s := range h.sigmoids {
			line = appendNumbers(line, s.A)
		}
		line = append(line, "\nprobB"...)
		for _, s := range h.sigmoids {
			line = appendNumbers(line, s.B)
		}
		line = append(line, '\n')
	}
	if h.labels != nil {
		line = append(line, "nr_sv"...)
		for _, count := range m.counts {
			line = fmt.Appendf(line, " %d", count)
		}
		line = append(line, '\n')
	}
	line = append(line, "SV\n"...)

	buffered := bufio.NewWriter(w) // it keeps the first error for Flush
	buffered.Write(line)
	if total == 0 {
		return buffered.Flush()
	}
	var vectors *matrix
	_, table := m.kernel.(Precomputed)
	if !table {
		if vectors, err = m.support(); err != nil {
			return err
		}
	}
	for s := range total {
		line = appendNumbers(line[:0], m.coefficients[s*m.columns:(s+1)*m.columns]...)
		if table {
			line = fmt.Appendf(line, " 0:%d", m.indices[s]+1)
		} else {
			line = appendVector(line, vectors, s)
		}
		line = append(line, '\n')
		buffered.Write(line[1:]) // without the space before the first number
	}
	return buffered.Flush()
}

// appendKernel appends the name of a kernel and the lines of its settings.
func appendKernel(line []byte, k Kernel) ([]byte, error) {
	gamma := func(g GammaRule) { line = append(appendNumbers(append(line, "gamma"...), g.value), '\n') }
	coef0 := func(v float64) { line = append(appendNumbers(append(line, "coef0"...), v), '\n') }
	switch k := k.(type) {
	case Linear:
		line = append(line, "linear\n"...)
	case RBF:
		line = append(line, "rbf\n"...)
		gamma(k.Gamma)
	case Polynomial:
		line = fmt.Appendf(line, "polynomial\ndegree %d\n", k.Degree)
		gamma(k.Gamma)
		coef0(k.Coef0)
	case Sigmoid:
		line = append(line, "sigmoid\n"...)
		gamma(k.Gamma)
		coef0(k.Coef0)
	case Precomputed:
		line = append(line, "precomputed\n"...)
	default:
		return nil, fmt.Errorf("the kernel is a %T, which no file can hold: fit with a Precomputed kernel", k)
	}
	return line, nil
}

// appendVector appends the values of a support vector that are not zero. Of the first
// one it appends the last value in any case, which tells how many features there are.
func appendVector(line []byte, vectors *matrix, s int) []byte {
	last := -1
	for j, v := range vectors.nonzero(s) {
		line = appendValue(line, j, v)
		last = j
	}
	if s == 0 && last < vectors.cols-1 {
		line = appendValue(line, vectors.cols-1, 0)
	}
	return line
}

func appendValue(line []byte, column int, v float64) []byte {
	line = strconv.AppendInt(append(line, ' '), int64(column+1), 10)
	return strconv.AppendFloat(append(line, ':'), v, 'g', -1, 64)
}

func appendNumbers(line []byte, numbers ...float64) []byte {
	for _, v := range numbers {
		line = strconv.AppendFloat(append(line, ' '), v, 'g', -1, 64)
	}
	return line
}
