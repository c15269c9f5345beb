// Package classifier is the network of the digits example: what one program trains and saves, another loads and uses.
package classifier

import (
	"github.com/tapegrad/tapegrad/nn"
)

// New returns the network, which is not built yet: it takes images (n, 784) to the scores (n, 10) of the digits.
func New() nn.Sequential {
	return nn.Sequential{
		&nn.Linear{Out: 256, Init: nn.HeNormal},
		nn.ReLU{},
		nn.Dropout{P: 0.2},
		&nn.Linear{Out: 128, Init: nn.HeNormal},
		nn.ReLU{},
		nn.Dropout{P: 0.2},
		&nn.Linear{Out: 10},
	}
}

// Load reads what Save has written of a model of [New], and returns a model that takes images (n, 784) to probabilities (n, 10).
// The error is that of [nn.Model.Load].
func Load(path string) (*nn.Model, error) {
	net := New()
	trained := &nn.Model{Net: net}
	if err := trained.Load(path); err != nil {
		return nil, err
	}
	return &nn.Model{Net: nn.Sequential{net, nn.Softmax{}}}, nil
}
