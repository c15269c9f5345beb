//go:build linux

package footprint

import (
	"os"
	"testing"
)

var kept []byte

func TestPeak(t *testing.T) {
	const size = 200 << 20
	kept = make([]byte, size)
	for i := range kept {
		kept[i] = 1
	}
	with, err := Peak(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if with < size {
		t.Errorf("the peak is %d bytes with %d in use", with, size)
	}
	kept = nil
	if err := ResetPeak(); err != nil {
		t.Fatal(err)
	}
	if without, err := Peak(os.Getpid()); err != nil || without > with-size/2 {
		t.Errorf("the peak is %d bytes without them, %d before (error %v)", without, with, err)
	}
}
