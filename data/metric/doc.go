// Package metric judges predictions: labels by accuracy, a confusion matrix and
// the precision, the recall and the F1 score of each class, numbers by the mean
// squared error and R².
//
//	c, err := metric.NewConfusion(truth, predicted)
//	…
//	fmt.Println(c.Accuracy(), c.Macro().F1)
//	fmt.Print(c) // all of it, as a table
//
// Definitions are those of scikit-learn. A ratio of 0 to 0, such as the precision
// of a class that is never predicted, is 0.
package metric
