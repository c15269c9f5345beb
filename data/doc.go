// Package data holds examples to learn from and cuts them into batches.
//
// A [Dataset] is a pair of arrays whose first axis is the example. Images stay
// the bytes they were read as (a quarter of the memory of float32) and become
// numbers in [0, 1] only in the batch that a training step looks at:
//
//	train := &data.Dataset{X: images} // no Y: an autoencoder predicts its input
//	for i, batch := range train.Batches(32, rand.New(rand.NewPCG(1, 2))) {
//		… // batch.X is (32, 784) float32
//	}
//
// [Dataset.Batches] makes new memory for each batch. A training loop that must
// not allocate goes one level down: [Dataset.Rows] checks and lays out the
// arrays once, [BatchIndices] says which examples make up each batch, and
// [Gather] writes them into memory that the loop owns.
//
// [CSV] reads a table with names into a data set; [SVMLight] reads and writes files
// that leave zeros out, as a [CSR] matrix. The folders mnist, iris and
// housing are data sets that are there already. A [Scaler] brings columns to a
// common scale, and [PCA] makes few columns of many. [Dataset.Split] and
// [Dataset.StratifiedSplit] hold examples out; [KFold] and [StratifiedKFold] do so
// with each part in turn. An [Encoder] numbers classes that have names, and
// [Prefetch] makes batches while others are used. Beside this package, metric judges
// predictions, and learn joins scalings, projections and models, and searches for the
// best.
//
// Arrays are *tensor.Dense of gorgonia.org/tensor, of dtype uint8, float32 or
// float64, with any strides: a transposed or sliced one is copied into rows
// before it is used.
//
// Bad data is an error that names the array and the place. The functions that
// return an iterator and so have no error to return, Batches, BatchIndices and
// Prefetch, panic at the call as [slices.Chunk] does; [Dataset.Validate]
// tells beforehand.
package data
