package nn

// Freeze keeps the parameters of a built layer as they are while others learn, until [Unfreeze]: no gradient reaches the optimizer,
// weight decay included, L1 and L2 of [Linear] do not count, and [BatchNorm] behaves as in inference. Dropout goes on. A layer that is
// not built yet has no parameters, and nothing to freeze: Build the model first.
func Freeze(l Layer) {
	for _, p := range l.Params() {
		p.Frozen = true
	}
}

// Unfreeze lets the parameters of a layer learn. What is never trained, such as the running averages of [BatchNorm], stays frozen:
// see [Builder.Fixed].
func Unfreeze(l Layer) {
	for _, p := range l.Params() {
		p.Frozen = p.Fixed
	}
}
