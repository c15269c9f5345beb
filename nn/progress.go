package nn

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Progress returns a callback that tells on w how a training comes along. On a terminal one line moves with the batches and shows
// the loss, the steps per second and the time left. In both a terminal and a file or pipe each epoch leaves a line with its
// scores. Errors of w are ignored: a training does not end because nobody can watch it.
func Progress(w io.Writer) Callback {
	return (&progress{w: w, live: isTerminal(w)}).callback()
}

type progress struct {
	w     io.Writer
	live  bool          // lines can be written over
	width int           // of the live line that stands there
	shown time.Duration // when it was written
}

func (p *progress) callback() Callback {
	c := Callback{OnEpoch: p.epoch}
	if p.live {
		c.OnBatch, c.OnEnd = p.batch, p.end
	}
	return c
}

const between = 100 * time.Millisecond // live lines: as fast as one can read

func (p *progress) batch(s *State) error {
	if p.width > 0 && s.Elapsed-p.shown < between {
		return nil
	}
	p.shown = s.Elapsed
	p.show(fmt.Sprintf("epoch %d/%d  batch %d/%d  loss %.5g  %s", s.Epoch, s.Epochs, s.Batch, s.Batches, s.Loss, pace(s)))
	return nil
}

func (p *progress) epoch(s *State) error {
	e := s.last()
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %*d/%d", len(fmt.Sprint(s.Epochs)), e.Number, s.Epochs)
	writeScores(&b, "", e.Train)
	if e.Validation != nil {
		writeScores(&b, "validation ", *e.Validation)
	}
	fmt.Fprintf(&b, "  %s", pace(s))
	p.show(b.String())
	p.end(s)
	return nil
}

// end leaves the live line and begins a new one.
func (p *progress) end(*State) error {
	if p.width > 0 {
		fmt.Fprintln(p.w)
	}
	p.width = 0
	return nil
}

// show writes a line over the live one.
func (p *progress) show(line string) {
	start := ""
	if p.live {
		start = "\r"
	}
	fmt.Fprintf(p.w, "%s%-*s", start, p.width, line)
	p.width = len(line)
}

func writeScores(b *strings.Builder, prefix string, s Scores) {
	fmt.Fprintf(b, "  %sloss %.5g", prefix, s.Loss)
	for _, name := range slices.Sorted(maps.Keys(s.Metrics)) {
		fmt.Fprintf(b, "  %s%s %.4f", prefix, name, s.Metrics[name])
	}
}

// pace tells the steps per second and the time left at that speed.
func pace(s *State) string {
	done := (s.Epoch-1)*s.Batches + s.Batch
	perSecond := float64(done) / max(s.Elapsed.Seconds(), 1e-9)
	left := time.Duration(float64(s.Epochs*s.Batches-done) / perSecond * float64(time.Second))
	return fmt.Sprintf("%.0f steps/s  %v left", perSecond, left.Round(time.Second))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
