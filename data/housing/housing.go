// Package housing is a table of 932 homes that were sold in the area of
// Sacramento, California, with what they were sold for.
//
// The table is part of the program that imports this package (64 KB). Where it
// comes from, and its licence (MIT), are in the README beside it.
package housing

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/tapegrad/tapegrad/data"
)

//go:embed housing.csv
var file string

// Load returns the homes, the caller's own copy. X, of shape (932, 8) and float64,
// has the numbers of bedrooms and of bathrooms, the area in square feet, a column
// for each type of home (condominium, several families, residential), and the
// latitude and longitude in degrees; Y, of shape (932, 1) and float64, is the price
// in dollars. The names of the columns are in Features and Targets.
//
// They are sorted in part: shuffle them. The file's columns of cities and postcodes
// are left out, which latitude and longitude tell better.
func Load() (*data.Table, error) {
	c := data.CSV{
		Features:   []string{"beds", "baths", "sqft", "type", "latitude", "longitude"},
		Targets:    []string{"price"},
		Categories: map[string][]string{"type": nil},
	}
	table, err := c.Read(strings.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("housing: %w", err)
	}
	return table, nil
}
