package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// A parser reads the header's JSON token by token, so that what is not wanted there, such as deep nesting or a second value for a name,
// is refused where it begins.
type parser struct {
	json *json.Decoder
}

func newParser(text []byte) *parser {
	p := &parser{json: json.NewDecoder(bytes.NewReader(text))}
	p.json.UseNumber()
	return p
}

// object reads an object, calls value for each name, behind it, and returns the names. The error says that a name is there twice.
func (p *parser) object(value func(name string) error) (names map[string]bool, err error) {
	if err := p.delimiter('{'); err != nil {
		return nil, err
	}
	names = make(map[string]bool)
	for p.json.More() {
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if names[name] {
			return nil, p.complain("the name %q is there a second time", name)
		}
		names[name] = true
		if err := value(name); err != nil {
			return nil, err
		}
	}
	return names, p.delimiter('}')
}

func (p *parser) texts() (map[string]string, error) {
	texts := make(map[string]string)
	_, err := p.object(func(key string) (err error) {
		texts[key], err = p.text()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", metadataName, err)
	}
	return texts, nil
}

func (p *parser) entry(name string) (entry, error) {
	e := entry{name: name}
	var offsets []int
	has, err := p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			e.kind, err = p.kind()
		case "shape":
			e.shape, err = p.numbers(maxAxes)
		case "data_offsets":
			offsets, err = p.numbers(2)
		default:
			err = p.complain("the key %q is not known", key)
		}
		return err
	})
	if err != nil {
		return e, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !has[key] {
			return e, p.complain("the key %q is missing", key)
		}
	}
	if len(offsets) != 2 || offsets[0] > offsets[1] {
		return e, p.complain("data_offsets are %v: want a beginning and an end that is not before it", offsets)
	}
	e.begin, e.end = offsets[0], offsets[1]
	n, err := e.kind.Bytes(e.shape)
	if err != nil {
		return e, p.complain("shape %v: %w", e.shape, err)
	}
	if n != e.end-e.begin {
		return e, p.complain("shape %v needs %d bytes, and data_offsets %v hold %d", e.shape, n, offsets, e.end-e.begin)
	}
	return e, nil
}

func (p *parser) kind() (arrayio.Kind, error) {
	name, err := p.text()
	if err != nil {
		return 0, err
	}
	if kinds[name] == 0 {
		return 0, p.complain("the dtype %q cannot be held: want BOOL, U8 to U64, I8 to I64, F16, BF16, F32 or F64", name)
	}
	return kinds[name], nil
}

// numbers reads an array of at most so many whole numbers that are not negative, in digits only.
func (p *parser) numbers(most int) ([]int, error) {
	if err := p.delimiter('['); err != nil {
		return nil, err
	}
	numbers := []int{}
	for p.json.More() {
		if len(numbers) == most {
			return nil, p.complain("found more than %d numbers", most)
		}
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		number, ok := token.(json.Number)
		if !ok {
			return nil, p.complain("found %v: want a whole number", token)
		}
		n, err := strconv.ParseUint(number.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, p.complain("found %v: want a whole number that is not negative and fits %d bits", number, strconv.IntSize-1)
		}
		numbers = append(numbers, int(n))
	}
	return numbers, p.delimiter(']')
}

func (p *parser) text() (string, error) {
	token, err := p.token()
	if err != nil {
		return "", err
	}
	text, ok := token.(string)
	if !ok {
		return "", p.complain("found %v: want a text in quotes", token)
	}
	return text, nil
}

func (p *parser) delimiter(want json.Delim) error {
	token, err := p.token()
	if err == nil && token != want {
		err = p.complain("found %v: want %v", token, want)
	}
	return err
}

// end wants nothing but white space.
func (p *parser) end() error {
	if token, err := p.json.Token(); err == nil {
		return p.complain("found %v behind the header's end", token)
	} else if err != io.EOF {
		return p.complain("behind the header's end: %w", err)
	}
	return nil
}

func (p *parser) token() (json.Token, error) {
	token, err := p.json.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, p.complain("%w", err)
	}
	return token, nil
}

// complain makes an error that ends with the place, counted from the header's beginning.
func (p *parser) complain(format string, args ...any) error {
	return fmt.Errorf("%w (before byte %d of the header)", fmt.Errorf(format, args...), p.json.InputOffset())
}
