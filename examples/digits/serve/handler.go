package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/nn"
)

//go:embed page.html
var page []byte

const (
	largest  = 1 << 20         // bytes of the file of a picture
	patience = 5 * time.Second // for a picture, once its file is here
)

// An answer says what a picture shows.
type answer struct {
	Digit         int       `json:"digit"`
	Probabilities []float32 `json:"probabilities"` // of the digits 0 to 9
}

// A reader of pictures answers any number of requests at once. It works on as many pictures at a time as there are processors: one
// that is small as a file may be large in memory.
type reader struct {
	model *nn.Model     // of images (1, 784)
	slots chan struct{} // one for each picture that is worked on
}

// newHandler serves a page to draw on, and answers what a model of images (1, 784) makes of a picture.
func newHandler(model *nn.Model) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	mux.Handle("POST /predict", &reader{model: model, slots: make(chan struct{}, runtime.GOMAXPROCS(0))})
	return mux
}

func (d *reader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest)) // before the slot: the sender may be slow
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		reply(w, http.StatusRequestEntityTooLarge, failure{"the picture has more than a megabyte"})
		return
	}
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	image, err := d.picture(ctx, file)
	if ctx.Err() != nil {
		reply(w, http.StatusServiceUnavailable, failure{"there is too much to do, or the picture takes too long: try again"})
		return
	}
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	y, err := d.model.Predict(r.Context(), image)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure{err.Error()})
		return
	}
	digits, err := nn.Classes(y)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure{err.Error()})
		return
	}
	reply(w, http.StatusOK, answer{Digit: digits[0], Probabilities: y.Float32s()})
}

// picture waits for a slot and makes an image (1, 784) of a file.
func (d *reader) picture(ctx context.Context, file []byte) (*tensor.Dense, error) {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
		return mnist.ReadPicture(untilDone{ctx, bytes.NewReader(file)})
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// untilDone ends the reading of a picture that takes long, as a JPEG file of thousands of passes does.
type untilDone struct {
	context.Context
	r io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
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
