package optim_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/optim"
)

func TestSchedulesAgainstPyTorch(t *testing.T) {
	var v struct { // testdata/schedules.py made them
		Losses, Negated []float64
		Factors         map[string][]float64
	}
	readJSON(t, "testdata/schedules.json", &v)
	schedules := map[string]optim.Schedule{
		"linear":                       optim.LinearDecay(9, 0.1),
		"exponential":                  optim.StepDecay(1, 0.9),
		"cosine":                       optim.CosineDecay(20, 0.02),
		"warmup":                       optim.Warmup(8, nil),
		"warmup and cosine":            optim.Warmup(8, optim.CosineDecay(30, 0)),
		"one cycle":                    optim.OneCycle{Updates: 40}.Schedule,
		"one cycle with options":       optim.OneCycle{Updates: 31, Rise: 0.45, Div: 10, FinalDiv: 50}.Schedule,
		"one cycle of three phases":    optim.OneCycle{Updates: 40, ThreePhases: true}.Schedule,
		"one cycle that falls at once": optim.OneCycle{Updates: 7, Rise: 0.1}.Schedule,
	}
	plateaus := map[string]struct {
		plateau *optim.Plateau
		losses  []float64
	}{
		"plateau":               {new(optim.Plateau), v.Losses},
		"plateau with options":  {&optim.Plateau{Factor: 0.5, Patience: 2, Threshold: 0.01, Cooldown: 3, Min: 0.2}, v.Losses},
		"impatient plateau":     {&optim.Plateau{Factor: 0.5, Patience: -1}, v.Losses},
		"plateau of what rises": {&optim.Plateau{Factor: 0.5, Patience: 1}, v.Negated},
	}
	names := slices.Sorted(maps.Keys(v.Factors))
	if tested := slices.Sorted(maps.Keys(schedules)); !slices.Equal(slices.Sorted(slices.Values(slices.AppendSeq(tested, maps.Keys(plateaus)))), names) {
		t.Fatalf("tests of %v and the plateaus, vectors of %v", tested, names)
	}
	for name, want := range v.Factors {
		t.Run(name, func(t *testing.T) {
			schedule, restored := schedules[name], plateaus[name]
			for i, w := range want {
				if schedule == nil { // it goes on from its state at every step
					next := *restored.plateau
					if err := next.Restore(restored.plateau.State()); err != nil {
						t.Fatal(err)
					}
					restored.plateau = &next
					next.Observe(restored.losses[i])
				}
				got := restored.plateau.Schedule
				if schedule != nil {
					got = schedule
				}
				if math.Abs(got(i)-w) > 1e-10*math.Abs(w)+1e-15 {
					t.Errorf("factor %v at update %d, want %v", got(i), i, w)
				}
			}
		})
	}
}

// After its end a cycle stays where it is.
func TestOneCycleEnds(t *testing.T) {
	cycle := optim.OneCycle{Updates: 10, Div: 5, FinalDiv: 4}
	for _, at := range []int{9, 10, 1000} {
		if got := cycle.Schedule(at); math.Abs(got-0.05) > 1e-15 {
			t.Errorf("factor %v at update %d, want 0.05", got, at)
		}
	}
	if got := (optim.OneCycle{Updates: 1}).Schedule(0); !(got > 0 && got <= 1) {
		t.Errorf("factor %v in a cycle of one update", got)
	}
}

func TestPlateauOfNaN(t *testing.T) {
	p := &optim.Plateau{Patience: 1, Factor: 0.5}
	p.Observe(1)
	p.Observe(math.NaN())
	p.Observe(math.NaN())
	if got := p.Schedule(0); got != 0.5 {
		t.Errorf("factor %v after two losses of NaN, want 0.5", got)
	}
}

func TestPlateauListsWhatDoesNotFit(t *testing.T) {
	p := &optim.Plateau{Patience: -1}
	p.Observe(1)
	p.Observe(1)
	for says, change := range map[string]func(optim.State){
		"plateau.bad is missing": func(s optim.State) { delete(s, "plateau.bad") },
		"plateau.best is missing, or no single": func(s optim.State) {
			s["plateau.best"] = autograd.FromSlice([]float64{1, 2}, 2)
		},
		"5 entries: want 4": func(s optim.State) { s["w.momentum"] = autograd.Scalar(1) },
	} {
		s := new(optim.Plateau).State()
		change(s)
		if err := p.Restore(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error that says %q", err, says)
		}
	}
	if p.Schedule(0) != 0.1 {
		t.Error("a state that does not fit was restored")
	}
}

// A schedule that begins after the warm-up, as Warmup's comment shows it.
func TestWarmupBeforeAnotherSchedule(t *testing.T) {
	cosine := optim.CosineDecay(10, 0)
	s := optim.Warmup(4, func(t int) float64 { return cosine(max(t-4, 0)) })
	for at, want := range map[int]float64{0: 0.25, 3: 1, 4: 1, 9: 0.5, 14: 0} {
		if got := s(at); math.Abs(got-want) > 1e-15 {
			t.Errorf("factor %v at update %d, want %v", got, at, want)
		}
	}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}
