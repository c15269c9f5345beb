package main

import (
	"bytes"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/docs"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/svm"
)

// findings are what an experiment reports at its end.
type findings struct {
	history   nn.History
	seconds   float64 // of the training
	dead      int     // latent units
	c         float64 // of the machine
	machine   *svm.Model
	confusion *metric.Confusion[int] // nil if Ctrl-C came before it
}

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report.html").Parse(reportText))

// A page is what the template shows.
type page struct {
	Recipe, Says         string
	Latent, Dead         int
	TestImages           int
	Figures, Settings    []fact
	Epochs               []nn.Epoch
	Curves               template.HTML
	Reconstructions, Map template.URL
	Confusion            *confusionTable
	Compared             *table // the same training elsewhere; nil if there is no such recipe
	Peers                []table
}

// A fact is a number or a word with its name.
type fact struct{ Name, Value string }

// writeReport writes what was found, with the figures that lie beside it, into one page that needs no other file.
func (e *experiment) writeReport() error {
	p, err := e.page()
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	var text bytes.Buffer
	if err := reportPage.Execute(&text, p); err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	return maybe.WriteFile(e.figures.path("report.html"), text.Bytes(), 0o644)
}

func (e *experiment) page() (p page, err error) {
	f := e.findings
	last := f.history.Epochs[len(f.history.Epochs)-1]
	p = page{
		Recipe: e.recipe.name, Latent: e.latent, Dead: f.dead, TestImages: len(e.test.Labels), Epochs: f.history.Epochs,
		Settings: []fact{
			{"recipe", e.recipe.name},
			{"optimizer", e.recipe.says},
			{"learning rate", fmt.Sprint(e.recipe.lr)},
			{"batch", fmt.Sprint(e.recipe.batch)},
			{"epochs", fmt.Sprintf("%d of %d", last.Number, e.recipe.epochs)},
			{"numbers in a code", fmt.Sprint(e.latent)},
			{"seed", fmt.Sprint(e.seed)},
			{"images", fmt.Sprintf("%d to train on, %d to test with", len(e.train.Labels), len(e.test.Labels))},
			{"machine", fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), runtime.Version())},
		},
		Figures: []fact{
			{"test error (MSE)", fmt.Sprintf("%.4f", last.Validation.Loss)},
			{"training error (MSE)", fmt.Sprintf("%.4f", last.Train.Loss)},
			{"dead latent units", fmt.Sprintf("%d of %d", f.dead, e.latent)},
			{"training", fmt.Sprintf("%.1f s", f.seconds)},
		},
		Compared: compared(docs.Comparison, e.recipe.name),
		Peers:    peers(docs.Performance),
	}
	if last.Number < e.recipe.epochs {
		p.Says = fmt.Sprintf("The training was stopped after %d of %d epochs.", last.Number, e.recipe.epochs)
	}
	if f.confusion != nil {
		p.Confusion = newConfusionTable(f.confusion)
		p.Figures = append(p.Figures, fact{"test accuracy", fmt.Sprintf("%.4f", f.confusion.Accuracy())}, fact{"support vectors", fmt.Sprint(vectors(f.machine))})
		p.Settings = append(p.Settings, fact{"support vector machine", fmt.Sprintf("RBF kernel, C %g, gamma %.4g", f.c, f.machine.Gamma())})
	}
	var curves bytes.Buffer
	if err := f.history.WriteSVG(&curves); err != nil {
		return page{}, err
	}
	p.Curves = template.HTML(curves.String())
	if p.Reconstructions, err = picture(e.figures.path("reconstructions.png")); err != nil {
		return page{}, err
	}
	p.Map, err = picture(e.figures.path("latent.png"))
	return p, err
}

// picture returns a PNG file as an address that holds it.
func picture(path string) (template.URL, error) {
	png, err := os.ReadFile(path)
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), err
}

// A confusionTable is a confusion matrix with the scores of each class.
type confusionTable struct {
	Names    []string
	Rows     []confusionRow
	Accuracy float64
}

type confusionRow struct {
	Name                  string
	Cells                 []cell
	Precision, Recall, F1 float64
}

// A cell is a count, shaded by its share of the row: the root of it, so that a few mistakes among a thousand images are seen.
type cell struct {
	Count  int
	Strong bool // more than half of the row
	Shade  int  // of the others, in percent
}

func newConfusionTable(c *metric.Confusion[int]) *confusionTable {
	t := &confusionTable{Accuracy: c.Accuracy()}
	classes := c.Classes()
	for i, counts := range c.Counts {
		t.Names = append(t.Names, strconv.Itoa(c.Labels[i]))
		row := confusionRow{Name: strconv.Itoa(c.Labels[i]), Precision: classes[i].Precision(), Recall: classes[i].Recall(), F1: classes[i].F1()}
		for _, n := range counts {
			share := float64(n) / float64(max(classes[i].Actual, 1))
			row.Cells = append(row.Cells, cell{Count: n, Strong: share > 0.5, Shade: int(math.Round(60 * math.Sqrt(share)))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A table is one of what was measured.
type table struct {
	About string // the machine, the versions and the day; empty if they are those of the table before
	Head  []string
	Rows  [][]string
}

// compared returns from the document of the comparison the table of a recipe.
func compared(document, recipe string) *table {
	_, section, found := strings.Cut(document, "\n## Recipe "+recipe+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, section, hasTable := strings.Cut(section, "\n|")
	if !found || !hasTable {
		return nil
	}
	rows, _, _ := strings.Cut("|"+section, "\n\n")
	t := new(table)
	for i, line := range strings.Split(rows, "\n") {
		switch i {
		case 0:
			t.Head = columns(line)
		case 1: // the rule below the head
		default:
			t.Rows = append(t.Rows, columns(line))
		}
	}
	return t
}

// columns returns the cells of a line of a table.
func columns(line string) []string {
	cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// peers returns from a document of measurements the tables that have tapegrad beside others, with the rows that are about this example.
func peers(document string) (tables []table) {
	var block []string // the lines since the last empty one
	about := ""
	for line := range strings.Lines(document + "\n\n") {
		if line = strings.TrimSpace(line); line != "" {
			block = append(block, line)
			continue
		}
		if len(block) > 2 && strings.HasPrefix(block[0], "| work | tapegrad |") {
			if t := newTable(about, block); len(t.Rows) > 0 {
				tables = append(tables, t)
				about = "" // once for those that follow each other
			}
		} else if len(block) > 0 {
			about = strings.Join(block, " ")
		}
		block = nil
	}
	return tables
}

// newTable reads the columns of systems, in those tables that have some beside ours and give ratios and goals.
func newTable(about string, lines []string) table {
	head := columns(lines[0])
	n := slices.IndexFunc(head, func(name string) bool { return name == "of the machine's" || name == "goal" })
	if n < 3 {
		return table{}
	}
	t := table{About: about, Head: head[:n]}
	for _, line := range lines[2:] {
		cells := columns(line)
		about := func(prefix string) bool { return strings.HasPrefix(cells[0], prefix) }
		if len(cells) >= n && slices.ContainsFunc([]string{"Autoencoder", "TrainingMemory", "SVC"}, about) {
			t.Rows = append(t.Rows, cells[:n])
		}
	}
	t.dropEmpty()
	return t
}

// dropEmpty leaves out the columns of those who have none of the rows.
func (t *table) dropEmpty() {
	for i := len(t.Head) - 1; i > 0; i-- {
		if slices.ContainsFunc(t.Rows, func(row []string) bool { return row[i] != "–" }) {
			continue
		}
		t.Head = slices.Delete(t.Head, i, i+1)
		for k, row := range t.Rows {
			t.Rows[k] = slices.Delete(row, i, i+1)
		}
	}
}
