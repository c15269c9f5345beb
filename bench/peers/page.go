package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tapegrad/tapegrad/internal/figure"
)

// A page is the document of the comparison as it grows.
type page struct {
	*comparison
	measured map[string]*measurement // by the names of parts
	text     strings.Builder
	figures  string // folder
}

// write makes the document from all measurements that there are.
func (c *comparison) write(stdout io.Writer) error {
	p := &page{comparison: c, measured: make(map[string]*measurement)}
	for _, part := range c.parts() {
		m := new(measurement)
		switch err := readJSON(c.file(part), m); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			p.measured[part.String()] = m
		}
	}
	if len(p.measured) == 0 {
		return fmt.Errorf("nothing is measured: no part matches %q", c.only)
	}
	path := cmp.Or(c.document, c.path("comparison.md"))
	p.figures = filepath.Join(filepath.Dir(path), "images")
	if err := figure.Prepare(p.figures); err != nil {
		return err
	}
	for _, section := range []func() error{p.top, p.recipes, p.epochsBetween, p.digits, p.pictures, p.aspects, p.variants} {
		if err := section(); err != nil {
			return err
		}
	}
	if err := writeWhole(path, p.text.String()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "%s\nas Markdown: %s\n", p.text.String(), path)
	return err
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

func (p *page) table(rows [][]string) { p.printf("%s\n", markdown(rows)) }

// image shows a figure at half its size, for which it is sharp enough on any screen: at its own it is wider than a page.
func (p *page) image(name, words string) {
	p.printf("<img src=\"images/%s\" width=\"640\" alt=\"%s\">\n\n", name, words)
}

// of returns the measurements of all seeds.
func (p *page) of(pattern part) []*measurement {
	var all []*measurement
	for seed := 1; seed <= p.seeds; seed++ {
		pattern.seed = seed
		if m := p.measured[pattern.String()]; m != nil {
			all = append(all, m)
		}
	}
	return all
}

func (p *page) trained(recipe, system string) []*measurement {
	return p.of(part{recipe: recipe, system: system, latent: 32})
}

// across returns a median over the seeds with the least and the greatest, or a dash.
func across(all []*measurement, of func(m *measurement) float64) string {
	s, ok := spreadOf(all, of)
	switch {
	case !ok:
		return missing
	case s[0] == s[2]:
		return number(s[1])
	}
	return fmt.Sprintf("%s (%s to %s)", number(s[1]), number(s[0]), number(s[2]))
}

// number writes four digits that count, as seeds differ in the third, but whole numbers as they are.
func number(x float64) string {
	if x >= 1e3 || x == math.Trunc(x) {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%#.4g", x)
}

// spreadOf returns the least, the median and the greatest over the seeds that have the value, which is not a number in those that do not.
func spreadOf(all []*measurement, of func(m *measurement) float64) (s [3]float64, ok bool) {
	var values []float64
	for _, m := range all {
		if v := of(m); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return s, false
	}
	slices.Sort(values)
	n := len(values)
	return [3]float64{values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}, true
}

func (p *page) top() error {
	p.printf("# Side by side\n\n<!-- Written by go run ./bench/peers compare; do not edit. -->\n\n")
	if p.images > 0 || p.epochs != 40 || p.seeds < 5 {
		p.printf("**This is a trial, not the comparison: %d training images, %d epochs, seeds: %d.** Its numbers show that the command works, and nothing else.\n\n",
			len(p.train.Labels), p.epochs, p.seeds)
	}
	var commits, times []string
	for _, m := range p.measured {
		commits, times = append(commits, m.Commit), append(times, m.Time)
	}
	slices.Sort(commits)
	p.printf(`The autoencoder of [examples/mnist](../examples/mnist), 784-512-256-128-64-32 and back, trained in tapegrad, PyTorch, Keras and JAX: from the same
initial weights, on the same images in the same order, by the same recipes. What came out was judged by the same code. %s, %d threads;
%d training and %d test images, %d epochs, seeds: %d. Measured from %s to %s, %s. Numbers are medians over the seeds, with the least and the
greatest in parentheses. %s repeats it.

`, processor(), p.threads, len(p.train.Labels), len(p.test.Labels), p.epochs, p.seeds, slices.Min(times), slices.Max(times),
		strings.Join(slices.Compact(commits), "; "), "`go run ./bench/peers compare -folder ../peers -document docs/comparison.md`")
	var untimed, absent []string
	for _, part := range p.parts() {
		seed := fmt.Sprint(part.seed)
		switch m := p.measured[part.String()]; {
		case m == nil:
			absent = append(absent, part.String())
		case m.Untimed && part.variant == "" && !slices.Contains(untimed, seed):
			untimed = append(untimed, seed)
		}
	}
	if untimed != nil {
		p.printf("Trainings ran beside others with seed %s; times and memory are those of the other seeds.\n\n", strings.Join(untimed, ", "))
	}
	p.printf("%s", notMeasured(absent, len(p.parts())))
	return nil
}

// notMeasured names the absent ones of all parts. Where they are many it folds them up, or a page would begin with what it has not.
func notMeasured(absent []string, all int) string {
	names := strings.Join(absent, ", ")
	switch n := len(absent); {
	case n == 0:
		return ""
	case n <= 6:
		return fmt.Sprintf("Not measured: %s.\n\n", names)
	default:
		return fmt.Sprintf("<details>\n<summary>Not measured: %d of %d parts</summary>\n\n%s.\n\n</details>\n\n", n, all, names)
	}
}

// columns are the rows of the tables of recipes, which have a column for each system.
var columns = []struct {
	title string
	of    func(m *measurement) float64
}{
	{"training loss", func(m *measurement) float64 { return m.Epochs[len(m.Epochs)-1].Loss }},
	{"validation loss", func(m *measurement) float64 { return m.Error }},
	{"largest rise of the training loss from one epoch to the next, % of it", rise},
	{"sharpness, % of the originals'", func(m *measurement) float64 { return 100 * m.Sharpness }},
	{"living units of 32", func(m *measurement) float64 { return float64(m.Living) }},
	{"test accuracy, our support vector machine, %", func(m *measurement) float64 { return 100 * m.Accuracy }},
	{"test accuracy, scikit-learn's, first seed, %", func(m *measurement) float64 {
		if m.TheirAccuracy == 0 {
			return math.NaN()
		}
		return 100 * m.TheirAccuracy
	}},
	{"seconds for the epochs", timed(func(m *measurement) (total float64) {
		for _, e := range m.Epochs {
			total += e.Seconds
		}
		return total
	})},
	{"seconds of the process", timed(func(m *measurement) float64 { return m.Seconds })},
	{"seconds from start to the first step", timed(func(m *measurement) float64 { return m.First })},
	{"peak memory, MB", timed(func(m *measurement) float64 { return float64(m.Peak) * 1e-6 })},
}

// timed is of where nothing else ran beside a training.
func timed(of func(m *measurement) float64) func(m *measurement) float64 {
	return func(m *measurement) float64 {
		if m.Untimed {
			return math.NaN()
		}
		return of(m)
	}
}

// rise tells how unstable a training was.
func rise(m *measurement) float64 {
	most := 0.0
	for i := 1; i < len(m.Epochs); i++ {
		most = max(most, 100*(m.Epochs[i].Loss/m.Epochs[i-1].Loss-1))
	}
	return most
}

func (p *page) head(first string) []string {
	row := []string{first}
	for _, system := range p.systems {
		row = append(row, titles[system])
	}
	return row
}

func (p *page) recipes() error {
	for _, recipe := range recipes() {
		rows := [][]string{p.head("")}
		for _, c := range columns {
			row := []string{c.title}
			for _, system := range p.systems {
				row = append(row, across(p.trained(recipe, system), c.of))
			}
			rows = append(rows, row)
		}
		p.printf("## Recipe %s\n\n", recipe)
		p.table(rows)
		p.verdict(recipe)
		if err := p.curves(recipe); err != nil {
			return err
		}
	}
	p.printf("A unit of the code lives if it is not 0 for every training image. Sharpness is the sum of the squared differences between neighbouring pixels of the " +
		"reconstructions, as a part of that of the test images. The support vector machines have an RBF kernel with C = 1 and gamma by \"scale\" and learn from the codes of " +
		"all training images. Memory is the most that the process had in use until its last epoch ended, with what the program itself makes of the images. " +
		"Keras adds AdamW's ε, which is 1e-8 everywhere, before it corrects the bias of the second moment, as the others do after it.\n\n")
	return nil
}

// verdict says whether ours is as good as the best of the others within the spread between seeds, and first in time and memory.
func (p *page) verdict(recipe string) {
	best := func(of func(m *measurement) float64) (least, spread float64) {
		least = math.Inf(1)
		for _, system := range p.systems {
			if s, ok := spreadOf(p.trained(recipe, system), of); ok && system != ours && s[1] < least {
				least, spread = s[1], s[2]-s[0]
			}
		}
		return least, spread
	}
	own, ok := spreadOf(p.trained(recipe, ours), columns[1].of)
	other, spread := best(columns[1].of)
	if !ok || math.IsInf(other, 1) || len(p.trained(recipe, ours)) < 2 { // one seed has no spread
		return
	}
	said := func(reached bool) string {
		if reached {
			return "reached"
		}
		return "not reached"
	}
	p.printf("Validation loss like the best of the others within the spread of the seeds: %s (%s beside %s).", said(own[1] <= other+max(spread, own[2]-own[0])), number(own[1]), number(other))
	for _, goal := range []struct {
		name string
		of   func(m *measurement) float64
	}{{"time", columns[7].of}, {"memory", columns[10].of}} {
		own, ok := spreadOf(p.trained(recipe, ours), goal.of)
		other, _ := best(goal.of)
		if !ok || math.IsInf(other, 1) {
			continue
		}
		p.printf(" First in %s: %s.", goal.name, said(own[1] < other))
	}
	p.printf("\n\n")
}

// curves draws the losses of the first seed that there is.
func (p *page) curves(recipe string) error {
	f := figure.Loss{Title: "Recipe " + recipe + ": mean squared error, first seed", YLabel: "Mean squared error", Log: true}
	for _, system := range p.systems {
		if all := p.trained(recipe, system); len(all) > 0 {
			training, validation := figure.Series{Name: titles[system] + ", training"}, figure.Series{Name: titles[system] + ", validation"}
			for _, e := range all[0].Epochs {
				training.Values, validation.Values = append(training.Values, e.Loss), append(validation.Values, e.Validation)
			}
			f.Series = append(f.Series, training, validation)
		}
	}
	if f.Series == nil {
		return nil
	}
	name := "comparison-" + recipe + ".png"
	p.image(name, "Training and validation loss per epoch of all systems by the recipe "+recipe)
	return f.Save(filepath.Join(p.figures, name))
}

// epochsBetween has the losses before the last epoch.
func (p *page) epochsBetween() error {
	p.printf("## Losses per epoch\n\nThe figures above have the losses of one seed after each epoch. These are those of all seeds, after some; the losses after the last epoch are in the tables above.\n\n")
	for _, recipe := range recipes() {
		rows := [][]string{p.head("recipe " + recipe)}
		for _, loss := range []struct {
			name string
			of   func(e epoch) float64
		}{{"training", func(e epoch) float64 { return e.Loss }}, {"validation", func(e epoch) float64 { return e.Validation }}} {
			for _, number := range []int{1, 2, 5, 10, 20} {
				if number >= p.epochs {
					continue
				}
				row := []string{fmt.Sprintf("%s loss after epoch %d", loss.name, number)}
				for _, system := range p.systems {
					row = append(row, across(p.trained(recipe, system), func(m *measurement) float64 { return loss.of(m.Epochs[number-1]) }))
				}
				rows = append(rows, row)
			}
		}
		p.table(rows)
	}
	return nil
}

func (p *page) digits() error {
	p.printf("## Reconstruction error per digit\n\n")
	for _, recipe := range recipes() {
		rows := [][]string{p.head("recipe " + recipe)}
		for digit := range 10 {
			row := []string{fmt.Sprint(digit)}
			for _, system := range p.systems {
				row = append(row, across(p.trained(recipe, system), func(m *measurement) float64 { return m.Digits[digit] }))
			}
			rows = append(rows, row)
		}
		p.table(rows)
	}
	return nil
}

func (p *page) pictures() error {
	p.printf("## Pictures\n\nThe first test image of each digit, and what each system made of it, first seed.\n\n")
	for _, recipe := range recipes() {
		f := figure.Reconstructions{Title: "Recipe " + recipe}
		for _, system := range p.systems {
			if all := p.trained(recipe, system); len(all) > 0 {
				f.Originals = fromBytes(all[0].Originals)
				f.Made = append(f.Made, figure.Made{Name: titles[system], Images: fromBytes(all[0].Made)})
			}
		}
		if err := p.picture(f, "comparison-reconstructions-"+recipe+".png", "Ten digits and what each system makes of them by the recipe "+recipe); err != nil {
			return err
		}
	}
	return nil
}

// picture saves a figure and shows it, if there is something on it.
func (p *page) picture(f figure.Reconstructions, name, says string) error {
	if len(f.Made) == 0 {
		return nil
	}
	p.image(name, says)
	return f.Save(filepath.Join(p.figures, name))
}

func fromBytes(images [][]byte) [][]float32 {
	var all [][]float32
	for _, image := range images {
		values := make([]float32, len(image))
		for i, pixel := range image {
			values[i] = float32(pixel) / 255
		}
		all = append(all, values)
	}
	return all
}
