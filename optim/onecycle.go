package optim

import (
	"cmp"
	"math"

	"github.com/tapegrad/tapegrad/autograd"
)

// OneCycle raises the learning rate from LR/Div to LR, and lowers it below where it began: Smith and Topin, "Super-Convergence: Very
// Fast Training of Neural Networks Using Large Learning Rates" (2019), as PyTorch's torch.optim.lr_scheduler.OneCycleLR does it with
// max_lr = LR, cosines and no cycle of the momentum. Its method is the [Schedule]:
//
//	cycle := optim.OneCycle{Updates: 1000}
//	sgd := &optim.SGD{LR: 0.5, Momentum: 0.9, Schedule: cycle.Schedule}
//
// With T Updates and r Rise the factor is 1/Div at update 0, 1 at r T - 1 and 1/(Div FinalDiv) from T - 1 on; with ThreePhases
// it comes back to 1/Div at 2 (r T - 1). Between two of these it follows half a cosine.
type OneCycle struct {
	Updates     int     // how many there are in the cycle; at least 1
	Rise        float64 // which part of them the factor rises for, at most 1, or 1/2 with ThreePhases; 0 means 0.3
	Div         float64 // 1/factor at the beginning; 0 means 25
	FinalDiv    float64 // by what the factor at the end is smaller than at the beginning; 0 means 10⁴
	ThreePhases bool    // fall as fast as it rose, and then to the end
}

// Schedule returns the factor at update t. It panics with an autograd.ValueError if a setting is not what its comment says, or
// negative, or not finite.
func (c OneCycle) Schedule(t int) float64 {
	const op = "optim.OneCycle"
	wantUpdates(op, c.Updates)
	rise, div, finalDiv := cmp.Or(c.Rise, 0.3), cmp.Or(c.Div, 25), cmp.Or(c.FinalDiv, 1e4)
	wantSetting(op, "Div", div)
	wantSetting(op, "FinalDiv", finalDiv)
	most := 1.0
	if c.ThreePhases {
		most = 0.5
	}
	if !(rise > 0 && rise <= most) {
		autograd.Fail(op, autograd.ValueError, nil, "Rise is %v: want a number from 0 to %v", rise, most)
	}
	type corner struct{ at, factor float64 }
	top := rise*float64(c.Updates) - 1
	corners := [...]corner{{0, 1 / div}, {top, 1}, {2 * top, 1 / div}, {float64(c.Updates - 1), 1 / (div * finalDiv)}}
	if !c.ThreePhases {
		corners[2] = corners[1]
	}
	for i, to := range corners[1:] {
		if from := corners[i]; float64(t) <= to.at {
			return cosineBetween(from.factor, to.factor, (float64(t)-from.at)/math.Max(to.at-from.at, 1e-300))
		}
	}
	return corners[len(corners)-1].factor
}
