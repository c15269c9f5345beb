package autograd

// A Param is a named tensor that training changes. Its value is on the heap and row-major; [Tape.Param] records it.
type Param struct {
	Name   string // unique within a model: a path such as "encoder.0.weight"
	Frozen bool   // Backward leaves it out
	Fixed  bool   // it is frozen for good, such as a running mean or a mask: what unfreezes a layer passes it over

	value   *Tensor
	headers headers // of the values to come: each Write makes one
}

// NewParam returns a parameter with a copy of x as its value.
func NewParam(name string, x *Tensor) *Param {
	p := &Param{Name: name, value: x.Clone()}
	p.value.weak = false
	p.value.storage.param = p
	return p
}

// Value returns the value as a constant. It is valid until the parameter is written.
func (p *Param) Value() *Tensor { return p.value }

// Write returns the values in row-major order, to be changed in place, and ends what was made from the old ones: a later read
// of it panics with a [StaleError], and so does a reverse pass that reaches the old leaf. It is not safe while another
// goroutine reads the parameter. It panics with a [DtypeError] if T is not the parameter's dtype.
func Write[T float32 | float64](p *Param) []T {
	if _, single := any(T(0)).(float32); single != p.value.IsSingle() {
		Fail("autograd.Write", DtypeError, []*Tensor{p.value}, "parameter %s has dtype %v: want Write[%[2]v]", p.Name, p.value.Dtype())
	}
	data := Raw[T](p.value)
	s := p.value.storage
	s.gen++
	next := p.headers.next(8)
	*next = *p.value
	next.gen = s.gen
	p.value = next
	return data
}
