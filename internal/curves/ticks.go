package curves

import (
	"math"
	"slices"
	"strconv"
)

// A Tick marks a value on an axis.
type Tick struct {
	Value float64 // where it is
	Label string  // "" for a mark without a name
}

// EvenTicks marks the multiples of 1, 2 or 5 times a power of ten between lo and hi, up to eleven of them: whole numbers only if whole, as
// epochs are.
func EvenTicks(lo, hi float64, whole bool) []Tick {
	const most = 11
	power := int(math.Floor(math.Log10((hi - lo) / most)))
	if whole {
		power = max(power, 0)
	}
	for ; ; power++ {
		for _, digit := range []int{1, 2, 5} {
			step := decimal(digit, power)
			first, last := math.Ceil(lo/step), math.Floor(hi/step)
			if !(last-first < most) { // NaN, too, where the step is 0
				continue
			}
			var ticks []Tick
			for k := range int(last-first) + 1 {
				v := (first+float64(k))*step + 0 // Ceil makes a negative zero
				label := strconv.FormatFloat(v, 'f', max(-power, 0), 64)
				if math.Abs(v) >= 1e6 || step < 1e-5 {
					label = strconv.FormatFloat(v, 'g', 6, 64)
				}
				ticks = append(ticks, Tick{Value: v, Label: label})
			}
			return ticks
		}
	}
}

// LogTicks marks the digits times powers of ten between lo and hi, which are positive, and names as many of them as there is room for.
// Where not even three of them lie between lo and hi, the axis is as good as linear.
func LogTicks(lo, hi float64) []Tick {
	lo, hi = max(lo, 1e-307), min(hi, 1e307)
	decades := math.Log10(hi) - math.Log10(lo)
	digits, named := 9, []int{1, 2, 5}
	switch {
	case decades <= 1:
		named = []int{1, 2, 3, 4, 5, 6, 7, 8, 9}
	case decades > 10:
		digits = 1
	case decades > 4:
		named = []int{1}
	}
	every := 1 + int(decades)/10 // powers from one name to the next
	var ticks []Tick
	for power := int(math.Floor(math.Log10(lo))); float64(power) <= math.Log10(hi); power++ {
		for digit := 1; digit <= digits; digit++ {
			tick := Tick{Value: decimal(digit, power)}
			if tick.Value < lo || tick.Value > hi {
				continue
			}
			if slices.Contains(named, digit) && power%every == 0 {
				tick.Label = strconv.FormatFloat(tick.Value, 'g', -1, 64)
			}
			ticks = append(ticks, tick)
		}
	}
	if len(ticks) < 3 {
		return EvenTicks(lo, hi, false)
	}
	return ticks
}

// decimal returns the number nearest to digit times ten to the power, which the product of the two often misses.
func decimal(digit, power int) float64 {
	v, err := strconv.ParseFloat(strconv.Itoa(digit)+"e"+strconv.Itoa(power), 64)
	if err != nil {
		return math.Inf(1) // beyond the largest number
	}
	return v
}

// Widened returns the interval from lo to hi with the given fraction of its length added at both ends, and a wide one around what is hardly
// more than one number.
func Widened(lo, hi, fraction float64) (float64, float64) {
	extra := fraction * (hi - lo)
	switch size := max(math.Abs(lo), math.Abs(hi)); {
	case size <= least:
		extra = 0.5
	case hi-lo <= max(1e-9*size, least):
		extra = 0.5 * size
	}
	return lo - extra, hi + extra
}

// least is the least distance that can be shown: ten of it are far from the numbers that have fewer digits.
const least = 1e-300

// Drawable tells whether v is a number that leaves room for margins around it before it overflows.
func Drawable(v float64) bool { return math.Abs(v) <= 1e300 }
