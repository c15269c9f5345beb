package tapegrad_test

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

// setting returns a number among the options of an optimizer, 0 where PyTorch's own is meant.
func (c *parityCase) setting(name string) float64 {
	v, _ := c.Options[name].(float64)
	return v
}

func (c *parityCase) flag(name string) bool { return c.Options[name] == true }

// optimizer returns a new optimizer with the options of a case.
func (c *parityCase) optimizer() optim.Stateful {
	var decays func(p *autograd.Param) bool
	if c.flag("weights_only") {
		decays = optim.WeightsOnly
	}
	var schedule optim.Schedule
	if c.flag("schedule") {
		schedule = optim.CosineDecay(10, 0.01)
	}
	lr, decay, eps := c.setting("lr"), c.setting("weight_decay"), c.setting("eps")
	var o optim.Stateful
	switch c.Options["of"] {
	case "SGD":
		o = &optim.SGD{
			LR: lr, Momentum: c.setting("momentum"), Nesterov: c.flag("nesterov"), WeightDecay: decay, Decays: decays, Schedule: schedule,
		}
	case "Adam":
		o = &optim.Adam{
			LR: lr, Beta1: c.setting("beta1"), Beta2: c.setting("beta2"), Eps: eps, WeightDecay: decay, Decays: decays, Schedule: schedule,
		}
	case "AdamW":
		o = &optim.AdamW{
			LR: lr, Beta1: c.setting("beta1"), Beta2: c.setting("beta2"), Eps: eps, WeightDecay: decay, Decays: decays, Schedule: schedule,
		}
	case "RMSProp":
		o = &optim.RMSProp{
			LR: lr, Alpha: c.setting("alpha"), Eps: eps, Momentum: c.setting("momentum"), Centered: c.flag("centered"),
			WeightDecay: decay, Decays: decays, Schedule: schedule,
		}
	case "Adagrad":
		o = &optim.Adagrad{
			LR: lr, LRDecay: c.setting("lr_decay"), Initial: c.setting("initial_accumulator_value"), Eps: eps,
			WeightDecay: decay, Decays: decays, Schedule: schedule,
		}
	default:
		panic(fmt.Sprintf("no optimizer for %v", c.Options["of"]))
	}
	if c.Optimizer == "EMA" {
		return &optim.EMA{Optimizer: o, Decay: unless(0.999, c.setting("decay"))}
	}
	return o
}

// Every optimizer updates parameters as PyTorch's does, with clipped and with accumulated gradients too, and goes on doing so after its
// state and the parameters went through another optimizer between all steps.
func TestParityOptimizers(t *testing.T) {
	var cases []*parityCase
	draws := make(map[string]int)
	for _, c := range mustReadParity(t) {
		if c.Optimizer != "" {
			cases = append(cases, c)
			draws[c.Optimizer]++
		}
	}
	onEveryPath(t, func(t *testing.T) {
		for _, c := range cases {
			inBothDtypes(func(dtype tensor.Dtype) {
				compareOptimizer(t, c, dtype, false)
				compareOptimizer(t, c, dtype, true)
			})
		}
	})
	for _, name := range implementationsOf(mustReadThisModule(t).packages["optim"], "Optimizer") {
		if draws[name] < leastDraws {
			t.Errorf("optim.%s has %d draws that are compared with PyTorch's, want at least %d: see internal/parity/optimizers.py", name, draws[name], leastDraws)
		}
	}
}

func compareOptimizer(t *testing.T, c *parityCase, dtype tensor.Dtype, restored bool) {
	t.Helper()
	var params []*autograd.Param
	const count = 2
	for i, name := range []string{"a", "b"} {
		params = append(params, autograd.NewParam(name, tensorOf(dtype, c.operands[i], c.Shapes[i]...)))
	}
	compare := comparison{t, fmt.Sprintf("%s %v, restored: %v", c.Optimizer, c.Options, restored), summing, dtype}
	optimizer, several := c.optimizer(), optim.Accumulator{Every: int(c.setting("every"))}
	for step, gradients := range slices.Collect(slices.Chunk(c.operands[count:], count)) {
		stream := autograd.Gradients(func(yield func(*autograd.Param, *autograd.Tensor) bool) {
			for i, p := range params {
				if !yield(p, tensorOf(dtype, gradients[i], p.Value().Shape()...)) {
					return
				}
			}
		})
		switch {
		case c.setting("max_norm") > 0:
			stream = optim.ClipNorm(stream, c.setting("max_norm"))
		case c.setting("max_value") > 0:
			stream = optim.ClipValue(stream, c.setting("max_value"))
		case several.Every > 0:
			stream = several.Add(stream)
		}
		optim.Step(optimizer, stream)
		if restored && several.Every == 0 { // an accumulator keeps to its parameters
			state := optimizer.State()
			for i, p := range params {
				params[i] = autograd.NewParam(p.Name, p.Value().Clone())
			}
			optimizer = c.optimizer()
			if err := optimizer.Restore(params, state); err != nil {
				t.Fatal(err)
			}
		}
		if several.Every > 0 && (step+1)%several.Every > 0 {
			continue // nothing was updated
		}
		var values []*autograd.Tensor
		if ema, ok := optimizer.(*optim.EMA); ok {
			ema.Swap()
			values = valuesOf(params)
			ema.Swap()
		} else {
			values = valuesOf(params)
		}
		compare.wants(fmt.Sprintf("after step %d parameter", step), values, c.Results[step*count:], c.results[step*count:][:count])
		if t.Failed() {
			return
		}
	}
}

func valuesOf(params []*autograd.Param) []*autograd.Tensor {
	var values []*autograd.Tensor
	for _, p := range params {
		values = append(values, p.Value().Clone())
	}
	return values
}
