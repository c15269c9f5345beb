// Command svm classifies points in the plane with support vector machines, and draws what they make of it: the region of each class,
// the boundaries, the margins and the support vectors.
//
//	go run ./examples/svm                      # two moons, and a pinwheel of three arms
//	go run ./examples/svm -kernel linear       # what straight lines can do
//	go run ./examples/svm -c 1000 -gamma 30    # what becomes of a machine that believes every point
//
// C and gamma are those that do best in a cross-validation, unless they are given. It prints a table of what was tried and how the best
// machine does with points that had no part in it, and draws moons.png and pinwheel.png. Ctrl-C ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/tapegrad/tapegrad/data/learn"
	"github.com/tapegrad/tapegrad/internal/figure"
	"github.com/tapegrad/tapegrad/svm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "svm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("svm", flag.ContinueOnError)
	flags.SetOutput(stderr)
	s := settings{out: stdout}
	flags.Uint64Var(&s.seed, "seed", 1, "seed of the points and of the cross-validation")
	flags.IntVar(&s.n, "n", 200, "points to fit to; as many again are to test with")
	flags.Float64Var(&s.noise, "noise", 1, "how far points stray, as a multiple of the usual")
	flags.StringVar(&s.kernel, "kernel", "rbf", "kernel: rbf, linear or polynomial")
	flags.Float64Var(&s.c, "c", 0, "C, the price of a point within the margin; 0 searches for it")
	flags.Float64Var(&s.gamma, "gamma", 0, "gamma of the kernel, for features from 0 to 1; 0 searches for it")
	flags.StringVar(&s.folder, "out", "svm-out", "folder for the figures")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := figure.Prepare(s.folder); err != nil {
		return err
	}
	for _, p := range problems {
		if err := s.solve(ctx, p); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "figures in %s\n", s.folder)
	return nil
}

// settings are what the flags say.
type settings struct {
	out      io.Writer
	seed     uint64
	n        int
	noise    float64
	kernel   string
	c, gamma float64
	folder   string
}

func (s *settings) check() error {
	switch {
	case s.n < 30:
		return fmt.Errorf("-n is %d: want at least 30", s.n)
	case !(s.noise >= 0 && s.noise <= 100):
		return fmt.Errorf("-noise is %v: want a number from 0 to 100", s.noise)
	case !(s.c >= 0 && s.c <= 1e9):
		return fmt.Errorf("-c is %v: want a positive number, no more than 1e9, or 0", s.c)
	case !(s.gamma >= 0 && s.gamma <= 1e9):
		return fmt.Errorf("-gamma is %v: want a positive number, no more than 1e9, or 0", s.gamma)
	case kernels[s.kernel] == nil:
		return fmt.Errorf("-kernel is %q: want rbf, linear or polynomial", s.kernel)
	}
	return nil
}

// kernels are what -kernel names, given gamma.
var kernels = map[string]func(gamma float64) svm.Kernel{
	"rbf":        func(gamma float64) svm.Kernel { return svm.RBF{Gamma: svm.Gamma(gamma)} },
	"polynomial": func(gamma float64) svm.Kernel { return svm.Polynomial{Gamma: svm.Gamma(gamma), Coef0: 1} },
	"linear":     func(float64) svm.Kernel { return svm.Linear{} },
}

// candidates returns the machines to choose from.
func (s *settings) candidates() []learn.Candidate[int] {
	prices, gammas := []float64{1, 10, 100}, []float64{1, 3, 10}
	if s.c > 0 {
		prices = []float64{s.c}
	}
	if s.gamma > 0 {
		gammas = []float64{s.gamma}
	}
	if s.kernel == "linear" { // which has no gamma
		gammas = gammas[:1]
	}
	var machines []learn.Candidate[int]
	for _, gamma := range gammas {
		for _, c := range prices {
			name := fmt.Sprintf("%s, C %g", s.kernel, c)
			if s.kernel != "linear" {
				name += fmt.Sprintf(", gamma %g", gamma)
			}
			machines = append(machines, learn.Candidate[int]{Name: name, Estimator: learn.Of(svm.SVC{C: c, Kernel: kernels[s.kernel](gamma)})})
		}
	}
	return machines
}
