package data

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gorgonia.org/tensor"
)

// ReadNPZ reads the named arrays of a file in NumPy's NPZ format, which has size bytes: a ZIP archive of NPY files, stored
// (numpy.savez) or deflated (numpy.savez_compressed). [ReadNPY] says which arrays are read, and as what.
//
// The error says that the archive is damaged, that something in it is not an NPY file or has a name twice, or what is wrong with an
// array: a checksum, elements that are missing or left over, or what ReadNPY complains about. An archive that expands to more than
// 16 MiB and 128 times its size is refused as a bomb, at that moment.
func ReadNPZ(r io.ReaderAt, size int64) (map[string]*tensor.Dense, error) {
	arrays, err := readNPZ(r, size)
	if err != nil {
		return nil, fmt.Errorf("data: ReadNPZ: %w", err)
	}
	return arrays, nil
}

// WriteNPZ writes named arrays in NumPy's NPZ format, stored, in the order of their names: the same arrays give the same bytes.
//
// The error says that a name is empty or not UTF-8, or which array [WriteNPY] cannot write; nothing is written then. Else it is w's.
func WriteNPZ(w io.Writer, arrays map[string]*tensor.Dense) error {
	if err := writeNPZ(w, arrays); err != nil {
		return fmt.Errorf("data: WriteNPZ: %w", err)
	}
	return nil
}

const npySuffix = ".npy" // of the files in an archive

func readNPZ(r io.ReaderAt, size int64) (map[string]*tensor.Dense, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	arrays := make(map[string]*tensor.Dense, len(archive.File))
	all := &bounded{compressed: &counter{n: size}}
	for _, f := range archive.File {
		name, ok := strings.CutSuffix(f.Name, npySuffix)
		if !ok {
			return nil, fmt.Errorf("%q in the archive is not an NPY file: its name does not end with %s", f.Name, npySuffix)
		}
		if arrays[name] != nil {
			return nil, fmt.Errorf("array %q is there twice", name)
		}
		if arrays[name], err = readMember(f, all); err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
	}
	return arrays, nil
}

// readMember reads an array of an archive by way of all, which counts what the archive has expanded to.
func readMember(f *zip.File, all *bounded) (*tensor.Dense, error) {
	content, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	all.expanded.r = content
	x, err := readNPY(all)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return x, readEnd(all, x.Shape()) // where the checksum is compared
}

func writeNPZ(w io.Writer, arrays map[string]*tensor.Dense) error {
	names := slices.Sorted(maps.Keys(arrays))
	for _, name := range names {
		if name == "" || !utf8.ValidString(name) {
			return fmt.Errorf("array %q: want a name in UTF-8", name)
		}
		if _, err := npyHeaderOf(arrays[name]); err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
	}
	archive := zip.NewWriter(w)
	for _, name := range names {
		member, err := archive.CreateHeader(&zip.FileHeader{Name: name + npySuffix, Method: zip.Store})
		if err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
		if err := writeNPY(member, arrays[name]); err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}
