package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/coverage"
	"time"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/data"
	"github.com/tapegrad/tapegrad/internal/footprint"
	"github.com/tapegrad/tapegrad/nn"
	"github.com/tapegrad/tapegrad/ops"
	"github.com/tapegrad/tapegrad/optim"
)

// This file is our program of the comparison, in a process of its own: what python/compare_torch.py and its like are for the others.
// What it reads and writes is described in python/compare.py.

// A task is what a training was asked for.
type task struct {
	ctx         context.Context
	recipe      string
	batch       int
	noise       float64 // deviation of what is added to the images that are trained on, as numbers from 0 to 1
	tune        int     // epochs of fine-tuning
	train, test *tensor.Dense
	labels      []int // of train, if it is to be fine-tuned
	testLabels  []int
	order       [][]int
	weights     []*tensor.Dense // weights and biases in turn
	updates     int

	said said
}

// said is what a program measured.
type said struct {
	First   float64 // when the first step was done, in seconds of Unix time
	Epochs  []epoch
	Peak    int64 // bytes
	Stepped int   // lines of Python in a step

	Frozen, Tuned float64 // accuracy of a layer on top of the codes: trained alone, and with the encoder
	Noisy         float64 // error of the reconstructions of noisy test images
}

// An epoch is the losses after it, and how long it took.
type epoch struct{ Loss, Validation, Seconds float64 }

// Begin of what a user writes.

// network returns the halves of the autoencoder.
func network(latent int) (encoder, decoder nn.Sequential) {
	for _, width := range []int{512, 256, 128, 64, latent} {
		encoder = append(encoder, &nn.Linear{Out: width}, nn.ReLU{})
	}
	for _, width := range []int{64, 128, 256, 512} {
		decoder = append(decoder, &nn.Linear{Out: width}, nn.ReLU{})
	}
	return encoder, append(decoder, &nn.Linear{Out: 784}, nn.Sigmoid{})
}

func optimizerOf(recipe string, updates int) optim.Optimizer {
	switch recipe {
	case "report":
		return &optim.SGD{LR: 0.05}
	case "momentum":
		return &optim.SGD{LR: 0.05, Momentum: 0.9}
	}
	warmup := max(1, min(500, updates/10))
	return &optim.AdamW{
		LR: 1e-3, WeightDecay: 0.01, Decays: optim.WeightsOnly,
		Schedule: optim.Warmup(warmup, optim.CosineDecay(updates, 0.01)),
	}
}

// fit trains the autoencoder, and returns it and its encoder.
func (t *task) fit() (model, encoder *nn.Model, err error) {
	first, second := network(t.weights[9].Shape()[0])
	model, encoder = &nn.Model{Net: nn.Sequential{first, second}}, &nn.Model{Net: first}
	if err := model.Build(tensor.Shape{784}, 0); err != nil {
		return nil, nil, err
	}
	for i, p := range model.Net.Params() {
		copy(autograd.Write[float32](p), t.weights[i].Float32s())
	}
	if err := model.Compile(ops.MSE, optimizerOf(t.recipe, t.updates)); err != nil {
		return nil, nil, err
	}
	for i, order := range t.order {
		shuffled, err := t.examples(i).Take(order)
		if err != nil {
			return nil, nil, err
		}
		history, err := model.Fit(t.ctx, shuffled, nn.FitConfig{
			BatchSize: t.batch, KeepOrder: true, Validation: &data.Dataset{X: t.test},
			Callbacks: []nn.Callback{{OnBatch: t.stepped}},
		})
		if err != nil {
			return nil, nil, err
		}
		if err := t.epoch(history.Loss()[0], history.ValidationLoss()[0]); err != nil {
			return nil, nil, err
		}
	}
	return model, encoder, nil
}

// End of what a user writes.

// examples returns what epoch i trains on.
func (t *task) examples(i int) *data.Dataset {
	if t.noise == 0 {
		return &data.Dataset{X: t.train}
	}
	return &data.Dataset{X: noisy(t.train, t.noise, uint64(i)), Y: t.train}
}

// noisy returns images of bytes with noise, limited to [0, 1].
func noisy(images *tensor.Dense, deviation float64, seed uint64) *tensor.Dense {
	rng, pixels := rand.New(rand.NewPCG(seed, 0x1015e)), images.Uint8s()
	values := make([]float32, len(pixels))
	for i, pixel := range pixels {
		values[i] = float32(min(1, max(0, float64(pixel)/255+deviation*rng.NormFloat64())))
	}
	return tensor.New(tensor.WithShape(images.Shape()...), tensor.WithBacking(values))
}

func (t *task) stepped(*nn.State) error {
	if t.said.First == 0 {
		t.said.First = seconds(time.Now())
	}
	return nil
}

func seconds(at time.Time) float64 { return float64(at.UnixNano()) / 1e9 }

var epochBegan = time.Now()

// epoch keeps the losses of an epoch, and the most memory that training needed.
func (t *task) epoch(loss, validation float64) (err error) {
	t.said.Epochs = append(t.said.Epochs, epoch{loss, validation, time.Since(epochBegan).Seconds()})
	t.said.Peak, err = footprint.Peak(os.Getpid())
	epochBegan = time.Now()
	return err
}

// trainOurs is the command of this process: it trains, and writes what came out.
func trainOurs(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("peers train", flag.ContinueOnError)
	t := &task{ctx: ctx}
	flags.StringVar(&t.recipe, "recipe", "", "report, momentum or best")
	flags.IntVar(&t.batch, "batch", 32, "images in a batch")
	flags.Float64Var(&t.noise, "noise", 0, "deviation of the noise on the images")
	flags.IntVar(&t.tune, "tune", 0, "epochs of fine-tuning")
	path := flags.String("arrays", "", "what to train on")
	out := flags.String("out", "", "folder for what came out")
	flags.Int("threads", 0, "is set by GOMAXPROCS")
	countLines := flags.Bool("count-lines", false, "train on one batch, and write what that covers; for programs built with -cover -covermode=atomic")
	if err := flags.Parse(args); err != nil {
		return err
	}
	arrays, err := readArrays(*path)
	if err != nil {
		return err
	}
	if err := t.take(arrays); err != nil {
		return fmt.Errorf("%s: %w", *path, err)
	}
	if *countLines {
		t.order = [][]int{t.order[0][:t.batch]}
		if err := coverage.ClearCounters(); err != nil {
			return err
		}
	}
	epochBegan = time.Now()
	model, encoder, err := t.fit()
	if err != nil {
		return err
	}
	if *countLines {
		if err := errors.Join(coverage.WriteMetaDir(*out), coverage.WriteCountersDir(*out)); err != nil {
			return err
		}
	}
	result := make(map[string]*tensor.Dense)
	for name, c := range map[string]struct {
		model *nn.Model
		x     *tensor.Dense
	}{"codes_train": {encoder, t.train}, "codes_test": {encoder, t.test}, "made": {model, t.test}} {
		if result[name], err = c.model.Predict(ctx, c.x); err != nil {
			return err
		}
	}
	noised := noisy(t.test, noiseDeviation, math.MaxUint64)
	cleaned, err := model.Predict(ctx, noised)
	if err != nil {
		return err
	}
	t.said.Noisy = meanSquare(cleaned.Float32s(), t.test.Uint8s()) // to the images without noise
	if t.noise > 0 {
		result["noised"], result["cleaned"] = noised, cleaned
	}
	if t.tune > 0 {
		if err := t.fineTune(encoder, result["codes_train"], result["codes_test"]); err != nil {
			return err
		}
	}
	if err := writeArrays(filepath.Join(*out, "arrays.npz"), result); err != nil {
		return err
	}
	return writeJSON(filepath.Join(*out, "said.json"), t.said)
}

// take reads the arrays of a task.
func (t *task) take(arrays map[string]*tensor.Dense) error {
	for _, name := range []string{"train", "test", "order", "b4"} {
		if arrays[name] == nil {
			return fmt.Errorf("there is no array %q", name)
		}
	}
	t.train, t.test = arrays["train"], arrays["test"]
	for i := range 10 {
		t.weights = append(t.weights, arrays[fmt.Sprint("w", i)], arrays[fmt.Sprint("b", i)])
	}
	rows, n := arrays["order"].Int32s(), arrays["order"].Shape()[1]
	for from := 0; from < len(rows); from += n {
		order := make([]int, n)
		for i, row := range rows[from : from+n] {
			order[i] = int(row)
		}
		t.order = append(t.order, order)
	}
	t.updates = len(t.order) * ((n + t.batch - 1) / t.batch)
	if t.tune > 0 {
		t.labels, t.testLabels = classes(arrays["labels_train"]), classes(arrays["labels_test"])
		if len(t.labels) != n {
			return errors.New("fine-tuning needs labels")
		}
	}
	return nil
}

func classes(labels *tensor.Dense) []int {
	var all []int
	for _, label := range labels.Uint8s() {
		all = append(all, int(label))
	}
	return all
}

// fineTune puts a layer of scores on the encoder, and trains it on the codes as they are; and then a new one together with the encoder.
func (t *task) fineTune(encoder *nn.Model, codes, testCodes *tensor.Dense) error {
	fit := func(net nn.Layer, x, test *tensor.Dense) (float64, error) {
		model := &nn.Model{Net: net}
		if err := model.Compile(ops.CrossEntropy, &optim.AdamW{LR: 1e-3}, nn.Accuracy); err != nil {
			return 0, err
		}
		y, err := data.Labels(t.labels)
		if err != nil {
			return 0, err
		}
		if _, err := model.Fit(t.ctx, &data.Dataset{X: x, Y: y}, nn.FitConfig{Epochs: t.tune, BatchSize: 64, Seed: 1}); err != nil {
			return 0, err
		}
		if y, err = data.Labels(t.testLabels); err != nil {
			return 0, err
		}
		scores, err := model.Evaluate(t.ctx, &data.Dataset{X: test, Y: y})
		return scores.Metrics["accuracy"], err
	}
	var err error
	if t.said.Frozen, err = fit(nn.Sequential{&nn.Linear{Out: 10}}, codes, testCodes); err != nil {
		return fmt.Errorf("a layer on the codes: %w", err)
	}
	if t.said.Tuned, err = fit(nn.Sequential{encoder.Net, &nn.Linear{Out: 10}}, t.train, t.test); err != nil {
		return fmt.Errorf("fine-tuning: %w", err)
	}
	return nil
}
