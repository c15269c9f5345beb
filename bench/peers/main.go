// Command peers measures tapegrad side by side with JAX, PyTorch, Keras and NumPy, and its support vector machine with scikit-learn and
// LIBSVM, on this machine and in one run:
//
//	go run ./bench/peers -folder ../peers
//	go run ./bench/peers -folder ../peers -only 'AutoencoderStep|XOR' -systems tapegrad,jax -rounds 1
//	go run ./bench/peers -folder ../peers -only SVC -rounds 2
//	go run ./bench/peers -folder ../peers -threads 1 -only 'MatMul|FMAPeak' -systems tapegrad
//
// In the folder, which must be outside of the repository, it makes a Python environment for each of the others and installs what
// python/requirements-*.txt names, through pip as it is set up on the machine; of PyTorch a build for processors alone is enough, though
// the one that pip finds on Linux has libraries of some gigabytes for graphics processors with it.
// A system that cannot be installed is left out, and said to be. Our side is package bench and, for the memory, examples/mnist. The
// others get the training images of MNIST that come with the repository as a file in the folder, and all support vector machines their
// codes of 32 principal components in another.
//
// In each round the systems take turns on every benchmark, each in a fresh process on the same processors with as many threads. A process
// measures for -time, -count times, and the best counts; the tables show the median of the rounds. What it printed is kept, a file for
// each process and in the format of Go's benchmarks, so that a run that was interrupted goes on where it was, and one with more -rounds adds to
// it. A process that fails, or is not done after -limit, has a note in the place of its value; it is tried again when its file is removed.
// At the end the tables are printed, and written to the folder as Markdown; -document docs/performance.md puts them there, too. Others who
// use the machine at the same time make them worthless.
//
// A second command trains the same autoencoder in tapegrad, PyTorch, Keras and JAX, from the same weights on the same batches by the three
// recipes of examples/mnist, judges what comes out with the same code, and writes a document:
//
//	go run ./bench/peers compare -folder ../peers -document docs/comparison.md
//	go run ./bench/peers compare -folder ../peers -only '^best_' -systems tapegrad,torch -seeds 1
//	go run ./bench/peers compare -folder ../peers -limit 2000 -epochs 2 -seeds 1
//
// It takes hours, and goes on where it was ended. With -untimed some seeds can be trained beside other work, or two of them at once with
// different -only. Its flags are its own; a document made with -limit or other epochs says so on its top.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second Ctrl-C is the system's
	var err error
	switch args := os.Args[1:]; {
	case len(args) > 0 && args[0] == "compare":
		err = compare(ctx, args[1:], os.Stdout, os.Stderr)
	case len(args) > 0 && args[0] == "train":
		err = trainOurs(ctx, args[1:])
	default:
		err = run(ctx, args, os.Stdout, os.Stderr)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	folder      string
	only        *regexp.Regexp
	systems     []string
	rounds      int
	duration    time.Duration
	count       int
	limit       time.Duration
	document    string
	threads     int
	python      string
	interpreter string
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{only: regexp.MustCompile("")}
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.folder, "folder", "", "folder for the environments, the programs and what they measure")
	flags.Func("only", "measure only benchmarks whose name this regular expression matches (default all)", func(text string) (err error) {
		s.only, err = regexp.Compile(text)
		return err
	})
	systems := flags.String("systems", strings.Join(systemNames(), ","), "the systems to compare")
	flags.IntVar(&s.rounds, "rounds", 5, "how often every system runs every benchmark")
	flags.DurationVar(&s.duration, "time", 500*time.Millisecond, "how long a measurement takes at least")
	flags.IntVar(&s.count, "count", 3, "measurements of a process")
	flags.DurationVar(&s.limit, "limit", 2*time.Minute, "how long a process may take before it is ended and counts as failed")
	flags.StringVar(&s.document, "document", "", "a Markdown file that gets the table, between the two comments that name the threads")
	flags.IntVar(&s.threads, "threads", 2, "threads of every system")
	flags.StringVar(&s.python, "python", "python3", "the Python that makes the environments")
	flags.StringVar(&s.interpreter, "interpreter", "", "a Python that has the systems already, to use instead of environments in the folder")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	s.systems = strings.Split(*systems, ",")
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	for _, name := range s.systems {
		if !slices.Contains(systemNames(), name) {
			return settings{}, fmt.Errorf("-systems names %q: there are %s", name, strings.Join(systemNames(), ", "))
		}
	}
	switch {
	case s.folder == "":
		return settings{}, errors.New("-folder is missing: name a folder outside of the repository")
	case s.rounds < 1 || s.count < 1 || s.duration <= 0 || s.limit <= 0:
		return settings{}, errors.New("-rounds, -count, -time and -limit must be positive")
	case s.threads < 1 || s.threads > runtime.NumCPU():
		return settings{}, fmt.Errorf("-threads is %d: this machine has %d processors", s.threads, runtime.NumCPU())
	}
	return s, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	w, err := prepare(ctx, s, stderr)
	if err != nil {
		return err
	}
	if err := w.measure(ctx, stderr); err != nil {
		return err
	}
	results, err := readResults(w.results)
	if err != nil {
		return err
	}
	return w.report(results, stdout)
}
