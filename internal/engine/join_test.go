package engine

import (
	"slices"
	"testing"

	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/kernel"
)

func joined[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
	var parts []*tensor.Dense
	whole := slices.Clone(shape)
	whole[axis] = 0
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		part := slices.Clone(shape)
		part[axis] = rapid.IntRange(1, 3).Draw(t, "length")
		whole[axis] += part[axis]
		parts = append(parts, anyDense[T](t, "part", part))
	}
	var want []T
	for i := range lengthsAround(shape, axis).outer {
		for _, p := range parts {
			width := tensor.Shape(p.Shape()[axis:]).TotalSize()
			want = append(want, elements[T](p)[i*width:][:width]...)
		}
	}
	got, err := parts[0].Concat(axis, parts[1:]...)
	must(t, err)
	if len(parts) > 1 || got != parts[0] {
		wantElements(t, got, whole, want)
	}
}

func TestConcat(t *testing.T) { check(t, joined[float32], joined[float64]) }

func stacked[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	axis := rapid.IntRange(0, len(shape)).Draw(t, "axis")
	parts := []*tensor.Dense{anyDense[T](t, "a", shape), anyDense[T](t, "b", shape), anyDense[T](t, "c", shape)}
	width := tensor.Shape(shape[axis:]).TotalSize()
	var want []T
	for i := range tensor.Shape(shape[:axis]).TotalSize() {
		for _, p := range parts {
			want = append(want, elements[T](p)[i*width:][:width]...)
		}
	}
	got, err := parts[0].Stack(axis, parts[1:]...)
	must(t, err)
	wantElements(t, got, slices.Insert(slices.Clone(shape), axis, 3), want)
}

func TestStack(t *testing.T) { check(t, stacked[float32], stacked[float64]) }

func repeatedParts[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	axis := rapid.IntRange(tensor.AllAxes, len(shape)-1).Draw(t, "axis")
	whole, width, along := slices.Clone(shape), 1, 0
	if axis == tensor.AllAxes {
		whole = []int{tensor.Shape(shape).TotalSize()}
	} else {
		width, along = lengthsAround(shape, axis).inner, axis
	}
	repeats := rapid.SliceOfN(rapid.IntRange(0, 3), whole[along], whole[along]).Draw(t, "repeats")
	repeats[0]++
	var want []T
	values := elements[T](a)
	for i := 0; i*width < len(values); i++ {
		for range repeats[i%len(repeats)] {
			want = append(want, values[i*width:][:width]...)
		}
	}
	whole[along] = 0
	for _, n := range repeats {
		whole[along] += n
	}
	got, err := tensor.Repeat(a, axis, repeats...)
	must(t, err)
	wantElements(t, got, whole, want)
	into := anyDense[T](t, "into", whole)
	beside := others[T](into)
	got, err = tensor.RepeatReuse(a, into, axis, repeats...)
	wantResult(t, got, err, whole, want, into, nil, beside)
}

func TestRepeat(t *testing.T) { check(t, repeatedParts[float32], repeatedParts[float64]) }

func chosen[T kernel.Float](t *rapid.T) {
	shape := anyShape(t)
	a := anyDense[T](t, "a", shape)
	axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
	indices := rapid.SliceOfN(rapid.IntRange(0, shape[axis]-1), 1, 5).Draw(t, "indices")
	l, values := lengthsAround(shape, axis), elements[T](a)
	var want []T
	for i := range l.outer {
		for _, index := range indices {
			want = append(want, values[(i*l.n+index)*l.inner:][:l.inner]...)
		}
	}
	whole := slices.Clone(shape)
	whole[axis] = len(indices)
	list := tensor.New(tensor.WithBacking(slices.Clone(indices)))
	got, err := tensor.ByIndices(a, list, axis)
	must(t, err)
	wantElements(t, got, whole, want)
	if got, err := tensor.ByIndices(a, tensor.New(tensor.WithBacking([]int{shape[axis]})), axis); err == nil {
		t.Fatalf("a part that is not there is %v", got)
	}
}

func TestByIndices(t *testing.T) { check(t, chosen[float32], chosen[float64]) }

// What stays tensor.StdEng's gives for a view what it gives for a row-major array of the same elements.
func TestDiagonalsAndSingularValuesOfViews(t *testing.T) {
	wide := Dense([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 4)
	must(t, wide.T())
	s, err := wide.Slice(tensor.S(0, 4, 2))
	must(t, err)
	view := s.(*tensor.Dense) // (2, 3)
	plain := Dense(elements[float64](view), 2, 3)

	got, err := tensor.Diag(view)
	must(t, err)
	want, err := tensor.Diag(plain)
	must(t, err)
	if !slices.Equal(elements[float64](got.(*tensor.Dense)), elements[float64](want.(*tensor.Dense))) {
		t.Errorf("the diagonal is %v, want %v", got, want)
	}
	values, _, _, err := view.SVD(false, false)
	must(t, err)
	plainValues, _, _, err := plain.SVD(false, false)
	must(t, err)
	if !slices.Equal(elements[float64](values), elements[float64](plainValues)) {
		t.Errorf("the singular values are %v, want %v", values, plainValues)
	}
	trace, err := view.Trace()
	must(t, err)
	if trace != any(plain.Float64s()[0]+plain.Float64s()[4]) {
		t.Errorf("the trace is %v of %v", trace, plain)
	}
}
