package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Loss is curves over the epochs of a training, the loss or anything else that is
// measured once an epoch.
type Loss struct {
	Title  string   // "Loss" if empty
	XLabel string   // "Epoch" if empty
	YLabel string   // "Loss" if empty
	Series []Series // the curves, in the order of the legend
	Log    bool     // a logarithmic axis for the values, which must then be positive
}

// A Series is the values of one curve after the epochs 1, 2, …
type Series struct {
	Name   string    // "Series 1" and so on if empty
	Values []float64 // one for each epoch
}

// Save draws the curves into a PNG file of 1200 x 750 pixels. The error names the
// series and the epoch of a value that is not a number, not finite, or not
// positive (at least 1e-300) on a logarithmic axis, or says that there is nothing to draw, or that
// the file cannot be written.
func (f Loss) Save(path string) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("figure: Loss: %w", err)
	}
	p := newChart(cmp.Or(f.Title, "Loss"), cmp.Or(f.XLabel, "Epoch"), cmp.Or(f.YLabel, "Loss"))
	p.X.Tick.Marker = evenTicks{whole: true}
	if f.Log {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	p.addGrid()
	for i, s := range f.Series {
		values := make(plotter.XYs, len(s.Values))
		for k, v := range s.Values {
			values[k] = plotter.XY{X: float64(k + 1), Y: v}
		}
		curve, points, err := plotter.NewLinePoints(values)
		if err != nil {
			return fmt.Errorf("figure: Loss: %w", err)
		}
		curve.LineStyle = draw.LineStyle{Color: classColours[i], Width: 2}
		points.GlyphStyle = draw.GlyphStyle{Color: classColours[i], Radius: 4, Shape: draw.CircleGlyph{}}
		p.Add(curve)
		thumbnail := []plot.Thumbnailer{curve}
		// Few values are points that were measured; many are a curve.
		if len(values) <= 25 {
			p.Add(points)
			thumbnail = append(thumbnail, points)
		}
		p.Legend.Add(cmp.Or(s.Name, fmt.Sprintf("Series %d", i+1)), thumbnail...)
	}
	p.X.Min, p.X.Max = curves.Widened(p.X.Min, p.X.Max, 0.02)
	if f.Log {
		lo, hi := curves.Widened(math.Log(p.Y.Min), math.Log(p.Y.Max), 0.05)
		p.Y.Min, p.Y.Max = max(math.Exp(lo), 1e-307), min(math.Exp(hi), 1e307)
	} else {
		p.Y.Min, p.Y.Max = curves.Widened(p.Y.Min, p.Y.Max, 0.05)
	}
	return save(path, p.draw())
}

func (f Loss) check() error {
	if len(f.Series) == 0 {
		return errors.New("there are no series")
	}
	if n, most := len(f.Series), len(classColours); n > most {
		return fmt.Errorf("%d series: more than %d curves cannot be told apart", n, most)
	}
	for i, s := range f.Series {
		name := cmp.Or(s.Name, fmt.Sprintf("%d", i+1))
		if len(s.Values) == 0 {
			return fmt.Errorf("series %s is empty", name)
		}
		for k, v := range s.Values {
			if !curves.Drawable(v) {
				return fmt.Errorf("series %s: the value of epoch %d is %v", name, k+1, v)
			}
			if f.Log && v < 1e-300 {
				return fmt.Errorf("series %s: the value of epoch %d is %v, which a logarithmic axis cannot show", name, k+1, v)
			}
		}
	}
	return nil
}
