package engine

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// What package tensor does with an array that carries the engine, next to one that does not: same values, same text.
func TestDenseBehavesAsBefore(t *testing.T) {
	values := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	ours := Dense(slices.Clone(values), 3, 4)
	theirs := tensor.New(tensor.WithShape(3, 4), tensor.WithBacking(slices.Clone(values)))
	steps := []struct {
		name string
		do   func(d *tensor.Dense) (*tensor.Dense, error)
		lost bool // package tensor makes the result with its own engine
	}{
		{name: "Clone", do: func(d *tensor.Dense) (*tensor.Dense, error) { return d.Clone().(*tensor.Dense), nil }},
		{name: "ShallowClone", do: func(d *tensor.Dense) (*tensor.Dense, error) { return d.ShallowClone(), nil }},
		{name: "Slice", do: column},
		{name: "Materialize", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			s, err := column(d)
			return s.Materialize().(*tensor.Dense), err
		}},
		{name: "T", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			c := d.Clone().(*tensor.Dense)
			return c, c.T()
		}},
		{name: "Transpose", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			c := d.Clone().(*tensor.Dense)
			return c, errors.Join(c.T(), c.Transpose())
		}},
		{name: "SafeT", do: func(d *tensor.Dense) (*tensor.Dense, error) { return d.SafeT() }},
		{name: "Reshape", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			c := d.Clone().(*tensor.Dense)
			return c, c.Reshape(2, 6)
		}},
		{name: "Concat", do: func(d *tensor.Dense) (*tensor.Dense, error) { return d.Concat(0, d) }},
		{name: "Repeat", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			r, err := tensor.Repeat(d, 0, 2)
			return r.(*tensor.Dense), err
		}},
		{name: "Argmax", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			r, err := tensor.Argmax(d, 1)
			return r.(*tensor.Dense), err
		}},
		{name: "Dense.Argmax", do: func(d *tensor.Dense) (*tensor.Dense, error) { return d.Argmax(1) }, lost: true},
		{name: "Gt", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			r, err := tensor.Gt(d, float32(5))
			return r.(*tensor.Dense), err
		}},
		{name: "gob", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			var b bytes.Buffer
			read := new(tensor.Dense)
			return read, errors.Join(gob.NewEncoder(&b).Encode(d), gob.NewDecoder(&b).Decode(read))
		}, lost: true},
		{name: "npy", do: func(d *tensor.Dense) (*tensor.Dense, error) {
			var b bytes.Buffer
			read := new(tensor.Dense)
			return read, errors.Join(d.WriteNpy(&b), read.ReadNpy(&b))
		}, lost: true},
	}
	for _, step := range steps {
		got, err := step.do(ours)
		must(t, err)
		want, err := step.do(theirs)
		must(t, err)
		if fmt.Sprintf("%v %#v %+v", got, got, got) != fmt.Sprintf("%v %#v %+v", want, want, want) {
			t.Errorf("%s: prints as\n%v\nwant\n%v", step.name, got, want)
		}
		if !slices.Equal(got.Shape(), want.Shape()) || !slices.Equal(iterated(t, got), iterated(t, want)) {
			t.Errorf("%s: shape %v with %v, want %v with %v", step.name, got.Shape(), iterated(t, got), want.Shape(), iterated(t, want))
		}
		if _, carries := got.Engine().(Engine); !carries && !step.lost {
			t.Errorf("%s: carries a %T", step.name, got.Engine())
		}
	}
}

func column(d *tensor.Dense) (*tensor.Dense, error) {
	s, err := d.Slice(nil, tensor.S(1, 3))
	return s.(*tensor.Dense), err
}

// iterated lists the elements as text, in the iterator's order.
func iterated(t *testing.T, d *tensor.Dense) (list []string) {
	it := d.Iterator()
	for i, err := it.Start(); err == nil; i, err = it.Next() {
		list = append(list, fmt.Sprint(d.Get(i)))
	}
	if len(list) == 0 {
		t.Fatal("the iterator gives nothing")
	}
	return list
}

// The left operand's engine is asked, or else the right one's: an array of one's own gets the kernels too.
func TestMixedEngines(t *testing.T) {
	ours := Dense([]float32{1, 2}, 2)
	theirs := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{3, 4}))
	for _, pair := range [][2]*tensor.Dense{{ours, theirs}, {theirs, ours}} {
		got, err := tensor.Add(pair[0], pair[1])
		must(t, err)
		if sum := got.Data().([]float32); !slices.Equal(sum, []float32{4, 6}) {
			t.Errorf("got %v", sum)
		}
	}
}

// A row repeated by a stride of 0 has as many elements as its shape says.
func TestRepeatedRow(t *testing.T) {
	row := Dense([]float32{1, 2, 3}, 3)
	row.Info().Init(tensor.Shape{4, 3}, []int{0, 1})
	got, err := tensor.Add(row, row)
	must(t, err)
	wantElements(t, got, []int{4, 3}, []float32{2, 4, 6, 2, 4, 6, 2, 4, 6, 2, 4, 6})
	if got, err := tensor.Add(row, row, tensor.UseUnsafe()); err == nil {
		t.Errorf("a sum written where several elements lie in one place: %v", got)
	}
}

// Other dtypes and masked arrays go to package tensor.
func TestOthersAreHandedOver(t *testing.T) {
	whole := Dense([]int{1, 2}, 2)
	got, err := tensor.Add(whole, 1)
	must(t, err)
	if sum := got.Data().([]int); !slices.Equal(sum, []int{2, 3}) {
		t.Errorf("got %v", sum)
	}
	masked := Dense([]float32{1, 2}, 2)
	masked.SetMask([]bool{true, false})
	got, err = tensor.Add(masked, masked)
	must(t, err)
	if d := got.(*tensor.Dense); !d.IsMasked() || d.Float32s()[1] != 4 {
		t.Errorf("got %v", d)
	}
}

func TestMistakesAreErrors(t *testing.T) {
	a, b := Dense([]float32{1, 2, 3}, 3), Dense([]float32{1, 2, 3, 4}, 4)
	double := Dense([]float64{1, 2, 3}, 3)
	for name, f := range map[string]func() (tensor.Tensor, error){
		"lengths":          func() (tensor.Tensor, error) { return tensor.Add(a, b) },
		"dtypes":           func() (tensor.Tensor, error) { return tensor.Add(a, double) },
		"scalar's dtype":   func() (tensor.Tensor, error) { return tensor.Mul(a, 2.0) },
		"length of reuse":  func() (tensor.Tensor, error) { return tensor.Add(a, a, tensor.WithReuse(b)) },
		"dtype of reuse":   func() (tensor.Tensor, error) { return tensor.Add(a, a, tensor.WithReuse(double)) },
		"Dot's lengths":    func() (tensor.Tensor, error) { return tensor.Dot(a, b) },
		"Apply's function": func() (tensor.Tensor, error) { return a.Apply(func(x float64) float64 { return x }) },
		"product's memory": func() (tensor.Tensor, error) {
			m := Dense([]float32{1, 2, 3, 4}, 2, 2)
			return tensor.MatMul(m, m, tensor.WithReuse(a), tensor.UseUnsafe())
		},
	} {
		if got, err := f(); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
