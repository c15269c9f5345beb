package double

import "testing"

func TestTwice(t *testing.T) {
	for _, x := range []int{0, 1, 2} {
		if got := Twice(x); got != x+x {
			t.Errorf("Twice(%d) is %d", x, got)
		}
	}
}
