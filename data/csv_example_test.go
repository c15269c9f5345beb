package data_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tapegrad/tapegrad/data"
)

// A column that names what is to be learned becomes labels, and all others features.
func ExampleCSV() {
	const file = `length,width,species
5.1,3.5,setosa
7.0,3.2,versicolor
4.9,3.0,setosa
`
	c := data.CSV{Targets: []string{"species"}, Categories: map[string][]string{"species": nil}}
	table, err := c.Read(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(table.Features, table.X.Float64s())
	fmt.Println(table.Categories["species"], table.Labels)
	// Output:
	// [length width] [5.1 3.5 7 3.2 4.9 3]
	// [setosa versicolor] [0 1 0]
}

// Missing values are errors unless it is said what takes their place. The table that is trained on tells what took it, and in which order
// the categories stand, for the one that is tested on.
func ExampleCSV_fill() {
	const trained = `area,heating,price
100,gas,200
,wood,300
140,,250
100,gas,180
`
	const tested = `area,heating,price
,wood,260
`
	settings := data.CSV{
		Targets:    []string{"price"},
		Categories: map[string][]string{"heating": nil},
		Fill:       map[string]data.Filling{"area": data.FillMedian, "heating": data.FillMode},
	}
	train, err := settings.Read(strings.NewReader(trained))
	if err != nil {
		log.Fatal(err)
	}
	settings.Categories, settings.Fill = train.Categories, train.Fill
	test, err := settings.Read(strings.NewReader(tested))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Features, train.X.Float64s())
	fmt.Println(test.Features, test.X.Float64s(), test.Y.Float64s())
	// Output:
	// [area heating=wood] [100 0 100 1 140 0 100 0]
	// [area heating=wood] [100 1] [260]
}

// What is wrong in a file is said with its line and column.
func ExampleCSV_Read() {
	_, err := data.CSV{}.Read(strings.NewReader("length,width\n5.1,3.5\n4.9,3,0\n"))
	fmt.Println(err)
	_, err = data.CSV{}.Read(strings.NewReader("length,width\n5.1,3.5\n4.9,wide\n"))
	fmt.Println(err)
	// Output:
	// data: CSV: line 3 has 3 values and the table has 2 columns
	// data: CSV: line 3, column "width": "wide" is not a finite number: name the column in Categories if it holds names
}
