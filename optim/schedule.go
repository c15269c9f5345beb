package optim

import (
	"math"

	"github.com/tapegrad/tapegrad/autograd"
)

// A Schedule says how the learning rate changes: it returns the factor by which the optimizer's LR is multiplied at update number
// t = 0, 1, 2, … of a parameter. Updates are counted for each parameter by itself, so that one that was frozen for a while begins
// at the beginning.
type Schedule func(t int) float64

// Constant is the schedule that leaves the learning rate as it is: the factor is 1. It is what a nil Schedule means.
func Constant(int) float64 { return 1 }

// StepDecay multiplies the learning rate by factor after every so many updates: the factor at update t is
//
//	factor^⌊t/every⌋
//
// which is PyTorch's torch.optim.lr_scheduler.StepLR, counted in updates; with every = 1, ExponentialLR. It panics with an
// autograd.ValueError if every is less than 1, or factor is negative or not finite.
func StepDecay(every int, factor float64) Schedule {
	const op = "optim.StepDecay"
	wantUpdates(op, every)
	wantSetting(op, "factor", factor)
	return func(t int) float64 { return math.Pow(factor, float64(t/every)) }
}

// CosineDecay lowers the learning rate along half a cosine, from LR at the first update to final·LR after the given number of
// updates, where it stays. With T updates and f = final the factor at update t ≤ T is
//
//	f + (1 - f) (1 + cos(π t/T)) / 2
//
// which is equation 5 of Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (ICLR 2017), without
// restarts, and up to update T what PyTorch's torch.optim.lr_scheduler.CosineAnnealingLR gives with eta_min = f·LR. It panics with
// an autograd.ValueError if updates is less than 1, or final is negative or not finite.
func CosineDecay(updates int, final float64) Schedule {
	const op = "optim.CosineDecay"
	wantUpdates(op, updates)
	wantSetting(op, "final", final)
	return func(t int) float64 {
		return cosineBetween(1, final, min(float64(t)/float64(updates), 1))
	}
}

// LinearDecay lowers the learning rate along a line, from LR at the first update to final·LR after the given number of updates,
// where it stays. With T updates and f = final the factor at update t ≤ T is
//
//	1 - (1 - f) t/T
//
// which is PyTorch's torch.optim.lr_scheduler.LinearLR with start_factor = 1 and end_factor = f. It panics with an
// autograd.ValueError if updates is less than 1, or final is negative or not finite.
func LinearDecay(updates int, final float64) Schedule {
	const op = "optim.LinearDecay"
	wantUpdates(op, updates)
	wantSetting(op, "final", final)
	return func(t int) float64 { return 1 - (1-final)*min(float64(t)/float64(updates), 1) }
}

// Warmup raises the learning rate along a line over the given number of updates, on top of another schedule; nil is none. With n
// updates the factor at update t is
//
//	min(1, (t + 1)/n) then(t)
//
// so that the first update moves already and update n - 1 is the first that is not held back. Both count from the first update, as
// in PyTorch's torch.optim.lr_scheduler.ChainedScheduler of LinearLR(start_factor=1/n, total_iters=n-1) and the other. A
// schedule that is to begin at another count is a function of it:
//
//	cosine := optim.CosineDecay(10_000, 0.01)
//	optim.Warmup(500, func(t int) float64 { return cosine(max(t-500, 0)) })
//
// It panics with an autograd.ValueError if updates is less than 1.
func Warmup(updates int, then Schedule) Schedule {
	wantUpdates("optim.Warmup", updates)
	if then == nil {
		then = Constant
	}
	return func(t int) float64 { return min(1, float64(t+1)/float64(updates)) * then(t) }
}

func wantUpdates(op string, n int) {
	if n < 1 {
		autograd.Fail(op, autograd.ValueError, nil, "%d updates: want at least 1", n)
	}
}

// cosineBetween follows half a cosine from a to b, as progress goes from 0 to 1.
func cosineBetween(a, b, progress float64) float64 { return b + (a-b)*(1+math.Cos(math.Pi*progress))/2 }
