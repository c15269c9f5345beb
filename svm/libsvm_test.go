package svm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// written returns the file of a model.
func written(t testing.TB, m *svm.Model) string {
	t.Helper()
	var text strings.Builder
	if err := m.WriteLIBSVM(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func read(t testing.TB, text string) *svm.Model {
	t.Helper()
	m, err := svm.ReadLIBSVM(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// decisions returns decision values as bits, which NaN does not confuse.
func decisions(t testing.TB, m *svm.Model, x svm.Samples) []uint64 {
	t.Helper()
	d, err := m.Decision(x)
	if err != nil {
		t.Fatal(err)
	}
	var bits []uint64
	for _, v := range d.Float64s() {
		bits = append(bits, math.Float64bits(v))
	}
	return bits
}

// A model that was written and read is the same model.
func TestSavedModels(t *testing.T) {
	eachCase(t, func(t *testing.T, c *testCase) {
		if c.Samples*c.Features > 1e6 {
			return // the others tell as much
		}
		x, test := c.samples(t)
		for _, tolerance := range []float64{0, 0.5} {
			classifier := c.classifier(t)
			classifier.Tolerance = tolerance
			m := fit(t, classifier, x, c.Y)
			text := written(t, m)
			again := read(t, text)
			if !slices.Equal(decisions(t, again, test), decisions(t, m, test)) {
				t.Errorf("tolerance %v: the model that was read decides otherwise", tolerance)
			}
			if second := written(t, again); second != text {
				t.Errorf("tolerance %v: written again, the file differs", tolerance)
			}
			compareModels(t, again, m)
		}
	})
}

func compareModels(t *testing.T, got, want *svm.Model) {
	t.Helper()
	if got.Features() != want.Features() || got.Gamma() != want.Gamma() || !slices.Equal(got.Classes(), want.Classes()) ||
		!slices.Equal(got.SupportCounts(), want.SupportCounts()) || !slices.Equal(got.Rho(), want.Rho()) {
		t.Errorf("the model that was read has %d features, gamma %v, classes %v, support vectors %v and rho %v",
			got.Features(), got.Gamma(), got.Classes(), got.SupportCounts(), got.Rho())
	}
	if !slices.Equal(got.DualCoefficients().Float64s(), want.DualCoefficients().Float64s()) {
		t.Error("the model that was read has other coefficients")
	}
	indices, vectors := got.SupportVectors()
	_, wanted := want.SupportVectors()
	if indices != nil || vectors.Dtype() != tensor.Float64 || !slices.EqualFunc(rowsOf(vectors), rowsOf(wanted), slices.Equal) {
		t.Errorf("the model that was read has the indices %v and support vectors of %v", indices, vectors.Dtype())
	}
	if report := got.Report(); report.Pairs != nil {
		t.Errorf("the model that was read reports %v", report)
	}
}

// Below the usual tolerance the model that is read may be the less precise.
func TestSavedModelsOfHighPrecision(t *testing.T) {
	worst := 0.0
	eachCase(t, func(t *testing.T, c *testCase) {
		if c.Samples > 1000 {
			return // the others tell as much
		}
		x, test := c.samples(t)
		classifier := c.classifier(t)
		classifier.Tolerance = 1e-8
		m := fit(t, classifier, x, c.Y)
		want, err := m.Decision(test)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, written(t, m)).Decision(test)
		if err != nil {
			t.Fatal(err)
		}
		_, vectors := m.SupportVectors()
		for i, v := range got.Float64s() {
			gap := math.Abs(v-want.Float64s()[i]) / float64(vectors.Shape()[0])
			worst = max(worst, gap)
			if gap > 5e-6 {
				t.Errorf("decision value %v, was %v: %.1e for each support vector", v, want.Float64s()[i], gap)
			}
		}
	})
	t.Logf("decision values differ by up to %.1e for each support vector", worst)
}

// The models of libsvm.json, which testdata/make_libsvm.py explains.
func TestSameAsLIBSVM(t *testing.T) {
	text, err := os.ReadFile("testdata/libsvm.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Kernel    string
		C, Gamma        float64
		X, Test         [][]float64
		Y               []int
		Model, Ours     string
		Decision        [][]float64
		Predictions     []int
		OursDecision    [][]float64 `json:"ours_decision"`
		OursPredictions []int       `json:"ours_predictions"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			x := dense(slices.Concat(c.Test...), len(c.Test[0]))
			for _, of := range []struct {
				writer, file string
				decision     [][]float64
				predictions  []int
			}{{"LIBSVM", c.Model, c.Decision, c.Predictions}, {"this package", c.Ours, c.OursDecision, c.OursPredictions}} {
				m := read(t, of.file)
				got, err := m.Decision(x)
				if err != nil {
					t.Fatal(err)
				}
				// float32 kernel values serve where each contributes less than 5e-6 of error.
				if worst := worstGap(got.Float64s(), slices.Concat(of.decision...)); worst > 5e-6 {
					t.Errorf("a model of %s: decision values differ by up to %.1e", of.writer, worst)
				}
				predictions, err := m.Predict(x)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(predictions, of.predictions) {
					t.Errorf("a model of %s: predictions %v\nwant %v", of.writer, predictions, of.predictions)
				}
				if of.file == c.Ours && written(t, m) != of.file {
					t.Errorf("a model of %s: written again, the file differs", of.writer)
				}
			}

			// A fit predicts the same as LIBSVM's if it has the classes in the same order, by which ties are broken.
			order := read(t, c.Model).Classes()
			y := make([]int, len(c.Y))
			for i, label := range c.Y {
				y[i] = slices.Index(order, label)
			}
			classifier := svm.SVC{C: c.C, Kernel: svm.Linear{}}
			if c.Kernel == "rbf" {
				classifier.Kernel = svm.RBF{Gamma: svm.Gamma(c.Gamma)}
			}
			predictions, err := fit(t, classifier, dense(slices.Concat(c.X...), len(c.X[0])), y).Predict(x)
			if err != nil {
				t.Fatal(err)
			}
			for i, position := range predictions {
				predictions[i] = order[position]
			}
			if !slices.Equal(predictions, c.Predictions) {
				t.Errorf("an own fit predicts %v\nwant as LIBSVM %v", predictions, c.Predictions)
			}
		})
	}
}

// small is a model file of three classes.
const small = `svm_type c_svc
kernel_type rbf
gamma 0.5
nr_class 3
total_sv 4
rho 0.25 -1 1e-3
label 7 -2 5
nr_sv 1 2 1
SV
1 0.5 1:0.5 3:-1
-1 0 2:2
0 0.75
-0.5 -0.75 1:1 2:1 3:1
`

func TestReadLIBSVM(t *testing.T) {
	m := read(t, small)
	if m.Features() != 3 || m.Gamma() != 0.5 || !slices.Equal(m.Classes(), []int{7, -2, 5}) {
		t.Errorf("%d features, gamma %v, classes %v", m.Features(), m.Gamma(), m.Classes())
	}
	_, vectors := m.SupportVectors()
	if want := []float64{0.5, 0, -1, 0, 2, 0, 0, 0, 0, 1, 1, 1}; !slices.Equal(vectors.Float64s(), want) {
		t.Errorf("support vectors %v, want %v", vectors.Float64s(), want)
	}
	same := map[string]string{
		"no newline at the end": strings.TrimSuffix(small, "\n"),
		"lines of Windows":      strings.ReplaceAll(small, "\n", "\r\n"),
		"tabs":                  strings.ReplaceAll(small, " ", "\t"),
		"spaces at the ends":    strings.ReplaceAll(small, "\n", " \n"),
		"lines after the end":   small + "\n \n",
		"another order":         strings.Replace(strings.Replace(small, "label 7 -2 5\n", "", 1), "rho ", "label 7 -2 5\nrho ", 1),
		"probabilities":         strings.Replace(small, "nr_sv", "probA 1 2 3\nprobB 1 2 3\nnr_sv", 1),
	}
	for name, text := range same {
		if got := written(t, read(t, text)); got != written(t, m) {
			t.Errorf("%s: read as\n%s", name, got)
		}
	}
	byBytes, err := svm.ReadLIBSVM(iotest.OneByteReader(strings.NewReader(small)))
	if err != nil || written(t, byBytes) != written(t, m) {
		t.Errorf("byte by byte: %v", err)
	}
}

func TestFeaturesThatAFileDoesNotName(t *testing.T) {
	wider, err := svm.LIBSVMReader{Features: 5}.Read(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{0.5, 1, 0, 0, 0}
	if !slices.Equal(decisions(t, wider, dense(x, 5)), decisions(t, read(t, small), dense(x[:3], 3))) {
		t.Error("features that are zero everywhere change the decision")
	}
	if again := read(t, written(t, wider)); again.Features() != 5 {
		t.Errorf("5 features became %d", again.Features())
	}
	_, err = svm.LIBSVMReader{Features: 2}.Read(strings.NewReader(small))
	wantReadError(t, err, "line 10 names feature 3 and the Features is 2")
	_, err = svm.LIBSVMReader{Features: -1}.Read(strings.NewReader(small))
	wantReadError(t, err, "the Features is -1")
	_, err = svm.LIBSVMReader{Features: math.MaxInt}.Read(strings.NewReader(small))
	wantReadError(t, err, "the Features is 9223372036854775807: give a number up to 2147483647")
}

func wantReadError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "svm: reading a LIBSVM model: ") || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want one with %q", err, text)
	}
}

func TestBadModelFiles(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"empty", small, "", "line 0: the file ends before the line SV"},
		{"cut header", "label 7 -2 5\nnr_sv 1 2 1\nSV\n", "", `line 7: "1" is no word`},
		{"another format", "svm_type", "<html>\x00svm_type", `line 1: "<html>\x00svm_type" is no word`},
		{"long word", "svm_type", strings.Repeat("x", 1000), "xxx…"},
		{"twice", "gamma 0.5", "gamma 0.5\ngamma 0.5", "line 4: there is a second gamma, the first is in line 3"},
		{"no rho", "rho 0.25 -1 1e-3\n", "", "line 8: the header ends without rho"},
		{"no label", "label 7 -2 5\n", "", "the header ends without label"},
		{"no gamma", "gamma 0.5\n", "", "the header ends without gamma"},
		{"another problem", "c_svc", "epsilon_svr", "line 1: svm_type is epsilon_svr: read it by LIBSVMReader.ReadRegression"},
		{"another kernel", "rbf", "sigmoid", "line 9: the header ends without coef0"},
		{"negative gamma", "gamma 0.5", "gamma -0.5", `line 3: gamma: "-0.5" is not positive`},
		{"gamma that overflows the vectors", "gamma 0.5", "gamma 1e308", "the support vectors: "},
		{"one class", "nr_class 3", "nr_class 1", "line 4: nr_class is 1: it must be between 2 and 1000"},
		{"many classes", "nr_class 3", "nr_class 1001", "line 4: nr_class is 1001"},
		{"classes", "nr_class 3", "nr_class three", `line 4: nr_class: "three" is not a whole number of 32 bits`},
		{"two counts", "nr_class 3", "nr_class 3 3", "line 4: nr_class has 2 values and needs 1"},
		{"rho", "1e-3", "1e-3 4", "line 6: rho has 4 values and needs 3"},
		{"rho NaN", "1e-3", "nan", `line 6: rho: "nan" is not a finite number`},
		{"labels", "label 7 -2 5", "label 7 -2", "line 7: label has 2 values and needs 3"},
		{"equal labels", "label 7 -2 5", "label 7 -2 7", "line 7: label 7 occurs twice"},
		{"huge label", "label 7", "label 2147483648", `line 7: label: "2147483648" is not a whole number of 32 bits`},
		{"counts", "nr_sv 1 2 1", "nr_sv 1 2 2", "line 8: nr_sv sums to 5 and total_sv is 4"},
		{"negative count", "nr_sv 1 2 1", "nr_sv 1 4 -1", `line 8: nr_sv: "-1" is negative`},
		{"no vectors", "total_sv 4", "total_sv 0", "line 8: nr_sv sums to 4 and total_sv is 0"},
		{"many vectors", "total_sv 4", "total_sv 99999999999", "total_sv"},
		{"cut", "-0.5 -0.75 1:1 2:1 3:1\n", "", "line 12: the file ends after 3 of 4 support vectors"},
		{"more vectors", "1:1 2:1 3:1", "1:1\n0 0 1:1", "line 14: there is text after the 4 support vectors"},
		{"missing coefficient", "0 0.75\n", "0.75\n", "line 12: there are 1 coefficients, and 3 classes need 2"},
		{"missing coefficient before values", "-1 0 2:2", "-1 2:2", `line 11: field 2 is "2:2": a support vector is 2 coefficients and then`},
		{"more coefficients", "-1 0 2:2", "-1 0 3 2:2", `line 11: field 3 is "3"`},
		{"coefficient", "-1 0 2:2", "-1 x 2:2", `line 11: coefficient 2: "x" is not a finite number`},
		{"infinite coefficient", "-1 0 2:2", "-1 1e999 2:2", `line 11: coefficient 2: "1e999" is not a finite number`},
		{"index 0", "2:2", "0:2", "line 11: feature 0 comes after 0: indices count from 1 and ascend"},
		{"descending", "1:1 2:1", "2:1 1:1", "line 13: feature 1 comes after 2"},
		{"twice the same", "1:1 2:1", "2:1 2:1", "line 13: feature 2 comes after 2"},
		{"negative index", "2:2", "-2:2", `line 11: the index of "-2:2": "-2" is negative`},
		{"index", "2:2", "two:2", `line 11: the index of "two:2": "two" is not a whole number`},
		{"huge index", "2:2", "99999999999:2", `the index of "99999999999:2"`},
		{"no value", "2:2", "2:", `line 11: feature 2: "" is not a finite number`},
		{"two colons", "2:2", "2:2:2", `line 11: feature 2: "2:2" is not a finite number`},
		{"vectors too far", "2:2", "2:1e200", "the support vectors: the squared norm of row"},
		{"means overflow", "1:0.5 3:-1\n-1 0 2:2", "1:-1.7e308\n-1 0 1:1.7e308", "the support vectors: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(small, test.old) {
				t.Fatalf("the file has no %q", test.old)
			}
			m, err := svm.ReadLIBSVM(strings.NewReader(strings.Replace(small, test.old, test.new, 1)))
			wantReadError(t, err, test.want)
			if m != nil {
				t.Error("there is a model all the same")
			}
		})
	}
	_, err := svm.ReadLIBSVM(strings.NewReader("svm_type c_svc\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho 0\nlabel 0 1\nnr_sv 1 1\nSV\n1\n-1\n"))
	wantReadError(t, err, "the support vectors name no feature")
	broken := errors.New("the disk is gone")
	_, err = svm.ReadLIBSVM(iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the reader's", err)
	}
}

// Every beginning of a file is an error, but for one that lacks only the last newline
// or digits of the last value.
func TestCutModelFiles(t *testing.T) {
	for n := range len(small) - len(":1 2:1 3:1\n") {
		if _, err := svm.ReadLIBSVM(strings.NewReader(small[:n])); err == nil && n < strings.Index(small, "-0.5 -0.75")+len("-0.5 -0") {
			t.Errorf("a file that ends after %d bytes is read", n)
		}
	}
}

// A short file cannot ask for much memory.
func TestReadingTakesLittleMemory(t *testing.T) {
	header := func(kernel, rest string) string { return "svm_type c_svc\nkernel_type " + kernel + "\n" + rest }
	var manyClasses strings.Builder
	manyClasses.WriteString("nr_class 1000\ntotal_sv 1000\nrho" + strings.Repeat(" 0", 499_500) + "\nlabel")
	for i := range 1000 {
		fmt.Fprint(&manyClasses, " ", i)
	}
	manyClasses.WriteString("\nnr_sv" + strings.Repeat(" 1", 1000) + "\nSV\n")
	manyClasses.WriteString(strings.Repeat(strings.Repeat("0 ", 999)+"300:1\n", 1000))
	files := map[string]string{
		"a promise":            strings.NewReplacer("total_sv 4", "total_sv 2000000001", "nr_sv 1 2 1", "nr_sv 1 2000000000 0").Replace(small),
		"weights of all pairs": header("linear", manyClasses.String()),
	}
	want := map[string]string{
		"a promise":            "line 13: the file ends after 4 of 2000000001 support vectors",
		"weights of all pairs": "300 features (line 9 names the last) of 499500 pairs of classes are too many",
	}
	for name, file := range files {
		used := allocated(func() {
			_, err := svm.ReadLIBSVM(strings.NewReader(file))
			wantReadError(t, err, want[name])
		})
		if limit := uint64(1<<20 + 40*len(file)); used > limit {
			t.Errorf("%s: a file of %d bytes took %d", name, len(file), used)
		}
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

func TestWriteErrors(t *testing.T) {
	x, y := square()
	y[0], y[1] = 1<<40, 1<<40
	m := fit(t, svm.SVC{}, x, y)
	if err := m.WriteLIBSVM(new(strings.Builder)); err == nil || !strings.Contains(err.Error(), "label 1099511627776 is beyond") {
		t.Errorf("error %v for a label of 41 bits", err)
	}
	broken := errors.New("the disk is full")
	if err := read(t, small).WriteLIBSVM(failingWriter{broken}); !errors.Is(err, broken) {
		t.Errorf("error %v does not wrap the writer's", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// FuzzReadLIBSVM asks that what is read can be written, read again as the same, and
// used.
func FuzzReadLIBSVM(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(strings.Replace(small, "kernel_type rbf\ngamma 0.5", "kernel_type linear", 1)))
	f.Add([]byte(small[:150]))
	f.Add([]byte(strings.Replace(small, "rbf", "polynomial\ndegree 3\ncoef0 1", 1)))
	f.Add([]byte(strings.Replace(small, "2:2", "2147483647:2", 1)))
	f.Add([]byte("svm_type nu_svc\nkernel_type precomputed\nnr_class 2\ntotal_sv 2\nrho 0\nlabel 1 2\nnr_sv 1 1\nSV\n1 0:3\n-1 0:7\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := svm.ReadLIBSVM(bytes.NewReader(file))
		if err != nil {
			return
		}
		text := written(t, m)
		again := read(t, text)
		if second := written(t, again); second != text {
			t.Errorf("%s\nis written again as\n%s", text, second)
		}
		x, err := data.NewCSR[float64](m.Features(), []int{0, 0, 0}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		first, err := m.Predict(x)
		second, errAgain := again.Predict(x)
		if !slices.Equal(first, second) || (err == nil) != (errAgain == nil) {
			t.Errorf("predictions %v and %v, errors %v and %v", first, second, err, errAgain)
		}
	})
}

// BenchmarkLIBSVM writes and reads a model of ten classes and 12,000 support
// vectors of 32 features.
func BenchmarkLIBSVM(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	file := []byte("svm_type c_svc\nkernel_type rbf\ngamma 0.03\nnr_class 10\ntotal_sv 12000\nrho" + strings.Repeat(" 0.5", 45) +
		"\nlabel 0 1 2 3 4 5 6 7 8 9\nnr_sv" + strings.Repeat(" 1200", 10) + "\nSV\n")
	for range 12_000 {
		for range 9 {
			file = fmt.Appendf(file, "%.17g ", rng.Float64())
		}
		for j := range 32 {
			file = fmt.Appendf(file, "%d:%.17g ", j+1, rng.NormFloat64())
		}
		file = append(file, '\n')
	}
	m := read(b, string(file))
	text := written(b, m)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			written(b, m)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			read(b, text)
		}
	})
}
