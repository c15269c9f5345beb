// Package curves draws curves over the epochs of a training as SVG, which every browser shows: by plain text, so that package nn can do it
// without a plotting library. The pictures follow the light or dark setting of who looks at them, tell curves apart by their dashes as well
// as by colour, and say in words what they show.
package curves

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// A Panel is one chart of a picture.
type Panel struct {
	Title  string   // over the chart
	Series []Series // at most two
}

// A Series is the values of one curve after the epochs 1, 2, … What is not [Drawable] is a gap.
type Series struct {
	Name   string
	Values []float64
}

// The measures of a picture, in the units of its view box.
const (
	width       = 720
	panelHeight = 340
	left        = 74
	right       = 20
	top         = 56 // of the title and the legend
	bottom      = 46 // of the names below
	letter      = 7.4
	points      = 30 // up to so many values are points that were measured; more are a curve
)

// style is that of every picture. Its names do not meet those of a page that the picture stands in. Colours have a contrast of at least
// 4.5 with the ground.
const style = `
.curves text{font:13px system-ui,sans-serif;fill:#30343b}
.curves .title{font-size:15px;font-weight:600}
.curves{background:#fff}.curves .ground{fill:#fff}
.curves .grid{stroke:#e3e6ea;stroke-width:1}
.curves .curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.curves .s0{stroke:#1a66b8}.curves .s1{stroke:#b4500b;stroke-dasharray:6 4}
.curves .p0{fill:#1a66b8}.curves .p1{fill:#b4500b}
@media (prefers-color-scheme:dark){
.curves text{fill:#d6d9de}
.curves{background:#16181d}.curves .ground{fill:#16181d}
.curves .grid{stroke:#343941}
.curves .s0{stroke:#7ab8ff}.curves .s1{stroke:#ffb066}
.curves .p0{fill:#7ab8ff}.curves .p1{fill:#ffb066}
}
`

// Write draws the panels, one below the other. An axis is logarithmic if all values of the panel are positive and the greatest is more than 30
// times the least. The error is that of w.
func Write(w io.Writer, panels ...Panel) error {
	var label []string
	for _, p := range panels {
		label = append(label, p.summary())
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="curves" viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		width, panelHeight*len(panels), escape(strings.Join(label, " ")))
	fmt.Fprintf(&b, "\n<style>%s</style>\n<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", style, width, panelHeight*len(panels))
	for i, p := range panels {
		fmt.Fprintf(&b, "<g transform=\"translate(0 %d)\">\n", i*panelHeight)
		p.write(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// summary says what a panel shows, for who does not see it.
func (p Panel) summary() string {
	s := p.Title + " by epoch."
	for _, series := range p.Series {
		if n := len(series.Values); n > 0 {
			s += fmt.Sprintf(" %s: %.4g after epoch 1, %.4g after epoch %d.", series.Name, series.Values[0], series.Values[n-1], n)
		}
	}
	return s
}

// An axis places values between two ends of the picture.
type axis struct {
	lo, hi   float64 // values, or their logarithms
	from, to float64 // of the picture
	log      bool
}

func (a axis) at(v float64) float64 {
	if a.log {
		v = math.Log(v)
	}
	// Halved, the length of an axis does not overflow.
	return a.from + (v/2-a.lo/2)/(a.hi/2-a.lo/2)*(a.to-a.from)
}

func (a axis) ticks(whole bool) []Tick {
	if a.log {
		return LogTicks(math.Exp(a.lo), math.Exp(a.hi))
	}
	return EvenTicks(a.lo, a.hi, whole)
}

func (p Panel) write(b *bytes.Buffer) {
	x, y := p.axes()
	title := p.Title
	if y.log {
		title += " (logarithmic)"
	}
	text(b, left, 22, `class="title"`, title)
	text(b, width-right, panelHeight-10, `text-anchor="end"`, "epoch")
	for _, t := range y.ticks(false) {
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`, left, y.at(t.Value), width-right)
		text(b, left-8, y.at(t.Value)+4, `text-anchor="end"`, t.Label)
	}
	for _, t := range x.ticks(true) {
		text(b, x.at(t.Value), panelHeight-bottom+18, `text-anchor="middle"`, t.Label)
	}
	legend := float64(left)
	for i, s := range p.Series {
		fmt.Fprintf(b, `<path class="curve s%d" d="M%.1f 40h28"/>`, i, legend)
		text(b, legend+34, 44, "", s.Name)
		legend += 34 + letter*float64(len([]rune(s.Name))) + 24
		s.write(b, i, x, y)
	}
}

// axes returns those that have room for all values.
func (p Panel) axes() (x, y axis) {
	lo, hi, epochs := math.Inf(1), math.Inf(-1), 1
	for _, s := range p.Series {
		epochs = max(epochs, len(s.Values))
		for _, v := range s.Values {
			if Drawable(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi { // nothing to draw
		lo, hi = 0, 1
	}
	x = axis{from: left, to: width - right}
	x.lo, x.hi = Widened(1, float64(epochs), 0.02)
	y = axis{from: panelHeight - bottom, to: top, log: lo >= 1e-300 && hi > 30*lo}
	if y.log {
		lo, hi = math.Log(lo), math.Log(hi)
	}
	y.lo, y.hi = Widened(lo, hi, 0.05)
	return x, y
}

func (s Series) write(b *bytes.Buffer, number int, x, y axis) {
	var path strings.Builder
	drawn := false // the value before
	for i, v := range s.Values {
		switch {
		case !Drawable(v):
		case drawn:
			fmt.Fprintf(&path, "L%.1f %.1f", x.at(float64(i+1)), y.at(v))
		default: // the line of no length is a dot if there is a gap again
			fmt.Fprintf(&path, "M%.1f %.1fh0", x.at(float64(i+1)), y.at(v))
		}
		drawn = Drawable(v)
	}
	fmt.Fprintf(b, "<path class=\"curve s%d\" d=\"%s\"/>\n", number, path.String())
	for i, v := range s.Values {
		if !Drawable(v) || len(s.Values) > points {
			continue
		}
		fmt.Fprintf(b, `<circle class="p%d" cx="%.1f" cy="%.1f" r="3.5"><title>%s, epoch %d: %.5g</title></circle>`,
			number, x.at(float64(i+1)), y.at(v), escape(s.Name), i+1, v)
	}
	b.WriteByte('\n')
}

func text(b *bytes.Buffer, x, y float64, attributes, s string) {
	if s != "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" %s>%s</text>`, x, y, attributes, escape(s))
	}
}

// escape returns s as XML has it; what XML cannot have becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // errors are those of b, which has none
	return b.String()
}
