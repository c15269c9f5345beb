package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/data/mnist"
	"github.com/tapegrad/tapegrad/examples/digits/classifier"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

func digits(t *testing.T, n int) *mnist.Set {
	t.Helper()
	set, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	if set, err = set.Limit(n); err != nil {
		t.Fatal(err)
	}
	return set
}

// save trains a model on a few images and saves it.
func save(t *testing.T) (path string) {
	t.Helper()
	set := digits(t, 300)
	labels, err := data.Labels(set.Labels)
	if err != nil {
		t.Fatal(err)
	}
	model := &nn.Model{Net: classifier.New()}
	if err := model.Compile(ops.CrossEntropy, &optim.SGD{LR: 0.1}); err != nil {
		t.Fatal(err)
	}
	if _, err := model.Fit(t.Context(), &data.Dataset{X: set.Images, Y: labels}, nn.FitConfig{Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "model.safetensors")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// picture returns the file of an image of 784 pixels.
func picture(t *testing.T, pixels []uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	copy(img.Pix, pixels)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The server answers what the model says, to several who ask at once.
func TestPredict(t *testing.T) {
	model, err := classifier.Load(save(t))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newHandler(model))
	defer server.Close()
	set := digits(t, 20)
	var clients sync.WaitGroup
	for i := range set.Labels {
		pixels := set.Images.Uint8s()[i*784 : (i+1)*784]
		y, err := model.Predict(t.Context(), tensor.New(tensor.WithShape(1, 784), tensor.WithBacking(slices.Clone(pixels))))
		if err != nil {
			t.Fatal(err)
		}
		want := y.Float32s()
		file := picture(t, pixels)
		clients.Go(func() {
			response, err := http.Post(server.URL+"/predict", "image/png", bytes.NewReader(file))
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			var got answer
			if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
				t.Error(err)
				return
			}
			if !slices.Equal(got.Probabilities, want) || want[got.Digit] != slices.Max(want) {
				t.Errorf("image %d: got %+v, want probabilities %v", i, got, want)
			}
		})
	}
	clients.Wait()
}

func TestBadRequests(t *testing.T) {
	model, err := classifier.Load(save(t))
	if err != nil {
		t.Fatal(err)
	}
	handler := newHandler(model)
	for _, c := range []struct {
		method, path string
		body         []byte
		status       int
		want         string
	}{
		{"GET", "/", nil, http.StatusOK, "<title>Read a digit</title>"},
		{"GET", "/other", nil, http.StatusNotFound, "404"},
		{"GET", "/predict", nil, http.StatusMethodNotAllowed, "Method Not Allowed"},
		{"POST", "/predict", nil, http.StatusBadRequest, "it is no PNG, JPEG or GIF file"},
		{"POST", "/predict", make([]byte, 1<<20), http.StatusBadRequest, "it is no PNG, JPEG or GIF file"},
		{"POST", "/predict", make([]byte, 10<<20), http.StatusRequestEntityTooLarge, "more than a megabyte"},
		{"POST", "/predict", picture(t, make([]uint8, 784))[:40], http.StatusBadRequest, "damaged"},
		{"POST", "/predict", endless(picture(t, make([]uint8, 784))), http.StatusRequestEntityTooLarge, "more than a megabyte"},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(c.method, c.path, bytes.NewReader(c.body)))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %q, want %d with %q", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}

// When all processors are taken by pictures, or one takes too long, a request does not wait for ever.
func TestBusy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := picture(t, digits(t, 1).Images.Uint8s())
	d := &reader{slots: make(chan struct{}, 1)}
	d.slots <- struct{}{}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "POST", "/predict", bytes.NewReader(file)))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "try again") {
		t.Errorf("got %d %q, want %d", w.Code, w.Body, http.StatusServiceUnavailable)
	}
	if _, err := mnist.ReadPicture(untilDone{ctx, bytes.NewReader(file)}); !errors.Is(err, context.Canceled) {
		t.Errorf("reading goes on after its time: %v", err)
	}
	<-d.slots
	if _, err := d.picture(t.Context(), file); err != nil || len(d.slots) > 0 {
		t.Errorf("got error %v, and %d slots are taken", err, len(d.slots))
	}
}

// endless puts a comment of two megabytes behind the header of a PNG file.
func endless(file []byte) []byte {
	const header = 33
	comment := append([]byte{0, 32, 0, 0}, "tEXt"...)
	return slices.Concat(file[:header], comment, make([]byte, 2<<20), file[header:])
}

// The whole program: it listens, answers, and ends when it is told to.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	path := save(t)
	go func() {
		err := run(ctx, []string{"-model", path, "-address", "localhost:0"}, write, write)
		write.Close()
		ended <- err
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("%v; the program ended with %v", err, <-ended)
	}
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening at ")
	if !found {
		t.Fatalf("the program said %q", line)
	}
	response, err := http.Post(url+"predict", "image/png", bytes.NewReader(picture(t, digits(t, 1).Images.Uint8s())))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || !strings.Contains(string(body), `"digit":`) {
		t.Errorf("got %q, %v", body, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-model", filepath.Join(t.TempDir(), "none")}, "there is no model yet: run examples/digits first"},
		{[]string{"-model", save(t), "-address", "nowhere:1:2"}, "nowhere:1:2"},
		{[]string{"more"}, `unexpected argument "more"`},
	} {
		err := run(t.Context(), c.args, new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want one with %q", c.args, err, c.want)
		}
	}
	if err := run(t.Context(), []string{"-help"}, new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
}
