package ops_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

// Operations are composed like any functions, and the gradient of the composition is exact: here the loss of a logistic regression, and
// the slopes by its weight and its bias.
func Example() {
	x := autograd.FromSlice([]float64{0, 1, 2, 3}, 4, 1)
	y := autograd.FromSlice([]float64{0, 0, 1, 1}, 4, 1)
	tape := autograd.NewTape()
	w := tape.Var(autograd.FromSlice([]float64{1}, 1, 1))
	b := tape.Var(autograd.FromSlice([]float64{-1}, 1))
	loss := ops.BCEWithLogits(ops.Linear(x, w, b), y)
	slopes := tape.Grad(loss, w, b)
	fmt.Printf("%.4f %.4f %.4f\n", loss, slopes[0], slopes[1])
	// Output: 0.3616 [[-0.0989]] [0.0952]
}

// Shapes are broadcast as in NumPy: an axis of length 1, or one that is missing in front, is repeated.
func ExampleAdd() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	row := autograd.FromSlice([]float64{10, 20, 30}, 3)
	column := autograd.FromSlice([]float64{100, 200}, 2, 1)
	fmt.Println(ops.Add(ops.Add(x, row), column))
	// Output:
	// [[111 122 133]
	//  [214 225 236]]
}

// The gradient of what was broadcast is summed over the repetitions.
func ExampleMul() {
	tape := autograd.NewTape()
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	row := tape.Var(autograd.FromSlice([]float64{10, 20, 30}, 3))
	fmt.Println(tape.Grad(ops.Sum(ops.Mul(x, row)), row)[0])
	// Output: [5 7 9]
}

// Matrices may be views, such as a transpose.
func ExampleMatMul() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(ops.MatMul(x, ops.Transpose(x))) // nothing is transposed in memory
	// Output:
	// [[14 32]
	//  [32 77]]
}

// Without axes a reduction is over all; negative axes count from the end.
func ExampleSum() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(ops.Sum(x), ops.Sum(x, 0), ops.Sum(x, -1))
	// Output: 21 [5 7 9] [ 6 15]
}

// KeepDims leaves the axes of a reduction with length 1, so that the result can be broadcast against what was reduced.
func ExampleKeepDims() {
	x := autograd.FromSlice([]float64{1, 3, 4, 8}, 2, 2)
	fmt.Println(ops.Sub(x, ops.KeepDims(ops.Mean)(x, 1)))
	// Output:
	// [[-1  1]
	//  [-2  2]]
}

// The elements stay in their order, row after row.
func ExampleReshape() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 6)
	fmt.Println(ops.Reshape(x, 2, -1)) // one length may be left to the others
	// Output:
	// [[1 2 3]
	//  [4 5 6]]
}

// An existing axis becomes longer; the others have one length.
func ExampleConcat() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	y := autograd.FromSlice([]float64{5, 6}, 2, 1)
	fmt.Println(ops.Concat(1, x, y))
	// Output:
	// [[1 2 5]
	//  [3 4 6]]
}

// A range of an axis is a view, and its gradient goes back to where it was taken.
func ExampleSlice() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(ops.Slice(x, 1, 0, 2))
	// Output:
	// [[1 2]
	//  [4 5]]
}

// Rows are taken by number, as often as they are named.
func ExampleTake() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 3, 2)
	fmt.Println(ops.Take(x, 0, []int{2, 0, 2}))
	// Output:
	// [[5 6]
	//  [1 2]
	//  [5 6]]
}

// A condition is a tensor of zeros and others, as a comparison makes it: here ReLU, spelled out.
func ExampleWhere() {
	x := autograd.FromSlice([]float64{-2, -1, 1, 2}, 4)
	zero := autograd.Scalar(0)
	fmt.Println(ops.Where(ops.Greater(x, zero), x, zero))
	// Output: [0 0 1 2]
}

// Any product of tensors with sums over axes, as in NumPy: here one of matrices for each of two examples.
func ExampleEinsum() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 1, 2)
	y := autograd.FromSlice([]float64{1, 1, 10, 10}, 2, 2, 1)
	fmt.Println(ops.Reshape(ops.Einsum("bij,bjk->bik", x, y), 2))
	// Output: [ 3 70]
}

// Logits become probabilities. Only their differences count, however large they are.
func ExampleSoftmax() {
	logits := autograd.FromSlice([]float64{0, 1, 1000, 1001}, 2, 2)
	fmt.Printf("%.4f\n", ops.Softmax(logits, -1))
	// Output:
	// [[0.2689 0.7311]
	//  [0.2689 0.7311]]
}

// The loss of a classifier takes logits and class numbers. Its gradient is the probabilities, less 1 for the right class, over the number of
// examples.
func ExampleCrossEntropy() {
	tape := autograd.NewTape()
	logits := tape.Var(autograd.FromSlice([]float64{2, 0, 0, 0}, 2, 2))
	loss := ops.CrossEntropy(logits, autograd.Labels([]int{0, 1}))
	fmt.Printf("%.4f\n%.4f\n", loss, tape.Grad(loss, logits)[0])
	// Output:
	// 0.4100
	// [[-0.0596  0.0596]
	//  [ 0.2500 -0.2500]]
}

// Where one axis goes to the place of another is said by a permutation; nothing is copied.
func ExampleTranspose() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2) // two matrices
	fmt.Println(ops.Transpose(x, 0, 2, 1))
	// Output:
	// [[[1 3]
	//   [2 4]]
	//
	//  [[5 7]
	//   [6 8]]]
}

// Stack makes a batch of examples, along a new axis, where Concat would make an existing one longer.
func ExampleStack() {
	x, y := autograd.FromSlice([]float64{1, 2, 3}, 3), autograd.FromSlice([]float64{4, 5, 6}, 3)
	fmt.Println(ops.Stack(0, x, y))
	fmt.Println(ops.Concat(0, x, y))
	// Output:
	// [[1 2 3]
	//  [4 5 6]]
	// [1 2 3 4 5 6]
}

// One layer may compute several things at once, which Split takes apart: here a mean and the logarithm of a deviation.
func ExampleSplit() {
	outputs := autograd.FromSlice([]float64{1, 2, 0, 3, 4, 0}, 2, 3)
	parts := ops.Split(outputs, 1, 2, 1)
	fmt.Println(parts[0])
	fmt.Println(parts[1])
	// Output:
	// [[1 2]
	//  [3 4]]
	// [[0]
	//  [0]]
}

// Two sets of points, each with an axis of length 1 where the other counts its points, broadcast to all pairs: here the squares of their
// distances.
func ExampleUnsqueeze() {
	a := autograd.FromSlice([]float64{0, 0, 3, 4}, 2, 2)
	b := autograd.FromSlice([]float64{0, 0, 3, 0, 0, 4}, 3, 2)
	differences := ops.Sub(ops.Unsqueeze(a, 1), ops.Unsqueeze(b, 0)) // (2, 1, 2) and (1, 3, 2) to (2, 3, 2)
	fmt.Println(ops.Sum(ops.Square(differences), -1))
	// Output:
	// [[ 0  9 16]
	//  [25 16  9]]
}

// The features of examples brought to mean 0 and deviation 1. The moments of the columns broadcast against the rows.
func ExampleStd() {
	x := autograd.FromSlice([]float64{1, 100, 3, 500}, 2, 2)
	fmt.Println(ops.Div(ops.Sub(x, ops.Mean(x, 0)), ops.Std(x, 0)))
	// Output:
	// [[-1 -1]
	//  [ 1  1]]
}

// Only what is greatest gets a gradient. Where several are, they share it.
func ExampleMax() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{1, 5, 2, 7, 0, 7}, 2, 3))
	greatest := ops.Max(x, 1)
	fmt.Println(greatest)
	fmt.Println(tape.Grad(ops.Sum(greatest), x)[0])
	// Output:
	// [5 7]
	// [[  0   1   0]
	//  [0.5   0 0.5]]
}

// The class that a classifier predicts is the place of its greatest logit. Equal makes ones of the hits, whose mean is the accuracy.
func ExampleArgMax() {
	logits := autograd.FromSlice([]float64{0.1, 2, -1, 3, 0, 0.5}, 2, 3)
	classes := ops.ArgMax(logits, -1)
	fmt.Println(classes, ops.Mean(ops.Equal(classes, autograd.Labels([]int{1, 2}))))
	// Output: [1 0] 0.5
}

// TakeAlong takes from each row the element of its class: here the probability that was given to the right one.
func ExampleTakeAlong() {
	probabilities := autograd.FromSlice([]float64{0.1, 0.9, 0.7, 0.3, 0.4, 0.6}, 3, 2)
	fmt.Println(ops.Reshape(ops.TakeAlong(probabilities, 1, []int{1, 0, 0}), 3))
	// Output: [0.9 0.7 0.4]
}

// What belongs to one group is added up at its number.
func ExampleScatterAdd() {
	amounts := autograd.FromSlice([]float64{1, 20, 3, 400}, 4)
	group := []int{0, 1, 0, 2}
	fmt.Println(ops.ScatterAdd(amounts, 0, group, 3))
	// Output: [  4  20 400]
}

// The derivative of ReLU is 1 above 0, and 0 elsewhere.
func ExampleReLU() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{-2, 0, 3}, 3))
	y := ops.ReLU(x)
	fmt.Println(y, tape.Grad(ops.Sum(y), x)[0])
	// Output: [0 0 3] [0 0 1]
}

// Outside of its limits Clamp is flat, and no gradient passes.
func ExampleClamp() {
	tape := autograd.NewTape()
	x := tape.Var(autograd.FromSlice([]float64{-5, 0.5, 5}, 3))
	y := ops.Clamp(x, -1, 1)
	fmt.Println(y, tape.Grad(ops.Sum(y), x)[0])
	// Output: [ -1 0.5   1] [0 1 0]
}

// The logarithm of a sum of exponentials that no float64 holds.
func ExampleLogSumExp() {
	x := autograd.FromSlice([]float64{1000, 1000}, 2)
	fmt.Println(ops.Log(ops.Sum(ops.Exp(x))))
	fmt.Printf("%.4f\n", ops.LogSumExp(x))
	// Output:
	// +Inf
	// 1000.6931
}

// A target that is far off, such as a slip of the pen, pulls a mean of squares with all its distance, and Huber's loss with delta only.
func ExampleHuber() {
	tape := autograd.NewTape()
	predicted := tape.Var(autograd.FromSlice([]float64{1, 2}, 2))
	target := autograd.FromSlice([]float64{1.5, 102}, 2)
	fmt.Println(tape.Grad(ops.MSE(predicted, target), predicted)[0])
	fmt.Println(tape.Grad(ops.Huber(1)(predicted, target), predicted)[0])
	// Output:
	// [-0.5 -100]
	// [-0.25  -0.5]
}

// A triangle of ones is the mask by which each word of a text attends to those before it.
func ExampleTril() {
	scores := autograd.FromSlice([]float64{1, 5, 5, 2, 2, 5, 3, 3, 3}, 3, 3)
	mask := ops.Tril(autograd.Ones(scores.Dtype(), 3, 3), 0)
	masked := ops.Where(mask, scores, autograd.Scalar(math.Inf(-1)))
	fmt.Printf("%.2f\n", ops.Softmax(masked, -1))
	// Output:
	// [[1.00 0.00 0.00]
	//  [0.50 0.50 0.00]
	//  [0.33 0.33 0.33]]
}

// Half of the elements are dropped and the others doubled, so that the mean stays about what it was. The same generator gives the same.
func ExampleDropout() {
	x := autograd.Ones(tensor.Float64, 10_000)
	y := ops.Dropout(x, 0.5, rand.New(rand.NewPCG(1, 2)))
	kept := ops.Mean(ops.NotEqual(y, autograd.Scalar(0)))
	fmt.Printf("%.1f of the elements are %v, and the mean is %.1f\n", kept, ops.Max(y), ops.Mean(y))
	// Output: 0.5 of the elements are 2, and the mean is 1.0
}

// Each row of its own gets mean 0 and variance 1, whatever the scale of its numbers was.
func ExampleLayerNorm() {
	x := autograd.FromSlice([]float64{1, 2, 3, 100, 200, 300}, 2, 3)
	fmt.Printf("%.3f\n", ops.LayerNorm(x, nil, nil, 1e-5))
	// Output:
	// [[-1.225  0.000  1.225]
	//  [-1.225  0.000  1.225]]
}
