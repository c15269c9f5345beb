package arrayio_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// All values of two bytes, against their definitions.
func TestHalvesAreWidened(t *testing.T) {
	var file []byte
	for bits := range 1 << 16 {
		file = binary.BigEndian.AppendUint16(file, uint16(bits))
	}
	for kind, define := range map[arrayio.Kind]func(bits int) float64{
		arrayio.Float16:  func(bits int) float64 { return defined(bits, 5, 10) },
		arrayio.BFloat16: func(bits int) float64 { return defined(bits, 8, 7) },
	} {
		x, err := arrayio.Array{Kind: kind, Order: binary.BigEndian, Shape: []int{1 << 16}}.Read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for bits, got := range x.Float32s() {
			want := define(bits)
			if float64(got) != want && !(got != got && want != want) || math.Signbit(float64(got)) != math.Signbit(want) {
				t.Fatalf("kind %d: %#04x is %v, want %v", kind, bits, got, want)
			}
		}
	}
}

// defined returns the value of 16 bits: a sign, an exponent, and a fraction of so many bits each.
func defined(bits, exponentBits, fractionBits int) float64 {
	sign := 1 - 2*float64(bits>>15)
	exponent, fraction := bits>>fractionBits&(1<<exponentBits-1), float64(bits&(1<<fractionBits-1))
	bias := 1<<(exponentBits-1) - 1
	switch {
	case exponent == 1<<exponentBits-1 && fraction != 0:
		return math.Copysign(math.NaN(), sign)
	case exponent == 1<<exponentBits-1:
		return math.Inf(int(sign))
	case exponent == 0:
		return math.Copysign(math.Ldexp(fraction, 1-bias-fractionBits), sign)
	}
	return sign * math.Ldexp(1+math.Ldexp(fraction, -fractionBits), exponent-bias)
}

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
	}{{nil, 8}, {[]int{2, 3}, 48}, {[]int{2, 0, 3}, 0}} {
		if got, err := arrayio.Float64.Bytes(c.shape); got != c.want || err != nil {
			t.Errorf("shape %v has %d bytes (%v), want %d", c.shape, got, err, c.want)
		}
	}
	for _, shape := range [][]int{{-1}, {math.MaxInt / 8}, {math.MaxInt / 16, 4}, {0, math.MaxInt, 2}, {math.MaxInt, 2, 0}} {
		if n, err := arrayio.Float64.Bytes(shape); err == nil {
			t.Errorf("shape %v has %d bytes, want an error", shape, n)
		}
	}
}

// Arrays that do not fit their values are refused, and any other is laid out as its strides say.
func TestCheckLayout(t *testing.T) {
	for _, c := range []struct {
		shape, strides []int
		values         int
		want           string
	}{
		{[]int{2, 3}, []int{3, 1}, 6, ""},
		{[]int{3, 2}, []int{1, 3}, 6, ""},
		{[]int{2}, []int{5}, 6, ""},
		{nil, nil, 1, ""},
		{[]int{0, 3}, []int{3, 1}, 0, ""},
		{[]int{2, 3}, []int{3}, 6, "every axis needs a stride"},
		{[]int{2, 3}, []int{0, 1}, 6, "repeats"},
		{[]int{2, 3}, []int{1, 1}, 4, "repeats"},
		{[]int{2}, []int{6}, 6, "outside"},
		{[]int{2}, []int{-1}, 6, "outside"},
		{[]int{2, 2}, []int{3, 3}, 6, "outside"},
	} {
		err := arrayio.CheckLayout(c.shape, c.strides, c.values)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("shape %v, strides %v over %d values: error %v, want one that says %q", c.shape, c.strides, c.values, err, c.want)
		}
	}
	if got := arrayio.RowMajor([]int{1, 2, 3, 4, 5, 6}, []int{3, 2}, []int{1, 3}); !slices.Equal(got, []int{1, 4, 2, 5, 3, 6}) {
		t.Errorf("column-major values are laid out as %v", got)
	}
}

// A slice of an array shares its memory, and is written as what it shows.
func TestWriteASlice(t *testing.T) {
	x := tensor.New(tensor.WithShape(3, 4), tensor.WithBacking([]int16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}))
	part, err := x.Slice(tensor.S(1, 3), tensor.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := arrayio.Write(&out, binary.BigEndian, part.(*tensor.Dense)); err != nil {
		t.Fatal(err)
	}
	if want := []byte{0, 5, 0, 6, 0, 9, 0, 10}; !bytes.Equal(out.Bytes(), want) {
		t.Errorf("wrote % x, want % x", out.Bytes(), want)
	}
}
