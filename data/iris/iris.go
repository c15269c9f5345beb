// Package iris is Fisher's table of 150 iris flowers: length and width of sepals
// and petals, in centimetres, of 50 flowers of each of three species. Setosa is
// easily told from the others, which overlap.
//
// The table is part of the program that imports this package (4 KB). Where it
// comes from is in the README beside it. It is that of Fisher's paper, "The use of
// multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936), and
// not the copy of the UCI repository, in which two flowers differ.
package iris

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/tapegrad/tapegrad/data"
)

//go:embed iris.csv
var file string

// Load returns the flowers, the caller's own copy: X of shape (150, 4), float64,
// in centimetres, and Y the species, labels of shape (150). They come species by
// species: shuffle them, or use [data.Dataset.StratifiedSplit]. The names are in
// Features and Categories["species"].
func Load() (*data.Table, error) {
	c := data.CSV{Targets: []string{"species"}, Categories: map[string][]string{"species": nil}}
	table, err := c.Read(strings.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("iris: %w", err)
	}
	return table, nil
}
