package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
)

// readArrays reads an NPZ file.
func readArrays(path string) (map[string]*tensor.Dense, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := data.ReadNPZ(file, stat.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// writeArrays writes an NPZ file.
func writeArrays(path string, arrays map[string]*tensor.Dense) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := data.WriteNPZ(file, arrays); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return file.Close()
}

// writeJSON writes a value such that the file is whole or not there.
func writeJSON(path string, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeWhole(path, text.String())
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
