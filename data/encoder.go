package data

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// An Encoder numbers classes that have names, or any other labels, and gives the
// labels back:
//
//	encoder, err := data.NewEncoder([]string{"cat", "dog", "ant", "dog"})
//	…
//	classes, err := encoder.Encode([]string{"dog", "ant"}) // 2, 0
//	labels, err := encoder.Decode([]int{1})                // cat
//
// It is immutable: any number of goroutines may use it at once.
type Encoder[L comparable] struct {
	labels []L // by class
	class  map[L]int
}

// NewEncoder numbers the different labels from 0 in ascending order, as
// scikit-learn's LabelEncoder does. The error says that there are no labels, or
// names the position of a NaN, which is equal to nothing.
func NewEncoder[L cmp.Ordered](labels []L) (*Encoder[L], error) {
	return NewEncoderFunc(labels, cmp.Compare[L])
}

// NewEncoderFunc numbers the different labels in the order of compare, which is as
// that of [slices.SortFunc]: for arrays, structs and other types without an order
// of their own. With a nil compare they are numbered as they first occur. The error
// is that of [NewEncoder].
func NewEncoderFunc[L comparable](labels []L, compare func(a, b L) int) (*Encoder[L], error) {
	if len(labels) == 0 {
		return nil, errors.New("data: NewEncoder: there are no labels")
	}
	e := &Encoder[L]{class: make(map[L]int)}
	for i, label := range labels {
		if label != label { // a NaN, or an array or a struct with one in it
			return nil, fmt.Errorf("data: NewEncoder: label %d is %v, which is not equal to itself: leave such examples out", i, label)
		}
		if _, known := e.class[label]; !known {
			e.class[label] = len(e.labels)
			e.labels = append(e.labels, label)
		}
	}
	if compare != nil {
		slices.SortStableFunc(e.labels, compare)
		for class, label := range e.labels {
			e.class[label] = class
		}
	}
	return e, nil
}

// Encode returns the class of each label. The error names a label that was not among
// those of which the encoder was made, and its position.
func (e *Encoder[L]) Encode(labels []L) ([]int, error) {
	classes := make([]int, len(labels))
	for i, label := range labels {
		class, known := e.class[label]
		if !known {
			return nil, fmt.Errorf("data: Encoder.Encode: label %d is %#v, which is none of the %d known ones: make the encoder of all labels that occur",
				i, label, len(e.labels))
		}
		classes[i] = class
	}
	return classes, nil
}

// Decode returns the label of each class. The error names a class that there is not,
// and its position.
func (e *Encoder[L]) Decode(classes []int) ([]L, error) {
	labels := make([]L, len(classes))
	for i, class := range classes {
		if class < 0 || class >= len(e.labels) {
			return nil, fmt.Errorf("data: Encoder.Decode: class %d at position %d is not in [0, %d)", class, i, len(e.labels))
		}
		labels[i] = e.labels[class]
	}
	return labels, nil
}

// Labels returns the labels by class. The caller may keep them; an encoder that is
// made of them is the same.
func (e *Encoder[L]) Labels() []L { return slices.Clone(e.labels) }
