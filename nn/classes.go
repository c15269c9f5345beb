package nn

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Classes returns the class of each example for predictions y (n, k) of k classes, as [Model.Predict] gives them: the place of the
// greatest number in its row, be they logits or probabilities. As in [ops.ArgMax] that is the first of several, and that of the first
// NaN if there is one; [Accuracy] counts such a row as wrong.
//
// The error says that y is nil, masked, of another dtype than float32 and float64, or of another shape. Predictions of one number (n, 1)
// are none of k classes: class 1 is then above 0.5 for a probability, and above 0 for a logit.
func Classes(y *tensor.Dense) (classes []int, err error) {
	err = try(func() error {
		x := autograd.FromDense(y)
		switch shape := x.Shape(); {
		case len(shape) != 2 || shape[1] == 0:
			return fmt.Errorf("the predictions have shape %v: want (n, k) for k classes", shape)
		case shape[1] == 1:
			return fmt.Errorf("the predictions have shape %v, one number for each example: class 1 is above 0.5 for a probability, above 0 for a logit", shape)
		}
		places := autograd.Values[float64](ops.ArgMax(x, -1))
		classes = make([]int, len(places))
		for i, v := range places {
			classes[i] = int(v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("nn: Classes: %w", err)
	}
	return classes, nil
}
