package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/tapegrad/tapegrad/internal/arrayio"
)

// A header is what a file says about its tensors, in the order of their elements.
type header struct {
	entries  []entry
	metadata map[string]string
}

// An entry is what the header says about one tensor.
type entry struct {
	name       string
	kind       arrayio.Kind
	shape      []int
	begin, end int // in the data
}

func (h *header) dataBytes() int {
	if len(h.entries) == 0 {
		return 0
	}
	return h.entries[len(h.entries)-1].end
}

// kinds has the element types by what headers call them.
var kinds = map[string]arrayio.Kind{
	"BOOL": arrayio.Bool,
	"U8":   arrayio.Uint8,
	"I8":   arrayio.Int8,
	"U16":  arrayio.Uint16,
	"I16":  arrayio.Int16,
	"U32":  arrayio.Uint32,
	"I32":  arrayio.Int32,
	"U64":  arrayio.Uint64,
	"I64":  arrayio.Int64,
	"F16":  arrayio.Float16,
	"BF16": arrayio.BFloat16,
	"F32":  arrayio.Float32,
	"F64":  arrayio.Float64,
}

// typeOf is the reverse of kinds.
var typeOf = func() map[arrayio.Kind]string {
	types := make(map[arrayio.Kind]string, len(kinds))
	for name, kind := range kinds {
		types[kind] = name
	}
	return types
}()

func readHeader(r io.Reader) (*header, error) {
	var length [8]byte
	if n, err := io.ReadFull(r, length[:]); err != nil {
		return nil, fmt.Errorf("length of the header: %w", arrayio.Short(err, n, len(length)))
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		return nil, fmt.Errorf("length of the header: %d bytes are more than the %d that are allowed: this is not a safetensors file", n, maxHeader)
	}
	var text bytes.Buffer // grows as the header arrives
	if have, err := io.CopyN(&text, r, int64(n)); err != nil {
		return nil, fmt.Errorf("header: %w", arrayio.Short(err, int(have), int(n)))
	}
	h, err := parseHeader(text.Bytes())
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.sortAndCover(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return h, nil
}

func parseHeader(text []byte) (*header, error) {
	if !bytes.HasPrefix(text, []byte("{")) {
		return nil, errors.New("it does not begin with {: this is not a safetensors file")
	}
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	p := newParser(text)
	h := new(header)
	_, err := p.object(func(name string) (err error) {
		if name == metadataName {
			h.metadata, err = p.texts()
			return err
		}
		e, err := p.entry(name)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		h.entries = append(h.entries, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h, p.end()
}

// sortAndCover puts the entries in the order of their elements. The error says that these overlap or leave a gap.
func (h *header) sortAndCover() error {
	slices.SortFunc(h.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	end, before := 0, "the beginning"
	for _, e := range h.entries {
		if e.begin != end {
			what := "overlaps"
			if e.begin > end {
				what = "leaves a gap to"
			}
			return fmt.Errorf("tensor %q begins at byte %d of the data and %s %s, which ends at byte %d", e.name, e.begin, what, before, end)
		}
		end, before = e.end, fmt.Sprintf("tensor %q", e.name)
	}
	return nil
}

// header returns the header of f, or says why f cannot be written.
func (f *File) header() (*header, error) {
	h := &header{metadata: f.Metadata}
	for key, text := range f.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			return nil, fmt.Errorf("metadata %q: %q is not UTF-8", key, text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tensors)) {
		x := f.Tensors[name]
		kind, err := arrayio.KindOf(x)
		switch {
		case err != nil:
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		case len(x.Shape()) > maxAxes:
			return nil, fmt.Errorf("tensor %q: it has %d axes: want at most %d", name, len(x.Shape()), maxAxes)
		case name == metadataName:
			return nil, fmt.Errorf("a tensor is called %s, which names what is no tensor", metadataName)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("tensor %q: its name is not UTF-8", name)
		}
		h.entries = append(h.entries, entry{name: name, kind: kind, shape: x.Shape()})
	}
	slices.SortStableFunc(h.entries, func(a, b entry) int { return cmp.Compare(b.kind.Size(), a.kind.Size()) })
	end := 0
	for i := range h.entries {
		e := &h.entries[i]
		n, err := e.kind.Bytes(e.shape)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		if end > math.MaxInt-n {
			return nil, fmt.Errorf("tensor %q: there are more bytes than can be counted", e.name)
		}
		e.begin, e.end = end, end+n
		end = e.end
	}
	return h, nil
}

// encode returns the header as text, with spaces behind it that align the data.
func (h *header) encode() ([]byte, error) {
	text := []byte("{")
	add := func(name string, value any) error {
		for i, part := range []any{name, value} {
			encoded, err := json.Marshal(part)
			if err != nil {
				return fmt.Errorf("header: %w", err)
			}
			text = append(append(text, encoded...), ":,"[i])
		}
		return nil
	}
	if len(h.metadata) > 0 {
		if err := add(metadataName, h.metadata); err != nil {
			return nil, err
		}
	}
	for _, e := range h.entries {
		err := add(e.name, struct {
			Type    string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{typeOf[e.kind], append([]int{}, e.shape...), [2]int{e.begin, e.end}}) // a nil shape would be null
		if err != nil {
			return nil, err
		}
	}
	text = append(bytes.TrimSuffix(text, []byte(",")), '}')
	for len(text)%alignment != 0 {
		text = append(text, ' ')
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("the header has %d bytes: want at most %d", len(text), maxHeader)
	}
	return text, nil
}
