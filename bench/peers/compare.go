package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
)

// comparison is what the command line of peers compare says.
type comparison struct {
	*workshop
	document      string
	seeds, epochs int
	images        int // that are trained on; 0 is all
	untimed       bool
	train, test   *mnist.Set
}

// frameworks are the systems that train the autoencoder.
func frameworks() []string { return []string{ours, torch, keras, jax} }

func parseCompare(args []string, stderr io.Writer) (*comparison, error) {
	c := &comparison{workshop: &workshop{settings: settings{only: regexp.MustCompile("")}}}
	flags := flag.NewFlagSet("peers compare", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.folder, "folder", "", "folder for the environments, the programs and what comes out")
	flags.Func("only", "measure only parts whose name this regular expression matches, such as best_jax_seed=2 (default all)", func(text string) (err error) {
		c.only, err = regexp.Compile(text)
		return err
	})
	systems := flags.String("systems", strings.Join(frameworks(), ","), "the systems to compare")
	flags.IntVar(&c.seeds, "seeds", 5, "from how many initial weights and orders of the images each system trains")
	flags.IntVar(&c.epochs, "epochs", 40, "passes over the images")
	flags.IntVar(&c.images, "limit", 0, "train on so many images only, and test on a sixth as many")
	flags.StringVar(&c.document, "document", "", "a Markdown file for the results, beside a folder images for the figures (default comparison.md in the folder)")
	flags.IntVar(&c.threads, "threads", min(2, runtime.NumCPU()), "threads of every system")
	flags.BoolVar(&c.untimed, "untimed", false, "train on one thread, so that other work or the same command with another -only can run beside it, and leave times and memory of what is measured so out of the document")
	flags.StringVar(&c.python, "python", "python3", "the Python that makes the environments")
	flags.StringVar(&c.interpreter, "interpreter", "", "a Python that has the systems already, to use instead of environments in the folder")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	c.systems = strings.Split(*systems, ",")
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: the settings are flags, see -help", flags.Arg(0))
	}
	for _, name := range c.systems {
		if !slices.Contains(frameworks(), name) {
			return nil, fmt.Errorf("-systems names %q: there are %s", name, strings.Join(frameworks(), ", "))
		}
	}
	switch {
	case c.folder == "":
		return nil, errors.New("-folder is missing: name a folder outside of the repository")
	case c.seeds < 1 || c.epochs < 1:
		return nil, errors.New("-seeds and -epochs must be positive")
	case c.images < 0 || c.images > 0 && c.images < 600:
		return nil, fmt.Errorf("-limit is %d: want at least 600 images, so that every digit is among the test images too", c.images)
	case c.threads < 1 || c.threads > runtime.NumCPU():
		return nil, fmt.Errorf("-threads is %d: this machine has %d processors", c.threads, runtime.NumCPU())
	}
	return c, nil
}

// compare is the command peers compare.
func compare(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parseCompare(args, stderr)
	if err != nil {
		return err
	}
	if err := c.prepare(); err != nil {
		return err
	}
	if err := c.measure(ctx, stderr); err != nil {
		return err
	}
	return c.write(stdout)
}

// prepare makes the folders and reads the images.
func (c *comparison) prepare() (err error) {
	if c.folder, err = filepath.Abs(c.folder); err != nil {
		return err
	}
	conditions := fmt.Sprintf("threads=%d,epochs=%d", c.threads, c.epochs)
	if c.images > 0 {
		conditions += fmt.Sprintf(",limit=%d", c.images)
	}
	c.results = c.path("compare", conditions)
	if err := os.MkdirAll(c.results, 0o777); err != nil {
		return err
	}
	if c.processors, err = bindTo(c.threads); err != nil {
		return err
	}
	if err := c.writeScripts(); err != nil {
		return fmt.Errorf("writing the programs in Python: %w", err)
	}
	if c.train, err = mnist.Train(); err != nil {
		return err
	}
	if c.test, err = mnist.Test(); err != nil || c.images == 0 {
		return err
	}
	if c.train, err = c.train.Limit(c.images); err != nil {
		return err
	}
	c.test, err = c.test.Limit(c.images / 6)
	return err
}

// measure runs the parts that are not there yet.
func (c *comparison) measure(ctx context.Context, log io.Writer) error {
	pythons := make(map[string]string) // of the systems that were found
	find := func(name string) (string, error) {
		if name == ours || pythons[name] != "" {
			return pythons[name], nil
		}
		fmt.Fprintf(log, "preparing %s\n", name)
		s, err := c.system(ctx, name)
		pythons[name] = s.python
		return s.python, err
	}
	for _, p := range c.parts() {
		if _, err := os.Stat(c.file(p)); err == nil || !c.only.MatchString(p.String()) {
			continue
		}
		var python string
		var err error
		if p.variant != fresh {
			python, err = find(p.system)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted; the same command goes on: %w", ctx.Err())
		}
		if err != nil {
			return fmt.Errorf("%s cannot be installed: %w; -systems leaves it out", p.system, err)
		}
		judge := ""
		if p.judgedTwice() {
			if judge, err = find(scikitLearn); err != nil {
				return fmt.Errorf("scikit-learn cannot be installed: %w", err)
			}
		}
		fmt.Fprintf(log, "%s: %v\n", now(), p)
		var m *measurement
		if p.variant == fresh {
			m, err = c.installAnew(ctx, p.system)
		} else {
			m, err = c.run(ctx, p, python, judge)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted; the same command goes on: %w", ctx.Err())
		}
		if err != nil {
			return fmt.Errorf("%v: %w", p, err)
		}
		m.Commit, m.Time = commit(ctx), now()
		if err := writeJSON(c.file(p), m); err != nil {
			return err
		}
	}
	return nil
}

// file is where the measurement of a part is kept.
func (c *comparison) file(p part) string { return filepath.Join(c.results, p.String()+".json") }

// run measures one part in a process of its own. judge is the Python that has scikit-learn, if that is to judge too.
func (c *comparison) run(ctx context.Context, p part, python, judge string) (*measurement, error) {
	work, err := os.MkdirTemp(c.folder, "work")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	input := filepath.Join(work, "input.npz")
	arrays, err := c.arrays(p)
	if err != nil {
		return nil, err
	}
	if err := writeArrays(input, arrays); err != nil {
		return nil, err
	}
	command := slices.Clone(c.processors)
	if p.system == ours {
		program, err := os.Executable()
		if p.variant == stepping {
			program, err = c.covered(ctx)
		}
		if err != nil {
			return nil, err
		}
		command = append(command, program, "train")
	} else {
		command = append(command, python, c.path("python", "compare_"+p.system+".py"))
	}
	command = append(command, p.arguments()...)
	threads := c.threads
	if c.untimed {
		threads = 1
	}
	command = append(command, "--arrays", input, "--threads", fmt.Sprint(threads), "--out", work)
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.WaitDelay = 5 * time.Second
	process.Env = os.Environ()
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		process.Env = append(process.Env, fmt.Sprintf("%s=%d", name, threads))
	}
	began := time.Now()
	if _, err := output(process); err != nil {
		return nil, err
	}
	m := &measurement{Seconds: time.Since(began).Seconds(), Untimed: c.untimed}
	if err := readJSON(filepath.Join(work, "said.json"), &m.said); err != nil {
		return nil, err
	}
	m.First -= seconds(began)
	if p.system == ours && p.variant == stepping {
		if m.Stepped, err = linesCovered(ctx, work); err != nil {
			return nil, err
		}
	}
	if len(m.Epochs) != p.epochs(c.epochs) {
		return nil, fmt.Errorf("it trained for %d epochs", len(m.Epochs))
	}
	return m, c.judge(ctx, m, work, judge)
}

// arrays returns what a part trains on: images, weights to begin with, and the order of the images. They depend on the seed, the width
// of the code and the recipe alone, so that all systems get the same.
func (c *comparison) arrays(p part) (map[string]*tensor.Dense, error) {
	n := len(c.train.Labels)
	arrays := map[string]*tensor.Dense{"train": c.train.Images, "test": c.test.Images}
	for name, labels := range map[string][]int{"labels_train": c.train.Labels, "labels_test": c.test.Labels} {
		arrays[name] = bytesOf(labels)
	}
	encoder, decoder := network(p.latent)
	model := &nn.Model{Net: nn.Sequential{encoder, decoder}}
	if err := model.Build(tensor.Shape{784}, uint64(p.seed)); err != nil {
		return nil, err
	}
	for i, w := range model.Net.Params() {
		values := autograd.Values[float32](w.Value())
		if i == 9 && p.recipe == "best" {
			for k := range values {
				values[k] = 1 // as in examples/mnist: alive for every image
			}
		}
		arrays[fmt.Sprintf("%c%d", "wb"[i%2], i/2)] = tensor.New(tensor.WithShape(w.Value().Shape()...), tensor.WithBacking(values))
	}
	rng := rand.New(rand.NewPCG(uint64(p.seed), 0x0de7))
	var order []int32
	for range p.epochs(c.epochs) {
		for _, row := range rng.Perm(n) {
			order = append(order, int32(row))
		}
	}
	arrays["order"] = tensor.New(tensor.WithShape(len(order)/n, n), tensor.WithBacking(order))
	return arrays, nil
}

func bytesOf(numbers []int) *tensor.Dense {
	values := make([]uint8, len(numbers))
	for i, v := range numbers {
		values[i] = uint8(v)
	}
	return tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values))
}
