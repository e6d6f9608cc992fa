package request

// dice throws the same numbers every time: what is made up for the demo does not change from start to start. It is not for secrets.
type dice struct{ state uint64 }

func newDice(seed, stream uint64) *dice {
	d := &dice{seed ^ stream*0x9e3779b97f4a7c15}
	d.IntN(1)
	return d
}

// IntN returns a number from 0 to n-1 (SplitMix64 by Steele, Lea and Flood).
func (d *dice) IntN(n int) int {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return int(z % uint64(n))
}
