package nn

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
)

// CSVLog returns a callback that writes a line of comma-separated values on w after each epoch, and before the first the names of the
// columns:
//
//	epoch,seconds,loss,accuracy,validation loss,validation accuracy
//
// The metrics are in the order of their names, and numbers have all their digits. A line is one call of w. If the callback serves another
// training, its lines follow, and before them its columns if they are others. An error of w ends the training.
func CSVLog(w io.Writer) Callback {
	var columns []string // that were written last
	return named("CSVLog", Callback{OnEpoch: func(s *State) error {
		names, values := row(s.last())
		var text bytes.Buffer
		lines := csv.NewWriter(&text)
		if !slices.Equal(names, columns) {
			lines.Write(names) // errors are those of the buffer, which has none
		}
		lines.Write(values)
		lines.Flush()
		if _, err := w.Write(text.Bytes()); err != nil {
			return err
		}
		columns = names
		return nil
	}})
}

// row returns what there is to log of an epoch.
func row(e Epoch) (names, values []string) {
	add := func(name, value string) { names, values = append(names, name), append(values, value) }
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	add("epoch", strconv.Itoa(e.Number))
	add("seconds", number(e.Seconds))
	e.Train.each(func(name string, v float64) { add(name, number(v)) })
	if e.Validation != nil {
		e.Validation.each(func(name string, v float64) { add("validation "+name, number(v)) })
	}
	return names, values
}
