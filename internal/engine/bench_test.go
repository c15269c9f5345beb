package engine

import (
	"fmt"
	"testing"

	"gorgonia.org/tensor"
)

// Each operation is measured on arrays of package tensor that carry our engine, and on the same that carry tensor.StdEng.
func BenchmarkEngines(b *testing.B) {
	engines := []struct {
		name   string
		engine tensor.Engine
	}{{"ours", Engine{}}, {"StdEng", tensor.StdEng{}}}
	for _, n := range []int{16, 1000} { // of n x n elements
		for _, o := range []struct {
			name string
			do   func(x, y *tensor.Dense) (tensor.Tensor, error)
		}{
			{"Add", func(x, y *tensor.Dense) (tensor.Tensor, error) { return tensor.Add(x, y) }},
			{"Add into", func(x, y *tensor.Dense) (tensor.Tensor, error) { return tensor.Add(x, y, tensor.UseUnsafe()) }},
			{"Mul scalar", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Mul(x, float32(0.5)) }},
			{"Div scalar into", func(x, _ *tensor.Dense) (tensor.Tensor, error) {
				return tensor.Div(x, float32(1.5), tensor.UseUnsafe())
			}},
			{"Gt", func(x, y *tensor.Dense) (tensor.Tensor, error) { return tensor.Gt(x, y) }},
			{"Exp", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Exp(x) }},
			{"Tanh", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Tanh(x) }},
			{"SoftMax of rows", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.SoftMax(x, 1) }},
			{"SoftMax of columns", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.SoftMax(x, 0) }},
			{"Sum", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Sum(x) }},
			{"Sum of rows", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Sum(x, 1) }},
			{"Sum of columns", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Sum(x, 0) }},
			{"Argmax", func(x, _ *tensor.Dense) (tensor.Tensor, error) { return tensor.Argmax(x, 1) }},
			{"Concat", func(x, y *tensor.Dense) (tensor.Tensor, error) { return tensor.Concat(1, x, y) }},
			{"MatMul", func(x, y *tensor.Dense) (tensor.Tensor, error) { return tensor.MatMul(x, y) }},
		} {
			for _, e := range engines {
				b.Run(fmt.Sprintf("%s/n=%d/%s", o.name, n, e.name), func(b *testing.B) {
					x, y := ramp(n, e.engine), ramp(n, e.engine)
					b.SetBytes(int64(4 * n * n))
					b.ReportAllocs()
					for b.Loop() {
						if _, err := o.do(x, y); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// ramp returns n rows of numbers from -1 to 1.
func ramp(n int, e tensor.Engine) *tensor.Dense {
	values := make([]float32, n*n)
	for i := range values {
		values[i] = float32(i%2001)/1000 - 1
	}
	return tensor.New(tensor.WithShape(n, n), tensor.WithBacking(values), tensor.WithEngine(e))
}
