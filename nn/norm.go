package nn

import (
	"cmp"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// LayerNorm gives the features of each example, along the last axis, mean 0 and variance 1, and then a gain and a bias of their own:
// see [ops.LayerNorm].
type LayerNorm struct {
	Eps float64 // is added to the variance; 0 means 1e-5, as in PyTorch

	Gain *autograd.Param // "gain" (k), made by Build, which begins with 1
	Bias *autograd.Param // "bias" (k), made by Build, which begins with 0
}

// Build implements [Layer]. The error says that examples have no axis of features, that Eps is negative or not finite, or that the
// layer was built for another number of features.
func (l *LayerNorm) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	k, err := features("nn.LayerNorm", in, l.Eps, l.Gain)
	if err != nil {
		return nil, err
	}
	if l.Gain == nil {
		l.Gain = b.Param("gain", Constant(1), k)
		l.Bias = b.Param("bias", Zeros, k)
	}
	return in, nil
}

// Forward implements [Layer].
func (l *LayerNorm) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	wantBuilt("nn.LayerNorm", l.Gain, x)
	return ops.LayerNorm(x, p.Tape.Param(l.Gain), p.Tape.Param(l.Bias), cmp.Or(l.Eps, defaultEps))
}

// Params implements [Layer].
func (l *LayerNorm) Params() []*autograd.Param { return made(l.Gain, l.Bias) }

// BatchNorm gives each feature, a place along the last axis, mean 0 and variance 1 over the batch and all other axes, and then a gain
// and a bias of its own: see [ops.BatchNorm]. In inference it takes running averages of the means and variances that it saw in
// training instead, so that the output for an example does not depend on its company.
//
// After each batch of training a running average r of a statistic s becomes (1 - Momentum)·r + Momentum·s. As in PyTorch the
// variance that is averaged is the unbiased one, while the batch is divided by the root of the population variance. The averages
// are saved with the other parameters but never trained, and [Unfreeze] leaves them frozen. Where Gain is frozen the layer behaves
// as in inference even in training, and the averages stay: what is frozen does not change.
type BatchNorm struct {
	Eps      float64 // is added to the variance; 0 means 1e-5, as in PyTorch
	Momentum float64 // how much a batch counts in the running averages, at most 1; 0 means 0.1, as in PyTorch

	Gain     *autograd.Param // "gain" (k), made by Build, which begins with 1
	Bias     *autograd.Param // "bias" (k), made by Build, which begins with 0
	Mean     *autograd.Param // "mean" (k), the running average, made by Build, which begins with 0
	Variance *autograd.Param // "variance" (k), the running average, made by Build, which begins with 1
}

// Build implements [Layer]. The error says that examples have no axis of features, that Eps is negative or not finite, that Momentum
// is not in [0, 1], or that the layer was built for another number of features.
func (l *BatchNorm) Build(b *Builder, in tensor.Shape) (tensor.Shape, error) {
	k, err := features("nn.BatchNorm", in, l.Eps, l.Gain)
	if err != nil {
		return nil, err
	}
	if !(l.Momentum >= 0 && l.Momentum <= 1) { // the negation catches NaN
		return nil, fmt.Errorf("nn.BatchNorm: Momentum is %v: want a number in [0, 1]", l.Momentum)
	}
	if l.Gain == nil {
		l.Gain = b.Param("gain", Constant(1), k)
		l.Bias = b.Param("bias", Zeros, k)
		l.Mean = b.Fixed("mean", Zeros, k)
		l.Variance = b.Fixed("variance", Constant(1), k)
	}
	return in, nil
}

// Forward implements [Layer]. In training it panics with an autograd.ShapeError if the batch has only one value of each feature, which
// has no variance to divide by.
func (l *BatchNorm) Forward(p Pass, x *autograd.Tensor) *autograd.Tensor {
	wantBuilt("nn.BatchNorm", l.Gain, x)
	gain, bias, eps := p.Tape.Param(l.Gain), p.Tape.Param(l.Bias), cmp.Or(l.Eps, defaultEps)
	if !p.Train || l.Gain.Frozen {
		mean, variance := p.Tape.Param(l.Mean), p.Tape.Param(l.Variance)
		scale := ops.Div(gain, ops.Sqrt(ops.Add(variance, autograd.Scalar(eps))))
		return ops.Add(ops.Mul(ops.Sub(x, mean), scale), bias)
	}
	if x.Size() == gain.Size() {
		autograd.Fail("nn.BatchNorm", autograd.ShapeError, []*autograd.Tensor{x},
			"a batch of shape %v has one value of each feature, and so no variance: choose a batch size that leaves no batch of one example", x.Shape())
	}
	y := ops.BatchNorm(x, gain, bias, eps)
	if !p.again {
		l.observe(x.Detach())
	}
	return y
}

// observe lets the running averages follow a batch.
func (l *BatchNorm) observe(x *autograd.Tensor) {
	axes := make([]int, len(x.Shape())-1)
	for axis := range axes {
		axes[axis] = axis
	}
	n := float64(x.Size() / l.Gain.Value().Size())
	momentum := cmp.Or(l.Momentum, 0.1)
	follow(l.Mean, ops.Mean(x, axes...), momentum)
	follow(l.Variance, ops.Scale(ops.Var(x, axes...), n/(n-1)), momentum)
}

// follow makes of a running average r what it is after the statistic s.
func follow(r *autograd.Param, s *autograd.Tensor, momentum float64) {
	next := ops.Add(ops.Scale(r.Value(), 1-momentum), ops.Scale(s, momentum))
	if next.IsSingle() {
		copy(autograd.Write[float32](r), autograd.Raw[float32](next))
	} else {
		copy(autograd.Write[float64](r), autograd.Raw[float64](next))
	}
}

// Params implements [Layer].
func (l *BatchNorm) Params() []*autograd.Param { return made(l.Gain, l.Bias, l.Mean, l.Variance) }

const defaultEps = 1e-5

// features returns the length of the last axis of an example, or what is wrong with it, with eps, or with the gain if there is one.
func features(name string, in tensor.Shape, eps float64, gain *autograd.Param) (int, error) {
	if len(in) == 0 {
		return 0, fmt.Errorf("%s: an example has shape (): want an axis of features", name)
	}
	if !isFactor(eps) {
		return 0, fmt.Errorf("%s: Eps is %v: want a finite number that is not negative", name, eps)
	}
	k := in[len(in)-1]
	if gain != nil && !slices.Equal(gain.Value().Shape(), []int{k}) {
		return 0, fmt.Errorf("%s: the gain %s has shape %v: it does not fit %d features", name, gain.Name, gain.Value().Shape(), k)
	}
	return k, nil
}

// wantBuilt complains if a layer's parameter was not made yet.
func wantBuilt(name string, w *autograd.Param, x *autograd.Tensor) {
	if w == nil {
		autograd.Fail(name, autograd.ValueError, []*autograd.Tensor{x}, "the layer is not built: call Build first, which Fit does")
	}
}

// made returns the parameters that there are.
func made(params ...*autograd.Param) []*autograd.Param {
	return slices.DeleteFunc(params, func(p *autograd.Param) bool { return p == nil })
}
