package nn

import (
	"fmt"
	"os"
	"path/filepath"
)

// SaveBest saves the model after each epoch that was better than all before it, so that the best is on the disk also if the program or
// the machine comes to an end.
//
//	cfg := nn.FitConfig{Epochs: 100, ValidationSplit: 0.1, Callbacks: []nn.Callback{nn.SaveBest{Path: "best.safetensors"}.Callback()}}
//
// [Model.Save] says what is in the file. It replaces the one before it at once: who reads the path at any moment finds a whole model.
type SaveBest struct {
	Path    string  // of the file, whose folder exists; a file that is there is replaced after the first epoch
	Monitor Monitor // what is to get better; zero means the loss
}

// Callback returns the callback, for one training at a time. Its error, before the first batch, says that nothing can be written to the
// folder, or that the model is not compiled with the Monitor's metric; later, why the file cannot be written. The last one that could
// be is there then.
func (b SaveBest) Callback() Callback {
	best := record{Monitor: b.Monitor}
	return named("SaveBest", Callback{
		OnBegin: func(s *State) error {
			if err := probe(b.Path); err != nil {
				return err
			}
			return best.begin(s.Model)
		},
		OnEpoch: func(s *State) error {
			better, err := best.beaten(s.last())
			if err != nil || !better {
				return err
			}
			return s.Model.Save(b.Path)
		},
	})
}

// probe writes to the folder of a path once, to complain before the long work instead of after it.
func probe(path string) error {
	if info, err := os.Stat(path); path == "" || err == nil && info.IsDir() {
		return fmt.Errorf("the path is %q: want that of a file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".probe-*")
	if err != nil {
		return fmt.Errorf("cannot write to the folder of %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("cannot write to the folder of %s: %w", path, err)
	}
	return os.Remove(file.Name())
}
