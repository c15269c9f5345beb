package metric

// A Class is how often a class was predicted, how often it was the truth, and how
// often it was both.
type Class struct{ Predicted, Actual, Right int }

// Precision is the share of the predictions of the class that are right.
func (c Class) Precision() float64 { return ratio(c.Right, c.Predicted) }

// Recall is the share of the examples of the class that are found.
func (c Class) Recall() float64 { return ratio(c.Right, c.Actual) }

// F1 is the harmonic mean of precision and recall.
func (c Class) F1() float64 { return ratio(2*c.Right, c.Predicted+c.Actual) }

// Scores are averages over classes. F1 is an average of F1 scores, not the harmonic
// mean of the averages.
type Scores struct{ Precision, Recall, F1 float64 }

// Macro returns the mean over the classes that occur, each of which counts the same.
func Macro(classes []Class) Scores {
	return average(classes, func(c Class) float64 {
		if c == (Class{}) {
			return 0
		}
		return 1
	})
}

// Weighted returns the mean over the classes, weighted by the number of examples of
// each.
func Weighted(classes []Class) Scores {
	return average(classes, func(c Class) float64 { return float64(c.Actual) })
}

// Micro returns the scores of all classes counted together. They are all the
// accuracy if each example has one class and one prediction.
func Micro(classes []Class) Scores {
	var all Class
	for _, c := range classes {
		all.Predicted += c.Predicted
		all.Actual += c.Actual
		all.Right += c.Right
	}
	return Scores{all.Precision(), all.Recall(), all.F1()}
}

func average(classes []Class, weight func(Class) float64) Scores {
	var sum Scores
	total := 0.0
	for _, c := range classes {
		w := weight(c)
		sum.Precision += w * c.Precision()
		sum.Recall += w * c.Recall()
		sum.F1 += w * c.F1()
		total += w
	}
	if total == 0 {
		return Scores{}
	}
	return Scores{sum.Precision / total, sum.Recall / total, sum.F1 / total}
}

// ratio returns a/b, and 0 for 0/0.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
