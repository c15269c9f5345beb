package svm_test

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/svm"
)

// readModel reads a model of any type.
func readModel(l svm.LIBSVMReader, svmType, text string, calibrated bool) (interface{ WriteLIBSVM(w io.Writer) error }, error) {
	r := strings.NewReader(text)
	switch {
	case calibrated:
		return l.ReadCalibrated(r)
	case svmType == "one_class":
		return l.ReadOneClass(r)
	case strings.HasSuffix(svmType, "svr"):
		return l.ReadRegression(r)
	}
	return l.Read(r)
}

// The models of libsvm_types.json, which testdata/make_libsvm_types.py explains.
func TestAllTypesAsLIBSVM(t *testing.T) {
	text, err := os.ReadFile("testdata/libsvm_types.json")
	if err != nil {
		t.Fatal(err)
	}
	type judgement struct {
		file                    string
		decision, probabilities [][]float64
		predictions             []float64
	}
	var cases []struct {
		Type, Kernel      string
		Probability       bool
		Test              [][]float64
		Model, Ours       string
		Decision          [][]float64
		Predictions       []float64
		Probabilities     [][]float64
		OursDecision      [][]float64 `json:"ours_decision"`
		OursPredictions   []float64   `json:"ours_predictions"`
		OursProbabilities [][]float64 `json:"ours_probabilities"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 25 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		for writer, of := range map[string]judgement{
			"LIBSVM":       {c.Model, c.Decision, c.Probabilities, c.Predictions},
			"this package": {c.Ours, c.OursDecision, c.OursProbabilities, c.OursPredictions},
		} {
			t.Run(strings.Join([]string{c.Type, c.Kernel, writer}, ", "), func(t *testing.T) {
				x := dense(slices.Concat(c.Test...), len(c.Test[0]))
				m, err := readModel(svm.LIBSVMReader{Features: len(c.Test[0])}, c.Type, of.file, c.Probability)
				if err != nil {
					t.Fatal(err)
				}
				var predictions, decision []float64
				switch m := m.(type) {
				case *svm.RegressionModel:
					predictions = values(t, m, x)
					decision = predictions
				case interface {
					Predict(x svm.Samples) ([]int, error)
					Decision(x svm.Samples) (*tensor.Dense, error)
				}:
					labels, err := m.Predict(x)
					if err != nil {
						t.Fatal(err)
					}
					for _, label := range labels {
						predictions = append(predictions, float64(label))
					}
					d, err := m.Decision(x)
					if err != nil {
						t.Fatal(err)
					}
					decision = d.Float64s()
				}
				if gap := worstGap(decision, slices.Concat(of.decision...)); gap > 5e-6 {
					t.Errorf("decision values differ by up to %.1e", gap)
				}
				if gap := worstGap(predictions, of.predictions); gap > 5e-6 {
					t.Errorf("predictions %v, want %v", predictions, of.predictions)
				}
				if c.Probability {
					p, err := m.(*svm.Calibrated).Probability(x)
					if err != nil {
						t.Fatal(err)
					}
					if gap := worstGap(p.Float64s(), slices.Concat(of.probabilities...)); gap > 5e-6 {
						t.Errorf("probabilities differ by up to %.1e", gap)
					}
				}
				var again strings.Builder
				if err := m.WriteLIBSVM(&again); err != nil {
					t.Fatal(err)
				}
				if of.file == c.Ours && again.String() != of.file {
					t.Errorf("the file\n%s\nis written again as\n%s", of.file, again.String())
				}
			})
		}
	}
}

// A model whose support vectors are nearly all zeros is read as it was written.
func TestWideModelFiles(t *testing.T) {
	x, y := text(300, 20_000, 3)
	for name, kernel := range kernelsOfProducts {
		m := fit(t, svm.SVC{Kernel: kernel}, x, y)
		if m.SparseSupportVectors() == nil {
			t.Fatalf("%s: the support vectors are laid out", name)
		}
		file := written(t, m)
		again := read(t, file)
		if again.SparseSupportVectors() == nil || !slices.Equal(decisions(t, again, x), decisions(t, m, x)) {
			t.Errorf("%s: the model that was read decides otherwise", name)
		}
		if written(t, again) != file {
			t.Errorf("%s: written again, the file differs", name)
		}
	}
	// A feature costs nothing but where it occurs.
	far := strings.Replace(small, "2:2", "2147483647:2", 1)
	used := allocated(func() {
		seen, err := data.NewCSR(math.MaxInt32, []int{0, 1, 2}, []int32{math.MaxInt32 - 1, 5}, []float64{2, 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{far, strings.Replace(far, "kernel_type rbf\ngamma 0.5", "kernel_type linear", 1)} {
			if labels, err := read(t, file).Predict(seen); err != nil || len(labels) != 2 {
				t.Errorf("labels %v, error %v", labels, err)
			}
		}
	})
	if used > 1<<20 {
		t.Errorf("%d bytes for a file of %d", used, len(far))
	}
}

func TestBadFilesOfOtherTypes(t *testing.T) {
	const (
		regression  = "svm_type epsilon_svr\nkernel_type polynomial\ndegree 3\ngamma 0.5\ncoef0 1\nnr_class 2\ntotal_sv 1\nrho 0.5\nSV\n-1 1:2\n"
		precomputed = "svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 0.5\nSV\n1 0:3 \n"
	)
	for _, test := range []struct{ file, old, new, want string }{
		{regression, "epsilon_svr", "c_svc", "line 1: svm_type is c_svc: read it by LIBSVMReader.Read"},
		{regression, "epsilon_svr", "one_class", "read it by LIBSVMReader.ReadOneClass"},
		{regression, "epsilon_svr", "gamma_svr", `line 1: svm_type "gamma_svr" is not known: it must be epsilon_svr or nu_svr`},
		{regression, "svm_type epsilon_svr\n", "", "the header ends without svm_type"},
		{regression, "polynomial", "wavelet", `line 2: kernel_type "wavelet" is not known`},
		{regression, "degree 3", "degree 0", `line 3: degree: "0" is not a degree from 1 to`},
		{regression, "degree 3\n", "", "the header ends without degree"},
		{regression, "coef0 1", "coef0 inf", "line 5: coef0"},
		{regression, "rho 0.5", "rho 1 2", "line 8: rho has 2 values and needs 1"},
		{regression, "total_sv 1\n", "", "the header ends without total_sv"},
		{regression, "total_sv 1", "total_sv 2", "the file ends after 1 of 2 support vectors"},
		{precomputed, "0:3", "1:3", `line 7: field 2 is "1:3": a support vector of a precomputed kernel is one 0:number`},
		{precomputed, "0:3", "0:0", `field 2 is "0:0"`},
		{precomputed, "0:3", "0:1.5", `field 2 is "0:1.5"`},
		{precomputed, "0:3", "0:3 0:4", `field 3 is "0:4"`},
		{precomputed, " 0:3", "", "there is no 0:number"},
	} {
		if !strings.Contains(test.file, test.old) {
			t.Fatalf("the file has no %q", test.old)
		}
		svmType := "epsilon_svr"
		if test.file == precomputed {
			svmType = "one_class"
		}
		if _, err := readModel(svm.LIBSVMReader{}, svmType, test.file, false); err != nil {
			t.Fatal(err)
		}
		_, err := readModel(svm.LIBSVMReader{}, svmType, strings.Replace(test.file, test.old, test.new, 1), false)
		wantReadError(t, err, test.want)
	}
	_, err := svm.LIBSVMReader{}.ReadCalibrated(strings.NewReader(small))
	wantReadError(t, err, "the header ends without probA")
	// A regression may need no support vector, and predicts -rho then.
	empty := strings.NewReplacer("total_sv 1", "total_sv 0", "-1 1:2\n", "").Replace(regression)
	_, err = svm.LIBSVMReader{}.ReadRegression(strings.NewReader(empty))
	wantReadError(t, err, "the support vectors name no feature")
	m, err := svm.LIBSVMReader{Features: 3}.ReadRegression(strings.NewReader(empty))
	if err != nil {
		t.Fatal(err)
	}
	if got := values(t, m, dense(make([]float64, 6), 3)); !slices.Equal(got, []float64{-0.5, -0.5}) {
		t.Errorf("values %v without support vectors", got)
	}
	// The coefficients of an outlier detector do not add up to 0: where the origin is matters.
	outlier, err := svm.LIBSVMReader{}.ReadOneClass(strings.NewReader(
		"svm_type one_class\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho 1\nSV\n0.5 1:10\n0.25 1:11\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := values(t, outlier, dense([]float64{2}, 1)); math.Abs(got[0]-14.5) > 1e-12 {
		t.Errorf("decision value %v, want 14.5", got)
	}
	x, y := square()
	if err := fit(t, svm.SVC{Kernel: svm.KernelFunc(linear)}, x, y).WriteLIBSVM(io.Discard); err == nil || !strings.Contains(err.Error(), "svm.KernelFunc") {
		t.Errorf("error %v for a kernel that no file can hold", err)
	}
}
