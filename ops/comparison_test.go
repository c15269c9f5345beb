package ops

import (
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
)

// A comparison takes the dtype of its operands, also beside a constant, so that it can be multiplied by them.
func TestComparisonsHaveTheirOperandsDtype(t *testing.T) {
	x := single(vector(1, 2, 3))
	for name, f := range map[string]func(a, b *Tensor) *Tensor{
		"Equal": Equal, "NotEqual": NotEqual, "Less": Less, "LessEqual": LessEqual, "Greater": Greater, "GreaterEqual": GreaterEqual,
	} {
		if y := Mul(f(x, autograd.Scalar(2)), x); !y.IsSingle() {
			t.Errorf("%s of float32 and a constant has dtype %v", name, y.Dtype())
		}
	}
}
