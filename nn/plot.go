package nn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/google/renameio/v2/maybe"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// Plot draws the history into an SVG file, which every browser shows: see [History.WriteSVG]. Who reads the path at any moment finds what was
// there before or all that is new, but on Windows. The error is that of WriteSVG, or says why the file cannot be written.
func (h History) Plot(path string) error {
	var picture bytes.Buffer
	if err := h.WriteSVG(&picture); err != nil {
		return err
	}
	if err := maybe.WriteFile(path, picture.Bytes(), 0o644); err != nil {
		return fmt.Errorf("nn: History.Plot: %w", err)
	}
	return nil
}

// WriteSVG draws the history as an SVG picture: a chart of the loss and, below it, one of each metric in the order of their names, with
// curves over the epochs for the training and the validation. A chart whose values are positive and become more than 30 times as
// great has a logarithmic axis; a value that is not finite is a gap. The picture is light or dark as the reader's browser is set, and the
// element can stand in a page as it is. The error is that of w, or says that there are no epochs.
func (h History) WriteSVG(w io.Writer) error {
	if len(h.Epochs) == 0 {
		return errors.New("nn: History.WriteSVG: no epoch was completed: there is nothing to draw")
	}
	names := make(map[string]bool)
	for _, e := range h.Epochs {
		for name := range e.Train.Metrics {
			names[name] = true
		}
	}
	panels := []curves.Panel{h.panel("loss", func(s Scores) float64 { return s.Loss })}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		panels = append(panels, h.panel(name, func(s Scores) float64 {
			if v, ok := s.Metrics[name]; ok {
				return v
			}
			return math.NaN()
		}))
	}
	if err := curves.Write(w, panels...); err != nil {
		return fmt.Errorf("nn: History.WriteSVG: %w", err)
	}
	return nil
}

// panel returns the chart of one of the scores.
func (h History) panel(title string, of func(Scores) float64) curves.Panel {
	training := curves.Series{Name: "training"}
	validation := curves.Series{Name: "validation"}
	validated := false
	for _, e := range h.Epochs {
		training.Values = append(training.Values, of(e.Train))
		v := math.NaN()
		if e.Validation != nil {
			v, validated = of(*e.Validation), true
		}
		validation.Values = append(validation.Values, v)
	}
	p := curves.Panel{Title: title, Series: []curves.Series{training}}
	if validated {
		p.Series = append(p.Series, validation)
	}
	return p
}
