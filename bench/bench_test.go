package bench

import (
	"flag"
	"strings"
	"testing"
)

func init() {
	flag.StringVar(&CodesFile, "codes", "", "a file that the support vector machines read their samples from")
}

func BenchmarkAutoencoderStep(b *testing.B)     { run(b) }
func BenchmarkAutoencoderMomentum(b *testing.B) { run(b) }
func BenchmarkAutoencoderAdam(b *testing.B)     { run(b) }
func BenchmarkXOR200(b *testing.B)              { run(b) }
func BenchmarkTapeTanh(b *testing.B)            { run(b) }
func BenchmarkMatMul(b *testing.B)              { run(b) }
func BenchmarkMatMulNT(b *testing.B)            { run(b) }
func BenchmarkMatMulTN(b *testing.B)            { run(b) }
func BenchmarkFMAPeak(b *testing.B)             { run(b) }
func BenchmarkMillion(b *testing.B)             { run(b) }
func BenchmarkSVCFit(b *testing.B)              { run(b) }
func BenchmarkSVCPredict(b *testing.B)          { run(b) }
func BenchmarkSVCMemory(b *testing.B)           { run(b) }

// run runs the bodies that belong to the benchmark that calls it.
func run(b *testing.B) {
	for _, x := range All() {
		first, rest, nested := strings.Cut(x.Name, "/")
		switch {
		case "Benchmark"+first != b.Name():
		case nested:
			b.Run(rest, x.Body)
		default:
			x.Body(b)
		}
	}
}
