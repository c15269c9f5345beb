// Package learn puts models together and chooses among them: a [Pipeline] of
// scalings, projections and a last model, scores by [CrossValidate], and a
// [GridSearch].
//
//	var candidates []learn.Candidate[int]
//	for _, c := range []float64{1, 10, 100} {
//		candidates = append(candidates, learn.Candidate[int]{
//			Name: fmt.Sprintf("C %g", c),
//			Estimator: learn.Pipeline[int]{
//				Steps: []learn.Step{learn.StepOf(data.StandardScaling{})},
//				Last:  learn.Of(svm.SVC{C: c}),
//			},
//		})
//	}
//	found, err := learn.GridSearch[int]{Candidates: candidates, Seed: 1}.Fit(ctx, x, y)
//	…
//	fmt.Print(found) // a table of all candidates
//	labels, err := found.Predict(unseen)
//
// Whatever has a method Fit which returns something with a method Predict can take
// part, with class labels (int) or numbers (float64) as what is predicted: [Of] makes an
// [Estimator] of it, and [As] gives the model back as what it is.
package learn
