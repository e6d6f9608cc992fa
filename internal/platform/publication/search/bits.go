package search

import (
	"encoding/binary"
	"math/bits"
)

// bitWriter appends bits to a slice of bytes, the lowest first.
type bitWriter struct {
	out  []byte
	acc  uint64
	used uint
}

func (w *bitWriter) put(v uint32, width uint) {
	w.acc |= uint64(v) << w.used
	if w.used += width; w.used >= 32 {
		w.out = binary.LittleEndian.AppendUint32(w.out, uint32(w.acc))
		w.acc >>= 32
		w.used -= 32
	}
}

// rice writes a number as a quotient of ones, a zero, and k bits of remainder: short for numbers near 2^k.
func (w *bitWriter) rice(v uint32, k uint) {
	for q := v >> k; ; q -= 24 {
		if q < 24 {
			w.put(1<<q-1, uint(q)+1)
			break
		}
		w.put(1<<24-1, 24)
	}
	w.put(v&(1<<k-1), k)
}

func (w *bitWriter) end() []byte {
	for ; w.used > 0; w.used -= min(w.used, 8) {
		w.out = append(w.out, byte(w.acc))
		w.acc >>= 8
	}
	return w.out
}

// padding is how many bytes must follow the data of a bitReader, which reads eight at a time.
const padding = 8

// bitReader reads what a bitWriter wrote. What lies beyond the data reads as zeros; damaged data gives wrong numbers, never a crash.
type bitReader struct {
	data []byte
	pos  uint // in bits
}

func (r *bitReader) word() uint64 {
	at := r.pos >> 3
	if at+8 > uint(len(r.data)) {
		return 0
	}
	return binary.LittleEndian.Uint64(r.data[at:]) >> (r.pos & 7)
}

// get reads up to 32 bits.
func (r *bitReader) get(width uint) uint32 {
	v := uint32(r.word() & (1<<width - 1))
	r.pos += width
	return v
}

// appendAll reads n numbers of one width.
func (r *bitReader) appendAll(out []uint32, n int, width uint) []uint32 {
	mask := uint64(1)<<width - 1
	for range n {
		out = append(out, uint32(r.word()&mask))
		r.pos += width
	}
	return out
}

func (r *bitReader) rice(k uint) uint32 {
	const whole = 57 // bits of a word are there wherever it begins
	word := r.word()
	if ones := uint(bits.TrailingZeros64(^word)); ones < 24 && ones+1+k <= whole {
		r.pos += ones + 1 + k
		return uint32(ones)<<k | uint32(word>>(ones+1)&(1<<k-1))
	}
	var q uint32
	for {
		ones := uint(bits.TrailingZeros64(^r.word()))
		if ones < 24 {
			q += uint32(ones)
			r.pos += ones + 1
			break
		}
		q += 24
		r.pos += 24
	}
	return q<<k | r.get(k)
}

// sums reads numbers as rice does, and puts in each place behind the first the one before, the number and one.
func (r *bitReader) sums(out []uint32, k uint) {
	const whole = 57
	v := out[0]
	mask := uint64(1)<<k - 1
	for i := 1; i < len(out); i++ {
		word := r.word()
		if ones := uint(bits.TrailingZeros64(^word)); ones < 24 && ones+1+k <= whole {
			r.pos += ones + 1 + k
			v += uint32(ones)<<k | uint32(word>>(ones+1)&mask)
		} else {
			v += r.rice(k)
		}
		v++
		out[i] = v
	}
}

// ends reads numbers as rice does for k = 0, and says how many bits they take up to the end of each: as many as the numbers and one each
// add up to.
func (r *bitReader) ends(out []uint32) {
	const whole = 56 // bits that are looked at together
	from := r.pos
	for n := 0; n < len(out); r.pos += whole {
		zeros := ^r.word() & (1<<whole - 1)
		for ; zeros != 0 && n < len(out); n++ {
			out[n] = uint32(r.pos-from) + uint32(bits.TrailingZeros64(zeros)) + 1
			zeros &= zeros - 1
		}
	}
	r.pos = from
	if len(out) > 0 {
		r.pos += uint(out[len(out)-1])
	}
}

// riceWidth returns the k that fits n numbers with a sum.
func riceWidth(sum uint64, n int) uint {
	if n == 0 {
		return 0
	}
	mean := sum * 7 / (10 * uint64(n)) // times ln 2
	if mean == 0 {
		return 0
	}
	return uint(bits.Len64(mean)) - 1
}
