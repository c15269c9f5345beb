package data_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/data"
)

// TestGatherReadsAnyLayout compares with the definition of strides, element by
// element, for random permutations and steps of the axes.
func TestGatherReadsAnyLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rank := rapid.IntRange(1, 4).Draw(t, "rank")
		shape, strides := make(tensor.Shape, rank), make([]int, rank)
		axes := make([]int, rank)
		for i := range axes {
			axes[i] = i
		}
		span := 1
		for _, axis := range rapid.Permutation(axes).Draw(t, "axes from the inside") {
			shape[axis] = rapid.IntRange(1, 4).Draw(t, "length")
			span *= rapid.IntRange(1, 2).Draw(t, "step")
			strides[axis] = span
			span *= shape[axis]
		}
		values := make([]float64, span)
		for i := range values {
			values[i] = float64(i)
		}
		x := tensor.New(tensor.WithShape(span), tensor.WithBacking(values))
		x.Info().Init(slices.Clone(shape), slices.Clone(strides))

		rows, err := data.NewRows(x)
		if err != nil {
			t.Fatal(err)
		}
		if rows.Len() != shape[0] || !slices.Equal(rows.Shape(), shape[1:]) || rows.Width()*rows.Len() != shape.TotalSize() {
			t.Fatalf("an array of shape %v became %d rows of shape %v and width %d", shape, rows.Len(), rows.Shape(), rows.Width())
		}
		row := rapid.IntRange(0, shape[0]-1).Draw(t, "row")
		got := make([]float64, rows.Width())
		if err := data.Gather(got, rows, []int{row}); err != nil {
			t.Fatal(err)
		}
		for k, v := range got {
			offset, rest := row*strides[0], k
			for axis := rank - 1; axis > 0; axis-- {
				offset += rest % shape[axis] * strides[axis]
				rest /= shape[axis]
			}
			if v != float64(offset) {
				t.Fatalf("shape %v, strides %v: element %d of row %d is %v, want %d", shape, strides, k, row, v, offset)
			}
		}
	})
}

func TestGatherReadsGorgoniasViews(t *testing.T) {
	x := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 12)))
	slice := func(s ...tensor.Slice) *tensor.Dense {
		view, err := x.Slice(s...)
		if err != nil {
			t.Fatal(err)
		}
		return view.(*tensor.Dense)
	}
	transposed := x.Clone().(*tensor.Dense)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		x    *tensor.Dense
		want []float32
	}{
		{"rows", slice(tensor.S(1, 3)), []float32{3, 4, 5, 6, 7, 8}},
		{"column", slice(nil, tensor.S(1)), []float32{1, 4, 7, 10}},
		{"every other row", slice(tensor.S(0, 4, 2)), []float32{0, 1, 2, 6, 7, 8}},
		{"middle", slice(tensor.S(1, 3), tensor.S(1, 3)), []float32{4, 5, 7, 8}},
		{"transposed", transposed, []float32{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}},
	}
	for _, test := range tests {
		var got []float32
		d := data.Dataset{X: test.x}
		for _, b := range d.Batches(1, nil) {
			got = append(got, b.X.Float32s()...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		part, err := d.Limit(1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want[:len(test.want)/d.Len()], part.X.Float32s()); diff != "" {
			t.Errorf("%s, first (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestGatherScalesBytes(t *testing.T) {
	bytes := make([]uint8, 256)
	for i := range bytes {
		bytes[i] = uint8(i)
	}
	got32, got64 := gatherAll[float32](t, bytes), gatherAll[float64](t, bytes)
	for b := range bytes {
		exact32, exact64 := float32(b)/255, float64(b)/255
		if math.Float32bits(got32[b])-math.Float32bits(exact32)+1 > 2 {
			t.Errorf("byte %d became %v, which is more than a unit in the last place off %v", b, got32[b], exact32)
		}
		if math.Float64bits(got64[b])-math.Float64bits(exact64)+1 > 2 {
			t.Errorf("byte %d became %v, which is more than a unit in the last place off %v", b, got64[b], exact64)
		}
	}
	if got32[0] != 0 || got32[255] != 1 || got64[0] != 0 || got64[255] != 1 {
		t.Errorf("black and white became %v and %v, %v and %v", got32[0], got32[255], got64[0], got64[255])
	}
}

func TestGatherConvertsFloats(t *testing.T) {
	narrow, wide := make([]float32, 256), make([]float64, 256)
	widened, narrowed := make([]float64, 256), make([]float32, 256)
	for i := range narrow {
		wide[i] = math.Sqrt(float64(i)) - 3
		narrowed[i] = float32(wide[i])
		narrow[i] = narrowed[i] * 2
		widened[i] = float64(narrow[i])
	}
	for name, diff := range map[string]string{
		"float32 to float32": cmp.Diff(narrow, gatherAll[float32](t, narrow)),
		"float32 to float64": cmp.Diff(widened, gatherAll[float64](t, narrow)),
		"float64 to float32": cmp.Diff(narrowed, gatherAll[float32](t, wide)),
		"float64 to float64": cmp.Diff(wide, gatherAll[float64](t, wide)),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// gatherAll passes 256 values through Gather.
func gatherAll[T float32 | float64](t *testing.T, values any) []T {
	t.Helper()
	rows, err := data.NewRows(tensor.New(tensor.WithShape(2, 128), tensor.WithBacking(values)))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]T, 256)
	if err := data.Gather(dst, rows, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	return dst
}

// A batch that is large enough for several threads is what its rows are one by one.
func TestGatherIsDividedByRows(t *testing.T) {
	old := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(old)
	const n, width = 90, 1000
	bytes, narrow, wide := make([]uint8, n*width), make([]float32, n*width), make([]float64, n*width)
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range bytes {
		bytes[i], narrow[i], wide[i] = uint8(rng.Uint32()), rng.Float32(), rng.Float64()
	}
	for _, values := range []any{bytes, narrow, wide} {
		rows, err := data.NewRows(tensor.New(tensor.WithShape(n, width), tensor.WithBacking(values)))
		if err != nil {
			t.Fatal(err)
		}
		indices := rng.Perm(n)[:77]
		gatherTwice[float32](t, rows, indices)
		gatherTwice[float64](t, rows, indices)
	}
}

func gatherTwice[T float32 | float64](t *testing.T, rows *data.Rows, indices []int) {
	t.Helper()
	together, apart := make([]T, len(indices)*rows.Width()), make([]T, len(indices)*rows.Width())
	if err := data.Gather(together, rows, indices); err != nil {
		t.Fatal(err)
	}
	for i := range indices {
		if err := data.Gather(apart[i*rows.Width():(i+1)*rows.Width()], rows, indices[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(together, apart) {
		t.Errorf("%v to %T: a batch differs from its rows", rows.Dtype(), together)
	}
}

func TestGatherErrors(t *testing.T) {
	rows, err := data.NewRows(numbered(3).X)
	if err != nil {
		t.Fatal(err)
	}
	dst := []float32{9, 9, 9, 9}
	wantError(t, data.Gather(dst, rows, []int{0}), "1 examples of 2 values do not fill a destination of 4 values")
	wantError(t, data.Gather(dst, rows, []int{0, 3}), "index 3 at position 1 is out of range: there are 3 examples")
	wantError(t, data.Gather(dst, rows, []int{-1, 0}), "index -1 at position 0")
	if !slices.Equal(dst, []float32{9, 9, 9, 9}) {
		t.Errorf("a refused Gather wrote %v", dst)
	}
	_, err = data.NewRows(nil)
	wantError(t, err, "the array is nil")
}

func TestGatherDoesNotAllocate(t *testing.T) {
	rows, dst, indices := imageRows(t)
	allocations := testing.AllocsPerRun(10, func() {
		if err := data.Gather(dst, rows, indices); err != nil {
			t.Error(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations a batch", allocations)
	}
}

// BenchmarkGather gathers a batch of 32 images of bytes, the input of one
// training step of the MNIST autoencoder.
func BenchmarkGather(b *testing.B) {
	rows, dst, _ := imageRows(b)
	rng := rand.New(rand.NewPCG(1, 2))
	b.SetBytes(int64(len(dst)))
	for b.Loop() {
		for _, indices := range data.BatchIndices(rows.Len(), 32, rng) {
			if len(indices) < 32 {
				break
			}
			if err := data.Gather(dst, rows, indices); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows.Len()/32), "ns/batch")
}

func imageRows(t testing.TB) (rows *data.Rows, dst []float32, indices []int) {
	t.Helper()
	pixels := make([]uint8, 60_000*784)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	rows, err := data.NewRows(tensor.New(tensor.WithShape(60_000, 784), tensor.WithBacking(pixels)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 32 {
		indices = append(indices, i*i%1000)
	}
	return rows, make([]float32, 32*784), indices
}
