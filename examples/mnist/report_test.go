package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tapegrad/tapegrad/data/metric"
	"github.com/tapegrad/tapegrad/docs"
	"github.com/tapegrad/tapegrad/internal/browser"
	"github.com/tapegrad/tapegrad/internal/figure/figuretest"
)

// The tables of measurements are found, with what is about this example and nothing else.
func TestPeers(t *testing.T) {
	const document = `| work | what |
|---|---|
| SVCFit | a row of a table of words |

A machine,
some day.

| work | tapegrad | NumPy | JAX | of the machine's | goal |
|---|---|---|---|---|---|
| AutoencoderStep/batch=8, ms | 1 | – | 2 scan (× 2.00) |  | yes |
| MatMul, ms | 3 | 4 | – |  |  |
| TrainingMemory, MB | 4 | – | 5 (× 1.25) |  |  |

| work | tapegrad | LIBSVM | goal | reached |
|---|---|---|---|---|
| SVCFit/5000x32, s | 1 | 2 |  |  |

| work | tapegrad | JAX |
|---|---|---|
| SVCFit | 1 (1 to 1) | 2 |
`
	want := []table{{
		About: "A machine, some day.",
		Head:  []string{"work", "tapegrad", "JAX"},
		Rows:  [][]string{{"AutoencoderStep/batch=8, ms", "1", "2 scan (× 2.00)"}, {"TrainingMemory, MB", "4", "5 (× 1.25)"}},
	}, {
		Head: []string{"work", "tapegrad", "LIBSVM"},
		Rows: [][]string{{"SVCFit/5000x32, s", "1", "2"}},
	}}
	if diff := cmp.Diff(want, peers(document)); diff != "" {
		t.Error(diff)
	}
	if tables := peers(docs.Performance); len(tables) == 0 || len(tables[0].Rows) < 5 || tables[0].About == "" {
		t.Errorf("docs/performance.md has the tables %v: the report wants those of the autoencoder", tables)
	}
}

// The table of a recipe is found, whole and without what follows it, in a document such as there is.
func TestCompared(t *testing.T) {
	const document = "# Side by side\n\n## Recipe a\n\n|  | tapegrad | JAX |\n|---|---|---|\n| loss | 1 (1 to 2) | – |\n| seconds | 3 | 4 |\n\n| no |\n\n## Recipe b\n\nNothing.\n\n## Else\n\n| a | b |\n|---|---|\n"
	want := &table{Head: []string{"", "tapegrad", "JAX"}, Rows: [][]string{{"loss", "1 (1 to 2)", "–"}, {"seconds", "3", "4"}}}
	if diff := cmp.Diff(want, compared(document, "a")); diff != "" {
		t.Error(diff)
	}
	for _, recipe := range []string{"b", "c"} {
		if got := compared(document, recipe); got != nil {
			t.Errorf("recipe %s: %v", recipe, got)
		}
	}
	for _, r := range recipes {
		if got := compared(docs.Comparison, r.name); got == nil || len(got.Rows) < 8 || len(got.Head) != 5 {
			t.Errorf("docs/comparison.md has for recipe %s the table %v", r.name, got)
		}
	}
}

func TestConfusionTable(t *testing.T) {
	c, err := metric.NewConfusion([]int{3, 3, 3, 3, 5}, []int{3, 3, 3, 5, 5})
	if err != nil {
		t.Fatal(err)
	}
	want := &confusionTable{Names: []string{"3", "5"}, Accuracy: 0.8, Rows: []confusionRow{
		{Name: "3", Cells: []cell{{3, true, 52}, {1, false, 30}}, Precision: 1, Recall: 0.75, F1: 6. / 7},
		{Name: "5", Cells: []cell{{0, false, 0}, {1, true, 60}}, Precision: 0.5, Recall: 1, F1: 2. / 3},
	}}
	if diff := cmp.Diff(want, newConfusionTable(c)); diff != "" {
		t.Error(diff)
	}
}

// What a person sees of the report: in a browser that prefers light or dark pages, on a wide screen and on a narrow one.
func TestReportInABrowser(t *testing.T) {
	if os.Getenv(browser.Variable) == "" {
		t.Logf("not run: the report is opened in a browser if %s is set and a Chromium is in PATH", browser.Variable)
		return
	}
	chromium, err := browser.Find()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := run(t.Context(), append(small, "-recipe", "momentum", "-out", out), new(bytes.Buffer), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	page, err := browser.Open(ctx, chromium, t.TempDir(), "file://"+filepath.ToSlash(filepath.Join(out, "report.html")))
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	for _, width := range []int{1100, 390} {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("width %d, dark %v", width, dark), func(t *testing.T) { look(t, page, width, dark) })
		}
	}
	complaints, err := page.Complaints()
	if err != nil {
		t.Fatal(err)
	}
	if len(complaints) > 0 {
		t.Errorf("the browser complains:\n%s", strings.Join(complaints, "\n"))
	}
}

func look(t *testing.T, page *browser.Page, width int, dark bool) {
	if err := page.Show(width, dark); err != nil {
		t.Fatal(err)
	}
	evaluate := func(script string, result any) {
		t.Helper()
		if err := page.Evaluate(script, result); err != nil {
			t.Fatal(err)
		}
	}
	var pictures []int // their widths; of one that cannot be decoded an error
	evaluate(`Promise.all([...document.images].map(i => i.decode().then(() => i.alt ? i.naturalWidth : 0)))`, &pictures)
	if len(pictures) != 2 || pictures[0] < 500 || pictures[1] < 500 {
		t.Errorf("the pictures with a text for who cannot see them are %v pixels wide, want two of some 1200", pictures)
	}
	var beyond int
	evaluate(`document.documentElement.scrollWidth - innerWidth`, &beyond)
	if beyond > 0 {
		t.Errorf("the page is %d pixels wider than the window", beyond)
	}
	var faint []string
	evaluate(faintTexts, &faint)
	if len(faint) > 0 {
		t.Errorf("texts with a contrast below 4.5:\n%s", strings.Join(faint, "\n"))
	}
	var parts [][4]float64 // left, top, right and bottom
	evaluate(`[...document.querySelectorAll('h1, dl, section > table, .scroll, svg, img')].filter(e => e.checkVisibility()).map(e => {
		const r = e.getBoundingClientRect()
		return [r.left + scrollX, r.top + scrollY, r.right + scrollX, r.bottom + scrollY]
	})`, &parts)
	if len(parts) < 8 {
		t.Errorf("the page has %d parts, want at least 8", len(parts))
	}
	screenshot, err := page.Screenshot()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "screenshot.png")
	if err := os.WriteFile(path, screenshot, 0o600); err != nil {
		t.Fatal(err)
	}
	var panels []image.Rectangle
	for _, p := range parts {
		whole := image.Rect(int(p[0]), int(p[1]), int(p[2]), int(p[3]))
		lower := whole // of a picture that is cut off, the browser shows the beginning
		lower.Min.Y = (whole.Min.Y + whole.Max.Y) / 2
		panels = append(panels, whole, lower)
	}
	if err := figuretest.CheckNotBlank(path, panels...); err != nil {
		t.Error(err)
	}
}

// faintTexts is a script that lists texts whose contrast with what is behind them (WCAG 2.2, success criterion 1.4.3) is below 4.5.
const faintTexts = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
	const pixel = colour => {
		canvas.clearRect(0, 0, 1, 1)
		canvas.fillStyle = colour
		canvas.fillRect(0, 0, 1, 1)
		return canvas.getImageData(0, 0, 1, 1).data
	}
	const luminance = p => {
		const [r, g, b] = [...p].map(v => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)
		return 0.2126 * r + 0.7152 * g + 0.0722 * b
	}
	const faint = []
	for (const e of document.querySelectorAll('body *')) {
		const said = [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())
		if (!said || e.closest('style, title')) continue
		let ground = e
		while (ground && pixel(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement
		const style = getComputedStyle(e)
		const a = luminance(pixel(e instanceof SVGElement ? style.fill : style.color))
		const b = luminance(pixel(ground ? getComputedStyle(ground).backgroundColor : 'white'))
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
		if (contrast < 4.5) faint.push(contrast.toFixed(2) + ' ' + e.tagName + ' ' + e.textContent)
	}
	return faint
})()`
