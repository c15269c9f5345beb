package ops_test

import (
	"fmt"

	"github.com/tapegrad/tapegrad/autograd"
	"github.com/tapegrad/tapegrad/ops"
)

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

func ExampleReshape() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 6)
	fmt.Println(ops.Reshape(x, 2, -1)) // one length may be left to the others
	// Output:
	// [[1 2 3]
	//  [4 5 6]]
}

func ExampleConcat() {
	x := autograd.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	y := autograd.FromSlice([]float64{5, 6}, 2, 1)
	fmt.Println(ops.Concat(1, x, y))
	// Output:
	// [[1 2 5]
	//  [3 4 6]]
}

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
