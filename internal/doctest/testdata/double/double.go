// Package double is changed by a document.
package double

// Twice returns 2x.
func Twice(x int) int { return 2 * x }
