// Package svm fits support vector machines: [SVC] and [NuSVC] classify, any number
// of classes by one-vs-one, [SVR] and [NuSVR] predict numbers, and [OneClass] tells
// what is unlike the samples it has seen. Kernels are [Linear], [RBF],
// [Polynomial], [Sigmoid], a table or a function of one's own.
//
// It stands on its own: it works on [tensor.Dense] and [data.CSR] matrices of
// float32 or float64, one sample a row, and knows nothing of tapes or networks.
//
//	model, err := svm.SVC{C: 1, Kernel: svm.RBF{Gamma: svm.Scale}}.Fit(ctx, x, y)
//	if err != nil { … }
//	labels, err := model.Predict(unseen)
//
// # Definitions
//
// They are LIBSVM's and scikit-learn's, so that results can be compared number
// by number. For two classes, with y = +1 for the smaller label and y = -1 for
// the larger one, [SVC.Fit] solves the dual
//
//	minimize    ½ Σᵢⱼ yᵢ yⱼ αᵢ αⱼ K(xᵢ, xⱼ) - Σᵢ αᵢ
//	subject to  0 ≤ αᵢ ≤ C  and  Σᵢ yᵢ αᵢ = 0
//
// and the decision value of a sample x is Σᵢ yᵢ αᵢ K(xᵢ, x) - ρ. With k classes
// there is one such problem for each of the k(k-1)/2 pairs, in the order (0, 1),
// (0, 2), …, (1, 2), …; a positive decision value is a vote for the first class
// of its pair, and ties between classes go to the first one.
//
// A fit has its classes in ascending order, as scikit-learn does. LIBSVM has them
// in the order in which the training samples name them first (if they are just -1
// and +1, +1 is first). Its own fit of the same samples has the same decision
// values, but for the order and the sign of the pairs, and breaks ties otherwise,
// which tells when there are many classes. For LIBSVM's very predictions, number
// the classes as they first occur.
//
// The one difference in sign: for exactly two classes scikit-learn negates
// decision_function, dual_coef_ and intercept_, so that positive means the
// larger label. Here, as in LIBSVM, the first class of a pair is the positive
// one for any number of classes.
//
// # Probabilities
//
// Decision values are distances, not probabilities. [Platt] fits sigmoids to those
// of a cross-validation, as LIBSVM does with -b 1, and nothing does it unasked.
//
// # Many features
//
// [LinearSVC] separates samples of many features, such as texts, by hyperplanes, in
// time that grows with the number of values that are not zero, and [LinearSVR] fits
// numbers to them. A [data.CSR] holds
// only those, and [data.ReadSVMLight] reads them from a file.
//
// The machines with kernels take a CSR as well. One that has at most 2²⁰ values with
// its zeros, or stores at least one in 16 of them, is laid out like a Dense, with the
// same result to the bit. Any other stays as it is, in training and in the model; its
// samples are not centered, which costs some digits where they lie far from the
// origin. A [KernelFunc] and a [Precomputed] kernel refuse it.
//
// # Files
//
// [Model.WriteLIBSVM] and [ReadLIBSVM] write and read model files of LIBSVM; the
// other models have a WriteLIBSVM too, and a [LIBSVMReader] reads them. A
// model that LIBSVM wrote predicts the same here, and the reverse: the file says
// in which order the classes are.
//
// # Method
//
// Sequential minimal optimization with the second-order working set selection of
// Fan, Chen and Lin, "Working Set Selection Using Second Order Information for
// Training Support Vector Machines", JMLR 6 (2005), WSS 2, and the shrinking of
// Chang and Lin, "LIBSVM: A Library for Support Vector Machines", section 5.1.
// All machines with kernels are one problem to the solver: weights β with bounds, a
// linear term, fixed sums and, for [SVR], a kink at 0, where LIBSVM has two
// variables. Pairs of classes are solved in parallel, the largest first; the result
// has the same bits at any GOMAXPROCS and for any CacheBytes.
//
// Where the dual does not change when all samples are moved by the same vector,
// features that are further from 0 than their values are from their mean are
// centered before anything is computed: rounding then depends on how
// far samples lie from each other, not from the origin. Kernel values are float32
// where a bound on their error says that the tolerance and C allow it, and
// float64 otherwise; gradients and decision values are always summed in float64. A
// [NuSVC] whose margin is small beside the tolerance is solved again in float64, until
// it is clear how large the margin is, or that there is none.
package svm
