package kernel

import "fmt"

// ColumnSums writes the sum of each column of a matrix of some rows, at least one, that begin stride elements apart in x, to dst,
// which is as long as a row. A column is added in T, from the first row to the last, on the calling goroutine.
func ColumnSums[T Float](dst, x []T, rows, stride int) {
	if rows < 1 || stride < 0 || (rows-1)*stride+len(dst) > len(x) {
		panic(fmt.Sprintf("kernel.ColumnSums: %d rows of %d, %d apart, in %d elements", rows, len(dst), stride, len(x)))
	}
	kernelsOf[T]().columnSums(dst, x, rows, stride)
}
