package tfevents_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tapegrad/tapegrad/internal/tfevents"
)

// The same events are the same bytes as from TensorBoard's own writer: see testdata/events.py.
func TestSameBytesAsTensorBoard(t *testing.T) {
	want, err := os.ReadFile("testdata/scalars.tfevents")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	w, err := tfevents.NewWriter(&got, time.Unix(1, 500_000_000))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct {
		at      time.Time
		step    int64
		scalars []tfevents.Scalar
	}{
		{time.Unix(2, 250_000_000), 1, []tfevents.Scalar{{Tag: "epoch_loss", Value: 0.5}}},
		{time.Unix(1_750_000_000, 125_000_000), 300, []tfevents.Scalar{
			{Tag: "epoch_loss", Value: 0.1},
			{Tag: "mean of größe", Value: -2e30},
			{Tag: strings.Repeat("long ", 40), Value: math.Inf(1)},
		}},
		{time.Unix(3, 0), 1 << 40, []tfevents.Scalar{{Tag: "zero", Value: 0}}},
	} {
		if err := w.Write(e.at, e.step, e.scalars...); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%q\nwant\n%q", got.Bytes(), want)
	}
}

// counting fails at the third record, and counts the calls.
type counting struct{ calls int }

var errFull = errors.New("no space left on device")

func (c *counting) Write(p []byte) (int, error) {
	if c.calls++; c.calls > 2 {
		return 0, errFull
	}
	return len(p), nil
}

// A record is one call of the writer, so that a reader meets whole ones, and the writer's error comes through.
func TestOneCallForEachRecord(t *testing.T) {
	var c counting
	w, err := tfevents.NewWriter(&c, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(time.Time{}, 1, tfevents.Scalar{Tag: "a"}, tfevents.Scalar{Tag: "b"}); err != nil || c.calls != 2 {
		t.Fatalf("error %v after %d calls of the writer, want none after 2", err, c.calls)
	}
	if err := w.Write(time.Time{}, 2); !errors.Is(err, errFull) {
		t.Errorf("got error %v, want the writer's", err)
	}
}

// Files of one process have names of their own, in the order in which they were made.
func TestCreate(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "runs", "first")
	for range 3 {
		f, err := tfevents.Create(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if !strings.HasPrefix(e.Name(), "events.out.tfevents.") {
			t.Errorf("a file is called %s, which TensorBoard does not look for", e.Name())
		}
	}
	if len(slices.Compact(names)) != 3 {
		t.Errorf("three files have the names %q", names)
	}
	if _, err := tfevents.Create(filepath.Join(folder, names[0], "below")); err == nil {
		t.Error("no error for a folder below a file")
	}
}
