package autograd

import (
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

// The gradient of a large matrix of weights is mostly read once, by an optimizer, and forgotten. To write it out to memory and to fetch
// it again takes as long as the update itself. So a rule may return a promise of it ([Later]), which an optimizer that only adds
// the gradient to the weights ([AddScaled]) never has computed on its own. Who reads such a tensor in any other way gets it
// computed, and sees no difference: the values have the same bits.

// Later is [Empty] with the promise that fill computes the elements from a and b once they are read, if they are. fill sets dst to them, or
// where scale is not 0 adds scale times them to dst, with the rounding of [AddScaled]. T is the dtype of a and b.
//
// Only a pass that streams gradients puts something off, and nothing small. Otherwise the tensor is computed at once.
func Later[T float32 | float64](shape tensor.Shape, fill func(dst []T, scale T, a, b *Tensor), a, b *Tensor) *Tensor {
	y := Empty(shape, a, b)
	streams := y.tape != nil && y.tape.running != nil && y.tape.running.yield != nil
	const worthWaiting = 1024                                                                    // elements: fewer are computed in the time that a promise of them takes
	if !streams || y.Size() < worthWaiting || a.storage.param != nil || b.storage.param != nil { // a parameter may be written before y is read
		fill(Raw[T](y), 0, a, b)
		return y
	}
	pass := y.tape.running
	pass.hold(a)
	pass.hold(b)
	y.storage.promise = promise{tensor: y, fill: fill, a: a, b: b, pass: pass}
	y.gen-- // so that whoever reads y comes by stale, which keeps the promise
	return y
}

// AddScaled adds scale·g to the value of p, of the same shape and dtype T, and as [Write] does ends what was made from the old one. g is
// dense.
func AddScaled[T float32 | float64](p *Param, g *Tensor, scale T) {
	if promise := g.promised(); promise != nil && scale != 0 {
		promise.fill.(func(dst []T, scale T, a, b *Tensor))(Write[T](p), scale, promise.a, promise.b)
		return
	}
	values := Raw[T](g) // before Write, which would end it if g were the parameter's own value
	kernel.AddScaled(Write[T](p), values, scale)
}

// A promise is how to compute a tensor that Later made. The zero promise is none.
type promise struct {
	tensor *Tensor
	fill   any     // a func(dst []T, scale T, a, b *Tensor) for the tensor's dtype
	a, b   *Tensor // held until the tensor is there or nobody wants it
	pass   *pass
}

// promised returns how x will be computed, or nil if it is there.
func (x *Tensor) promised() *promise {
	if p := &x.storage.promise; p.tensor == x {
		return p
	}
	return nil
}

// keepPromise computes x.
func (x *Tensor) keepPromise() {
	p := x.storage.promise
	x.endPromise()
	switch fill := p.fill.(type) {
	case func(dst []float32, scale float32, a, b *Tensor):
		fill(Raw[float32](x), 0, p.a, p.b)
	case func(dst []float64, scale float64, a, b *Tensor):
		fill(Raw[float64](x), 0, p.a, p.b)
	}
}

// endPromise makes x an ordinary tensor, of arbitrary contents.
func (x *Tensor) endPromise() {
	p := &x.storage.promise
	p.pass.release(p.a)
	p.pass.release(p.b)
	*p = promise{}
	x.gen = x.storage.gen
}
