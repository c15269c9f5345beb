package figure

import (
	"gonum.org/v1/plot"

	"github.com/tapegrad/tapegrad/internal/curves"
)

// evenTicks marks an axis as [curves.EvenTicks] says.
type evenTicks struct{ whole bool }

func (e evenTicks) Ticks(lo, hi float64) []plot.Tick {
	return plotTicks(curves.EvenTicks(lo, hi, e.whole))
}

// logTicks marks an axis as [curves.LogTicks] says.
type logTicks struct{}

func (logTicks) Ticks(lo, hi float64) []plot.Tick { return plotTicks(curves.LogTicks(lo, hi)) }

func plotTicks(ticks []curves.Tick) []plot.Tick {
	converted := make([]plot.Tick, len(ticks))
	for i, t := range ticks {
		converted[i] = plot.Tick(t)
	}
	return converted
}
