package nn

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/tapegrad/tapegrad/internal/tfevents"
)

// TensorBoard logs a training for TensorBoard, which draws the curves of all trainings below a folder while they go on:
//
//	cfg := nn.FitConfig{Epochs: 10, Callbacks: []nn.Callback{nn.TensorBoard{Folder: "runs/first"}.Callback()}}
//
//	$ tensorboard --logdir runs
//
// As from Keras there are two runs, which TensorBoard shows as two curves in one chart: "train" and, with a validation, "validation", in
// folders of these names in the Folder. The charts are called "epoch_loss", "epoch_accuracy" and so on, with epochs from 1, and
// "batch_loss". A training that is called after another wants a Folder of its own.
type TensorBoard struct {
	Folder string // of the event files; it is made if it is missing

	// Batches, if not 0, adds the loss after each so many updates, with the number of updates as the step: the mean over the examples of the
	// epoch so far.
	Batches int
}

// Callback returns the callback, for one training at a time. Its error, before the first batch, says that Batches is negative or that
// no file can be made in the Folder, and later, why it cannot be written: a full disk ends the training.
func (b TensorBoard) Callback() Callback {
	l := &eventLog{TensorBoard: b}
	c := Callback{OnBegin: l.begin, OnEpoch: l.epoch, OnEnd: l.end}
	if b.Batches != 0 {
		c.OnBatch = l.batch
	}
	return named("TensorBoard", c)
}

// An eventLog is the event files of one training.
type eventLog struct {
	TensorBoard
	train, validation *tfevents.File // nil until there is something to write
}

func (l *eventLog) begin(*State) error {
	if l.Folder == "" {
		return errors.New("the Folder is empty: want one for the event files")
	}
	if l.Batches < 0 {
		return fmt.Errorf("the number of Batches is %d: want 0 or a number of updates", l.Batches)
	}
	var err error
	l.train, err = tfevents.Create(filepath.Join(l.Folder, "train"))
	return err
}

func (l *eventLog) batch(s *State) error {
	updates := (s.Epoch-1)*s.Batches + s.Batch
	if updates%l.Batches != 0 {
		return nil
	}
	return l.train.Write(time.Now(), int64(updates), tfevents.Scalar{Tag: "batch_loss", Value: s.Loss})
}

func (l *eventLog) epoch(s *State) (err error) {
	e := s.last()
	if err := write(l.train, e.Number, e.Train); err != nil || e.Validation == nil {
		return err
	}
	if l.validation == nil {
		if l.validation, err = tfevents.Create(filepath.Join(l.Folder, "validation")); err != nil {
			return err
		}
	}
	return write(l.validation, e.Number, *e.Validation)
}

func write(file *tfevents.File, epoch int, s Scores) error {
	var scalars []tfevents.Scalar
	s.each(func(name string, v float64) {
		scalars = append(scalars, tfevents.Scalar{Tag: "epoch_" + name, Value: v})
	})
	return file.Write(time.Now(), int64(epoch), scalars...)
}

func (l *eventLog) end(*State) (err error) {
	for _, file := range []*tfevents.File{l.train, l.validation} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	l.train, l.validation = nil, nil
	return err
}
