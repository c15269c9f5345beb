package curves_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// An element is what is in a picture.
type element struct {
	name       string
	attributes map[string]string
	text       string
}

// elements returns those of a picture, which must be well-formed XML.
func elements(t rapid.TB, panels ...curves.Panel) []element {
	t.Helper()
	var b strings.Builder
	if err := curves.Write(&b, panels...); err != nil {
		t.Fatal(err)
	}
	var all []element
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: make(map[string]string)}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.CharData:
			if n := len(all); n > 0 {
				all[n-1].text += strings.TrimSpace(string(token))
			}
		}
	}
}

func number(t rapid.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Whatever the values are, the picture is well-formed, each drawable value has its point within the chart, and of two values the greater is not
// below the less, up to the last digit that is written.
func TestPointsAreInOrder(t *testing.T) {
	value := rapid.OneOf(
		rapid.Float64(), rapid.Float64Range(-1, 1), rapid.Float64Range(1e-9, 1), rapid.Just(0.5),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 1e300, -1e300, 5e-324}),
	)
	rapid.Check(t, func(t *rapid.T) {
		panel := curves.Panel{Title: rapid.String().Draw(t, "title"), Series: []curves.Series{
			{Name: rapid.String().Draw(t, "name"), Values: rapid.SliceOfN(value, 0, 30).Draw(t, "first")},
			{Name: "validation", Values: rapid.SliceOfN(value, 1, 30).Draw(t, "second")},
		}}
		var drawable []float64
		for _, s := range panel.Series {
			for _, v := range s.Values {
				if curves.Drawable(v) {
					drawable = append(drawable, v)
				}
			}
		}
		var heights []float64
		for _, e := range elements(t, panel) {
			if e.name != "circle" {
				continue
			}
			x, y := number(t, e.attributes["cx"]), number(t, e.attributes["cy"])
			if !(x >= 74 && x <= 700 && y >= 56 && y <= 294) {
				t.Fatalf("a point is at (%v, %v), outside of the chart", x, y)
			}
			heights = append(heights, -y)
		}
		if len(heights) != len(drawable) {
			t.Fatalf("%d points for %d values", len(heights), len(drawable))
		}
		for i := range drawable {
			for k := range drawable {
				if drawable[i] < drawable[k] && heights[i] > heights[k]+0.1001 {
					t.Fatalf("%v is drawn above %v", drawable[i], drawable[k])
				}
			}
		}
	})
}

// A long curve has no points; gaps part it, and a value between two gaps is a dot.
func TestGaps(t *testing.T) {
	values := slices.Repeat([]float64{1, 2}, 20)
	values[3], values[5] = math.NaN(), math.Inf(1)
	for _, e := range elements(t, curves.Panel{Title: "a & b", Series: []curves.Series{{Name: "<c>", Values: values}}}) {
		d := e.attributes["d"]
		if e.name == "circle" {
			t.Error("there are points")
		}
		if e.attributes["class"] == "curve s0" && strings.Contains(d, "L") {
			if m, l, dots := strings.Count(d, "M"), strings.Count(d, "L"), strings.Count(d, "h0M"); m != 3 || l != 35 || dots != 1 {
				t.Errorf("the curve has %d parts, %d lines and %d dots between gaps, want 3, 35 and 1: %s", m, l, dots, d)
			}
		}
	}
}

// An axis is logarithmic where the values ask for it.
func TestLogarithmic(t *testing.T) {
	for _, c := range []struct {
		values []float64
		log    bool
	}{
		{[]float64{1, 0.01}, true},
		{[]float64{1, 0.05}, false},
		{[]float64{100, 0}, false},
		{[]float64{100, -1}, false},
		{[]float64{math.NaN()}, false},
		{nil, false},
	} {
		got := false
		for _, e := range elements(t, curves.Panel{Title: "loss", Series: []curves.Series{{Name: "training", Values: c.values}}}) {
			got = got || e.text == "loss (logarithmic)"
		}
		if got != c.log {
			t.Errorf("%v: logarithmic is %v, want %v", c.values, got, c.log)
		}
	}
}

func TestTicks(t *testing.T) {
	labels := func(ticks []curves.Tick) string {
		var s []string
		for _, t := range ticks {
			if t.Label != "" {
				s = append(s, t.Label)
			}
		}
		return strings.Join(s, " ")
	}
	for _, c := range []struct{ got, want string }{
		{labels(curves.EvenTicks(0.98, 3.02, true)), "1 2 3"},
		{labels(curves.EvenTicks(-0.1, 0.1, false)), "-0.10 -0.08 -0.06 -0.04 -0.02 0.00 0.02 0.04 0.06 0.08 0.10"},
		{labels(curves.LogTicks(0.9, 110)), "1 2 5 10 20 50 100"},
		{labels(curves.LogTicks(1.1, 1.3)), "1.10 1.12 1.14 1.16 1.18 1.20 1.22 1.24 1.26 1.28 1.30"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteError(t *testing.T) {
	if err := curves.Write(broken{}, curves.Panel{}); !errors.Is(err, errBroken) {
		t.Errorf("got error %v, want the writer's", err)
	}
}
