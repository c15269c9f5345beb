package nn

// Again returns the Pass that repeats p.
func Again(p Pass) Pass {
	p.again = true
	return p
}
