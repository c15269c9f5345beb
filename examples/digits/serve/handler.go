package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
)

//go:embed page.html
var page []byte

// largest is how many bytes the file of a picture may have.
const largest = 1 << 20

// An answer says what a picture shows.
type answer struct {
	Digit         int       `json:"digit"`
	Probabilities []float32 `json:"probabilities"` // of the digits 0 to 9
}

// newHandler serves a page to draw on, and answers what a model of images (1, 784) makes of a picture. Any number of requests
// are answered at once.
func newHandler(model *nn.Model) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	mux.HandleFunc("POST /predict", func(w http.ResponseWriter, r *http.Request) {
		image, err := mnist.ReadPicture(http.MaxBytesReader(w, r.Body, largest))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			reply(w, http.StatusRequestEntityTooLarge, failure{"the picture has more than a megabyte"})
			return
		}
		if err != nil {
			reply(w, http.StatusBadRequest, failure{err.Error()})
			return
		}
		y, err := model.Predict(r.Context(), image)
		if err != nil {
			reply(w, http.StatusInternalServerError, failure{err.Error()})
			return
		}
		a := answer{Probabilities: y.Float32s()}
		for digit, p := range a.Probabilities {
			if p > a.Probabilities[a.Digit] {
				a.Digit = digit
			}
		}
		reply(w, http.StatusOK, a)
	})
	return mux
}

// A failure is the answer to what cannot be answered.
type failure struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(what) // an error is that of a connection that is gone
}
