//go:build !amd64

package bench

func fmaLoop(string) (loop func(rounds int, x float32), operations int) { return nil, 0 }
