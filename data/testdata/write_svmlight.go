// The program writes a matrix, which it is given as JSON, as SVMLight does.
// make_svmlight.py runs it.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/tapegrad/tapegrad/data"
)

func main() {
	var problem struct {
		Base    data.IndexBase
		Shape   [2]int
		Indptr  []int
		Indices []int32
		Data, Y []float64
	}
	if err := json.NewDecoder(os.Stdin).Decode(&problem); err != nil {
		log.Fatal(err)
	}
	x, err := data.NewCSR(problem.Shape[1], problem.Indptr, problem.Indices, problem.Data)
	if err != nil {
		log.Fatal(err)
	}
	if err := (data.SVMLight{Base: problem.Base}).Write(os.Stdout, x, problem.Y); err != nil {
		log.Fatal(err)
	}
}
