// Package optim changes parameters so that a loss falls.
//
// An [Optimizer] treats one parameter and its gradient at a time, and so it works on the stream that a reverse pass gives: each
// parameter is updated as soon as its gradient is final, while both are in the cache. What treats gradients on their way, such as
// [ClipNorm] or an [Accumulator], is a function from stream to stream:
//
//	adam := &optim.AdamW{
//		Decays:   optim.WeightsOnly,
//		Schedule: optim.Warmup(500, optim.CosineDecay(10_000, 0.01)),
//	}
//	…
//	optim.Step(adam, optim.ClipNorm(tape.Backward(loss), 1))
//
// Optimizers are structs whose zero values are PyTorch's defaults; where 0 means another number and a setting can be turned off, as
// the weight decay of [AdamW] can, a negative number does that. They compute what PyTorch's optimizers of the same name compute:
// [SGD], [Adam], [AdamW], [RMSProp] and [Adagrad]. [EMA] is around any of them and averages the parameters. They remember what they
// need for each parameter themselves, and count each parameter's own updates: a [Schedule] is a function of that count, as the methods
// of [OneCycle] and [Plateau] are. An optimizer belongs to one goroutine.
//
// Settings that make no sense, and gradients that do not fit their parameter, panic with an [*autograd.Error].
package optim
