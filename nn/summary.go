package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
)

// Summary returns a table of the net's layers with the shapes of their outputs and their numbers of parameters, and the totals.
// Before the model is built (Fit and Build do that) shapes and numbers are unknown, and the table says so. A layer that occurs again
// counts once.
func (m *Model) Summary() (text string) {
	err := try(func() (err error) {
		text, err = m.summary()
		return err
	})
	if err != nil {
		return err.Error() + "\n"
	}
	return text
}

func (m *Model) summary() (string, error) {
	if m.Net == nil {
		return "", errNoNet
	}
	s := &summary{table: table.NewWriter(), counted: make(map[*autograd.Param]bool)}
	style := table.StyleLight
	style.Format = table.FormatOptions{Header: text.FormatDefault, Footer: text.FormatDefault}
	s.table.SetStyle(style)
	s.table.AppendHeader(table.Row{"layer", "output", "parameters"})
	s.table.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight, AlignFooter: text.AlignRight}})
	dtype, err := m.dtype()
	if err != nil {
		return "", err
	}
	s.builder = &Builder{Dtype: dtype, sealed: true}
	s.add("", m.Net, m.in)
	if m.in == nil {
		s.table.AppendFooter(table.Row{"not built yet", "", "?"})
	} else {
		s.table.AppendFooter(table.Row{"trained", "", count(s.trained)})
		if s.frozen > 0 {
			s.table.AppendFooter(table.Row{"frozen", "", count(s.frozen)})
		}
	}
	return s.table.Render() + "\n", nil
}

type summary struct {
	table           table.Writer
	builder         *Builder // refuses to make parameters
	counted         map[*autograd.Param]bool
	trained, frozen int
}

// add appends the rows of a layer called path for examples of shape in, nil if unknown, and returns the shape of its output.
func (s *summary) add(path string, l Layer, in tensor.Shape) tensor.Shape {
	if parts, ok := l.(Sequential); ok {
		for i, part := range parts {
			in = s.add(path+strconv.Itoa(i)+".", part, in)
		}
		return in
	}
	name := strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", l), "*"), "nn.")
	name = strings.TrimPrefix(strings.TrimSuffix(path, ".")+" "+name, " ")
	out := s.output(l, in)
	if out == nil {
		s.table.AppendRow(table.Row{name, "?", "?"})
		return nil
	}
	n := 0
	for _, p := range l.Params() {
		if s.counted[p] {
			continue
		}
		s.counted[p] = true
		n += p.Value().Size()
		if p.Frozen {
			s.frozen += p.Value().Size()
		} else {
			s.trained += p.Value().Size()
		}
	}
	shape := "(n"
	for _, d := range out {
		shape += fmt.Sprintf(", %d", d)
	}
	s.table.AppendRow(table.Row{name, shape + ")", count(n)})
	return out
}

// output returns the shape of a layer's output, nil if it cannot be known.
func (s *summary) output(l Layer, in tensor.Shape) (out tensor.Shape) {
	if in == nil || l == nil {
		return nil
	}
	failure := autograd.Try(func() {
		var err error
		if out, err = buildLayer(l, s.builder, in); err != nil {
			out = nil
		}
	})
	if failure != nil {
		return nil
	}
	return out
}

// count writes a number with commas between the thousands.
func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
