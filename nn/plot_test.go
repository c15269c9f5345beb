package nn_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/nn"
)

func scored(train, validation float64) nn.Epoch {
	scores := func(v float64) nn.Scores { return nn.Scores{Loss: v, Metrics: map[string]float64{"accuracy": v / 2}} }
	e := nn.Epoch{Train: scores(train)}
	if validation != 0 {
		v := scores(validation)
		e.Validation = &v
	}
	return e
}

// The picture says in words what it shows: the loss, each metric, and the validation where there is one.
func TestPlot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.svg")
	for _, c := range []struct {
		history nn.History
		label   string
		curves  int
	}{
		{
			nn.History{Epochs: []nn.Epoch{scored(4, 6), scored(1, math.NaN()), scored(2, 3)}},
			"loss by epoch. training: 4 after epoch 1, 2 after epoch 3. validation: 6 after epoch 1, 3 after epoch 3. " +
				"accuracy by epoch. training: 2 after epoch 1, 1 after epoch 3. validation: 3 after epoch 1, 1.5 after epoch 3.", 4,
		},
		{
			nn.History{Epochs: []nn.Epoch{scored(4, 0), scored(1, 0)}},
			"loss by epoch. training: 4 after epoch 1, 1 after epoch 2. accuracy by epoch. training: 2 after epoch 1, 0.5 after epoch 2.", 2,
		},
	} {
		if err := c.history.Plot(path); err != nil {
			t.Fatal(err)
		}
		picture, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(picture), `aria-label="`+c.label+`"`) {
			t.Errorf("the picture does not say %q:\n%s", c.label, picture)
		}
		if n := bytes.Count(picture, []byte(`class="curve s`)); n != 2*c.curves { // and a sample in the legend for each
			t.Errorf("%d curves and samples, want %d", n, 2*c.curves)
		}
	}
}

func TestPlotErrors(t *testing.T) {
	h := nn.History{Epochs: []nn.Epoch{scored(1, 2)}}
	path := filepath.Join(t.TempDir(), "missing", "history.svg")
	wantSaid(t, h.Plot(path), "nn: History.Plot: ", path[:len(path)-len("history.svg")])
	wantError(t, nn.History{}.Plot(path), "nn: History.WriteSVG: no epoch was completed")
	if err := h.WriteSVG(&lineWriter{}); !errors.Is(err, errFull) {
		t.Errorf("got error %v, want the writer's", err)
	}
}
