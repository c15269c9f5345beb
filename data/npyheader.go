package data

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// An npyParser reads a header, which is the literal of a Python dictionary. It knows no more of Python than these have in them:
// texts without escapes, True and False, and tuples of whole numbers.
type npyParser struct {
	text  string
	at    int
	start int // of the text in the file
}

// parseNPYHeader reads the header that begins at a byte of the file.
func parseNPYHeader(text string, start int) (array arrayio.Array, err error) {
	p := &npyParser{text: text, start: start}
	seen := make(map[string]bool)
	_, err = p.list("{", "}", func() error {
		key, err := p.quoted()
		if err != nil {
			return err
		}
		if seen[key] {
			return p.complain("the key %q is there a second time", key)
		}
		seen[key] = true
		if !p.skip(":") {
			return p.want("a colon")
		}
		switch key {
		case "descr":
			array.Kind, array.Order, err = p.descr()
		case "fortran_order":
			array.Fortran, err = p.boolean()
		case "shape":
			array.Shape, err = p.shape()
		default:
			err = p.complain("the key %q is not known", key)
		}
		return err
	})
	if err != nil {
		return array, err
	}
	if p.space(); p.at < len(text) {
		return array, p.want("nothing but space behind the dictionary")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return array, p.complain("the key %q is missing", key)
		}
	}
	if _, err := array.Kind.Bytes(array.Shape); err != nil {
		return array, p.complain("shape %v: %w", tensor.Shape(array.Shape), err)
	}
	return array, nil
}

func (p *npyParser) descr() (arrayio.Kind, binary.ByteOrder, error) {
	p.space()
	at := p.at
	descr, err := p.quoted()
	if err != nil {
		return 0, nil, err
	}
	order, name := "", descr
	if descr != "" {
		order, name = descr[:1], descr[1:]
	}
	kind := npyKinds[name]
	switch {
	case kind != 0 && order == "<", kind != 0 && order == "|" && kind.Size() == 1:
		return kind, binary.LittleEndian, nil
	case kind != 0 && order == ">":
		return kind, binary.BigEndian, nil
	}
	p.at = at
	return 0, nil, p.complain("elements of type %q are not read: want an order, < or >, and one of b1, u1 to u8, i1 to i8, f2, f4, f8", descr)
}

func (p *npyParser) boolean() (bool, error) {
	switch {
	case p.skip("False"):
		return false, nil
	case p.skip("True"):
		return true, nil
	}
	return false, p.want("True or False")
}

func (p *npyParser) shape() ([]int, error) {
	shape := []int{}
	comma, err := p.list("(", ")", func() error {
		p.space()
		rest := strings.TrimLeft(p.text[p.at:], "0123456789")
		digits := p.text[p.at : len(p.text)-len(rest)]
		n, err := strconv.Atoi(digits)
		if err != nil {
			return p.want("a whole number that fits memory")
		}
		if len(shape) == npyAxes {
			return p.complain("there are more than %d axes", npyAxes)
		}
		p.at += len(digits)
		p.skip("L") // Python 2 wrote it behind long numbers
		shape = append(shape, n)
		return nil
	})
	if err == nil && len(shape) == 1 && !comma {
		err = p.complain("(%d) is a number: want (%d,)", shape[0], shape[0])
	}
	return shape, err
}

// list reads items with commas between them, which item reads, and reports whether there is a comma behind the last one.
func (p *npyParser) list(open, end string, item func() error) (comma bool, err error) {
	if !p.skip(open) {
		return false, p.want(open)
	}
	for first := true; !p.skip(end); first = false {
		if !first && !comma {
			return false, p.want("a comma or " + end)
		}
		if err := item(); err != nil {
			return false, err
		}
		comma = p.skip(",")
	}
	return comma, nil
}

// quoted reads a text in quotes of either kind.
func (p *npyParser) quoted() (string, error) {
	p.space()
	rest := p.text[p.at:]
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return "", p.want("a text in quotes")
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 || strings.Contains(rest[1:1+end], `\`) {
		return "", p.complain("a text has no end, or a backslash in it")
	}
	p.at += end + 2
	return rest[1 : 1+end], nil
}

// skip goes on behind the given text if it is next, space before it left aside.
func (p *npyParser) skip(text string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], text) {
		return false
	}
	p.at += len(text)
	return true
}

func (p *npyParser) space() {
	p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t\n"))
}

// want complains about what is next.
func (p *npyParser) want(what string) error {
	const enough = 12
	p.space()
	rest := p.text[p.at:]
	if rest == "" {
		return p.complain("the header ends: want %s", what)
	}
	return p.complain("found %q: want %s", rest[:min(len(rest), enough)], what)
}

// complain makes an error that begins with the place in the file.
func (p *npyParser) complain(format string, args ...any) error {
	return fmt.Errorf("byte %d: header: %w", p.start+p.at, fmt.Errorf(format, args...))
}
