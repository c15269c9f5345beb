package ops

import (
	"math"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// Where the digits or the range of a derivative would be lost by a plain formula. The wanted numbers were computed with 60 digits.
func TestDerivativesFarOut(t *testing.T) {
	tiny, huge := 0x1p-100, 0x1p100 // their squares are out of the range of float32
	for _, c := range []struct {
		name    string
		f       func(x *Tensor) *Tensor
		x, want []float64
	}{
		{"Expm1", Expm1, []float64{-37, -64}, []float64{0x1.898471fca6055p-54, 0x1.969d47321e4ccp-93}},
		{"Asin", Asin, []float64{0x1.fffffep-1, -0x1.fffffep-1}, []float64{0x1.6a09e6c276368p+11, 0x1.6a09e6c276368p+11}},
		{"Acos", Acos, []float64{0x1.fffffep-1, -0x1.fffffep-1}, []float64{-0x1.6a09e6c276368p+11, -0x1.6a09e6c276368p+11}},
		{"Atan2 of tiny numbers", func(x *Tensor) *Tensor { return Atan2(x, autograd.Scalar(tiny)) }, []float64{tiny, -tiny}, []float64{huge / 2, huge / 2}},
		{"Atan2 of huge numbers", func(x *Tensor) *Tensor { return Atan2(x, autograd.Scalar(huge)) }, []float64{huge, -huge}, []float64{tiny / 2, tiny / 2}},
		{"LogSigmoid", LogSigmoid, []float64{-huge, huge, -inf, inf}, []float64{1, 0, 1, 0}},
		{"ELU", eluWith(1.5), []float64{-huge, huge, -inf, inf}, []float64{0, 1, 0, 1}},
		{"GELU", GELU, []float64{-huge, huge}, []float64{0, 1}},
		{"GELUTanh", GELUTanh, []float64{-huge, huge}, []float64{0, 1}},
		{"SiLU", SiLU, []float64{-huge, huge}, []float64{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) { wantGradients(t, unaryOf(c.f), [][]float64{c.x}, [][]float64{c.want}) })
	}
}

// Second derivatives are 0 where the first are 0 or 1 all around, also where powers of x overflow, and not 0·∞.
func TestSecondDerivativesFarOut(t *testing.T) {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"LogSigmoid": LogSigmoid, "ELU": eluWith(1), "GELU": GELU, "GELUTanh": GELUTanh, "SiLU": SiLU,
	} {
		for _, dtype := range []string{"float64", "float32"} {
			tape := autograd.NewTape()
			x := tape.Var(inDtype(dtype, vector(-1e38, -1e20, 1e20, 1e38)))
			slope := tape.GradGraph(Sum(f(x)), x)[0]
			if got := tape.Grad(Sum(slope), x)[0]; !agrees(got, autograd.Zeros(x.Dtype(), 4), 0) {
				t.Errorf("%s, %s: second derivatives %v, want zeros", name, dtype, got)
			}
		}
	}
}

// Half of eˣ is in range for a while where eˣ is not. The wanted number was computed with 60 digits.
func TestHyperbolicFunctionsOverflowWithTheirResults(t *testing.T) {
	x := vector(710, -710, 711)
	for name, c := range map[string]struct {
		f    func(x *Tensor) *Tensor
		want *Tensor
	}{
		"Sinh": {Sinh, vector(1.1169973830808557e308, -1.1169973830808557e308, inf)},
		"Cosh": {Cosh, vector(1.1169973830808557e308, 1.1169973830808557e308, inf)},
	} {
		if got := c.f(x); !agrees(got, c.want, 1e-13) {
			t.Errorf("%s at 710, -710 and 711: %v, want %v", name, got, c.want)
		}
	}
}

// Odd functions with the slope 1 at 0 return the least numbers as they are, and the sign of a zero.
func TestLeastNumbersStay(t *testing.T) {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"Expm1": Expm1, "Log1p": Log1p, "Sinh": Sinh, "Tan": Tan, "Asin": Asin, "Atan": Atan, "ELU": eluWith(1),
	} {
		for dtype, least := range map[string]float64{"float64": math.SmallestNonzeroFloat64, "float32": math.SmallestNonzeroFloat32} {
			x := inDtype(dtype, vector(0, math.Copysign(0, -1), least, -least, 100*least, -100*least))
			y := f(x)
			for i := range x.Size() {
				if math.Float64bits(y.At(i)) != math.Float64bits(x.At(i)) {
					t.Errorf("%s of %v, %s, is %v", name, x.At(i), dtype, y.At(i))
				}
			}
		}
	}
}

// What is unbounded on one side of 0 keeps the side.
func TestSignedZeros(t *testing.T) {
	zeros := vector(0, math.Copysign(0, -1))
	for name, c := range map[string]struct {
		f    func(x *Tensor) *Tensor
		want *Tensor
	}{
		"Reciprocal": {Reciprocal, vector(inf, -inf)},
		"Rsqrt":      {Rsqrt, vector(inf, -inf)},
		"Pow":        {func(x *Tensor) *Tensor { return Pow(x, autograd.Scalar(-1)) }, vector(inf, -inf)},
		"Atan2":      {func(x *Tensor) *Tensor { return Atan2(x, autograd.Scalar(-1)) }, vector(math.Pi, -math.Pi)},
		"Erf":        {func(x *Tensor) *Tensor { return Reciprocal(Erf(x)) }, vector(inf, -inf)},
		"GELU":       {func(x *Tensor) *Tensor { return Reciprocal(GELU(x)) }, vector(inf, -inf)},
		"GELUTanh":   {func(x *Tensor) *Tensor { return Reciprocal(GELUTanh(x)) }, vector(inf, -inf)},
		"SiLU":       {func(x *Tensor) *Tensor { return Reciprocal(SiLU(x)) }, vector(inf, -inf)},
	} {
		if got := c.f(zeros); !agrees(got, c.want, 1e-15) {
			t.Errorf("%s of 0 and -0: %v, want %v", name, got, c.want)
		}
	}
}

// The doc comment says by how much.
func TestGELUTanhApproximatesGELU(t *testing.T) {
	var worst float64
	for x := -6.0; x < 6; x += 1e-2 {
		worst = max(worst, math.Abs(GELU(vector(x)).At(0)-GELUTanh(vector(x)).At(0)))
	}
	if worst < 4e-4 || worst > 5e-4 {
		t.Errorf("the two differ by %.3g, want a little less than 5e-4", worst)
	}
}

// So near to 1 the formula with 1 - x² has half of the digits. The wanted numbers were computed with 60.
func TestArcsNearOne(t *testing.T) {
	x := 1 - 3*0x1p-29
	for name, c := range map[string]struct {
		f    func(x *Tensor) *Tensor
		want float64
	}{
		"Asin": {Asin, 1.5706906108031744},
		"Acos": {Acos, 0.00010571599172213295},
	} {
		if got := c.f(vector(x)).At(0); !near(got, c.want, 2, "float64") {
			t.Errorf("%s(%v) = %v, want %v", name, x, got, c.want)
		}
	}
}
